import { describe, expect, test } from 'vitest';
import { type AppError, isAppError } from '../../../shared/platform/errors.ts';
import { createPaces } from '../../../shared/sims/pace.dynamodb.ts';
import type { Pace } from '../../../shared/sims/pace.port.ts';
import { planBlock } from '../../../shared/sims/pace.ts';
import { NOON } from '../collect/fakes.ts';
import { startDynalite } from '../dynalite.ts';
import { createFakeTable, type FakeStep } from '../fake-table.ts';
import { VirtualTime } from './virtual-time.ts';

const ACCOUNT = { tenant: 'demo', source: 'fleet', requestsPerSecond: 10, deadline: NOON + 600_000 };

function world() {
  const time = new VirtualTime();
  const steps: FakeStep[] = [];
  const table = createFakeTable({ before: (step) => void steps.push(step) });
  const paceOf = (over: Partial<typeof ACCOUNT> = {}): Pace =>
    createPaces({ table, clock: time.clock, sleep: time.sleep, random: () => 0.5 })({ ...ACCOUNT, ...over });
  return { time, table, steps, paceOf };
}

/** Instants after NOON at which turns came, and the refusals. */
function take(pace: Pace, time: VirtualTime, times: number, log: { turns: number[]; refused: AppError[] }): void {
  for (let i = 0; i < times; i++) {
    pace.take().then(
      () => log.turns.push(time.at - NOON),
      (error) => {
        if (!isAppError(error)) throw error;
        log.refused.push(error);
      },
    );
  }
}

const emptyLog = (): { turns: number[]; refused: AppError[] } => ({ turns: [], refused: [] });

test('turns come at the rate from the first one on, and one write reserves a block of them', async () => {
  const { time, steps, paceOf } = world();
  const log = emptyLog();
  take(paceOf(), time, 10, log);
  await time.play();
  expect(log.turns).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  expect(steps.filter((step) => step.write)).toHaveLength(1);
});

test('fifty turns wanted at once cost five writes', async () => {
  const { time, steps, paceOf } = world();
  const log = emptyLog();
  take(paceOf(), time, 50, log);
  await time.play();
  expect(log.turns.at(-1)).toBe(4900);
  expect(steps.filter((step) => step.write)).toHaveLength(5);
});

test('a worker that never stops calling reserves turns for all its waiting calls by one write', async () => {
  const { time, steps, paceOf } = world();
  const pace = paceOf();
  let turns = 0;
  const callOneByOne = async (): Promise<void> => {
    while (time.at < NOON + 10_000) {
      await pace.take();
      turns++;
      await time.sleep(300);
    }
  };
  for (let i = 0; i < 8; i++) void callOneByOne();
  await time.play();
  expect(turns).toBeGreaterThan(98);
  expect(steps.filter((step) => step.write).length).toBeLessThan(turns / 4);
});

test('one call after the other gets its turn at once while there are turns', async () => {
  const { time, paceOf } = world();
  const pace = paceOf();
  const log = emptyLog();
  for (let i = 0; i < 3; i++) {
    take(pace, time, 1, log);
    await time.play(NOON + (i + 1) * 1000);
  }
  expect(log.turns).toEqual([0, 1000, 2000]);
});

test('a turn later than five seconds is refused with the time to come back', async () => {
  const { time, paceOf } = world();
  const log = emptyLog();
  take(paceOf(), time, 80, log);
  await time.play();
  expect(log.turns).toHaveLength(51);
  expect(log.refused).toHaveLength(29);
  expect(log.refused[0]).toMatchObject({
    code: 'SOURCE_THROTTLED',
    retryable: true,
    context: { retryAfterSeconds: expect.any(Number) },
  });
  expect(log.refused.every((e) => Number(e.context.retryAfterSeconds) >= 1)).toBe(true);
});

test('a turn after the deadline is refused', async () => {
  const { time, paceOf } = world();
  const log = emptyLog();
  take(paceOf({ deadline: NOON + 250 }), time, 5, log);
  await time.play();
  expect(log.turns).toEqual([0, 100, 200]);
  expect(log.refused).toHaveLength(2);
});

test('a rate below one call in five seconds says when to come back', async () => {
  const { time, paceOf } = world();
  const pace = paceOf({ requestsPerSecond: 0.1 });
  const log = emptyLog();
  take(pace, time, 1, log);
  await time.play(NOON + 2000);
  take(pace, time, 1, log);
  await time.play();
  expect(log.turns).toEqual([0]);
  expect(log.refused.map((e) => e.context.retryAfterSeconds)).toEqual([8]);
});

test('workers of one account share the rate, others do not', async () => {
  const { time, paceOf } = world();
  const [log, other] = [emptyLog(), emptyLog()];
  for (let worker = 0; worker < 4; worker++) take(paceOf(), time, 5, log);
  take(paceOf({ source: 'fleet-2' }), time, 5, other);
  await time.play();
  expect([...log.turns].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i * 100));
  expect(other.turns).toEqual([0, 100, 200, 300, 400]);
});

test('after a hold nobody gets a turn before it ends, also those who had reserved theirs', async () => {
  const { time, paceOf } = world();
  const [first, second, third] = [paceOf(), paceOf(), paceOf()];
  const [log, late] = [emptyLog(), emptyLog()];
  take(first, time, 15, log);
  await time.play(NOON + 50);
  take(second, time, 25, log);
  await time.play(NOON + 1050);
  await third.hold(NOON + 4000);
  await time.play(NOON + 3000);
  // A worker looks once a second, so a second's worth may still go out.
  expect(log.turns.filter((at) => at > 2100)).toEqual([]);
  take(third, time, 1, late);
  await time.play();
  expect(late.turns[0]).toBeGreaterThanOrEqual(4000);
  expect(log.turns.filter((at) => at > 2100 && at < 4000)).toEqual([]);
});

test('a hold longer than anybody waits is told at once', async () => {
  const { time, paceOf } = world();
  const log = emptyLog();
  await paceOf().hold(NOON + 120_000);
  take(paceOf(), time, 1, log);
  await time.play();
  expect(log.refused.map((e) => e.context.retryAfterSeconds)).toEqual([120]);
});

test('a hold is never shortened and never longer than an hour', async () => {
  const { time, paceOf } = world();
  await paceOf().hold(NOON + 99_999_999);
  await paceOf().hold(NOON + 1000);
  const log = emptyLog();
  take(paceOf(), time, 1, log);
  await time.play();
  expect(log.refused.map((e) => e.context.retryAfterSeconds)).toEqual([3600]);
});

test('turns reserved by a worker that died pass unused', async () => {
  const { time, table, paceOf } = world();
  const dead = createPaces({ table, clock: time.clock, sleep: () => new Promise(() => undefined) })(ACCOUNT);
  void dead.take();
  for (let i = 0; i < 9; i++) void dead.take();
  await time.play(NOON + 10);
  const log = emptyLog();
  take(paceOf(), time, 2, log);
  await time.play();
  expect(log.turns).toEqual([1000, 1100]);
});

test('turns that could not be used in time are void, and their owners get others', async () => {
  const time = new VirtualTime();
  // A process that was stopped until the instant 500.
  const sleep = (ms: number) => time.sleep(Math.max(ms, NOON + 500 - time.at));
  const pace = createPaces({ table: createFakeTable(), clock: time.clock, sleep })(ACCOUNT);
  const log = emptyLog();
  take(pace, time, 4, log);
  await time.play();
  expect(log.turns).toEqual([0, 500, 600, 700]);
});

test('a store that does not answer fails the call, and the next one tries again', async () => {
  const time = new VirtualTime();
  let broken = true;
  const table = createFakeTable({
    before: () => {
      if (broken) throw new Error('down');
    },
  });
  const pace = createPaces({ table, clock: time.clock, sleep: time.sleep })(ACCOUNT);
  await expect(pace.take()).rejects.toThrow('down');
  broken = false;
  await expect(pace.take()).resolves.toBeUndefined();
});

describe('planBlock', () => {
  const limits = (n: number): number[] => Array(n).fill(NOON + 5000);
  test.each([
    ['an untouched bucket begins now', { nextAt: 0, heldUntil: 0 }, 3, { startAt: NOON, turns: 3, follows: false }],
    [
      'past turns are not saved up',
      { nextAt: NOON - 9000, heldUntil: 0 },
      3,
      { startAt: NOON, turns: 3, follows: false },
    ],
    [
      'a block follows the last',
      { nextAt: NOON + 300, heldUntil: 0 },
      3,
      { startAt: NOON + 300, turns: 3, follows: true },
    ],
    ['no more than a second at once', { nextAt: 0, heldUntil: 0 }, 99, { startAt: NOON, turns: 10, follows: false }],
    [
      'a hold comes first',
      { nextAt: NOON + 300, heldUntil: NOON + 900 },
      1,
      { startAt: NOON + 900, turns: 1, follows: false },
    ],
    ['only those in time', { nextAt: NOON + 4850, heldUntil: 0 }, 5, { startAt: NOON + 4850, turns: 2, follows: true }],
    ['nobody in time', { nextAt: NOON + 5001, heldUntil: 0 }, 5, { startAt: NOON + 5001, turns: 0, follows: true }],
    [
      'a mark of a clock that was hours ahead is not believed',
      { nextAt: NOON + 3_600_000, heldUntil: 0 },
      1,
      { startAt: NOON, turns: 1, follows: false },
    ],
  ])('%s', (_, bucket, waiting, expected) => {
    expect(planBlock(bucket, NOON, 10, limits(waiting))).toEqual(expected);
  });
});

test('the conditions are those of DynamoDB, whose answers count', async () => {
  const { table, close } = await startDynalite();
  try {
    const time = new VirtualTime();
    const paces = createPaces({ table, clock: time.clock, sleep: time.sleep, random: () => 0 });
    const turn = async (): Promise<number> => {
      const pace = paces(ACCOUNT);
      let at: number | undefined;
      const taken = pace.take().then(() => {
        at = time.at - NOON;
      });
      while (at === undefined) await time.play();
      await taken;
      return at;
    };
    expect([await turn(), await turn(), await turn()]).toEqual([0, 100, 200]);
    const until = time.at + 2000;
    await paces(ACCOUNT).hold(until);
    expect(await turn()).toBe(until - NOON);
  } finally {
    await close();
  }
});
