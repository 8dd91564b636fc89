/** Writes what DynamoDB knows of the past into the copy, entity by entity and day by day. */
import type { Clock, Instant } from '../platform/clock.ts';
import type { RejectReason, SampleCopy, SampleSource } from './copies.port.ts';
import type { TargetRef } from './sample.ts';
import { versionOf } from './timestream-rows.ts';

export interface ReplayDeps {
  readonly clock: Clock;
  readonly source: Pick<SampleSource, 'rowsOf'>;
  readonly copy: Pick<SampleCopy, 'writeRows'>;
  /** Told after each day of an entity. */
  onProgress?(progress: ReplayProgress): void;
}

export interface ReplayRequest {
  /** An entity, and the target that feeds it. */
  readonly entities: readonly { readonly entity: string; readonly ref: TargetRef }[];
  readonly from: Instant;
  readonly to: Instant;
  /** 1 fills gaps only; a higher one replaces what older generations wrote. */
  readonly generation: number;
  /** Reads and counts, writes nothing. */
  readonly dryRun: boolean;
}

export interface ReplayCounts {
  /** Rows that DynamoDB knows. */
  readonly rows: number;
  readonly stored: number;
  readonly rejected: Readonly<Record<RejectReason, number>>;
}

export interface ReplayProgress extends ReplayCounts {
  readonly entity: string;
  /** The entity is done up to here. */
  readonly at: Instant;
}

/** One read: 288 rows at five minutes, in a few pages. */
const STEP_MS = 86_400_000;
const CALL_MS = 60_000;
/** No live row has it, since a row is made of one part at least: so a gap is filled, and nothing else is touched. */
const NO_PARTS = 0;

/** Throws STORE_UNAVAILABLE when either side does not answer: begun again, it goes over the same rows harmlessly. */
export async function replay(deps: ReplayDeps, request: ReplayRequest): Promise<ReplayCounts> {
  const total = { rows: 0, stored: 0, rejected: { tooOld: 0, tooNew: 0, version: 0, limit: 0 } };
  const version = versionOf(request.generation, NO_PARTS);
  for (const { entity, ref } of request.entities) {
    for (let from = request.from; from < request.to; from += STEP_MS) {
      const to = Math.min(request.to, from + STEP_MS);
      const rows = await deps.source.rowsOf(ref, entity, from, to);
      total.rows += rows.length;
      if (!request.dryRun && rows.length > 0) {
        const { stored, rejected } = await deps.copy.writeRows(ref, rows, version, deps.clock.now() + CALL_MS);
        total.stored += stored;
        for (const { reason } of rejected) total.rejected[reason] += 1;
      }
      deps.onProgress?.({ ...total, rejected: { ...total.rejected }, entity, at: to });
    }
  }
  return { ...total, rejected: { ...total.rejected } };
}
