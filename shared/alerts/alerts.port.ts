/** What the stages need of a store of alerts: at most one open item per fingerprint, and a history that is never rewritten. */
import type { Instant } from '../platform/clock.ts';
import type { TargetRef } from '../samples/sample.ts';
import type { Advanced } from './advance.ts';
import type { Alert, AlertStage, TimelineEntry } from './alert.ts';
import type { Holding } from './outbox.ts';

/** An outbox entry as the relay handed it on. */
export interface Handed {
  readonly recipient: string;
  readonly stage: AlertStage;
}

export interface AlertQuery {
  /** Both: open ones first, then history; history alone and its part of both is newest first. */
  readonly scope: 'open' | 'history' | 'both';
  readonly entity?: string;
  readonly limit: number;
  /** From the page before; opaque, meaningless to another query. A damaged one throws REQUEST_INVALID. */
  readonly position?: string;
  readonly now: Instant;
}

export interface AlertPage {
  readonly items: readonly Alert[];
  readonly position?: string;
}

export interface AlertStore {
  /** The open item (pending, firing, or resolved with words still owed), consistent. */
  readOpen(tenant: string, fingerprint: string): Promise<Alert | undefined>;
  /** All open items of a tenant; may lag by a moment. */
  listOpen(tenant: string): Promise<Alert[]>;
  /** Open items of one target, consistent; `entities` are the ids of the target's known entities. */
  openOfTarget(ref: TargetRef, entities: readonly string[]): Promise<Alert[]>;
  /** Open items about one entity, or about a source itself, consistent. */
  openOfEntity(tenant: string, entity: string): Promise<Alert[]>;
  /** Writes what `advance` decided: overflowing rows, then history, then the open item. False = somebody was first. */
  apply(before: Alert | undefined, outcome: Advanced): Promise<boolean>;
  /**
   * For the relay, after the mailbox lines are written: takes the handed entries out of the outbox of that episode, notes
   * them in `told` and in the timeline, and beside them what an uplink holds back or spares everybody. Resolves to the item afterwards, or undefined when the episode is no longer open.
   * Throws STORE_CONFLICT after several lost races.
   */
  clearOutbox(
    tenant: string,
    fingerprint: string,
    activeAt: Instant,
    handed: readonly Handed[],
    now: Instant,
    holding?: Holding,
  ): Promise<Alert | undefined>;
  /** A finished episode, consistent. */
  readFinished(tenant: string, fingerprint: string, activeAt: Instant): Promise<Alert | undefined>;
  /** An episode by `alertId`, open or finished; its timeline includes the rows that are items of their own. */
  readEpisode(tenant: string, id: string): Promise<Alert | undefined>;
  /** Rows beside the alert's item, such as receipts that arrive after its end. Writing one twice changes nothing. */
  putRows(tenant: string, fingerprint: string, activeAt: Instant, rows: readonly TimelineEntry[]): Promise<void>;
  list(tenant: string, query: AlertQuery): Promise<AlertPage>;
}
