/** Faults from an IOS-XE to the increase: restarts, cleared counters, old releases and outages, over a real socket. */
import { afterEach, describe, expect, test } from 'vitest';
import { createIosxeCollector } from '../../../shared/interfaces/iosxe.http.ts';
import { inOctets, outOctets } from '../../../shared/interfaces/metrics.ts';
import { nextIncrease } from '../../../shared/samples/increase.ts';
import type { Increase, RawPoint } from '../../../shared/samples/sample.ts';
import { IosxeWorld, LINK } from '../../local/simulators/iosxe-world.ts';
import { iosxeJob } from './iosxe-router.ts';

const PERIOD_MS = 300_000;
/** What 80 and 800 Mb/s are in a period. */
const RECEIVED = 3_000_000_000n;
const SENT = 30_000_000_000n;
const VLAN = `core1/${LINK}.10`;

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

/** A router whose every port receives 80 Mb/s and sends 800, and its increases from one poll to the next. */
async function lab(...faults: readonly string[]) {
  const world = new IosxeWorld();
  const simulator = await world.open();
  toClose.push(world);
  for (const fault of faults) simulator.inject({ fault });
  for (const name of [LINK, `${LINK}.10`])
    simulator.inject({ fault: 'load', interface: name, inMbps: 80, outMbps: 800 });
  const collector = createIosxeCollector({ clock: { now: () => world.now } });
  const baselines = new Map<string, RawPoint>();
  async function poll(afterMs = PERIOD_MS): Promise<Map<string, Increase>> {
    world.now += afterMs;
    const job = { ...iosxeJob(simulator.routers[0]?.port ?? 0), deadline: world.now + 5_000 };
    const increases = new Map<string, Increase>();
    for (const { entity, receivedAt, values, lives } of (await collector.read(job)).readings) {
      for (const metric of [inOctets, outOctets]) {
        const [value, life] = [values[metric.id], lives?.[metric.id]];
        if (value === undefined || life === undefined) continue;
        const point = { slot: world.now, receivedAt, value, boundary: true, life };
        const key = `${entity} ${metric.id}`;
        const step = nextIncrease(metric, baselines.get(key), point, PERIOD_MS / 1000);
        baselines.set(key, step.baseline);
        increases.set(key, step.increase);
      }
    }
    return increases;
  }
  await poll();
  return { world, simulator, poll };
}

const told = (increases: Map<string, Increase>, entity = VLAN) =>
  [inOctets, outOctets].map(
    ({ id }) => increases.get(`${entity} ${id}`)?.reason ?? increases.get(`${entity} ${id}`)?.amount,
  );

describe('increases', () => {
  test.each([
    ['a release of today', []],
    ['a release that sends strings throughout', ['as-strings']],
    ['a release before 17.2, through the IETF’s tree', ['old-release']],
    ['a release without Cisco’s tree', ['no-cisco-tree']],
    ['a release that takes no fields', ['no-fields']],
    ['a release that does not tell its clock', ['no-uptime']],
  ])('of %s count to the octet, poll after poll, while its boot-time jitters', async (_, faults) => {
    const { poll } = await lab(...faults);
    for (const afterMs of [PERIOD_MS + 1000, PERIOD_MS - 1000, PERIOD_MS]) {
      const increases = await poll(afterMs);
      const share = (whole: bigint) => (whole * BigInt(afterMs)) / BigInt(PERIOD_MS);
      expect(told(increases)).toEqual([share(RECEIVED), share(SENT)]);
      expect(increases.get(`${VLAN} ${outOctets.id}`)?.rateable).toBe(true);
    }
  });

  test.each([[[]], [['old-release']], [['no-uptime']]])(
    'a restart gives none, and the next one counts from there (%j)',
    async (faults) => {
      const { simulator, poll } = await lab(...faults);
      simulator.inject({ fault: 'reboot' });
      simulator.inject({ fault: 'load', interface: `${LINK}.10`, inMbps: 900, outMbps: 900 });
      // Long enough for the counters to stand higher than ever before.
      await poll(86_400_000).then((increases) => expect(told(increases)).toEqual(['reset', 'reset']));
      expect((await poll()).get(`${VLAN} ${inOctets.id}`)?.amount).toBe(33_750_000_000n);
    },
  );

  test('two restarts within seconds are seen by the age that fell', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'reboot' });
    await poll(20_000);
    simulator.inject({ fault: 'reboot' });
    simulator.inject({ fault: 'load', interface: `${LINK}.10`, inMbps: 900, outMbps: 900 });
    expect(told(await poll(9_000))).toEqual(['reset', 'reset']);
  });

  test('counters cleared on one interface are a reset of it alone, even when they stand higher soon', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'clear-counters', interface: `${LINK}.10` });
    simulator.inject({ fault: 'load', interface: `${LINK}.10`, inMbps: 1_000_000, outMbps: 1_000_000 });
    const increases = await poll();
    expect(told(increases)).toEqual(['reset', 'reset']);
    expect(told(increases, `core1/${LINK}`)).toEqual([RECEIVED, SENT]);
  });

  test('an upgrade to a release with wide counters is a new counter, not a jump', async () => {
    const { simulator, poll } = await lab('old-release');
    simulator.inject({ fault: 'recover' });
    simulator.inject({ fault: 'load', interface: `${LINK}.10`, inMbps: 80, outMbps: 800 });
    expect(told(await poll())).toEqual(['reset', 'reset']);
    expect(told(await poll())).toEqual([RECEIVED, SENT]);
  });

  test('an interface that is gone is not in the list, and its gap counts in whole when it is back', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'remove', interface: `${LINK}.10` });
    expect(told(await poll())).toEqual([undefined, undefined]);
    simulator.inject({ fault: 'recover' });
    simulator.inject({ fault: 'load', interface: `${LINK}.10`, inMbps: 80, outMbps: 800 });
    const increase = (await poll()).get(`${VLAN} ${inOctets.id}`);
    expect([increase?.reason, increase?.rateable]).toEqual(['gap', false]);
  });
});

test.each(['server-error', 'unauthorized', 'forbidden', 'redirect', 'rate-limit', 'locked', 'garbage'])(
  'a router that fails (%s) gives no reading at all, and the gap counts in whole when it is back',
  async (fault) => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault });
    await expect(poll()).rejects.toMatchObject({ code: expect.stringMatching(/^SOURCE_/) as string });
    const increase = (await poll()).get(`${VLAN} ${inOctets.id}`);
    expect([increase?.amount, increase?.reason]).toEqual([2n * RECEIVED, 'gap']);
  },
);

test('a list that is empty once is read from the other tree: another counter for one poll, never a made-up rate', async () => {
  const { simulator, poll } = await lab();
  simulator.inject({ fault: 'empty-204' });
  expect(told(await poll())).toEqual(['reset', 'reset']);
  expect(told(await poll())).toEqual(['reset', 'reset']);
  expect(told(await poll())).toEqual([RECEIVED, SENT]);
});

test('what IOS-XR answers says to use SNMP', async () => {
  const { simulator, poll } = await lab();
  simulator.inject({ fault: 'not-found' });
  await expect(poll()).rejects.toMatchObject({
    code: 'SOURCE_MALFORMED',
    message: expect.stringMatching(/IOS-XR has no RESTCONF, so read it by SNMP \(type snmp\)/) as string,
  });
});
