/** How a batch moves a target's present on: newest values, newest increases, and the baselines of the next ones. Pure. */
import type { Instant } from '../platform/clock.ts';
import { hasIncreases, nextIncrease } from './increase.ts';
import type { Metric } from './metric.ts';
import type { Batch, CounterLife, HeadEntity, Increase, RawPoint, Reading } from './sample.ts';

/** What the head keeps of an entity beyond what others see. */
export interface HeadStateEntity extends HeadEntity {
  /** Whether the newest reading came on the period's boundary. */
  readonly boundary: boolean;
  /** By metric id: where the next increase starts, when that is not the newest reading of the metric. */
  readonly baselines: Readonly<Record<string, RawPoint>>;
}

export interface HeadState {
  /** Slot of the newest run that brought readings. */
  readonly newestSlot?: Instant;
  /** In order of entity id. */
  readonly entities: readonly HeadStateEntity[];
}

export const EMPTY_HEAD: HeadState = { entities: [] };

/** As long as chunks live: an interface unseen for so long has nothing left that an increase could be joined to. */
const FORGET_AFTER_MS = 400 * 86_400_000;

/**
 * The state after the batch. An older slot never replaces a newer one; a batch seen before changes nothing; at the same
 * slot only metrics that are still unknown are taken (a restatement of them shows in the series at once, here a slot later).
 */
export function advanceState(state: HeadState, batch: Batch, metrics: readonly Metric[]): HeadState {
  const known = new Map(metrics.map((metric) => [metric.id, metric]));
  const entities = new Map(state.entities.map((entity) => [entity.entity, entity]));
  for (const reading of batch.readings) {
    entities.set(reading.entity, advanceEntity(entities.get(reading.entity), reading, batch, known));
  }
  const newestSlot =
    batch.readings.length === 0 ? state.newestSlot : Math.max(state.newestSlot ?? batch.slot, batch.slot);
  const oldest = (newestSlot ?? 0) - FORGET_AFTER_MS;
  return {
    ...(newestSlot === undefined ? {} : { newestSlot }),
    entities: [...entities.values()]
      .filter(({ slot }) => slot >= oldest)
      .sort((a, b) => (a.entity < b.entity ? -1 : 1)),
  };
}

/** What others see of the state: also what is known from before, of metrics that the newest run did not bring. */
export function publicEntity(entity: HeadStateEntity): HeadEntity {
  const { boundary: _boundary, baselines, ...rest } = entity;
  const earlier = Object.entries(baselines)
    .filter(([metric]) => rest.values[metric] === undefined)
    .map(([metric, { value, receivedAt }]) => [metric, { value, receivedAt }] as const);
  return earlier.length === 0 ? rest : { ...rest, earlier: Object.fromEntries(earlier) };
}

/** One value of a reading as the increase engine reads it; undefined when the metric is unknown. */
export function pointOf(
  reading: Reading,
  metric: string,
  run: { slot: Instant; boundary: boolean },
): RawPoint | undefined {
  const value = reading.values[metric];
  if (value === undefined) return undefined;
  const life = reading.lives?.[metric];
  const { slot, boundary } = run;
  return { slot, receivedAt: reading.receivedAt, value, boundary, ...(life === undefined ? {} : { life }) };
}

function advanceEntity(
  stored: HeadStateEntity | undefined,
  reading: Reading,
  batch: Batch,
  metrics: ReadonlyMap<string, Metric>,
): HeadStateEntity {
  if (stored && batch.slot < stored.slot) return stored;
  if (stored && batch.slot === stored.slot) return completeSlot(stored, reading, batch, metrics);
  const fresh: HeadStateEntity = {
    entity: reading.entity,
    slot: batch.slot,
    receivedAt: reading.receivedAt,
    boundary: batch.boundary,
    values: {},
    increases: {},
    baselines: stored ? lastPoints(stored, metrics) : {},
  };
  return take(fresh, reading, Object.keys(reading.values), batch, metrics);
}

/** A later part of the same run may bring other metrics of an entity. */
function completeSlot(
  stored: HeadStateEntity,
  reading: Reading,
  batch: Batch,
  metrics: ReadonlyMap<string, Metric>,
): HeadStateEntity {
  const missing = Object.keys(reading.values).filter((metric) => stored.values[metric] === undefined);
  return missing.length === 0 ? stored : take(stored, reading, missing, batch, metrics);
}

/** The last raw reading (or the older baseline) of every metric that has increases or is kept. */
function lastPoints(stored: HeadStateEntity, metrics: ReadonlyMap<string, Metric>): Record<string, RawPoint> {
  const points: Record<string, RawPoint> = { ...stored.baselines };
  for (const metric of Object.keys(stored.values)) {
    const known = metrics.get(metric);
    const point = pointOf(stored, metric, stored);
    const wanted = known !== undefined && (hasIncreases(known) || known.kept === true);
    if (wanted && point && points[metric] === undefined) points[metric] = point;
  }
  return points;
}

function take(
  into: HeadStateEntity,
  reading: Reading,
  names: readonly string[],
  batch: Batch,
  metrics: ReadonlyMap<string, Metric>,
): HeadStateEntity {
  const values: Record<string, bigint> = { ...into.values };
  const lives: Record<string, CounterLife> = { ...into.lives };
  const increases: Record<string, Increase> = { ...into.increases };
  const baselines: Record<string, RawPoint> = { ...into.baselines };
  for (const name of names) {
    const point = pointOf(reading, name, batch);
    if (!point) continue;
    values[name] = point.value;
    if (point.life) lives[name] = point.life;
    const metric = metrics.get(name);
    if (!metric || !hasIncreases(metric)) {
      delete baselines[name];
      continue;
    }
    const next = nextIncrease(metric, baselines[name], point, batch.periodSeconds);
    increases[name] = next.increase;
    // The newest reading is in `values` already; only another starting point needs room of its own.
    if (next.baseline === point && into.receivedAt === point.receivedAt) delete baselines[name];
    else baselines[name] = next.baseline;
  }
  return { ...into, values, increases, baselines, ...(Object.keys(lives).length === 0 ? {} : { lives }) };
}
