import { expect, test } from 'vitest';
import { AppError, isAppError } from '../../../shared/platform/errors.ts';
import { createSharedTokens } from '../../../shared/sims/onence-token.dynamodb.ts';
import type { Login, SharedToken } from '../../../shared/sims/onence-token.port.ts';
import { usableUntil } from '../../../shared/sims/onence-token.ts';
import { NOON } from '../collect/fakes.ts';
import { startDynalite } from '../dynalite.ts';
import { createFakeTable, type FakeTable } from '../fake-table.ts';
import { memoryTokens } from './onence-world.ts';
import { VirtualTime } from './virtual-time.ts';

const deadline = NOON + 600_000;

function world(table: FakeTable = createFakeTable()) {
  const time = new VirtualTime();
  const cache = memoryTokens();
  let logins = 0;
  return {
    ...{ time, cache, table },
    logins: () => logins,
    /** A login that takes a second. */
    login: async (): Promise<Login> => {
      const token = `token-${++logins}`;
      await time.sleep(1000);
      return { token, expiresInSeconds: 3600 };
    },
    worker: (sleep = time.sleep): SharedToken =>
      createSharedTokens({ table, clock: time.clock, sleep, random: () => 0.5 })({
        ...{ tenant: 'demo', source: 'fleet', cache },
      }),
  };
}

/** What each promise became, once nobody sleeps any more. */
async function ends(time: VirtualTime, promises: Promise<string>[]): Promise<string[]> {
  const settled = Promise.allSettled(promises);
  await time.play();
  return (await settled).map((one) => {
    if (one.status === 'fulfilled') return one.value;
    if (!isAppError(one.reason)) throw one.reason;
    return `${one.reason.code}: ${one.reason.message}`;
  });
}

test.each([
  [3600, 3300],
  [86_400, 86_100],
  [1200, 1100],
  [60, 55],
  [0, 0],
])('a token of %i s is used for %i s', (expiresInSeconds, usedSeconds) => {
  expect(usableUntil(NOON, expiresInSeconds)).toBe(NOON + usedSeconds * 1000);
});

test('fifty workers without a token log in once', async () => {
  const { time, worker, login, logins, cache } = world();
  const tokens = await ends(
    time,
    Array.from({ length: 50 }, () => worker().read({ login, deadline })),
  );
  expect(new Set(tokens)).toEqual(new Set(['token-1']));
  expect(logins()).toBe(1);
  expect(cache).toMatchObject({ writes: 1, until: NOON + 1000 + 3_300_000 });
});

test('fifty calls of one worker share one login', async () => {
  const { time, worker, login, logins } = world();
  const shared = worker();
  const tokens = await ends(
    time,
    Array.from({ length: 50 }, () => shared.read({ login, deadline })),
  );
  expect(new Set(tokens)).toEqual(new Set(['token-1']));
  expect(logins()).toBe(1);
});

test('a token that was refused is replaced once, and whoever lost the race takes the newer one', async () => {
  const { time, worker, login, logins, cache } = world();
  cache.token = 'old';
  const workers = Array.from({ length: 10 }, () => worker());
  expect(
    new Set(
      await ends(
        time,
        workers.map((w) => w.read({ login, deadline })),
      ),
    ),
  ).toEqual(new Set(['old']));
  const renewed = await ends(
    time,
    workers.map((w) => w.read({ login, deadline, refused: 'old' })),
  );
  expect(new Set(renewed)).toEqual(new Set(['token-1']));
  // One that was asleep all the while still holds the old one.
  expect(await ends(time, [worker().read({ login, deadline, refused: 'old' })])).toEqual(['token-1']);
  expect(logins()).toBe(1);
});

test('a call that learns of the refusal while another call of its worker waits gets the new token too', async () => {
  const { time, worker, login, cache } = world();
  cache.token = 'old';
  const shared = worker();
  const both = [shared.read({ login, deadline }), shared.read({ login, deadline, refused: 'old' })];
  expect(await ends(time, both)).toEqual(['old', 'token-1']);
});

test('when the one who logs in dies, another takes over after its lock has run out', async () => {
  const { time, worker, login, logins, cache } = world();
  void worker().read({ login: () => new Promise(() => undefined), deadline });
  await time.play();
  const tokens = await ends(time, [worker().read({ login, deadline }), worker().read({ login, deadline })]);
  expect(tokens).toEqual(['token-1', 'token-1']);
  expect(logins()).toBe(1);
  expect(time.at - NOON).toBeGreaterThanOrEqual(15_000);
  expect(cache.writes).toBe(1);
});

test('one that outlived its lock does not replace the token of its successor', async () => {
  const { time, worker, login, cache } = world();
  const slow = async (): Promise<Login> => {
    await time.sleep(20_000);
    return { token: 'late', expiresInSeconds: 3600 };
  };
  const tokens = await ends(time, [worker().read({ login: slow, deadline }), worker().read({ login, deadline })]);
  expect(tokens).toEqual(['late', 'token-1']);
  expect(cache).toMatchObject({ token: 'token-1', writes: 1 });
});

test('those who waited for a login that was refused are refused with it, the next one tries anew', async () => {
  const { time, worker, login, table } = world();
  let tries = 0;
  const refusedLogin = async (): Promise<Login> => {
    tries++;
    await time.sleep(1000);
    throw new AppError('SOURCE_REJECTED', 'wrong', { context: { status: 400, rawText: 'secret-of-the-account' } });
  };
  const all = await ends(
    time,
    Array.from({ length: 20 }, () => worker().read({ login: refusedLogin, deadline })),
  );
  expect(new Set(all)).toEqual(new Set(['SOURCE_REJECTED: wrong']));
  expect(tries).toBe(1);
  expect(JSON.stringify(table.dump())).not.toContain('secret-of-the-account');
  expect(await ends(time, [worker().read({ login, deadline })])).toEqual(['token-1']);
});

test('a refused token is gone for everybody even if the login that should replace it fails', async () => {
  const { time, worker, cache } = world();
  cache.token = 'old';
  const login = () => Promise.reject(new AppError('SOURCE_UNAVAILABLE', 'down'));
  expect(await ends(time, [worker().read({ login, deadline, refused: 'old' })])).toEqual(['SOURCE_UNAVAILABLE: down']);
  expect(cache.token).toBeUndefined();
});

test('nobody waits for another beyond the deadline', async () => {
  const { time, worker, login } = world();
  void worker().read({ login: () => new Promise(() => undefined), deadline });
  await time.play();
  const [end] = await ends(time, [worker().read({ login, deadline: NOON + 3000 })]);
  expect(end).toMatch(/^SOURCE_UNAVAILABLE: another worker is logging in/);
  expect(time.at - NOON).toBeLessThan(4000);
});

test('a copy in memory spares reads for a few seconds and no longer', async () => {
  const { time, worker, login, cache } = world();
  const shared = worker();
  await ends(time, [shared.read({ login, deadline })]);
  cache.token = 'renewed elsewhere';
  expect(await shared.read({ login, deadline })).toBe('token-1');
  time.at += 5001;
  expect(await shared.read({ login, deadline })).toBe('renewed elsewhere');
});

test('the lock holds on a real table', async () => {
  const { table, close } = await startDynalite();
  try {
    const cache = memoryTokens();
    let logins = 0;
    const login = async (): Promise<Login> => ({ token: `token-${++logins}`, expiresInSeconds: 3600 });
    const deps = { table, clock: { now: () => NOON }, sleep: () => new Promise((r) => setImmediate(r)) };
    const open = createSharedTokens(deps);
    const workers = Array.from({ length: 5 }, () => open({ tenant: 'demo', source: 'fleet', cache }));
    const tokens = await Promise.all(workers.map((w) => w.read({ login, deadline })));
    expect(new Set(tokens)).toEqual(new Set(['token-1']));
    expect(logins).toBe(1);
  } finally {
    await close();
  }
});
