/** Samples as Timestream keeps them: one row per entity and instant, all of its values side by side. Pure. */
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';
import type { Batch } from './sample.ts';

export interface SampleRow {
  readonly entity: string;
  readonly slot: Instant;
  readonly receivedAt: Instant;
  readonly boundary: boolean;
  /** By metric id; an absent one is unknown. */
  readonly values: Readonly<Record<string, bigint>>;
}

export interface MeasureValue {
  readonly Name: string;
  readonly Value: string;
  readonly Type: 'BIGINT' | 'VARCHAR' | 'BOOLEAN';
}

export const MEASURE_NAME = 'sample';
/** Measures beside the metrics; the first is epoch ms. */
export const RECEIVED_AT = 'receivedAt';
export const BOUNDARY = 'boundary';
/** Metric ids hold no underscore, so no metric is ever called like another one's exact text. */
const EXACT = '_exact';
/** Timestream's BIGINT is signed; a counter of 64 bits may not be. */
const [MIN_BIGINT, MAX_BIGINT] = [-(2n ** 63n), 2n ** 63n - 1n];
/** Versions of one generation: far more than a slot can have parts. */
const VERSIONS = 1_000_000;

/** `n` counts the parts that were merged into the row: it only rises, and rows of one n are equal. */
export function versionOf(generation: number, n: number): number {
  assert(Number.isInteger(generation) && generation >= 1, `not a generation: ${generation}`);
  assert(Number.isInteger(n) && n >= 0 && n < VERSIONS, `not a count of parts: ${n}`);
  return generation * VERSIONS + n;
}

/** Rows of these parts in their order; where parts meet in an entity and slot, the later one wins metric by metric. */
export function rowsOf(batches: readonly Batch[]): SampleRow[] {
  const rows = new Map<string, SampleRow>();
  for (const { slot, boundary, readings } of batches) {
    for (const { entity, receivedAt, values } of readings) {
      const key = `${slot} ${entity}`;
      rows.set(key, { entity, slot, receivedAt, boundary, values: { ...rows.get(key)?.values, ...values } });
    }
  }
  return [...rows.values()].filter((row) => Object.keys(row.values).length > 0);
}

export function measuresOf({ values, receivedAt, boundary }: SampleRow): MeasureValue[] {
  const measures = Object.entries(values).map(([metric, value]): MeasureValue => {
    assert(![RECEIVED_AT, BOUNDARY].includes(metric) && !metric.includes('_'), `${metric} cannot be a metric's name`);
    return value >= MIN_BIGINT && value <= MAX_BIGINT
      ? { Name: metric, Value: String(value), Type: 'BIGINT' }
      : { Name: `${metric}${EXACT}`, Value: String(value), Type: 'VARCHAR' };
  });
  return [
    ...measures,
    { Name: RECEIVED_AT, Value: String(receivedAt), Type: 'BIGINT' },
    { Name: BOUNDARY, Value: String(boundary), Type: 'BOOLEAN' },
  ];
}

/** The value of a metric in a row that was read, by column; undefined when it is unknown there. */
export function metricIn(columns: ReadonlyMap<string, string>, metric: string): bigint | undefined {
  const text = columns.get(metric) ?? columns.get(`${metric}${EXACT}`);
  return text === undefined ? undefined : BigInt(text);
}
