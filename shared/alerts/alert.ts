/** One open worry about one entity by one rule, from its first breach to its last word. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Severity } from '../rules/rule.ts';

/** The states that an open item can be in; `resolved` stays only until its outbox is empty. */
export type AlertState = 'pending' | 'firing' | 'resolved';

/** What a recipient can be told about an episode; `firing-*` rises with severity, `resolved` is the last word. */
export type AlertStage = 'firing-info' | 'firing-warning' | 'firing-critical' | 'resolved';

export type ResolvedReason = 'cleared' | 'rule removed' | 'rule disabled' | 'entity removed' | 'no longer measured';

/** A message that a recipient is owed, written in the same conditional write as the change that caused it. */
export interface OutboxEntry {
  readonly recipient: string;
  readonly stage: AlertStage;
  /** When the change was detected: the start of the delivery's clock. */
  readonly detectedAt: Instant;
  /** Noted before its line is written, of an alert that hangs on something: from here on nothing holds it back. */
  readonly released?: true;
}

export interface TimelineEntry {
  readonly at: Instant;
  readonly event:
    | 'pending'
    | 'fired'
    | 'severity'
    | 'clearing'
    | 'resolved'
    | 'muted'
    | 'unmuted'
    | 'told'
    | 'delivered'
    | 'undelivered';
  readonly text: string;
}

/** On what an alert's entity hangs, as its source names it, and how often the entity's own target is read. */
export interface Behind {
  readonly uplink: string;
  readonly periodSeconds: number;
}

/** From when to when an alert mutes what hangs on its entity; without an end it still does. */
export interface Mutes {
  readonly since: Instant;
  readonly until?: Instant;
  /** How long after the slot judged last it still does so; absent = as long as it is open, for silence is judged by the clock. */
  readonly freshSeconds?: number;
}

/** Which alert holds back the words of another one, since when, and since when no longer for itself. */
export interface Muted {
  readonly since: Instant;
  readonly until?: Instant;
  /** Fingerprint and beginning of that alert. */
  readonly by: string;
  readonly episode: Instant;
  /** What a person calls the uplink. */
  readonly name: string;
}

export interface Alert {
  readonly tenant: string;
  readonly kind: string;
  readonly target: string;
  /** `<entity>#<rule>` with escaped parts: at most one open alert has it. */
  readonly fingerprint: string;
  readonly entity: string;
  readonly entityName: string;
  readonly rule: string;
  readonly ruleName: string;
  /** Text template of the rule as it was when it fired. */
  readonly message: string;
  readonly state: AlertState;
  readonly severity: Severity;
  /** Start of the episode; with the fingerprint it names the episode for ever. */
  readonly activeAt: Instant;
  readonly firedAt?: Instant;
  /** Since when the value has been back past its clear value. */
  readonly clearingSince?: Instant;
  readonly resolvedAt?: Instant;
  readonly resolvedReason?: ResolvedReason;
  readonly value?: number;
  readonly threshold?: number;
  readonly unit?: string;
  /** What the message says beside the number, as it was in the newest breach. */
  readonly detail?: string;
  /** Slot last judged: a finding about an older slot changes nothing. */
  readonly judgedSlot: Instant;
  /** Per recipient, the last stage handed to that recipient's mailbox. */
  readonly told: Readonly<Record<string, AlertStage>>;
  /** Where the rule lets an uplink mute it. */
  readonly behind?: Behind;
  /** Where the rule says that its entity is down, and takes along what hangs on it. */
  readonly mutes?: Mutes;
  /** While words in the outbox are held back, and for good when the alert ended so: `until` = its uplink came back then. */
  readonly muted?: Muted;
  /** At most 50; a delivery is due while `told` differs from the state and nothing mutes it. */
  readonly outbox: readonly OutboxEntry[];
  /** At most 100; older rows become items of their own. */
  readonly timeline: readonly TimelineEntry[];
  readonly simulated: boolean;
  /** From when the minute sweep asks for an evaluation although nothing new arrived; absent = only new data can change it. */
  readonly dueAt?: Instant;
  /**
   * Only on a resolved item whose last words are still in its outbox: the episode that began meanwhile. It lives on in
   * here, told to nobody, and takes the item over when the last word of its predecessor has been handed on.
   */
  readonly next?: Alert;
  /** Every write is conditional on it. */
  readonly version: number;
}
