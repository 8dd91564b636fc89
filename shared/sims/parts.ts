/** What a part of a round through a fleet hands on: readings by shard, where it goes on, what it may have written to. Pure. */
import type { FedTarget, Page, Rejected, TargetName } from '../collect/collector.port.ts';
import { shardTarget } from '../collect/source.ts';
import type { Instant } from '../platform/clock.ts';
import { CHUNK_MS } from '../samples/fold.ts';
import type { Head } from '../samples/sample.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Fleet } from './fleet.port.ts';
import { SIM_KIND } from './metrics.ts';
import type { Round } from './round.ts';
import { shardOf } from './shards.ts';

/** SIMs of one part; some hundred calls at ten a second. */
export const VISITS_PER_PART = 150;
/** Shards that one part may write to. */
export const SHARDS_PER_PART = 16;
/** Longer than a queue can hold a message back: then the breaker waits, and the next slot goes on. */
export const LONGEST_WAIT_SECONDS = 900;

/** The rest of the walk, at once or when the provider is to be asked again. */
export function onward(next: Checkpoint, waitSeconds: number | undefined): Pick<Page, 'next' | 'resumeAfterSeconds'> {
  if (waitSeconds === undefined) return { next };
  return waitSeconds > LONGEST_WAIT_SECONDS ? {} : { next, resumeAfterSeconds: Math.ceil(waitSeconds) };
}

/** What was read, by shard. `heads`: of shards that may begin a new stretch of six hours with it. */
export function brought(
  round: Round,
  heads: ReadonlyMap<string, Head | undefined>,
  slot: Instant,
): Pick<Page, 'fed' | 'rejected'> {
  const byTarget = new Map<
    string,
    { readings: FedTarget['readings'][number][]; entities: FedTarget['entities'][number][] }
  >();
  const rejected: Rejected[] = [...round.rejected];
  for (const { visit, reading, draft, rejected: own } of round.visited) {
    const target = visit.entity.target;
    const fed = byTarget.get(target) ?? { readings: [], entities: [] };
    byTarget.set(target, fed);
    fed.readings.push(reading);
    if (draft) fed.entities.push(draft);
    rejected.push(...own);
  }
  const fed = [...byTarget].map(([target, one]): FedTarget => {
    const before = heads.get(target)?.newestSlot;
    const foldDue = before !== undefined && chunkOf(before) < chunkOf(slot);
    return { kind: SIM_KIND, target, ...one, ...(foldDue ? { foldDue } : {}) };
  });
  return { fed, rejected };
}

function chunkOf(at: Instant): number {
  return Math.floor(at / CHUNK_MS);
}

/** Shards that a part with this checkpoint may have written to. */
export function touchedBy(fleet: Fleet, point: Checkpoint): TargetName[] {
  const name = (shard: number) => ({ kind: SIM_KIND, target: shardTarget(fleet.account, shard) });
  if (point.phase === 'watch') {
    const some = fleet.watched.slice(point.at, point.at + VISITS_PER_PART);
    return [...new Set(some.map((iccid) => shardOf(iccid, fleet.shards)))].map(name);
  }
  if (point.phase !== 'details') return [];
  const count = Math.min(SHARDS_PER_PART, point.left, fleet.shards);
  return Array.from({ length: count }, (_, i) => name((point.shard + i) % fleet.shards));
}
