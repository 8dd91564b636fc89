/** Faults of SNMP routers from the socket to the increase: what the driver makes of a simulated router and switch. */
import { afterEach, describe, expect, test } from 'vitest';
import { inOctets, operStatus } from '../../../shared/interfaces/metrics.ts';
import { createSnmpCollector } from '../../../shared/interfaces/snmp.snmp.ts';
import { nextIncrease } from '../../../shared/samples/increase.ts';
import type { Increase, RawPoint } from '../../../shared/samples/sample.ts';
import { COMMUNITY, SnmpWorld } from '../../local/simulators/snmp-world.ts';
import { jobFor } from './table-agent.ts';

const PERIOD_MS = 300_000;
/** What 80 Mb/s are in a period. */
const PER_PERIOD = 3_000_000_000n;
const LINE = 'GigabitEthernet0/3/0';
const PORT = `core1/${LINE}`;
const VLAN = `core1/${LINE}.101`;

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

/** A router whose uplink and VLAN receive 80 Mb/s each, and its increases from one poll to the next. */
async function lab(...manners: readonly string[]) {
  const world = new SnmpWorld();
  const simulator = await world.open();
  toClose.push(world);
  for (const fault of manners) simulator.inject({ fault });
  for (const name of [LINE, `${LINE}.101`]) {
    simulator.inject({ fault: 'load', interface: name, inMbps: 80, outMbps: 5 });
  }
  const collector = createSnmpCollector({ clock: { now: () => world.now }, firstTimeoutsMs: [150, 150, 150] });
  const baselines = new Map<string, RawPoint>();
  async function poll(afterMs = PERIOD_MS) {
    world.now += afterMs;
    const job = jobFor(simulator.routers[0]?.port ?? 0, { secret: { community: COMMUNITY } });
    const page = await collector.read({ ...job, deadline: world.now + 5_000 });
    const increases = new Map<string, Increase>();
    for (const { entity, receivedAt, values, lives } of page.readings) {
      const [value, life] = [values[inOctets.id], lives?.[inOctets.id]];
      if (value === undefined || life === undefined) continue;
      const point = { slot: world.now, receivedAt, value, boundary: true, life };
      const step = nextIncrease(inOctets, baselines.get(entity), point, PERIOD_MS / 1000);
      baselines.set(entity, step.baseline);
      increases.set(entity, step.increase);
    }
    const told = (entity = VLAN) => increases.get(entity)?.reason ?? increases.get(entity)?.amount;
    return { page, told, increases };
  }
  await poll();
  return { world, simulator, poll };
}

describe('increases', () => {
  test.each([
    ['with all columns', []],
    ['without discontinuities and engine time, as switches', ['no-discontinuity', 'no-engine-time']],
    ['without an uptime', ['no-uptime']],
    ['with names in ifDescr only', ['no-names']],
  ])('of a router %s count to the octet', async (_, manners) => {
    const { poll } = await lab(...manners);
    for (let i = 0; i < 2; i++) {
      const { told } = await poll();
      expect([told(), told(PORT)]).toEqual([PER_PERIOD, PER_PERIOD]);
    }
  });

  test('from 32-bit columns count in whole where they cannot have wrapped unseen', async () => {
    const { simulator, poll } = await lab('narrow');
    // At 80 Mb/s of 1 Gb/s a 32-bit counter may wrap eight times in five minutes: nobody could tell.
    const fast = await poll();
    expect(fast.increases.get(VLAN)?.amount).toBeUndefined();
    simulator.inject({ fault: 'load', interface: `${LINE}.101`, inMbps: 1, outMbps: 1 });
    await poll(20_000);
    expect((await poll(20_000)).told()).toBe(2_500_000n);
  });

  test.each([
    ['a restart', 'reboot', {}],
    ['indexes that move', 'renumber', {}],
    ['counters that begin again and say so', 'reset-counters', { interface: `${LINE}.101` }],
  ])('over %s are none, and the next one counts from there', async (_, fault, parameters) => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault, ...parameters });
    expect((await poll()).told()).toBe('reset');
    expect((await poll()).told()).toBe(PER_PERIOD);
  });

  test('over counters that begin again unsaid are none as well: they fell', async () => {
    const { simulator, poll } = await lab('no-discontinuity');
    simulator.inject({ fault: 'reset-counters', interface: `${LINE}.101` });
    expect((await poll()).told()).toBe('reset');
    expect((await poll()).told(PORT)).toBe(PER_PERIOD);
  });

  test('a wide counter that jumps is implausible, and one that passes its end is a reset, never a wrap', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'wrap', interface: `${LINE}.101`, octets: 100_000_000 });
    const jumped = await poll(1_000);
    expect(jumped.told()).toBe('implausible');
    expect((await poll()).told()).toBe('reset');
    expect((await poll()).told()).toBe(PER_PERIOD);
  });

  test('more than a line of the speed that it calls its own could carry is not believed', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'lying-speed', interface: `${LINE}.101`, mbps: 10 });
    // Of two words in a row the higher one counts.
    expect((await poll()).told()).toBe(PER_PERIOD);
    expect((await poll()).told()).toBe('implausible');
    simulator.inject({ fault: 'recover' });
    simulator.inject({ fault: 'load', interface: `${LINE}.101`, inMbps: 80, outMbps: 5 });
    expect((await poll()).told()).toBe(PER_PERIOD);
  });
});

test('ports of one name stay apart by their index', async () => {
  const { simulator, poll } = await lab();
  simulator.inject({ fault: 'duplicate-names' });
  const { page } = await poll();
  expect(page.entities.map(({ id }) => id).sort()).toEqual([`${PORT}#1`, `${PORT}#20`, `${PORT}#5`]);
});

test('a link that goes down is told, and carries nothing', async () => {
  const { simulator, poll } = await lab();
  simulator.inject({ fault: 'link-down', interface: LINE });
  const { page, told } = await poll();
  expect(page.readings.find(({ entity }) => entity === PORT)?.values[operStatus.id]).toBe(2n);
  expect([told(PORT), told()]).toEqual([0n, PER_PERIOD]);
});

describe('the way to it', () => {
  test.each([
    ['loses every third request', { fault: 'lossy', every: 3 }],
    ['loses one answer', { fault: 'silent', times: 1 }],
    ['cuts one answer in half', { fault: 'truncated', times: 1 }],
  ])('that %s takes longer and brings the same', async (_, fault) => {
    const { simulator, poll } = await lab();
    simulator.inject(fault);
    const { page, told } = await poll();
    expect([page.complete, page.rejected, told()]).toEqual([true, [], PER_PERIOD]);
  });

  test('that is silent brings no reading, and the gap counts in whole when it is back', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'silent', times: 1_000_000 });
    await expect(poll()).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    simulator.inject({ fault: 'recover' });
    simulator.inject({ fault: 'load', interface: `${LINE}.101`, inMbps: 80, outMbps: 5 });
    expect((await poll()).told()).toBe('gap');
  });

  test('that is slow ends at the deadline', async () => {
    const { simulator, poll } = await lab();
    simulator.inject({ fault: 'slow', seconds: 600, times: 100 });
    await expect(poll()).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
  });
});
