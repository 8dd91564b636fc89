/** The default rules of interfaces: valid, and judged over real observations. */
import { describe, expect, test } from 'vitest';
import { INTERFACE_KIND } from '../../../shared/interfaces/metrics.ts';
import { interfaceRules } from '../../../shared/interfaces/rules.ts';
import { evaluate } from '../../../shared/rules/evaluate.ts';
import type { ThresholdRule } from '../../../shared/rules/rule.ts';
import { validateRule } from '../../../shared/rules/validate.ts';

const START = Date.UTC(2026, 10, 20);
const scope = { metrics: ['maxUtilisationPercent', 'implausibleReadings', 'portDown'] };

test.each(interfaceRules.map((rule) => [rule.id, rule] as const))('%s is a valid rule', (_, rule) => {
  expect(validateRule(rule, scope, [INTERFACE_KIND])).toEqual([]);
});

describe('the load of a line', () => {
  const rule = interfaceRules.find(({ id }) => id === 'interface-utilisation') as ThresholdRule;

  /** How the newest of these slots is judged. */
  function judge(loads: readonly (number | undefined)[]) {
    const values = loads.map((value, i) => ({ slot: START + i * 300_000, value }));
    const now = values.at(-1)?.slot ?? START;
    const observation = { entity: 'core1/e', metric: rule.metric, unit: '%', values };
    const finding = evaluate(rule, { id: 'core1/e', name: 'e' }, observation, {
      window: { head: undefined, batches: [], entities: [] },
      now,
      periodSeconds: 300,
      kind: INTERFACE_KIND,
      target: { id: 'core1', name: 'Core 1', since: START, enabled: true },
      aliveSince: START,
    });
    return { ...finding, holds: finding.at - finding.since >= rule.holdSeconds * 1000 };
  }

  test.each<[string, (number | undefined)[], object]>([
    ['of 80 % exactly is in order', [80], { state: 'between' }],
    ['above 80 % for one slot does not fire yet', [10, 81], { state: 'breach', severity: 'warning', holds: false }],
    ['above 80 % for two slots fires', [10, 81, 85], { state: 'breach', severity: 'warning', holds: true }],
    ['above 95 % is critical', [96, 97], { state: 'breach', severity: 'critical', holds: true }],
    ['between clear and fire keeps what it was', [85, 85, 75], { state: 'between', severity: 'warning' }],
    ['back at 70 % is over', [85, 70, 70], { state: 'clear', holds: true }],
    ['that is unknown changes nothing', [85, undefined], { state: 'unknown' }],
  ])('%s', (_, loads, expected) => {
    expect(judge(loads)).toMatchObject(expected);
  });
});

test('a silent router is told after three slots', () => {
  expect(interfaceRules.find(({ type }) => type === 'absence')).toMatchObject({ slots: 3, enabled: true });
});

test('a port that is down is told only where somebody asks for it', () => {
  expect(interfaceRules.find(({ id }) => id === 'interface-down')).toMatchObject({ enabled: false });
});
