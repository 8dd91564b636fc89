/** The agent of a site against the very function that takes its packs; only the network between them is ours to break. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { Kernel, KernelInterface } from '../../agent/kernel.ts';
import { createPushAgent, type PushAgent } from '../../agent/push-agent.ts';
import { createApi } from '../../functions/api/api.ts';
import { createIngestEndpoints } from '../../functions/api/ingest.ts';
import { createSites } from '../../functions/api/ingest-proof.ts';
import type { QueuedCollectMessage } from '../../shared/collect/collect.contract.ts';
import { phaseSeconds } from '../../shared/collect/schedule.ts';
import type { SecretFields } from '../../shared/collect/secrets.port.ts';
import type { SiteKey } from '../../shared/collect/site-key.ts';
import { openSiteKeyStore } from '../../shared/collect/site-keys.dynamodb.ts';
import { AppError } from '../../shared/platform/errors.ts';
import { eventOf } from '../functions/api/asking.ts';
import { MovableClock, memoryQueue, memoryTenants, NOON, sourceNamed, tenantNamed } from '../shared/collect/fakes.ts';
import { createFakeTable } from '../shared/fake-table.ts';

const PERIOD = 300_000;
const SLOT = Math.floor(NOON / PERIOD) * PERIOD + phaseSeconds('demo', 300) * 1000;

let house: MovableClock;
let queue: ReturnType<typeof memoryQueue<QueuedCollectMessage>>;
let key: SiteKey;
let enabled: boolean;
/** Of the machine's clock before the house's. */
let skewMs: number;
/** What the network does to a request; undefined = it arrives. */
let broken: ((body: string) => { status: number } | Error | undefined) | undefined;
let said: string[];
let requests: number[];
let ports: KernelInterface[];
let agent: PushAgent;

const port = (name: string, index: number): KernelInterface => {
  const none = { octets: 0n, packets: 0n, errors: 0n, drops: 0n };
  const base = { name, index, alias: '', type: 6, mtu: 1500, speedMbps: 1000, macAddress: Buffer.alloc(6) };
  return { ...base, isEnabled: true, operStatus: 1, received: { ...none, octets: 2n ** 63n }, sent: none };
};

beforeEach(async () => {
  house = new MovableClock();
  house.at = SLOT + 1000;
  queue = memoryQueue();
  [enabled, skewMs, broken, said, requests, ports] = [true, 0, undefined, [], [], [port('eth0', 2)]];
  const table = createFakeTable();
  let stored: SecretFields | undefined;
  const secrets = {
    readSecret: async () => stored,
    async writeSecret(_tenant: string, _source: string, fields: SecretFields | undefined) {
      stored = fields;
    },
    readTokenKey: async () => new Uint8Array(32),
  };
  const keys = openSiteKeyStore({ table, secrets });
  key = await keys.renew({ tenant: 'demo', source: 'branch' });
  const tenants = memoryTenants(tenantNamed('demo'));
  const source = () => sourceNamed('branch', { type: 'push', kind: 'interface', periodSeconds: 300, enabled });
  const handler = createApi(
    createIngestEndpoints({ keys, clock: house, collectQueue: queue }),
    undefined,
    { error: () => undefined },
    createSites({ keys, clock: house, tenants, sources: { read: async () => source() } }),
  );
  agent = createPushAgent({
    ...{ key, periodSeconds: 300, random: () => 0.5, say: (line) => void said.push(line) },
    now: () => house.at + skewMs,
    ticks: () => house.at,
    read: (): Kernel => ({ uptimeMs: house.at - SLOT + 9_000_000, interfaces: ports }),
    async post(headers, body) {
      requests.push(house.at);
      const fate = broken?.(body);
      if (fate instanceof Error) throw fate;
      if (fate) return { status: fate.status, headers: new Headers(), text: '{"detail":"planted"}', responseMs: 1 };
      const event = eventOf('POST /v1/ingest', { headers: { ...headers }, body });
      const answer = await handler(event, {} as never);
      const given = Object.entries(answer.headers ?? {}).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      return { status: answer.statusCode ?? 0, headers: new Headers(given), text: answer.body ?? '', responseMs: 1 };
    },
  });
});

/** Lets the agent do what it does for so long. */
async function pass(ms: number): Promise<void> {
  for (const until = house.at + ms; house.at < until; ) house.advance(Math.min(await agent.turn(), until - house.at));
}
const slots = () => queue.sent.map(({ message }) => (Date.parse(message.slot) - SLOT) / PERIOD);

describe('an agent', () => {
  test('reads and sends once per slot, and keeps to the slots that the house names', async () => {
    await pass(6 * PERIOD - 2000);
    expect(slots()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(agent.waiting).toBe(0);
    expect(said).toEqual([]);
    expect(requests.slice(1).map((at) => (at - SLOT) % PERIOD)).toEqual(Array.from({ length: 5 }, () => 10_000));
    expect(queue.sent[0]?.message.checkpoint).toEqual({
      ...{ receivedAt: SLOT + 1000, uptimeMs: 9_001_000 },
      interfaces: [
        { name: 'eth0', index: 2, inOctets: '9223372036854775808', outOctets: '0', operStatus: 1, speedMbps: 1000 },
      ],
    });
  });

  test('keeps twelve readings while the house is away, and brings them with their own times', async () => {
    await pass(PERIOD);
    broken = () => new AppError('SOURCE_UNAVAILABLE', 'the house refuses connections');
    await pass(14 * PERIOD);
    expect(agent.waiting).toBe(12);
    expect(said.some((line) => line.includes('twelve are kept'))).toBe(true);
    const tries = requests.slice(1);
    expect(tries.length).toBeGreaterThan(14);
    expect(tries.length).toBeLessThan(60);
    broken = undefined;
    await pass(PERIOD);
    expect(agent.waiting).toBe(0);
    const [, ...late] = slots();
    expect(late).toEqual(Array.from({ length: late.length }, (_, i) => (late[0] ?? 0) + i));
    expect(late.length).toBeGreaterThanOrEqual(12);
    const checkpoints = queue.sent.map(({ message }) => message.checkpoint as { receivedAt: number; uptimeMs: number });
    expect(new Set(checkpoints.map(({ receivedAt, uptimeMs }) => receivedAt - uptimeMs)).size).toBe(1);
  });

  test.each([-400_000, 400_000])('whose clock is %i ms off learns the time from the refusal', async (ms) => {
    skewMs = ms;
    await pass(3 * PERIOD);
    expect(slots()).toEqual([0, 1, 2]);
    expect(said.filter((line) => line.includes('clock of this machine'))).toHaveLength(1);
  });

  test('drops what is refused for its content, and says so; the next one goes', async () => {
    broken = () => ({ status: 422 });
    await pass(1000);
    broken = undefined;
    expect([agent.waiting, said.at(-1)]).toEqual([0, 'refused for its content, and dropped: planted']);
    await pass(PERIOD);
    expect(slots()).toEqual([1]);
  });

  test('keeps what is refused for who it is, and asks less and less often', async () => {
    enabled = false;
    await pass(2 * PERIOD);
    expect(agent.waiting).toBe(2);
    expect(requests.length).toBeLessThan(16);
    enabled = true;
    await pass(PERIOD);
    expect(slots().slice(0, 2)).toEqual([0, 1]);
  });

  test('asks again in the next minute where its pack was taken and the answer was lost', async () => {
    const lost = new AppError('SOURCE_UNAVAILABLE', 'the connection was reset');
    const { sendMany } = queue;
    queue.sendMany = async (entries) => {
      await sendMany(entries);
      queue.sendMany = sendMany;
      throw lost;
    };
    await pass(2 * 60_000);
    expect(agent.waiting).toBe(0);
    expect(new Set(slots())).toEqual(new Set([0]));
  });

  test('sends what is too much for one request in several, a minute apart', async () => {
    ports = Array.from({ length: 1200 }, (_, i) => port(`eth${i}`, i + 1));
    broken = () => new Error('away');
    await pass(3 * PERIOD);
    broken = undefined;
    await pass(PERIOD);
    expect(agent.waiting).toBe(0);
    expect(slots()).toEqual([0, 1, 2, 3]);
  });

  test('never says its secret', async () => {
    broken = () => new Error('away');
    await pass(PERIOD);
    enabled = false;
    broken = undefined;
    await pass(PERIOD);
    expect(said.join('\n')).not.toContain(key.secret);
    expect(said.length).toBeGreaterThan(1);
  });
});
