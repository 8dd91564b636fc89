import { afterEach, describe, expect, test } from 'vitest';
import { type Flow, type FlowOptions, START, startFlow } from './flow.ts';
import { accountOf, alertsOf, changeSource, HOME, iso, MINUTE_MS, pointsOf, runsOf, totalOf } from './story.ts';

let flow: Flow;

async function begin(options: FlowOptions = {}): Promise<void> {
  flow = await startFlow(options);
  await flow.addTenant('demo');
  await flow.addTaara('demo');
}

afterEach(() => flow.stop());

describe('fault 3: the scheduler', () => {
  test('slots that never came are a gap with its true increase, not zeros and not a rate', async () => {
    await begin();
    await flow.pass(31);
    await flow.skip(45);
    await flow.pass(31);
    const points = await pointsOf(flow);
    const after = points.filter((p) => p.reason?.includes('gap'));
    expect(after).toHaveLength(1);
    const [gap] = after;
    const before = points[points.findIndex((p) => p.at === gap?.at) - 1];
    expect(BigInt(gap?.increase ?? 0)).toBe(BigInt(before?.value ?? 0) - BigInt(gap?.value ?? 0));
    expect(BigInt(gap?.increase ?? 0)).toBeGreaterThan(0n);
    expect(gap?.rate).toBeNull();
    expect(points.slice(1).filter((p) => p !== gap && p.rate === null)).toEqual([]);
    const { told, gone } = totalOf(points);
    expect(told).toBe(gone);
    const from = iso(START);
    const { body } = await flow.call('GET', `/v1/bundles/${HOME}/stats?from=${from}&to=${iso(flow.clock.now())}`);
    expect(body.usedOctets).toBe(gone.toString());
    expect(body.validSlots).toBeLessThan(body.expectedSlots);
    expect(body.averageOctetsPerDay).not.toBeNull();
  }, 120_000);

  test('seven minutes late, the slot keeps its name and the use is spread over the time that really passed', async () => {
    await begin();
    await flow.pass(31);
    const schedule = flow.cloud.scheduler.schedules.find((s) => s.shortName === 'collect-taara');
    if (!schedule) throw new Error('the template has the schedule');
    const next = Date.parse((await runsOf(flow))[0]?.slot ?? '') + 15 * MINUTE_MS;
    await flow.skip((next - flow.clock.now()) / MINUTE_MS + 7);
    const minute = Math.floor(next / MINUTE_MS) * MINUTE_MS;
    await flow.cloud.scheduler.fire(schedule, minute);
    await flow.settle();
    const [run] = await runsOf(flow);
    expect(run).toMatchObject({ slot: iso(next), status: 'success', manual: false });
    expect(Date.parse(run?.startedAt ?? '') - next).toBeGreaterThanOrEqual(7 * MINUTE_MS);
    const [before, late] = (await pointsOf(flow)).slice(-2);
    const elapsedMs = Date.parse(late?.at ?? '') - Date.parse(before?.at ?? '');
    expect(elapsedMs).toBeGreaterThan(21 * MINUTE_MS);
    expect(late?.rate).toBeCloseTo((Number(late?.increase) * 1000) / elapsedMs, 3);
    expect(totalOf(await pointsOf(flow))).toMatchObject({ told: totalOf(await pointsOf(flow)).gone });
  }, 120_000);
});

describe('fault 11: the upstream is down for half an hour', () => {
  test('it is left alone more and more, probed, and afterwards the totals are equal', async () => {
    await begin();
    await changeSource(flow, 'home', { periodSeconds: 60 });
    await flow.pass(5);
    await flow.inject('taara', { fault: 'server-error', times: 1000 });
    const { data } = accountOf(flow).calls;
    await flow.pass(30);
    const called = accountOf(flow).calls.data - data;
    // Five calls open the breaker; pauses of 1, 2, 4, 8 and 15 minutes leave five probes at most.
    expect(called).toBeGreaterThanOrEqual(8);
    expect(called).toBeLessThanOrEqual(10);
    const runs = await runsOf(flow);
    expect(runs.filter((r) => r.error?.startsWith('not called: it failed')).length).toBeGreaterThan(15);
    expect(await alertsOf(flow)).toContain('home bundle-no-data');
    expect((await runsOf(flow, 'office'))[0]).toMatchObject({ status: 'success' });

    await flow.inject('taara', { fault: 'recover' });
    await flow.pass(18);
    expect((await runsOf(flow))[0]).toMatchObject({ status: 'success' });
    expect(await alertsOf(flow)).not.toContain('home bundle-no-data');
    const points = await pointsOf(flow);
    const { told, gone } = totalOf(points);
    expect(told).toBe(gone);
    expect(points.filter((p) => p.reason === 'gap')).toHaveLength(1);
    expect(points.filter((p) => p.increase === '0')).toEqual([]);
    expect((await flow.messages()).filter((m) => /Home link/.test(m.body))).toHaveLength(2);
  }, 150_000);
});

describe('fault 18: clocks', () => {
  describe.each([10, -10])('an upstream whose clock is off by %i minutes', (minutes) => {
    test('is read for hours, by our own receipt times', async () => {
      await begin({ taaraAheadMs: minutes * MINUTE_MS });
      await flow.pass(80);
      const runs = await runsOf(flow);
      expect(runs.length).toBeGreaterThanOrEqual(5);
      expect(runs.filter((r) => r.status !== 'success')).toEqual([]);
      for (const { startedAt, endedAt } of runs) {
        const at = (await pointsOf(flow)).find((p) => p.at >= startedAt && p.at <= endedAt)?.at;
        expect(at, `${startedAt} ${endedAt}`).toBeDefined();
      }
      const { body } = await flow.call('GET', `/v1/bundles/${HOME}`);
      expect(body.dataAgeSeconds).toBeGreaterThanOrEqual(0);
      expect(body.dataAgeSeconds).toBeLessThan(15 * 60 + 5);
    }, 150_000);
  });

  test('our own clock steps back: nothing is counted twice or below zero, and the next slots go on', async () => {
    await begin();
    await flow.pass(32);
    flow.clock.moveBy(-5 * MINUTE_MS);
    await flow.runNow('collect-taara');
    await flow.pass(40);
    const points = await pointsOf(flow);
    for (const p of points) if (p.increase !== null) expect(BigInt(p.increase)).toBeGreaterThanOrEqual(0n);
    const { body } = await flow.call('GET', `/v1/bundles/${HOME}`);
    expect(body).toMatchObject({ stale: false });
    expect((await runsOf(flow))[0]).toMatchObject({ status: 'success' });
    const { told, gone } = totalOf(points);
    expect(told).toBeLessThanOrEqual(gone + gone / 5n);
    expect(told).toBeGreaterThan(0n);
  }, 120_000);
});
