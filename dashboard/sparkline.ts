/** A small chart as SVG: lines that break where nothing is known, a line at a threshold, and the same as a sentence. */
import { element, graphic, setText } from './dom.ts';
import { duration } from './format.ts';
import {
  areaPath,
  type Frame,
  gapsOf,
  isEmpty,
  linePath,
  peakOf,
  summary,
  type Trend,
  unknownMs,
  xOf,
  yOf,
} from './trend.ts';

export interface SparklineLine {
  readonly name: string;
  readonly trend: Trend;
}

export interface SparklineInput {
  /** `Data left, 7 days`. */
  readonly title: string;
  readonly span: string;
  readonly lines: readonly SparklineLine[];
  /** Upper edge at least this high; the highest value otherwise. */
  readonly top?: number;
  readonly threshold?: { readonly value: number; readonly name: string };
  /** The chart's unit in words. */
  text(value: number): string;
}

const WIDTH = 300;
const HEIGHT = 48;
/** Room for the stroke at both edges. */
const MARGIN = 2;

export interface Sparkline {
  readonly node: HTMLElement;
  /** False when there is nothing to draw yet. */
  draw(input: SparklineInput): boolean;
  /** A sentence instead of, or below, the chart. */
  say(text: string): void;
}

export function createSparkline(): Sparkline {
  const caption = element('p', 'caption');
  const chart = element('div', 'chart');
  const node = element('div', 'trend', chart, caption);
  return {
    node,
    draw(input) {
      const first = input.lines[0]?.trend;
      const empty = !first || input.lines.every((l) => isEmpty(l.trend));
      chart.replaceChildren(...(empty ? [] : [svgOf(input, first)]));
      setText(caption, empty ? `No trend yet: nothing is known of the last ${input.span}.` : captionOf(input, first));
      return !empty;
    },
    say(text) {
      setText(caption, text);
    },
  };
}

function topOf({ lines, top = 0 }: SparklineInput): number {
  return Math.max(top, ...lines.map((l) => peakOf(l.trend))) || 1;
}

function captionOf(input: SparklineInput, first: Trend): string {
  const missing = unknownMs(first);
  const names =
    input.lines.length > 1
      ? `, ${input.lines.map((l, i) => `${l.name} ${i === 0 ? 'filled' : 'dashed'}`).join(', ')}`
      : '';
  const threshold = thresholdY(input) === undefined ? '' : `, dotted: ${input.threshold?.name}`;
  const gap = missing > 0 ? `, grey: no data for ${duration(missing / 1000)}` : '';
  return `${input.span}, 0 to ${input.text(topOf(input))}${names}${threshold}${gap}`;
}

/** Undefined where the threshold lies above the chart. */
function thresholdY(input: SparklineInput): number | undefined {
  const top = topOf(input);
  return input.threshold && input.threshold.value <= top
    ? yOf({ from: 0, to: 1, top, width: WIDTH, height: HEIGHT }, input.threshold.value)
    : undefined;
}

function svgOf(input: SparklineInput, first: Trend): SVGSVGElement {
  const frame: Frame = { from: first.from, to: first.to, top: topOf(input), width: WIDTH, height: HEIGHT };
  const gaps = gapsOf(first).map((gap) => {
    const [x, end] = [xOf(frame, gap.from), xOf(frame, gap.to)];
    return graphic('rect', { class: 'gap', x, y: 0, width: Math.max(1, end - x), height: HEIGHT });
  });
  const y = thresholdY(input);
  const limit = y === undefined ? [] : [graphic('path', { class: 'limit', d: `M0 ${y}H${WIDTH}` })];
  const lines = input.lines.map((l, i) =>
    graphic('path', { class: `line line-${i + 1}`, d: linePath(l.trend, frame) }),
  );
  const area = graphic('path', { class: 'area', d: areaPath(first, frame) });
  return graphic(
    'svg',
    {
      viewBox: `0 ${-MARGIN} ${WIDTH} ${HEIGHT + 2 * MARGIN}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': labelOf(input),
      focusable: 'false',
    },
    graphic('title', {}, labelOf(input)),
    ...gaps,
    area,
    ...limit,
    ...lines,
  );
}

function labelOf(input: SparklineInput): string {
  const lines = input.lines.map((l) => `${l.name}: ${summary(l.trend, (v) => input.text(v))}`);
  const missing = input.lines[0] ? gapsOf(input.lines[0].trend).length : 0;
  const gaps = missing > 0 ? ` ${missing === 1 ? 'One gap' : `${missing} gaps`} without data.` : '';
  return `${input.title}. ${lines.join('. ')}.${gaps}`;
}
