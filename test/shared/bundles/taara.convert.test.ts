import { expect, test } from 'vitest';
import { fromWireBundles } from '../../../shared/bundles/taara.convert.ts';
import { taaraBundleResponse } from '../../../shared/bundles/taara.wire.ts';
import { bundleFixture, contextOf, entityOf, HOME, NOW, newestOf, TRIAL } from './fixtures.ts';

const GB = 1_000_000_000n;

test('every plan gives a reading: octets from the purchase history where it agrees with the display', () => {
  const { readings, rejected, complete } = fromWireBundles(bundleFixture('bundle-200'), contextOf());
  expect(readings).toEqual([
    { entity: HOME, receivedAt: NOW, values: { remaining: 900_500_000_123n, expiresIn: 28n * 86_400n, active: 1n } },
    { entity: TRIAL, receivedAt: NOW, values: { remaining: 500_000_000n, expiresIn: 27n * 86_400n, active: 0n } },
  ]);
  expect(rejected).toEqual([]);
  expect(complete).toBe(true);
});

test('every plan is an entity of its account', () => {
  const { entities } = fromWireBundles(
    bundleFixture('bundle-200'),
    contextOf({
      account: { id: 'home', name: 'Home link', simulated: true },
      settings: {
        allocationBytes: { '1 Month Unlimited': 1_000_000_000_000, '0000000000000000000000b2': '500000000' },
      },
    }),
  );
  expect(entities).toEqual([
    {
      id: HOME,
      target: 'home',
      name: 'Home link: 1 Month Unlimited',
      attributes: {
        account: 'home',
        planId: '0000000000000000000000a1',
        planName: '1 Month Unlimited',
        unlimited: false,
        isActive: true,
        isHomePlan: true,
        allocationOctets: '1000000000000',
        allocationOrigin: 'configured',
      },
      labels: { account: 'home' },
      simulated: true,
    },
    expect.objectContaining({
      id: TRIAL,
      attributes: expect.objectContaining({
        isActive: false,
        allocationOctets: '500000000',
        allocationOrigin: 'configured',
      }),
    }),
  ]);
});

test('without a history the display is all there is, to its last digit', () => {
  const { readings, rejected } = fromWireBundles(bundleFixture('bundle-200-no-history'), contextOf());
  expect(readings.map((r) => r.values)).toEqual([
    { remaining: 1200n * GB, expiresIn: 86_400n, active: 1n },
    { remaining: 0n, expiresIn: 18_000n, active: 1n },
  ]);
  expect(rejected).toEqual([]);
});

test('a plan without limit has no remainder, and an expired one has no time left', () => {
  const { readings, entities, rejected } = fromWireBundles(
    bundleFixture('bundle-200-unlimited-and-expired'),
    contextOf(),
  );
  expect(readings.map((r) => r.values)).toEqual([
    { expiresIn: 1800n, active: 1n },
    { remaining: 0n, expiresIn: 0n, active: 0n },
  ]);
  expect(entities[0]?.attributes).toMatchObject({ unlimited: true });
  expect(entities[0]?.attributes.allocationOctets).toBeUndefined();
  expect(rejected).toEqual([]);
});

test('of several purchases that agree with the display the newest is taken', () => {
  const { readings } = fromWireBundles(bundleFixture('bundle-200-renewed'), contextOf());
  expect(readings[0]?.values.remaining).toBe(900_500_000_123n);
});

test("plans of the same name take a purchase only where it can be no other plan's", () => {
  const { readings } = fromWireBundles(bundleFixture('bundle-200-namesakes'), contextOf());
  expect(readings.map((r) => r.values.remaining)).toEqual([
    900_500_000_123n,
    120_000_000_456n,
    500_000_000n,
    500_000_000n,
  ]);
});

function answerWith(
  remainingBalance: string,
  ...purchases: readonly (readonly [date: string, name: string, octets: number])[]
) {
  return taaraBundleResponse.parse({
    data: {
      subscriberActiveAndUnusedPlans: [
        { planId: 'p1', planName: 'A', remainingBalance, expiresIn: '1 day', isActive: true },
      ],
      purchasedHistory: purchases.map(([historyDate, planDisplayName, totalDataUsage]) => ({
        historyDate,
        purchasedHistoryPlans: [{ planDisplayName, dataUsage: { totalDataUsage } }],
      })),
    },
  });
}

test.each([
  ["another plan's purchase", '900.5 GB', [['01/21/2030', 'B', 900_500_000_123]], 900_500_000_000n],
  ['usage, should it ever mean that', '900.5 GB', [['01/21/2030', 'A', 99_500_000_000]], 900_500_000_000n],
  ['binary units, which never fit', '900.5 GB', [['01/21/2030', 'A', 966_904_512_512]], 900_500_000_000n],
  ['just too much', '900.5 GB', [['01/21/2030', 'A', 900_550_000_001]], 900_500_000_000n],
  ['just within', '900.5 GB', [['01/21/2030', 'A', 900_549_999_999]], 900_549_999_999n],
  [
    'an older that fits beside a newer that does not',
    '900.5 GB',
    [
      ['01/21/2030', 'A', 5],
      ['12/21/2029', 'A', 900_499_999_999],
    ],
    900_499_999_999n,
  ],
  [
    'two that differ on one day',
    '900.5 GB',
    [
      ['01/21/2030', 'A', 900_500_000_001],
      ['01/21/2030', 'A', 900_500_000_002],
    ],
    900_500_000_000n,
  ],
  [
    'the same twice',
    '900.5 GB',
    [
      ['01/21/2030', 'A', 900_500_000_001],
      ['01/21/2030', 'A', 900_500_000_001],
    ],
    900_500_000_001n,
  ],
  [
    'a date in December against one in January',
    '900.5 GB',
    [
      ['12/31/2029', 'A', 900_500_000_001],
      ['01/01/2030', 'A', 900_500_000_002],
    ],
    900_500_000_002n,
  ],
  [
    'a date that is none, against one that is',
    '900.5 GB',
    [
      ['soon', 'A', 900_500_000_001],
      ['01/01/2030', 'A', 900_500_000_002],
    ],
    900_500_000_002n,
  ],
] as const)('exact octets: %s', (_, text, purchases, expected) => {
  expect(fromWireBundles(answerWith(text, ...purchases), contextOf()).readings[0]?.values.remaining).toBe(expected);
});

test.each([2 ** 53, 900.5, -1])('a usage of %d is rejected, and the display stands', (usage) => {
  const { readings, rejected } = fromWireBundles(answerWith('900.5 GB', ['01/21/2030', 'A', usage]), contextOf());
  expect(readings[0]?.values.remaining).toBe(900_500_000_000n);
  expect(rejected[0]?.path).toBe('data.purchasedHistory[0].purchasedHistoryPlans[0].dataUsage.totalDataUsage');
});

test('F13: what is malformed is rejected with path and text, never 0, and what is good is kept', () => {
  const { readings, entities, rejected, complete } = fromWireBundles(
    bundleFixture('bundle-200-partly-malformed'),
    contextOf(),
  );
  expect(readings.map((r) => [r.entity, r.values])).toEqual([
    [HOME, { active: 1n }],
    [TRIAL, { remaining: 500_000_000n, expiresIn: 27n * 86_400n, active: 0n }],
    ['home/0000000000000000000000c3', {}],
  ]);
  expect(entities).toHaveLength(3);
  expect(complete).toBe(false);
  expect(rejected.map(({ path, rawText }) => [path, rawText])).toEqual([
    ['data.subscriberActiveAndUnusedPlans[2].planId', expect.stringContaining('No id')],
    ['data.subscriberActiveAndUnusedPlans[3]', 'not a plan'],
    ['data.subscriberActiveAndUnusedPlans[5].planName', expect.stringContaining('7')],
    ['data.subscriberActiveAndUnusedPlans[6].planId', '0000000000000000000000b2'],
    ['data.purchasedHistory[0].purchasedHistoryPlans[0].dataUsage.totalDataUsage', expect.stringContaining('900.5')],
    ['data.purchasedHistory[1]', 'not a purchase'],
    ['data.subscriberActiveAndUnusedPlans[0].remainingBalance', '1,024.5 GB'],
    ['data.subscriberActiveAndUnusedPlans[0].expiresIn', 'in four weeks'],
    ['data.subscriberActiveAndUnusedPlans[4].remainingBalance', undefined],
    ['data.subscriberActiveAndUnusedPlans[4].expiresIn', undefined],
    ['data.subscriberActiveAndUnusedPlans[4].isActive', undefined],
  ]);
});

test('an answer with thousands of plans is read up to a bound, and says so', () => {
  const plans = Array.from({ length: 5000 }, (_, i) => ({
    planId: `p${i}`,
    remainingBalance: '1.0 GB',
    expiresIn: '1 day',
    isActive: true,
  }));
  const { readings, rejected, complete } = fromWireBundles(
    { data: { subscriberActiveAndUnusedPlans: plans } },
    contextOf(),
  );
  expect(readings).toHaveLength(200);
  expect(rejected).toEqual([
    { path: 'data.subscriberActiveAndUnusedPlans', message: 'only the first 200 of 5000 plans are read' },
  ]);
  expect(complete).toBe(false);
});

test('an account without plans is read completely', () => {
  const { readings, complete } = fromWireBundles({ data: { subscriberActiveAndUnusedPlans: [] } }, contextOf());
  expect([readings, complete]).toEqual([[], true]);
});

test.each([
  ['first sight', undefined, undefined, 500n * GB],
  ['a fall keeps the most seen', '900000000000', 600n * GB, 900n * GB],
  ['a top-up begins anew, even below the most seen', '900000000000', 200n * GB, 500n * GB],
  ['a rise within the rounding of the display is no top-up', '900000000000', 499_950_000_000n, 900n * GB],
  ['an unknown reading before changes nothing', '900000000000', undefined, 900n * GB],
  ['more than ever seen is the most seen', '400000000000', undefined, 500n * GB],
])('the size of a plan that is not configured: %s', (_, most, previous, expected) => {
  const attributes = most === undefined ? {} : { allocationOctets: most, allocationOrigin: 'most seen since top-up' };
  const known = {
    entities: [entityOf({ id: 'home/p1', attributes })],
    newest: [newestOf(previous === undefined ? {} : { remaining: previous }, { entity: 'home/p1' })],
  };
  const { entities } = fromWireBundles(answerWith('500.0 GB'), contextOf({ known }));
  expect(entities[0]?.attributes).toMatchObject({
    allocationOctets: expected.toString(),
    allocationOrigin: 'most seen since top-up',
  });
});

test('a size that was configured once and is no longer is not taken for one that was seen', () => {
  const attributes = { allocationOctets: '9000000000000', allocationOrigin: 'configured' };
  const known = { entities: [entityOf({ id: 'home/p1', attributes })], newest: [] };
  const { entities } = fromWireBundles(answerWith('500.0 GB'), contextOf({ known }));
  expect(entities[0]?.attributes).toMatchObject({ allocationOctets: '500000000000' });
});

test('a remainder that cannot be read leaves the size as it was known', () => {
  const attributes = { allocationOctets: '900000000000', allocationOrigin: 'most seen since top-up' };
  const known = { entities: [entityOf({ id: 'home/p1', attributes })], newest: [] };
  const { entities, readings } = fromWireBundles(answerWith('plenty'), contextOf({ known }));
  expect(entities[0]?.attributes).toMatchObject({ allocationOctets: '900000000000' });
  expect(readings[0]?.values.remaining).toBeUndefined();
});
