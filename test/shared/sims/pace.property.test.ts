import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isAppError } from '../../../shared/platform/errors.ts';
import { createPaces } from '../../../shared/sims/pace.dynamodb.ts';
import { burstOf } from '../../../shared/sims/pace.ts';
import { NOON } from '../collect/fakes.ts';
import { createFakeTable } from '../fake-table.ts';
import { VirtualTime } from './virtual-time.ts';

const numRuns = process.env.HEADROOM_LONG ? 1000 : 60;

const worker = fc.record({
  startsAfterMs: fc.integer({ min: 0, max: 3000 }),
  parallel: fc.integer({ min: 1, max: 12 }),
  calls: fc.integer({ min: 1, max: 25 }),
  callMs: fc.integer({ min: 0, max: 700 }),
  /** Its timers fire late by up to this. */
  lateMs: fc.integer({ min: 0, max: 250 }),
  /** It vanishes with whatever it has reserved. */
  diesAfterMs: fc.option(fc.integer({ min: 0, max: 4000 })),
});

const story = fc.record({
  rate: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constantFrom(0.5, 2.5, 10)),
  workers: fc.array(worker, { minLength: 1, maxLength: 12 }),
  storeMs: fc.integer({ min: 0, max: 30 }),
});

it('no window of any second sees more calls than the rate and the burst, however many workers there are', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ rate, workers, storeMs }) => {
      const turns = await play(rate, workers, storeMs);
      for (const [i, from] of turns.entries()) {
        const inWindow = turns.slice(i).filter((at) => at < from + 1000).length;
        expect(inWindow).toBeLessThanOrEqual(Math.floor(rate + burstOf(rate)));
      }
      // Nothing stops for ever: somebody who lived got turns.
      if (workers.some((w) => w.diesAfterMs === null)) expect(turns.length).toBeGreaterThan(0);
    }),
    { numRuns },
  );
});

async function play(
  rate: number,
  workers: readonly (typeof worker extends fc.Arbitrary<infer W> ? W : never)[],
  storeMs: number,
): Promise<number[]> {
  const time = new VirtualTime();
  const table = createFakeTable({ before: () => time.sleep(storeMs) });
  const turns: number[] = [];
  for (const [n, { startsAfterMs, parallel, calls, callMs, lateMs, diesAfterMs }] of workers.entries()) {
    const diesAt = diesAfterMs === null ? Number.POSITIVE_INFINITY : NOON + startsAfterMs + diesAfterMs;
    let wakes = 0;
    const sleep = async (ms: number): Promise<void> => {
      await time.sleep(ms + ((++wakes * 37) % (lateMs + 1)));
      if (time.at >= diesAt) await new Promise(() => undefined);
    };
    const deps = { table, clock: time.clock, sleep, random: () => ((n * 31) % 10) / 10 };
    const pace = createPaces(deps)({
      ...{ tenant: 'demo', source: 'fleet', requestsPerSecond: rate },
      deadline: NOON + 600_000,
    });
    let left = calls;
    const callOneByOne = async (): Promise<void> => {
      await time.sleep(startsAfterMs);
      while (left-- > 0 && time.at < diesAt) {
        try {
          await pace.take();
          turns.push(time.at);
        } catch (error) {
          if (!isAppError(error, 'SOURCE_THROTTLED')) throw error;
        }
        await time.sleep(callMs);
      }
    };
    for (let i = 0; i < parallel; i++) void callOneByOne();
  }
  await time.play();
  return turns.sort((a, b) => a - b);
}
