import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_ROUTES, openApiDocument } from '../../functions/api/openapi.ts';
import { FUNCTIONS } from '../../functions/manifest.ts';
import type { KernelAgent } from '../../local/agent/kernel-agent.ts';
import { startKernelAgent } from '../../local/agent/kernel-agent.ts';
import { type RouterosSimulator, startRouterosSimulator } from '../../local/simulators/routeros.ts';
import { ispRouters } from '../../local/simulators/routeros-isp.ts';
import { type Flow, startFlow } from './flow.ts';
import { inline, type Operation, operationsOf, problemsWith } from './openapi-reading.ts';

/** The first SIM of the simulated fleet. */
const ICCID = '8988000000000000001';
/** A month that is due for the archive when every story starts. */
const ARCHIVED = '2025-10';
/** Called by the messaging provider alone, with its own signature: no client has a use for it. */
const NOT_FOR_CLIENTS = ['POST /v1/callbacks/twilio'];

const operations = operationsOf(openApiDocument());

test('the document is what OpenAPI 3.1 asks for: parameters, schemas, references, security', () => {
  expect(problemsWith(openApiDocument())).toEqual([]);
});

test('every route of the manifest is in the document, and nothing else', () => {
  const triggered = FUNCTIONS.flatMap((f) => (f.trigger.on === 'http' ? f.trigger.routes : []));
  const documented = operations.map((o) => o.key);
  expect([...documented, ...NOT_FOR_CLIENTS].sort()).toEqual([...triggered].sort());
  expect(documented.sort()).toEqual(ALL_ROUTES.map((r) => r.key).sort());
});

test('what needs a token says so, with the role, and what is open says that', () => {
  for (const { key, operation } of operations) {
    const { needs } = ALL_ROUTES.find((r) => r.key === key) ?? {};
    const open = operation.security?.length === 0;
    expect([key, open, operation['x-needs-role']]).toEqual([key, needs === 'open', open ? undefined : needs]);
  }
});

describe('answers of the running cloud', () => {
  let flow: Flow;
  let agent: KernelAgent;
  let routers: RouterosSimulator;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    flow = await startFlow({ sims: 3 });
    agent = await startKernelAgent({ community: 'example', now: () => flow.clock.now() });
    await flow.addTenant('demo');
    await flow.addTaara('demo');
    await flow.addFleet('demo', { events: true, connectivity: true });
    const body = { type: 'snmp', name: 'Router', settings: { host: '127.0.0.1', port: agent.port } };
    await flow.call('POST', '/v1/sources', { body: { ...body, id: 'router', credentials: { community: 'example' } } });
    const login = { user: 'headroom', password: 'example' };
    const now = () => flow.clock.now();
    routers = await startRouterosSimulator({ routers: ispRouters({ ...login, bootedAt: now() - 86_400_000 }), now });
    const settings = { host: '127.0.0.1', port: routers.routers[0]?.port, plainHttp: true };
    const core = { id: 'core', type: 'routeros', name: 'Core', settings, credentials: login };
    expect((await flow.call('POST', '/v1/sources', { body: core })).status).toBe(201);
    const targets = [{ name: 'port', host: '127.0.0.1', method: 'tcp', port: agent.port, count: 1 }];
    await flow.call('POST', '/v1/sources', {
      body: { id: 'reach', type: 'ping', name: 'Reach', settings: { targets } },
    });
    for (const schedule of ['collect-taara', 'collect-interfaces', 'collect-sims']) await flow.runNow(schedule);
    const link = { id: 'nttn', name: 'NTTN', router: 'core' };
    expect((await flow.call('POST', '/v1/links', { body: link })).status).toBe(201);
    // Nothing can be limited by SNMP, so that there is an alert to tell of.
    const routersOfOne = [{ router: 'router', targets: ['192.0.2.99'], interfaces: ['lo'] }];
    const reseller = { id: 'r1001', name: 'One', routers: routersOfOne, plan: { downMbps: 5 } };
    expect((await flow.call('POST', '/v1/resellers', { body: reseller })).status).toBe(201);
    const label = { action: 'label', iccids: [ICCID], parameters: { label: 'pump' } };
    ids.set('sims/actions', (await flow.call('POST', '/v1/sims/actions', { body: label })).body.job);
    await flow.call('POST', `/v1/sims/${ICCID}/sms`, { body: { payload: 'hello' } });
    await flow.pass(1);
    await flow.runNow('collect-taara');
    await flow.runNow('collect-interfaces');
    await flow.runNow('collect-links');
    for (const list of [
      'bundles',
      'interfaces',
      'reach',
      'alerts',
      'rules',
      'sources',
      'routers',
      'links',
      'resellers',
    ]) {
      ids.set(list, (await flow.call('GET', `/v1/${list}`)).body.items[0]?.id);
    }
    // One reading of more than a year ago, so that something is archived: planned, written, then found whole.
    const csv = `at,entity,remaining\n${ARCHIVED}-20T00:00:00Z,${ids.get('bundles')},1`;
    const source = ids.get('bundles')?.split('~')[0];
    expect((await flow.call('POST', `/v1/sources/${source}/history`, { csv })).status).toBe(200);
    await flow.skip(2);
    for (let times = 0; times < 2; times++) await flow.runNow('archive-plan');
  }, 120_000);

  afterAll(async () => {
    await flow.stop();
    await agent.close();
    await routers.close();
  });

  // What a file holds, no schema says.
  const gets = operations.filter((o) => o.method === 'GET' && o.responses[0]?.type === 'application/json');
  const pathOf = ({ path }: Operation): string => {
    const list = /^\/v1\/(sims\/actions|\w+)\//.exec(path)?.[1] ?? '';
    return path
      .replace('{id}', ids.get(list) ?? '')
      .replace('{iccid}', ICCID)
      .replace('{month}', ARCHIVED);
  };
  const queriesOf = ({ path }: Operation): string[] => {
    if (path.endsWith('/samples')) return ['', '?step=1h', '?step=1d&from=2026-11-01'];
    if (path === '/v1/sims/limits') return ['?account=fleet'];
    if (path === '/v1/sims') return ['', '?sort=-usageToday&limit=1', '?quota=sufficient&status=enabled'];
    if (path === '/v1/resellers/{id}/usage') return ['', '?from=2026-11-01'];
    if (path.endsWith('/usage')) return ['', '?by=week', '?by=month&from=2026-06-01'];
    if (path === '/v1/alerts') return ['?state=all', '?limit=1', '?state=history'];
    return path === '/v1/interfaces' || path === '/v1/runs' ? ['?limit=1', '?limit=500'] : [''];
  };

  test('a router is tried with its stored credentials, and its queues are told as they are', async () => {
    const { body } = await flow.call('POST', '/v1/routers/core/test');
    expect([body.ok, body.error, body.steps.length]).toEqual([true, null, 10]);
    const queues = (await flow.call('GET', '/v1/routers/core/queues')).body;
    expect(queues.items).toHaveLength(20);
    expect(queues.items[0]).toMatchObject({ name: 'reseller_r1001', targets: ['198.51.100.1'], dynamic: false });
    const status = (await flow.call('GET', '/router/status')).body;
    expect(status).toMatchObject([
      { router_id: 'core', connected: true, active_queues: 20, total_resellers: 0, error: null },
      { router_id: 'router', active_queues: null, total_resellers: 1 },
    ]);
    routers.inject({ fault: 'unauthorized', times: 1 });
    const refused = (await flow.call('POST', '/v1/routers/core/test')).body;
    expect([refused.ok, refused.error]).toEqual([false, 'the router refused the user or its password']);
    expect(JSON.stringify(refused)).not.toContain('"example"');
  });

  test.each(gets.map((o) => [o.key, o] as const))('%s answers by its own schema', async (_, operation) => {
    const schema = inline(operation.responses[0]?.schema);
    for (const query of queriesOf(operation)) {
      const { status, body } = await flow.call('GET', `${pathOf(operation)}${query}`);
      expect([query, status, JSON.stringify(body).slice(0, 200)]).toEqual([query, 200, expect.any(String)]);
      const parsed = schema.safeParse(body);
      expect(parsed.success ? [] : parsed.error.issues).toEqual([]);
      if ('items' in body && !query.includes('history')) expect(body.items.length).toBeGreaterThan(0);
    }
  });

  test('answers to writes, and refusals, are by their schemas too', async () => {
    const rule = { id: 'own', kind: 'bundle', type: 'absence', name: 'Own', slots: 3, severity: 'info' };
    const calls: [string, string, unknown][] = [
      ['POST /v1/rules', '/v1/rules', rule],
      ['PATCH /v1/rules/{id}', '/v1/rules/own', { version: 1, name: 'Renamed' }],
      ['DELETE /v1/rules/{id}', '/v1/rules/own', undefined],
      ['POST /v1/sources', '/v1/sources', { id: 'more', type: 'taara', name: 'More', settings: { hotspotId: '1' } }],
      ['PATCH /v1/sources/{id}', '/v1/sources/more', { version: 1, enabled: false }],
      ['POST /v1/sources/{id}/collect', '/v1/sources/home/collect', undefined],
      ['DELETE /v1/sources/{id}', '/v1/sources/more', undefined],
      ['POST /v1/sims/actions', '/v1/sims/actions', { action: 'reset', iccids: [ICCID] }],
      ['POST /v1/sims/{iccid}/sms', `/v1/sims/${ICCID}/sms`, { payload: 'hello' }],
      ['POST /api/collect', '/api/collect', undefined],
      [
        'POST /v1/resellers',
        '/v1/resellers',
        { id: 'r1', name: 'R', addresses: ['192.0.2.5'], routers: [{ router: 'router' }] },
      ],
      ['POST /v1/resellers/{id}/plan', '/v1/resellers/r1/plan', { version: 1, downMbps: 5 }],
      ['POST /router/update-bandwidth', '/router/update-bandwidth', { reseller_id: 'r1', new_plan_mbps: 500 }],
      ['POST /v1/resellers/{id}/suspend', '/v1/resellers/r1/suspend', { version: 3 }],
      ['POST /v1/resellers/{id}/restore', '/v1/resellers/r1/restore', { version: 4 }],
      ['PATCH /v1/resellers/{id}', '/v1/resellers/r1', { version: 5, note: 'x' }],
      ['DELETE /v1/resellers/{id}', '/v1/resellers/r1?version=6&leaveRouters=true', undefined],
    ];
    for (const [key, path, body] of calls) {
      const operation = operations.find((o) => o.key === key);
      const answer = await flow.call(operation?.method ?? '', path, body === undefined ? {} : { body });
      const done = operation?.responses.find((r) => r.status === String(answer.status));
      expect([key, answer.status, JSON.stringify(answer.body ?? null), done?.status]).toEqual([
        key,
        expect.any(Number),
        expect.any(String),
        expect.stringMatching(/^2/),
      ]);
      if (done?.schema) expect(inline(done.schema).safeParse(answer.body).error?.issues ?? []).toEqual([]);
      else expect(answer.body).toBeUndefined();
      const refused = await flow.call(operation?.method ?? '', path, { token: '' });
      const problem = operation?.responses.find((r) => r.status === 'default');
      expect(inline(problem?.schema).safeParse(refused.body).success).toBe(true);
    }
  });
});
