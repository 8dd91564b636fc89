import { expect, test } from 'vitest';
import {
  convertEvents,
  convertLimits,
  convertSim,
  convertSimList,
  convertSmsId,
  convertSmsList,
  convertToken,
  errorText,
  toWireChange,
  toWireSms,
} from '../../../shared/sims/onence.convert.ts';
import { onenceSimUpdate, onenceSmsMessage } from '../../../shared/sims/onence.wire.ts';
import { fixture, fixtureText, ICCID, utc } from './onence-fixtures.ts';

const FIRST = {
  iccid: ICCID,
  imsi: '901000000000001',
  msisdn: '882000000000001',
  imei: '0000000000000018',
  imeiLock: false,
  status: 'Enabled',
  enabled: true,
  activatedAt: utc('2030-01-09 07:59:09'),
  ipAddress: '192.0.2.10',
  label: 'unit-1',
  dataLevel: 'sufficient',
  smsLevel: 'sufficient',
};
const FULL = {
  ...FIRST,
  iccidWithLuhn: '89880000000000000012',
  imsi2: '901000000000101',
  currentImsi: '901000000000101',
};
const UNSET = {
  iccid: '8988000000000000002',
  imsi: '901000000000002',
  msisdn: '882000000000002',
  imeiLock: false,
  status: 'Disabled',
  enabled: false,
  activatedAt: FIRST.activatedAt,
  ipAddress: '192.0.2.11',
  dataLevel: 'low',
  smsLevel: 'sufficient',
  thresholdReachedAt: utc('2030-06-01 10:00:00'),
};
const USED_UP = {
  ...FIRST,
  iccid: '8988000000000000003',
  imsi: '901000000000003',
  msisdn: '882000000000003',
  imeiLock: true,
  ipAddress: '192.0.2.12',
  label: 'unit-3',
  dataLevel: 'exhausted',
  smsLevel: 'low',
  thresholdReachedAt: utc('2030-06-01 10:00:00'),
  quotaExceededAt: utc('2030-06-09 22:30:00'),
};

test.each([
  ['sims-200', [FULL, UNSET, USED_UP]],
  ['sims-200-results', [FULL, UNSET, USED_UP]],
  ['sims-v2-200', [FULL, UNSET]],
  [
    'sims-200-status-list',
    [{ ...withoutKeys(FIRST, 'smsLevel'), dataLevel: 'low', thresholdReachedAt: utc('2030-06-01 10:00:00') }],
  ],
])('the list %s: what is absent stays absent, both forms of dates are read', (name, expected) => {
  expect(convertSimList(fixture(name))).toStrictEqual({ value: expected, rejected: [] });
});

function withoutKeys(from: object, ...keys: string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key)));
}

test.each([
  ['sim-200', { ...FIRST, status: 'Activated' }],
  ['sim-200-unset', UNSET],
  ['sim-v2-200', FULL],
])('one SIM: %s', (name, expected) => {
  expect(convertSim(fixture(name))).toStrictEqual({ value: expected, rejected: [] });
});

test('a bad record is rejected alone with its index, a bad member without its record', () => {
  const { value, rejected } = convertSimList(fixture('sims-200-partly-malformed'));
  expect(value?.map((sim) => sim.iccid)).toEqual([ICCID, '8988000000000000004', '8988000000000000006']);
  expect(value?.[1]).toStrictEqual({
    ...withoutKeys(FIRST, 'imeiLock', 'activatedAt', 'dataLevel', 'enabled'),
    iccid: '8988000000000000004',
    imsi: '901000000000004',
    msisdn: '882000000000004',
    ipAddress: '192.0.2.13',
    label: 'unit-4',
    status: 'Issued',
  });
  expect(rejected.map(({ path, rawText }) => [path, rawText])).toEqual([
    ['[1].iccid', expect.stringContaining('without an ICCID')],
    ['[2]', 'not a SIM'],
    ['[3].imei_lock', expect.stringContaining('"no"')],
    ['[3].quota_status.id', '7'],
    ['[3].activation_date', 'last spring'],
    ['[4]', 'null'],
    ['[5].iccid', expect.stringContaining('8988')],
  ]);
});

test.each([
  ['Enabled', true],
  ['Activated', true],
  ['ENABLED', true],
  ['Disabled', false],
  ['Issued', undefined],
  ['constructor', undefined],
])('the status "%s" means enabled: %s, and is kept as it is spelt', (status, enabled) => {
  const { value } = convertSim({ iccid: ICCID, status });
  expect([value?.enabled, value?.status]).toEqual([enabled, status]);
});

test.each([
  ['17 digits', '89880000000000001', false],
  ['18 digits', '898800000000000001', true],
  ['19 digits', ICCID, true],
  ['20 digits', `${ICCID}2`, true],
  ['21 digits', `${ICCID}22`, false],
  ['a letter', '898800000000000000F', false],
  ['digits of another script', '٨٩٨٨٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠', false],
  ['a line after it', `${ICCID}\n`, false],
])('an ICCID of %s', (_, iccid, good) => {
  const { value, rejected } = convertSim({ iccid });
  expect([value?.iccid, rejected.map((r) => r.path)]).toEqual(good ? [iccid, []] : [undefined, ['iccid']]);
});

test('null and empty members are absent, not wrong', () => {
  const empty = {
    iccid: ICCID,
    imei: '',
    label: '',
    imei_lock: null,
    quota_status: null,
    activation_date: '',
    status: '',
  };
  expect(convertSim(empty)).toStrictEqual({ value: { iccid: ICCID }, rejected: [] });
});

test('several quota states leave the level unknown', () => {
  const { value, rejected } = convertSim({ iccid: ICCID, quota_status: [{ id: 0 }, { id: 2 }] });
  expect([value?.dataLevel, rejected[0]?.path]).toEqual([undefined, 'quota_status']);
});

test('the size of a quota that the list tells is not taken for what is left', () => {
  expect(Object.keys(convertSim({ iccid: ICCID, current_quota: 500, current_quota_SMS: 250 }).value ?? {})).toEqual([
    'iccid',
  ]);
});

test('free text is cut and cleaned, and that is told; identifiers with control characters are not used', () => {
  const { value, rejected } = convertSim({ iccid: ICCID, label: `a\u0000b\u001b[31m${'x'.repeat(300)}`, imsi: '9\n1' });
  expect(value).toStrictEqual({ iccid: ICCID, label: `a b [31m${'x'.repeat(256 - 8)}` });
  expect(rejected.map((r) => r.path)).toEqual(['imsi', 'label']);
  expect(convertSim({ iccid: ICCID, label: `${'x'.repeat(255)}😀` }).value?.label).toBe('x'.repeat(255));
});

test.each([undefined, null, 7, 'text', {}, { results: {} }, { iccid: [] }])('%j is no list of SIMs', (json) => {
  const { value, rejected } = convertSimList(json);
  expect(value).toBeUndefined();
  expect(rejected).toHaveLength(1);
});

test('a list that is longer than any page is read up to a bound, and says so', () => {
  const { value, rejected } = convertSimList(Array.from({ length: 10_001 }, () => ({ iccid: ICCID })));
  expect(value).toHaveLength(10_000);
  expect(rejected).toEqual([{ path: 'answer', message: 'only the first 10000 of 10001 are read' }]);
});

test('events of v1 stand in an object that tells the number of pages', () => {
  expect(convertEvents(fixture('events-200'))).toStrictEqual({
    value: {
      events: [
        {
          at: utc('2030-05-07 14:08:05'),
          type: "Status of SIM changed from 'Issued' to 'Activated'",
          severity: 'Info',
          alert: false,
        },
        {
          at: utc('2030-05-06 14:08:05'),
          type: 'Create PDP Context',
          imei: '0000000000000018',
          imsi: '901000000000001',
          country: 'Poland',
          operator: 'ExampleTel',
          mcc: '260',
          mnc: '03',
        },
      ],
      totalPages: 6,
    },
    rejected: [],
  });
});

test('events of v2 are a bare list of objects, and one page', () => {
  expect(convertEvents(fixture('events-v2-200'))).toStrictEqual({
    value: {
      events: [
        {
          at: utc('2030-05-07 14:08:05'),
          type: 'Generic',
          id: '4711',
          description: "Status of SIM changed from 'Issued' to 'Activated'",
          severity: 'INFO',
          alert: false,
          imsi: '901000000000001',
        },
      ],
      totalPages: 1,
    },
    rejected: [],
  });
});

test.each([
  ['no instant', { event_type: 'a' }, ['events[0].timestamp']],
  ['an instant that is none', { timestamp: 'noon', event_type: 'a' }, ['events[0].timestamp']],
  ['no type', { timestamp: '2030-05-07 14:08:05' }, ['events[0].event_type']],
  ['an empty type', { timestamp: '2030-05-07 14:08:05', event_type: '' }, ['events[0].event_type']],
  ['a type without words', { timestamp: '2030-05-07 14:08:05', event_type: {} }, ['events[0].event_type']],
])('an event with %s is rejected alone', (_, bad, paths) => {
  const good = { timestamp: '2030-05-07T14:08:05.000Z', event_type: 'Generic' };
  const { value, rejected } = convertEvents({ events: [bad, good], totalPages: 'many' });
  expect(value?.events.map((e) => e.type)).toEqual(['Generic']);
  expect(value?.totalPages).toBe(1);
  expect(rejected.map((r) => r.path)).toEqual(['totalPages', ...paths]);
});

const DELIVERED = {
  id: '7',
  direction: 'mt',
  status: 'DELIVERED',
  submittedAt: utc('2030-05-07 14:08:05'),
  deliveredAt: utc('2030-05-07 14:08:09'),
  expiresAt: utc('2030-05-08 14:08:05'),
  sourceAddress: '+447700900001',
  payload: 'reboot\nnow',
};
const PENDING = {
  ...withoutKeys(DELIVERED, 'deliveredAt'),
  id: '8',
  direction: 'mo',
  status: 'PENDING',
  payload: 'ok',
};

test.each([
  ['sms-200', [DELIVERED, PENDING]],
  ['sms-v2-200', [DELIVERED, { ...PENDING, id: '9', status: 'EXPIRED' }]],
])('messages: %s', (name, expected) => {
  expect(convertSmsList(fixture(name))).toStrictEqual({ value: expected, rejected: [] });
});

test('one message is read as a list of one would be', () => {
  expect(convertSmsList([fixture('sms-one-200')]).value).toStrictEqual([DELIVERED]);
});

test.each([
  [{ id: 4 }, 'DELIVERED'],
  [{ id: 5 }, 'FAILED'],
  [{ id: 2, description: 'in queue' }, 'PENDING'],
  [{ id: 6 }, 'EXPIRED'],
  [{ id: 4, description: 'failed' }, 'FAILED'],
  [{ id: 9, description: 'CANCELLED' }, 'CANCELLED'],
  [{ id: 9 }, undefined],
  [null, undefined],
])('the state %j of a message is %s', (status, expected) => {
  expect(convertSmsList([{ id: 1, status }]).value?.[0]?.status).toBe(expected);
});

test('a message without a usable id is rejected alone', () => {
  const { value, rejected } = convertSmsList([{ id: 2 ** 60 }, { id: '' }, {}, { id: 3 }]);
  expect([value?.map((s) => s.id), rejected.map((r) => r.path)]).toEqual([['3'], ['[0].id', '[1].id', '[2].id']]);
});

test.each([
  [fixture('sms-v2-sent-200'), '1234'],
  [{ id: 1234 }, '1234'],
  [{ id: '' }, undefined],
  [undefined, undefined],
])('the id of a message that was sent: %j', (json, expected) => {
  expect(convertSmsId(json)).toBe(expected);
});

test('monthly limits', () => {
  expect(convertLimits(fixture('limits-200'))).toStrictEqual({
    value: [
      { service: 'data', id: 3, limit: '16', unit: 'MB' },
      { service: 'smsMt', id: 7, limit: '100', unit: 'SMS' },
      { service: 'smsMo', id: 8, limit: '50', unit: 'SMS' },
    ],
    rejected: [],
  });
  const partly = convertLimits({ data: { id: 'x', limit: 16 }, smsMt: 7, smsMo: null });
  expect(partly.value).toStrictEqual([{ service: 'data', limit: '16' }]);
  expect(partly.rejected.map((r) => r.path)).toEqual(['data.id', 'smsMt']);
  expect(convertLimits([]).value).toBeUndefined();
});

test('a token lives as long as it says', () => {
  const token = convertToken(fixture('token-200'));
  expect(token?.expiresInSeconds).toBe(3600);
  expect(token?.token).toHaveLength(2976);
});

test.each([
  [{}, 3600],
  [{ expires_in: null }, 3600],
  [{ expires_in: 600 }, 600],
  [{ expires_in: 599.9 }, 599],
  [{ expires_in: '600' }, 600],
  [{ expires_in: 0 }, 0],
  [{ expires_in: 1e300 }, 31_536_000],
  [{ expires_in: -1 }, undefined],
  [{ expires_in: 'soon' }, undefined],
  [{ token_type: 'Bearer' }, 3600],
  [{ token_type: 'mac' }, undefined],
  [{ access_token: 'a\nb' }, undefined],
  [{ access_token: '' }, undefined],
])('a token with %j lives %s seconds', (over, expected) => {
  expect(convertToken({ access_token: 'EXAMPLE', ...over })?.expiresInSeconds).toBe(expected);
});

test.each([
  ['token-400-refused', 'Incorrect username or password.'],
  ['token-400-unknown', 'User does not exist.'],
  ['token-400-newer', 'Incorrect username or password.'],
  ['topup-400', 'Payment method used is not valid.'],
  ['error-401', 'The token is invalid: •••'],
  ['error-v2-400', 'Invalid parameter'],
  ['error-v2-404', 'Element not found'],
  ['error-v2-409', 'The SIM is being changed already'],
  ['error-v2-500', 'Internal error'],
])('the sentence of %s', (name, expected) => {
  expect(errorText(fixtureText(name))).toBe(expected);
});

test.each([
  ['nothing', '', undefined],
  ['HTML of a gateway', '<html><body>503 Service Unavailable</body></html>', undefined],
  ['another JSON', '{"detail":"no"}', undefined],
  ['a list', '["message"]', undefined],
  ['a message that is no text', '{"message":{"a":1}}', undefined],
  [
    'an empty message beside a word',
    '{"status":500,"error":"Internal Server Error","message":""}',
    'Internal Server Error',
  ],
  ['a code alone', '{"error_code":1000,"error_token":"NotFound"}', 'NotFound'],
  ['control characters', '{"message":"a\\u0000b\\n"}', 'a b'],
  ['a web token', '{"message":"bad eyJhbGciOiJub25lIn0.e30."}', 'bad •••'],
  ['too much', JSON.stringify({ message: 'word '.repeat(20_000) }), undefined],
])('the sentence of an error body with %s', (_, body, expected) => {
  expect(errorText(body)).toBe(expected);
});

test('the sentence of an error is cut at 300 characters', () => {
  expect(errorText(JSON.stringify({ message: 'word '.repeat(500) }))?.length).toBeLessThanOrEqual(300);
});

test.each([
  [{}, {}],
  [{ label: '' }, { label: '' }],
  [{ enabled: true }, { status: 'Enabled' }],
  [
    { enabled: false, imeiLock: true, label: 'pump 7' },
    { status: 'Disabled', label: 'pump 7', imei_lock: true },
  ],
  [{ imeiLock: false }, { imei_lock: false }],
])('a change %j is written as %j', (change, expected) => {
  const wire = toWireChange({ iccid: ICCID, ...change });
  expect(wire).toStrictEqual({ iccid: ICCID, ...expected });
  expect(onenceSimUpdate.parse(wire)).toStrictEqual(wire);
});

test.each([
  [{ payload: 'hello' }, { payload: 'hello' }],
  [
    { payload: 'a', sourceAddress: '+447700900001' },
    { payload: 'a', source_address: '+447700900001', source_address_type: { id: 145 } },
  ],
  [
    { payload: 'a', sourceAddress: 'Headroom' },
    { payload: 'a', source_address: 'Headroom', source_address_type: { id: 208 } },
  ],
  [
    { payload: 'a', sourceAddress: '12345' },
    { payload: 'a', source_address: '12345' },
  ],
])('a message %j is written as %j', (draft, expected) => {
  expect(toWireSms(draft)).toStrictEqual(expected);
  expect(onenceSmsMessage.parse(toWireSms(draft))).toStrictEqual(expected);
});
