import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { realClock } from '../../../local/cloud/clock.ts';
import type { Cloud } from '../../../local/cloud/cloud.ts';
import { type Door, openDoor } from '../../../local/cloud/doors.ts';
import { createConsole } from '../../../local/console/console.ts';
import type { Simulator } from '../../../local/simulators/simulator.ts';
import { InvocationLog } from '../../../local/workers/invocation-log.ts';
import { queue } from '../cloud/model.ts';
import { functionModel } from '../workers/bundle-world.ts';

const NOW = Date.parse('2026-11-20T09:00:00Z');
let door: Door;
let fired: unknown[];
let injected: unknown[];
let fails = false;

const simulator: Simulator = {
  name: 'taara',
  url: 'http://127.0.0.1:1',
  state: () => ({
    messages: [
      {
        channel: 'whatsapp',
        to: '+447700900123',
        body: 'later',
        status: 'sent',
        at: '2026-11-20T09:00:05.000Z',
        simulated: true,
      },
    ],
  }),
  faults: () => [{ name: 'drain', parameters: { remainingPercent: 'how much stays' } }],
  inject(fault: { fault: string }) {
    if (fault.fault === 'bug') throw new TypeError('a bug');
    if (fault.fault !== 'drain') throw new RangeError(`there is no fault "${fault.fault}"`);
    injected.push(fault);
  },
  close: async () => undefined,
} as unknown as Simulator;

function fakeCloud(): Cloud {
  const log = new InvocationLog();
  log.add({ id: 'a', at: NOW, ok: true, durationMs: 7, event: { n: 1 } });
  log.write('a line');
  const schedule = {
    name: 'stack-collect',
    shortName: 'collect',
    expression: 'rate(1 minute)',
    zone: 'UTC',
    enabled: true,
  };
  const message = {
    channel: 'sms',
    to: '+447700900124',
    body: 'first',
    status: 'accepted',
    at: '2026-11-20T09:00:01.000Z',
    simulated: true,
  };
  return {
    model: { queues: [queue('work', { RedrivePolicy: '{}' }), queue('dead')] },
    pools: new Map([['arn', { model: functionModel({ shortName: 'evaluate' }), log, inFlight: 0 }]]),
    scheduler: {
      schedules: [schedule],
      next: () => NOW + 60_000,
      fire: async (...all: unknown[]) => {
        fired.push(all);
        return fails
          ? { ok: false, error: { name: 'E', message: 'no grant', stack: '' }, durationMs: 1 }
          : { ok: true, durationMs: 1 };
      },
    },
    clock: { ...realClock(), now: () => NOW },
    queues: {
      server: {
        inspectQueue: (name: string) =>
          name === 'work'
            ? {
                messages: {
                  ready: Array.from({ length: 7 }, (_, i) => ({ body: `${i}`.repeat(3000) })),
                  delayed: [1],
                  inflight: [],
                },
              }
            : undefined,
      },
    },
    phone: { messages: () => [message] },
    simulators: [simulator],
    guard: { ledger: { report: () => ({ allowed: [], denied: [], unused: [] }) } },
    identity: {
      keys: async () => ({ keys: [{ kty: 'RSA' }] }),
      token: async (subject: string) => `token of ${subject}`,
    },
  } as unknown as Cloud;
}

beforeAll(async () => {
  door = await openDoor(0);
  const serve = createConsole(fakeCloud());
  door.open((incoming, response) => {
    serve(incoming, response, new URL(incoming.url ?? '/', 'http://127.0.0.1')).catch((error: unknown) => {
      response.writeHead(500);
      response.end(JSON.stringify({ message: String(error) }));
    });
  });
});
afterAll(() => door.close());
beforeEach(() => {
  fired = [];
  injected = [];
  fails = false;
});

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  readonly body: any;
}
function call(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Reply> {
  const { hostname, port } = new URL(door.url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, path: `/_local${path}`, headers, timeout: 10_000 },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const json = String(response.headers['content-type']).startsWith('application/json');
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: json ? JSON.parse(text) : text,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.end(body);
  });
}

test.each(['', '/'])('the page at /_local%s may not be framed or take scripts from elsewhere', async (path) => {
  const { status, headers } = await call('GET', path);
  expect(status).toBe(200);
  const policy = String(headers['content-security-policy']);
  for (const part of ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
    expect(policy).toContain(part);
  expect(policy).not.toMatch(/script-src|unsafe-eval/);
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test('the script of the page is valid and is served as one', async () => {
  const { headers, body } = await call('GET', '/console.js');
  expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(() => new Function(body)).not.toThrow();
});

describe('what it tells', () => {
  test('functions with their counts, invocations with their log', async () => {
    expect((await call('GET', '/functions')).body).toMatchObject([
      { name: 'evaluate', invocations: 1, errors: 0, averageMs: 7, inFlight: 0 },
    ]);
    expect((await call('GET', '/invocations?function=evaluate')).body).toEqual({
      function: 'evaluate',
      invocations: [{ id: 'a', at: '2026-11-20T09:00:00.000Z', ok: true, durationMs: 7, event: '{"n":1}' }],
      logs: ['a line'],
    });
  });
  test('schedules, queues, decisions, keys', async () => {
    expect((await call('GET', '/schedules')).body).toEqual([
      { name: 'collect', expression: 'rate(1 minute)', zone: 'UTC', enabled: true, nextAt: '2026-11-20T09:01:00.000Z' },
    ]);
    const [work, dead] = (await call('GET', '/queues')).body;
    expect(work).toMatchObject({ name: 'work', deadLetters: false, ready: 7, delayed: 1, inFlight: 0 });
    expect(work.newest).toHaveLength(5);
    expect(work.newest[4]).toHaveLength(2000);
    expect(dead).toMatchObject({ name: 'dead', deadLetters: true, ready: 0 });
    expect((await call('GET', '/iam')).body).toEqual({ allowed: [], denied: [], unused: [] });
    expect((await call('GET', '/jwks')).body).toEqual({ keys: [{ kty: 'RSA' }] });
  });
  test('messages of all channels, oldest first', async () => {
    expect((await call('GET', '/messages')).body.map((m: { channel: string }) => m.channel)).toEqual([
      'sms',
      'whatsapp',
    ]);
  });
  test('a token of a viewer, and of nobody stronger', async () => {
    expect((await call('GET', '/token?tenant=main&role=admin')).body).toMatchObject({
      access_token: 'token of local:main:viewer',
      tenant: 'main',
    });
    expect((await call('GET', '/token')).body).toMatchObject({
      access_token: 'token of local:demo:viewer',
      expires_in: 3600,
    });
  });
  test.each(['/nothing', '/invocations?function=nobody', '/invocations', '/simulators/nobody', '/%', '/%ff'])(
    '%s is 404 with a sentence',
    async (path) => {
      const { status, body } = await call('GET', path);
      expect(status).toBe(404);
      expect(body.detail.length).toBeGreaterThan(10);
    },
  );
  test('no answer may be kept by the browser', async () => {
    expect((await call('GET', '/token')).headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });
});

describe('run now', () => {
  test('is a slot of its own, the instant it was asked for', async () => {
    expect(await call('POST', '/schedules/collect/run')).toMatchObject({
      status: 202,
      body: { schedule: 'collect', requestedAt: '2026-11-20T09:00:00.000Z', ok: true },
    });
    expect(fired).toMatchObject([
      [{ shortName: 'collect' }, NOW, { manual: true, requestedAt: '2026-11-20T09:00:00.000Z' }],
    ]);
  });
  test('says why it failed, and which schedules there are', async () => {
    fails = true;
    expect(await call('POST', '/schedules/collect/run')).toMatchObject({
      status: 502,
      body: { ok: false, detail: 'no grant' },
    });
    expect((await call('POST', '/schedules/nothing/run')).status).toBe(404);
    expect(fired).toHaveLength(1);
  });
  test('GET, PUT and DELETE start nothing', async () => {
    expect((await call('GET', '/schedules/collect/run')).status).toBe(200);
    expect((await call('DELETE', '/schedules/collect/run')).status).toBe(405);
    expect(fired).toEqual([]);
  });
});

describe('faults', () => {
  test('reach the simulator', async () => {
    expect(await call('POST', '/simulators/taara', '{"fault":"drain","remainingPercent":4}')).toMatchObject({
      status: 200,
      body: { name: 'taara' },
    });
    expect(injected).toEqual([{ fault: 'drain', remainingPercent: 4 }]);
  });
  test.each(['', 'null', '[]', '"drain"', '{"fault":5}', '{nonsense'])(
    'the body %j is 422 with the faults there are',
    async (body) => {
      expect(await call('POST', '/simulators/taara', body)).toMatchObject({
        status: 422,
        body: { faults: [{ name: 'drain' }] },
      });
    },
  );
  test('one that the simulator does not know is 422 with its sentence; a bug is no 422', async () => {
    expect(await call('POST', '/simulators/taara', '{"fault":"explode"}')).toMatchObject({
      status: 422,
      body: { detail: 'there is no fault "explode"' },
    });
    expect((await call('POST', '/simulators/taara', '{"fault":"bug"}')).status).toBe(500);
  });
  test('a body that is too long is 413, and the answer arrives', async () => {
    expect(await call('POST', '/simulators/taara', 'x'.repeat(65 * 1024))).toMatchObject({ status: 413 });
    expect(injected).toEqual([]);
  });
});

test.each(['http://evil.example', 'null', 'http://127.0.0.1:1', 'https://127.0.0.1'])(
  'a page of %s may not post',
  async (origin) => {
    expect((await call('POST', '/schedules/collect/run', undefined, { origin })).status).toBe(403);
    expect(fired).toEqual([]);
  },
);

test('its own page may', async () => {
  expect((await call('POST', '/schedules/collect/run', undefined, { origin: door.url })).status).toBe(202);
});
