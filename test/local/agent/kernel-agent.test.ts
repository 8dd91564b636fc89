/** The agent that serves this machine's own counters: true numbers, proper walks, and faults that can be asked for. */
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSession, isVarbindError, Version2c } from 'net-snmp';
import { afterEach, describe, expect, test } from 'vitest';
import { isKernelAgentAvailable, type Kernel, type KernelInterface, readKernel } from '../../../agent/kernel.ts';
import { type KernelAgent, startKernelAgent } from '../../../local/agent/kernel-agent.ts';

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

const counters = (octets: bigint) => ({ octets, packets: 5n, errors: 0n, drops: 0n });
const port = (name: string, index: number, octets: bigint): KernelInterface => ({
  name,
  index,
  alias: '',
  type: 6,
  mtu: 1500,
  speedMbps: 1000,
  macAddress: Buffer.from('020000000001', 'hex'),
  isEnabled: true,
  operStatus: 1,
  received: counters(octets),
  sent: counters(octets + 1n),
});

async function agentOf(kernel: () => Kernel, now?: () => number): Promise<KernelAgent> {
  const agent = await startKernelAgent({ community: 'lab', read: kernel, ...(now === undefined ? {} : { now }) });
  toClose.push(agent);
  return agent;
}

const still = (): Kernel => ({ uptimeMs: 5_000_000, interfaces: [port('eth0', 2, 1000n), port('eth1', 3, 2000n)] });

interface Shown {
  uptimeSeconds: number;
  silentSeconds: number;
  silentRequests: number;
  interfaces: { name: string; index: number; inOctets: string; outOctets: string }[];
}
const shown = (agent: KernelAgent) => agent.state() as Shown;

/** Everything below an OID, in the order in which it came. */
function walk(agentPort: number, oid: string): Promise<{ oid: string; value: unknown }[]> {
  const session = createSession('127.0.0.1', 'lab', { port: agentPort, version: Version2c, retries: 0, timeout: 1000 });
  const found: { oid: string; value: unknown }[] = [];
  return new Promise((resolve, reject) => {
    session.subtree(
      oid,
      7,
      (varbinds) => {
        for (const varbind of varbinds) found.push({ oid: varbind.oid, value: varbind.value });
      },
      (error) => {
        session.close();
        if (error) reject(error);
        else resolve(found);
      },
    );
  });
}

function get(agentPort: number, oids: string[], community = 'lab'): Promise<unknown[]> {
  const session = createSession('127.0.0.1', community, {
    port: agentPort,
    version: Version2c,
    retries: 0,
    timeout: 300,
  });
  return new Promise((resolve, reject) => {
    session.get(oids, (error, varbinds) => {
      session.close();
      if (error) reject(error);
      else resolve((varbinds ?? []).map((one) => (isVarbindError(one) ? `type ${one.type}` : one.value)));
    });
  });
}

describe.skipIf(!isKernelAgentAvailable())('on Linux (skipped elsewhere: it serves /proc and /sys)', () => {
  test('it serves every interface of this machine, with counters that move when traffic does', async () => {
    const agent = await startKernelAgent({ community: 'lab' });
    toClose.push(agent);
    const names = (await walk(agent.port, '1.3.6.1.2.1.31.1.1.1.1')).map(({ value }) => String(value));
    expect(names).toEqual(expect.arrayContaining(Object.keys(networkInterfaces())));
    const octetsOfLo = () => BigInt(shown(agent).interfaces.find(({ name }) => name === 'lo')?.inOctets ?? 0);
    const before = octetsOfLo();
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.send(Buffer.alloc(20_000), agent.port, '127.0.0.1', () => resolve()));
    socket.close();
    await expect.poll(() => octetsOfLo() - before).toBeGreaterThanOrEqual(20_000n);
  });

  test('its uptime is the machine’s', async () => {
    const agent = await startKernelAgent({ community: 'lab' });
    toClose.push(agent);
    const [ticks] = await get(agent.port, ['1.3.6.1.2.1.1.3.0']);
    expect(Math.abs(Number(ticks) * 10 - readKernel().uptimeMs)).toBeLessThan(2_000);
  });
});

describe('the kernel’s files', () => {
  test('are read as Linux writes them, and what a container hides is left at 0', () => {
    const root = mkdtempSync(join(tmpdir(), 'headroom-kernel-'));
    toClose.push({ close: () => rmSync(root, { recursive: true }) });
    mkdirSync(join(root, 'proc/net'), { recursive: true });
    mkdirSync(join(root, 'sys/class/net/br0/bridge'), { recursive: true });
    writeFileSync(join(root, 'proc/uptime'), '86400.25 100.00\n');
    writeFileSync(
      join(root, 'proc/net/dev'),
      [
        'Inter-|   Receive |  Transmit',
        ' face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed',
        '   br0: 18446744073709551615 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0',
        'eth0.10:1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0',
        'broken: 1 2 x',
        '',
      ].join('\n'),
    );
    const file = (name: string, text: string) => writeFileSync(join(root, 'sys/class/net/br0', name), text);
    file('ifindex', '7\n');
    file('operstate', 'lowerlayerdown\n');
    file('flags', '0x1003\n');
    file('speed', '-1\n');
    file('ifalias', 'uplink to core\n');
    file('address', '02:00:00:00:00:01\n');
    const { uptimeMs, interfaces } = readKernel(root);
    expect(uptimeMs).toBe(86_400_250);
    expect(interfaces.map(({ name, index }) => [name, index])).toEqual([
      ['eth0.10', 2],
      ['br0', 7],
    ]);
    expect(interfaces[1]).toMatchObject({
      type: 209,
      operStatus: 7,
      isEnabled: true,
      speedMbps: 0,
      alias: 'uplink to core',
    });
    expect(interfaces[1]?.received).toEqual({ octets: 2n ** 64n - 1n, packets: 2n, errors: 3n, drops: 4n });
    expect(interfaces[1]?.sent).toEqual({ octets: 5n, packets: 6n, errors: 7n, drops: 8n });
  });
});

describe('the tables', () => {
  test('are walked in the order of the MIB, to the end, each variable once', async () => {
    const agent = await agentOf(still);
    const found = (await walk(agent.port, '1.3.6.1')).map(({ oid }) => oid.split('.').map(Number));
    const sorted = [...found].sort((a, b) => {
      const at = a.findIndex((arc, i) => arc !== b[i]);
      return at < 0 ? a.length - b.length : (a[at] ?? -1) - (b[at] ?? -1);
    });
    expect(found).toEqual(sorted);
    expect(new Set(found.map(String)).size).toBe(found.length);
    expect(found).toHaveLength(7 + 1 + 2 * 17 + 2 * 8 + 1);
  });

  test('answer get with the value, and with the right kind of nothing', async () => {
    const agent = await agentOf(still);
    expect(
      await get(agent.port, [
        '1.3.6.1.2.1.31.1.1.1.1.2',
        '1.3.6.1.2.1.2.2.1.10.3',
        '1.3.6.1.2.1.31.1.1.1.6.99',
        '1.3.6.1.4.1.1.0',
      ]),
    ).toEqual([Buffer.from('eth0'), 2000, 'type 129', 'type 128']);
  });

  test('answer another community with silence', async () => {
    const agent = await agentOf(still);
    await expect(get(agent.port, ['1.3.6.1.2.1.1.3.0'], 'other')).rejects.toThrow('timed out');
  });

  test('show the low half of a wide counter in the 32-bit column', async () => {
    const agent = await agentOf(() => ({ uptimeMs: 1, interfaces: [port('eth0', 1, 2n ** 32n + 5n)] }));
    const [wide, narrow] = await get(agent.port, ['1.3.6.1.2.1.31.1.1.1.6.1', '1.3.6.1.2.1.2.2.1.10.1']);
    expect([(wide as Buffer).toString('hex'), narrow]).toEqual(['0100000005', 5]);
  });
});

describe('a fault', () => {
  test('reboot: uptime and counters begin again at 0 and go on from there', async () => {
    let octets = 1_000_000n;
    let uptimeMs = 5_000_000;
    const agent = await agentOf(() => ({ uptimeMs, interfaces: [port('eth0', 1, octets)] }));
    agent.inject({ fault: 'reboot' });
    expect(shown(agent)).toMatchObject({ uptimeSeconds: 0, interfaces: [{ inOctets: '0', outOctets: '0' }] });
    octets += 700n;
    uptimeMs += 30_000;
    expect(shown(agent)).toMatchObject({ uptimeSeconds: 30, interfaces: [{ inOctets: '700', outOctets: '700' }] });
  });

  test.each([
    [64, 2n ** 64n],
    [32, 2n ** 32n],
  ])('wrap: %i-bit counters stand just before their end, and pass it', async (bits, end) => {
    let octets = 10n ** 12n;
    const agent = await agentOf(() => ({ uptimeMs: 1, interfaces: [port('eth0', 1, octets)] }));
    agent.inject({ fault: 'wrap', bits, octets: 500 });
    const seen = () => BigInt(shown(agent).interfaces[0]?.inOctets ?? 0) % end;
    expect(seen()).toBe(end - 500n);
    octets += 600n;
    expect(seen()).toBe(100n);
  });

  test('renumber: indexes are handed on among the same interfaces', async () => {
    const agent = await agentOf(still);
    agent.inject({ fault: 'renumber' });
    expect(shown(agent).interfaces.map(({ name, index, inOctets }) => [name, index, inOctets])).toEqual([
      ['eth1', 2, '2000'],
      ['eth0', 3, '1000'],
    ]);
  });

  test('stop: no answers for so many requests, or so long', async () => {
    let now = 1_000_000;
    const agent = await agentOf(still, () => now);
    agent.inject({ fault: 'stop', times: '1' });
    await expect(get(agent.port, ['1.3.6.1.2.1.1.3.0'])).rejects.toThrow('timed out');
    expect(await get(agent.port, ['1.3.6.1.2.1.1.3.0'])).toEqual([500_000]);
    agent.inject({ fault: 'stop', seconds: 30 });
    await expect(get(agent.port, ['1.3.6.1.2.1.1.3.0'])).rejects.toThrow('timed out');
    now += 30_000;
    expect(await get(agent.port, ['1.3.6.1.2.1.1.3.0'])).toEqual([503_000]);
  });

  test.each([
    [{ fault: 'explode' }, /fault must be one of reboot, wrap, renumber, stop/],
    [{ fault: 'reboot', seconds: 3 }, /reboot has no parameter seconds; it takes none/],
    [{ fault: 'wrap', bits: 16 }, /bits must be 32 or 64/],
    [{ fault: 'wrap', octets: '5.5' }, /octets must be a whole number/],
    [{ fault: 'stop', seconds: 0 }, /seconds must be a number from 1/],
  ])('that is not understood is refused in one sentence: %j', async (fault, message) => {
    const agent = await agentOf(still);
    expect(() => agent.inject(fault)).toThrow(RangeError);
    expect(() => agent.inject(fault)).toThrow(message);
    expect(shown(agent).interfaces.map(({ inOctets }) => inOctets)).toEqual(['1000', '2000']);
  });

  test('is listed with its parameters, and neither state nor list holds the community', async () => {
    const agent = await startKernelAgent({ community: 'planted-secret', read: still });
    toClose.push(agent);
    expect(agent.faults().map(({ name }) => name)).toEqual(['reboot', 'wrap', 'renumber', 'stop']);
    expect(agent.url).toBe(`udp://127.0.0.1:${agent.port}`);
    expect(JSON.stringify([agent.state(), agent.faults(), agent.url])).not.toContain('planted-secret');
  });
});
