import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { begin, callsOf, iccidOf, nextRound, partsOf, rest, simsOf, unequalDays } from './fleet-story.ts';
import { type Flow, startFlow } from './flow.ts';
import { MINUTE_MS } from './story.ts';

/** Three pages. */
const SIMS = 250;
const LIST = /GET \/v2\/sims$/;
let flow: Flow;

/** One story on one cloud: a first day, then nights of broken lists. */
beforeAll(async () => {
  flow = await startFlow({ sims: SIMS });
  await flow.addTenant('demo', { phone: undefined });
  // After the first time only the list is read, but for those that are nearly used up: this is about the list.
  await flow.addFleet('demo', { detailMinutes: 10_080, slowMinutes: 10_080, smsQuota: false, status: false });
  await begin(flow);
  await rest(flow);
  expect(await simsOf(flow)).toHaveLength(SIMS);
}, 300_000);

afterEach(() => flow.inject('onence', { fault: 'recover' }));

afterAll(() => flow.stop());

describe('fault 14: lists that are not whole', () => {
  /** The first slot after 02:00 in Nairobi, when the whole inventory is taken; `night` counts from the first one. */
  const throughTheNight = async (night: number): Promise<void> => {
    const two = Date.parse('2026-11-20T23:00:00.000Z') + (night - 1) * 24 * 60 * MINUTE_MS;
    await flow.skip((two - flow.clock.now()) / MINUTE_MS);
    await nextRound(flow);
  };
  const isListed = async (n: number): Promise<boolean> =>
    (await flow.call('GET', `/v1/sims/${iccidOf(n)}`)).status === 200;

  test('a page is lost: nobody is called removed by that walk, and who is gone is by the next whole one', async () => {
    await flow.inject('onence', { fault: 'missing-sim', iccid: iccidOf(150) });
    await flow.inject('onence', { fault: 'lost-page', page: 2, times: 1 });
    await throughTheNight(1);
    expect((await partsOf(flow))[0]).toMatchObject({
      status: 'partial',
      rejections: [{ path: 'page 2', message: expect.stringMatching(/is empty, though more pages are announced/) }],
    });
    expect(await simsOf(flow)).toHaveLength(SIMS);
    await nextRound(flow);
    expect((await partsOf(flow)).map(({ status }) => status)).not.toContain('partial');
    expect(await simsOf(flow)).toHaveLength(SIMS - 1);
    expect(await isListed(150)).toBe(false);
  }, 120_000);

  test('by day a walk calls nobody removed; listed again, a SIM is back with what was known of it', async () => {
    await flow.inject('onence', { fault: 'recover' });
    await nextRound(flow);
    expect(await isListed(150)).toBe(true);
    expect(await unequalDays(flow, [150], 100)).toEqual([]);
    await flow.inject('onence', { fault: 'missing-sim', iccid: iccidOf(7) });
    await nextRound(flow);
    expect(await isListed(7)).toBe(true);
  }, 120_000);

  test.each<[string, number, number]>([
    ['same', 2, 3],
    ['growing', 3, 4],
  ])(
    'a page that repeats for ever (%s) ends the walk, and takes nobody away',
    async (shape, night, pages) => {
      await flow.inject('onence', { fault: 'repeat-page', page: 2, shape });
      const before = callsOf(flow, LIST);
      await throughTheNight(night);
      expect(callsOf(flow, LIST) - before).toBe(pages);
      const parts = await partsOf(flow);
      expect(parts[0]).toMatchObject({
        status: 'partial',
        rejections: [{ path: `page ${pages}`, message: expect.stringMatching(/repeats the page before it/) }],
      });
      expect(await simsOf(flow)).toHaveLength(SIMS);
      await flow.inject('onence', { fault: 'recover' });
      await flow.inject('onence', { fault: 'missing-sim', iccid: iccidOf(7) });
      await nextRound(flow);
      expect((await partsOf(flow)).map(({ status }) => status)).not.toContain('partial');
      expect(await isListed(7)).toBe(false);
      await flow.inject('onence', { fault: 'recover' });
      await nextRound(flow);
      expect(await simsOf(flow)).toHaveLength(SIMS);
    },
    120_000,
  );
});
