import { expect, test } from 'vitest';
import { convertQuota, convertUsage } from '../../../shared/sims/onence.convert.ts';
import { fixture, utc } from './onence-fixtures.ts';

const END = utc('2040-01-01 00:00:00');
const DATA = {
  service: 'data',
  remaining: 479_123_456n,
  total: 500_000_000n,
  lastAdded: 500_000_000n,
  expiresAt: END,
  thresholdPercent: 20,
  peakBitsPerSecond: 1_000_000,
};

test.each([
  ['quota-data-200', 'data', DATA],
  ['quota-data-200-iso', 'data', { ...DATA, expiresAt: utc('2029-01-01 00:00:00') }],
  [
    'quota-sms-200',
    'sms',
    { service: 'sms', remaining: 240n, total: 250n, lastAdded: 250n, expiresAt: END, thresholdPercent: 20 },
  ],
  [
    'quota-data-v2-200',
    'data',
    {
      service: 'data',
      remaining: 435_787_951n,
      total: 500_000_000n,
      lastAdded: 500_000_000n,
      expiresAt: END,
      thresholdPercent: 20,
      lifetimeTotal: 500_000_000n,
      state: 'active',
    },
  ],
  [
    'quota-data-v2-200-negative',
    'data',
    {
      service: 'data',
      remaining: -250_000n,
      total: 512_500_000n,
      lastAdded: 500_000_000n,
      expiresAt: END,
      thresholdPercent: 20,
      lifetimeTotal: 1_000_000_000n,
      state: 'exhausted',
    },
  ],
  [
    'quota-sms-v2-200',
    'sms',
    {
      service: 'sms',
      remaining: 12n,
      total: 250n,
      lastAdded: 250n,
      expiresAt: END,
      thresholdPercent: 20,
      lifetimeTotal: 250n,
      state: 'expired',
    },
  ],
] as const)('a quota, told apart by its shape: %s', (name, service, expected) => {
  expect(convertQuota(fixture(name), service)).toStrictEqual({ value: expected, rejected: [] });
});

test.each([
  ['a number', 479.123456, 479_123_456n],
  ['a whole number', 500, 500_000_000n],
  ['nothing left', 0, 0n],
  ['minus nothing', -0, 0n],
  ['the least', 0.000001, 1n],
  ['below nothing', -0.000001, -1n],
  ['a text', '0.500000', 500_000n],
  ['zeros behind the sixth decimal', '0.5000000000', 500_000n],
  ['the largest number', 999_999_999.999999, 999_999_999_999_999n],
  ['a large text', '999999999999999.999999', 999_999_999_999_999_999_999n],
  ['a seventh decimal', 0.0000001, undefined],
  ['a seventh decimal in a text', '0.0000001', undefined],
  ['the rest of a sum', 0.1 + 0.2, undefined],
  ['more than a double holds to the byte', 1_000_000_000, undefined],
  ['an exponent', '5e2', undefined],
  ['a comma', '1,5', undefined],
  ['a bare point', '.5', undefined],
  ['a word', 'much', undefined],
  ['an empty text', '', undefined],
  ['a very long text', '0'.repeat(100_000), undefined],
  ['a truth', true, undefined],
  ['a list', [500], undefined],
])('a data volume that is %s', (_, volume, expected) => {
  const { value, rejected } = convertQuota({ volume, total_volume: 500 }, 'data');
  expect(value).toMatchObject({ service: 'data', total: 500_000_000n });
  expect(value?.remaining).toBe(expected);
  expect(rejected.map((r) => r.path)).toEqual(expected === undefined ? ['volume'] : []);
});

test.each([
  [240, 240n],
  [-3, -3n],
  ['240', 240n],
  ['240.000000', 240n],
  [240.5, undefined],
  ['240.5', undefined],
  [2 ** 53, undefined],
])('%j messages are %s', (volume, expected) => {
  expect(convertQuota({ volume }, 'sms').value?.remaining).toBe(expected);
});

test('what is not told is undefined: a remainder is missed, everything else may be absent', () => {
  expect(convertQuota({ total_volume: 500 }, 'data')).toStrictEqual({
    value: { service: 'data', remaining: undefined, total: 500_000_000n },
    rejected: [{ path: 'volume', message: 'is not told (absent)' }],
  });
  expect(convertQuota({ volume: 1 }, 'data')).toStrictEqual({
    value: { service: 'data', remaining: 1_000_000n, total: undefined },
    rejected: [],
  });
});

test('of a quota each bad member is left out alone', () => {
  const { value, rejected } = convertQuota(
    {
      volume: 1,
      total_volume: -1,
      last_volume_added: 'x',
      expiry_date: '2030-02-30 00:00:00',
      threshold_percentage: 200,
      peak_throughput: -5,
    },
    'data',
  );
  expect(value).toStrictEqual({ service: 'data', remaining: 1_000_000n, total: undefined });
  expect(rejected.map((r) => r.path).sort()).toEqual([
    'expiry_date',
    'last_volume_added',
    'peak_throughput',
    'threshold_percentage',
    'total_volume',
  ]);
});

test('an answer about the other service is not used', () => {
  const { value, rejected } = convertQuota(fixture('quota-sms-v2-200'), 'data');
  expect([value, rejected.map((r) => r.path)]).toEqual([undefined, ['service']]);
});

test.each([
  ['0 of v2 is the end, not plenty', { id: 0, description: 'EXHAUSTED' }, 'exhausted'],
  ['an id alone', { id: 0 }, 'exhausted'],
  ['a word alone', { description: 'Expired' }, 'expired'],
  ['an id and a word that contradict it', { id: 0, description: 'ACTIVE' }, undefined],
  ['an id of SIM objects', { id: 0, description: 'More than 20% available' }, undefined],
  ['an unknown id', { id: 9 }, undefined],
  ['an unknown id beside a word', { id: 9, description: 'ACTIVE' }, undefined],
  ['a word that every object knows', { description: 'constructor' }, undefined],
])('the state of a v2 quota: %s', (_, status, expected) => {
  const { value, rejected } = convertQuota({ volume: 1, status }, 'data');
  expect(value?.state).toBe(expected);
  expect(rejected.map((r) => r.path)).toEqual(expected === undefined ? ['status'] : []);
});

test.each([undefined, null, [], 'text', {}, { message: 'no' }])('%j is no quota', (json) => {
  const { value, rejected } = convertQuota(json, 'data');
  expect([value, rejected.map((r) => r.path)]).toEqual([undefined, ['answer']]);
});

const QUIET = {
  day: '2030-06-14',
  dataTotal: 0n,
  dataRx: 0n,
  dataTx: 0n,
  smsTotal: 0n,
  smsMo: 0n,
  smsMt: 0n,
};

test('days come oldest first without the sum row; what the SIM sent is tx of data and rx of messages', () => {
  expect(convertUsage(fixture('usage-200'))).toStrictEqual({
    value: [
      {
        day: '2030-06-13',
        dataTotal: 12_000_001n,
        dataRx: 10_000_001n,
        dataTx: 2_000_000n,
        smsTotal: 3n,
        smsMo: 1n,
        smsMt: 2n,
      },
      QUIET,
      { ...QUIET, day: '2030-06-15', dataTotal: 500_000n, dataRx: 200_000n, dataTx: 300_000n },
    ],
    rejected: [],
  });
});

test('a range without days tells its sum only, and that is nothing', () => {
  expect(convertUsage(fixture('usage-200-total-only'))).toStrictEqual({ value: [], rejected: [] });
  expect(convertUsage({ stats: [] })).toStrictEqual({ value: [], rejected: [] });
});

test('a day may be written as its midnight', () => {
  expect(convertUsage(fixture('usage-200-iso')).value).toStrictEqual([
    { ...QUIET, day: '2021-06-30', dataTotal: 1_000_000n, dataRx: 600_000n, dataTx: 400_000n },
  ]);
});

test('a bad row, member or unit is rejected with its place and text; a day told twice counts as told first', () => {
  const { value, rejected } = convertUsage(fixture('usage-200-partly-malformed'));
  expect(value).toStrictEqual([
    { day: '2030-06-13' },
    { day: '2030-06-14', smsTotal: 1n, smsMo: 1n, smsMt: 0n },
    { day: '2030-06-15', dataTx: 300_000n, smsMo: 0n },
  ]);
  expect(rejected.map(({ path, rawText }) => [path, rawText])).toEqual([
    ['stats[0].data.volume', '0.1234567'],
    ['stats[0].data.volume_rx', 'much'],
    ['stats[0].sms.volume', '1.5'],
    ['stats[0].sms.volume_tx', '-1'],
    ['stats[1].date', '2030-06-31'],
    ['stats[2].date', expect.stringContaining('"volume":"1"')],
    ['stats[3]', 'not a day'],
    ['stats[4].data', 'none'],
    ['stats[5].date', '2030-06-14'],
    ['stats[6].data.traffic_type.unit', 'GB'],
  ]);
});

test('absent members and absent services are unknown, not 0', () => {
  expect(convertUsage({ stats: [{ date: '2030-06-15', data: { volume: '1' }, sms: null }] })).toStrictEqual({
    value: [{ day: '2030-06-15', dataTotal: 1_000_000n }],
    rejected: [],
  });
});

test('days may stand bare, and their volumes may be numbers', () => {
  expect(convertUsage([{ date: '2030-06-15', data: { volume: 0.5 } }]).value).toStrictEqual([
    { day: '2030-06-15', dataTotal: 500_000n },
  ]);
});

test.each([undefined, null, 5, 'text', {}, { stats: 'none' }])('%j are no days', (json) => {
  const { value, rejected } = convertUsage(json);
  expect([value, rejected.length]).toEqual([undefined, 1]);
});
