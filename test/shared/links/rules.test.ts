import { expect, test } from 'vitest';
import type { Entity } from '../../../shared/entities/entity.ts';
import { linkDraft, linkOf, usualMembers } from '../../../shared/links/link.ts';
import { observeLinks } from '../../../shared/links/observe.ts';
import { linkRules } from '../../../shared/links/rules.ts';
import type { Context } from '../../../shared/rules/context.ts';
import { effectiveRules } from '../../../shared/rules/effective.ts';
import { evaluateAll } from '../../../shared/rules/evaluate.ts';
import type { Rule } from '../../../shared/rules/rule.ts';
import { indexRules } from '../../../shared/rules/selector.ts';
import type { Batch } from '../../../shared/samples/sample.ts';

const PERIOD = 300_000;
const START = Date.UTC(2026, 10, 20);

function entityOf(settings: Record<string, unknown> = {}): Entity {
  const draft = linkDraft(
    { id: 'nttn', name: 'NTTN', simulated: false },
    linkOf({ members: usualMembers('core1'), ...settings }),
  );
  return { ...draft, tenant: 'demo', kind: 'link', firstSeenAt: START };
}

/** Findings after slots with these values, judged at the last of them. */
function judge(slots: readonly Record<string, bigint>[], entity = entityOf(), rules: readonly Rule[] = linkRules) {
  const batches = slots.map(
    (values, i): Batch => ({
      ...{ tenant: 'demo', kind: 'link', target: 'nttn', part: 0, periodSeconds: 300, boundary: true },
      ...{ slot: START + i * PERIOD, receivedAt: START + i * PERIOD },
      readings: [
        { entity: 'nttn/total', receivedAt: START + i * PERIOD, values: { members: 5n, membersKnown: 5n, ...values } },
      ],
    }),
  );
  const now = START + (slots.length - 1) * PERIOD + 90_000;
  const context: Context = {
    window: { head: undefined, batches, entities: [entity] },
    now,
    periodSeconds: 300,
    kind: 'link',
    target: { id: 'nttn', name: 'NTTN', since: START, enabled: false },
    aliveSince: START - PERIOD,
  };
  const findings = evaluateAll(indexRules(rules), observeLinks(context.window), context);
  return new Map(findings.map((finding) => [finding.rule, finding]));
}
const load = (mbps: number) => ({ maxBitsPerSecond: BigInt(mbps * 1e6) });

test.each([
  [950, 'clear'],
  [951, 'breach'],
  [1100, 'breach'],
  [901, 'clear'],
])('%i Mb/s on a link of 1000 is %s', (mbps, state) => {
  const found = judge([load(mbps)]).get('link-load');
  expect(found).toMatchObject({ state: state === 'clear' && mbps > 900 ? 'between' : state });
});

test('a link has its own threshold, and keeps it when the tenant changes the rule', () => {
  const entity = entityOf({ thresholdMbps: 100, clearMbps: 80 });
  expect(judge([load(101)], entity).get('link-load')).toMatchObject({
    state: 'breach',
    severity: 'critical',
    threshold: 100e6,
  });
  expect(judge([load(79)], entity).get('link-load')).toMatchObject({ state: 'clear', threshold: 80e6 });
  const [rule] = linkRules;
  const changed = { ...(rule as Rule), holdSeconds: 600, version: 3 };
  const { levelsFrom: _, ...stored } = changed as Rule & { levelsFrom?: unknown };
  const other = { ...stored, metric: 'utilisationPercent', levels: [{ severity: 'critical', fire: 80, clear: 70 }] };
  const judged = effectiveRules(linkRules, [{ id: 'link-load', kind: 'link', version: 3, rule: other as Rule }]);
  const high = { members: 5n, membersKnown: 5n, ...load(99), capacity: 0n };
  // What judges something else takes no threshold from the link: Mb/s are no percent.
  expect(judge([high], entity, judged).get('link-load')).toMatchObject({ threshold: 70 });
  const rules = effectiveRules(linkRules, [{ id: 'link-load', kind: 'link', version: 3, rule: stored as Rule }]);
  expect(judge([load(101)], entity, rules).get('link-load')).toMatchObject({ state: 'breach', threshold: 100e6 });
});

test('a total that is not known is neither a breach nor an end, and is said to be unknown', () => {
  const found = judge([load(980), { membersKnown: 4n }]);
  expect(found.get('link-load')).toMatchObject({ state: 'unknown' });
  expect(found.get('link-unknown')).toMatchObject({ state: 'breach', value: 1 });
});

test('a VLAN that is down is a warning, all of them are critical, and none when all are up', () => {
  expect(judge([{ membersUp: 4n, membersDown: 1n }]).get('link-down')).toMatchObject({
    state: 'breach',
    severity: 'warning',
    value: 20,
  });
  expect(judge([{ membersUp: 0n, membersDown: 5n }]).get('link-down')).toMatchObject({
    severity: 'critical',
    value: 100,
  });
  expect(judge([{ membersUp: 5n, membersDown: 0n }]).get('link-down')).toMatchObject({ state: 'clear' });
});

test('F22: a link that is down does not recover because its router falls silent', () => {
  expect(judge([{ membersUp: 0n, membersDown: 5n }, { membersKnown: 0n }]).get('link-down')).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining('state of some of its interfaces'),
  });
  // Four are up, and of the fifth nobody knows.
  expect(judge([{ membersUp: 4n, membersDown: 0n }]).get('link-down')).toMatchObject({ state: 'unknown' });
  expect(judge([{ membersUp: 3n, membersDown: 1n }]).get('link-down')).toMatchObject({ state: 'breach', value: 20 });
});
