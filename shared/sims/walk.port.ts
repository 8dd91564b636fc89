/** What a walk through an inventory has seen so far, page by page, until it is known whether it was complete. */
import type { Instant } from '../platform/clock.ts';

export interface WalkStore {
  /** Replaces what the part of that walk had noted; gone by itself after two days. */
  note(tenant: string, account: string, slot: Instant, part: number, iccids: readonly string[]): Promise<void>;
  /** Of all parts of the walk. */
  readSeen(tenant: string, account: string, slot: Instant): Promise<ReadonlySet<string>>;
}
