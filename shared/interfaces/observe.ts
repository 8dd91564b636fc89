/** From raw readings of interfaces to the values that rules judge: rates, loads, and how often a counter lied. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { Observation, Observe, ObservedValue, Window } from '../rules/observation.ts';
import { implausibleRun, increases } from '../samples/increase.ts';
import type { Metric } from '../samples/metric.ts';
import type { Batch, HeadEntity, Increase, IncreaseReason, RawPoint, Reading } from '../samples/sample.ts';
import { judgedSpeedOf } from './interface.ts';
import { inOctets, isPortDown, operStatus, outOctets } from './metrics.ts';

/** What rules about interfaces may name. */
export const INTERFACE_OBSERVATIONS = [
  'inBitsPerSecond',
  'outBitsPerSecond',
  'implausibleReadings',
  /** 1 while the router says that the port is down, 0 while it says that it is up. */
  'portDown',
  'inUtilisationPercent',
  'outUtilisationPercent',
  'maxUtilisationPercent',
] as const;

type Judged = Pick<ObservedValue, 'value' | 'reason'>;

/** One direction at one slot. */
interface Step {
  readonly slot: Instant;
  readonly increase: Increase;
  readonly speedBitsPerSecond: number | undefined;
}

interface Slot {
  readonly slot: Instant;
  readonly batch: Batch;
  readonly reading: Reading | undefined;
}

const REASONS: Readonly<Record<IncreaseReason, string>> = {
  first: 'there is no earlier reading to compare with',
  reset: 'the counter began anew',
  jitter: 'the counter stepped back a little',
  narrow: 'a 32-bit counter may have wrapped unseen',
  implausible: 'the counter rose faster than the line allows',
  topup: 'the counter rose where it should fall',
  gap: 'the readings are too far apart for a rate',
  stale: 'the reading is older than the one before',
};

/**
 * Per interface: `inBitsPerSecond`, `outBitsPerSecond`, `implausibleReadings`, `portDown`, and where the line speed is known
 * `inUtilisationPercent`, `outUtilisationPercent`, `maxUtilisationPercent`. Only readings on the period's boundary count.
 */
export const observeInterfaces: Observe = observerOf(lineLoad);

/** The same of queues, each direction against the limit that it had then; one without a limit has no load. */
export const observeQueues: Observe = observerOf(() => limitLoad);

type LoadOf = (step: Step | undefined) => Judged;

/** `loadOf` undefined for what has no speed at all. */
function observerOf(loadOf: (entity: Entity) => LoadOf | undefined): Observe {
  return (window) => {
    const slots = window.batches.filter((batch) => batch.boundary).map(indexed);
    const newest = new Map(window.head?.entities.map((entity) => [entity.entity, entity]));
    return window.entities
      .filter((entity) => entity.removedAt === undefined)
      .flatMap((entity) => observeOne(entity, slots, newest.get(entity.id), window, loadOf(entity)));
  };
}

function lineLoad(entity: Entity): LoadOf | undefined {
  const speed = judgedSpeedOf(entity);
  if (speed === undefined) return undefined;
  return (step) =>
    percent(step, speed.configured ? speed.bitsPerSecond : (step?.speedBitsPerSecond ?? speed.bitsPerSecond));
}

function limitLoad(step: Step | undefined): Judged {
  if (step === undefined) return rate(step);
  const limit = step.speedBitsPerSecond ?? 0;
  return limit === 0
    ? { value: undefined, reason: 'the queue has no limit in this direction, or lets bursts pass it' }
    : percent(step, limit);
}

/** A batch whose readings are found by name: a router may have a thousand. */
function indexed(batch: Batch): { batch: Batch; readings: ReadonlyMap<string, Reading> } {
  return { batch, readings: new Map(batch.readings.map((reading) => [reading.entity, reading])) };
}

function observeOne(
  entity: Entity,
  batches: readonly ReturnType<typeof indexed>[],
  newest: HeadEntity | undefined,
  { head }: Window,
  load: LoadOf | undefined,
): Observation[] {
  const slots = batches.map(({ batch, readings }) => ({ slot: batch.slot, batch, reading: readings.get(entity.id) }));
  const periodSeconds = head?.periodSeconds ?? slots.at(-1)?.batch.periodSeconds ?? 0;
  const received = stepsOf(inOctets, slots, newest, periodSeconds);
  const sent = stepsOf(outOctets, slots, newest, periodSeconds);
  const observe = (metric: string, unit: string, judge: (at: number) => Judged): Observation => ({
    entity: entity.id,
    metric,
    unit,
    values: slots.map(({ slot }, at) => ({ slot, ...judge(at) })),
  });
  const observations = [
    observe('inBitsPerSecond', 'bit/s', (at) => rate(received[at])),
    observe('outBitsPerSecond', 'bit/s', (at) => rate(sent[at])),
    observe('implausibleReadings', 'readings', (at) => implausible(received, sent, at)),
    observe('portDown', '', (at) => portDown(slots[at])),
  ];
  if (load === undefined) return observations;
  return [
    ...observations,
    observe('inUtilisationPercent', '%', (at) => load(received[at])),
    observe('outUtilisationPercent', '%', (at) => load(sent[at])),
    observe('maxUtilisationPercent', '%', (at) => larger(load(received[at]), load(sent[at]))),
  ];
}

/** One entry per slot, in their order; undefined where the router gave no value. */
function stepsOf(
  metric: Metric,
  slots: readonly Slot[],
  newest: HeadEntity | undefined,
  periodSeconds: number,
): (Step | undefined)[] {
  const found = slots.map(({ reading, batch }) => pointOf(metric.id, reading, batch));
  const known = found.filter((point) => point !== undefined);
  const list = increases(metric, known, { periodSeconds })[Symbol.iterator]();
  return found.map((point) => {
    const computed = point === undefined ? undefined : list.next().value;
    if (point === undefined || computed === undefined) return undefined;
    // The oldest batch of the window has its baseline outside; for the newest slot the head still knows the increase.
    const stored = newest?.increases[metric.id];
    const increase = computed.reason === 'first' && stored?.slot === point.slot ? stored : computed;
    return { slot: point.slot, increase, speedBitsPerSecond: point.life?.speedBitsPerSecond };
  });
}

function pointOf(metric: string, reading: Reading | undefined, batch: Batch): RawPoint | undefined {
  const value = reading?.values[metric];
  if (reading === undefined || value === undefined) return undefined;
  const life = reading.lives?.[metric];
  const { slot, boundary } = batch;
  return { slot, receivedAt: reading.receivedAt, value, boundary, ...(life === undefined ? {} : { life }) };
}

function rate(step: Step | undefined): Judged {
  if (step === undefined) return { value: undefined, reason: 'the router did not give the counter' };
  const { amount, elapsedMs, rateable, reason } = step.increase;
  if (rateable && amount !== undefined) return { value: Number((amount * 8000n) / BigInt(elapsedMs)) };
  return { value: undefined, reason: reason === undefined ? 'the readings are too close for a rate' : REASONS[reason] };
}

function portDown(slot: Slot | undefined): Judged {
  const status = slot?.reading?.values[operStatus.id];
  const isDown = status === undefined ? undefined : isPortDown(status);
  if (isDown === undefined) return { value: undefined, reason: 'the router does not say whether the port is up' };
  return { value: isDown ? 1 : 0 };
}

/** In hundredths of a percent, as bit rates reach far beyond what a float adds exactly. */
function percent(step: Step | undefined, speedBitsPerSecond: number): Judged {
  const { value, reason } = rate(step);
  if (value === undefined) return reason === undefined ? { value } : { value, reason };
  return { value: Math.round((value / speedBitsPerSecond) * 10_000) / 100 };
}

/** Full duplex: the busier direction decides, and with one of them unknown nobody knows which that is. */
function larger(a: Judged, b: Judged): Judged {
  if (a.value === undefined) return a;
  if (b.value === undefined) return b;
  return a.value >= b.value ? a : b;
}

/** How many readings in a row, up to this one, were faster than the line allows, in the worse direction. */
function implausible(received: readonly (Step | undefined)[], sent: readonly (Step | undefined)[], at: number): Judged {
  const runs = [received, sent].flatMap((steps) => (steps[at] === undefined ? [] : [runUpTo(steps, at)]));
  return runs.length === 0
    ? { value: undefined, reason: 'the router did not give the counters' }
    : { value: Math.max(...runs) };
}

function runUpTo(steps: readonly (Step | undefined)[], at: number): number {
  return implausibleRun(steps.slice(0, at + 1).flatMap((step) => (step === undefined ? [] : [step.increase])));
}
