/** Cutting customers off at a RouterOS: what really ends, what stays, and what somebody else's entries and rules do to it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRouterosLimits } from '../../../shared/interfaces/routeros-limits.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { failureOf, LimitsWorld } from './limits-world.ts';
import { routerosJob, startRouter } from './routeros-router.ts';

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
const megabits = (name?: string) => world.megabits(name);

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
