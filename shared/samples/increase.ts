/** What a series gained between two readings, or why that is unknown: the one engine for every kind of metric. Pure. */
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';
import type { Metric } from './metric.ts';
import type { CounterLife, Increase, IncreaseReason, RawPoint } from './sample.ts';

/** Tolerance of the boot instant: receipt jitters by seconds, and cheap clocks drift by parts of a percent. */
const BOOT_TOLERANCE_MS = 30_000;
/** sysUpTime counts hundredths of a second in 32 bits: it begins again after 497 days. */
const UPTIME_WRAP_MS = 2 ** 32 * 10;
const TWO_TO_32 = 2n ** 32n;
/** Receipts may trade places by this much (a chunk rounds them to 100 ms) before a clock is suspected. */
const CLOCK_STEP_MS = 1000;

/** The increase that a reading brings, and the point that the next one starts from. */
export interface NextIncrease {
  readonly increase: Increase;
  /** Feed it to the next call. It is the current reading, but for `jitter` (old value, new instant) and refused readings. */
  readonly baseline: RawPoint;
}

export interface IncreaseOptions {
  readonly periodSeconds: number;
  /** Baseline before the first point; absent when the series begins with it. */
  readonly previous?: RawPoint;
}

/** True for the kinds whose readings have increases: counter, balance, highWater. */
export function hasIncreases(metric: Metric): boolean {
  return metric.kind === 'counter' || metric.kind === 'balance' || metric.kind === 'highWater';
}

/** One increase per point, oldest first. Only for metrics with increases; anything else is a bug of the caller. */
export function increases(metric: Metric, points: readonly RawPoint[], options: IncreaseOptions): Increase[] {
  let baseline = options.previous;
  return points.map((point) => {
    const next = nextIncrease(metric, baseline, point, options.periodSeconds);
    baseline = next.baseline;
    return next.increase;
  });
}

/** The baseline after the last point: what `previous` must be for the points that follow. */
export function baselineAfter(
  metric: Metric,
  points: readonly RawPoint[],
  options: IncreaseOptions,
): RawPoint | undefined {
  let baseline = options.previous;
  for (const point of points) baseline = nextIncrease(metric, baseline, point, options.periodSeconds).baseline;
  return baseline;
}

/** The step from one reading to the next; `previous` is the baseline that the call before returned. */
export function nextIncrease(
  metric: Metric,
  previous: RawPoint | undefined,
  current: RawPoint,
  periodSeconds: number,
): NextIncrease {
  assert(hasIncreases(metric), `${metric.id} is a ${metric.kind}: it has no increases`);
  if (previous === undefined) return first(metric, current);
  const receiptMs = current.receivedAt - previous.receivedAt;
  if (receiptMs <= 0) return stale(metric, previous, current, periodSeconds);
  const elapsedMs = metric.kind === 'counter' ? elapsed(previous, current, receiptMs) : receiptMs;
  const step = stepOf(metric, previous, current, elapsedMs);
  const gap = step.amount !== undefined && step.reason === undefined && elapsedMs > 1500 * periodSeconds;
  const reason = gap ? 'gap' : step.reason;
  return {
    increase: {
      slot: current.slot,
      from: previous.receivedAt,
      to: current.receivedAt,
      elapsedMs,
      amount: step.amount,
      ...(reason === undefined ? {} : { reason }),
      rateable:
        step.amount !== undefined &&
        previous.boundary &&
        current.boundary &&
        elapsedMs >= 500 * periodSeconds &&
        elapsedMs <= 1500 * periodSeconds,
    },
    // A step back keeps the higher value at the new instant: nothing is counted twice, and an idle line that
    // stays a little lower goes on giving a 0 per period instead of one interval that grows for ever.
    baseline: step.reason === 'jitter' ? { ...current, value: previous.value } : current,
  };
}

/** How many of the newest increases in a row are implausible (refused readings aside); three are a finding. */
export function implausibleRun(list: readonly Increase[]): number {
  let run = 0;
  for (let i = list.length - 1; i >= 0; i--) {
    const reason = list[i]?.reason;
    if (reason === 'implausible') run++;
    else if (reason !== 'stale') break;
  }
  return run;
}

/** Units per second, rounded down; undefined unless the increase may serve as a rate. */
export function ratePerSecond(increase: Increase): bigint | undefined {
  if (!increase.rateable || increase.amount === undefined) return undefined;
  return (increase.amount * 1000n) / BigInt(increase.elapsedMs);
}

/** True while a difference of the two readings is an increase of one and the same counter. */
export function sameLife(previous: RawPoint, current: RawPoint): boolean {
  const [a, b] = [previous.life, current.life];
  if (a === undefined || b === undefined) return a === b;
  if (a.column !== b.column || a.bits !== b.bits) return false;
  if (a.ifIndex !== b.ifIndex || a.discontinuity !== b.discontinuity) return false;
  const receiptMs = current.receivedAt - previous.receivedAt;
  const wraps = wrapsBetween(a, b);
  const drift = b.bootAt - a.bootAt - wraps * UPTIME_WRAP_MS;
  if (Math.abs(drift) > BOOT_TOLERANCE_MS + Math.abs(receiptMs) / 100) return false;
  const uptimeMs = uptimeBetween(a, b);
  // Within the tolerance of the boot instant, an uptime that fell still gives a quick restart away.
  return receiptMs <= 0 || uptimeMs === undefined || uptimeMs >= 0;
}

interface Step {
  readonly amount: bigint | undefined;
  readonly reason?: IncreaseReason;
}

function stepOf(metric: Metric, previous: RawPoint, current: RawPoint, elapsedMs: number): Step {
  const delta = current.value - previous.value;
  if (metric.kind === 'balance') return delta > 0n ? { amount: undefined, reason: 'topup' } : { amount: -delta };
  if (metric.kind === 'highWater') return delta < 0n ? { amount: 0n, reason: 'jitter' } : { amount: delta };
  if (!sameLife(previous, current)) return { amount: undefined, reason: 'reset' };
  const speed = Math.max(previous.life?.speedBitsPerSecond ?? 0, current.life?.speedBitsPerSecond ?? 0);
  return (current.life?.bits ?? metric.bits ?? 64) === 32
    ? narrowStep(delta, speed, elapsedMs)
    : wideStep(delta, speed, elapsedMs);
}

function wideStep(delta: bigint, speed: number, elapsedMs: number): Step {
  if (delta < 0n)
    return isJitter(delta, speed) ? { amount: 0n, reason: 'jitter' } : { amount: undefined, reason: 'reset' };
  if (speed > 0 && delta > mostUnits(speed, elapsedMs)) return { amount: undefined, reason: 'implausible' };
  return { amount: delta };
}

function narrowStep(delta: bigint, speed: number, elapsedMs: number): Step {
  const most = mostUnits(speed, elapsedMs);
  // Without a speed nothing proves that the column cannot have gone round unseen.
  if (speed <= 0 || most >= TWO_TO_32) return { amount: undefined, reason: 'narrow' };
  // Going round to just below where it was would take more than the whole line: it was a step back.
  if (isJitter(delta, speed)) return { amount: 0n, reason: 'jitter' };
  const amount = delta < 0n ? delta + TWO_TO_32 : delta;
  return amount <= most ? { amount } : { amount: undefined, reason: 'implausible' };
}

/** A step back of less than one second at line rate: agents that gather counters from several cards do that. */
function isJitter(delta: bigint, speed: number): boolean {
  return delta < 0n && -delta * 8n < BigInt(Math.round(speed));
}

/** What the line can carry in the time, plus a tenth. Anything counted takes an octet or more, so it bounds packets too. */
function mostUnits(speedBitsPerSecond: number, elapsedMs: number): bigint {
  return (BigInt(Math.round(speedBitsPerSecond)) * BigInt(elapsedMs) * 11n) / 80_000n;
}

function first(metric: Metric, current: RawPoint): NextIncrease {
  // A session's counter begins at 0 with the session: its first reading is all an increase.
  const amount = metric.kind === 'highWater' ? current.value : undefined;
  const increase: Increase = { ...instants(current, current.receivedAt), amount, reason: 'first', rateable: false };
  return { increase, baseline: current };
}

function stale(metric: Metric, previous: RawPoint, current: RawPoint, periodSeconds: number): NextIncrease {
  const increase: Increase = {
    ...instants(current, previous.receivedAt),
    amount: undefined,
    reason: 'stale',
    rateable: false,
  };
  return { increase, baseline: clockSteppedBack(metric, previous, current, periodSeconds) ? current : previous };
}

/**
 * A refused reading is normally late or a duplicate. When its slot is newer, though, the baseline may carry a receipt
 * from a clock that ran ahead, and keeping it would refuse every reading until then.
 */
function clockSteppedBack(metric: Metric, previous: RawPoint, current: RawPoint, periodSeconds: number): boolean {
  const behindMs = previous.receivedAt - current.receivedAt;
  if (current.slot <= previous.slot) return false;
  if (metric.kind === 'counter' && !sameLife(previous, current)) return true;
  if (behindMs > 1500 * periodSeconds) return true;
  const delta = metric.kind === 'balance' ? previous.value - current.value : current.value - previous.value;
  return behindMs > CLOCK_STEP_MS && delta >= 0n;
}

function instants(current: RawPoint, from: Instant): Pick<Increase, 'slot' | 'from' | 'to' | 'elapsedMs'> {
  return { slot: current.slot, from, to: current.receivedAt, elapsedMs: 0 };
}

/** The device's own clock where it agrees with ours within a tenth: it does not include the network's delay. */
function elapsed(previous: RawPoint, current: RawPoint, receiptMs: number): number {
  const uptimeMs = uptimeBetween(previous.life, current.life);
  if (uptimeMs === undefined || uptimeMs <= 0) return receiptMs;
  return Math.abs(uptimeMs - receiptMs) * 10 <= receiptMs ? uptimeMs : receiptMs;
}

function uptimeBetween(a: CounterLife | undefined, b: CounterLife | undefined): number | undefined {
  if (a?.uptimeMs === undefined || b?.uptimeMs === undefined) return undefined;
  return b.uptimeMs - a.uptimeMs + wrapsBetween(a, b) * UPTIME_WRAP_MS;
}

/** How often the uptime began again: the boot instant then seems to move ahead by whole multiples of 497 days. */
function wrapsBetween(a: CounterLife, b: CounterLife): number {
  return Math.max(0, Math.round((b.bootAt - a.bootAt) / UPTIME_WRAP_MS));
}
