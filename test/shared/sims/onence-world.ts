/** What the tests of the 1NCE client share: a scripted API, a client with a pace that only counts, and its failures. */
import { afterEach } from 'vitest';
import type { Operation, TokenCache } from '../../../shared/collect/collector.port.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { type OnenceOptions, openOnence } from '../../../shared/sims/onence.http.ts';
import type { OnenceClient } from '../../../shared/sims/onence.port.ts';
import { createSharedTokens } from '../../../shared/sims/onence-token.dynamodb.ts';
import type { Pace } from '../../../shared/sims/pace.port.ts';
import { NOON } from '../collect/fakes.ts';
import { createFakeTable } from '../fake-table.ts';
import { type Script, type ScriptedOnence, startOnence, type Told } from './scripted-onence.ts';

export const ICCID = '8988000000000000001';
export const CREDENTIALS = { clientId: 'client-1', clientSecret: 'secret-of-the-account' };

export function memoryTokens(): TokenCache & { token: string | undefined; until: number | undefined; writes: number } {
  const cache = {
    token: undefined as string | undefined,
    until: undefined as number | undefined,
    writes: 0,
    read: async () => cache.token,
    async write(token: string, until: number) {
      Object.assign(cache, { token, until, writes: cache.writes + 1 });
    },
    async forget() {
      cache.token = undefined;
    },
  };
  return cache;
}

export function countingPace(): Pace & { taken: number; heldUntil: number[] } {
  const pace = {
    taken: 0,
    heldUntil: [] as number[],
    async take() {
      pace.taken++;
    },
    async hold(until: number) {
      pace.heldUntil.push(until);
    },
  };
  return pace;
}

export interface World {
  readonly api: ScriptedOnence;
  readonly pace: ReturnType<typeof countingPace>;
  readonly cache: ReturnType<typeof memoryTokens>;
  /** Pauses that the client asked for; they pass at once. */
  readonly pauses: number[];
  /** Each client is another worker of the same account. */
  clientOf(over?: Partial<OnenceOptions>): OnenceClient;
}

const open: ScriptedOnence[] = [];
afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
});

export async function worldOf(script: Script, login?: Told): Promise<World> {
  const api = await startOnence(script, login);
  open.push(api);
  const [pace, cache, table] = [countingPace(), memoryTokens(), createFakeTable()];
  const pauses: number[] = [];
  const clock = { now: () => NOON };
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
  const tokens = createSharedTokens({ table, clock, sleep: nextTurn });
  return {
    ...{ api, pace, cache, pauses },
    clientOf: (over = {}) =>
      openOnence({
        baseUrl: api.url,
        generation: 'v1',
        credentials: CREDENTIALS,
        token: tokens({ tenant: 'demo', source: 'fleet', cache }),
        pace,
        clock,
        deadline: NOON + 20_000,
        sleep: async (ms) => void pauses.push(ms),
        random: () => 0.5,
        ...over,
      }),
  };
}

export async function failureOf(doing: Promise<unknown>): Promise<AppError> {
  try {
    await doing;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

export function outcomes(operations: readonly Operation[]): unknown[] {
  return operations.map(({ name, ok, status }) => [name, ok, status]);
}
