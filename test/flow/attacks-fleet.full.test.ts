import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_ROUTES } from '../../functions/api/openapi.ts';
import { localSubject } from '../../local/services/identity.ts';
import { demoOnenceAccounts } from '../../local/simulators/onence-account.ts';
import { openRunStore } from '../../shared/collect/runs.dynamodb.ts';
import { begin, iccidOf, partsOf, providerAt, rest } from './fleet-story.ts';
import { type Flow, startFlow } from './flow.ts';
import { everythingKept } from './leaks.ts';
import { expectNoFaults } from './problems.ts';

const SIMS = 4;
const SCRIPT = '<script>alert(1)</script>';
const NOBODYS = '8988999999999999999';
/** 2976 characters of base64, or a good part of them. */
const TOKEN = /[A-Za-z0-9+/]{100,}/;
let flow: Flow;

beforeAll(async () => {
  flow = await startFlow({ sims: SIMS });
  await flow.addTenant('demo', { phone: undefined });
  await flow.addTenant('rival', { phone: undefined });
  await flow.addFleet('demo');
  await begin(flow);
  await rest(flow);
}, 240_000);

afterAll(() => flow.stop());

const routes = ALL_ROUTES.filter(({ key }) => key.includes('/v1/sims/{iccid}')).map(({ key }) => key);

test('there are routes about one SIM', () => expect(routes.length).toBeGreaterThan(8));

test.each(routes)('%s: the SIM of another tenant is 404, word for word like one that nobody has', async (key) => {
  const [method = '', path = ''] = key.split(' ');
  const ask = (tenant: string, iccid: string) =>
    flow.call(method, `${path.replace('{iccid}', iccid).replace('{id}', '1')}${query(key)}`, {
      tenant,
      ...(method === 'GET' || method === 'DELETE' ? {} : { body: { payload: 'Mine now' } }),
    });
  const theirs = await ask('rival', iccidOf(1));
  const unknown = await ask('rival', NOBODYS);
  expect([theirs.status, unknown.status], JSON.stringify(theirs.body)).toEqual([404, 404]);
  expect(theirs.body.detail.replaceAll(iccidOf(1), '')).toBe(unknown.body.detail.replaceAll(NOBODYS, ''));
  if (method === 'GET') expect((await ask('demo', iccidOf(1))).status).toBe(200);
});

test('a script in a label is text everywhere, and never a page', async () => {
  const provider = await providerAt(flow.onence?.url);
  await provider(`/v1/sims/${iccidOf(2)}`, { label: SCRIPT });
  await begin(flow);
  await rest(flow);
  const token = await flow.cloud.identity?.token(localSubject('demo', 'admin'));
  const label = encodeURIComponent(SCRIPT);
  for (const path of ['/v1/sims', `/v1/sims/${iccidOf(2)}`, `/v1/sims?label=${label}`, `/v1/sims/${label}`]) {
    const response = await fetch(`${flow.cloud.publicUrl}${path}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/html' },
      signal: AbortSignal.timeout(10_000),
    });
    expect(response.headers.get('content-type'), path).toMatch(/^application\/(problem\+)?json$/);
    expect(response.headers.get('x-content-type-options'), path).toBe('nosniff');
  }
  const { body } = await flow.call('GET', `/v1/sims/${iccidOf(2)}`);
  expect(body.label).toBe(SCRIPT);
}, 60_000);

test('client secret and access token come out nowhere: logs, runs, raw answers, messages, rows, console', async () => {
  const [{ clientId, clientSecret } = { clientId: '', clientSecret: '' }] = demoOnenceAccounts();
  // A login whose answer is cut in the middle of the token, and one whose token is of a wrong type.
  for (const shape of ['truncated', 'wrong-types']) {
    await flow.inject('onence', { fault: 'unauthorized' });
    await flow.inject('onence', { fault: 'garbage', shape, endpoint: 'token' });
    await begin(flow);
    await rest(flow);
    const [run] = await partsOf(flow);
    expect(run).toMatchObject({ status: 'failed', errorCode: 'SOURCE_MALFORMED' });
    // The raw answer is compressed in its row: what leaked there would not be seen from outside.
    const raw = openRunStore({ table: flow.table, clock: flow.clock });
    const ref = { tenant: 'demo', source: 'fleet', slot: Date.parse(run?.slot ?? ''), part: 0 };
    const text = (await raw.readRaw(ref))?.text;
    expect(text, shape).toMatch(/status_code/);
    expect(text).not.toMatch(TOKEN);
  }
  await flow.inject('onence', { fault: 'unauthorized', times: 1 });
  await begin(flow);
  await rest(flow);
  await begin(flow);
  await rest(flow);
  const secrets = [clientSecret, Buffer.from(`${clientId}:${clientSecret}`).toString('base64')];
  for (const [where, text] of await everythingKept(flow, 'demo')) {
    for (const secret of secrets) expect(text.includes(secret) ? where : '').toBe('');
    // In the table tokens stand encrypted, which looks the same.
    if (where !== 'rows') expect(TOKEN.exec(text)?.[0] ?? '', where).toBe('');
  }
}, 60_000);

test('no function met a fault of its own, and nothing was denied', () => expectNoFaults(flow));

/** What a route does not do without. */
function query(key: string): string {
  return key.endsWith('/samples') ? '?metric=dataRemaining' : '';
}
