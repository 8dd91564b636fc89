/** Who is owed which word about an alert, and what changes when a word has been handed on. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Alert, AlertStage, Muted, OutboxEntry, TimelineEntry } from './alert.ts';
import { isSameMute } from './muting.ts';
import { type Recipient, stageRank, wants } from './recipient.ts';
import { type Capped, withRows } from './timeline.ts';

/** An item stays small enough to be written often; whoever does not fit is owed in the next round. */
export const OUTBOX_LIMIT = 50;

export interface Word {
  readonly recipient: string;
  readonly stage: AlertStage;
}

/**
 * Words that the state owes and that are neither told nor in the outbox yet. A recipient who was told nothing, and for
 * whom nothing waits, is owed no last word; a listed one who heard of the alert is owed it whatever he wants by now.
 */
export function owed(alert: Alert, recipients: readonly Recipient[]): Word[] {
  if (alert.state === 'pending') return [];
  const words: Word[] = [];
  for (const recipient of recipients) {
    const heard = heardRank(alert, recipient.id);
    const stage: AlertStage = alert.state === 'resolved' ? 'resolved' : `firing-${alert.severity}`;
    const concerned = alert.state === 'resolved' ? heard > 0 : wants(recipient, alert);
    if (concerned && heard < stageRank(stage)) words.push({ recipient: recipient.id, stage });
  }
  return words;
}

/** The highest stage that was told or waits to be. */
function heardRank(alert: Alert, recipient: string): number {
  const waiting = alert.outbox.filter((e) => e.recipient === recipient).map((e) => stageRank(e.stage));
  return Math.max(stageRank(alert.told[recipient]), ...waiting);
}

/**
 * The outbox with all that is owed, up to the limit; `left` = words that found no room. A rise in severity takes the
 * place of a milder word that still waits; a last word never takes the place of a first one.
 */
export function refill(
  alert: Alert,
  recipients: readonly Recipient[],
  now: Instant,
): { outbox: readonly OutboxEntry[]; left: number } {
  const words = owed(alert, recipients);
  if (words.length === 0) return { outbox: alert.outbox, left: 0 };
  const outbox = [...alert.outbox];
  let left = 0;
  for (const word of words) {
    const entry: OutboxEntry = { ...word, detectedAt: now };
    const milder = outbox.findIndex((e) => e.recipient === word.recipient && e.stage !== 'resolved');
    // What was let go may have been told, and its rise goes after it.
    if (word.stage !== 'resolved' && milder >= 0)
      outbox[milder] = { ...entry, ...(outbox[milder]?.released ? { released: true as const } : {}) };
    else if (outbox.length < OUTBOX_LIMIT) outbox.push(entry);
    else left++;
  }
  return { outbox, left };
}

/** What an uplink does to the words of an alert: those that are never told, and which alert holds back the others. */
export interface Holding {
  readonly dropped: readonly Word[];
  /** Undefined = nothing holds anything back. */
  readonly muted: Muted | undefined;
  /** Those that go now, noted before they do. */
  readonly released?: readonly Word[];
}

/**
 * The alert after the relay handed these words to their mailboxes. Words that a rise has replaced meanwhile count as
 * told all the same, but `told` never goes back. The same alert comes back when nothing changes. Without `holding`,
 * what holds its words back stays as it was noted.
 */
export function handOver(alert: Alert, handed: readonly Word[], now: Instant, holding?: Holding): Capped {
  const outbox = outboxAfter(alert, handed, holding);
  const { told, rows } = toldAfter(alert, handed, now);
  const muted = holding ? holding.muted : alert.muted;
  const isSame = outbox.length === alert.outbox.length && outbox.every((entry, i) => entry === alert.outbox[i]);
  if (isSame && rows.length === 0 && isSameMute(muted, alert.muted)) return { alert, overflow: [] };
  const { muted: _muted, ...rest } = alert;
  return withRows({ ...rest, outbox, told, ...(muted ? { muted } : {}) }, [...mutedRows(alert, muted, now), ...rows]);
}

/** Nothing is dropped that somebody else let go meanwhile. */
function outboxAfter({ outbox }: Alert, handed: readonly Word[], holding: Holding | undefined): OutboxEntry[] {
  const isAmong = (words: readonly Word[] = [], { recipient, stage }: Word): boolean =>
    words.some((word) => word.recipient === recipient && word.stage === stage);
  return outbox
    .filter((entry) => !isAmong(handed, entry) && (entry.released || !isAmong(holding?.dropped, entry)))
    .map((entry) => (!entry.released && isAmong(holding?.released, entry) ? { ...entry, released: true } : entry));
}

function toldAfter(alert: Alert, handed: readonly Word[], now: Instant) {
  const told: Record<string, AlertStage> = { ...alert.told };
  const byStage = new Map<AlertStage, string[]>();
  for (const { recipient, stage } of handed) {
    if (stageRank(stage) <= stageRank(told[recipient])) continue;
    told[recipient] = stage;
    byStage.set(stage, [...(byStage.get(stage) ?? []), recipient]);
  }
  const rows = [...byStage].map(
    ([stage, names]): TimelineEntry => ({ at: now, event: 'told', text: `${stage}: ${names.join(', ')}` }),
  );
  return { told, rows };
}

function mutedRows({ muted: before }: Alert, after: Muted | undefined, now: Instant): TimelineEntry[] {
  if (after === undefined) return before ? [{ at: now, event: 'unmuted', text: `no longer by ${before.name}` }] : [];
  const isNews = before?.by !== after.by || before.episode !== after.episode;
  return isNews ? [{ at: now, event: 'muted', text: `by ${after.name}, which is down` }] : [];
}
