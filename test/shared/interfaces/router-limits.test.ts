/** Opening a router outside of its runs, and trying it: over simulated routers, with the stores in memory. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SecretFields } from '../../../shared/collect/secrets.port.ts';
import type { Source } from '../../../shared/collect/source.ts';
import { createRouterOpener, openLimits } from '../../../shared/interfaces/router-limits.http.ts';
import { targetsRefusal } from '../../../shared/interfaces/router-limits.ts';
import { createRouterProbe } from '../../../shared/interfaces/router-probe.ts';
import { createRouterosCollector } from '../../../shared/interfaces/routeros.http.ts';
import { systemClock as clock } from '../../../shared/platform/clock.ts';
import { memoryTenants, sourceNamed, tenantNamed } from '../collect/fakes.ts';
import { HELD_INTERFACE, IosxeLimitsWorld } from './iosxe-limits-world.ts';
import { HELD_UNIT, JunosLimitsWorld } from './junos-limits-world.ts';
import { LimitsWorld } from './limits-world.ts';
import { PASSWORD, USER } from './routeros-router.ts';

const tenant = tenantNamed('demo', { simulated: true, allowedNetworks: ['127.0.0.0/8'] });
let world: LimitsWorld;
let source: Source;
let secret: SecretFields | undefined;
beforeEach(async () => {
  world = await new LimitsWorld().start();
  const settings = { host: '127.0.0.1', port: world.simulator.routers[0]?.port, plainHttp: true };
  source = sourceNamed('core', { type: 'routeros', kind: 'interface', settings });
  secret = { user: USER, password: PASSWORD };
});
afterEach(() => world.close());

function binary(other: object = {}): void {
  const port = world.simulator.routers[0]?.api?.port;
  source = { ...source, settings: { ...source.settings, api: 'binary', port, ...other } };
}

const deps = () => ({
  clock,
  sources: { read: async (_: string, id: string) => (id === source.id ? source : undefined) },
  secrets: { readSecret: async () => secret },
  tenants: memoryTenants(tenant),
});
const open = (id = 'core') => createRouterOpener(deps())('demo', id, clock.now() + 5_000);
const callsMade = () => (world.simulator.state() as { routers: { calls: number }[] }).routers[0]?.calls;
const probe = () =>
  createRouterProbe({
    ...deps(),
    collector: createRouterosCollector({ clock }),
    openLimits: (one, deadline) => openLimits(deps(), one, deadline),
  })(tenant, source, clock.now() + 5_000);

test('a router is opened with its settings and its secret', async () => {
  const limits = await open();
  expect((await limits.readQueues()).queues).toHaveLength(3);
  limits.close();
});

test('opening calls nobody', async () => {
  (await open()).close();
  expect(callsMade()).toBe(0);
});

test('an unknown id and a source that is no router are not found', async () => {
  await expect(open('other')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  source = { ...source, kind: 'bundle' };
  await expect(open()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a paused router is left alone, with the reason', async () => {
  source = { ...source, pausedReason: 'the credentials were refused twice' };
  await expect(open()).rejects.toMatchObject({
    code: 'SOURCE_REJECTED',
    message: 'the credentials were refused twice',
  });
});

test('a router that is only read is refused with what could be changed', async () => {
  source = { ...source, type: 'snmp' };
  await expect(open()).rejects.toMatchObject({
    ...{ code: 'REQUEST_INVALID', message: expect.stringContaining('routers of type snmp are only read') },
  });
});

test('without credentials, or outside of what the tenant declared, nothing is called', async () => {
  secret = undefined;
  await expect(open()).rejects.toMatchObject({ code: 'SOURCE_REJECTED' });
  secret = { user: USER, password: PASSWORD };
  const outside = createRouterOpener({ ...deps(), tenants: memoryTenants(tenantNamed('demo')) });
  await expect(outside('demo', 'core', clock.now() + 5_000)).rejects.toMatchObject({ code: 'SOURCE_REJECTED' });
  expect(callsMade()).toBe(0);
});

test('a try tells each step of reading, and of limits', async () => {
  const { steps, error } = await probe();
  expect(error).toBeUndefined();
  expect(steps.map(({ name }) => name)).toEqual([
    ...['resolve', 'read interfaces', 'read uptime', 'read rates', 'read queue counters'],
    ...['resolve', 'read queues', 'read ip rules', 'read ip cut list', 'read ipv6 cut list'],
  ]);
  expect(steps.every(({ ok }) => ok)).toBe(true);
});

test('a try of a router by its binary API tells its logins as well', async () => {
  binary();
  const { steps, error } = await probe();
  expect(error).toBeUndefined();
  expect(steps.map(({ name }) => name)).toEqual([
    ...['resolve', 'log in', 'read interfaces', 'read uptime', 'read rates', 'read queue counters'],
    ...['resolve', 'log in', 'read queues', 'read ip rules', 'read ip cut list', 'read ipv6 cut list'],
  ]);
});

test('such a try ends with a refused login in the router’s words, and without the password', async () => {
  binary();
  secret = { user: USER, password: 'wrong-horse-battery' };
  const { steps, error } = await probe();
  expect(error).toBe('the router refused the user or its password (invalid user name or password (6))');
  expect(steps.map(({ name, ok }) => [name, ok])).toEqual([
    ['resolve', true],
    ['log in', false],
  ]);
  expect(JSON.stringify([steps, error])).not.toContain('wrong-horse');
});

test('a try by the wrong interface says what may be meant', async () => {
  binary({ port: world.simulator.routers[0]?.port });
  expect((await probe()).error).toBe('the router does not speak its API here: is this port its api-ssl?');
  binary({ api: 'rest' });
  expect((await probe()).error).toMatch(/^http:.*(closed the connection|does not speak HTTP|did not answer in time)/);
});

test('a try ends with what failed, in the router’s words, and without the password', async () => {
  secret = { user: USER, password: 'wrong-horse-battery' };
  const { steps, error } = await probe();
  expect(error).toBe('the router refused the user or its password');
  expect(steps.map(({ name, ok, status }) => [name, ok, status])).toEqual([
    ['resolve', true, undefined],
    ['read interfaces', false, 401],
  ]);
  expect(JSON.stringify([steps, error])).not.toContain('wrong-horse');
});

test('a try of what is configured wrong has that for its step', async () => {
  secret = { user: USER };
  expect((await probe()).steps).toMatchObject([{ name: 'configuration', ok: false }]);
});

test('a try of a paused router is made: somebody wants to know whether it is mended', async () => {
  source = { ...source, pausedReason: 'refused twice' };
  expect((await probe()).error).toBeUndefined();
});

test('a router that only its site reaches is neither opened nor tried from here, and both say why', async () => {
  source = { ...source, type: 'site-router', settings: { via: 'branch' } };
  await expect(open()).rejects.toMatchObject({
    ...{ code: 'REQUEST_INVALID', message: expect.stringContaining('reached by site "branch" alone') },
  });
  expect(await probe()).toEqual({ steps: [], error: expect.stringContaining('reached by site "branch" alone') });
  expect(callsMade()).toBe(0);
});

describe('routers that hold interfaces', () => {
  test('a Junos is opened by its type', async () => {
    const junos = await new JunosLimitsWorld().start();
    source = sourceNamed('core', {
      ...{ type: 'junos', kind: 'interface' },
      settings: { host: '127.0.0.1', port: junos.simulator.routers[0]?.port },
    });
    const limits = await open();
    expect((await limits.readQueues()).queues).toMatchObject([{ name: 'reseller_r1001', targets: [HELD_UNIT] }]);
    limits.close();
    await junos.close();
  });

  test('an IOS-XE is opened by its type', async () => {
    const iosxe = await new IosxeLimitsWorld().start();
    source = sourceNamed('core', {
      ...{ type: 'iosxe', kind: 'interface' },
      settings: { host: '127.0.0.1', port: iosxe.simulator.routers[0]?.port, plainHttp: true },
    });
    const limits = await open();
    expect((await limits.readQueues()).queues).toMatchObject([{ name: 'reseller_r1001', targets: [HELD_INTERFACE] }]);
    limits.close();
    await iosxe.close();
  });

  test.each([
    ['routeros', ['198.51.100.7', '2001:db8::/48'], undefined],
    ['routeros', ['198.51.100.7', 'ether1'], 'ether1 is an interface'],
    ['junos', ['ge-0/0/0.10'], undefined],
    ['junos', ['198.51.100.7'], 'is an address'],
    ['iosxe', ['Vlan10', 'Vlan20'], 'must be one interface'],
    ['snmp', ['anything'], undefined],
    ['junos', [], undefined],
  ] as const)('%s may hold %j in a queue: refused with %s', (type, targets, why) => {
    const refusal = targetsRefusal(type, targets);
    if (why === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toContain(why);
  });
});
