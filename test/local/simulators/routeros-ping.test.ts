/** The simulated RouterOS pings as a real one does: rows that add up, a minute at most, and losses on demand. */
import { afterEach, describe, expect, test } from 'vitest';
import type { RouterosSimulator } from '../../../local/simulators/routeros.ts';
import { callRouter, RouterosWorld } from './routeros-world.ts';

const world = new RouterosWorld();
afterEach(() => world.close());

async function ping(simulator: RouterosSimulator, body: unknown) {
  const { status, text } = await callRouter(simulator.url, '/rest/ping', {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return { status, body: JSON.parse(text) as Record<string, string>[] & { detail?: string } };
}

const asked = { address: '198.51.100.1', count: '5', interval: '200ms' };

describe('an address', () => {
  test('answers, row by row, every value a string', async () => {
    const { status, body } = await ping(await world.open(), { ...asked, count: 3 });
    expect([status, body.length]).toEqual([200, 3]);
    expect(body.every((row) => Object.values(row).every((value) => typeof value === 'string'))).toBe(true);
    expect(body.map(({ sent, received, seq }) => [seq, sent, received])).toEqual([
      ['0', '1', '1'],
      ['1', '2', '2'],
      ['2', '3', '3'],
    ]);
    expect(body[2]?.['avg-rtt']).toMatch(/^\d+ms(\d+us)?$/);
  });

  test('that is lossy loses its share exactly, however the echoes are cut into pings', async () => {
    const simulator = await world.open();
    simulator.inject({ fault: 'ping-loss', address: asked.address, percent: 30 });
    let received = 0;
    for (let i = 0; i < 20; i++) received += Number((await ping(simulator, asked)).body.at(-1)?.received);
    expect(received).toBe(70);
    expect(simulator.state()).toMatchObject({ routers: [{ pings: [{ address: asked.address, lossPercent: 30 }] }] });
  });

  test('that is silent or unreachable says so in each row, without a time', async () => {
    const simulator = await world.open();
    for (const [fault, status] of [
      ['ping-timeout', 'timeout'],
      ['ping-unreachable', 'host unreachable'],
    ] as const) {
      simulator.inject({ fault, address: asked.address });
      const { body } = await ping(simulator, asked);
      expect(body.at(-1)).toMatchObject({ status, sent: '5', received: '0', 'packet-loss': '100' });
      expect(body.some((row) => 'time' in row || 'avg-rtt' in row)).toBe(false);
    }
    for (const fault of [{ fault: 'ping-normal', address: asked.address }, { fault: 'recover' }]) {
      simulator.inject({ fault: 'ping-timeout', address: asked.address });
      simulator.inject(fault);
      expect((await ping(simulator, asked)).body.at(-1)?.received, fault.fault).toBe('5');
    }
  });

  test('has a latency of its own, or the one that it is given', async () => {
    const simulator = await world.open();
    simulator.inject({ fault: 'ping-latency', address: asked.address, milliseconds: 1500 });
    expect((await ping(simulator, { ...asked, count: '2' })).body.at(-1)).toMatchObject({ 'max-rtt': '1s500ms' });
  });
});

test.each([
  ['no address', { count: '5' }, 'missing =address='],
  ['no count, which would never end', { address: '198.51.100.1' }, 'Session closed'],
  ['more than a minute', { address: '198.51.100.1', count: '61' }, 'Session closed'],
  ['no echo', { ...asked, count: '0' }, 'invalid value for argument count'],
  ['an interval that is none', { ...asked, interval: 'often' }, 'invalid value for argument interval'],
])('%s is refused', async (_, body, detail) => {
  const answer = await ping(await world.open(), body);
  expect([answer.status, answer.body.detail]).toEqual([400, detail]);
});

test('a user without the right is refused until it is recovered', async () => {
  const simulator = await world.open();
  simulator.inject({ fault: 'no-ping' });
  const { status, body } = await ping(simulator, asked);
  expect([status, body.detail ?? '']).toEqual([500, 'not enough permissions (9)']);
  simulator.inject({ fault: 'recover' });
  expect((await ping(simulator, asked)).status).toBe(200);
});

test('a fault without its address, or out of bounds, is not understood', async () => {
  const simulator = await world.open();
  expect(() => simulator.inject({ fault: 'ping-timeout' })).toThrow('address must be the address as it is asked for');
  expect(() => simulator.inject({ fault: 'ping-loss', address: 'a', percent: 101 })).toThrow(RangeError);
});
