import { describe, expect, test } from 'vitest';
import type { Entity } from '../../../shared/entities/entity.ts';
import {
  observeAllResellers,
  observeResellers,
  RESELLER_OBSERVATIONS,
  RESELLERS_OBSERVATIONS,
} from '../../../shared/resellers/observe.ts';
import { allResellersRules, resellerRules } from '../../../shared/resellers/rules.ts';
import { ALL_RESELLERS } from '../../../shared/resellers/watch.ts';
import type { Context } from '../../../shared/rules/context.ts';
import { evaluateAll } from '../../../shared/rules/evaluate.ts';
import { indexRules } from '../../../shared/rules/selector.ts';
import { validateRule } from '../../../shared/rules/validate.ts';
import type { Batch } from '../../../shared/samples/sample.ts';
import { MBPS, PERIOD, resellerEntityNamed, START } from './watch-world.ts';

const ID = 'headroom-resellers.0001/r1';
const entityOf = (attributes: Entity['attributes'] = {}): Entity => ({
  ...resellerEntityNamed(ID),
  attributes: {
    interfaces: 1,
    planToTargetBitsPerSecond: 100 * MBPS,
    planFromTargetBitsPerSecond: 20 * MBPS,
    ...attributes,
  },
});
type Values = Readonly<Record<string, bigint>>;

/** Findings after slots with these values, judged at the last of them. */
function judge(slots: readonly Values[], entity = entityOf(), boundary: (i: number) => boolean = () => true) {
  const batches = slots.map((values, i): Batch => {
    const at = START + i * PERIOD;
    const ref = { tenant: 'demo', kind: 'reseller', target: 'headroom-resellers.0001' };
    const readings = [{ entity: ID, receivedAt: at, values: { suspended: 0n, missingInterfaces: 0n, ...values } }];
    return { ...ref, slot: at, part: 0, receivedAt: at, periodSeconds: 300, boundary: boundary(i), readings };
  });
  const context: Context = {
    window: { head: undefined, batches, entities: [entity] },
    now: START + (slots.length - 1) * PERIOD + 90_000,
    periodSeconds: 300,
    kind: 'reseller',
    target: { id: 'headroom-resellers.0001', name: 'Resellers', since: START, enabled: false },
    aliveSince: START - PERIOD,
  };
  const findings = evaluateAll(indexRules(resellerRules), observeResellers(context.window), context);
  return new Map(findings.map((finding) => [finding.rule, finding]));
}
const used = (percent: number): Values => ({
  planUse: BigInt(percent * 100),
  toTargetBitsPerSecond: BigInt(percent * MBPS),
  fromTargetBitsPerSecond: 3_000_000n,
});
const planOf = (...percents: number[]) => judge(percents.map(used)).get('reseller-plan');

describe('the plan', () => {
  test.each([
    [[50, 50], 'clear', 50],
    [[81, 81], 'breach', 81],
    [[96, 97], 'breach', 96],
    // A burst of one slot, also by somebody who is near the limit anyway: neither a breach nor a worse one.
    [[50, 99], 'clear', 50],
    [[85, 99], 'breach', 85],
    [[99, 50], 'clear', 50],
    [[96, 78], 'between', 78],
  ])('%j percent in slot after slot is %s at %d', (percents, state, value) => {
    expect(planOf(...percents)).toMatchObject({ state, value });
  });

  test('a burst by somebody at 85 % is a warning still', () => {
    expect(planOf(85, 99)).toMatchObject({ severity: 'warning' });
    expect(planOf(85, 99, 99)).toMatchObject({ severity: 'critical', value: 99, threshold: 95 });
  });

  test('says both directions and the plan, in the words that people use for them', () => {
    expect(planOf(96, 96)?.detail).toBe('down 96 Mb/s, up 3 Mb/s; the plan is down 100 Mb/s, up 20 Mb/s');
  });

  test('in the first slot of all nothing is known to last', () => {
    expect(planOf(99)).toMatchObject({ state: 'unknown' });
    expect(judge([{}, used(99)]).get('reseller-plan')).toMatchObject({ state: 'unknown' });
  });

  test('a run by hand is no slot that a load has lasted for', () => {
    const byHand = judge([used(50), used(99), used(99)], entityOf(), (i) => i !== 1);
    expect(byHand.get('reseller-plan')).toMatchObject({ state: 'clear' });
  });

  test.each([
    ['it has no plan', { toTargetBitsPerSecond: 1n, fromTargetBitsPerSecond: 1n }, {}],
    ['it is suspended', { suspended: 1n, toTargetBitsPerSecond: 0n, fromTargetBitsPerSecond: 0n }, {}],
    ['the load of some of its interfaces is not known', {}, {}],
    ['no interface of a router is mapped to it', {}, { interfaces: 0 }],
  ] as const)('is unknown where %s, and nobody is told', (reason, values, attributes) => {
    expect(judge([used(99), values], entityOf(attributes)).get('reseller-plan')).toMatchObject({
      state: 'unknown',
      reason,
    });
  });
});

describe('what was asked of the router', () => {
  const says = 'Given up: core1: the targets overlap';
  test('is critical at once where it is not there, with the words of the router', () => {
    expect(judge([{ limitFailed: 1n }], entityOf({ limitSays: says })).get('reseller-limit-failed')).toMatchObject({
      ...{ state: 'breach', severity: 'critical', detail: says },
    });
    expect(judge([{ limitFailed: 1n }, { limitFailed: 0n }]).get('reseller-limit-failed')).toMatchObject({
      state: 'clear',
    });
  });
  test('while a change is under way is unknown: an alert that is open stays so', () => {
    expect(judge([{ limitFailed: 1n }, {}]).get('reseller-limit-failed')).toMatchObject({
      ...{ state: 'unknown', reason: 'a change is under way' },
    });
  });
});

test('a router that differs is a warning with what differs, and tells nobody before a quarter of an hour', () => {
  const rule = resellerRules.find(({ id }) => id === 'reseller-drift');
  expect(rule).toMatchObject({ holdSeconds: 900, levels: [{ severity: 'warning' }] });
  const says = 'core1: disabled: wanted on, found off';
  expect(judge([{ differences: 2n }], entityOf({ driftSays: says })).get('reseller-drift')).toMatchObject({
    ...{ state: 'breach', value: 2, detail: says },
  });
  expect(judge([{ differences: 2n }, {}]).get('reseller-drift')).toMatchObject({ state: 'unknown' });
});

test('a port that a router was read without is a warning that names it; silence of the router itself is none', () => {
  const missing = { missing: 'core1/ether5' };
  expect(judge([{ missingInterfaces: 1n }], entityOf(missing)).get('reseller-no-data')).toMatchObject({
    ...{ state: 'breach', severity: 'warning', value: 1, unit: 'interfaces', detail: 'core1/ether5' },
  });
  expect(judge([{}]).get('reseller-no-data')).toMatchObject({ state: 'clear' });
});

test('nobody who is removed is observed', () => {
  const window = { head: undefined, batches: [], entities: [{ ...entityOf(), removedAt: START }] };
  expect(observeResellers(window)).toEqual([]);
  expect(observeAllResellers(window)).toEqual([]);
});

test('of all together there are their numbers', () => {
  const entity = { ...resellerEntityNamed(ALL_RESELLERS), kind: 'resellers' };
  const values = { resellersTotal: 7n, resellersUnknown: 2n };
  const readings = [{ entity: ALL_RESELLERS, receivedAt: START, values }];
  const ref = { tenant: 'demo', kind: 'resellers', target: 'headroom-resellers' };
  const batch: Batch = {
    ...ref,
    slot: START,
    part: 0,
    receivedAt: START,
    periodSeconds: 300,
    boundary: true,
    readings,
  };
  const found = observeAllResellers({ head: undefined, batches: [batch], entities: [entity] });
  expect(found.map(({ metric, values: [one] }) => [metric, one?.value])).toEqual([
    ['resellersTotal', 7],
    ['resellersUnknown', 2],
  ]);
});

test.each([...resellerRules, ...allResellersRules])('the rule $id could be stored as it is', (rule) => {
  const metrics = rule.kind === 'reseller' ? RESELLER_OBSERVATIONS : RESELLERS_OBSERVATIONS;
  expect(validateRule(rule, { metrics }, [rule.kind])).toEqual([]);
});
