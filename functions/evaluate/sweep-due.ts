/** What waits at an instant: targets to judge, words to hand on, and how old the oldest of it is. Pure. */
import { isDue } from '../../shared/alerts/advance.ts';
import type { Alert } from '../../shared/alerts/alert.ts';
import { isHeld } from '../../shared/alerts/muting.ts';
import type { EvaluateMessage, Source } from '../../shared/collect/source.ts';
import type { DeliveryRef } from '../../shared/notify/delivery.ts';
import type { OutboxMessage } from '../../shared/notify/notify.contract.ts';
import type { Instant } from '../../shared/platform/clock.ts';
import { GRACE_SECONDS } from '../../shared/rules/absence.ts';
import type { Head } from '../../shared/samples/sample.ts';

export interface Waiting {
  readonly firing: number;
  readonly pending: number;
  /**
   * How long the oldest alert that ended, and of which everyone was told, has waited to be put away: the pulse of the
   * way from this clock through the evaluator. (Pending and clearing ones may wait for their source's next slot.)
   */
  readonly unevaluatedSeconds: number | undefined;
  /** How long the oldest owed word that nothing mutes has waited for its mailbox. */
  readonly outboxSeconds: number | undefined;
}

export interface Ages {
  /** Age of the newest reading of the most silent enabled source, in seconds and in periods of its own. */
  readonly dataAgeSeconds: number | undefined;
  readonly dataAgePeriods: number | undefined;
}

export interface TargetName {
  readonly kind: string;
  readonly target: string;
}

const FINGERPRINTS_PER_MESSAGE = 100;

export function worst(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((a, b) => Math.max(a, b));
}

/** One message per target: those of due alerts, and those that have missed a slot. */
export function dueTargets(
  tenant: string,
  open: readonly Alert[],
  silent: readonly TargetName[],
  now: Instant,
): EvaluateMessage[] {
  const names = [...open.filter((alert) => isDue(alert, now)), ...silent];
  const byName = new Map(names.map(({ kind, target }) => [JSON.stringify([kind, target]), { kind, target }]));
  return [...byName.values()].map((name) => ({ version: 1, tenant, ...name }));
}

export function outboxMessages(
  tenant: string,
  open: readonly Alert[],
  recipients: readonly string[],
  overdue: readonly DeliveryRef[],
  now: Instant,
): OutboxMessage[] {
  const waiting = owing(open, now).map((alert) => alert.fingerprint);
  const messages: OutboxMessage[] = [];
  for (let at = 0; at < waiting.length; at += FINGERPRINTS_PER_MESSAGE) {
    messages.push({ version: 1, tenant, fingerprints: waiting.slice(at, at + FINGERPRINTS_PER_MESSAGE) });
  }
  messages.push(...recipients.map((recipient): OutboxMessage => ({ version: 1, tenant, recipient })));
  messages.push(
    ...overdue.map(({ day, id }): OutboxMessage => ({ version: 1, tenant, day, delivery: id, check: true })),
  );
  return messages;
}

/** Alerts whose words nothing holds back; to those that an uplink mutes nothing can be done before that changes. */
function owing(open: readonly Alert[], now: Instant): Alert[] {
  const byFingerprint = new Map(open.map((alert) => [alert.fingerprint, alert]));
  return open.filter((alert) => alert.outbox.length > 0 && !isHeld(alert, byFingerprint, now));
}

export function waitingOf(open: readonly Alert[], now: Instant): Waiting {
  const ended = open.filter((alert) => alert.state === 'resolved' && isDue(alert, now));
  const words = owing(open, now).flatMap((alert) => alert.outbox.map((entry) => entry.detectedAt));
  return {
    firing: open.filter((alert) => (alert.next ?? alert).state === 'firing').length,
    pending: open.filter((alert) => (alert.next ?? alert).state === 'pending').length,
    unevaluatedSeconds: worst(ended.map(({ resolvedAt }) => resolvedAt && age(now, resolvedAt))),
    outboxSeconds: worst(words.map((at) => age(now, at))),
  };
}

/** Of enabled sources. A source without any reading is as old as itself; `silent` have missed at least one slot. */
export function dataAges(
  sources: readonly Source[],
  heads: readonly Head[],
  now: Instant,
): Ages & { readonly silent: readonly TargetName[] } {
  const newest = new Map(heads.map((head) => [JSON.stringify([head.kind, head.target]), head.newestSlot]));
  const aged = sources.map((source) => {
    const since = newest.get(JSON.stringify([source.kind, source.id])) ?? source.createdAt;
    return { kind: source.kind, target: source.id, periodSeconds: source.periodSeconds, seconds: age(now, since) };
  });
  return {
    dataAgeSeconds: worst(aged.map((one) => one.seconds)),
    dataAgePeriods: worst(aged.map((one) => one.seconds / one.periodSeconds)),
    silent: aged
      .filter((one) => one.seconds > one.periodSeconds + GRACE_SECONDS)
      .map(({ kind, target }) => ({ kind, target })),
  };
}

function age(now: Instant, since: Instant): number {
  return Math.max(0, (now - since) / 1000);
}
