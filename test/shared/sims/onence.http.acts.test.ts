import { expect, test } from 'vitest';
import type { OnenceActor } from '../../../shared/sims/onence.port.ts';
import { NOON } from '../collect/fakes.ts';
import { failureOf, ICCID, outcomes, worldOf } from './onence-world.ts';
import type { Script, Told } from './scripted-onence.ts';

const always =
  (told: Told): Script =>
  () =>
    told;
const ORDER: Told = { status: 201, headers: { location: 'https://internal.example/v1/orders/4711' } };
const OTHER = '8988000000000000002';

test.each<[string, (client: OnenceActor) => Promise<unknown>, string, unknown, unknown]>([
  [
    'a label',
    (c) => c.changeSim({ iccid: ICCID, label: 'unit-2', enabled: false, imeiLock: true }),
    `PUT /v1/sims/${ICCID}`,
    { iccid: ICCID, label: 'unit-2', status: 'Disabled', imei_lock: true },
    undefined,
  ],
  [
    'many',
    (c) =>
      c.changeSims([
        { iccid: ICCID, enabled: true },
        { iccid: OTHER, enabled: true },
      ]),
    'POST /v1/sims',
    [
      { iccid: ICCID, status: 'Enabled' },
      { iccid: OTHER, status: 'Enabled' },
    ],
    undefined,
  ],
  ['a reset', (c) => c.resetConnectivity(ICCID), `POST /v1/sims/${ICCID}/reset`, undefined, undefined],
  [
    'a message',
    (c) => c.sendSms(ICCID, { payload: 'hello' }),
    `POST /v1/sims/${ICCID}/sms`,
    { payload: 'hello' },
    '4711',
  ],
  ['a message taken back', (c) => c.cancelSms(ICCID, '17'), `DELETE /v1/sims/${ICCID}/sms/17`, undefined, undefined],
  [
    'limits',
    (c) => c.setLimits({ dataLimitId: 1, smsMtLimitId: 2, smsMoLimitId: 3 }),
    'POST /v1/sims/limits',
    { dataLimitId: 1, smsMtLimitId: 2, smsMoLimitId: 3 },
    undefined,
  ],
  [
    'a top-up',
    (c) => c.topUp([ICCID], 'creditcard'),
    `POST /v1/sims/${ICCID}/topup?payment_method=creditcard`,
    undefined,
    '4711',
  ],
  [
    'top-ups',
    (c) => c.topUp([ICCID, OTHER], 'monthlyinvoice'),
    'POST /v1/sims/topup?payment_method=monthlyinvoice',
    [ICCID, OTHER],
    '4711',
  ],
  [
    'auto top-up',
    (c) => c.setAutoTopUp([ICCID], true),
    'POST /v1/sims/autoTopup',
    { enabled: true, iccids: [ICCID] },
    undefined,
  ],
  [
    'an extension',
    (c) => c.extend([ICCID], 'banktransfer', 12),
    'POST /v1/sims/extension?payment_method=banktransfer',
    { iccids: [ICCID], productId: 12 },
    '4711',
  ],
])('%s is one call', async (_, act, call, body, result) => {
  const world = await worldOf(always(ORDER));
  expect(await act(world.clientOf())).toEqual(result);
  expect(world.api.calls()).toEqual([call]);
  const asked = world.api.asked.at(-1);
  expect(asked?.body === '' ? undefined : JSON.parse(asked?.body ?? '')).toEqual(body);
  // A change on an old connection that has died would leave open whether it was made.
  expect(asked?.headers.connection).toBe('close');
  expect(world.pace.taken).toBe(1);
});

test.each<[string, Told]>([
  ['nothing', { status: 200 }],
  ['204', { status: 204 }],
  ['words', { status: 201, body: 'done' }],
  ['a web page', { status: 200, body: '<html></html>' }],
])('a change that is answered by a 2xx with %s is made', async (_, told) => {
  const world = await worldOf(always(told));
  const client = world.clientOf();
  await client.changeSim({ iccid: ICCID, label: 'x' });
  expect(outcomes(client.operations)).toContainEqual(['change', true, told.status]);
  expect(await client.sendSms(ICCID, { payload: 'x' })).toBeUndefined();
});

test.each([
  ['https://internal.example:8443/a/b/17', '17'],
  ['/v1/sims/1/sms/17/', '17'],
  ['17', '17'],
  ['https://internal.example/17?x=/18', '17'],
  ['https://internal.example/<script>', undefined],
  ['', undefined],
])('the id at the end of Location %s', async (location, id) => {
  const world = await worldOf(always({ status: 201, headers: { location } }));
  expect(await world.clientOf().sendSms(ICCID, { payload: 'x' })).toBe(id);
});

test('v2 tells the id of a message in the body', async () => {
  const world = await worldOf(always({ status: 201, body: { id: '99' } }));
  expect(await world.clientOf({ generation: 'v2' }).sendSms(ICCID, { payload: 'x' })).toBe('99');
  expect(world.api.calls()).toEqual([`POST /v2/sims/${ICCID}/sms`]);
});

test.each<[string, Told, string, RegExp]>([
  [
    'top-up shape',
    { status: 400, body: { message: 'Payment method used is not valid.' } },
    'REQUEST_INVALID',
    /Payment method/,
  ],
  ['v2 shape', { status: 409, body: { error_token: 'Conflict', message: 'Busy' } }, 'REQUEST_INVALID', /Busy/],
  ['no words', { status: 400 }, 'REQUEST_INVALID', /HTTP 400/],
  ['expired', { status: 422 }, 'REQUEST_INVALID', /only extensions are permitted/],
  ['unknown', { status: 404 }, 'NOT_FOUND', /HTTP 404/],
  ['not allowed', { status: 403 }, 'SOURCE_REJECTED', /HTTP 403/],
])('a change that is refused (%s) was not made, and says why', async (_, told, code, sentence) => {
  const world = await worldOf(always(told));
  const failure = await failureOf(world.clientOf().topUp([ICCID], 'creditcard'));
  expect(failure).toMatchObject({ code, retryable: false, context: { status: told.status, maybeDone: false } });
  expect(failure.message).toMatch(sentence);
  expect(world.api.calls()).toHaveLength(1);
});

test.each<[string, Told]>([
  ['a reset', { fault: 'reset' }],
  ['half an answer', { status: 201, fault: 'truncated', body: '' }],
  ['500', { status: 500 }],
  ['504', { status: 504, body: '<html>' }],
  ['a redirect', { status: 302, headers: { location: '/' } }],
])('a change whose answer was lost (%s) is never sent twice and may have been made', async (_, told) => {
  const world = await worldOf(always(told));
  const failure = await failureOf(world.clientOf().topUp([ICCID], 'creditcard'));
  expect(failure).toMatchObject({ retryable: false, context: { maybeDone: true } });
  expect(world.api.calls()).toHaveLength(1);
  expect(world.pauses).toEqual([]);
});

test('a change that took longer than there was time may have been made', async () => {
  const world = await worldOf(always({ status: 201, fault: 'drip' }));
  const failure = await failureOf(world.clientOf({ deadline: NOON + 300 }).resetConnectivity(ICCID));
  expect(failure).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: false, context: { maybeDone: true } });
});

test('a change that was never sent was not made', async () => {
  const world = await worldOf(always({ status: 201 }));
  await world.clientOf().resetConnectivity(ICCID);
  await world.api.close();
  const gone = await failureOf(world.clientOf().resetConnectivity(ICCID));
  expect(gone).toMatchObject({ code: 'SOURCE_UNAVAILABLE', retryable: true, context: { maybeDone: false } });
  const late = await failureOf(world.clientOf({ deadline: NOON }).resetConnectivity(ICCID));
  expect(late).toMatchObject({ code: 'SOURCE_UNAVAILABLE', context: { maybeDone: false } });
});

test('a throttled change was not made and stops all workers', async () => {
  const world = await worldOf(always({ status: 429, headers: { 'retry-after': '5' } }));
  const failure = await failureOf(world.clientOf().resetConnectivity(ICCID));
  expect(failure).toMatchObject({ code: 'SOURCE_THROTTLED', context: { maybeDone: false, retryAfterSeconds: 5 } });
  expect(world.pace.heldUntil).toEqual([NOON + 5000]);
});

test('a change whose token had ended is sent again: a refusal is an answer', async () => {
  const world = await worldOf(always({ status: 201 }));
  world.cache.token = 'of yesterday';
  await world.clientOf().resetConnectivity(ICCID);
  expect(world.api.calls()).toHaveLength(2);
});

const changesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ iccid: `89880000000000${String(i).padStart(5, '0')}`, enabled: true }));

test('a thousand changes go in chunks of a hundred', async () => {
  const world = await worldOf(always({ status: 201 }));
  await world.clientOf().changeSims(changesOf(1000));
  expect(world.api.calls()).toEqual(Array(10).fill('POST /v1/sims'));
  expect(JSON.parse(world.api.asked.at(-1)?.body ?? '')).toHaveLength(100);
});

test('a chunk that fails says how many changes were accepted before it', async () => {
  const world = await worldOf((_asked, nth) => ({ status: nth === 3 ? 500 : 201 }));
  const failure = await failureOf(world.clientOf().changeSims(changesOf(450)));
  expect(failure.context).toMatchObject({ maybeDone: true, doneCount: 200 });
  expect(world.api.calls()).toHaveLength(3);
});

test('more than a thousand changes and none at all are no calls', async () => {
  const world = await worldOf(always({ status: 201 }));
  expect((await failureOf(world.clientOf().changeSims(changesOf(1001)))).code).toBe('REQUEST_INVALID');
  await world.clientOf().changeSims([]);
  await world.clientOf().topUp([], 'creditcard');
  expect(world.api.calls()).toEqual([]);
});

test('auto sends a change to v2, and to v1 where v2 does not exist', async () => {
  const world = await worldOf(({ path }) => (path.startsWith('/v1/') ? { status: 201 } : undefined));
  const client = world.clientOf({ generation: 'auto' });
  await client.resetConnectivity(ICCID);
  expect(world.api.calls()).toEqual([`POST /v2/sims/${ICCID}/reset`, `POST /v1/sims/${ICCID}/reset`]);
});
