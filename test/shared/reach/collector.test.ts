/** One run over made-up networks: what becomes a reading, what is asked twice, and what says nothing. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { CollectJob, Page } from '../../../shared/collect/collector.port.ts';
import type { PingRequest } from '../../../shared/interfaces/ping.port.ts';
import { resolvePublic } from '../../../shared/platform/address.dns.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { createReachCollector } from '../../../shared/reach/collector.ts';
import type { ConnectRequest } from '../../../shared/reach/connect.tcp.ts';
import { reachOfValues } from '../../../shared/reach/metrics.ts';
import type { Probe } from '../../../shared/reach/probe.ts';
import { wordOf } from '../../../shared/reach/reach.ts';
import { MovableClock, sourceNamed } from '../collect/fakes.ts';
import { at, PERIOD, START } from './story.ts';

const GOOD: Probe = { sent: 5, received: 5, rtt: { minimum: 1000, average: 2000, maximum: 3000 } };
const NONE: Probe = { sent: 5, received: 0 };
const page = { name: 'page', host: '192.0.2.1', method: 'tcp', port: 443 };
const gateway = { name: 'gateway', host: '198.51.100.1', method: 'router' };
const mast = { name: 'mast', host: '198.51.100.2', method: 'router' };

/** What the next looks at a host bring, in order; the last one for ever. */
let answers: Record<string, (Probe | AppError)[]>;
let connects: ConnectRequest[];
let pings: PingRequest[];
let opened: string[];
let closed: number;
let openFailure: AppError | undefined;
let clock: MovableClock;

beforeEach(() => {
  [answers, connects, pings, opened, closed, openFailure] = [{}, [], [], [], 0, undefined];
  clock = new MovableClock();
  clock.at = START;
});

function answerOf(host: string): Probe {
  const list = answers[host] ?? [GOOD];
  const answer = list.length > 1 ? list.shift() : list[0];
  if (answer instanceof AppError) throw answer;
  return answer ?? GOOD;
}

const collector = createReachCollector({
  clock: { now: () => clock.at },
  resolve: resolvePublic,
  connect: async (request) => {
    connects.push(request);
    return answerOf(request.address.address);
  },
  openPing: async ({ tenant, router }) => {
    opened.push(`${tenant}/${router}`);
    if (openFailure) throw openFailure;
    return {
      operations: [],
      ping: async (request) => {
        pings.push(request);
        return answerOf(request.host);
      },
      close: () => void closed++,
    };
  },
});

/** Runs one after the other, each knowing what the one before left in the head. */
async function read(targets: object[], slot = 0, before?: Page, over: Partial<CollectJob> = {}): Promise<Page> {
  const usesRouter = targets.some((one) => (one as { method?: string }).method === 'router');
  clock.at = at(slot);
  const newest = (before?.readings ?? []).map((one) => ({ ...one, slot: at(slot - 1), increases: {} }));
  return collector.read({
    source: sourceNamed('reach', {
      ...{ type: 'ping', kind: 'reach', name: 'Dhaka', periodSeconds: PERIOD },
      settings: { targets, ...(usesRouter ? { via: 'core' } : {}) },
    }),
    ...{ secret: undefined, slot: at(slot), manual: false, zone: 'UTC', deadline: at(slot) + 82_000 },
    allowedNetworks: ['192.0.2.0/24'],
    tokens: { read: async () => undefined, write: async () => undefined, forget: async () => undefined },
    known: { entities: [], newest },
    ...over,
  });
}

const valuesFor = (result: Page, name: string) =>
  result.readings.find(({ entity }) => entity === `reach/${name}`)?.values ?? {};
const wordFor = (result: Page, name: string) => {
  const reach = reachOfValues(valuesFor(result, name));
  return reach && wordOf(reach);
};

describe('a device that answers', () => {
  test('is a reading with loss and time, and an entity that says how it was looked at', async () => {
    const result = await read([page, gateway]);
    expect(valuesFor(result, 'page')).toMatchObject({ loss: 0n, rtt: 2000n, state: 4n });
    expect(result.entities.map(({ id, name, attributes, labels }) => ({ id, name, attributes, labels }))).toEqual([
      {
        ...{ id: 'reach/page', name: 'Dhaka page', labels: { source: 'reach' } },
        attributes: { host: '192.0.2.1', method: 'tcp', port: 443 },
      },
      {
        ...{ id: 'reach/gateway', name: 'Dhaka gateway', labels: { source: 'reach', router: 'core' } },
        attributes: { host: '198.51.100.1', method: 'router', via: 'core' },
      },
    ]);
    expect([result.complete, result.rejected]).toEqual([true, []]);
    expect(wordFor(await read([page, gateway], 1, result), 'gateway')).toBe('up');
  });

  test('is looked at once, with what its settings say', async () => {
    await read([
      { ...page, count: 3, timeoutMs: 700 },
      { ...gateway, count: 2 },
    ]);
    expect(connects).toMatchObject([{ port: 443, count: 3, timeoutMs: 700, budgetMs: 82_000 }]);
    expect(pings).toEqual([{ host: '198.51.100.1', count: 2, intervalMs: 500 }]);
    expect([opened, closed]).toEqual([['demo/core'], 1]);
  });
});

describe('a bad look', () => {
  test('is taken again at once; two bad ones are down', async () => {
    answers['192.0.2.1'] = [NONE];
    const result = await read([page]);
    expect([connects.length, wordFor(result, 'page')]).toEqual([2, 'down']);
    expect(valuesFor(result, 'page')).toMatchObject({ loss: 10_000n, state: 2n });
    expect(valuesFor(result, 'page')).not.toHaveProperty('rtt');
  });

  test('whose repetition is good is one look with losses, and not down', async () => {
    const first = await read([page]);
    answers['192.0.2.1'] = [GOOD, NONE, GOOD];
    const up = await read([page], 1, first);
    const second = await read([page], 2, up);
    expect(valuesFor(second, 'page')).toMatchObject({ loss: 5000n, rtt: 2000n });
    expect(reachOfValues(valuesFor(second, 'page'))).toMatchObject({ hard: 'up', last: 'degraded' });
  });

  test('is not taken again of a device that is down already', async () => {
    answers['198.51.100.1'] = [NONE];
    const down = await read([gateway]);
    expect(pings).toHaveLength(2);
    expect(wordFor(await read([gateway], 1, down), 'gateway')).toBe('down');
    expect(pings).toHaveLength(3);
  });

  test('whose repetition could not be taken stays one', async () => {
    const first = await read([page]);
    answers['192.0.2.1'] = [NONE, new AppError('SOURCE_UNAVAILABLE', 'no way')];
    const result = await read([page], 1, first);
    expect(reachOfValues(valuesFor(result, 'page'))).toMatchObject({ last: 'bad', unknown: false });
    expect(valuesFor(result, 'page').loss).toBe(10_000n);
  });
});

describe('a look that cannot be taken', () => {
  const away = new AppError('SOURCE_UNAVAILABLE', 'the router does not answer');

  test('is a reading without loss, and a rejection that says why, beside those that could', async () => {
    answers['198.51.100.1'] = [away];
    const result = await read([page, gateway], 1, await read([page, { ...gateway, host: '198.51.100.9' }]));
    expect(wordFor(result, 'page')).toBe('up');
    expect(wordFor(result, 'gateway')).toBe('unknown');
    expect(valuesFor(result, 'gateway')).toMatchObject({ state: 4n });
    expect(valuesFor(result, 'gateway')).not.toHaveProperty('loss');
    expect(result.rejected).toEqual([{ path: 'gateway', message: 'router core: the router does not answer' }]);
  });

  test('of every device is a failed run, and no reading of anything', async () => {
    answers['198.51.100.1'] = [away];
    await expect(read([gateway, mast])).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: 'no device could be looked at: router core: the router does not answer',
    });
  });

  test('because the router is away is not tried with the next device; one that was refused is no reason', async () => {
    answers['198.51.100.1'] = [away];
    await expect(read([gateway, mast])).rejects.toThrow();
    expect(pings).toHaveLength(1);
    answers['198.51.100.1'] = [new AppError('SOURCE_MALFORMED', 'the router refused /rest/ping')];
    const result = await read([gateway, mast]);
    expect([wordFor(result, 'gateway'), valuesFor(result, 'mast').loss]).toEqual(['unknown', 0n]);
  });

  test.each(['NOT_FOUND', 'SOURCE_REJECTED', 'SOURCE_THROTTLED'] as const)(
    'a router that is %s pauses nobody',
    async (code) => {
      openFailure = new AppError(code, 'no');
      await expect(read([gateway, mast])).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
      expect(opened).toHaveLength(1);
    },
  );

  test('goes to no address that the tenant may not call, whatever else is looked at', async () => {
    const targets = [
      '127.0.0.1',
      '169.254.169.254',
      '10.1.2.3',
      '::ffff:127.0.0.1',
      '0.0.0.0',
      '224.0.0.1',
      '2130706433',
    ];
    const result = await read([page, ...targets.map((host, i) => ({ ...page, name: `n${i}`, host }))]);
    expect(connects.map(({ address }) => address.address)).toEqual(['192.0.2.1']);
    expect(result.rejected.map(({ path }) => path)).toEqual(targets.map((_, i) => `n${i}`));
  });

  test('a router that has no time left is not asked', async () => {
    const result = await read([page, gateway], 0, undefined, { deadline: at(0) + 5000 });
    expect(pings).toEqual([]);
    expect(result.rejected[0]?.message).toBe('there was no time left to look');
  });

  test('a bug stays one', async () => {
    const broken = createReachCollector({
      clock: { now: () => clock.at },
      resolve: resolvePublic,
      connect: async () => {
        throw new TypeError('bug');
      },
      openPing: async () => {
        throw new TypeError('bug');
      },
    });
    const source = sourceNamed('reach', { type: 'ping', kind: 'reach', settings: { targets: [page] } });
    const job = {
      source,
      allowedNetworks: ['192.0.2.0/24'],
      deadline: START + 9e4,
      slot: START,
    } as unknown as CollectJob;
    await expect(broken.read(job)).rejects.toThrow(TypeError);
  });
});

test('settings that cannot be used are refused, with every issue', async () => {
  await expect(read([{ ...page, port: undefined }])).rejects.toMatchObject({
    code: 'SOURCE_REJECTED',
    message: expect.stringContaining('targets[0].port is missing'),
  });
});
