import { expect, test } from 'vitest';
import { handOver, owed } from '../../../shared/alerts/outbox.ts';
import { alertOf, amina, bob, T0 } from './examples.ts';

test.each([
  ['a pending alert owes nobody', alertOf({ state: 'pending' }), []],
  ['a firing one owes those whom it is bad enough for', alertOf(), ['amina firing-warning']],
  [
    'whoever stands in the outbox is owed nothing more',
    alertOf({ outbox: [{ recipient: 'amina', stage: 'firing-warning', detectedAt: T0 }] }),
    [],
  ],
  ['a worse stage told before is enough', alertOf({ told: { amina: 'firing-critical' } }), []],
  [
    'a resolved one owes those who were told, also if they would no longer be',
    alertOf({ state: 'resolved', told: { bob: 'firing-warning' } }),
    ['bob resolved'],
  ],
  ['the last word is owed once', alertOf({ state: 'resolved', told: { amina: 'resolved' } }), []],
])('%s', (_, alert, words) => {
  expect(owed(alert, [amina, bob]).map((w) => `${w.recipient} ${w.stage}`)).toEqual(words);
});

test('a recipient for one kind hears nothing of another', () => {
  expect(owed(alertOf(), [{ ...amina, kinds: ['interface'] }])).toEqual([]);
  expect(owed(alertOf(), [{ ...amina, kinds: ['bundle'] }])).toHaveLength(1);
});

test('handing on takes exactly those entries out, notes them, and what was told never goes back', () => {
  const alert = alertOf({
    told: { bob: 'firing-critical' },
    outbox: [
      { recipient: 'amina', stage: 'firing-warning', detectedAt: T0 },
      { recipient: 'amina', stage: 'resolved', detectedAt: T0 },
    ],
  });
  const handed = [
    { recipient: 'amina', stage: 'firing-warning' as const },
    { recipient: 'bob', stage: 'firing-warning' as const },
  ];
  const out = handOver(alert, handed, T0 + 1).alert;
  expect(out.told).toEqual({ amina: 'firing-warning', bob: 'firing-critical' });
  expect(out.outbox.map((e) => e.stage)).toEqual(['resolved']);
  expect(out.timeline).toEqual([{ at: T0 + 1, event: 'told', text: 'firing-warning: amina' }]);
  expect(handOver(out, handed, T0 + 2).alert).toBe(out);
});

test('a word that a rise replaced while it was under way counts as told, and the rise is still owed', () => {
  const alert = alertOf({
    severity: 'critical',
    outbox: [{ recipient: 'amina', stage: 'firing-critical', detectedAt: T0 }],
  });
  const out = handOver(alert, [{ recipient: 'amina', stage: 'firing-warning' }], T0).alert;
  expect(out.told).toEqual({ amina: 'firing-warning' });
  expect(out.outbox).toEqual(alert.outbox);
});
