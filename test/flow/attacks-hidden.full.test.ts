/** What may never come out: addresses that may not be called, scripts in names, credentials in every field. */
import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKernelAgent } from '../../local/agent/kernel-agent.ts';
import { localSubject } from '../../local/services/identity.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { type Flow, sleep, startFlow } from './flow.ts';
import { everythingKept } from './leaks.ts';
import { expectNoFaults, expectProblem } from './problems.ts';

/** Stands in every credential field that the tests fill. */
const PLANTED = 'pl4nted-s3cret';
const SCRIPT = '<script>alert(1)</script>';

let flow: Flow;

beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  await flow.addTenant('rival', { phone: undefined });
  await flow.addTaara('demo');
  await flow.runNow('collect-taara');
}, 120_000);

afterAll(() => flow.stop());

describe('what is hidden stays hidden', () => {
  test('a router at an address that may not be called is refused with a sentence, before a packet leaves', async () => {
    const socket = createSocket('udp4');
    let packets = 0;
    socket.on('message', () => {
      packets += 1;
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    const hosts: Record<string, string> = {
      metadata: '169.254.169.254',
      'mapped-metadata': '::ffff:169.254.169.254',
      'own-v6': '::1',
      'own-v6-brackets': '[::1]',
      'private-net': '10.0.0.1',
      'own-name': 'localhost',
      decimal: '2130706433',
      octal: '0177.0.0.1',
      short: '127.1',
    };
    const tenants = createTenantStore(flow.table);
    const rival = await tenants.readTenant('rival');
    if (!rival) throw new Error('the tenant was added');
    // The API remembers a tenant for 30 s.
    const declare = async (allowedNetworks: string[]): Promise<void> => {
      await tenants.putTenant({ ...rival, allowedNetworks });
      flow.clock.moveBy(31_000);
    };
    await declare([]);
    for (const [id, host] of Object.entries(hosts)) {
      const body = { id, type: 'snmp', name: id, settings: { host, port }, credentials: { community: PLANTED } };
      const added = await flow.call('POST', '/v1/sources', { tenant: 'rival', body });
      expectProblem(added, 422);
      expect([id, added.body.errors[0].path]).toEqual([id, 'settings.host']);
    }
    // A range that was declared when the router was added and no longer is: the same check stands before every call.
    await declare(['127.0.0.0/8']);
    const body = { id: 'undeclared', type: 'snmp', name: 'Once ours', settings: { host: '127.0.0.1', port } };
    const credentials = { community: PLANTED };
    expect(await flow.call('POST', '/v1/sources', { tenant: 'rival', body: { ...body, credentials } })).toMatchObject({
      status: 201,
    });
    await declare([]);
    await flow.runNow('collect-interfaces');
    const runs = await flow.call('GET', '/v1/runs?source=undeclared', { tenant: 'rival' });
    expect(runs.body.items[0]).toMatchObject({
      status: 'failed',
      errorCode: 'SOURCE_REJECTED',
      error: expect.stringMatching(/address/),
    });
    await flow.runNow('collect-interfaces');
    const paused = (await flow.call('GET', '/v1/sources/undeclared', { tenant: 'rival' })).body;
    expect(paused.pausedReason).toMatch(/refused/);
    const mended = { version: paused.version, settings: { host: 'router.invalid', port } };
    const answer = await flow.call('PATCH', '/v1/sources/undeclared', { tenant: 'rival', body: mended });
    expect(answer).toMatchObject({ status: 200, body: { pausedReason: null } });
    await sleep(50);
    socket.close();
    expect(packets).toBe(0);
  });

  test('a script in the name of a source is text everywhere, and never a page', async () => {
    const { version } = (await flow.call('GET', '/v1/sources/home')).body;
    const changed = await flow.call('PATCH', '/v1/sources/home', { body: { version, name: SCRIPT } });
    expect(changed).toMatchObject({ status: 200, body: { name: SCRIPT } });
    await flow.runNow('collect-taara');
    const token = await flow.cloud.identity?.token(localSubject('demo', 'admin'));
    const paths = ['/v1/sources', '/v1/sources/home', '/v1/bundles', `/v1/sources/${encodeURIComponent(SCRIPT)}`];
    for (const path of paths) {
      const response = await fetch(`${flow.cloud.publicUrl}${path}`, {
        headers: { authorization: `Bearer ${token}`, accept: 'text/html' },
        signal: AbortSignal.timeout(10_000),
      });
      expect(response.headers.get('content-type')).toMatch(/^application\/(problem\+)?json$/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(JSON.stringify((await flow.call('GET', '/v1/bundles')).body)).toContain(JSON.stringify(SCRIPT).slice(1, -1));
  });

  test('credentials planted in every field never come out: logs, runs, answers, messages, rows, console', async () => {
    const field = (n: number): string => `${PLANTED}-${n}`;
    const bad = (extra: object) => ({ type: 'taara', name: 'Planted', settings: {}, ...extra });
    const taara = {
      countryCode: '44',
      phoneNumber: '7700900555',
      passcode: field(1),
      partnerId: field(2),
      hotspotId: field(3),
    };
    const v3 = { user: field(4), authKey: field(5), privKey: field(6) };
    const agent = await startKernelAgent({ community: field(7) });
    const router = { type: 'snmp', name: 'Planted' };
    const reached = { host: '127.0.0.1', port: agent.port };
    const unknownHost = { host: 'router.invalid', version: 'v3' };
    const created = [
      await flow.call('POST', '/v1/sources', { body: bad({ id: 'planted', credentials: taara }) }),
      await flow.call('POST', '/v1/sources', {
        body: { ...router, id: 'planted-v2', settings: reached, credentials: { community: field(7) } },
      }),
      await flow.call('POST', '/v1/sources', {
        body: { ...router, id: 'planted-v3', settings: unknownHost, credentials: v3 },
      }),
    ];
    expect(created.map((a) => a.status)).toEqual([201, 201, 201]);
    const refused = [
      await flow.call('POST', '/v1/sources', {
        body: bad({ id: 'planted-x', credentials: { ...taara, countryCode: field(8) } }),
      }),
      await flow.call('POST', '/v1/sources', {
        body: bad({ id: 'planted-y', credentials: { [field(9)]: 'x'.repeat(300) } }),
      }),
      await flow.call('POST', '/v1/sources', { body: `{"id":"planted-z","credentials":{"passcode":"${field(10)}"` }),
      await flow.call('PATCH', '/v1/sources/planted', {
        body: { version: 99, credentials: { ...taara, passcode: field(11) } },
      }),
    ];
    expect(refused.map((a) => a.status)).toEqual([422, 422, 400, 409]);
    await flow.runNow('collect-taara');
    await flow.runNow('collect-interfaces');
    await flow.runNow('collect-taara');
    await agent.close();
    const ends = ['planted', 'planted-v2', 'planted-v3'].map(async (id) => {
      const { body } = await flow.call('GET', `/v1/runs?source=${id}`);
      return body.items[0]?.status;
    });
    expect(await Promise.all(ends)).toEqual(['failed', 'success', 'failed']);
    const kept = await everythingKept(flow, 'demo');
    for (const [where, text] of kept) {
      // A field's name is not a value, and the caller sent it: only there may the ninth come back.
      const shown = where === 'answers' ? text.replaceAll(`credentials.${field(9)}`, '') : text;
      expect(
        shown.includes(PLANTED) ? `${where}: ${shown.slice(shown.indexOf(PLANTED) - 200).slice(0, 300)}` : '',
      ).toBe('');
      expect(text.includes('7700900555') ? where : '').toBe('');
      expect(/eyJ[\w-]{10,}\.[\w-]{10,}/.exec(text)?.[0] ?? '', where).toBe('');
    }
    for (const answer of created) expect(JSON.stringify(answer.body)).not.toContain(PLANTED);
    for (const answer of refused) {
      expect(JSON.stringify(answer.body).replaceAll(`credentials.${field(9)}`, '')).not.toContain(PLANTED);
    }
  });
});

test('after all of it no function met a fault of its own, and nothing was denied that the stories need', () =>
  expectNoFaults(flow));
