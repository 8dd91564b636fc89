import { describe, expect, test } from 'vitest';
import { AppError, type ErrorCode } from '../../../shared/platform/errors.ts';
import { iccidAt } from './fleet-provider.ts';
import { connected, FIRST_SLOT, openFleetWorld } from './fleet-world.ts';

const HOUR_MS = 3_600_000;
const failing = (code: ErrorCode, context = {}) => new AppError(code, 'the provider says so', { context });

describe('trouble', () => {
  test('a few SIMs that always fail cost neither the run nor the others', async () => {
    const world = await openFleetWorld(60);
    const bad = new Set([3, 8, 13, 21, 34, 40, 50, 55].map(iccidAt));
    world.provider.failure = (call, iccid) =>
      call === 'quota-data' && bad.has(iccid ?? '') ? failing('SOURCE_UNAVAILABLE') : undefined;
    for (let i = 0; i < 3; i++) {
      const reports = i === 0 ? await world.run(world.message()) : await world.nextSlot();
      expect(reports.map(({ outcome }) => outcome)).not.toContain(i === 0 ? 'failed' : 'deferred');
    }
    expect((await world.newest()).size).toBe(52);
  });

  test('a run keeps the calls that it had made, also one that fails', async () => {
    const world = await openFleetWorld(1);
    await world.run(world.message());
    const callsOf = async () => (await world.runs.list('demo', { limit: 1 })).runs[0]?.operations ?? [];
    expect(await callsOf()).not.toEqual([]);
    world.provider.calls.length = 0;
    world.provider.failure = () => failing('SOURCE_UNAVAILABLE');
    const [report] = await world.nextSlot();
    expect([report?.outcome, (await callsOf()).length]).toEqual(['failed', world.provider.calls.length]);
  });

  test('days that passed while the provider could not be asked are fetched afterwards', async () => {
    const world = await connected(1);
    const sim = world.provider.at(0);
    world.clock.advance(8 * 24 * HOUR_MS);
    sim.days = Array.from({ length: 9 }, (_, i) => ({ day: `2030-03-${15 + i}`, dataTotal: 1_000_000n }));
    await world.nextSlot();
    const days = await world.usage.read(
      { tenant: 'demo', account: 'fleet', iccid: iccidAt(0) },
      '2030-03-01',
      '2030-03-31',
    );
    expect(days.map(({ day }) => Number(day.slice(8)))).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23]);
  });

  test('the past is fetched again until it was stated once', async () => {
    const world = await openFleetWorld(1);
    world.provider.at(0).days = [{ day: '2029-12-01', dataTotal: 5n }];
    world.provider.failure = (call) => (call === 'usage' ? failing('SOURCE_MALFORMED') : undefined);
    await world.run(world.message());
    world.provider.failure = () => undefined;
    for (let i = 0; i < 4; i++) await world.nextSlot();
    const days = await world.usage.read(
      { tenant: 'demo', account: 'fleet', iccid: iccidAt(0) },
      '2029-12-01',
      '2029-12-31',
    );
    expect(days).toHaveLength(1);
  });

  test('a SIM that answers nothing is asked no more often than the others', async () => {
    const world = await openFleetWorld(2);
    Object.assign(world.provider.at(0), { data: undefined, sms: undefined, status: undefined });
    world.provider.sims.get(iccidAt(0))?.days.splice(0);
    await world.run(world.message());
    world.provider.calls.length = 0;
    for (let i = 0; i < 12; i++) await world.nextSlot();
    const callsOf = (index: number) => world.provider.calls.filter((call) => call.endsWith(iccidAt(index))).length;
    expect(callsOf(0)).toBe(callsOf(1));
  });

  test('a 429 in mid-round: the rest comes after the wait, and nothing is asked twice', async () => {
    const world = await openFleetWorld(100);
    let asked = 0;
    world.provider.failure = (call) =>
      call === 'quota-data' && ++asked === 40 ? failing('SOURCE_THROTTLED', { retryAfterSeconds: 30 }) : undefined;
    const before = world.clock.at;
    await world.run(world.message());
    expect((await world.newest()).size).toBe(100);
    expect(world.clock.at - before).toBeGreaterThanOrEqual(30_000);
    expect(world.provider.count('quota-data')).toBeLessThanOrEqual(100 + 8);
  });

  test.each(['list 2', 'quota-data', 'usage'])(
    'a 429 of a second (%s) is waited for within the part, and only that call is made again',
    async (name) => {
      const undisturbed = await openFleetWorld(200);
      const parts = (await undisturbed.run(undisturbed.message())).length;
      const world = await openFleetWorld(200);
      let asked = 0;
      world.provider.failure = (call) =>
        call === name && ++asked === 1 ? failing('SOURCE_THROTTLED', { status: 429, retryAfterSeconds: 1 }) : undefined;
      expect(await world.run(world.message())).toHaveLength(parts);
      expect((await world.newest()).size).toBe(200);
      expect(world.provider.calls).toHaveLength(undisturbed.provider.calls.length + 1);
    },
  );

  test('a second 429 in a row for one call ends the part, and the queue waits', async () => {
    const world = await openFleetWorld(20);
    let asked = 0;
    world.provider.failure = (call, iccid) =>
      call === 'usage' && iccid === iccidAt(3) && ++asked <= 2
        ? failing('SOURCE_THROTTLED', { status: 429, retryAfterSeconds: 1 })
        : undefined;
    await world.deliver(world.message());
    const waits: (number | undefined)[] = [];
    for (let next = world.queue.shift(); next; next = world.queue.shift()) {
      const { delaySeconds, ...rest } = next;
      waits.push(delaySeconds);
      await world.deliver(rest);
    }
    expect(waits.filter((wait) => wait !== undefined)).toEqual([1]);
    expect((await world.newest()).size).toBe(20);
    expect(world.provider.count('quota-data')).toBe(21);
  });

  test('a wait beyond what a queue can hold is left to the breaker', async () => {
    const world = await openFleetWorld(5);
    world.provider.failure = () => failing('SOURCE_THROTTLED', { retryAfterSeconds: 3600 });
    const [report] = await world.run(world.message());
    expect(report).toMatchObject({ outcome: 'failed', errorCode: 'SOURCE_THROTTLED' });
    world.provider.calls.length = 0;
    await world.nextSlot();
    expect(world.provider.calls).toEqual([]);
  });

  test('one answer that cannot be used is told, and takes neither other values nor other SIMs along', async () => {
    const world = await openFleetWorld(50);
    world.provider.failure = (call, iccid) =>
      call === 'usage' && iccid === iccidAt(9) ? failing('SOURCE_MALFORMED', { rawText: '<html>' }) : undefined;
    const reports = await world.run(world.message());
    expect(reports.map((report) => report.rejected).reduce((a, b) => a + b)).toBe(1);
    const newest = await world.newest();
    expect(newest.size).toBe(50);
    const odd = newest.get(iccidAt(9))?.values;
    expect([odd?.dataRemaining, odd?.usageToday]).toEqual([400_000_000n, undefined]);
  });

  test('a provider that is down fails the run, and the next slot goes on', async () => {
    const world = await openFleetWorld(50);
    world.provider.failure = () => failing('SOURCE_UNAVAILABLE');
    expect(await world.run(world.message())).toMatchObject([{ outcome: 'failed', errorCode: 'SOURCE_UNAVAILABLE' }]);
    world.provider.failure = () => undefined;
    await world.nextSlot();
    expect((await world.newest()).size).toBe(50);
  });

  test('trouble after the list: what was read is kept, and the others follow a minute later', async () => {
    const world = await openFleetWorld(60);
    let calls = 0;
    world.provider.failure = (call) => {
      if (call !== 'quota-data') return undefined;
      calls++;
      return calls > 20 && calls <= 33 ? failing('SOURCE_UNAVAILABLE') : undefined;
    };
    await world.run(world.message());
    const first = (await world.newest()).size;
    expect(first).toBeGreaterThanOrEqual(40);
    await world.nextSlot();
    expect((await world.newest()).size).toBe(60);
  });

  test('refused credentials pause the account after the second time', async () => {
    const world = await openFleetWorld(5);
    world.provider.failure = () => failing('SOURCE_REJECTED');
    await world.run(world.message());
    await world.nextSlot();
    const report = await world.nextSlot();
    expect(report[0]).toMatchObject({ outcome: 'failed', errorCode: 'SOURCE_REJECTED' });
    expect(world.provider.calls).toHaveLength(2);
  });

  test('a round that lasts longer than its period ends before the next one, which goes on where it stopped', async () => {
    const world = await openFleetWorld(200);
    // A full round would take almost half an hour.
    world.provider.failure = () => {
      world.clock.advance(2000);
      return undefined;
    };
    await world.run(world.message());
    const first = (await world.newest()).size;
    expect(first).toBeGreaterThan(40);
    expect(first).toBeLessThan(200);
    expect(world.clock.at - FIRST_SLOT).toBeLessThan(960_000);
    const seen = new Set(world.provider.calls.filter((call) => call.startsWith('usage')));
    await world.nextSlot();
    await world.nextSlot();
    expect((await world.newest()).size).toBe(200);
    expect(seen.size).toBe(first);
  });
});
