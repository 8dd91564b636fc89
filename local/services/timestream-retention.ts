/** Which instants a table takes and shows: its memory store, its magnetic store, and a quarter of an hour of future. Pure. */
import type { TimestreamModel } from '../model/types.ts';

export type TimestreamTable = TimestreamModel['tables'][number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Documented: a record may lie this far ahead of the service's clock. */
const FUTURE_MS = 15 * 60_000;

export type Place = 'memory' | 'magnetic' | { readonly reason: string };

/** Where a record of that time goes, or why nowhere; times in epoch microseconds, `now` in milliseconds. */
export function placeOf(timeUs: number, table: TimestreamTable, now: number): Place {
  const at = timeUs / 1000;
  const memoryFrom = now - table.memoryHours * HOUR_MS;
  if (at >= memoryFrom && at <= now + FUTURE_MS) return 'memory';
  if (!table.magneticWrites) return outside(memoryFrom, now, 'memory store');
  const magneticFrom = oldestShown(table, now);
  if (at >= magneticFrom && at < memoryFrom) return 'magnetic';
  return outside(magneticFrom, now, 'data ingestion window');
}

/** Earliest instant that a query sees, epoch ms: whatever is older has expired, whenever it is deleted. */
export function oldestShown(table: TimestreamTable, now: number): number {
  return now - Math.max(table.memoryHours * HOUR_MS, table.magneticDays * DAY_MS);
}

function outside(from: number, now: number, where: string): Place {
  const [first, last] = [new Date(from), new Date(now + FUTURE_MS)].map((d) => d.toISOString());
  return { reason: `The record timestamp is outside the time range [${first}, ${last}) of the ${where}.` };
}
