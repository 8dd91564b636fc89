/** From the points of a series to the lines of a small chart and the sentence that says the same; gaps stay gaps. Pure. */
import type { SeriesResponse } from './contract.ts';

export interface TrendPoint {
  /** Start of the step, epoch ms. */
  readonly at: number;
  /** Undefined = unknown. */
  readonly value: number | undefined;
}

export interface Trend {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly points: readonly TrendPoint[];
}

export interface Gap {
  readonly from: number;
  readonly to: number;
}

export interface Frame {
  readonly from: number;
  readonly to: number;
  /** Value at the upper edge; the lower edge is 0. */
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** `factor` turns the API's unit into the chart's: 8 from octets a second to bits a second. */
export function trendOf(series: SeriesResponse, field: 'value' | 'rate', stepMs: number, factor = 1): Trend {
  const [from, to] = [Date.parse(series.from), Date.parse(series.to)];
  const points = series.points.map((p) => {
    const raw = p[field];
    return { at: Date.parse(p.at), value: raw === null ? undefined : Number(raw) * factor };
  });
  return { from, to, stepMs, points: withoutUnfinishedEdges(points, from, to, stepMs) };
}

/** A step that began before the range, or is not over yet, may have no reading without anything being missing. */
function withoutUnfinishedEdges(points: readonly TrendPoint[], from: number, to: number, stepMs: number): TrendPoint[] {
  return points.filter((p, i) => {
    if (p.value !== undefined) return true;
    const opens = i === 0 && p.at < from;
    const closes = i === points.length - 1 && p.at + stepMs > to;
    return !opens && !closes;
  });
}

export function isEmpty({ points }: Trend): boolean {
  return points.every((p) => p.value === undefined);
}

/** Runs of unknown steps, also at the edges. */
export function gapsOf({ points, stepMs }: Trend): Gap[] {
  const gaps: { from: number; to: number }[] = [];
  for (const { at, value } of points) {
    if (value !== undefined) continue;
    const last = gaps.at(-1);
    if (last && last.to === at) last.to = at + stepMs;
    else gaps.push({ from: at, to: at + stepMs });
  }
  return gaps;
}

export function peakOf({ points }: Trend): number {
  return Math.max(0, ...points.flatMap((p) => p.value ?? []));
}

/** Known stretches without a gap between them. */
export function segmentsOf({ points, stepMs }: Trend): { at: number; value: number }[][] {
  const segments: { at: number; value: number }[][] = [];
  for (const { at, value } of points) {
    if (value === undefined) continue;
    const last = segments.at(-1);
    const before = last?.at(-1);
    if (last && before && at - before.at <= stepMs * 1.5) last.push({ at, value });
    else segments.push([{ at, value }]);
  }
  return segments;
}

/** Path data of the line; a lonely point becomes a stroke of no length, which round caps show as a dot. */
export function linePath(trend: Trend, frame: Frame): string {
  const point = placed(frame, trend.stepMs);
  return segmentsOf(trend)
    .map((s) => (s.length === 1 ? `M${s.map(point).join()}h0` : `M${s.map(point).join('L')}`))
    .join('');
}

/** Path data of the area below the line. */
export function areaPath(trend: Trend, frame: Frame): string {
  const point = placed(frame, trend.stepMs);
  return segmentsOf(trend)
    .filter((s) => s.length > 1)
    .map((s) => {
      const [first, last] = [s[0], s.at(-1)].map((p) => xOf(frame, (p?.at ?? 0) + trend.stepMs / 2));
      return `M${first} ${frame.height}L${s.map(point).join('L')}L${last} ${frame.height}Z`;
    })
    .join('');
}

function placed(frame: Frame, stepMs: number): (p: { at: number; value: number }) => string {
  return ({ at, value }) => `${xOf(frame, at + stepMs / 2)} ${yOf(frame, value)}`;
}

export function xOf({ from, to, width }: Frame, at: number): number {
  const part = Math.min(1, Math.max(0, (at - from) / (to - from)));
  return Math.round(part * width * 10) / 10;
}

export function yOf({ top, height }: Frame, value: number): number {
  const part = top > 0 ? Math.min(1, Math.max(0, value / top)) : 0;
  return Math.round((1 - part) * height * 10) / 10;
}

/** `first 480 GB, now 120 GB, lowest 118 GB, highest 480 GB`. */
export function summary(trend: Trend, text: (value: number) => string): string {
  const known = trend.points.flatMap((p) => p.value ?? []);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return 'no reading';
  return `first ${text(first)}, newest ${text(last)}, lowest ${text(Math.min(...known))}, highest ${text(Math.max(...known))}`;
}

/** How much of the range is unknown, ms. */
export function unknownMs(trend: Trend): number {
  return gapsOf(trend).reduce((sum, gap) => sum + gap.to - gap.from, 0);
}
