/** A Junos that pings: its summary, its refusals, and which routers may be asked. */
import { afterEach, describe, expect, test } from 'vitest';
import type { JunosSimulator } from '../../../local/simulators/junos.ts';
import type { Source } from '../../../shared/collect/source.ts';
import { fromWireJunosPing } from '../../../shared/interfaces/junos-ping.convert.ts';
import { createPingOpener } from '../../../shared/interfaces/router-ping.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { JunosWorld, PASSWORD, USER } from '../../local/simulators/junos-world.ts';
import { junosJob } from './junos-router.ts';

const summary = (over: object = {}) => ({
  'ping-results': {
    'probe-results-summary': {
      ...{ 'probes-sent': '5', 'responses-received': '4' },
      ...{ 'rtt-minimum': '400', 'rtt-average': '453.6', 'rtt-maximum': { '#text': '1200', '@format': 'x' } },
      ...over,
    },
  },
});

describe('a summary', () => {
  test('tells what was sent, what came back, and how long it took', () => {
    const rtt = { minimum: 400, average: 454, maximum: 1200 };
    expect(fromWireJunosPing(summary())).toEqual({ ok: true, result: { sent: 5, received: 4, rtt } });
  });

  test('of no answer at all has no times, whatever the router writes there', () => {
    const silent = summary({ 'responses-received': '0', 'rtt-minimum': '0', 'rtt-average': '0', 'rtt-maximum': '0' });
    expect(fromWireJunosPing(silent)).toEqual({ ok: true, result: { sent: 5, received: 0 } });
  });

  test('counts an echo that came twice once, and leaves times out that are not whole', () => {
    const twice = summary({ 'responses-received': '6', 'rtt-average': undefined });
    expect(fromWireJunosPing(twice)).toEqual({ ok: true, result: { sent: 5, received: 5 } });
  });

  test.each([
    ['none', {}],
    ['a list', []],
    ['no counters', summary({ 'probes-sent': undefined })],
    ['a negative one', summary({ 'responses-received': '-1' })],
    ['an echo that was never sent', summary({ 'probes-sent': '0', 'responses-received': '0' })],
    ['a time that is none', summary({ 'rtt-minimum': 'soon' })],
  ])('that is %s is no result', (_, value) => {
    expect(fromWireJunosPing(value)).toMatchObject({ ok: false });
  });
});

const toClose: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
});

const request = { host: '198.51.100.1', count: 5, intervalMs: 200 };
const place = { tenant: 'demo', router: 'edge1', allowedNetworks: ['127.0.0.0/8'] };

function openerOf(source: Source, secret: Record<string, string> = { user: USER, password: PASSWORD }) {
  return createPingOpener({
    clock: systemClock,
    sources: { read: async (tenant, id) => (tenant === 'demo' && id === source.id ? source : undefined) },
    secrets: { readSecret: async () => secret },
  });
}

async function simulated(secret?: Record<string, string>) {
  const world = new JunosWorld();
  const simulator: JunosSimulator = await world.open();
  toClose.push(world);
  const { source } = junosJob(simulator.routers[0]?.port ?? 0);
  const ping = await openerOf({ ...source, id: 'edge1' }, secret)(place, Date.now() + 10_000);
  toClose.push(ping);
  return { simulator, ping };
}

describe('a router', () => {
  test('answers, loses, is slow and is silent; all of it over one session', async () => {
    const { simulator, ping } = await simulated();
    expect(await ping.ping(request)).toMatchObject({ sent: 5, received: 5, rtt: { average: expect.any(Number) } });
    simulator.inject({ fault: 'ping-loss', address: request.host, percent: 40 });
    simulator.inject({ fault: 'ping-latency', address: request.host, milliseconds: 120 });
    const { received, rtt } = await ping.ping(request);
    expect([received, rtt?.minimum]).toEqual([3, 114_000]);
    simulator.inject({ fault: 'ping-unreachable', address: request.host });
    expect(await ping.ping(request)).toEqual({ sent: 5, received: 0 });
    expect(await ping.ping({ ...request, host: '198.51.100.2' })).toMatchObject({ received: 5 });
    expect(ping.operations.map(({ name, ok }) => [name, ok])).toEqual([
      ['resolve', true],
      ['connect', true],
      ...[1, 2, 3].map(() => ['ping 198.51.100.1', true]),
      ['ping 198.51.100.2', true],
    ]);
  });

  test('refuses a host in its own words, and takes the next', async () => {
    const { ping } = await simulated();
    await expect(ping.ping({ ...request, host: 'nobody.invalid' })).rejects.toMatchObject({
      ...{ code: 'SOURCE_MALFORMED', message: expect.stringContaining('cannot resolve nobody.invalid') },
    });
    expect(await ping.ping(request)).toMatchObject({ received: 5 });
  });

  test('that does not let this user ping says so', async () => {
    const { simulator, ping } = await simulated();
    simulator.inject({ fault: 'no-ping' });
    await expect(ping.ping(request)).rejects.toMatchObject({
      ...{ code: 'SOURCE_REJECTED', message: expect.stringContaining('permission denied') },
    });
  });

  test('that answers something else is malformed, and one that refuses the login rejected, without the password', async () => {
    const { simulator, ping } = await simulated();
    simulator.inject({ fault: 'garbage', shape: 'no-xml' });
    await expect(ping.ping(request)).rejects.toMatchObject({ code: 'SOURCE_MALFORMED' });
    const refused = await simulated({ user: USER, password: 'wrong-example' });
    const error = await refused.ping.ping(request).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'SOURCE_REJECTED' });
    expect(JSON.stringify([String(error), error, refused.ping.operations])).not.toContain('wrong-example');
  });
});

test.each([
  ['read by REST', { settings: { host: '127.0.0.1', api: 'rest' } }, 'set "api" to "netconf"'],
  ['of a make that cannot', { type: 'iosxe' as const }, 'only routeros and junos can'],
])('a router %s is not asked to ping', async (_, over, words) => {
  const { source } = junosJob(830);
  await expect(openerOf({ ...source, id: 'edge1', ...over })(place, Date.now() + 1000)).rejects.toMatchObject({
    ...{ code: 'NOT_FOUND', message: expect.stringContaining(words) },
  });
});
