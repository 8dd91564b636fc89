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

const rows = (path: string) => world.rows(path);
const forward = async () => (await rows('/rest/ip/firewall/filter')).filter(({ chain }) => chain === 'forward');
const change = (path: string, method: string, body: object) => world.change(path, method, body);

/** Mb/s that a customer's queue lets through over the next minute. */
async function megabits(name = 'reseller_r1001'): Promise<number> {
  const octets = async () => {
    const row = (await rows('/rest/queue/simple')).find((one) => one.name === name);
    return Number(row?.bytes?.split('/')[1]);
  };
  const before = await octets();
  world.now += 60_000;
  return Math.round(((await octets()) - before) / 60 / 125_000);
}

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

describe('cutting off', () => {
  test('ends what runs, while a queue that is switched off lets everything pass', async () => {
    const limits = await (await world.start()).limits();
    await change('/rest/queue/simple/*1', 'PATCH', { disabled: 'true' });
    await change('/rest/queue/simple', 'PUT', { name: 'after', target: '198.51.100.1' });
    expect(await megabits('after')).toBeGreaterThan(100);
    await change('/rest/queue/simple/*1', 'PATCH', { disabled: 'false' });
    await limits.cut(['198.51.100.1']);
    expect(await megabits()).toBe(0);
    await limits.reconnect(['198.51.100.1']);
    expect(await megabits()).toBe(50);
  });

  test('adds its two rules above the one that accepts what is established, once', async () => {
    const limits = await (await world.start()).limits();
    await limits.cut(['198.51.100.1']);
    await limits.cut(['198.51.100.2']);
    const chain = await forward();
    expect(chain.map(({ action }) => action)).toEqual(['drop', 'drop', 'accept', 'drop']);
    expect(chain.slice(0, 2).flatMap((rule) => Object.keys(rule).filter((name) => name.endsWith('-list')))).toEqual([
      'src-address-list',
      'dst-address-list',
    ]);
    await limits.reconnect(['198.51.100.1', '198.51.100.2']);
    expect(await forward()).toHaveLength(4);
  });

  test.each([
    ['is switched off', { disabled: 'true' }],
    ['lets some packets be', { protocol: 'tcp' }],
    ['does not drop', { action: 'accept' }],
  ])('is not said of anybody while one of the rules %s, and is true again after the next cut', async (_, spoilt) => {
    const limits = await (await world.start()).limits();
    await limits.cut(['198.51.100.1']);
    const [first] = await forward();
    await change(`/rest/ip/firewall/filter/${first?.['.id']}`, 'PATCH', spoilt);
    expect(await limits.readCut()).toEqual([]);
    await limits.cut(['198.51.100.1']);
    expect(await limits.readCut()).toEqual(['198.51.100.1']);
    expect(await megabits()).toBe(0);
  });

  test('is not said of anybody while a rule above lets established connections pass', async () => {
    const limits = await (await world.start()).limits();
    await limits.cut(['198.51.100.1']);
    const [first] = await forward();
    const accept = {
      chain: 'forward',
      action: 'accept',
      'connection-state': 'established',
      'place-before': first?.['.id'],
    };
    await change('/rest/ip/firewall/filter', 'PUT', accept);
    expect(await megabits()).toBe(50);
    expect(await limits.readCut()).toEqual([]);
    await limits.cut(['198.51.100.1']);
    expect(await megabits()).toBe(0);
  });

  test('ends the connections that a FastTrack rule has taken, and no others', async () => {
    const limits = await (await world.start()).limits();
    const rule = { chain: 'forward', action: 'fasttrack-connection', 'connection-state': 'established' };
    await change('/rest/ip/firewall/filter', 'PUT', { ...rule, 'place-before': '*2' });
    world.now += 60_000;
    expect(await rows('/rest/ip/firewall/connection')).toHaveLength(3);
    await limits.cut(['198.51.100.1']);
    const left = await rows('/rest/ip/firewall/connection');
    expect(left.map((row) => row['src-address'])).toEqual(['198.51.100.2:50000', '198.51.100.41:50000']);
  });

  test('ends them also where the FastTrack rule stands in a chain that forward jumps to, or is gone by now', async () => {
    const limits = await (await world.start()).limits();
    const fast = { chain: 'quick', action: 'fasttrack-connection', 'connection-state': 'established' };
    await change('/rest/ip/firewall/filter', 'PUT', fast);
    expect((await limits.readQueues()).rejected).toEqual([]);
    const jump = { chain: 'forward', action: 'jump', 'jump-target': 'quick', 'place-before': '*2' };
    await change('/rest/ip/firewall/filter', 'PUT', jump);
    expect((await limits.readQueues()).rejected).toMatchObject([{ message: expect.stringContaining('FastTrack') }]);
    world.now += 60_000;
    expect(await rows('/rest/ip/firewall/connection')).toHaveLength(3);
    await limits.cut(['198.51.100.1']);
    expect(await rows('/rest/ip/firewall/connection')).toHaveLength(2);
    const all = await rows('/rest/ip/firewall/filter');
    const id = all.find(({ action }) => action === 'jump')?.['.id'];
    await change(`/rest/ip/firewall/filter/${id}`, 'PATCH', { disabled: 'true' });
    expect((await limits.readQueues()).rejected).toEqual([]);
    await limits.cut(['198.51.100.2']);
    expect(await rows('/rest/ip/firewall/connection')).toHaveLength(1);
  });

  test('is not said to be done while such a connection goes on, and asks for each where one ended meanwhile', async () => {
    const list = [
      { '.id': '*1', 'src-address': '198.51.100.1:50000', 'dst-address': '192.0.2.80:443' },
      { '.id': '*2', 'src-address': '192.0.2.9:53', 'dst-address': '198.51.100.1:53' },
      { '.id': '*3', 'src-address': '198.51.100.11:1', 'dst-address': '192.0.2.80:443' },
      {
        ...{ '.id': '*4', 'src-address': '192.0.2.9:4000', 'dst-address': '203.0.113.5:443' },
        ...{ 'reply-src-address': '198.51.100.1:8443', 'reply-dst-address': '192.0.2.9:4000' },
      },
    ];
    const drop = (id: number, matcher: string) => ({
      '.id': `*${id}`,
      chain: 'forward',
      action: 'drop',
      [matcher]: 'headroom-cut',
    });
    const rules = [
      drop(1, 'src-address-list'),
      drop(2, 'dst-address-list'),
      { '.id': '*3', chain: 'forward', action: 'fasttrack-connection' },
    ];
    const server = await startRouter(({ method, url }) => {
      if (url.includes('/connection/remove')) {
        return { status: 400, body: { error: 400, message: 'Bad Request', detail: 'no such item' } };
      }
      if (method === 'DELETE') return { status: 204, body: '' };
      if (url.includes('/filter')) return { body: rules };
      if (url.includes('/address-list'))
        return { body: [{ '.id': '*1', list: 'headroom-cut', address: '198.51.100.1' }] };
      return { body: list };
    });
    toClose.push(server);
    const job = { ...routerosJob(server.port), deadline: systemClock.now() + 20_000 };
    const limits = await openRouterosLimits({ clock: systemClock }, job);
    toClose.push(limits);
    const error = await failureOf(limits.cut(['198.51.100.1']));
    expect(error.message).toContain('3 connections still pass by FastTrack');
    expect(server.bodies.find((body) => body !== '')).toBe('{".id":"*1,*2,*4"}');
    expect(server.requests.filter((request) => request.startsWith('DELETE'))).toHaveLength(3);
    expect(server.requests.find((request) => request.includes('/connection?'))).toContain('reply-src-address');
  });

  const enter = (address: string, more = {}) =>
    change('/rest/ip/firewall/address-list', 'PUT', { list: 'headroom-cut', address, ...more });

  test.each([
    ['a range', '198.51.100.1-198.51.100.9', 'still cuts off 198.51.100.1: '],
    ['a name, which may be anybody', 'customer.example', 'may still cut off 198.51.100.1: '],
    ['a prefix', '198.51.100.0/24', 'still cuts off 198.51.100.1: '],
  ])('is not said to be over while %s of somebody else’s stands in the list', async (_, entry, said) => {
    const limits = await (await world.start()).limits();
    await limits.cut(['198.51.100.1']);
    await enter(entry);
    const { code, message } = await failureOf(limits.reconnect(['198.51.100.1']));
    expect([code, message]).toEqual(['SOURCE_MALFORMED', expect.stringContaining(said)]);
    expect(message).toContain(entry);
    expect(await limits.readCut()).toEqual([entry]);
    if (entry !== 'customer.example') expect(await megabits()).toBe(0);
  });

  test('is over where such an entry is off, or holds others only', async () => {
    const limits = await (await world.start()).limits();
    await limits.cut(['198.51.100.1']);
    await enter('198.51.100.1-198.51.100.9', { disabled: 'true' });
    await enter('198.51.100.2-198.51.100.9');
    await limits.reconnect(['198.51.100.1']);
    expect(await megabits()).toBe(50);
  });

  test('is not over for a prefix while a range or an address inside of it is cut off', async () => {
    const limits = await (await world.start()).limits();
    for (const entry of ['198.51.100.3-198.51.100.5', '198.51.100.3']) {
      await enter(entry);
      expect((await failureOf(limits.reconnect(['198.51.100.0/28']))).message).toContain(entry);
      for (const row of await rows('/rest/ip/firewall/address-list'))
        await change(`/rest/ip/firewall/address-list/${row['.id']}`, 'DELETE', {});
    }
  });

  test('puts an entry in the place of one that is off or goes by itself', async () => {
    const limits = await (await world.start()).limits();
    await change('/rest/ip/firewall/address-list', 'PUT', {
      ...{ list: 'headroom-cut', address: '198.51.100.1', disabled: 'true' },
    });
    await limits.cut(['198.51.100.1']);
    expect(await rows('/rest/ip/firewall/address-list')).toMatchObject([{ disabled: 'false' }]);
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
