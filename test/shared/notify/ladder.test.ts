import { describe, expect, it } from 'vitest';
import type { Delivery, DeliveryStatus } from '../../../shared/notify/delivery.ts';
import {
  ATTEMPT_MS,
  afterSend,
  afterSilence,
  afterStatus,
  beginAttempt,
  conclude,
  needOf,
  nextStep,
  RECEIPT_MS,
} from '../../../shared/notify/ladder.ts';
import { delivery, T0 } from './examples.ts';

const sending = beginAttempt(delivery(), T0);
const accepted = afterSend(sending, { outcome: 'accepted', providerId: 'SM1', receipts: true }, T0, false, 0.5);
const lastStep = { channel: 'sms', step: 1 } as const;

describe('what a delivery needs', () => {
  const cases: readonly [string, Delivery, number, string][] = [
    ['a queued row is sent', delivery(), T0, 'send'],
    ['a row that somebody is sending is left alone', sending, T0 + ATTEMPT_MS - 1, 'wait'],
    ['a row whose sender vanished is looked for before it is sent again', sending, T0 + ATTEMPT_MS, 'find, then send'],
    ['an accepted row waits for its receipt', accepted, T0 + RECEIPT_MS - 1, 'wait'],
    ['an accepted row without a receipt is asked about', accepted, T0 + RECEIPT_MS, 'ask status'],
    ['a delivered row is concluded', delivery({ status: 'delivered' }), T0, 'conclude'],
    ['a failed row is concluded', delivery({ status: 'failed' }), T0, 'conclude'],
    ['a row without receipts is concluded when it is accepted', { ...accepted, receipts: false }, T0, 'conclude'],
    ['a concluded row needs nothing', conclude(accepted, 'unconfirmed', T0), T0 + RECEIPT_MS, 'nothing'],
    [
      'a receipt after the conclusion corrects it',
      { ...conclude(accepted, 'unconfirmed', T0), status: 'delivered' },
      T0,
      'conclude',
    ],
    ['a concluded delivery stays so', conclude({ ...accepted, status: 'read' }, 'delivered', T0), T0, 'nothing'],
  ];
  it.each(cases)('%s', (_, row, now, kind) => void expect(needOf(row, now).kind).toBe(kind));
});

describe('what an answer makes of it', () => {
  it('accepted is not delivered', () => {
    expect(accepted).toMatchObject({ status: 'accepted', acceptedAt: T0, providerId: 'SM1', uncertain: false });
  });

  it('an answer that a callback has overtaken lowers nothing', () => {
    const overtaken = afterStatus(sending, { status: 'delivered', providerId: 'SM1' }, T0 + 50);
    const row = afterSend(
      overtaken ?? sending,
      { outcome: 'accepted', providerId: 'SM1', receipts: true },
      T0 + 90,
      false,
      0,
    );
    expect(row).toMatchObject({ status: 'delivered', deliveredAt: T0 + 50, acceptedAt: T0 + 50 });
  });

  it('a permanent refusal fails the step with its code and reason', () => {
    const row = afterSend(sending, { outcome: 'permanent', reason: 'no such number', code: '21211' }, T0, false, 0);
    expect(row).toMatchObject({ status: 'failed', failedAt: T0, reason: 'no such number', code: '21211' });
  });

  it('retries with growing waits and gives up when the budget is spent', () => {
    const waits: number[] = [];
    let row = delivery();
    let now = T0;
    while (row.status !== 'failed' && waits.length < 20) {
      row = afterSend(beginAttempt(row, now), { outcome: 'retryable', reason: 'HTTP 503' }, now, false, 0.5);
      waits.push((row.checkAt ?? now) - now);
      now = row.checkAt ?? now;
    }
    expect(waits.slice(0, 3)).toEqual([5_000, 15_000, 45_000]);
    expect(row).toMatchObject({ status: 'failed', attempts: 4, reason: 'gave up after 4 attempts: HTTP 503' });
  });

  it('is more patient on the last channel: an outage of half an hour is outlived', () => {
    let row = delivery(lastStep);
    let now = T0;
    for (let i = 0; i < 8; i++) {
      row = afterSend(beginAttempt(row, now), { outcome: 'retryable', reason: 'HTTP 503' }, now, false, 0);
      now = row.checkAt ?? now;
    }
    expect(row.status).toBe('sending');
    expect(now - T0).toBeGreaterThan(1_800_000);
  });

  it('waits as long as it is asked to, within bounds', () => {
    const asked = (retryAfterSeconds: number) =>
      afterSend(sending, { outcome: 'retryable', reason: 'slow down', retryAfterSeconds }, T0, false, 0).checkAt;
    expect([asked(60), asked(1e9)]).toEqual([T0 + 60_000, T0 + 900_000]);
  });

  it('sends again without looking only when nothing can have been accepted', () => {
    const needAfter = (uncertain: boolean) => {
      const row = afterSend(sending, { outcome: 'retryable', reason: 'x', uncertain }, T0, false, 0);
      return needOf(row, row.checkAt ?? 0).kind;
    };
    expect([needAfter(false), needAfter(true)]).toEqual(['send', 'find, then send']);
  });
});

describe('fault 20: receipts twice and out of order', () => {
  const apply = (statuses: readonly DeliveryStatus[]) =>
    statuses.reduce((row, status) => afterStatus(row, { status, providerId: 'SM1' }, T0 + 1) ?? row, accepted);
  const cases: readonly [readonly DeliveryStatus[], DeliveryStatus][] = [
    [['sent', 'delivered', 'read'], 'read'],
    [['delivered', 'sent'], 'delivered'],
    [['read', 'delivered', 'sent', 'accepted'], 'read'],
    [['undelivered', 'sent'], 'undelivered'],
    [['delivered', 'undelivered'], 'delivered'],
    [['undelivered', 'delivered'], 'delivered'],
    [['failed', 'undelivered'], 'failed'],
  ];
  it.each(cases)('%j ends as %s', (statuses, end) => void expect(apply(statuses).status).toBe(end));

  it('a replay brings nothing new', () => {
    const once = afterStatus(accepted, { status: 'delivered', providerId: 'SM1' }, T0);
    expect(once && afterStatus(once, { status: 'delivered', providerId: 'SM1' }, T0 + 9)).toBeUndefined();
  });

  it('the failure of an earlier duplicate does not fail the newer message', () => {
    expect(afterStatus(accepted, { status: 'undelivered', providerId: 'SM0' }, T0)).toBeUndefined();
    expect(afterStatus(accepted, { status: 'delivered', providerId: 'SM0' }, T0)?.status).toBe('delivered');
  });
});

describe('silence', () => {
  it('is asked about at growing ages where no callback can come, and then ends unconfirmed', () => {
    const ages: number[] = [];
    let row = afterSend(sending, { outcome: 'accepted', providerId: 'SM1', receipts: true }, T0, true, 0);
    for (;;) {
      ages.push((row.checkAt ?? 0) - T0);
      const next = afterSilence(row, row.checkAt ?? 0);
      if ('outcome' in next) break;
      row = next.row;
    }
    expect(ages).toEqual([10_000, 30_000, 60_000, RECEIPT_MS]);
  });
});

describe('the next step', () => {
  const failed = afterSend(sending, { outcome: 'permanent', reason: 'x', code: '63016' }, T0, false, 0);
  const cases: readonly [string, Delivery, 'failed' | 'unconfirmed' | 'delivered' | 'final', string | undefined][] = [
    ['a refused WhatsApp is followed by SMS', failed, 'failed', 'sms'],
    ['a silent WhatsApp is followed by SMS', accepted, 'unconfirmed', 'sms'],
    ['a delivered one by nothing', accepted, 'delivered', undefined],
    ['one that gives no receipts by nothing', accepted, 'final', undefined],
    ['the last channel by nothing', { ...failed, ...lastStep }, 'failed', undefined],
  ];
  it.each(cases)(
    '%s',
    (_, row, outcome, channel) => void expect(nextStep(row, outcome, T0 + 9)?.channel).toBe(channel),
  );

  it('carries the same lines, starts anew, and has a name of its own that repetition does not change', () => {
    const next = nextStep(failed, 'failed', T0 + 9);
    expect(next).toMatchObject({
      id: 'desk-1-1',
      day: failed.day,
      step: 1,
      status: 'queued',
      attempts: 0,
      queuedAt: T0 + 9,
      detectedAt: T0,
      lines: failed.lines,
    });
    expect(next).not.toHaveProperty('providerId');
    expect(next).not.toHaveProperty('reason');
    expect(nextStep(failed, 'failed', T0 + 99)?.id).toBe(next?.id);
  });
});
