import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { demoOnenceAccounts } from '../../local/simulators/onence-account.ts';
import { burstOf } from '../../shared/sims/pace.ts';
import {
  begin,
  callsOf,
  detailsKnown,
  fleetState,
  get,
  iccidOf,
  nextRound,
  partsOf,
  rest,
  type ShownSim,
  simsOf,
  unequalDays,
} from './fleet-story.ts';
import { eventually, type Flow, startFlow } from './flow.ts';
import { alertsOf, changeSource } from './story.ts';

const SIMS = 12;
const ALL = Array.from({ length: SIMS }, (_, i) => i + 1);
let flow: Flow;

/** One after the other on one cloud: each leaves the account as it found it. */
beforeAll(async () => {
  flow = await startFlow({ sims: SIMS });
  await flow.addTenant('demo');
}, 240_000);

afterEach(() => flow.inject('onence', { fault: 'recover' }));

afterAll(() => flow.stop());

const sourceNow = () => get(flow, '/v1/sources/fleet');
const runByHand = async (): Promise<void> => {
  await begin(flow);
  await rest(flow);
};
/** SIMs whose quota was read at this instant or later. */
const readSince = (sims: readonly ShownSim[], at: number): number =>
  sims.filter(({ data }) => Date.parse(data.readAt ?? '') >= at).length;

test('unless more is configured, an account is called ten times a second at most, from the first call on', async () => {
  await flow.addFleet('demo', { requestsPerSecond: 10 });
  const startedAt = Date.now();
  await runByHand();
  const calls = callsOf(flow);
  expect(calls).toBeLessThanOrEqual((10 * (Date.now() - startedAt)) / 1000 + burstOf(10));
  expect(await detailsKnown(flow)).toBe(SIMS);
  expect(fleetState(flow).logins).toBe(1);
  await changeSource(flow, 'fleet', { settings: { requestsPerSecond: 100 } });
}, 180_000);

describe('fault 9: 401', () => {
  test('tokens that end while a round and many requests are under way: one login each, and nobody is paused', async () => {
    const statuses = new Set<number>();
    for (let expiry = 1; expiry <= 3; expiry++) {
      const { logins } = fleetState(flow);
      const calls = callsOf(flow);
      let over = false;
      const ask = async (n: number): Promise<void> => {
        while (!over) statuses.add((await flow.call('GET', `/v1/sims/${iccidOf(n)}/sms`)).status);
      };
      const asking = [1, 2, 3, 4, 5, 6].map(ask);
      try {
        await begin(flow);
        await eventually(async () => (callsOf(flow) > calls + 12 ? true : undefined), 60_000);
        await flow.inject('onence', { fault: 'unauthorized' });
        await eventually(async () => (fleetState(flow).logins > logins ? true : undefined), 60_000);
      } finally {
        over = true;
        await Promise.all(asking);
      }
      await rest(flow);
      expect(fleetState(flow).logins).toBe(logins + 1);
    }
    expect([...statuses]).toEqual([200]);
    expect((await sourceNow()).pausedReason).toBeNull();
    const parts = await partsOf(flow);
    expect(parts.map(({ status }) => status)).not.toContain('failed');
  }, 240_000);

  test('credentials refused for good rest after the second time, somebody hears of it, new ones bring it back', async () => {
    await nextRound(flow);
    await flow.inject('onence', { fault: 'unauthorized', times: 1000 });
    await nextRound(flow);
    expect((await sourceNow()).pausedReason).toBeNull();
    await nextRound(flow);
    expect((await sourceNow()).pausedReason).toMatch(/refused twice.*store new ones/);
    const { logins } = fleetState(flow);
    // Minute by minute: silence is not counted while nobody listens.
    await flow.pass(46);
    expect(fleetState(flow).logins).toBe(logins);
    expect((await alertsOf(flow)).filter((alert) => alert.endsWith(' fleet-no-data'))).toHaveLength(1);

    await flow.inject('onence', { fault: 'recover' });
    const [{ clientId, clientSecret } = { clientId: '', clientSecret: '' }] = demoOnenceAccounts();
    await changeSource(flow, 'fleet', { credentials: { clientId, clientSecret } });
    expect((await sourceNow()).pausedReason).toBeNull();
    await nextRound(flow);
    expect((await partsOf(flow))[0]).toMatchObject({ status: 'success' });
    expect((await alertsOf(flow)).filter((alert) => alert.endsWith(' fleet-no-data'))).toEqual([]);
  }, 240_000);
});

describe('fault 10: 429', () => {
  const longest = async (): Promise<number> => {
    const url = `${flow.cloud.publicUrl}/_local/invocations?function=collect-sims`;
    const { invocations } = (await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).json()) as {
      invocations: { durationMs: number }[];
    };
    return Math.max(...invocations.map(({ durationMs }) => durationMs));
  };

  test.each<[string, string | undefined, number, number]>([
    ['seconds', '600', 9, 600],
    ['a date', 'in ten minutes', 9, 600],
    // Unsaid: pauses of its own that double from two seconds.
    ['nothing', undefined, 9, 0],
    ['words', 'later', 9, 0],
    ['thirty years', '1000000000', 3, 3600],
  ])(
    'Retry-After as %s: no call before its time, no function sleeps it out, and no SIM is lost',
    async (_, form, times, seconds) => {
      const begunAt = flow.clock.now();
      // The simulator's own `Date` header tells the machine's time, and a date is measured by it.
      const retryAfter = form === 'in ten minutes' ? new Date(Date.now() + 600_000).toUTCString() : form;
      const said = retryAfter === undefined ? {} : { retryAfter };
      await flow.inject('onence', { fault: 'rate-limit', endpoint: 'quota/data', times, ...said });
      await runByHand();
      const calls = callsOf(flow);
      if (seconds > 0) {
        expect(readSince(await simsOf(flow), begunAt)).toBeLessThan(SIMS);
        await flow.skip((seconds - 30) / 60);
        expect(callsOf(flow)).toBe(calls);
      }
      for (let waits = 0; readSince(await simsOf(flow), begunAt) < SIMS; waits++) {
        expect(waits).toBeLessThan(times + 2);
        await flow.skip(1 + seconds / 60);
        // Beyond what a queue can hold a message back the run ends, and a later slot goes on.
        if (seconds > 900) await nextRound(flow);
      }
      expect(await longest()).toBeLessThan(60_000);
      expect(await unequalDays(flow, ALL, 30)).toEqual([]);
    },
    240_000,
  );
});

describe('fault 13: answers that are none', () => {
  const shapes = ['html', 'empty', 'truncated', 'wrong-types', 'deep', 'huge'];

  test.each(shapes)(
    '%s instead of the list: the run says why, and no SIM is lost for it',
    async (shape) => {
      await flow.inject('onence', { fault: 'garbage', shape, endpoint: 'v2/sims' });
      await runByHand();
      const [run] = await partsOf(flow);
      // Whole, or SIM by SIM.
      if (shape === 'wrong-types') expect(run?.rejections[0]).toMatchObject({ path: expect.stringMatching(/^page 1/) });
      else expect(run).toMatchObject({ status: 'failed', errorCode: 'SOURCE_MALFORMED', error: expect.any(String) });
      expect((await simsOf(flow)).filter(({ data }) => data.remainingMegabytes !== null)).toHaveLength(SIMS);
      await runByHand();
      expect((await partsOf(flow)).map(({ status }) => status)).not.toContain('failed');
      expect(await simsOf(flow)).toHaveLength(SIMS);
    },
    60_000,
  );

  test.each(shapes.flatMap((shape) => ['quota/data', 'usage'].map((endpoint) => [shape, endpoint] as const)))(
    '%s instead of %s: it is told of, no value becomes another, and the other SIMs are right',
    async (shape, endpoint) => {
      const before = new Map((await simsOf(flow)).map((sim) => [sim.iccid, sim]));
      const begunAt = flow.clock.now();
      await flow.inject('onence', { fault: 'garbage', shape, endpoint });
      await runByHand();
      const rejections = (await partsOf(flow)).flatMap((part) => part.rejections);
      const told = new Set(rejections.map(({ path }) => path.slice(0, 19)));
      // 200 and nothing is this provider's way to say that there is nothing.
      expect(told.size).toBe(shape === 'empty' ? 0 : 1);
      const after = await simsOf(flow);
      const old = after.filter(({ data }) => Date.parse(data.readAt ?? '') < begunAt);
      expect(old).toHaveLength(endpoint === 'usage' ? 0 : 1);
      for (const sim of old) {
        if (shape !== 'empty') expect([...told]).toEqual([sim.iccid]);
        expect(sim.data).toMatchObject({
          remainingMegabytes: before.get(sim.iccid)?.data.remainingMegabytes,
          totalMegabytes: before.get(sim.iccid)?.data.totalMegabytes,
        });
      }
      expect(await unequalDays(flow, ALL, 10)).toEqual([]);
    },
    60_000,
  );
});

test('v1 is retired: all that v2 offers goes on, usage too, and nothing is said to be missing', async () => {
  await flow.inject('onence', { fault: 'bad-request-v1' });
  const begunAt = flow.clock.now();
  await runByHand();
  const parts = await partsOf(flow);
  expect(parts.map(({ status }) => status)).not.toContain('failed');
  expect(parts.flatMap((part) => part.rejections)).toEqual([]);
  expect(readSince(await simsOf(flow), begunAt)).toBe(SIMS);
  expect(callsOf(flow, /GET \/v2\/sims\/\{iccid\}\/usage/)).toBeGreaterThanOrEqual(SIMS);
  await flow.skip(24 * 60);
  await nextRound(flow);
  await flow.inject('onence', { fault: 'recover' });
  expect(await unequalDays(flow, ALL, 5)).toEqual([]);
}, 60_000);
