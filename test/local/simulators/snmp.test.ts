/** The simulated SNMP routers: what is asked for is refused or done, and nothing secret stands in what they show. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SnmpSimulator } from '../../../local/simulators/snmp.ts';
import { snmpIspRouters } from '../../../local/simulators/snmp-isp.ts';
import { createSnmpCollector } from '../../../shared/interfaces/snmp.snmp.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { jobFor } from '../../shared/interfaces/table-agent.ts';
import { COMMUNITY, SNMP_ROUTER, SnmpWorld, START } from './snmp-world.ts';

const V3 = { version: 'v3' };
const KEYS = { user: 'headroom', authKey: COMMUNITY, privKey: COMMUNITY };

const world = new SnmpWorld();
let simulator: SnmpSimulator;
beforeEach(async () => {
  world.now = START;
  simulator = await world.open();
});
afterEach(() => world.close());

interface Shown {
  readonly routers: readonly {
    readonly uptimeSeconds: number;
    readonly interfaces: readonly { name: string; index: number; isDown: boolean; received: string; sent: string }[];
  }[];
}
const shown = () => (simulator.state() as Shown).routers[0];
const first = () => shown()?.interfaces[0];

test('traffic follows the day, however often one looks', async () => {
  const before = BigInt(first()?.received ?? 0);
  for (let i = 0; i < 60; i++) {
    world.now += 60_000;
    simulator.state();
  }
  const often = BigInt(first()?.received ?? 0) - before;
  await world.close();
  world.now = START;
  simulator = await world.open();
  world.now = START + 3_600_000;
  const once = BigInt(first()?.received ?? 0) - before;
  expect(Math.abs(Number(often - once))).toBeLessThan(100);
  expect(Number(once) * 8).toBeGreaterThan(0.05 * 8e8 * 3600);
});

test.each([
  [{ fault: 'explode' }, /fault must be one of reboot, renumber, /],
  [{ fault: 'wrap', bits: 48 }, /bits must be 32 or 64/],
  [{ fault: 'wrap', octets: 0 }, /octets must be a number from 1/],
  [{ fault: 'lossy', every: 1 }, /every must be a number from 2/],
  [{ fault: 'reboot', seconds: 1 }, /reboot has no parameter seconds/],
  [{ fault: 'link-down', interface: 'x' }, /interface must be one of GigabitEthernet0\/3\/0, /],
  [{ fault: 'slow', router: 'agg9' }, /router must be 1 to 1 or one of agg1/],
])('%j is refused in a sentence, and nothing is done', (fault, message) => {
  const before = shown();
  expect(() => simulator.inject(fault)).toThrow(RangeError);
  expect(() => simulator.inject(fault)).toThrow(message);
  expect(shown()).toEqual(before);
});

test.each([
  [64, 2n ** 64n],
  [32, 2n ** 32n],
])('wrap leaves the octets that were asked for until the end of %i bits', (bits, end) => {
  simulator.inject({ fault: 'wrap', bits, octets: 500 });
  expect([first()?.received, first()?.sent].map((octets) => BigInt(octets ?? 0) % end)).toEqual([
    end - 500n,
    end - 500n,
  ]);
});

test('recover takes everything back but what was counted', () => {
  const before = shown();
  for (const fault of ['renumber', 'narrow', 'no-names', 'link-down', 'lossy', 'silent', 'slow', 'lying-speed']) {
    simulator.inject({ fault });
  }
  simulator.inject({ fault: 'recover' });
  expect(shown()).toEqual(before);
});

test('closing does not wait for an answer that is slow', async () => {
  simulator.inject({ fault: 'slow', seconds: 600 });
  const { port = 0 } = simulator.routers[0] ?? {};
  const collector = createSnmpCollector({ clock: systemClock, firstTimeoutsMs: [200] });
  const run = collector.read(jobFor(port, { secret: { community: COMMUNITY } })).catch(() => 'cut');
  while (!JSON.stringify(simulator.state()).includes('"pendingFaults":[]')) await new Promise(setImmediate);
  await simulator.close();
  simulator = await world.open();
  expect(await run).toBe('cut');
});

test('neither state nor the list of faults holds the community, and each fault says what it takes', () => {
  expect(JSON.stringify([simulator.state(), simulator.faults(), simulator.url])).not.toContain(COMMUNITY);
  expect(simulator.faults().every(({ parameters }) => parameters.router !== undefined)).toBe(true);
});

test('the demo has a router and a switch that are read whole, and a fault strikes its own only', async () => {
  await world.close();
  simulator = await world.open({ routers: snmpIspRouters({ password: COMMUNITY, bootedAt: SNMP_ROUTER.bootedAt }) });
  simulator.inject({ fault: 'link-down', router: 'bdcom-sw-1', interface: 'g0/1' });
  const collector = createSnmpCollector({ clock: systemClock });
  const ports = simulator.routers.map(({ port }) => port);
  const [router, accessSwitch] = await Promise.all([
    collector.read(jobFor(ports[0] ?? 0, { settings: V3, secret: KEYS })),
    collector.read(jobFor(ports[1] ?? 0, { secret: { community: COMMUNITY } })),
  ]);
  const seen = [router, accessSwitch].map(({ readings, rejected }) => [
    readings.length,
    rejected.length,
    readings.filter(({ values }) => values.ifOperStatus === 2n).length,
  ]);
  expect(seen).toEqual([
    [7, 0, 0],
    [7, 0, 1],
  ]);
});
