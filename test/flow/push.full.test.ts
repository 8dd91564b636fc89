/** A site behind CGNAT: it sends, stays away for an hour, comes back with what it kept; others try to be it. */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readKernel } from '../../agent/kernel.ts';
import { localSubject } from '../../local/services/identity.ts';
import { siteSignature } from '../../shared/collect/site-key.ts';
import { eventually, type Flow, startFlow } from './flow.ts';
import { runsOf } from './story.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PERIOD_SECONDS = 300;
/** 100 Mb/s of a line of 1 Gb/s; for two slots of its absence 980 Mb/s. */
const OCTETS_PER_SECOND = 12_500_000;
const BURST_OCTETS = 2 * PERIOD_SECONDS * (980_000_000 / 8 - OCTETS_PER_SECOND);

let flow: Flow;
let key: { id: string; secret: string };
let startedAt: number;
let burst = 0;

interface Sent {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  readonly body: any;
}

const uptimeSeconds = (at: number) => (at - startedAt) / 1000 + 86_400;
/** All that were read, sent or not. */
const counters: number[] = [];
const octetsAt = (at: number) => {
  counters.push(Math.round(uptimeSeconds(at) * OCTETS_PER_SECOND) + burst);
  return String(counters.at(-1));
};
/** Uptime and counters of one instant, though the clock goes on. */
const reading = (at = flow.clock.now()) => ({
  uptimeSeconds: uptimeSeconds(at),
  interfaces: [
    {
      ...{ name: 'wan', index: 2, speedMbps: 1000, operStatus: 1, alias: 'uplink' },
      inOctets: octetsAt(at),
      outOctets: String(Math.round(uptimeSeconds(at) * 1000)),
    },
  ],
});

async function post(headers: Record<string, string>, body: string): Promise<Sent> {
  const response = await fetch(`${flow.cloud.publicUrl}/v1/ingest`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const answer = { status: response.status, headers: response.headers, body: await response.json() };
  await flow.settle();
  return answer;
}

function signed(pack: object, aheadSeconds = 0): [Record<string, string>, string] {
  const body = JSON.stringify(pack);
  const time = String(Math.floor(flow.clock.now() / 1000) + aheadSeconds);
  const signature = siteSignature(key.secret, time, Buffer.from(body));
  return [{ 'x-headroom-key': key.id, 'x-headroom-time': time, 'x-headroom-signature': signature }, body];
}
function pack(readings?: object[]): object {
  const at = flow.clock.now();
  return { version: 1, uptimeSeconds: uptimeSeconds(at), readings: readings ?? [reading(at)] };
}
const listed = async (tenant = 'demo') =>
  (await flow.call('GET', '/v1/interfaces', { tenant, role: 'viewer' })).body.items as {
    id: string;
    ifName: string;
    router: string;
  }[];
const wan = async (rest = '') =>
  (
    await flow.call('GET', `/v1/interfaces/${encodeURIComponent((await listed())[0]?.id ?? '')}${rest}`, {
      role: 'viewer',
    })
  ).body;
const openRules = async () =>
  (await flow.call('GET', '/v1/alerts', { role: 'viewer' })).body.items.map((alert: { rule: string }) => alert.rule);

beforeAll(async () => {
  flow = await startFlow();
  startedAt = flow.clock.now();
  await flow.addTenant('demo', { simulated: false });
  await flow.addTenant('rival', { simulated: false, phone: undefined });
  const body = { id: 'branch', type: 'push', name: 'Branch' };
  const made = await flow.call('POST', '/v1/sources', { body });
  expect(made.status).toBe(201);
  key = made.body.siteKey;
}, 120_000);

afterAll(() => flow.stop());

describe('a site that sends', () => {
  test('is read to the octet, and its line is known', async () => {
    for (let slot = 0; slot < 4; slot++) {
      const { status, body } = await post(...signed(pack()));
      expect([status, body.accepted]).toEqual([202, 1]);
      await flow.pass(5);
    }
    expect(await wan()).toMatchObject({
      ...{ router: 'branch', operStatus: 'up', speedBitsPerSecond: 1e9, stale: false },
      inBitsPerSecond: OCTETS_PER_SECOND * 8,
      outBitsPerSecond: 8000,
      inUtilisationPercent: 10,
    });
    const runs = await runsOf(flow, 'branch');
    expect(runs.map((run) => [run.status, run.manual])).toEqual(Array.from({ length: 4 }, () => ['success', false]));
  });

  test('is found out by its silence, though nobody can call it', async () => {
    const kept: object[] = [];
    for (let slot = 0; slot < 12; slot++) {
      if (slot === 4) burst = BURST_OCTETS / 2;
      if (slot === 5) burst = BURST_OCTETS;
      kept.push(reading());
      await flow.pass(5);
    }
    expect(await openRules()).toEqual(['interface-no-data']);
    expect((await runsOf(flow, 'branch')).filter((run) => run.status !== 'success')).toEqual([]);
    kept.push(reading());
    const { status, body } = await post(...signed(pack(kept.slice(1))));
    expect([status, body.accepted]).toEqual([202, 12]);
    await flow.pass(3);
  });

  test('and comes back with all it counted: no slot and no octet is missing, and nobody is woken for what is long over', async () => {
    expect(await openRules()).toEqual([]);
    const told = (await flow.messages()).map((message) => message.body).join('\n');
    expect(told).not.toContain('line speed');
    const { points } = await wan('/samples?metric=ifHCInOctets&step=raw');
    // The first slot of the silence was not kept: there is one gap, and its octets are counted.
    expect(
      points
        .map((point: { reason?: string }) => point.reason ?? '')
        .join(' ')
        .trim(),
    ).toBe('first    gap');
    const stats = await wan('/stats');
    const counted = counters[counters.length - 1] ?? 0;
    expect(Number(stats.inOctets)).toBe(counted - (counters[0] ?? 0));
    expect(counted).toBeGreaterThan(16 * PERIOD_SECONDS * OCTETS_PER_SECOND + BURST_OCTETS);
    // A slot of the story is longer than its 300 s by what the machine needed.
    expect(Math.abs(stats.inPeakBitsPerSecond - 980_000_000)).toBeLessThan(10_000_000);
  });
});

describe('who would like to be that site', () => {
  test('a recorded pack, a clock that is off, a body that was changed, a key that was renewed', async () => {
    await flow.pass(5);
    const [headers, body] = signed(pack());
    expect((await post(headers, body)).status).toBe(202);
    await flow.pass(2);
    expect((await post(headers, body)).status).toBe(409);
    expect((await post(headers, body.replace('"wan"', '"lan"'))).status).toBe(401);
    const sentAt = flow.clock.now();
    const off = await post(...signed(pack(), -400));
    expect(off.status).toBe(401);
    const told = Number(off.headers.get('x-headroom-time'));
    expect(told).toBeGreaterThanOrEqual(Math.floor(sentAt / 1000));
    expect(told).toBeLessThanOrEqual(flow.clock.now() / 1000);
    expect(off.body.detail).toMatch(/40[01] s behind/);
    const renewed = await flow.call('POST', '/v1/sources/branch/site-key');
    expect(renewed.status).toBe(201);
    await flow.pass(1);
    expect((await post(...signed(pack()))).status).toBe(401);
    key = renewed.body;
    expect((await post(...signed(pack()))).status).toBe(202);
    expect((await listed()).map((port) => port.ifName)).toEqual(['wan']);
    expect(await listed('rival')).toEqual([]);
  });

  test('a router gets its script, without the secret, once its source lets the secret stand for a signature', async () => {
    const refused = await flow.call('GET', '/v1/sources/branch/push-script');
    expect([refused.status, refused.body.detail]).toEqual([422, expect.stringContaining('settings.bearer')]);
    const { body: source } = await flow.call('GET', '/v1/sources/branch');
    const settings = { bearer: true };
    expect(
      (await flow.call('PATCH', '/v1/sources/branch', { body: { version: source.version, settings } })).status,
    ).toBe(200);
    const token = await flow.cloud.identity?.token(localSubject('demo', 'admin'));
    const headers = { authorization: `Bearer ${token}` };
    const script = await fetch(`${flow.cloud.publicUrl}/v1/sources/branch/push-script`, { headers });
    expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    const text = await script.text();
    expect(text).toContain(key.id);
    expect(text).not.toContain(key.secret);
    await flow.pass(5);
    expect((await post({ authorization: `Bearer ${key.id}.${key.secret}` }, JSON.stringify(pack()))).status).toBe(202);
  });

  test('the bundled agent sends the interfaces of this machine, though its clock is not the house’s', async () => {
    const made = await flow.call('POST', '/v1/sources', {
      body: { id: 'machine', type: 'push', name: 'This machine' },
    });
    const keyFile = join(flow.dataFolder, 'site-key.json');
    writeFileSync(keyFile, JSON.stringify(made.body.siteKey), { mode: 0o600 });
    const bundled = spawnSync(process.execPath, ['scripts/agent-bundle.ts'], { cwd: ROOT, encoding: 'utf8' });
    expect([bundled.status, bundled.stderr]).toEqual([0, '']);
    const args = ['.build/agent.mjs', '--url', flow.cloud.publicUrl, '--key-file', keyFile];
    const agent = spawn(process.execPath, args, { cwd: ROOT });
    const said: string[] = [];
    for (const stream of [agent.stdout, agent.stderr]) stream.on('data', (chunk: Buffer) => said.push(String(chunk)));
    const here = readKernel().interfaces.map((port) => port.name);
    try {
      // The first inventory is written interface by interface.
      const ports = await eventually(async () => {
        const mine = (await listed()).filter((port) => port.router === 'machine');
        return mine.length >= here.length ? mine : undefined;
      }, 30_000);
      expect(ports.map((port) => port.ifName).sort()).toEqual(here.sort());
    } finally {
      agent.kill();
    }
    expect(said.join('')).not.toContain(made.body.siteKey.secret);
    expect((await flow.call('DELETE', '/v1/sources/machine')).status).toBe(204);
  });

  test('a removed site is nobody’s', async () => {
    await flow.pass(5);
    const last = signed(pack());
    expect((await flow.call('DELETE', '/v1/sources/branch')).status).toBe(204);
    expect((await post(...last)).status).toBe(401);
    expect(await listed()).toEqual([]);
  });

  test('nothing was denied that the story needs', async () => {
    const iam = (await (await fetch(`${flow.cloud.publicUrl}/_local/iam`)).json()) as { denied: unknown[] };
    expect(iam.denied).toEqual([]);
  });
});
