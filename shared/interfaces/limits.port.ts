/** What a driver must be able to do for whoever changes what customers get. One conversation with one router. */
import type { Operation, Rejected } from '../collect/collector.port.ts';
import type { Limit, Queue } from './limits.ts';

/**
 * Every call throws SOURCE_UNAVAILABLE (not reached: try again later), SOURCE_THROTTLED, SOURCE_REJECTED (credentials or
 * rights) or SOURCE_MALFORMED (it answered, and refused or could not be understood) with the router's own words in the
 * message. Every change is idempotent: what is so already is left alone. What this router could not be asked for (a rate of
 * 0, a target of a kind that its make does not hold) throws REQUEST_INVALID before any call.
 */
export interface RouterLimits {
  /** Calls made so far, for the log. */
  readonly operations: readonly Operation[];
  /** All queues, dynamic ones too. */
  readQueues(): Promise<{ readonly queues: readonly Queue[]; readonly rejected: readonly Rejected[] }>;
  /**
   * Makes the queue hold these targets to this limit, adding it when there is none, switching it on when it is off, and
   * reads it back: the answer is what the router has afterwards, for the caller to compare. Throws SOURCE_MALFORMED for a
   * dynamic queue, for one that would see only some of its packets (narrowed, or behind an earlier queue that takes them),
   * and for one that would not keep the limit. Bursts beyond the limit are taken off.
   */
  writeLimit(wanted: {
    readonly name: string;
    readonly targets: readonly string[];
    readonly limit: Limit;
  }): Promise<Queue>;
  /** Takes the queue away; none there is fine. */
  removeQueue(name: string): Promise<void>;
  /** Targets that we have cut off: nothing passes to or from them. */
  readCut(): Promise<readonly string[]>;
  /** Cuts these targets off, really: a queue without a limit, or a disabled one, would let everything pass. */
  cut(targets: readonly string[]): Promise<void>;
  /**
   * Lets them pass again, under whatever queue holds them. Throws SOURCE_MALFORMED naming the entry where another one
   * still cuts something of them off, or may.
   */
  reconnect(targets: readonly string[]): Promise<void>;
  close(): void;
}
