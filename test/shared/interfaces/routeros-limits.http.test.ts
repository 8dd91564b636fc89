/** Changing limits on a RouterOS: what is sent, what really holds afterwards, and what somebody else's hand does to it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRouterosLimits } from '../../../shared/interfaces/routeros-limits.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { limit } from '../../contract/router-limits.ts';
import { failureOf, LimitsWorld } from './limits-world.ts';
import { PASSWORD, routerosJob, type Script, startRouter, USER } from './routeros-router.ts';

let world: LimitsWorld;
const toClose: { close(): unknown }[] = [];
beforeEach(() => {
  world = new LimitsWorld();
});
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
  await world.close();
});

const change = (path: string, method: string, body: object) => world.change(path, method, body);

const megabits = () => world.megabits();

const write = { name: 'reseller_r1001', targets: ['198.51.100.1'], limit: limit(20) };

describe('a limit', () => {
  test('holds: the traffic of its target follows it', async () => {
    const limits = await (await world.start()).limits();
    expect(await megabits()).toBe(50);
    await limits.writeLimit(write);
    expect(await megabits()).toBe(20);
  });

  test('is one PATCH of what differs, by .id, in plain bits per second, then one look at the same record', async () => {
    const limits = await (await world.start()).limits();
    const { octetsToTarget, ...queue } = await limits.writeLimit({ ...write, limit: limit(20, 2500) });
    expect(queue.limit).toEqual(limit(20, 2500));
    expect(octetsToTarget).toBeTypeOf('bigint');
    expect(limits.operations.map(({ name, ok }) => [name, ok])).toEqual([
      ['resolve', true],
      ['read queues', true],
      ['change queue', true],
      ['read queue back', true],
    ]);
    await limits.writeLimit({ ...write, limit: limit(20, 2500) });
    expect(limits.operations.map(({ name }) => name).slice(4)).toEqual(['read queues']);
  });

  test('switches a queue on that somebody switched off, and gives it its targets back', async () => {
    const limits = await (await world.start()).limits();
    await change('/rest/queue/simple/*1', 'PATCH', { disabled: 'yes', target: '192.0.2.1' });
    expect(await limits.writeLimit({ ...write, limit: limit(50) })).toMatchObject({
      ...{ disabled: false, targets: ['198.51.100.1'] },
    });
  });

  test('that an earlier queue makes idle is told with the queues, and refused before anything is written', async () => {
    const limits = await (await world.start()).limits();
    await change('/rest/queue/simple', 'PUT', { name: 'all', target: '198.51.100.0/24', 'place-before': '*1' });
    const { rejected } = await limits.readQueues();
    expect(rejected.map(({ path }) => path)).toEqual([
      ...['queue reseller_r1001', 'queue reseller_r1002', 'queue <pppoe-r1041>'],
    ]);
    expect(rejected[0]?.message).toBe('does not hold 198.51.100.1: the earlier queue "all" takes its packets first');
    expect((await failureOf(limits.writeLimit(write))).message).toContain('nothing was changed');
  });

  test('is said not to hold where a FastTrack rule takes connections past it', async () => {
    const limits = await (await world.start()).limits();
    const rule = { chain: 'forward', action: 'fasttrack-connection', 'connection-state': 'established' };
    await change('/rest/ip/firewall/filter', 'PUT', { ...rule, 'place-before': '*2' });
    expect((await limits.readQueues()).rejected).toMatchObject([{ message: expect.stringContaining('FastTrack') }]);
  });
});

describe('a user', () => {
  test('who may not write is told what is missing, and nothing is changed', async () => {
    const limits = await (await world.start()).limits();
    world.simulator.inject({ fault: 'refuse-write' });
    const error = await failureOf(limits.writeLimit(write));
    expect([error.code, error.message]).toEqual(['SOURCE_REJECTED', expect.stringMatching(/policy write.*writeUser/)]);
    expect((await limits.readQueues()).queues[0]?.limit).toEqual(limit(50));
  });

  test('for writing does what the one for reading may not', async () => {
    const writer = { user: 'headroom-write', password: 'correct-horse-77' };
    await world.start({ writer });
    const reading = { user: USER, password: PASSWORD };
    expect((await failureOf((await world.limits(reading)).writeLimit(write))).code).toBe('SOURCE_REJECTED');
    const both = await world.limits({ ...reading, writeUser: writer.user, writePassword: writer.password });
    expect((await both.writeLimit(write)).limit).toEqual(limit(20));
  });

  test('for writing without a password is refused before any call', async () => {
    await world.start();
    const error = await failureOf(world.limits({ user: USER, password: PASSWORD, writeUser: 'w' }));
    expect([error.code, error.message]).toEqual(['SOURCE_REJECTED', expect.stringContaining('writePassword')]);
  });
});

describe('somebody else’s hand between our reading and our writing', () => {
  const QUEUE = { '.id': '*1', name: 'reseller_r1001', target: '198.51.100.1/32', 'max-limit': '50000000/50000000' };

  /** A router whose list is `lists` in turn (the last one for good); `other` answers the rest. */
  async function scripted(lists: readonly unknown[][], other: Script) {
    let at = 0;
    const router = await startRouter((request) => {
      const isList = request.method === 'GET' && request.url.startsWith('/rest/queue/simple?');
      return isList ? { body: lists[Math.min(at++, lists.length - 1)] } : other(request);
    });
    toClose.push(router);
    const job = { ...routerosJob(router.port), deadline: systemClock.now() + 20_000 };
    const limits = await openRouterosLimits({ clock: systemClock }, job);
    toClose.push(limits);
    return { router, limits };
  }
  const gone = { status: 400, body: { error: 400, message: 'Bad Request', detail: 'no such item' } };
  const calls = (requests: readonly string[]) => requests.map((request) => request.split('?', 1)[0]);

  test('a queue that vanished is looked for again, and added', async () => {
    const added = { ...QUEUE, '.id': '*2', 'max-limit': '20000000/20000000' };
    const { router, limits } = await scripted([[QUEUE], [], [added]], ({ method }) =>
      method === 'PATCH' ? gone : { body: added },
    );
    expect((await limits.writeLimit(write)).limit).toEqual(limit(20));
    expect(calls(router.requests)).toEqual([
      ...['GET /rest/queue/simple', 'PATCH /rest/queue/simple/*1', 'GET /rest/queue/simple'],
      ...['PUT /rest/queue/simple', 'GET /rest/queue/simple'],
    ]);
    expect(router.bodies[3]).toBe('{"name":"reseller_r1001","target":"198.51.100.1","max-limit":"20000000/20000000"}');
  });

  test('a queue that somebody added first is changed', async () => {
    const there = {
      status: 400,
      body: { error: 400, message: 'Bad Request', detail: 'failure: already have such name' },
    };
    const changed = { ...QUEUE, 'max-limit': '20M/20M' };
    const { limits } = await scripted([[], [QUEUE]], ({ method }) => (method === 'PUT' ? there : { body: changed }));
    expect((await limits.writeLimit(write)).limit).toEqual(limit(20));
  });

  test('a queue that was renamed is said to have the limit now', async () => {
    const { limits } = await scripted([[QUEUE]], () => ({ body: { ...QUEUE, name: 'somebody_else' } }));
    const error = await failureOf(limits.writeLimit(write));
    expect([error.code, error.message]).toEqual(['SOURCE_MALFORMED', expect.stringContaining('"somebody_else"')]);
  });

  test('a queue that vanishes again and again ends as a failure', async () => {
    const { router, limits } = await scripted([[QUEUE]], () => gone);
    expect((await failureOf(limits.writeLimit(write))).code).toBe('SOURCE_MALFORMED');
    expect(router.requests).toHaveLength(4);
  });

  test('a queue that is gone when it is to be removed is removed', async () => {
    const notFound = { status: 404, body: { error: 404, message: 'Not Found' } };
    const { limits } = await scripted([[QUEUE], []], () => notFound);
    await expect(limits.removeQueue('reseller_r1001')).resolves.toBeUndefined();
  });

  test('a router that refuses says why in its own words, and a lost answer is not taken for one', async () => {
    const words = { error: 400, message: 'Bad Request', detail: 'failure: max-limit less than limit-at' };
    const refusing = await scripted([[QUEUE]], () => ({ status: 400, body: words }));
    const refused = await failureOf(refusing.limits.writeLimit(write));
    expect([refused.code, refused.message]).toEqual([
      'SOURCE_MALFORMED',
      expect.stringContaining('less than limit-at'),
    ]);
    const cut = await scripted([[QUEUE]], () => ({ hangUp: true }));
    expect((await failureOf(cut.limits.writeLimit(write))).code).toBe('SOURCE_UNAVAILABLE');
  });
});

test.each([
  ['that reads', 'GET', '/rest/queue/simple?'],
  ['that changes', 'PATCH', '/rest/queue/simple/*1'],
  ['that reads back', 'GET', '/rest/queue/simple/*1'],
])('a call %s waits 20 s for a router, not the minute that the router allows itself', async (_, method, path) => {
  const row = { '.id': '*1', name: write.name, target: '198.51.100.1/32', 'max-limit': '50M/50M' };
  const server = await startRouter((request) => {
    if (request.method === method && request.url.startsWith(path)) return { hangUp: true };
    return { body: request.url.includes('?') ? [row] : row };
  });
  toClose.push(server);
  const job = { ...routerosJob(server.port), deadline: systemClock.now() + 240_000 };
  const limits = await openRouterosLimits({ clock: systemClock }, job);
  toClose.push(limits);
  const { code, context } = await failureOf(limits.writeLimit(write));
  expect([code, context.timeoutMs]).toEqual(['SOURCE_UNAVAILABLE', 20_000]);
});
