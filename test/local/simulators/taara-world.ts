/** What the tests of the simulated Taara share: its clock, and the calls a portal's page would make. */
import { afterEach, beforeEach } from 'vitest';
import type { Simulator } from '../../../local/simulators/simulator.ts';
import { startTaaraSimulator, type TaaraSimulatorOptions } from '../../../local/simulators/taara.ts';
import { demoTaaraAccounts, type TaaraAccount } from '../../../local/simulators/taara-accounts.ts';

export const NOW = Date.parse('2026-11-20T12:00:00Z');
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const [home, office] = demoTaaraAccounts(NOW);

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

interface Usage {
  readonly data: {
    readonly purchasedHistory: readonly {
      readonly purchasedHistoryPlans: readonly { planDisplayName: string; dataUsage: { totalDataUsage: number } }[];
    }[];
  };
}

class World {
  now = NOW;
  private simulator: Simulator | undefined;

  get taara(): Simulator {
    if (!this.simulator) throw new Error('the simulator is not started');
    return this.simulator;
  }

  async start(over: Partial<TaaraSimulatorOptions> = {}): Promise<void> {
    this.simulator = await startTaaraSimulator({ accounts: [home, office], now: () => this.now, ...over });
  }

  async call(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.taara.url}${path}`, { ...init, signal: AbortSignal.timeout(5000) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : text };
  }

  logIn(account: TaaraAccount, over: Record<string, unknown> = {}): Promise<Answer> {
    const { countryCode, nationalNumber, passcode, partnerId } = account;
    const body = JSON.stringify({ phoneNumber: { countryCode, nationalNumber }, passcode, partnerId, ...over });
    return this.call('/v1/users/subscriber/login', { method: 'POST', body });
  }

  async tokenOf(account: TaaraAccount): Promise<string> {
    return ((await this.logIn(account)).body as { accessToken: string }).accessToken;
  }

  read(account: TaaraAccount, token?: string): Promise<Answer> {
    return this.call(`/v1/customers/get-customer-bundle?hotspotId=${account.hotspotId}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  }

  /** Exact octets left of the home plan, as the purchase history tells them. */
  async usage(account: TaaraAccount): Promise<number | undefined> {
    const { data } = (await this.read(account, await this.tokenOf(account))).body as Usage;
    const plans = data.purchasedHistory.flatMap((purchase) => purchase.purchasedHistoryPlans);
    return plans.find((plan) => plan.planDisplayName === '1 Month Unlimited')?.dataUsage.totalDataUsage;
  }

  /** Percent left of an account's first plan, as the console shows it. */
  percentOf(index = 0): number | undefined {
    const state = this.taara.state() as { accounts: { plans: { remainingPercent: number }[] }[] };
    return state.accounts[index]?.plans[0]?.remainingPercent;
  }
}

/** A simulator started afresh for every test of the file. */
export function useWorld(): World {
  const world = new World();
  beforeEach(async () => {
    world.now = NOW;
    await world.start();
  });
  afterEach(() => world.taara.close());
  return world;
}
