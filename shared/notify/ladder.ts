/** What a delivery needs next, and what an answer, a receipt or silence makes of it: the ladder without the world. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { SendResult } from './channel.port.ts';
import { type Delivery, type DeliveryStatus, furtherStatus, newDelivery, type Outcome } from './delivery.ts';
import { composeMessage } from './message.ts';

/** A call ends within 10 s; an attempt that is older and left no trace was cut off, so its fate is uncertain. */
export const ATTEMPT_MS = 30_000;
/** Without a receipt for this long the next channel is tried: a late receipt then means one documented duplicate. */
export const RECEIPT_MS = 120_000;
/** Without a callback address the status is asked for, at these ages. */
const STATUS_AT_MS: readonly number[] = [10_000, 30_000, 60_000, RECEIPT_MS];
/** Waits before the next attempt, where another channel can still follow: about a minute in all. */
const RETRY_MS: readonly number[] = [5_000, 15_000, 45_000];
/** On the last channel there is nothing to lose by patience: about an hour in all. */
const LAST_RETRY_MS: readonly number[] = [...RETRY_MS, 120_000, 300_000, 600_000, 900_000, 900_000, 900_000];
/** The longest that a provider may ask us to wait on one attempt. */
const MAX_RETRY_AFTER_MS = 900_000;

export type Need =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wait'; readonly until: Instant }
  | { readonly kind: 'send' }
  /** Send only if the earlier attempt cannot be found at the provider. */
  | { readonly kind: 'find, then send' }
  | { readonly kind: 'ask status' }
  | { readonly kind: 'conclude'; readonly outcome: Outcome };

export function isLastStep(row: Delivery): boolean {
  return row.step + 1 >= row.ladder.length;
}

/** What is to be done for a row at this instant; reading it twice asks for the same thing. */
export function needOf(row: Delivery, now: Instant): Need {
  const outcome = outcomeOf(row);
  if (row.concludedAs !== undefined) {
    const revised = outcome === 'delivered' || outcome === 'failed';
    return revised && outcome !== row.concludedAs ? { kind: 'conclude', outcome } : { kind: 'nothing' };
  }
  if (outcome) return { kind: 'conclude', outcome };
  const checkAt = row.checkAt ?? row.queuedAt;
  if (row.status === 'queued') return { kind: 'send' };
  if (checkAt > now) return { kind: 'wait', until: checkAt };
  if (row.status === 'sending') return row.uncertain ? { kind: 'find, then send' } : { kind: 'send' };
  return { kind: 'ask status' };
}

function outcomeOf(row: Delivery): Outcome | undefined {
  if (row.status === 'delivered' || row.status === 'read') return 'delivered';
  if (row.status === 'failed' || row.status === 'undelivered') return 'failed';
  return row.receipts === false ? 'final' : undefined;
}

/** Marks the attempt before it is made: whoever finds the row like this later must not send blindly. */
export function beginAttempt(row: Delivery, now: Instant): Delivery {
  return {
    ...row,
    status: furtherStatus(row.status, 'sending'),
    attempts: row.attempts + 1,
    attemptAt: now,
    uncertain: true,
    checkAt: now + ATTEMPT_MS,
  };
}

/** `spread` in [0, 1) keeps a crowd of retries from marching in step. */
export function afterSend(row: Delivery, result: SendResult, now: Instant, asks: boolean, spread: number): Delivery {
  switch (result.outcome) {
    case 'accepted':
      return accepted(row, result.providerId, result.receipts, now, asks);
    case 'permanent':
      return failed(row, now, result.reason, result.code);
    case 'retryable': {
      const waits = isLastStep(row) ? LAST_RETRY_MS : RETRY_MS;
      const wait = waits[row.attempts - 1];
      if (wait === undefined) return failed(row, now, `gave up after ${row.attempts} attempts: ${result.reason}`);
      const asked = Math.min((result.retryAfterSeconds ?? 0) * 1000, MAX_RETRY_AFTER_MS);
      const checkAt = now + Math.max(wait * (0.8 + 0.4 * spread), asked);
      return { ...row, reason: result.reason, uncertain: result.uncertain ?? false, checkAt: Math.round(checkAt) };
    }
  }
}

function accepted(row: Delivery, providerId: string, receipts: boolean, now: Instant, asks: boolean): Delivery {
  const { reason: _reason, code: _code, ...rest } = row;
  const heard = row.status !== 'queued' && row.status !== 'sending';
  return {
    // A callback may have overtaken the answer: what it said stands.
    ...(heard ? row : rest),
    status: furtherStatus(row.status, 'accepted'),
    providerId,
    receipts,
    acceptedAt: row.acceptedAt ?? now,
    uncertain: false,
    checkAt: now + ((asks ? STATUS_AT_MS[0] : undefined) ?? RECEIPT_MS),
  };
}

function failed(row: Delivery, now: Instant, reason: string, code?: string): Delivery {
  return {
    ...row,
    status: furtherStatus(row.status, 'failed'),
    failedAt: row.failedAt ?? now,
    reason,
    uncertain: false,
    ...(code === undefined ? {} : { code }),
  };
}

export interface StatusReport {
  readonly status: DeliveryStatus;
  readonly providerId: string;
  readonly code?: string;
  readonly reason?: string;
}

/** Undefined when the report brings nothing new: a replay, an older status, or another message's failure. */
export function afterStatus(row: Delivery, report: StatusReport, now: Instant): Delivery | undefined {
  const status = furtherStatus(row.status, report.status);
  const bad = report.status === 'failed' || report.status === 'undelivered';
  if (status === row.status) return undefined;
  // After a duplicate the row follows the newest message; that an older one failed says nothing about it.
  if (bad && row.providerId !== undefined && row.providerId !== report.providerId) return undefined;
  return {
    ...row,
    status,
    providerId: row.providerId ?? report.providerId,
    acceptedAt: row.acceptedAt ?? now,
    uncertain: false,
    ...(bad ? { failedAt: now, reason: report.reason ?? 'the provider reports that it was not delivered' } : {}),
    ...(bad && report.code !== undefined ? { code: report.code } : {}),
    ...(status === 'delivered' || status === 'read' ? { deliveredAt: row.deliveredAt ?? now } : {}),
  };
}

/** The provider was asked and knows nothing further: ask again at the next age, or conclude when the time is up. */
export function afterSilence(row: Delivery, now: Instant): { row: Delivery } | { outcome: Outcome } {
  const acceptedAt = row.acceptedAt ?? row.queuedAt;
  const next = STATUS_AT_MS.find((age) => acceptedAt + age > now);
  if (next === undefined) return { outcome: 'unconfirmed' };
  return { row: { ...row, checkAt: acceptedAt + next } };
}

export function conclude(row: Delivery, outcome: Outcome, now: Instant): Delivery {
  const { checkAt: _checkAt, ...rest } = row;
  const silent = `no receipt came within ${RECEIPT_MS / 1000} s`;
  return {
    ...rest,
    concludedAt: row.concludedAt ?? now,
    concludedAs: outcome,
    ...(outcome === 'unconfirmed' ? { reason: silent } : {}),
  };
}

/** The same lines on the next channel; undefined when the outcome asks for none or the ladder ends. */
export function nextStep(row: Delivery, outcome: Outcome, now: Instant): Delivery | undefined {
  const channel = row.ladder[row.step + 1];
  if (channel === undefined || outcome === 'delivered' || outcome === 'final') return undefined;
  return newDelivery({
    tenant: row.tenant,
    day: row.day,
    recipient: row.recipient,
    recipientName: row.recipientName,
    to: row.to,
    channel,
    ladder: row.ladder,
    step: row.step + 1,
    claim: row.claim,
    lines: row.lines,
    message: composeMessage(row.lines, channel, {
      zone: row.zone,
      tenantName: row.tenantName,
      simulated: row.simulated,
    }),
    zone: row.zone,
    tenantName: row.tenantName,
    simulated: row.simulated,
    detectedAt: row.detectedAt,
    queuedAt: now,
  });
}
