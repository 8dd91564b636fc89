/** The story of an alert as rows, kept within its item up to a limit. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Alert, TimelineEntry } from './alert.ts';

export const TIMELINE_LIMIT = 100;

/** Oldest rows that no longer fit into an episode's item and are stored as items of their own. */
export interface Overflow {
  readonly activeAt: Instant;
  readonly rows: readonly TimelineEntry[];
}

export interface Capped {
  readonly alert: Alert;
  readonly overflow: readonly Overflow[];
}

/** Appends rows; what no longer fits comes back as overflow. */
export function withRows(alert: Alert, rows: readonly TimelineEntry[]): Capped {
  const all = rows.length === 0 ? alert.timeline : [...alert.timeline, ...rows];
  if (all.length <= TIMELINE_LIMIT) return { alert: { ...alert, timeline: all }, overflow: [] };
  const excess = all.length - TIMELINE_LIMIT;
  return {
    alert: { ...alert, timeline: all.slice(excess) },
    overflow: [{ activeAt: alert.activeAt, rows: all.slice(0, excess) }],
  };
}
