/** Reads a series from the store and answers it in the contract's form; the same for every capability. */
import { type Instant, isoInstant } from '../platform/clock.ts';
import { hasIncreases } from './increase.ts';
import type { Metric } from './metric.ts';
import { type SeriesResponse, STEPS } from './samples.contract.ts';
import type { SampleStore, SeriesRef } from './samples.port.ts';
import { readRange, seriesPoints } from './series.ts';

export interface SeriesQuery {
  readonly metric?: string | undefined;
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  readonly step?: string | undefined;
}

export interface SeriesQuestion {
  readonly ref: Omit<SeriesRef, 'metric'>;
  readonly metric: Metric;
  readonly zone: string;
  /** As the client named the entity. */
  readonly id: string;
  readonly query: SeriesQuery;
  readonly now: Instant;
}

export async function answerSeries(
  samples: Pick<SampleStore, 'readSeries' | 'readIncreases'>,
  question: SeriesQuestion,
): Promise<SeriesResponse> {
  const { ref, metric, zone, query, now } = question;
  const stepName = query.step ?? 'raw';
  const step = STEPS[stepName] ?? 'raw';
  const { from, to } = readRange(query.from, query.to, step, now);
  const series = { ...ref, metric: metric.id };
  const [readings, increases] = await Promise.all([
    samples.readSeries(series, from, to),
    hasIncreases(metric) ? samples.readIncreases(series, from, to) : Promise.resolve([]),
  ]);
  const points = seriesPoints(metric, readings, increases, { from, to, step, zone });
  // Only the newest readings fit: the answer says from where on it is whole.
  const begins = step === 'raw' && readings.length > points.length ? points[0]?.at : undefined;
  return {
    id: question.id,
    metric: metric.id,
    unit: metric.unit,
    kind: metric.kind,
    from: isoInstant(begins ?? from),
    to: isoInstant(to),
    step: stepName,
    zone,
    points: points.map((p) => ({
      at: isoInstant(p.at),
      value: p.value?.toString() ?? null,
      increase: p.increase?.toString() ?? null,
      rate: p.rate ?? null,
      ...(p.reason ? { reason: p.reason } : {}),
    })),
  };
}
