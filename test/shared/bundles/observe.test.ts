import { expect, test } from 'vitest';
import { observeBundles } from '../../../shared/bundles/observe.ts';
import { bundleRules } from '../../../shared/bundles/rules.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import type { Batch, Reading } from '../../../shared/samples/sample.ts';
import { entityOf, HOME, NOW, TRIAL } from './fixtures.ts';

const PERIOD_MS = 900_000;
const configured = entityOf({
  attributes: { ...entityOf().attributes, allocationOctets: '1000000000000', allocationOrigin: 'configured' },
});

function batchOf(index: number, values: Record<string, Record<string, bigint>>): Batch {
  const slot = NOW + index * PERIOD_MS;
  const readings = Object.entries(values).map(
    ([entity, v]): Reading => ({ entity, receivedAt: slot + 1000, values: v }),
  );
  return {
    tenant: 'demo',
    kind: 'bundle',
    target: 'home',
    slot,
    part: 0,
    receivedAt: slot,
    periodSeconds: 900,
    boundary: true,
    readings,
  };
}

function observe(entities: readonly Entity[], ...batches: Batch[]) {
  return observeBundles({ head: undefined, batches, entities });
}

test('an active bundle is judged by percent, octets and time left, slot by slot', () => {
  const observed = observe(
    [configured],
    batchOf(0, { [HOME]: { remaining: 250_000_000_000n, expiresIn: 432_000n, active: 1n } }),
    batchOf(1, { [HOME]: { remaining: 199_999_999_999n, expiresIn: 345_600n, active: 1n } }),
  );
  expect(observed).toEqual([
    {
      entity: HOME,
      metric: 'remainingPercent',
      unit: '%',
      values: [
        { slot: NOW, value: 25 },
        { slot: NOW + PERIOD_MS, value: 19.9999 },
      ],
    },
    {
      entity: HOME,
      metric: 'remainingOctets',
      unit: 'bytes',
      values: [
        { slot: NOW, value: 250_000_000_000 },
        { slot: NOW + PERIOD_MS, value: 199_999_999_999 },
      ],
    },
    {
      entity: HOME,
      metric: 'expiresInSeconds',
      unit: 's',
      values: [
        { slot: NOW, value: 432_000 },
        { slot: NOW + PERIOD_MS, value: 345_600 },
      ],
    },
  ]);
});

test.each([
  [
    'the size is not known',
    entityOf(),
    { remaining: 1n, expiresIn: 60n },
    'remainingPercent',
    'the size of the plan is not known',
  ],
  ['the remainder was malformed', configured, { expiresIn: 60n }, 'remainingPercent', 'what is left could not be read'],
  ['the remainder was malformed', configured, { expiresIn: 60n }, 'remainingOctets', 'what is left could not be read'],
  ['the expiry was malformed', configured, { remaining: 1n }, 'expiresInSeconds', 'the expiry could not be read'],
  [
    'the plan has no limit',
    entityOf({ attributes: { ...entityOf().attributes, unlimited: true } }),
    { expiresIn: 60n },
    'remainingPercent',
    'the plan has no limit',
  ],
] as const)('%s: unknown, with the reason', (_, entity, values, metric, reason) => {
  const found = observe([entity], batchOf(0, { [HOME]: values })).find((one) => one.metric === metric);
  expect(found?.values).toEqual([{ slot: NOW, value: undefined, reason }]);
});

test('a slot that does not mention the bundle is unknown, and the others stand', () => {
  const [percent] = observe([configured], batchOf(0, {}), batchOf(1, { [HOME]: { remaining: 10_000_000_000n } }));
  expect(percent?.values).toEqual([
    { slot: NOW, value: undefined, reason: 'the source did not mention it' },
    { slot: NOW + PERIOD_MS, value: 1 },
  ]);
});

test.each([
  ['an unused trial', entityOf({ id: TRIAL, attributes: { ...configured.attributes, isActive: false } })],
  [
    'a bundle that does not say whether it is active',
    entityOf({ id: TRIAL, attributes: { planId: 'x', allocationOctets: '1' } }),
  ],
  ['a bundle that was removed', entityOf({ ...configured, id: TRIAL, removedAt: NOW })],
])('%s is not judged at all', (_, entity) => {
  expect(observe([entity], batchOf(0, { [TRIAL]: { remaining: 1n, expiresIn: 1n, active: 0n } }))).toEqual([]);
});

test('a plan whose size was only seen is judged by that', () => {
  const seen = entityOf({
    attributes: {
      ...entityOf().attributes,
      allocationOctets: '500000000000',
      allocationOrigin: 'most seen since top-up',
    },
  });
  const [percent] = observe([seen], batchOf(0, { [HOME]: { remaining: 50_000_000_000n } }));
  expect(percent?.values).toEqual([{ slot: NOW, value: 10 }]);
});

test('every default rule judges something that is observed, with levels that lie further out and clear before they fire', () => {
  const metrics = observe([configured], batchOf(0, {})).map((one) => one.metric);
  const thresholds = bundleRules.filter((rule) => rule.type === 'threshold');
  expect(new Set(bundleRules.map((rule) => rule.id)).size).toBe(bundleRules.length);
  for (const rule of thresholds) {
    expect(metrics).toContain(rule.metric);
    const fires = rule.levels.map((level) => level.fire);
    expect(fires).toEqual([...fires].sort((a, b) => b - a));
    for (const level of rule.levels) expect(level.clear).toBeGreaterThan(level.fire);
  }
});

test('the defaults are those that were promised', () => {
  const by = Object.fromEntries(bundleRules.map((rule) => [rule.id, rule]));
  expect(by['bundle-remaining']).toMatchObject({
    enabled: true,
    holdSeconds: 0,
    levels: [
      { severity: 'warning', fire: 20, clear: 25 },
      { severity: 'critical', fire: 5, clear: 8 },
    ],
  });
  expect(by['bundle-remaining-bytes']).toMatchObject({ enabled: false, metric: 'remainingOctets' });
  expect(by['bundle-expiry']).toMatchObject({ enabled: true, levels: [{ severity: 'warning', fire: 259_200 }] });
  expect(by['bundle-no-data']).toMatchObject({ enabled: true, type: 'absence', slots: 3, severity: 'warning' });
});
