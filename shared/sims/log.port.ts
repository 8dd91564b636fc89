/** What happened to a SIM and where it was: events as the provider tells them, and cells it was seen in. Kept 400 days. */
import type { Instant } from '../platform/clock.ts';
import type { CellReading, SimEvent } from './sim.ts';
import type { SimRef } from './usage.port.ts';

export interface CellSeen extends CellReading {
  /** When the answer arrived. */
  readonly at: Instant;
}

export interface LogPage<T> {
  /** Newest first. */
  readonly items: readonly T[];
  /** Hand it back for the next page; absent at the end. */
  readonly before?: string;
}

export interface SimLog {
  /** An event seen before is not stored again; returns how many were new. */
  recordEvents(ref: SimRef, events: readonly SimEvent[], at: Instant): Promise<number>;
  recordCell(ref: SimRef, cell: CellReading, at: Instant): Promise<void>;
  listEvents(ref: SimRef, limit: number, before?: string): Promise<LogPage<SimEvent>>;
  listCells(ref: SimRef, limit: number, before?: string): Promise<LogPage<CellSeen>>;
}
