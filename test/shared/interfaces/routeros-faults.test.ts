/** Faults 14 to 18 from a RouterOS to the increase: restarts, new numbers, namesakes and lies, over a real socket. */
import { afterEach, describe, expect, test } from 'vitest';
import { inOctets } from '../../../shared/interfaces/metrics.ts';
import { createRouterosCollector } from '../../../shared/interfaces/routeros.http.ts';
import { nextIncrease } from '../../../shared/samples/increase.ts';
import type { Increase, RawPoint } from '../../../shared/samples/sample.ts';
import { RouterosWorld } from '../../local/simulators/routeros-world.ts';
import { routerosJob } from './routeros-router.ts';

const PERIOD_MS = 300_000;
/** What 80 Mb/s are in a period. */
const PER_PERIOD = 3_000_000_000n;

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

/** A router whose every port carries 80 Mb/s, and its increases from one poll to the next. */
async function lab() {
  const world = new RouterosWorld();
  const simulator = await world.open();
  toClose.push(world);
  const names = ['ether1', 'ether2', 'vlan10', '<pppoe-r1001>'];
  for (const name of names) simulator.inject({ fault: 'load', interface: name, inMbps: 80, outMbps: 1 });
  const collector = createRouterosCollector({ clock: { now: () => world.now } });
  const baselines = new Map<string, RawPoint>();
  async function poll(afterMs = PERIOD_MS): Promise<Map<string, Increase>> {
    world.now += afterMs;
    const job = { ...routerosJob(simulator.routers[0]?.port ?? 0), deadline: world.now + 5_000 };
    const { readings } = await collector.read(job);
    const increases = new Map<string, Increase>();
    for (const { entity, receivedAt, values, lives } of readings) {
      const [value, life] = [values[inOctets.id], lives?.[inOctets.id]];
      if (value === undefined || life === undefined) continue;
      const point = { slot: world.now, receivedAt, value, boundary: true, life };
      const step = nextIncrease(inOctets, baselines.get(entity), point, PERIOD_MS / 1000);
      baselines.set(entity, step.baseline);
      increases.set(entity, step.increase);
    }
    return increases;
  }
  const first = await poll();
  return { world, simulator, poll, first };
}

const told = (increase: Increase | undefined) => [increase?.amount, increase?.reason];

describe('increases', () => {
  test('the first reading is no traffic; the next ones count to the octet, in exactly the time that passed', async () => {
    const { poll, first } = await lab();
    expect(told(first.get('core1/ether1'))).toEqual([undefined, 'first']);
    for (const increases of [await poll(PERIOD_MS + 250), await poll(PERIOD_MS - 250)]) {
      expect(increases.get('core1/vlan10')?.rateable).toBe(true);
    }
    const increase = (await poll()).get('core1/vlan10');
    expect(told(increase)).toEqual([PER_PERIOD, undefined]);
    expect(increase?.elapsedMs).toBe(PERIOD_MS);
  });

  test('a restart gives none, and the next one counts from there', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'reboot' });
    expect(told((await poll()).get('core1/ether1'))).toEqual([undefined, 'reset']);
    expect(told((await poll()).get('core1/ether1'))).toEqual([PER_PERIOD, undefined]);
  });

  test('a restart is seen although the counter has risen above where it was', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'reboot' });
    simulator.inject({ fault: 'load', interface: 'vlan10', inMbps: 1_000_000, outMbps: 1 });
    expect(told((await poll()).get('core1/vlan10'))).toEqual([undefined, 'reset']);
  });

  test('two restarts within seconds are seen by the uptime that fell', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'reboot' });
    await poll(20_000);
    simulator.inject({ fault: 'reboot' });
    simulator.inject({ fault: 'load', interface: 'vlan10', inMbps: 800, outMbps: 1 });
    expect(told((await poll(9_000)).get('core1/vlan10'))).toEqual([undefined, 'reset']);
  });

  test('an .id that moves gives none across interfaces: the name is the key, the .id part of the life', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'renumber' });
    const moved = await poll();
    expect(moved.size).toBe(8);
    for (const increase of moved.values()) expect(told(increase)).toEqual([undefined, 'reset']);
    expect(told((await poll()).get('core1/ether2'))).toEqual([PER_PERIOD, undefined]);
  });

  test('a session that came back under its name is a new counter', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'reconnect', interface: '<pppoe-r1001>' });
    simulator.inject({ fault: 'load', interface: '<pppoe-r1001>', inMbps: 100_000, outMbps: 1 });
    const increases = await poll();
    expect(told(increases.get('core1/<pppoe-r1001>'))).toEqual([undefined, 'reset']);
    expect(told(increases.get('core1/ether1'))).toEqual([PER_PERIOD, undefined]);
  });

  test('counters cleared by hand are a reset of that interface only, never a wrap and never 0', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'reset-counters', interface: 'ether1' });
    const increases = await poll();
    expect(told(increases.get('core1/ether1'))).toEqual([undefined, 'reset']);
    expect(told(increases.get('core1/ether2'))).toEqual([PER_PERIOD, undefined]);
  });

  test('namesakes count each for itself, and neither goes on from the one that was alone', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'duplicate-name', interface: 'ether1' });
    const doubled = await poll();
    expect(doubled.has('core1/ether1')).toBe(false);
    expect(told(doubled.get('core1/ether1#1'))).toEqual([undefined, 'first']);
    expect(told(doubled.get('core1/ether1#15728640'))).toEqual([undefined, 'first']);
    expect(told((await poll()).get('core1/ether1#1'))).toEqual([PER_PERIOD, undefined]);
  });

  test.each([
    ['falls', undefined, 'reset'],
    ['jumps', undefined, 'implausible'],
  ] as const)('a counter that %s gives none, and is nobody else’s trouble', async (shape, amount, reason) => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'lie', interface: 'ether1', shape });
    const increases = await poll();
    expect(told(increases.get('core1/ether1'))).toEqual([amount, reason]);
    expect(told(increases.get('core1/ether2'))).toEqual([PER_PERIOD, undefined]);
  });

  test.each(['text', 'negative', 'huge'])(
    'a counter of %s is no reading, and the gap counts in whole later',
    async (shape) => {
      const { simulator, poll } = await lab();
      simulator.inject({ fault: 'lie', interface: 'vlan10', shape });
      expect((await poll()).has('core1/vlan10')).toBe(false);
      simulator.inject({ fault: 'recover' });
      simulator.inject({ fault: 'load', interface: 'vlan10', inMbps: 80, outMbps: 1 });
      expect(told((await poll()).get('core1/vlan10'))).toEqual([2n * PER_PERIOD, 'gap']);
    },
  );

  test('a field that is absent is unknown, in both directions alone', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'drop-field', interface: 'vlan10', field: 'rx-byte' });
    const increases = await poll();
    expect(increases.has('core1/vlan10')).toBe(false);
    expect(increases.size).toBe(7);
  });
});

describe('the mistakes of the monitor that this replaces', () => {
  test.each(['server-error', 'unauthorized', 'login-page', 'redirect', 'session-closed', 'garbage'])(
    'a router that fails (%s) gives no reading at all, and the gap counts in whole when it is back',
    async (fault) => {
      const { simulator, poll } = await lab();
      simulator.inject({ fault });
      await expect(poll()).rejects.toMatchObject({ code: expect.stringMatching(/^SOURCE_/) as string });
      const increase = (await poll()).get('core1/ether1');
      expect(told(increase)).toEqual([2n * PER_PERIOD, 'gap']);
      expect(increase?.rateable).toBe(false);
    },
  );

  test('a VLAN’s rate is what its counter gained, not a part of its digits, and passes its capacity if it does', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'load', interface: 'vlan10', inMbps: 250, outMbps: 40 });
    const increase = (await poll()).get('core1/vlan10');
    expect((Number(increase?.amount) * 8) / (increase?.elapsedMs ?? 0) / 1000).toBe(250);
  });

  test('each direction has its own counter; they are never one sum', async () => {
    const { world, simulator } = await lab();
    world.now += PERIOD_MS;
    const job = { ...routerosJob(simulator.routers[0]?.port ?? 0), deadline: world.now + 5_000 };
    const { readings } = await createRouterosCollector({ clock: { now: () => world.now } }).read(job);
    const values = readings.find(({ entity }) => entity === 'core1/ether1')?.values;
    expect(Object.keys(values ?? {}).sort()).toEqual(['ifHCInOctets', 'ifHCOutOctets', 'ifOperStatus']);
    expect(values?.ifHCInOctets).not.toBe(values?.ifHCOutOctets);
  });

  test('a reader that is made anew for each run knows as much: what it knows is in the readings', async () => {
    const { world, simulator, poll } = await lab();
    const port = simulator.routers[0]?.port ?? 0;
    const read = () =>
      createRouterosCollector({ clock: { now: () => world.now } }).read({
        ...routerosJob(port),
        deadline: world.now + 5_000,
      });
    await poll();
    const [a, b] = [await read(), await read()];
    expect(a.readings).toEqual(b.readings);
  });
});

test('the simulator over TLS is read by its fingerprint', async () => {
  const world = new RouterosWorld();
  const simulator = await world.open({ tls: true });
  toClose.push(world);
  const [place] = simulator.routers;
  const job = routerosJob(place?.port ?? 0, { settings: { certificateSha256: place?.certificateSha256 } });
  const { readings } = await createRouterosCollector({ clock: { now: () => world.now } }).read({
    ...job,
    deadline: world.now + 5_000,
  });
  expect(readings).toHaveLength(8);
});
