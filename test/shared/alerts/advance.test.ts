import { describe, expect, test } from 'vitest';
import { advance, isDue } from '../../../shared/alerts/advance.ts';
import type { Alert } from '../../../shared/alerts/alert.ts';
import { handOver, OUTBOX_LIMIT } from '../../../shared/alerts/outbox.ts';
import type { Recipient } from '../../../shared/alerts/recipient.ts';
import { TIMELINE_LIMIT } from '../../../shared/alerts/timeline.ts';
import { alertOf, amina, bob, finding, input, item, MINUTE, T0, thresholdRule } from './examples.ts';

const held = { ...thresholdRule, holdSeconds: 600, clearSeconds: 600 };

function told(alert: Alert): Alert {
  return handOver(alert, alert.outbox, T0).alert;
}

describe('what is said beside the number', () => {
  const first = item(advance(input(undefined, finding('breach', T0, { detail: 'no such queue' }))));

  test('is that of the newest breach, and none where that says none', () => {
    expect(first.detail).toBe('no such queue');
    const other = item(advance(input(told(first), finding('breach', T0 + 5 * MINUTE, { detail: 'it is busy' }))));
    expect(other.detail).toBe('it is busy');
    expect(item(advance(input(told(first), finding('breach', T0 + 5 * MINUTE))))).not.toHaveProperty('detail');
  });

  test('stays when the alert ends, for whoever reads its history', () => {
    const ended = item(advance(input(told(first), finding('clear', T0 + 5 * MINUTE))));
    expect(ended).toMatchObject({ state: 'resolved', detail: 'no such queue' });
  });
});

describe('birth', () => {
  test('a rule without a hold fires at its first breach and owes the word', () => {
    const out = advance(input(undefined, finding('breach', T0)));
    expect(out.change).toBe('created');
    expect(out.alert).toMatchObject({
      fingerprint: 'core1/ether1#low',
      state: 'firing',
      severity: 'warning',
      activeAt: T0,
      firedAt: T0 + 5_000,
      value: 12,
      threshold: 20,
      simulated: true,
      version: 1,
      outbox: [{ recipient: 'amina', stage: 'firing-warning', detectedAt: T0 + 5_000 }],
    });
    expect(item(out).timeline.map((row) => row.event)).toEqual(['fired']);
  });

  test('a rule with a hold waits in silence and names the instant when it is due', () => {
    const out = advance(input(undefined, finding('breach', T0), { rule: held }));
    expect(out.alert).toMatchObject({ state: 'pending', outbox: [], dueAt: T0 + 600_000 });
  });

  test.each(['between', 'clear', 'unknown', 'gone'] as const)('a finding of state %s begins nothing', (state) => {
    expect(advance(input(undefined, finding(state, T0)))).toEqual({ change: 'none', alert: undefined, overflow: [] });
  });

  test('the hold is counted from slot to slot, not by the clock', () => {
    const open = item(advance(input(undefined, finding('breach', T0), { rule: held })));
    const sameSlot = input(open, finding('breach', T0), { rule: held, now: T0 + 3_600_000 });
    expect(advance(sameSlot).change).toBe('none');
    const later = finding('breach', T0 + 10 * MINUTE, { since: T0 });
    expect(advance(input(open, later, { rule: held })).change).toBe('fired');
  });

  test('a hold that is longer than the window is remembered by the pending alert', () => {
    let open: Alert | undefined;
    for (let slot = 0; slot <= 10; slot += 5) {
      const seen = finding('breach', T0 + slot * MINUTE, { since: T0 + Math.max(0, slot - 5) * MINUTE });
      open = item(advance(input(open, seen, { rule: held })));
    }
    expect(open).toMatchObject({ state: 'firing', activeAt: T0 });
  });

  test('a run that was broken between two looks starts its hold anew', () => {
    const open = item(advance(input(undefined, finding('breach', T0), { rule: held })));
    const out = advance(input(open, finding('breach', T0 + 15 * MINUTE, { since: T0 + 10 * MINUTE }), { rule: held }));
    expect(out.alert).toMatchObject({ state: 'pending', activeAt: T0 + 10 * MINUTE });
  });

  test.each(['between', 'clear', 'gone'] as const)('a pending alert ends untold when the finding is %s', (state) => {
    const open = alertOf({ state: 'pending' });
    expect(advance(input(open, finding(state, T0 + MINUTE)))).toEqual({
      change: 'dropped',
      alert: undefined,
      overflow: [],
    });
  });

  test('missing data neither fires nor ends a pending alert', () => {
    const open = item(advance(input(undefined, finding('breach', T0), { rule: held })));
    expect(advance(input(open, finding('unknown', T0 + 60 * MINUTE), { rule: held })).change).toBe('none');
  });
});

describe('severity', () => {
  const critical = finding('breach', T0 + MINUTE, { severity: 'critical', value: 3, threshold: 5 });

  test('a rise is told at once, also to those who only want the worst', () => {
    const open = told(item(advance(input(undefined, finding('breach', T0), { recipients: [amina, bob] }))));
    expect(Object.keys(open.told)).toEqual(['amina']);
    const out = advance(input(open, critical, { recipients: [amina, bob] }));
    expect(item(out).severity).toBe('critical');
    expect(item(out).outbox.map((e) => `${e.recipient} ${e.stage}`)).toEqual([
      'amina firing-critical',
      'bob firing-critical',
    ]);
  });

  test('a rise takes the place of the milder word that still waits', () => {
    const open = item(advance(input(undefined, finding('breach', T0))));
    expect(item(advance(input(open, critical))).outbox.map((e) => e.stage)).toEqual(['firing-critical']);
  });

  test('a fall is a row of the timeline: no word, and no second one when it rises again', () => {
    const worst = told(item(advance(input(undefined, { ...critical, at: T0, since: T0 }))));
    const eased = advance(input(worst, finding('breach', T0 + MINUTE, { value: 12 })));
    expect(item(eased)).toMatchObject({ severity: 'critical', outbox: [], value: 12 });
    expect(item(eased).timeline.at(-1)).toMatchObject({ event: 'severity', text: 'eased to warning: 12 %' });
    const again = advance(input(item(eased), { ...critical, at: T0 + 2 * MINUTE }));
    expect(item(again).outbox).toEqual([]);
  });

  test('a value inside the band of the worst level is no fall', () => {
    const worst = item(advance(input(undefined, { ...critical, at: T0, since: T0 })));
    const out = advance(input(worst, finding('breach', T0 + MINUTE, { value: 6 })));
    expect(item(out).timeline.map((row) => row.event)).toEqual(['fired']);
  });
});

describe('order of arrival', () => {
  test('a finding about an older slot changes nothing', () => {
    const open = alertOf({ judgedSlot: T0 + 10 * MINUTE });
    const out = advance(input(open, finding('clear', T0 + 5 * MINUTE), { now: T0 + 11 * MINUTE, recipients: [] }));
    expect(out).toEqual({ change: 'none', alert: open, overflow: [] });
  });

  test('a slot that was judged while the clock ran ahead does not freeze the alert', () => {
    const open = alertOf({ judgedSlot: T0 + 24 * 60 * MINUTE });
    expect(advance(input(open, finding('clear', T0 + 5 * MINUTE), { recipients: [] })).change).toBe('resolved');
  });

  test('the same slot may be judged again when its value or its rule was mended', () => {
    expect(advance(input(alertOf(), finding('clear', T0), { recipients: [] })).change).toBe('resolved');
  });
});

describe('end', () => {
  const firing = told(item(advance(input(undefined, finding('breach', T0)))));

  test('a recovery resolves and owes the last word to those who heard of it', () => {
    const out = advance(input(firing, finding('clear', T0 + MINUTE), { recipients: [amina, bob] }));
    expect(out.change).toBe('resolved');
    expect(out.alert).toMatchObject({ state: 'resolved', resolvedReason: 'cleared', value: 60, version: 2 });
    expect(item(out).outbox.map((e) => `${e.recipient} ${e.stage}`)).toEqual(['amina resolved']);
  });

  test('the clear time is counted from slot to slot; a relapse starts it anew', () => {
    const out = advance(input(firing, finding('clear', T0 + MINUTE), { rule: held }));
    expect(out.alert).toMatchObject({ state: 'firing', clearingSince: T0 + MINUTE, dueAt: T0 + 11 * MINUTE });
    const relapse = item(advance(input(item(out), finding('between', T0 + 6 * MINUTE, { value: 22 }), { rule: held })));
    expect(relapse.clearingSince).toBeUndefined();
    const back = finding('clear', T0 + 11 * MINUTE);
    const clearing = item(advance(input(relapse, back, { rule: held })));
    expect(clearing).toMatchObject({ state: 'firing', clearingSince: T0 + 11 * MINUTE });
    const long = finding('clear', T0 + 21 * MINUTE, { since: T0 + 11 * MINUTE });
    expect(advance(input(clearing, long, { rule: held })).change).toBe('resolved');
  });

  test('a clear time that is longer than the window is remembered by the alert', () => {
    let open = firing;
    for (let slot = 5; slot <= 15; slot += 5) {
      const seen = finding('clear', T0 + slot * MINUTE, { since: T0 + Math.max(5, slot - 5) * MINUTE });
      open = item(advance(input(open, seen, { rule: held })));
    }
    expect(open.state).toBe('resolved');
  });

  test('missing data is no recovery', () => {
    expect(advance(input(firing, finding('unknown', T0 + 60 * MINUTE))).change).toBe('none');
  });

  test.each(['rule removed', 'rule disabled', 'entity removed'])('it ends because: %s', (reason) => {
    const out = advance(input(firing, finding('gone', T0 + MINUTE, { reason }), { rule: undefined }));
    expect(out.alert).toMatchObject({ state: 'resolved', resolvedReason: reason });
  });

  test('it stays until its last word is handed on, then goes to history', () => {
    const resolved = item(advance(input(firing, finding('clear', T0 + MINUTE))));
    expect(advance(input(resolved, finding('clear', T0 + MINUTE))).change).toBe('none');
    expect(isDue(resolved, T0 + 60 * MINUTE)).toBe(false);
    const empty = told(resolved);
    expect(isDue(empty, T0)).toBe(true);
    const out = advance(input(empty, finding('clear', T0 + MINUTE)));
    expect(out).toMatchObject({ change: 'finished', alert: undefined });
    expect(out.finished).toMatchObject({ state: 'resolved', told: { amina: 'resolved' } });
  });

  test('nobody who was told nothing hears a last word', () => {
    const untold = item(advance(input(undefined, finding('breach', T0), { recipients: [] })));
    const out = advance(input(untold, finding('clear', T0 + MINUTE), { recipients: [] }));
    expect(item(out).outbox).toEqual([]);
    expect(advance(input(item(out), finding('clear', T0 + MINUTE))).change).toBe('finished');
  });

  test('an alert that ends before its first word left owes both, in order', () => {
    const open = item(advance(input(undefined, finding('breach', T0))));
    const out = item(advance(input(open, finding('clear', T0 + MINUTE))));
    expect(out.outbox.map((e) => e.stage)).toEqual(['firing-warning', 'resolved']);
  });
});

describe('a breach while the last word still waits', () => {
  const firing = told(item(advance(input(undefined, finding('breach', T0)))));
  const resolved = item(advance(input(firing, finding('clear', T0 + MINUTE))));
  const relapse = advance(input(resolved, finding('breach', T0 + 2 * MINUTE)));

  test('begins the next episode inside the same item and keeps the old last word', () => {
    expect(relapse.change).toBe('updated');
    expect(item(relapse)).toMatchObject({
      state: 'resolved',
      activeAt: T0,
      outbox: [{ recipient: 'amina', stage: 'resolved' }],
      next: { state: 'firing', activeAt: T0 + 2 * MINUTE, told: {}, outbox: [{ stage: 'firing-warning' }] },
    });
  });

  test('takes over the item once the old word is out', () => {
    const out = advance(input(told(item(relapse)), finding('breach', T0 + 2 * MINUTE)));
    expect(out.change).toBe('finished');
    expect(out.finished).toMatchObject({ activeAt: T0 });
    expect(out.finished?.next).toBeUndefined();
    expect(out.alert).toMatchObject({ state: 'firing', activeAt: T0 + 2 * MINUTE, outbox: [{ recipient: 'amina' }] });
    expect(item(out).version).toBeGreaterThan(item(relapse).version);
  });

  test('goes on as one episode when it ends and breaches again unheard', () => {
    const over = item(advance(input(item(relapse), finding('clear', T0 + 3 * MINUTE))));
    expect(over.next?.state).toBe('resolved');
    const again = item(advance(input(over, finding('breach', T0 + 4 * MINUTE, { severity: 'critical', value: 2 }))));
    expect(again.next).toMatchObject({ state: 'firing', activeAt: T0 + 2 * MINUTE, severity: 'critical' });
    expect(again.next?.resolvedAt).toBeUndefined();
    expect(again.next?.outbox.map((e) => e.stage)).toEqual(['firing-critical']);
  });

  test('is not begun by a finding older than the end', () => {
    expect(advance(input(resolved, finding('breach', T0 + 30_000), { now: T0 + 9 * MINUTE })).change).toBe('none');
  });
});

describe('limits', () => {
  const crowd = Array.from({ length: 70 }, (_, i): Recipient => ({ id: `p${i}`, minSeverity: 'info' }));

  test('who finds no place in the outbox is owed in the next round, which the sweep starts', () => {
    const first = item(advance(input(undefined, finding('breach', T0), { recipients: crowd })));
    expect(first.outbox.length).toBe(OUTBOX_LIMIT);
    expect(isDue(first, T0)).toBe(true);
    const second = item(advance(input(told(first), finding('breach', T0), { recipients: crowd })));
    expect(second.outbox.length).toBe(20);
    expect(isDue(second, T0)).toBe(false);
  });

  test('an alert does not end while somebody has no place for the first word', () => {
    const first = item(advance(input(undefined, finding('breach', T0), { recipients: crowd })));
    const clear = input(first, finding('clear', T0 + MINUTE), { recipients: crowd });
    expect(advance(clear).change).toBe('none');
    expect(advance({ ...clear, open: told(first) }).change).toBe('resolved');
  });

  test('the oldest rows leave the item and come back to be stored on their own', () => {
    const rows = Array.from({ length: TIMELINE_LIMIT }, (_, i) => ({ at: i, event: 'told' as const, text: `${i}` }));
    const out = advance(input(alertOf({ timeline: rows }), finding('gone', T0 + MINUTE), { recipients: [] }));
    expect(item(out).timeline.length).toBe(TIMELINE_LIMIT);
    expect(item(out).timeline.at(-1)?.event).toBe('resolved');
    expect(out.overflow).toEqual([{ activeAt: T0, rows: [rows[0]] }]);
  });
});
