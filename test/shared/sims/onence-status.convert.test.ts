import { expect, test } from 'vitest';
import { convertCell, convertStatus } from '../../../shared/sims/onence.convert.ts';
import { fixture, utc } from './onence-fixtures.ts';

const WHERE = {
  countryCode: 'PL',
  countryName: 'Poland',
  operatorName: 'ExampleTel',
  operatorId: '90',
  mcc: '260',
  lastSeenAt: utc('2030-01-01 00:41:39'),
};

test.each([
  ['status-200', { presence: 'attached', presenceText: 'ATTACHED', ...WHERE }],
  ['status-200-spec', { presence: 'offline', presenceText: 'OFFLINE', ...WHERE }],
  [
    'status-200-session',
    {
      presence: 'online',
      presenceText: 'ONLINE',
      ...WHERE,
      lastSeenAt: utc('2030-01-01 01:12:30'),
      radio: 'LTE',
      sessionSince: utc('2030-01-01 01:12:30'),
    },
  ],
  [
    'status-v2-200',
    {
      presence: 'online',
      presenceText: 'ONLINE',
      ...WHERE,
      lastSeenAt: utc('2030-01-01 02:00:00'),
      radio: 'NB-IoT',
      sessionSince: utc('2030-01-01 02:00:00'),
      limitReached: false,
    },
  ],
  ['status-v2-200-blocked', { presence: 'blocked', presenceText: 'BLOCKED', limitReached: true }],
])('a status of either generation: %s', (name, expected) => {
  const { value, rejected } = convertStatus(fixture(name));
  expect(value).toEqual(expected);
  expect(Object.values(value ?? {})).not.toContain(undefined);
  expect(rejected).toEqual([]);
});

test.each(['ROAMING', 'constructor', '__proto__'])('the new word %s is kept as it is', (status) => {
  const expected = { value: { presence: undefined, presenceText: status }, rejected: [] };
  expect(convertStatus({ status })).toStrictEqual(expected);
  expect(convertStatus({ status: { description: status } })).toStrictEqual(expected);
});

test.each([
  ['absent', { location: {} }],
  ['null', { status: null, location: {} }],
  ['empty', { status: '' }],
  ['an object without words', { status: {} }],
])('a status that is %s leaves the presence unknown, and that is told', (_, json) => {
  const { value, rejected } = convertStatus(json);
  expect(value).toStrictEqual({ presence: undefined, presenceText: '' });
  expect(rejected.map((r) => r.path)).toEqual(['status']);
});

test('the country of the operator stands in where the visited one is not told', () => {
  const operator = { id: '90', country: { name: 'Poland', 'iso-code': 'pl' } };
  expect(convertStatus({ status: 'ONLINE', location: { operator } }).value).toMatchObject({
    countryCode: 'PL',
    countryName: 'Poland',
    operatorId: '90',
  });
  const country = { name: 'Germany', iso_code: 'DE', mcc: 262 };
  expect(convertStatus({ status: 'ONLINE', location: { operator, country } }).value).toMatchObject({
    countryCode: 'DE',
    countryName: 'Germany',
    mcc: '262',
  });
});

test('coordinates of countries are not taken for places of SIMs', () => {
  const keys = Object.keys(convertStatus(fixture('status-200')).value ?? {});
  expect(keys.filter((key) => /lat|long/i.test(key))).toEqual([]);
});

test('of a status each bad member is left out alone', () => {
  const { value, rejected } = convertStatus({
    status: 'ONLINE',
    location: {
      last_updated: 'just now',
      last_updated_gprs: '2030-01-01 00:00:00',
      operator_id: {},
      operator: { id: 90, name: 7, country: 'pl' },
      country: { iso_code: 'POL', mcc: `26${'0'.repeat(9)}`, name: 'Poland' },
    },
    pdp_context: { rat_type: 'LTE', created: '2030-01-01 25:00:00' },
  });
  expect(value).toStrictEqual({
    presence: 'online',
    presenceText: 'ONLINE',
    countryName: 'Poland',
    operatorId: '90',
    lastSeenAt: utc('2030-01-01 00:00:00'),
  });
  expect(rejected.map((r) => r.path).sort()).toEqual([
    'location.country.iso_code',
    'location.country.mcc',
    'location.last_updated',
    'location.operator.country',
    'location.operator.name',
    'location.operator_id',
    'pdp_context.created',
    'pdp_context.rat_type',
  ]);
});

test.each([undefined, null, [], 'ONLINE', {}, { message: 'no' }])('%j is no status', (json) => {
  const { value, rejected } = convertStatus(json);
  expect([value, rejected.map((r) => r.path)]).toEqual([undefined, ['answer']]);
});

const CELL = {
  requestedAt: utc('2030-07-04 12:46:10.728'),
  repliedAt: utc('2030-07-04 12:46:10.930'),
  state: 'assumed_idle',
  retrieved: false,
  ageMinutes: 1,
  mcc: '260',
  mnc: '3',
  lac: 10001,
  cellId: 20002,
};

test.each([
  ['connectivity-200', CELL],
  ['connectivity-200-older', CELL],
  ['connectivity-200-unknown', { requestedAt: CELL.requestedAt, repliedAt: CELL.repliedAt }],
])('the cell, with or without a location around it: %s', (name, expected) => {
  expect(convertCell(fixture(name))).toStrictEqual({ value: expected, rejected: [] });
});

test('of a cell each bad member is left out alone', () => {
  const { value, rejected } = convertCell({
    subscriber_info: {
      location: { age_of_location: -1, cell_global_id: { mcc: 'x', mnc: '3', lac: '10001', cid: 2 ** 40 } },
    },
    request_timestamp: 'then',
  });
  expect(value).toStrictEqual({ mnc: '3', lac: 10001 });
  expect(rejected.map((r) => r.path).sort()).toEqual([
    'request_timestamp',
    'subscriber_info.location.age_of_location',
    'subscriber_info.location.cell_global_id.cid',
    'subscriber_info.location.cell_global_id.mcc',
  ]);
});

test.each([undefined, null, [], 'cell', {}, { ussd_info: { success: true } }, { subscriber_info: 7 }])(
  '%j tells no cell',
  (json) => {
    const { value, rejected } = convertCell(json);
    expect([value, rejected.length]).toEqual([undefined, 1]);
  },
);
