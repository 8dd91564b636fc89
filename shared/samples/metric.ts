/** What a metric is: its identity, its unit, and how its readings merge over time. Pure. */

/**
 * How readings of a metric merge (docs/architecture.md, "Kinds of metric"):
 * counter: rises within one life; gauge: min, max, last; balance: a fall is consumption, a rise is a top-up;
 * periodTotal: the source's own total of its own day; highWater: begins at 0 with the session; state: a small enumeration.
 */
export type MetricKind = 'counter' | 'gauge' | 'balance' | 'periodTotal' | 'highWater' | 'state';

/** Unit of the stored integers. */
export type MetricUnit =
  | 'octets'
  | 'microMegabytes'
  | 'seconds'
  | 'bitsPerSecond'
  | 'percent'
  | 'basisPoints'
  | 'microseconds'
  | 'count'
  | 'state'
  | 'epochSeconds';

export interface Metric {
  /** Name in keys and in the API, in the words of the field's standards. */
  readonly id: string;
  readonly kind: MetricKind;
  readonly unit: MetricUnit;
  /** Width of the counter at its source; 64 unless told. */
  readonly bits?: 32 | 64;
  /** What a person reads. */
  readonly title: string;
  /** False: no days are made of it, because nobody asks for its daily extremes. */
  readonly daily?: false;
  /** True: not read in every run, so the head keeps its newest value with the instant it is of. */
  readonly kept?: true;
}
