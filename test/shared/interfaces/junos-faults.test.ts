/** Faults 14 to 18 from a Junos to the increase: restarts, cleared counters, links that go down, over a real SSH session. */
import { afterEach, describe, expect, test } from 'vitest';
import { createJunosCollector } from '../../../shared/interfaces/junos.netconf.ts';
import { inOctets } from '../../../shared/interfaces/metrics.ts';
import { nextIncrease } from '../../../shared/samples/increase.ts';
import type { Increase, RawPoint } from '../../../shared/samples/sample.ts';
import { JunosWorld } from '../../local/simulators/junos-world.ts';
import { junosJob } from './junos-router.ts';

const PERIOD_MS = 300_000;
/** What 80 Mb/s are in a period. */
const PER_PERIOD = 3_000_000_000n;
const PORT = 'core1/ge-0/0/0';
const UNIT = 'core1/ge-0/0/0.10';

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

/** A router whose five units carry 80 Mb/s each, and its increases from one poll to the next. */
async function lab() {
  const world = new JunosWorld();
  const simulator = await world.open();
  toClose.push(world);
  simulator.inject({ fault: 'load', inMbps: 400, outMbps: 5 });
  const collector = createJunosCollector({ clock: { now: () => world.now } });
  const baselines = new Map<string, RawPoint>();
  async function poll(afterMs = PERIOD_MS) {
    world.now += afterMs;
    const job = { ...junosJob(simulator.routers[0]?.port ?? 0), deadline: world.now + 5_000 };
    const { readings } = await collector.read(job);
    const increases = new Map<string, Increase>();
    const states = new Map(readings.map(({ entity, values }) => [entity, values.ifOperStatus]));
    for (const { entity, receivedAt, values, lives } of readings) {
      const [value, life] = [values[inOctets.id], lives?.[inOctets.id]];
      if (value === undefined || life === undefined) continue;
      const point = { slot: world.now, receivedAt, value, boundary: true, life };
      const step = nextIncrease(inOctets, baselines.get(entity), point, PERIOD_MS / 1000);
      baselines.set(entity, step.baseline);
      increases.set(entity, step.increase);
    }
    return { told: (name: string) => [increases.get(name)?.amount, increases.get(name)?.reason], states };
  }
  return { world, simulator, poll, first: await poll() };
}

describe('increases', () => {
  test('the first reading is no traffic; the next ones count to the octet', async () => {
    const { poll, first } = await lab();
    expect(first.told(UNIT)).toEqual([undefined, 'first']);
    const { told } = await poll();
    expect(told(UNIT)).toEqual([PER_PERIOD, undefined]);
    expect(told(PORT)).toEqual([5n * PER_PERIOD, undefined]);
  });

  test('a restart is a reset for all, and no interval later', async () => {
    const { poll, simulator } = await lab();
    await poll();
    simulator.inject({ fault: 'reboot' });
    const after = await poll();
    expect([after.told(UNIT), after.told(PORT)]).toEqual([
      [undefined, 'reset'],
      [undefined, 'reset'],
    ]);
    expect((await poll()).told(UNIT)).toEqual([PER_PERIOD, undefined]);
  });

  test('cleared counters are a reset although they may have risen past where they were', async () => {
    const { poll, simulator, world } = await lab();
    simulator.inject({ fault: 'reboot' });
    await poll(1000);
    world.now += 1000;
    simulator.inject({ fault: 'clear-statistics', interface: 'ge-0/0/0' });
    const after = await poll();
    expect([after.told(UNIT), after.told(PORT)]).toEqual([
      [undefined, 'reset'],
      [undefined, 'reset'],
    ]);
    expect((await poll()).told(UNIT)).toEqual([PER_PERIOD, undefined]);
  });

  test('the counters of a unit cleared alone are a reset of it, and of its port', async () => {
    const { poll, simulator } = await lab();
    await poll();
    simulator.inject({ fault: 'clear-statistics', interface: 'ge-0/0/0.10' });
    const after = await poll();
    expect(after.told(UNIT)).toEqual([undefined, 'reset']);
    expect(after.told('core1/ge-0/0/0.20')).toEqual([PER_PERIOD, undefined]);
  });

  test('a link that goes down carries nothing, is told, and is no new life when it comes back', async () => {
    const { poll, simulator } = await lab();
    await poll();
    simulator.inject({ fault: 'link-down', interface: 'ge-0/0/0' });
    const down = await poll();
    expect([down.told(UNIT), down.states.get(PORT), down.states.get(UNIT)]).toEqual([[0n, undefined], 2n, 7n]);
    simulator.inject({ fault: 'link-up', interface: 'ge-0/0/0' });
    const up = await poll();
    expect([up.told(UNIT), up.states.get(PORT), up.states.get(UNIT)]).toEqual([[PER_PERIOD, undefined], 1n, 1n]);
  });

  test('a run that fails leaves a gap, which the next one counts', async () => {
    const { poll, simulator } = await lab();
    await poll();
    simulator.inject({ fault: 'closes' });
    await expect(poll()).rejects.toThrow(/closed the session/);
    expect((await poll()).told(UNIT)).toEqual([2n * PER_PERIOD, 'gap']);
  });
});
