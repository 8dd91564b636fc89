/** What the tests of the simulated 1NCE share: its clock, and the calls a client would make. */
import { afterEach, beforeEach } from 'vitest';
import {
  demoOnenceAccounts,
  type OnenceSimulatorOptions,
  startOnenceSimulator,
} from '../../../local/simulators/onence.ts';
import type { Simulator } from '../../../local/simulators/simulator.ts';

export const NOW = Date.parse('2026-11-20T12:00:00Z');
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Which SIM, from 1, is known for what. */
export const SIM = {
  plain: 1,
  roamer: 2,
  device: 3,
  runaway: 4,
  exhausted: 5,
  low: 7,
  silent: 9,
  disabled: 10,
  expired: 11,
};

export function iccid(number: number): string {
  return `8988${String(number).padStart(15, '0')}`;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where the text is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of the outside are looked into as they come
  readonly body: any;
}

export function basic(id = 'simulated-fleet', secret = 'simulated-secret-of-the-fleet'): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

class World {
  now = NOW;
  private simulator: Simulator | undefined;
  private token: string | undefined;

  get onence(): Simulator {
    if (!this.simulator) throw new Error('the simulator is not started');
    return this.simulator;
  }

  use(simulator: Simulator): void {
    this.token = undefined;
    this.simulator = simulator;
  }

  async start(over: Partial<OnenceSimulatorOptions> = {}): Promise<void> {
    const accounts = demoOnenceAccounts();
    const now = () => this.now;
    this.use(await startOnenceSimulator({ accounts, now, anchorAt: NOW, requestsPerSecond: 0, ...over }));
  }

  async restart(over: Partial<OnenceSimulatorOptions> = {}): Promise<void> {
    await this.onence.close();
    await this.start(over);
  }

  async raw(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
    const response = await fetch(`${this.onence.url}/management-api${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  }

  logIn(authorization = basic()): Promise<Answer> {
    const headers = { authorization, 'content-type': 'application/json' };
    return this.raw('POST', '/oauth/token', headers, JSON.stringify({ grant_type: 'client_credentials' }));
  }

  /** With a token that is got once. */
  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    this.token ??= (await this.logIn()).body.access_token as string;
    const headers = { authorization: `Bearer ${this.token}`, accept: 'application/json' };
    return this.raw(method, path, headers, body === undefined ? undefined : JSON.stringify(body));
  }

  get(path: string): Promise<Answer> {
    return this.call('GET', path);
  }

  /** `/v1/sims/{iccid}/...` */
  ofSim(number: number, below = '', version = 'v1'): Promise<Answer> {
    return this.get(`/${version}/sims/${iccid(number)}${below}`);
  }

  forgetToken(): void {
    this.token = undefined;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the state is plain JSON
  get account(): any {
    return (this.onence.state() as { accounts: unknown[] }).accounts[0];
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Keeps what is saved, as a file would. */
export function memory(first?: unknown) {
  const kept: { state: unknown; saves: number } = { state: first, saves: 0 };
  return {
    kept,
    persist: {
      load: () => kept.state,
      save(state: unknown) {
        kept.saves++;
        kept.state = JSON.parse(JSON.stringify(state));
      },
    },
  };
}

/** A simulator started afresh for every test of the file. */
export function useWorld(): World {
  const world = new World();
  beforeEach(async () => {
    world.now = NOW;
    await world.start();
  });
  afterEach(() => world.onence.close());
  return world;
}
