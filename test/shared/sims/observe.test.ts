import { describe, expect, test } from 'vitest';
import { CAPABILITIES } from '../../../shared/capabilities.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import { validateRule } from '../../../shared/rules/validate.ts';
import type { Batch } from '../../../shared/samples/sample.ts';
import { FLEET_OBSERVATIONS, observeFleet, observeSims, SIM_OBSERVATIONS } from '../../../shared/sims/observe.ts';
import { fleetRules, simRules } from '../../../shared/sims/rules.ts';

const NOW = Date.parse('2030-03-15T12:00:00Z');
const SECOND = Math.round(NOW / 1000);
const DAY = 86_400;
const ID = 'fleet.0001/8988000000000000001';

function entity(over: Partial<Entity> = {}): Entity {
  return {
    ...{ tenant: 'demo', kind: 'sim', id: ID, target: 'fleet.0001', name: 'unit-1', simulated: false, firstSeenAt: 0 },
    attributes: { iccid: '8988000000000000001', account: 'fleet', enabled: true },
    labels: { account: 'fleet' },
    ...over,
  };
}

function batch(values: Record<string, bigint>, slot = NOW, id = ID): Batch {
  return {
    ...{ tenant: 'demo', kind: 'sim', target: 'fleet.0001', slot, part: 0, receivedAt: slot, periodSeconds: 900 },
    boundary: true,
    readings: [{ entity: id, receivedAt: slot, values }],
  };
}

function judged(values: Record<string, bigint>, metric: string, of: Entity = entity()) {
  const observed = observeSims({ head: undefined, batches: [batch(values)], entities: [of] });
  return observed.find((one) => one.metric === metric)?.values.at(-1);
}

test.each([
  ['dataRemainingPercent', { dataRemaining: 99_999_999n, dataTotal: 500_000_000n }, 19.9999],
  ['dataRemainingPercent', { dataRemaining: 0n, dataTotal: 500_000_000n }, 0],
  ['dataRemainingPercent', { dataRemaining: -5n, dataTotal: 500_000_000n }, 0],
  ['dataRemainingPercent', { dataRemaining: 5n }, undefined],
  ['dataRemainingPercent', { dataTotal: 5n }, undefined],
  ['dataRemainingPercent', { dataRemaining: 5n, dataTotal: 0n }, undefined],
  ['dataExhausted', { dataRemaining: -68_401n }, 1],
  ['dataExhausted', { dataRemaining: 1n }, 0],
  ['dataExhausted', {}, undefined],
  ['dataExpiresInSeconds', { dataExpires: BigInt(SECOND + 60) }, 60],
  ['dataExpired', { dataExpires: BigInt(SECOND - 60) }, 1],
  ['dataExpired', { dataExpires: BigInt(SECOND + 60) }, 0],
  ['dataExpired', {}, undefined],
  ['smsRemainingPercent', { smsRemaining: 49n, smsTotal: 250n }, 19.6],
  ['smsExhausted', { smsRemaining: 0n }, 1],
  ['silentSeconds', { lastSeen: BigInt(SECOND - 3 * DAY) }, 3 * DAY],
  ['silentSeconds', { lastSeen: BigInt(SECOND + 10) }, 0],
  ['usageTimesMedian', { usageToday: 500_000n, usageMedian: 20_000n }, 1],
  ['silentSeconds', {}, undefined],
  ['usageTimesMedian', { usageToday: 50_000_000n, usageMedian: 2_000_000n }, 25],
  ['usageTimesMedian', { usageToday: 50_000_000n }, undefined],
  ['usageTimesMedian', { usageToday: 50_000n, usageMedian: 100n }, undefined],
  ['usageTimesMedian', { usageMedian: 2_000_000n }, undefined],
] as [string, Record<string, bigint>, number | undefined][])('%s of %o is %s', (metric, values, expected) => {
  const value = judged(values, metric);
  expect(value?.value).toBe(expected);
  if (expected === undefined) expect(value?.reason).toMatch(/\w/);
});

test("a SIM's own threshold counts from it, and a SIM without one is not judged by it", () => {
  const values = { dataRemaining: 140_000_000n, dataTotal: 500_000_000n };
  const own = entity({ labels: { account: 'fleet', thresholdPercent: '30' } });
  expect(judged(values, 'aboveOwnThresholdPercent', own)?.value).toBe(-2);
  expect(judged(values, 'aboveOwnThresholdPercent')?.value).toBeUndefined();
});

test('a change of device, country or operator is as old as it is, and one that never was is long past', () => {
  const attributes = { ...entity().attributes, imei: '2', imeiBefore: '1', imeiChangedAt: NOW - 60_000 };
  expect(judged({ dataRemaining: 1n }, 'sinceImeiChangeSeconds', entity({ attributes }))?.value).toBe(60);
  expect(judged({ dataRemaining: 1n }, 'sinceCountryChangeSeconds', entity({ attributes }))?.value).toBe(7 * DAY);
});

describe('who is judged', () => {
  const observed = (of: Entity) => observeSims({ head: undefined, batches: [batch({})], entities: [of] });

  test('a SIM that is switched off or gone is not', () => {
    expect(observed(entity({ attributes: { ...entity().attributes, enabled: false } }))).toEqual([]);
    expect(observed(entity({ removedAt: NOW }))).toEqual([]);
  });

  test('a SIM that no newest batch mentions gives every observation without a value, so that its alerts neither end nor grow', () => {
    const other = batch({ dataRemaining: 1n }, NOW, 'fleet.0001/8988000000000000002');
    const quiet = observeSims({ head: undefined, batches: [other], entities: [entity()] });
    expect(quiet.map((one) => one.metric).sort()).toEqual([...SIM_OBSERVATIONS].sort());
    expect(quiet.every((one) => one.values.length === 0)).toBe(true);
  });
});

test('nobody waits to hear of an expired SIM: alerts about its silence and its end are over', () => {
  const values = { lastSeen: BigInt(SECOND - 9 * DAY), dataExpires: BigInt(SECOND - 1) };
  expect(judged(values, 'silentSeconds')).toBeUndefined();
  expect(judged(values, 'dataExpiresInSeconds')).toBeUndefined();
  expect(judged(values, 'dataExpired')?.value).toBe(1);
});

test('a SIM that was silent already when it was first met has not fallen silent', () => {
  const values = { lastSeen: BigInt(SECOND - 9 * DAY) };
  const met = entity({ firstSeenAt: NOW - 2 * DAY * 1000 });
  expect(judged(values, 'silentSeconds', met)).toMatchObject({ value: undefined });
  expect(judged(values, 'silentSeconds')?.value).toBe(9 * DAY);
});

test('a value is as old as its answer, not as the slot of the round that brought it', () => {
  const late = batch({ dataRemaining: 1n, dataTotal: 2n }, NOW - 3_600_000);
  const [first] = observeSims({ head: undefined, batches: [late], entities: [entity()] });
  expect(first?.values[0]?.slot).toBe(NOW - 3_600_000);
  const answered = { ...late, readings: late.readings.map((reading) => ({ ...reading, receivedAt: NOW })) };
  const [second] = observeSims({ head: undefined, batches: [answered], entities: [entity()] });
  expect(second?.values[0]?.slot).toBe(NOW);
});

test('the fleet is judged by what its walk counted', () => {
  const fleet = entity({ kind: 'fleet', id: 'fleet/fleet', target: 'fleet' });
  const walked = { ...batch({ simsExhausted: 3n, simsLow: 7n }, NOW, 'fleet/fleet'), kind: 'fleet', target: 'fleet' };
  const observed = observeFleet({ head: undefined, batches: [walked], entities: [fleet] });
  expect(observed.map(({ metric, values }) => [metric, values[0]?.value])).toEqual([
    ['simsExhausted', 3],
    ['simsLow', 7],
  ]);
  expect(observed.map(({ metric }) => metric)).toEqual([...FLEET_OBSERVATIONS]);
});

test.each([...simRules, ...fleetRules])('the default rule $id is one that a tenant could have made', (rule) => {
  const capability = CAPABILITIES.find(({ kind }) => kind === rule.kind);
  expect(validateRule(rule, { metrics: capability?.observed ?? [] }, [rule.kind])).toEqual([]);
});
