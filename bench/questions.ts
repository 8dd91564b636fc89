/** The seven questions put to every store, and their answers worked out from the generated data alone. Pure. */
import * as set from './series.ts';

export const QUESTIONS = {
  Q1a: '7 days of one subscriber, hourly sums',
  Q1b: '7 days of one subscriber, 2016 readings',
  Q2: 'top 10 of all subscribers over the month',
  Q3: 'month report: every tenant, every day',
  Q4: 'newest value of 50 subscribers',
  Q5: '24 h of 50 subscribers, every 5 min',
  Q6: '95th percentile of one subscriber, month',
  Q7: '95th percentile of every subscriber, month',
} as const;

export type Question = keyof typeof QUESTIONS;
export const NAMES = Object.keys(QUESTIONS) as Question[];

/** Whom and when the questions are about; slots count from the beginning of the data. */
export interface Subject {
  readonly tenant: number;
  readonly subscriber: number;
  readonly series: number;
  /** End of what is asked for, exclusive; a full hour. */
  readonly end: number;
  readonly weekFrom: number;
  readonly dayFrom: number;
  /** First slot after the last whole day. */
  readonly monthEnd: number;
}

export function subjectOf(data: set.DataSet): Subject {
  const [tenant, subscriber] = [5, Math.floor(set.subscribersOf(data) / 2)];
  return {
    tenant,
    subscriber,
    series: set.seriesOf(tenant, subscriber),
    end: data.slots,
    weekFrom: Math.max(1, data.slots - 7 * set.DAY_SLOTS),
    dayFrom: data.slots - set.DAY_SLOTS,
    monthEnd: data.days * set.DAY_SLOTS,
  };
}

/** One figure an answer, in octets (Q1 to Q3, Q5) or octets a second, by which every store is checked. */
export type Figures = Readonly<Record<Question, number>>;

export function truthOf(data: set.DataSet): Figures {
  const about = subjectOf(data);
  const all = data.counters.map((_, series) => series);
  const own = Array.from({ length: set.subscribersOf(data) }, (_, s) => set.seriesOf(about.tenant, s));
  const month = all.map((series) => set.increaseOf(data, series, 0, about.monthEnd - 1));
  const newest = own.map((series) => set.increaseOf(data, series, data.slots - 2, data.slots - 1) / set.PERIOD_SECONDS);
  const week = set.increaseOf(data, about.series, about.weekFrom - 1, about.end - 1);
  return {
    Q1a: week,
    Q1b: week,
    Q2: sum([...month].sort((a, b) => b - a).slice(0, 10)),
    Q3: sum(month),
    Q4: sum(newest),
    Q5: sum(own.map((series) => set.increaseOf(data, series, about.dayFrom - 1, about.end - 1))),
    Q6: percentile95(data, about.series, about.monthEnd),
    Q7: sum(all.map((series) => percentile95(data, series, about.monthEnd))),
  };
}

/** The (floor(n/20)+1)-th largest rate, octets a second. */
function percentile95(data: set.DataSet, series: number, end: number): number {
  const rates = Array.from({ length: end - 1 }, (_, k) =>
    Math.floor(set.increaseOf(data, series, k, k + 1) / set.PERIOD_SECONDS),
  );
  return rates.sort((a, b) => b - a)[Math.floor(rates.length / 20)] ?? Number.NaN;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Another store that holds the same data and answers the same questions. */
export interface Peer {
  readonly name: string;
  readonly loadSeconds: number;
  readonly bytesPerSample: number;
  readonly ask: Readonly<Record<Question, () => Promise<number>>>;
  /** How far its figures may lie from the truth: some stores extrapolate or interpolate. */
  readonly tolerance: Readonly<Record<Question, number>>;
  /** Where it is asked for something else than the others. */
  readonly expected?: Partial<Figures>;
  stop(): Promise<void>;
}
