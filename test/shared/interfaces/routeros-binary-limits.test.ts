/** Limits and pings by RouterOS's binary API: the sentences that are sent, the router's refusals, and its worst manners. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPingOpener } from '../../../shared/interfaces/router-ping.http.ts';
import { openRouterosLimits } from '../../../shared/interfaces/routeros-limits.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { PASSWORD, USER } from '../../local/simulators/routeros-world.ts';
import { failureOf, LimitsWorld } from './limits-world.ts';
import { type ApiScript, apiJob, startApiRouter } from './routeros-api-router.ts';

let world: LimitsWorld;
const toClose: { close(): unknown }[] = [];
beforeEach(() => {
  world = new LimitsWorld();
});
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
  await world.close();
});

const limit = (mbps: number) => ({ fromTargetBitsPerSecond: mbps * 1e6, toTargetBitsPerSecond: mbps * 1e6 });
const write = { name: 'reseller_r1001', targets: ['198.51.100.1'], limit: limit(20) };
const QUEUE = { '.id': '*1', name: 'reseller_r1001', target: '198.51.100.1/32', 'max-limit': '50000000/50000000' };

async function scripted(script: ApiScript) {
  const router = await startApiRouter(script);
  toClose.push(router);
  const limits = await openRouterosLimits({ clock: systemClock }, { ...apiJob(router.port, { timeMs: 20_000 }) });
  toClose.push(limits);
  return { router, limits };
}

/** Without logins. */
const asked = (commands: readonly string[][]) => commands.filter(([name]) => name !== '/login');

describe('a change', () => {
  test('is sent with its id, and read back by it', async () => {
    let maxLimit = QUEUE['max-limit'];
    const { router, limits } = await scripted(({ name, values }) => {
      if (name === '/queue/simple/set') maxLimit = values['max-limit'] ?? '';
      if (name === '/queue/simple/set') return {};
      return name === '/queue/simple/print' ? { rows: [{ ...QUEUE, 'max-limit': maxLimit }] } : undefined;
    });
    expect((await limits.writeLimit(write)).limit).toEqual(limit(20));
    const [list, set, back] = asked(router.commands);
    expect(list).toEqual(['/queue/simple/print', expect.stringMatching(/^=\.proplist=\.id,name,target,max-limit,/)]);
    expect(set).toEqual(['/queue/simple/set', '=.id=*1', '=max-limit=20000000/20000000']);
    expect(back).toEqual(['/queue/simple/print', '?.id=*1']);
    expect(limits.operations.map(({ name }) => name)).toEqual([
      ...['resolve', 'log in', 'read queues', 'log in', 'change queue', 'read queue back'],
    ]);
  });

  test('of a queue that vanished is an addition', async () => {
    const lists = [[QUEUE], [], [{ ...QUEUE, '.id': '*2', 'max-limit': '20M/20M' }]];
    const { router, limits } = await scripted(({ name }) => {
      if (name === '/queue/simple/set') return { trap: 'no such item (4)', category: '0' };
      if (name === '/queue/simple/add') return { ret: '*2' };
      return name === '/queue/simple/print' ? { rows: lists.shift() ?? [] } : undefined;
    });
    expect((await limits.writeLimit(write)).limit).toEqual(limit(20));
    expect(asked(router.commands).map(([name]) => name)).toEqual([
      ...[
        '/queue/simple/print',
        '/queue/simple/set',
        '/queue/simple/print',
        '/queue/simple/add',
        '/queue/simple/print',
      ],
    ]);
    expect(router.commands.find(([name]) => name === '/queue/simple/add')).toEqual([
      ...['/queue/simple/add', '=name=reseller_r1001', '=target=198.51.100.1', '=max-limit=20000000/20000000'],
    ]);
  });

  test('of one that is gone when it is read back is looked for again, and not said to be done', async () => {
    const { limits } = await scripted(({ name, queries }) => {
      if (name === '/queue/simple/set' || name === '/login') return {};
      return { rows: queries.length === 0 ? [QUEUE] : [] };
    });
    const error = await failureOf(limits.writeLimit(write));
    expect([error.code, error.message]).toEqual([
      'SOURCE_MALFORMED',
      'the router refused /queue/simple/print (no such item)',
    ]);
  });

  test('that a user may not make says what is missing', async () => {
    await world.start();
    world.simulator.inject({ fault: 'refuse-write' });
    const error = await failureOf((await world.limits(undefined, 'binary')).writeLimit(write));
    expect([error.code, error.message]).toEqual(['SOURCE_REJECTED', expect.stringMatching(/policy write.*writeUser/)]);
  });

  test('is made by the user for writing where there is one', async () => {
    const writer = { user: 'headroom-write', password: 'correct-horse-77' };
    await world.start({ writer });
    const both = { user: USER, password: PASSWORD, writeUser: writer.user, writePassword: writer.password };
    expect((await (await world.limits(both, 'binary')).writeLimit(write)).limit).toEqual(limit(20));
  });
});

describe('cutting off', () => {
  test('asks for what FastTrack has taken in both words for yes, and ends it by one command', async () => {
    const rule = (id: number, matcher: string) => ({
      ...{ '.id': `*${id}`, chain: 'forward', action: 'drop', [matcher]: 'headroom-cut' },
    });
    const connections = ['198.51.100.1:50000', '198.51.100.2:1', '198.51.100.1:443'].map((from, i) => ({
      ...{ '.id': `*${i + 1}`, 'src-address': from },
    }));
    const { router, limits } = await scripted(({ name }) => {
      if (name === '/ip/firewall/filter/print')
        return { rows: [rule(1, 'src-address-list'), rule(2, 'dst-address-list')] };
      if (name === '/ip/firewall/connection/print') return { rows: connections };
      if (name === '/ip/firewall/connection/remove') return connections.splice(0) && {};
      if (name !== '/ip/firewall/address-list/print') return undefined;
      return { rows: [{ '.id': '*1', list: 'headroom-cut', address: '198.51.100.1' }] };
    });
    await limits.cut(['198.51.100.1']);
    const commands = asked(router.commands);
    expect(commands.find(([name]) => name === '/ip/firewall/connection/print')?.slice(2)).toEqual([
      ...['?fasttrack=true', '?fasttrack=yes', '?#|'],
    ]);
    expect(commands.find(([name]) => name === '/ip/firewall/connection/remove')).toEqual([
      ...['/ip/firewall/connection/remove', '=.id=*1,*3'],
    ]);
  });

  test('ends connections that a FastTrack rule has taken, at a simulated router', async () => {
    const limits = await (await world.start()).limits(undefined, 'binary');
    const rule = { chain: 'forward', action: 'fasttrack-connection', 'connection-state': 'established' };
    await world.change('/rest/ip/firewall/filter', 'PUT', { ...rule, 'place-before': '*2' });
    world.now += 60_000;
    expect(await world.rows('/rest/ip/firewall/connection')).toHaveLength(3);
    await limits.cut(['198.51.100.1']);
    expect(await world.rows('/rest/ip/firewall/connection')).toHaveLength(2);
    expect(await world.megabits()).toBe(0);
  });

  test('knows of nobody at a router that was built without IPv6', async () => {
    const { limits } = await scripted(({ name }) => (name.startsWith('/ip/') ? {} : undefined));
    expect(await limits.readCut()).toEqual([]);
  });
});

describe('a simulated router', () => {
  test.each([
    ['api-trap', 'SOURCE_MALFORMED', 'the router refused /queue/simple/print (failure: busy)'],
    ['api-fatal', 'SOURCE_UNAVAILABLE', 'the router ended the session (session terminated)'],
    ['api-cut', 'SOURCE_UNAVAILABLE', 'closed the connection'],
    ['api-length', 'SOURCE_MALFORMED', 'announced a word of 4294967295 octets'],
    ['api-endless', 'SOURCE_MALFORMED', 'the router sent more than 8000000 bytes in one answer'],
    ['session-closed', 'SOURCE_UNAVAILABLE', 'the router broke /queue/simple/print off (interrupted)'],
    ['server-error', 'SOURCE_UNAVAILABLE', 'the router ended the session (Service Unavailable)'],
    ['garbage', 'SOURCE_MALFORMED', 'does not speak its API here'],
    ['unauthorized', 'SOURCE_REJECTED', 'invalid user name or password (6)'],
  ])('that is %s is told as it is, and answers the next question', async (fault, code, words) => {
    const limits = await (await world.start()).limits(undefined, 'binary');
    world.simulator.inject({ fault });
    const error = await failureOf(limits.readQueues());
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(words)]);
    expect((await limits.readQueues()).queues).toHaveLength(3);
  });

  test('that is closed while it waits ends at once', async () => {
    const limits = await (await world.start()).limits(undefined, 'binary');
    world.simulator.inject({ fault: 'slow', seconds: 60 });
    const failure = failureOf(limits.readQueues());
    await new Promise((resolve) => setImmediate(resolve));
    limits.close();
    expect((await failure).code).toBe('SOURCE_UNAVAILABLE');
  });
});

describe('a ping', () => {
  const request = { host: '198.51.100.1', count: 5, intervalMs: 200 };

  async function pingAt(port: number, password = PASSWORD) {
    const { source } = apiJob(port);
    const open = createPingOpener({
      clock: systemClock,
      sources: { read: async () => source },
      secrets: { readSecret: async () => ({ user: USER, password }) },
    });
    const place = { tenant: 'demo', router: 'core1', allowedNetworks: ['127.0.0.0/8'] };
    const ping = await open(place, systemClock.now() + 10_000);
    toClose.push(ping);
    return ping;
  }

  test('is sent bounded, and told as by REST', async () => {
    const rows = [1, 2].map((n) => ({ sent: n, received: 1, 'min-rtt': '4ms', 'avg-rtt': '4ms', 'max-rtt': '4ms' }));
    const router = await startApiRouter(({ name }) => (name === '/ping' ? { rows } : undefined));
    toClose.push(router);
    const ping = await pingAt(router.port);
    const rtt = { minimum: 4000, average: 4000, maximum: 4000 };
    expect(await ping.ping(request)).toEqual({ sent: 2, received: 1, rtt });
    expect(asked(router.commands)).toEqual([['/ping', '=address=198.51.100.1', '=count=5', '=interval=200ms']]);
  });

  test('of a simulated router loses and is silent as it is told to', async () => {
    await world.start();
    const ping = await pingAt(world.simulator.routers[0]?.api?.port ?? 0);
    world.simulator.inject({ fault: 'ping-loss', address: request.host, percent: 40 });
    expect((await ping.ping(request)).received).toBe(3);
    world.simulator.inject({ fault: 'ping-timeout', address: request.host });
    expect(await ping.ping(request)).toEqual({ sent: 5, received: 0 });
  });

  test('tells a user without the right from one that was refused', async () => {
    await world.start();
    world.simulator.inject({ fault: 'no-ping' });
    const port = world.simulator.routers[0]?.api?.port ?? 0;
    const right = await failureOf((await pingAt(port)).ping(request));
    expect([right.code, right.message]).toEqual([
      'SOURCE_REJECTED',
      expect.stringContaining('give its group the policy test'),
    ]);
    const login = await failureOf((await pingAt(port, 'wrong-8c1d')).ping(request));
    expect([login.code, login.message]).toEqual([
      'SOURCE_REJECTED',
      expect.stringContaining('refused the user or its password'),
    ]);
  });
});
