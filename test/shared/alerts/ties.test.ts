import { expect, test } from 'vitest';
import { advance } from '../../../shared/alerts/advance.ts';
import type { Alert } from '../../../shared/alerts/alert.ts';
import type { Ties } from '../../../shared/alerts/ties.ts';
import type { Finding } from '../../../shared/rules/finding.ts';
import type { AbsenceRule, Rule } from '../../../shared/rules/rule.ts';
import { finding, input, MINUTE, T0, thresholdRule } from './examples.ts';

const TIES: Ties = { uplink: 'router:core1', periodSeconds: 300 };
const mutable: Rule = { ...thresholdRule, mutedByUplink: true };
const muting: Rule = { ...thresholdRule, mutesDependents: true };
const WORST = { severity: 'critical', value: 2, threshold: 5 } as const;

function after(open: Alert | undefined, found: Finding, rule: Rule, ties: Ties = TIES): Alert | undefined {
  return advance({ ...input(open, found, { rule }), ...ties }).alert;
}
const at = (minutes: number): number => T0 + minutes * MINUTE;
const NOTED = { uplink: 'router:core1', periodSeconds: 300 };

test('an alert knows what it hangs on where its rule lets that mute it', () => {
  expect(after(undefined, finding('breach', T0), mutable)?.behind).toEqual(NOTED);
  expect(after(undefined, finding('breach', T0), thresholdRule)?.behind).toBeUndefined();
  expect(after(undefined, finding('breach', T0), mutable, {})?.behind).toBeUndefined();
});

test('what it hangs on is that of the newest judgement, and an unknown one changes nothing', () => {
  const fired = after(undefined, finding('breach', T0), mutable);
  const moved = after(fired, finding('breach', at(5)), mutable, { uplink: 'link:nttn', periodSeconds: 300 });
  expect(moved?.behind?.uplink).toBe('link:nttn');
  expect(after(moved, finding('unknown', at(10)), mutable, {})?.behind?.uplink).toBe('link:nttn');
  expect(after(moved, finding('breach', at(10)), mutable, {})?.behind).toBeUndefined();
});

test('an alert that is over keeps what it hangs on, for its words may be held back still', () => {
  const fired = after(undefined, finding('breach', T0), mutable);
  expect(after(fired, finding('gone', at(5)), mutable)).toMatchObject({ state: 'resolved', behind: NOTED });
});

test('an alert mutes from its most severe level on, until it is milder or over', () => {
  const mild = after(undefined, finding('breach', T0), muting);
  expect(mild?.mutes).toBeUndefined();
  const worst = after(mild, finding('breach', at(5), WORST), muting);
  expect(worst?.mutes).toEqual({ since: at(5) + 5_000, freshSeconds: 900 });
  expect(after(worst, finding('breach', at(10), WORST), muting)?.mutes).toEqual(worst?.mutes);
  expect(after(worst, finding('unknown', at(10)), muting)?.mutes).toEqual(worst?.mutes);
  const eased = after(worst, finding('breach', at(10), { value: 15 }), muting);
  expect(eased?.mutes).toMatchObject({ since: at(5) + 5_000, until: at(10) + 5_000 });
  const again = after(eased, finding('breach', at(15), WORST), muting);
  expect(again?.mutes).toEqual({ since: at(15) + 5_000, freshSeconds: 900 });
  const over = after(again, finding('clear', at(20)), muting);
  expect(over).toMatchObject({ state: 'resolved', mutes: { since: at(15) + 5_000, until: at(20) + 5_000 } });
});

test('a value that is back mutes until its alert ends', () => {
  const patient: Rule = { ...muting, clearSeconds: 600 };
  const worst = after(undefined, finding('breach', T0, WORST), patient);
  const clearing = after(worst, finding('clear', at(5)), patient);
  expect(clearing).toMatchObject({ state: 'firing', clearingSince: at(5) });
  expect(clearing?.mutes?.until).toBeUndefined();
  expect(after(clearing, finding('clear', at(15), { since: at(5) }), patient)?.mutes?.until).toBe(at(15) + 5_000);
});

test('a pending alert mutes nothing', () => {
  const slow: Rule = { ...muting, holdSeconds: 600 };
  expect(after(undefined, finding('breach', T0, WORST), slow)).toMatchObject({ state: 'pending' });
  expect(after(undefined, finding('breach', T0, WORST), slow)?.mutes).toBeUndefined();
});

test('a rule that is switched off, or no longer says so, ends the muting', () => {
  const worst = after(undefined, finding('breach', T0, WORST), muting);
  expect(after(worst, finding('gone', at(5)), muting)?.mutes?.until).toBe(at(5) + 5_000);
  expect(after(worst, finding('breach', at(5), WORST), thresholdRule)?.mutes?.until).toBe(at(5) + 5_000);
});

test('silence mutes only where somebody asked and nothing came back', () => {
  const { metric: _m, comparison: _c, levels: _l, ...base } = { ...thresholdRule, mutesDependents: true };
  const silent: AbsenceRule = { ...base, type: 'absence', slots: 3, severity: 'critical' };
  const found = finding('breach', T0, { severity: 'critical', value: 3, threshold: 3 });
  const proven = after(undefined, found, silent, { ...TIES, unanswered: true });
  expect(proven?.mutes).toEqual({ since: T0 + 5_000 });
  expect(after(undefined, found, silent, TIES)?.mutes).toBeUndefined();
  expect(after(proven, { ...found, at: T0 }, silent, TIES)?.mutes?.until).toBe(T0 + 5_000);
});
