import { describe, expect, test } from 'vitest';
import type { Entity } from '../../../shared/entities/entity.ts';
import { absence, GRACE_SECONDS } from '../../../shared/rules/absence.ts';
import type { Context } from '../../../shared/rules/context.ts';
import { uncovered } from '../../../shared/rules/coverage.ts';
import { evaluate, evaluateAll } from '../../../shared/rules/evaluate.ts';
import type { AbsenceRule, ThresholdRule } from '../../../shared/rules/rule.ts';
import { indexRules } from '../../../shared/rules/selector.ts';
import type { Head } from '../../../shared/samples/sample.ts';

const T0 = Date.parse('2026-11-20T10:00:00Z');
const PERIOD = 300;
const SLOT = PERIOD * 1000;

const base = {
  kind: 'bundle',
  enabled: true,
  selector: {},
  holdSeconds: 0,
  clearSeconds: 0,
  builtIn: true,
  version: 1,
};
const low: ThresholdRule = {
  ...base,
  id: 'low',
  name: 'Low',
  type: 'threshold',
  metric: 'remainingPercent',
  comparison: 'below',
  levels: [
    { severity: 'warning', fire: 20, clear: 25 },
    { severity: 'critical', fire: 5, clear: 8 },
  ],
};
const busy: ThresholdRule = {
  ...low,
  id: 'busy',
  comparison: 'above',
  levels: [{ severity: 'warning', fire: 950, clear: 900 }],
};
const silent: AbsenceRule = { ...base, id: 'silent', name: 'Silent', type: 'absence', slots: 3, severity: 'critical' };

function entity(id: string, part: Partial<Entity> = {}): Entity {
  const plain = { attributes: {}, labels: {}, simulated: false, firstSeenAt: T0 };
  return { tenant: 'demo', kind: 'bundle', id, target: 'core1', name: `name of ${id}`, ...plain, ...part };
}

function head(newestSlot: number | undefined): Head {
  const ref = { tenant: 'demo', kind: 'bundle', target: 'core1' };
  return { ...ref, seq: 1, folded: 0, periodSeconds: PERIOD, entities: [], ...(newestSlot ? { newestSlot } : {}) };
}

function context(part: Partial<Context> = {}): Context {
  return {
    window: { head: head(T0), batches: [], entities: [entity('core1/a')] },
    now: T0 + 10_000,
    periodSeconds: PERIOD,
    kind: 'bundle',
    target: { id: 'core1', name: 'Core 1', since: T0 - 1000 * SLOT, enabled: true },
    aliveSince: T0 - 1000 * SLOT,
    ...part,
  };
}

/** Values at successive slots, the last one at T0. */
function observed(...values: (number | undefined)[]) {
  const first = T0 - (values.length - 1) * SLOT;
  return {
    entity: 'core1/a',
    metric: 'remainingPercent',
    unit: '%',
    values: values.map((value, i) => ({ slot: first + i * SLOT, value })),
  };
}

const of = entity('core1/a');

describe('a threshold', () => {
  test.each([
    ['exactly at the limit is not below it', low, 20, 'between', 'warning', 25],
    ['just below the limit', low, 19.9, 'breach', 'warning', 20],
    ['inside the band', low, 22, 'between', 'warning', 25],
    ['exactly at the clear value is back', low, 25, 'clear', undefined, 25],
    ['far away', low, 90, 'clear', undefined, 25],
    ['below the worst limit', low, 4.9, 'breach', 'critical', 5],
    ['inside the worst band, the milder level still breached', low, 6, 'breach', 'warning', 20],
    ['nothing left', low, 0, 'breach', 'critical', 5],
    ['949 of 950 is no breach', busy, 949, 'between', 'warning', 900],
    ['951 of 950', busy, 951, 'breach', 'warning', 950],
    ['exactly 900 is back', busy, 900, 'clear', undefined, 900],
  ] as const)('%s', (_, rule, value, state, severity, threshold) => {
    const found = evaluate(rule, of, observed(value), context());
    expect(found).toMatchObject({ state, value, threshold, unit: '%', at: T0, since: T0, entityName: of.name });
    expect(found.severity).toBe(severity);
  });

  test.each([
    ['an unbroken run reaches back to its first slot', [60, 12, 12, 12], 'breach', 2],
    ['a run of another severity is the same run', [60, 3, 12, 3], 'breach', 2],
    ['an unknown slot neither ends the run', [60, 12, undefined, 12], 'breach', 2],
    ['nor begins it', [60, undefined, 12, 12], 'breach', 1],
    ['the band ends a run of breaches', [12, 12, 22, 12], 'breach', 0],
    ['flapping around the fire value never makes a run of two', [951, 949, 951, 949, 951], 'breach', 0, busy],
    ['and never makes a recovery', [951, 949, 951, 949], 'between', 0, busy],
    ['a run of recoveries', [12, 60, undefined, 60], 'clear', 2],
  ] as const)('%s', (_, values, state, slotsBack, rule: ThresholdRule = low) => {
    const found = evaluate(rule, of, observed(...values), context());
    expect(found).toMatchObject({ state, at: T0, since: T0 - slotsBack * SLOT });
  });

  test.each([
    ['no value ever', undefined, {}, 'never observed'],
    ['the newest value is unknown', observed(12, undefined), {}, 'not known'],
    ['the newest slot is older than two periods', observed(12), { now: T0 + 2 * SLOT + 1 }, 'too old'],
    ['the newest slot lies in the future', observed(12), { now: T0 - SLOT - 1 }, 'future'],
  ] as const)('nothing is judged when %s', (_, observation, part, reason) => {
    const found = evaluate(low, of, observation, context(part));
    expect(found.state).toBe('unknown');
    expect(found.reason).toContain(reason);
  });

  test('a breach carries the words of its newest slot, cut, and a recovery none', () => {
    const saying = (detail: string, value: number) => {
      const { values, ...rest } = observed(12, value);
      return { ...rest, values: values.map((one, i) => (i === 1 ? { ...one, detail } : { ...one, detail: 'before' })) };
    };
    expect(evaluate(low, of, saying('no such queue', 12), context()).detail).toBe('no such queue');
    expect(evaluate(low, of, saying('x'.repeat(5000), 12), context()).detail?.length).toBeLessThan(340);
    expect(evaluate(low, of, saying('no such queue', 90), context())).not.toHaveProperty('detail');
    expect(evaluate(low, of, observed(12), context())).not.toHaveProperty('detail');
  });

  test('a slot is judged until it is two periods old', () => {
    expect(evaluate(low, of, observed(12), context({ now: T0 + 2 * SLOT })).state).toBe('breach');
  });

  test('the order of arrival does not matter, and of two parts of a slot the one that knows speaks', () => {
    const { values, ...rest } = observed(60, 12, 12);
    const mixed = { ...rest, values: [...values].reverse().concat({ slot: T0, value: undefined }) };
    expect(evaluate(low, of, mixed, context())).toMatchObject({ state: 'breach', since: T0 - SLOT, at: T0 });
  });

  test('a run does not reach back over the time when Headroom was off, but the newest slot is judged', () => {
    const found = evaluate(low, of, observed(12, 12, 12), context({ aliveSince: T0 - SLOT }));
    expect(found).toMatchObject({ state: 'breach', since: T0 - SLOT });
    expect(evaluate(low, of, observed(12, 12), context({ aliveSince: T0 + 5_000 }))).toMatchObject({
      state: 'breach',
      since: T0,
    });
  });
});

describe('U12: silence', () => {
  const patience = (3 * PERIOD + GRACE_SECONDS) * 1000;

  test.each([
    ['within three slots and a grace all is well', T0 + patience - 1, 'clear'],
    ['then it is a breach', T0 + patience, 'breach'],
    ['and stays one', T0 + 100 * patience, 'breach'],
  ])('%s', (_, now, state) => {
    expect(absence(silent, context({ now })).state).toBe(state);
  });

  test('looking again later is the same finding, about the target as a whole', () => {
    const first = absence(silent, context({ now: T0 + patience }));
    expect(first).toEqual({
      entity: 'core1',
      entityName: 'Core 1',
      rule: 'silent',
      state: 'breach',
      severity: 'critical',
      since: T0,
      at: T0 + patience,
      value: 3,
      threshold: 3,
    });
    expect(absence(silent, context({ now: T0 + patience + 3_600_000 }))).toEqual(first);
  });

  test.each([
    ['a source that never brought anything counts from its beginning', undefined],
    ['also when a run has failed since', head(undefined)],
  ])('%s', (_, present) => {
    const window = { head: present, batches: [], entities: [] };
    const target = { id: 'core1', name: 'Core 1', since: T0, enabled: true };
    expect(absence(silent, context({ window, target, now: T0 + patience - 1 })).state).toBe('unknown');
    expect(absence(silent, context({ window, target, now: T0 + patience }))).toMatchObject({
      state: 'breach',
      since: T0,
    });
  });

  test('while Headroom was off nobody was silent: the clock starts when it is back', () => {
    const back = T0 + 8 * 3_600_000;
    const at = (now: number) => absence(silent, context({ aliveSince: back, now })).state;
    expect(at(back + patience - 1)).toBe('unknown');
    expect(at(back + patience)).toBe('breach');
  });

  test('before it is known to be awake nothing is called silent, and silence is never a recovery', () => {
    const { aliveSince: _, ...asleep } = context({ now: T0 + 8 * 3_600_000 });
    expect(absence(silent, asleep).state).toBe('unknown');
  });

  test('data that is back counts from its first slot after the silence', () => {
    const batch = (slot: number) => ({
      tenant: 'demo',
      kind: 'bundle',
      target: 'core1',
      slot,
      part: 0,
      receivedAt: slot,
      periodSeconds: PERIOD,
      boundary: true,
      readings: [],
    });
    const batches = [T0 - 9 * SLOT, T0 - SLOT, T0].map(batch);
    const found = absence(silent, context({ window: { head: head(T0), batches, entities: [] } }));
    expect(found).toMatchObject({ state: 'clear', since: T0 - SLOT, at: T0 + 10_000 });
  });
});

describe('all rules of one target', () => {
  const entities = [
    entity('core1/a', { labels: { site: 'north' } }),
    entity('core1/b'),
    entity('core1/gone', { removedAt: T0 }),
  ];
  const rules = indexRules([
    low,
    { ...low, id: 'only-b', selector: { entities: ['core1/b', 'core1/zzz'] } },
    { ...low, id: 'north', selector: { labels: { site: 'north' } } },
    { ...low, id: 'both', selector: { entities: ['core1/b'], labels: { site: 'north' } } },
    { ...low, id: 'off', enabled: false },
    { ...low, id: 'foreign', kind: 'interface' },
    silent,
    { ...silent, id: 'silent-south', selector: { labels: { site: 'south' } } },
    { ...silent, id: 'silent-north', selector: { labels: { site: 'north' } } },
  ]);
  const window = { head: head(T0), batches: [], entities };

  test('each rule meets exactly the living entities that it selects; silence is judged once per target', () => {
    const found = evaluateAll(rules, [], context({ window }));
    expect(found.map((f) => `${f.rule} ${f.entity}`).sort()).toEqual([
      'low core1/a',
      'low core1/b',
      'north core1/a',
      'only-b core1/b',
      'silent core1',
      'silent-north core1',
    ]);
  });

  test('a source that is switched off is not silent', () => {
    const target = { id: 'core1', name: 'Core 1', since: T0, enabled: false };
    const found = evaluateAll(rules, [], context({ window, target }));
    expect(found.some((f) => f.entity === 'core1')).toBe(false);
  });

  test('an entity is judged by its own observation', () => {
    const observations = [observed(3), { ...observed(60), entity: 'core1/b' }];
    const found = evaluateAll(rules, observations, context({ window }));
    expect(found.filter((f) => f.rule === 'low').map((f) => f.state)).toEqual(['breach', 'clear']);
  });

  test.each([
    ['a rule that is no more', 'zzz', 'core1/a', true, 'gone', 'rule removed'],
    ['a rule that was disabled', 'off', 'core1/a', true, 'gone', 'rule disabled'],
    ['a rule that selects it no longer', 'only-b', 'core1/a', true, 'gone', 'rule disabled'],
    ['an entity that was removed', 'low', 'core1/gone', true, 'gone', 'entity removed'],
    ['an entity nobody knows', 'low', 'core1/zzz', true, 'gone', 'entity removed'],
    ['a source that was removed', 'low', 'core1/a', false, 'gone', 'entity removed'],
    ['the silence of a source that is not read', 'silent', 'core1', true, 'gone', 'rule disabled'],
    ['a rule that holds but was not judged', 'low', 'core1/a', true, 'unknown', 'not judged'],
  ])('what becomes of an open worry: %s', (_, rule, id, exists, state, reason) => {
    const worry = { entity: id, entityName: id, rule };
    expect(uncovered(worry, rules, context({ window }), exists)).toMatchObject({ state, reason, entity: id, rule });
  });
});

test('a metric that readings no longer say anything about is gone, and unknown while no reading came at all', () => {
  const ref = { tenant: 'demo', kind: 'bundle', target: 'core1' };
  const batch = { ...ref, slot: T0, part: 0, receivedAt: T0, periodSeconds: PERIOD, boundary: true, readings: [] };
  const window = { head: head(T0), batches: [batch], entities: [entity('core1/a')] };
  expect(evaluate(low, entity('core1/a'), undefined, context({ window }))).toMatchObject({
    state: 'gone',
    reason: 'no longer measured',
  });
  expect(evaluate(low, entity('core1/a'), undefined, context()).state).toBe('unknown');
});
