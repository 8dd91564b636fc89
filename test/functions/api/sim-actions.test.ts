import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_SIMS } from '../../../shared/sims/action.ts';
import { simActionRoutes } from '../../../shared/sims/sim-actions.contract.ts';
import { sourceNamed } from '../../shared/collect/fakes.ts';
import { ActsWorld, failure, iccidOf, LOST } from '../collect/sim-acts-world.ts';
import type { Api } from './asking.ts';

let world: ActsWorld;
let ask: Api;
beforeEach(() => {
  world = new ActsWorld();
  world.addSims(3, { label: 'old', enabled: true });
  ask = world.api();
});

const act = (body: Record<string, unknown>) => ask('POST /v1/sims/actions', { body });
const dry = (body: Record<string, unknown>) => act({ ...body, dryRun: true });
const iccids = (count: number) => Array.from({ length: count }, (_, i) => iccidOf(i + 1));
const paths = (reply: { body: { errors: { path: string }[] } }) => reply.body.errors.map((e) => e.path).sort();
const stored = () => world.table.dump().length;

describe('a dry run', () => {
  test('tells what would change, and changes nothing', async () => {
    world.sims[1] = { iccid: iccidOf(2), account: 'fleet', label: 'new' };
    const { body } = await dry({ action: 'label', iccids: iccids(3), parameters: { label: 'new' } });
    expect(body).toEqual({
      dryRun: true,
      wouldChange: 2,
      unchanged: 1,
      items: [
        { iccid: iccidOf(1), account: 'fleet', before: 'old', after: 'new', changes: true },
        { iccid: iccidOf(2), account: 'fleet', before: 'new', after: 'new', changes: false },
        { iccid: iccidOf(3), account: 'fleet', before: 'old', after: 'new', changes: true },
      ],
      cost: [],
    });
    expect([stored(), world.queue.sent.length, world.calls.length]).toEqual([0, 0, 0]);
  });

  test('shows the first hundred and counts all', async () => {
    world.addSims(200);
    const { body } = await dry({ action: 'reset', iccids: iccids(203) });
    expect([body.items.length, body.wouldChange]).toEqual([100, 203]);
  });

  test('says how many messages a text becomes', async () => {
    const { body } = await dry({ action: 'sms', iccids: iccids(2), parameters: { payload: 'x'.repeat(200) } });
    expect(body.smsParts).toBe(2);
  });
});

describe('a request', () => {
  test('makes a job that waits in the queue, and is in the list and in the audit', async () => {
    const reply = await act({ action: 'enable', iccids: iccids(2), reason: 'spring' });
    expect(reply).toMatchObject({
      status: 202,
      body: { action: 'enable', status: 'queued', total: 2, reason: 'spring', who: 'local:test', finishedAt: null },
    });
    const { job } = reply.body;
    expect(world.queue.sent).toEqual([{ message: { version: 1, tenant: 'demo', job, part: 0 }, delaySeconds: 2 }]);
    expect((await ask('GET /v1/sims/actions')).body.items).toEqual([reply.body]);
    expect((await world.auditRows()).map((r) => [r.action, r.target, r.outcome])).toEqual([
      ['sims.enable', `job ${job}`, 'requested'],
    ]);
  });

  test('by filter is about the SIMs that match it now', async () => {
    world.addSims(2, { label: 'spare' });
    expect((await act({ action: 'disable', filter: { label: 'spare' } })).body.total).toBe(2);
    expect(paths(await act({ action: 'disable', filter: { label: 'nobody' } }))).toEqual(['filter']);
    expect(paths(await act({ action: 'disable', filter: { colour: 'red' } }))).toEqual(['filter.colour']);
  });

  test('tells everything that is wrong at once, SIMs that nobody knows included, and does nothing', async () => {
    const reply = await act({
      action: 'label',
      iccids: [iccidOf(1), iccidOf(77), '12'],
      parameters: { payment: 'boleto' },
    });
    expect(reply.status).toBe(422);
    expect(paths(reply)).toEqual(['iccids[1]', 'iccids[2]', 'parameters.label', 'parameters.payment']);
    const form = await act({
      action: 'label',
      items: [{ iccid: iccidOf(77), label: 'x' }],
      requestId: 'short',
      colour: 1,
    });
    expect(paths(form)).toEqual(['colour', 'items[0].iccid', 'requestId']);
    expect([stored(), world.queue.sent.length]).toEqual([0, 0]);
  });

  test('more SIMs than a job holds are refused, by list and by filter', async () => {
    expect(paths(await act({ action: 'reset', iccids: iccids(MAX_SIMS + 1) }))).toEqual(['iccids']);
    world.addSims(MAX_SIMS, { label: 'many' });
    expect((await act({ action: 'reset', filter: { label: 'many' } })).body.total).toBe(MAX_SIMS);
    world.addSims(1, { label: 'many' });
    expect(paths(await act({ action: 'reset', filter: { label: 'many' } }))).toEqual(['filter']);
  });

  test('limits are of an account that is known', async () => {
    const parameters = { dataLimitId: 1, smsMtLimitId: 2, smsMoLimitId: 3 };
    expect(paths(await act({ action: 'limits', account: 'nobody', parameters }))).toEqual(['account']);
    expect((await act({ action: 'limits', account: 'fleet', parameters })).body.total).toBe(1);
  });

  test('the text of an SMS is shown to nobody afterwards, but its length', async () => {
    const { body } = await act({ action: 'sms', iccids: iccids(1), parameters: { payload: 'planted' } });
    const shown = await ask('GET /v1/sims/actions/{id}', { params: { id: body.job } });
    expect(shown.body.parameters).toEqual({ payloadLength: 7 });
    expect(JSON.stringify([body, shown.body, await world.auditRows()])).not.toContain('planted');
  });

  test('a queue that does not take it leaves no job behind', async () => {
    const send = world.queue.send;
    world.queue.send = async () => {
      throw failure('STORE_UNAVAILABLE');
    };
    ask = world.api();
    const body = { action: 'enable', iccids: iccids(2), requestId: 'request-1' };
    expect((await act(body)).status).toBe(503);
    expect((await ask('GET /v1/sims/actions')).body.items).toEqual([]);
    world.queue.send = send;
    ask = world.api();
    world.clock.advance(5000);
    expect((await act(body)).status).toBe(202);
    await world.workOff();
    expect((await ask('GET /v1/sims/actions')).body.items).toMatchObject([{ status: 'finished', total: 2 }]);
  });
});

describe('the same request again', () => {
  const body = () => ({ action: 'disable', filter: { label: 'old' }, requestId: 'request-1' });

  test('within a day is the same job, also when its SIMs are others by now', async () => {
    const first = await act(body());
    world.sims = [];
    world.clock.advance(86_399_000);
    expect((await act(body())).body.job).toBe(first.body.job);
    expect(world.queue.sent).toHaveLength(1);
  });

  test('after a day is a new one', async () => {
    const first = await act(body());
    world.clock.advance(86_400_000);
    expect((await act(body())).body.job).not.toBe(first.body.job);
  });

  test('with another content is refused', async () => {
    await act(body());
    expect((await act({ ...body(), action: 'enable' })).status).toBe(409);
  });

  test('at the same moment is one job', async () => {
    const replies = await Promise.all([1, 2, 3].map(() => act(body())));
    expect(new Set(replies.map((r) => r.body.job)).size).toBe(1);
    await world.workOff();
    expect(world.calls).toHaveLength(3);
  });

  test('without a requestId is another job', async () => {
    const { requestId: _, ...bare } = body();
    const first = await act(bare);
    world.clock.advance(1);
    expect((await act(bare)).body.job).not.toBe(first.body.job);
  });
});

describe('what costs money', () => {
  const topup = (over: object = {}) => ({ action: 'topup', iccids: iccids(2), ...over });
  beforeEach(() => world.allowSpending());

  test('is off unless the account allows it, for a dry run too', async () => {
    world.sources.set('fleet', sourceNamed('fleet', { type: 'onence' }));
    for (const ask of [dry, act]) {
      const reply = await ask(topup());
      expect([reply.status, reply.body.detail]).toEqual([403, expect.stringContaining('spending is off for fleet')]);
    }
    expect(stored()).toBe(0);
  });

  test('tells its cost and gives a confirmation, which makes the job', async () => {
    const { body } = await dry(topup());
    expect(body).toMatchObject({
      cost: [{ account: 'fleet', sims: 2, amountMinor: '2000', currency: 'EUR', leftMinor: '100000' }],
      confirmationExpiresAt: '2030-01-01T12:10:00.000Z',
    });
    expect((await act(topup({ confirmation: body.confirmation }))).status).toBe(202);
  });

  test.each([
    ['topup', {}, 1000],
    ['extend', {}, 500],
    ['auto-topup', { enabled: true }, 1000],
  ])('%s has its own price', async (action, parameters, price) => {
    const { body } = await dry({ action, iccids: iccids(3), parameters });
    expect(body.cost[0].amountMinor).toBe(String(price * 3));
  });

  test('needs the role admin, but for the dry run', async () => {
    world.role = 'operator';
    const { status, body } = await dry(topup());
    expect(status).toBeLessThan(300);
    expect(await act(topup({ confirmation: body.confirmation }))).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('admin') },
    });
    world.role = 'admin';
    expect((await act(topup({ confirmation: body.confirmation }))).status).toBe(202);
  });

  test('without a confirmation, with one of another request, or with an old one, is refused', async () => {
    expect(paths(await act(topup()))).toEqual(['confirmation']);
    const { confirmation } = (await dry(topup())).body;
    expect(paths(await act(topup({ iccids: iccids(3), confirmation })))).toEqual(['confirmation']);
    expect(paths(await act(topup({ action: 'extend', confirmation })))).toEqual(['confirmation']);
    expect(paths(await act(topup({ parameters: { payment: 'creditcard' }, confirmation })))).toEqual(['confirmation']);
    world.allowSpending({ topUpPriceMinor: '2000' });
    expect(paths(await act(topup({ confirmation })))).toEqual(['confirmation']);
    world.allowSpending();
    world.clock.advance(600_000);
    const old = await act(topup({ confirmation }));
    expect([old.status, old.body.detail]).toEqual([422, expect.stringContaining('has expired')]);
    expect([(await ask('GET /v1/sims/actions')).body.items, world.queue.sent]).toEqual([[], []]);
  });

  test('a confirmation buys once, however often it is sent, and whatever requestId goes with it', async () => {
    const { confirmation } = (await dry(topup())).body;
    const replies = [
      await act(topup({ confirmation })),
      await act(topup({ confirmation })),
      await act(topup({ confirmation, requestId: 'request-1' })),
    ];
    world.clock.advance(3_600_000);
    replies.push(await act(topup({ confirmation })));
    expect(new Set(replies.map((r) => r.body.job)).size).toBe(1);
    await world.workOff();
    expect(world.calls).toHaveLength(1);
  });

  test('a confirmation sent many times at once buys once', async () => {
    const { confirmation } = (await dry(topup())).body;
    await Promise.all([1, 2, 3].map((n) => act(topup({ confirmation, requestId: `request-${n}` }))));
    await world.workOff();
    expect(world.calls).toHaveLength(1);
    expect(await world.spentMinor()).toBe(2000n);
  });

  test('beyond the month’s cap is refused before anything is asked', async () => {
    world.allowSpending({ capMinor: '1999' });
    const { body } = await dry(topup());
    expect(body.cost[0].leftMinor).toBe('1999');
    const reply = await act(topup({ confirmation: body.confirmation }));
    expect([reply.status, reply.body.detail]).toEqual([403, expect.stringContaining('1999 EUR are left')]);
  });
});

describe('the results of a job', () => {
  test('come in pages that join', async () => {
    world.addSims(247);
    const { job } = (await act({ action: 'enable', iccids: iccids(250) })).body;
    await world.workOff();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query: Record<string, string> = { limit: '70', ...(cursor ? { cursor } : {}) };
      const { body } = await ask('GET /v1/sims/actions/{id}', { params: { id: job }, query });
      seen.push(...body.items.map((i: { iccid: string }) => i.iccid));
      cursor = body.nextCursor;
    } while (cursor);
    expect(seen).toEqual(iccids(250));
  });

  test('are there while it is under way', async () => {
    world.answers = (_, index) => (index === 1 ? failure('SOURCE_THROTTLED') : undefined);
    const { job } = (await act({ action: 'reset', iccids: iccids(3) })).body;
    await world.workOff(1);
    const { body } = await ask('GET /v1/sims/actions/{id}', { params: { id: job } });
    expect(body).toMatchObject({ status: 'running', counts: { pending: 2, done: 1 } });
    expect(body.items.map((i: { state: string }) => i.state)).toEqual(['done', 'pending', 'pending']);
  });

  test.each(['nobody', '', '#', '../x'])('of a job called %j are 404', async (id) => {
    expect((await ask('GET /v1/sims/actions/{id}', { params: { id } })).status).toBe(404);
  });

  test('the list goes on by cursor', async () => {
    for (let n = 0; n < 5; n++) {
      await act({ action: 'reset', iccids: iccids(1) });
      world.clock.advance(1000);
    }
    const first = (await ask('GET /v1/sims/actions', { query: { limit: '3' } })).body;
    const second = (await ask('GET /v1/sims/actions', { query: { limit: '3', cursor: first.nextCursor } })).body;
    const times = [...first.items, ...second.items].map((i) => i.createdAt);
    expect(times).toEqual([...times].sort().reverse());
    expect([times.length, second.nextCursor]).toEqual([5, undefined]);
  });
});

describe('messages of one SIM', () => {
  const params = { iccid: iccidOf(1) };
  const send = (body: object) => ask('POST /v1/sims/{iccid}/sms', { params, body });

  test('are listed as the provider has them, in its pages', async () => {
    const sms = (n: number) => ({
      id: String(n),
      direction: 'mt' as const,
      status: 'PENDING',
      submittedAt: world.clock.at,
    });
    world.answers = ({ args }) => ({ value: args[1] === 1 ? [sms(1), sms(2)] : [sms(3)], rejected: [], receivedAt: 0 });
    const first = await ask('GET /v1/sims/{iccid}/sms', { params, query: { limit: '2' } });
    expect(first.body.items[0]).toMatchObject({
      id: '1',
      direction: 'mt',
      submittedAt: '2030-01-01T12:00:00.000Z',
      payload: null,
    });
    const query = { limit: '2', cursor: first.body.nextCursor };
    const second = await ask('GET /v1/sims/{iccid}/sms', { params, query });
    expect([second.body.items.length, second.body.nextCursor]).toEqual([1, undefined]);
    expect(world.calls.map((c) => c.args)).toEqual([
      [iccidOf(1), 1, 2],
      [iccidOf(1), 2, 2],
    ]);
  });

  test('are sent at once, and noted without their text', async () => {
    world.answers = () => 'sms-9';
    expect(await send({ payload: 'planted' })).toMatchObject({ status: 202, body: { id: 'sms-9', parts: 1 } });
    const rows = await world.auditRows();
    expect(rows.map((r) => [r.outcome, r.target])).toEqual([
      ['requested', `SIM ${iccidOf(1)}`],
      ['done', `SIM ${iccidOf(1)}`],
    ]);
    expect(JSON.stringify(rows)).not.toContain('planted');
  });

  test('whose answer was lost say so, and how to look', async () => {
    world.answers = () => LOST;
    const reply = await send({ payload: 'hello' });
    expect([reply.status, reply.body.detail]).toEqual([502, expect.stringContaining('before you ask again')]);
    expect((await world.auditRows()).map((r) => r.outcome)).toEqual(['requested', 'unknown']);
  });

  test.each([
    ['asked to wait', failure('SOURCE_THROTTLED', { retryAfterSeconds: 9 }), 429],
    ['unavailable', LOST, 502],
    ['credentials refused', failure('SOURCE_REJECTED'), 502],
    ['our own store', failure('STORE_UNAVAILABLE'), 503],
  ])('a list that fails (%s) is a problem of its own', async (_, error, status) => {
    world.answers = () => error;
    const reply = await ask('GET /v1/sims/{iccid}/sms', { params });
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toBe('application/problem+json');
  });

  test('that are too long are refused before anybody is asked', async () => {
    expect(paths(await send({ payload: 'ж'.repeat(671) }))).toEqual(['payload']);
    expect(world.calls).toEqual([]);
  });

  test('are cancelled', async () => {
    const reply = await ask('DELETE /v1/sims/{iccid}/sms/{id}', { params: { ...params, id: '77' } });
    expect(reply.status).toBe(204);
    expect(world.calls).toEqual([{ name: 'cancelSms', args: [iccidOf(1), '77'] }]);
  });

  test('of a SIM that nobody knows are 404', async () => {
    const reply = await ask('GET /v1/sims/{iccid}/sms', { params: { iccid: iccidOf(99) } });
    expect([reply.status, world.calls.length]).toEqual([404, 0]);
  });
});

describe('limits of an account', () => {
  test('come live; the only account need not be named', async () => {
    world.answers = () => ({
      value: [{ service: 'data', id: 5, limit: '16', unit: 'MB' }],
      rejected: [],
      receivedAt: 0,
    });
    const one = { account: 'fleet', items: [{ service: 'data', id: 5, limit: '16', unit: 'MB' }] };
    expect((await ask('GET /v1/sims/limits')).body).toEqual(one);
    world.sources.set('other', sourceNamed('other', { type: 'onence' }));
    expect(paths(await ask('GET /v1/sims/limits'))).toEqual(['query.account']);
    expect((await ask('GET /v1/sims/limits', { query: { account: 'fleet' } })).body).toEqual(one);
    expect((await ask('GET /v1/sims/limits', { query: { account: 'nobody' } })).status).toBe(404);
  });
});

test('the audit is shown newest first, with short names, in pages, and verified', async () => {
  world.subject = '0f8fad5b-d9cb-469f-a165-70867728950e';
  for (let n = 1; n <= 3; n++) await act({ action: 'reset', iccids: iccids(n) });
  const first = (await ask('GET /v1/audit', { query: { limit: '2' } })).body;
  expect(first).toMatchObject({
    verified: true,
    items: [{ sequence: 3, who: '0f8fad5b-d9c…', details: { sims: 3 } }, { sequence: 2 }],
  });
  const second = (await ask('GET /v1/audit', { query: { limit: '2', cursor: first.nextCursor } })).body;
  expect(second).toMatchObject({ verified: true, items: [{ sequence: 1 }] });
  const row = world.table.dump().find((item) => item.sequence === 1 && item.subject !== undefined);
  await world.table.put({ ...row, outcome: 'done' } as never);
  const broken = (await ask('GET /v1/audit', { query: { limit: '2', cursor: first.nextCursor } })).body;
  expect(broken.verified).toBe(false);
});

test('who reads, who acts: as the contract says', () => {
  const needs = Object.fromEntries(simActionRoutes.map((r) => [r.key, r.needs]));
  expect(needs).toMatchObject({
    'POST /v1/sims/actions': 'operator',
    'POST /v1/sims/{iccid}/sms': 'operator',
    'GET /v1/sims/actions': 'viewer',
  });
});
