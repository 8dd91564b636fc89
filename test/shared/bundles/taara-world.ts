/** What the tests of the Taara adapter share: a simulator, a clock of their own, jobs, and portals that misbehave. */
import { afterEach, beforeEach } from 'vitest';
import type { Simulator } from '../../../local/simulators/simulator.ts';
import { startTaaraSimulator } from '../../../local/simulators/taara.ts';
import { demoTaaraAccounts, taaraSecretOf, taaraSettingsOf } from '../../../local/simulators/taara-accounts.ts';
import { createTaaraCollector, type TaaraDeps } from '../../../shared/bundles/taara.http.ts';
import type { CollectJob, Collector, Operation, TokenCache } from '../../../shared/collect/collector.port.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { type HostileServer, respond, startHostileServer } from '../platform/hostile-server.ts';
import { fixtureText, NOW, sourceOf } from './fixtures.ts';

export const [account] = demoTaaraAccounts(NOW);
export const secret = taaraSecretOf(account);

export function tokenCache(token?: string): TokenCache & { token: string | undefined; expiresAt: number | undefined } {
  const cache = {
    token,
    expiresAt: undefined as number | undefined,
    read: () => Promise.resolve(cache.token),
    async write(fresh: string, expiresAt: number) {
      cache.token = fresh;
      cache.expiresAt = expiresAt;
    },
    async forget() {
      cache.token = undefined;
    },
  };
  return cache;
}

class World {
  now = NOW;
  readonly clock = { now: () => this.now };
  readonly closing: (() => Promise<void>)[] = [];
  private simulator: Simulator | undefined;

  get taara(): Simulator {
    if (!this.simulator) throw new Error('the simulator is not started');
    return this.simulator;
  }

  async open(): Promise<void> {
    this.now = NOW;
    this.simulator = await startTaaraSimulator({ accounts: demoTaaraAccounts(NOW), now: this.clock.now });
    this.closing.push(this.simulator.close);
  }

  async close(): Promise<void> {
    for (const close of this.closing.splice(0)) await close();
  }

  jobOf(over: Partial<CollectJob> = {}): CollectJob {
    return {
      source: sourceOf({ settings: taaraSettingsOf(account) }),
      secret,
      slot: NOW,
      deadline: this.now + 5000,
      manual: false,
      zone: 'UTC',
      allowedNetworks: [],
      tokens: tokenCache(),
      ...over,
    };
  }

  collectorOf(over: Partial<TaaraDeps> = {}): Collector {
    return createTaaraCollector({
      baseUrl: 'http://192.0.2.1',
      simulatorUrl: this.taara.url,
      clock: this.clock,
      ...over,
    });
  }

  /** How often the simulator's first account was called. */
  calls(): Record<string, number> | undefined {
    return (this.taara.state() as { accounts: { calls: Record<string, number> }[] }).accounts[0]?.calls;
  }

  /** A server that answers the login well and the data call as told. */
  async portal(
    data: ReturnType<typeof respond>,
    login = respond(200, fixtureText('login-200')),
  ): Promise<HostileServer> {
    const server: HostileServer = await startHostileServer((socket) => {
      const latest = server.received.at(-1) ?? '';
      if (latest.startsWith('POST /v1/users/subscriber/login')) return login(socket);
      if (latest.startsWith('GET /v1/customers/get-customer-bundle')) return data(socket);
      return respond(200, '{}')(socket);
    });
    this.closing.push(server.close);
    return server;
  }
}

/** A fresh world for every test of the file. */
export function useWorld(): World {
  const world = new World();
  beforeEach(() => world.open());
  afterEach(() => world.close());
  return world;
}

export async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const failure = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof AppError) return failure;
  throw new Error(`expected an AppError, got ${String(failure)}`);
}

export function namesOf(operations: readonly Operation[]): unknown[] {
  return operations.map(({ name, ok, status }) => [name, ok, status]);
}

export function operationsOf(failure: AppError): unknown[] {
  return namesOf((failure.context.operations as readonly Operation[] | undefined) ?? []);
}
