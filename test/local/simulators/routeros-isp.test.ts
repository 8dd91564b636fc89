/** The demo's provider: numbers that agree with each other, and an evening in which its link is too small. */
import { describe, expect, test } from 'vitest';
import { startRouterosSimulator } from '../../../local/simulators/routeros.ts';
import { ispRouters, NTTN_VLANS } from '../../../local/simulators/routeros-isp.ts';
import { callRouter, PASSWORD, START, USER } from './routeros-world.ts';

const [core, access] = ispRouters({ user: USER, password: PASSWORD, bootedAt: START - 3_600_000 });
const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

test.each([
  ['core', core, 7],
  ['access', access, 42],
])('%s has its ports, each with a name and a number of its own', (_, { ports }, count) => {
  expect(ports).toHaveLength(count);
  expect(new Set(ports.map(({ name }) => name)).size).toBe(count);
  expect(new Set(ports.map(({ index }) => index)).size).toBe(count);
});

test('no port carries more than it can, and the whole is the sum of its parts', () => {
  const peakOf = (name: string, ports = core.ports) => ports.find((p) => p.name === name);
  const vlans = core.ports.filter(({ type }) => type === 'vlan');
  expect(peakOf('ether1')?.peakIn).toBe(sum(vlans.map(({ peakIn }) => peakIn)));
  expect(peakOf('ether1')?.peakIn).toBeLessThan(1e9);
  const sold = access.ports.filter(({ type }) => type !== 'ether');
  expect(peakOf('ether1', access.ports)?.peakOut).toBe(sum(sold.map(({ peakOut }) => peakOut)));
  expect(peakOf('ether1', access.ports)?.peakOut).toBeLessThan(1e9);
});

describe('the NTTN link', () => {
  /** Mb/s of its five VLANs in the five minutes before an hour of Dhaka. */
  async function megabitsAt(hour: number): Promise<number> {
    let now = START + (hour - 6) * 3_600_000 - 300_000;
    const simulator = await startRouterosSimulator({ routers: [core], now: () => now });
    try {
      const octets = async () => {
        const { text } = await callRouter(simulator.url, '/rest/interface?type=vlan');
        return sum((JSON.parse(text) as { 'rx-byte': string }[]).map((row) => Number(row['rx-byte'])));
      };
      const before = await octets();
      now += 300_000;
      return ((await octets()) - before) / 300 / 125_000;
    } finally {
      await simulator.close();
    }
  }

  test('passes 950 Mb/s in the evening and is far below 900 in the afternoon', async () => {
    expect(NTTN_VLANS).toHaveLength(5);
    const evening = await Promise.all([20.5, 20.75, 21, 21.25, 21.5].map(megabitsAt));
    expect(Math.max(...evening)).toBeGreaterThan(950);
    expect(Math.max(...evening)).toBeLessThan(1000);
    expect(await megabitsAt(15)).toBeLessThan(900);
  });
});
