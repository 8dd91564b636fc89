/** Packs of sites: who is let in, what is taken, and every way in which somebody may try to be a site that he is not. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createApi } from '../../../functions/api/api.ts';
import { createIngestEndpoints } from '../../../functions/api/ingest.ts';
import { createSites } from '../../../functions/api/ingest-proof.ts';
import type { QueuedCollectMessage } from '../../../shared/collect/collect.contract.ts';
import { phaseSeconds } from '../../../shared/collect/schedule.ts';
import type { SecretFields } from '../../../shared/collect/secrets.port.ts';
import { type SiteKey, siteSignature } from '../../../shared/collect/site-key.ts';
import { openSiteKeyStore } from '../../../shared/collect/site-keys.dynamodb.ts';
import type { SiteKeyStore } from '../../../shared/collect/site-keys.port.ts';
import type { Source } from '../../../shared/collect/source.ts';
import { isoInstant } from '../../../shared/platform/clock.ts';
import {
  MovableClock,
  memoryQueue,
  memoryTenants,
  NOON,
  sourceNamed,
  tenantNamed,
} from '../../shared/collect/fakes.ts';
import { createFakeTable, type FakeTable } from '../../shared/fake-table.ts';
import { eventOf, type Reply } from './asking.ts';

const PERIOD = 300_000;
const SLOT = Math.floor(NOON / PERIOD) * PERIOD + phaseSeconds('demo', 300) * 1000;
const PACK = {
  version: 1,
  uptimeSeconds: 5000,
  readings: [{ interfaces: [{ name: 'ether1', inOctets: '1', outOctets: '2' }] }],
};

let clock: MovableClock;
let table: FakeTable;
let sources: Map<string, Source>;
let tenants: ReturnType<typeof memoryTenants>;
let queue: ReturnType<typeof memoryQueue<QueuedCollectMessage>>;
let keys: SiteKeyStore;
let key: SiteKey;
let logged: unknown[];
let steps: string[];

function memorySecrets() {
  const all = new Map<string, SecretFields>();
  return {
    async readSecret(tenant: string, source: string) {
      return all.get(`${tenant}/${source}`);
    },
    async writeSecret(tenant: string, source: string, fields: SecretFields | undefined) {
      if (fields) all.set(`${tenant}/${source}`, fields);
      else all.delete(`${tenant}/${source}`);
    },
    readTokenKey: async () => new Uint8Array(32),
  };
}

const siteOf = (tenant: string, over: Partial<Source> = {}): Source =>
  sourceNamed('branch', { tenant, type: 'push', kind: 'interface', periodSeconds: 300, ...over });

beforeEach(async () => {
  clock = new MovableClock();
  clock.at = SLOT + 5000;
  table = createFakeTable();
  sources = new Map([
    ['demo/branch', siteOf('demo')],
    ['rival/branch', siteOf('rival')],
  ]);
  tenants = memoryTenants(tenantNamed('demo'), tenantNamed('rival'));
  queue = memoryQueue();
  keys = openSiteKeyStore({ table, secrets: memorySecrets() });
  key = await keys.renew({ tenant: 'demo', source: 'branch' });
  logged = [];
  steps = [];
});

interface Sent {
  headers?: Record<string, string>;
  body?: string;
  base64?: boolean;
  /** In place of a body that is text. */
  octets?: Buffer;
}

async function send({ octets, ...asked }: Sent): Promise<Reply> {
  const event = eventOf('POST /v1/ingest', asked);
  const sent = octets ? { ...event, body: octets.toString('base64'), isBase64Encoded: true } : event;
  const spied: SiteKeyStore = {
    ...keys,
    find: async (id) => {
      steps.push('find');
      return keys.find(id);
    },
    read: async (site, id) => {
      steps.push('read');
      return keys.read(site, id);
    },
  };
  const handler = createApi(
    createIngestEndpoints({ keys: spied, clock, collectQueue: queue }),
    undefined,
    { error: (message, fields) => void logged.push([message, fields]) },
    createSites({
      ...{ keys: spied, clock, tenants },
      sources: { read: async (tenant, id) => sources.get(`${tenant}/${id}`) },
    }),
  );
  const { statusCode = 0, headers = {}, body } = await handler(sent, {} as never);
  const raw = JSON.stringify([headers, body, logged]);
  for (const secret of [key.secret, key.id]) expect(raw).not.toContain(secret);
  return { status: statusCode, headers, body: body ? JSON.parse(body) : undefined };
}

function signed(pack: unknown, over: { key?: SiteKey; at?: number; sentBody?: string } = {}) {
  const body = typeof pack === 'string' ? pack : JSON.stringify(pack);
  const time = String(Math.floor((over.at ?? clock.at) / 1000));
  const { id, secret } = over.key ?? key;
  const signature = siteSignature(secret, time, Buffer.from(body));
  const headers = { 'x-headroom-key': id, 'x-headroom-time': time, 'x-headroom-signature': signature };
  return { headers, body: over.sentBody ?? body };
}

const slots = () => queue.sent.map(({ message }) => message.slot);

describe('a signed pack', () => {
  test('is accepted, and goes to the collectors as the run of its slot', async () => {
    expect(await send(signed(PACK))).toMatchObject({
      status: 202,
      body: { accepted: 1, slots: [isoInstant(SLOT)], nextSlot: isoInstant(SLOT + PERIOD), nextSlotInSeconds: 295 },
    });
    expect(queue.sent).toEqual([
      {
        delaySeconds: 0,
        message: {
          ...{ version: 1, tenant: 'demo', source: 'branch', slot: isoInstant(SLOT), part: 0, boundary: true },
          checkpoint: { receivedAt: clock.at, uptimeMs: 5_000_000, interfaces: PACK.readings[0]?.interfaces },
        },
      },
    ]);
  });

  test('may cross the HTTP API in base64', async () => {
    expect((await send({ ...signed(PACK), base64: true })).status).toBe(202);
  });

  test('with what was kept while we were away becomes one run per slot, the oldest first', async () => {
    const readings = Array.from({ length: 12 }, (_, i) => ({ ...PACK.readings[0], uptimeSeconds: 5000 - i * 300 }));
    const answer = await send(signed({ ...PACK, readings }));
    expect(answer.body.accepted).toBe(12);
    expect(slots()).toEqual(Array.from({ length: 12 }, (_, i) => isoInstant(SLOT - (11 - i) * PERIOD)));
    expect(queue.sent.map(({ delaySeconds }) => delaySeconds)).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });

  test('of a site that is a little ahead waits for its slot', async () => {
    clock.at = SLOT - 40_000;
    await send(signed(PACK));
    expect(queue.sent).toMatchObject([{ delaySeconds: 40, message: { slot: isoInstant(SLOT) } }]);
  });

  test('is one a minute: a second waits as long as it is told to', async () => {
    await send(signed(PACK));
    clock.advance(2000);
    const { status, headers } = await send(signed(PACK));
    expect(status).toBe(429);
    const wait = Number(headers['retry-after']);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    clock.advance(wait * 1000);
    expect((await send(signed(PACK))).status).toBe(202);
  });

  test('that was refused for its content does not use up the minute', async () => {
    expect((await send(signed({ ...PACK, version: 7 }))).status).toBe(422);
    expect((await send(signed(PACK))).status).toBe(202);
  });

  test('is not lost where the queue is down: the failure is told, and the next minute takes it', async () => {
    const { sendMany } = queue;
    queue.sendMany = () => Promise.reject(new Error('down'));
    expect((await send(signed(PACK))).status).toBe(500);
    queue.sendMany = sendMany;
    clock.advance(60_000);
    expect(
      (await send(signed({ ...PACK, uptimeSeconds: 5060, readings: [{ ...PACK.readings[0], uptimeSeconds: 5000 }] })))
        .status,
    ).toBe(202);
    expect(slots()).toEqual([isoInstant(SLOT)]);
  });
});

describe('who is not let in', () => {
  const expectRefused = async (event: Parameters<typeof send>[0]) => {
    const answer = await send(event);
    expect(answer.status).toBe(401);
    expect(queue.sent).toEqual([]);
    return answer;
  };

  test('a wrong signature and an unknown key: the same words, after the same steps', async () => {
    const forged = await expectRefused(signed(PACK, { key: { ...key, secret: 'f'.repeat(64) } }));
    const stepsOfForged = steps.splice(0);
    const unknown = await expectRefused(signed(PACK, { key: { id: 'f'.repeat(32), secret: 'f'.repeat(64) } }));
    expect(unknown).toEqual(forged);
    // Only the cached secret is not looked up for a key that there is not; both sign the body and compare.
    expect([stepsOfForged, steps]).toEqual([['find', 'read'], ['find']]);
  });

  test('the secret that stands in for an unknown key’s opens nothing', async () => {
    await expectRefused(signed(PACK, { key: { id: 'f'.repeat(32), secret: '0'.repeat(64) } }));
    await expectRefused({
      headers: { authorization: `Bearer ${'f'.repeat(32)}.${'0'.repeat(64)}` },
      body: JSON.stringify(PACK),
    });
  });

  test('another body under a good signature, and another time', async () => {
    await expectRefused(signed(PACK, { sentBody: JSON.stringify(PACK).replace('"1"', '"9"') }));
    const { headers, body } = signed(PACK);
    await expectRefused({ headers: { ...headers, 'x-headroom-time': String(Math.floor(clock.at / 1000) + 1) }, body });
  });

  test.each([
    [-301, 'behind'],
    [301, 'ahead of'],
    [-86_400 * 365, 'behind'],
  ])('a clock that is %i s off is told so, with our time to mend it', async (seconds, word) => {
    const { body, headers } = await expectRefused(signed(PACK, { at: clock.at + seconds * 1000 }));
    expect(body.detail).toContain(`${Math.abs(seconds)} s ${word}`);
    expect(headers['x-headroom-time']).toBe(String(Math.floor(clock.at / 1000)));
    expect(steps).toEqual([]);
  });

  test.each([-300, 300])('a clock that is %i s off is good enough', async (seconds) => {
    expect((await send(signed(PACK, { at: clock.at + seconds * 1000 }))).status).toBe(202);
  });

  test('a recorded pack: within its window it has no second effect, after it none at all', async () => {
    const recorded = signed(PACK);
    expect((await send(recorded)).status).toBe(202);
    clock.advance(200_000);
    const { status, body } = await send(recorded);
    expect([status, body.code]).toEqual([409, 'STORE_CONFLICT']);
    clock.advance(200_000);
    expect((await send(recorded)).status).toBe(401);
    expect(slots()).toEqual([isoInstant(SLOT)]);
  });

  test('a pack that was signed before the last one taken', async () => {
    const held = signed(PACK);
    clock.advance(60_000);
    expect((await send(signed(PACK))).status).toBe(202);
    clock.advance(60_000);
    expect((await send(held)).status).toBe(409);
    expect(queue.sent.length).toBe(1);
  });

  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['no signature', { 'x-headroom-key': 'ab'.repeat(16), 'x-headroom-time': '1893499205' }],
    ['a member’s token', { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
    ['Basic', { authorization: 'Basic YTpi' }],
    [
      'an odd time',
      { 'x-headroom-key': 'ab'.repeat(16), 'x-headroom-time': '-1', 'x-headroom-signature': `v1=${'a'.repeat(64)}` },
    ],
    [
      'an older form',
      { 'x-headroom-key': 'ab'.repeat(16), 'x-headroom-time': '1893499205', 'x-headroom-signature': 'a'.repeat(64) },
    ],
  ])('%s proves nothing, and the answer says what is wanted', async (_, headers) => {
    const { body } = await expectRefused({ headers, body: 'not even JSON' });
    expect(body.detail).toContain('x-headroom-');
    expect(steps).toEqual([]);
  });

  test('a key of a source or of a tenant that was removed, or of a source that is called now', async () => {
    sources.delete('demo/branch');
    const gone = await expectRefused(signed(PACK));
    sources.set('demo/branch', siteOf('demo', { type: 'snmp' }));
    expect(await expectRefused(signed(PACK))).toEqual(gone);
    sources.set('demo/branch', siteOf('demo'));
    tenants.set(tenantNamed('demo', { removedAt: NOON }));
    expect(await expectRefused(signed(PACK))).toEqual(gone);
  });

  test('a key that was renewed', async () => {
    const old = signed(PACK);
    key = await keys.renew({ tenant: 'demo', source: 'branch' });
    await expectRefused(old);
    expect((await send(signed(PACK))).status).toBe(202);
  });

  test('a disabled source says that it is', async () => {
    sources.set('demo/branch', siteOf('demo', { enabled: false }));
    const { status, body } = await send(signed(PACK));
    expect([status, body.detail]).toEqual([403, expect.stringContaining('disabled')]);
    expect(queue.sent).toEqual([]);
  });

  test('nobody writes for another tenant: the key alone says whose source it is', async () => {
    const named = { ...PACK, tenant: 'rival', source: 'branch' };
    const refused = await send(signed(named));
    expect(refused.body.errors.map((e: { path: string }) => e.path)).toEqual(['tenant', 'source']);
    const rival = await keys.renew({ tenant: 'rival', source: 'branch' });
    await send(signed(PACK, { key: rival }));
    expect(queue.sent.map(({ message }) => message.tenant)).toEqual(['rival']);
    await send(signed(PACK, { key: { id: rival.id, secret: key.secret } }));
    await send(signed(PACK, { key: { id: key.id, secret: rival.secret } }));
    expect(queue.sent.length).toBe(1);
  });
});

describe('the secret itself in place of a signature', () => {
  const bearer = (secret = key.secret) => ({
    headers: { authorization: `Bearer ${key.id}.${secret}` },
    body: JSON.stringify(PACK),
  });

  test('is taken where the source allows it, and nowhere else', async () => {
    const { status, body } = await send(bearer());
    expect([status, body.detail]).toEqual([401, expect.stringContaining('settings.bearer')]);
    sources.set('demo/branch', siteOf('demo', { settings: { bearer: true } }));
    expect((await send(bearer())).status).toBe(202);
    expect((await send(bearer())).status).toBe(429);
  });

  test('a wrong one is refused like a wrong signature', async () => {
    sources.set('demo/branch', siteOf('demo', { settings: { bearer: true } }));
    const wrong = await send(bearer('f'.repeat(64)));
    expect(wrong).toEqual(await send(signed(PACK, { key: { ...key, secret: 'f'.repeat(64) } })));
  });
});

describe('what is not taken', () => {
  const paths = ({ body }: Reply) => body.errors.map((e: { path: string }) => e.path);

  test('a body that is too large is refused before anybody looks at it', async () => {
    const { status, body } = await send(signed(`"${'x'.repeat(240_000)}"`));
    expect([status, body.detail]).toEqual([422, expect.stringContaining('240002 octets')]);
    expect(steps).toEqual([]);
  });

  test('text that is no UTF-8, and grows beyond a message when it is read', async () => {
    const name = Buffer.alloc(200, 0xff);
    const row = (i: number) => Buffer.concat([Buffer.from(`{"index":${i + 1},"name":"`), name, Buffer.from('"}')]);
    const rows = Array.from({ length: 900 }, (_, i) => Buffer.concat([Buffer.from(i === 0 ? '' : ','), row(i)]));
    const octets = Buffer.concat([
      Buffer.from('{"version":1,"readings":[{"interfaces":['),
      ...rows,
      Buffer.from(']}]}'),
    ]);
    const time = String(Math.floor(clock.at / 1000));
    const headers = {
      ...{ 'x-headroom-key': key.id, 'x-headroom-time': time },
      'x-headroom-signature': siteSignature(key.secret, time, octets),
    };
    const answer = await send({ headers, octets });
    expect([answer.status, paths(answer)]).toEqual([422, ['readings']]);
  });

  test('JSON that nests without end, is cut, or is none', async () => {
    for (const body of ['['.repeat(100_000), `${'[{"a":'.repeat(20_000)}`, '{"version":1', '', 'null x']) {
      clock.advance(1000);
      expect((await send(signed(body))).status).toBe(400);
    }
    const deep = `{"version":1,"readings":${'['.repeat(60_000)}${']'.repeat(60_000)}}`;
    expect([400, 422]).toContain((await send(signed(deep))).status);
    expect(queue.sent).toEqual([]);
  });

  test('a field that would reach a prototype; a port of that name is a port', async () => {
    const text =
      '{"version":1,"__proto__":{"polluted":1},"readings":[{"interfaces":[{"name":"a","__proto__":{"x":1}}]}]}';
    const answer = await send(signed(text));
    expect([answer.status, paths(answer)]).toEqual([422, ['__proto__', '__proto__']]);
    const named = { version: 1, readings: [{ interfaces: [{ name: '__proto__', inOctets: '1' }] }] };
    expect((await send(signed(named))).status).toBe(202);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('13 slots, counters below zero, readings of the future and of long ago: each is named', async () => {
    const reading = (over: object, ports: object = {}) => ({ ...over, interfaces: [{ name: 'a', ...ports }] });
    const many = await send(signed({ ...PACK, readings: Array.from({ length: 13 }, () => reading({})) }));
    expect([many.status, paths(many)]).toEqual([422, ['readings']]);
    const negative = await send(signed({ ...PACK, readings: [reading({}, { inOctets: '-5', outOctets: -5 })] }));
    expect(paths(negative)).toEqual(['readings[0].interfaces[0].inOctets', 'readings[0].interfaces[0].outOctets']);
    const sentAt = isoInstant(clock.at);
    const times = [isoInstant(clock.at + 60_000), isoInstant(clock.at - 14 * PERIOD)].map((at) => reading({ at }));
    expect(paths(await send(signed({ version: 1, sentAt, readings: times })))).toEqual(['readings[0]', 'readings[1]']);
    expect(queue.sent).toEqual([]);
  });
});
