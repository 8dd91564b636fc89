/** A RouterOS that pings: its rows, its refusals, and who may ask it. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Source } from '../../../shared/collect/source.ts';
import { createPingOpener } from '../../../shared/interfaces/router-ping.http.ts';
import { fromWirePing } from '../../../shared/interfaces/routeros-ping.convert.ts';
import { durationMicroseconds } from '../../../shared/interfaces/routeros-words.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { RouterosWorld } from '../../local/simulators/routeros-world.ts';
import { PASSWORD, routerosJob, type Script, startRouter, USER } from './routeros-router.ts';

const row = (seq: number, over: object = {}) => ({
  ...{ '.section': `${seq}`, seq: `${seq}`, host: '198.51.100.1', size: '56', ttl: '64', time: '453us' },
  ...{ sent: `${seq + 1}`, received: `${seq + 1}`, 'packet-loss': '0' },
  ...{ 'min-rtt': '400us', 'avg-rtt': '453us', 'max-rtt': '1ms200us', ...over },
});

describe('rows', () => {
  test('add up, so that the last one holds all', () => {
    const rtt = { minimum: 400, average: 453, maximum: 1200 };
    expect(fromWirePing([row(0), row(1), row(2)])).toEqual({ ok: true, result: { sent: 3, received: 3, rtt } });
    const lost = { status: 'timeout', time: undefined, ttl: undefined, received: '2' };
    expect(fromWirePing([row(0), row(1), row(2, lost)])).toEqual({ ok: true, result: { sent: 3, received: 2, rtt } });
  });

  test('of which none came back have no time, whatever the router writes there', () => {
    const silent = { status: 'timeout', sent: '1', received: '0', 'packet-loss': '100' };
    expect(fromWirePing([silent])).toEqual({ ok: true, result: { sent: 1, received: 0 } });
    const zero = { ...silent, 'min-rtt': '0us', 'avg-rtt': '0us', 'max-rtt': '0us' };
    expect(fromWirePing([zero])).toEqual({ ok: true, result: { sent: 1, received: 0 } });
  });

  test('with more answers than echoes count each echo once; a time that is none is left out', () => {
    expect(fromWirePing([row(0, { received: '2' })])).toMatchObject({ ok: true, result: { sent: 1, received: 1 } });
    expect(fromWirePing([row(0, { 'avg-rtt': 'soon' })])).toEqual({ ok: true, result: { sent: 1, received: 1 } });
  });

  test.each([
    ['no list', { ret: 1 }],
    ['an empty one', []],
    ['no counters', [{ host: '198.51.100.1', time: '1ms' }]],
    ['negative ones', [row(0, { received: '-1' })]],
    ['an echo that was never sent', [row(0, { sent: '0', received: '0' })]],
  ])('that are %s are no result', (_, value) => {
    expect(fromWirePing(value)).toMatchObject({ ok: false });
  });

  test.each([
    ['453us', 453],
    ['1ms200us', 1200],
    ['2s', 2_000_000],
    ['1s20ms3us', 1_020_003],
    ['', undefined],
    ['12', undefined],
    ['us', undefined],
  ])('"%s" is %s microseconds', (text, expected) => {
    expect(durationMicroseconds(text)).toBe(expected);
  });
});

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

const place = { tenant: 'demo', router: 'core1', allowedNetworks: ['127.0.0.0/8'] };

function openerOf(
  source: Source | undefined,
  secret: Record<string, string> | undefined = { user: USER, password: PASSWORD },
) {
  return createPingOpener({
    clock: systemClock,
    sources: { read: async (tenant, id) => (tenant === 'demo' && id === source?.id ? source : undefined) },
    secrets: { readSecret: async () => secret },
  });
}

async function openAt(port: number, secret?: Record<string, string>) {
  const ping = await openerOf(routerosJob(port).source, secret)(place, Date.now() + 10_000);
  toClose.push(ping);
  return ping;
}

async function scripted(script: Script) {
  const router = await startRouter(script);
  toClose.push(router);
  return { router, ping: await openAt(router.port) };
}

const request = { host: '198.51.100.1', count: 5, intervalMs: 200 };

describe('a router', () => {
  test('is asked for so many echoes, bounded, and each ping is an operation', async () => {
    const { router, ping } = await scripted(() => ({ body: [row(0), row(1)] }));
    expect(await ping.ping(request)).toMatchObject({ sent: 2, received: 2 });
    expect(router.requests).toEqual(['POST /rest/ping']);
    expect(JSON.parse(router.bodies[0] ?? '')).toEqual({ address: '198.51.100.1', count: '5', interval: '200ms' });
    expect(ping.operations.map(({ name, ok }) => [name, ok])).toEqual([
      ['resolve', true],
      ['ping 198.51.100.1', true],
    ]);
  });

  test('that is simulated answers, loses, is slow and is silent', async () => {
    const world = new RouterosWorld();
    const simulator = await world.open();
    toClose.push(world);
    const ping = await openAt(simulator.routers[0]?.port ?? 0);
    expect(await ping.ping(request)).toMatchObject({ sent: 5, received: 5, rtt: { average: expect.any(Number) } });
    simulator.inject({ fault: 'ping-loss', address: request.host, percent: 40 });
    simulator.inject({ fault: 'ping-latency', address: request.host, milliseconds: 120 });
    const { received, rtt } = await ping.ping(request);
    expect([received, rtt?.minimum]).toEqual([3, 114_000]);
    simulator.inject({ fault: 'ping-unreachable', address: request.host });
    expect(await ping.ping(request)).toEqual({ sent: 5, received: 0 });
    expect(await ping.ping({ ...request, host: '198.51.100.2' })).toMatchObject({ received: 5 });
  });

  test('without the right to ping says what is missing', async () => {
    const { ping } = await scripted(() => ({
      status: 500,
      body: { error: 500, message: 'Internal Server Error', detail: 'not enough permissions (9)' },
    }));
    await expect(ping.ping(request)).rejects.toMatchObject({
      code: 'SOURCE_REJECTED',
      message: 'the router does not let this user ping: give its group the policy test',
    });
  });

  test.each([
    ['SOURCE_REJECTED', { status: 401, body: { error: 401, message: 'Unauthorized' } }],
    ['SOURCE_UNAVAILABLE', { status: 400, body: { error: 400, message: 'Bad Request', detail: 'Session closed' } }],
    ['SOURCE_UNAVAILABLE', { hangUp: true }],
    [
      'SOURCE_MALFORMED',
      { status: 400, body: { error: 400, message: 'Bad Request', detail: 'invalid value for argument address' } },
    ],
    ['SOURCE_MALFORMED', { body: [] }],
    ['SOURCE_MALFORMED', { body: '<html>' }],
  ] as const)('that fails is %s, without the password', async (code, answer) => {
    const { ping } = await scripted(() => answer);
    const error = await ping.ping(request).catch((e: unknown) => e);
    expect(error).toMatchObject({ code });
    const text = JSON.stringify([String(error), error, ping.operations]);
    expect(text).not.toContain(PASSWORD);
    expect(ping.operations.at(-1)).toMatchObject({ name: 'ping 198.51.100.1', ok: false });
  });
});

describe('nothing is sent', () => {
  const source = routerosJob(443).source;
  test.each<[string, Source | undefined, string, string]>([
    ['to a router that is not there', undefined, 'NOT_FOUND', 'there is no router "core1"'],
    [
      'to what cannot ping',
      { ...source, type: 'snmp' },
      'NOT_FOUND',
      '"core1" is a source of type snmp, which cannot ping',
    ],
    [
      'to one that is switched off',
      { ...source, enabled: false },
      'SOURCE_REJECTED',
      'the router "core1" is switched off here',
    ],
    ['to one that is paused', { ...source, pausedReason: 'refused twice' }, 'SOURCE_REJECTED', 'refused twice'],
  ])('%s', async (_, given, code, message) => {
    const error = await openerOf(given)(place, Date.now() + 1000).catch((e: unknown) => e);
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain(message);
  });

  test('without credentials, and to no address that the tenant may not call', async () => {
    await expect(openerOf(source, {})(place, Date.now() + 1000)).rejects.toMatchObject({ code: 'SOURCE_REJECTED' });
    const elsewhere = { ...place, allowedNetworks: [] };
    await expect(openerOf(source)(elsewhere, Date.now() + 1000)).rejects.toMatchObject({
      code: 'SOURCE_REJECTED',
      message: expect.stringContaining('loopback'),
    });
  });
});
