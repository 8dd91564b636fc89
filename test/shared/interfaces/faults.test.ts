/** Fault 16 from the router to the increase: restarts, wraps, moved indexes and jumps, over a real socket. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Kernel, KernelInterface } from '../../../agent/kernel.ts';
import { type KernelAgent, startKernelAgent } from '../../../local/agent/kernel-agent.ts';
import { inOctets } from '../../../shared/interfaces/metrics.ts';
import { createSnmpCollector } from '../../../shared/interfaces/snmp.snmp.ts';
import { nextIncrease } from '../../../shared/samples/increase.ts';
import type { Increase, RawPoint } from '../../../shared/samples/sample.ts';
import { jobFor, type Row, startTableAgent, tableOf } from './table-agent.ts';

const PERIOD_MS = 300_000;
const START = Date.UTC(2026, 10, 20);

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

/** A world whose time is moved by hand: the device's clock and ours pass alike. */
class World {
  now = START;
  readonly collector = createSnmpCollector({ clock: { now: () => this.now }, firstTimeoutsMs: [300, 300] });
  readonly #baselines = new Map<string, RawPoint>();

  /** The increase of what came in, by entity, since the walk before. */
  async poll(port: number): Promise<Map<string, Increase>> {
    const job = { ...jobFor(port, { secret: { community: 'lab' } }), deadline: this.now + 5_000 };
    const { readings } = await this.collector.read(job);
    const increases = new Map<string, Increase>();
    for (const { entity, receivedAt, values, lives } of readings) {
      const [value, life] = [values[inOctets.id], lives?.[inOctets.id]];
      if (value === undefined || life === undefined) continue;
      const point = { slot: this.now, receivedAt, value, boundary: true, life };
      const step = nextIncrease(inOctets, this.#baselines.get(entity), point, PERIOD_MS / 1000);
      this.#baselines.set(entity, step.baseline);
      increases.set(entity, step.increase);
    }
    return increases;
  }

  pass(ms = PERIOD_MS): void {
    this.now += ms;
  }
}

const told = (increase: Increase | undefined) => [increase?.amount, increase?.reason];

describe('the agent of this machine', () => {
  async function lab(speedMbps = 1000) {
    const world = new World();
    const octets = { eth0: 10n ** 12n, eth1: 5n * 10n ** 9n };
    const counters = (value: bigint) => ({ octets: value, packets: 0n, errors: 0n, drops: 0n });
    const port = (name: 'eth0' | 'eth1', index: number): KernelInterface => ({
      ...{ name, index, alias: '', type: 6, mtu: 1500, speedMbps, macAddress: Buffer.alloc(6) },
      ...{ isEnabled: true, operStatus: 1, received: counters(octets[name]), sent: counters(0n) },
    });
    const read = (): Kernel => ({ uptimeMs: 86_400_000, interfaces: [port('eth0', 2), port('eth1', 3)] });
    const agent: KernelAgent = await startKernelAgent({ community: 'lab', read, now: () => world.now });
    toClose.push(agent);
    const poll = async () => {
      world.pass();
      octets.eth0 += 1_000_000n;
      octets.eth1 += 2_000n;
      return world.poll(agent.port);
    };
    await poll();
    return { world, agent, poll };
  }

  test('counts what passes, port by port', async () => {
    const { poll } = await lab();
    const increases = await poll();
    expect(told(increases.get('core1/eth0'))).toEqual([1_000_000n, undefined]);
    expect(told(increases.get('core1/eth1'))).toEqual([2_000n, undefined]);
    expect(increases.get('core1/eth0')?.elapsedMs).toBe(PERIOD_MS);
  });

  test('a restart gives no increase, and the next one counts from there', async () => {
    const { agent, poll } = await lab();
    agent.inject({ fault: 'reboot' });
    expect(told((await poll()).get('core1/eth0'))).toEqual([undefined, 'reset']);
    expect(told((await poll()).get('core1/eth0'))).toEqual([1_000_000n, undefined]);
  });

  test('indexes that move give no increase across ports: the name is the key, the index part of the life', async () => {
    const { agent, poll } = await lab();
    agent.inject({ fault: 'renumber' });
    const moved = await poll();
    expect(told(moved.get('core1/eth0'))).toEqual([undefined, 'reset']);
    expect(told(moved.get('core1/eth1'))).toEqual([undefined, 'reset']);
    const after = await poll();
    expect(told(after.get('core1/eth0'))).toEqual([1_000_000n, undefined]);
    expect(told(after.get('core1/eth1'))).toEqual([2_000n, undefined]);
  });

  test('a 64-bit counter that jumps ahead is implausible, and one that falls is a reset, never a wrap', async () => {
    const { agent, poll } = await lab();
    agent.inject({ fault: 'wrap', bits: 64, octets: 100_000 });
    expect(told((await poll()).get('core1/eth1'))).toEqual([undefined, 'implausible']);
    expect(told((await poll()).get('core1/eth0'))).toEqual([1_000_000n, undefined]);
    agent.inject({ fault: 'wrap', bits: 64, octets: 1_500_000 });
    await poll();
    expect(told((await poll()).get('core1/eth0'))).toEqual([undefined, 'reset']);
  });

  test('a silent router gives nothing, and the gap counts in whole when it is back', async () => {
    const { world, agent, poll } = await lab();
    agent.inject({ fault: 'stop', seconds: 650 });
    await expect(poll()).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await expect(poll()).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    const increase = (await poll()).get('core1/eth0');
    expect(told(increase)).toEqual([3_000_000n, 'gap']);
    expect(increase?.rateable).toBe(false);
    expect(world.now - START).toBe(4 * PERIOD_MS);
  });
});

describe('other routers', () => {
  /** Polls the tables one after the other, `PERIOD_MS` apart unless told. */
  async function increasesOf(
    tables: readonly { row: Row; uptimeTicks?: number; engineSeconds?: number; afterMs?: number }[],
  ) {
    const world = new World();
    let at = 0;
    const agent = await startTableAgent(() => {
      const table = tables[at];
      return table === undefined ? [] : tableOf(table.uptimeTicks, [table.row], table.engineSeconds);
    });
    toClose.push(agent);
    const list: (readonly [bigint | undefined, string | undefined])[] = [];
    for (const table of tables) {
      if (at > 0) world.pass(table.afterMs ?? PERIOD_MS);
      const increase = (await world.poll(agent.port)).get('core1/p1');
      list.push([increase?.amount, increase?.reason]);
      at += 1;
    }
    return list.slice(1);
  }

  const TICKS = PERIOD_MS / 10;
  const narrow = (octets: number, speedMbps: number): Row => ({
    index: 1,
    name: 'p1',
    narrow: [octets, 0],
    speedMbps,
    status: 1,
    type: 6,
  });
  const wide = (octets: bigint, more: Partial<Row> = {}): Row => ({
    index: 1,
    name: 'p1',
    wide: [octets, 0n],
    speedMbps: 1000,
    status: 1,
    type: 6,
    ...more,
  });

  test('a 32-bit counter of a slow port that wraps is an increase', async () => {
    const tables = [
      { row: narrow(4_294_967_000, 10), uptimeTicks: 1000 },
      { row: narrow(704, 10), uptimeTicks: 1000 + TICKS },
    ];
    expect(await increasesOf(tables)).toEqual([[1_000n, undefined]]);
  });

  test('a 32-bit counter of a fast port is unknown, whether it rises or falls', async () => {
    const tables = [
      { row: narrow(1_000, 1000), uptimeTicks: 1000 },
      { row: narrow(5_000, 1000), uptimeTicks: 1000 + TICKS },
      { row: narrow(2_000, 1000), uptimeTicks: 1000 + 2 * TICKS },
    ];
    expect(await increasesOf(tables)).toEqual([
      [undefined, 'narrow'],
      [undefined, 'narrow'],
    ]);
  });

  test('a discontinuity time that changes is a new life, whatever the counter does', async () => {
    const tables = [
      { row: wide(1_000n, { discontinuity: 0 }), uptimeTicks: 1000 },
      { row: wide(9_000n, { discontinuity: 29_000 }), uptimeTicks: 1000 + TICKS },
    ];
    expect(await increasesOf(tables)).toEqual([[undefined, 'reset']]);
  });

  test('without a discontinuity time (RouterOS), a restart shows by its uptime although the counter rose', async () => {
    const tables = [
      { row: wide(1_000n), uptimeTicks: 90_000_000 },
      { row: wide(9_000n), uptimeTicks: 20_000 },
    ];
    expect(await increasesOf(tables)).toEqual([[undefined, 'reset']]);
  });

  test.each([
    ['with the engine’s clock', true],
    ['without it', false],
  ])('uptime that begins again after 497 days is no restart, %s', async (_, hasEngine) => {
    const before = 2 ** 32 - TICKS / 2;
    const engine = (ticks: number) => (hasEngine ? { engineSeconds: Math.floor(ticks / 100) } : {});
    const tables = [
      { row: wide(1_000n), uptimeTicks: before, ...engine(before) },
      { row: wide(9_000n), uptimeTicks: TICKS / 2, ...engine(before + TICKS) },
    ];
    expect(await increasesOf(tables)).toEqual([[8_000n, undefined]]);
  });

  test('a change of column is a new life: the 64-bit one appears after an upgrade', async () => {
    const tables = [
      { row: narrow(1_000, 10), uptimeTicks: 1000 },
      { row: wide(1_000n, { speedMbps: 10 }), uptimeTicks: 1000 + TICKS },
    ];
    expect(await increasesOf(tables)).toEqual([[undefined, 'reset']]);
  });

  test('a device that gives no uptime is read all the same', async () => {
    const tables = [{ row: wide(1_000n) }, { row: wide(9_000n) }, { row: wide(500n) }];
    expect(await increasesOf(tables)).toEqual([
      [8_000n, undefined],
      [0n, 'jitter'],
    ]);
  });
});
