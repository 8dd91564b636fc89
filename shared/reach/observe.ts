/** From readings of a device's reach to the values that rules judge. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { Observation, Observe, ObservedValue } from '../rules/observation.ts';
import type { Batch, Reading } from '../samples/sample.ts';
import { loss, reachOfValues, rtt } from './metrics.ts';
import { changePercent, FLAPPING_PERCENT, type Reach, STEADY_PERCENT, UNSEEN } from './reach.ts';

/** What rules about reach may name. */
export const REACH_OBSERVATIONS = [
  /** 1 while it is confirmed that it does not answer, else 0; unknown while it flaps, or could not be looked at. */
  'down',
  /** Of every look. */
  'lossPercent',
  /** Only while it is steadily there: what is lost of a device that is down is no lossy line. */
  'aliveLossPercent',
  'rttMilliseconds',
  /** Below 5 while it is steady, at least 20 while it flaps, and nothing in between: see `flapping`. */
  'flappingPercent',
  /** 1 when the newest look could not be taken, else 0. */
  'notLookedAt',
] as const;

type Judged = Pick<ObservedValue, 'value' | 'reason'>;

interface Seen {
  readonly slot: Instant;
  readonly reading: Reading;
  readonly reach: Reach;
}

/** All observations of every device that is still configured. */
export const observeReach: Observe = ({ batches, entities }) =>
  entities
    .filter((entity) => entity.removedAt === undefined)
    .flatMap((entity) => observeDevice(entity, seenIn(batches, entity.id)));

function seenIn(batches: readonly Batch[], entity: string): Seen[] {
  return batches.flatMap(({ slot, readings }) => {
    const reading = readings.find((one) => one.entity === entity);
    return reading ? [{ slot, reading, reach: reachOfValues(reading.values) ?? UNSEEN }] : [];
  });
}

function observeDevice(entity: Entity, seen: readonly Seen[]): Observation[] {
  const newest = seen.at(-1)?.reach ?? UNSEEN;
  const observe = (metric: string, unit: string, judge: (one: Seen) => Judged): Observation => ({
    entity: entity.id,
    metric,
    unit,
    values: seen.map((one) => ({ slot: one.slot, ...judge(one) })),
  });
  return [
    observe('down', '', (one) => down(one, newest)),
    observe('lossPercent', '%', lossOf),
    observe('aliveLossPercent', '%', aliveLoss),
    observe('rttMilliseconds', 'ms', rttOf),
    // The unit is part of the recovery's sentence, and so brings the last word after the flapping.
    observe('flappingPercent', `% change, and it is ${spoken(newest)}`, flapping),
    observe('notLookedAt', '', ({ reach }) => ({ value: reach.unknown ? 1 : 0 })),
  ];
}

function spoken({ hard }: Reach): string {
  return hard === undefined ? 'not known what it is' : `now ${hard}`;
}

const NOT_TAKEN: Judged = { value: undefined, reason: 'it could not be looked at' };
const FLAPS: Judged = { value: undefined, reason: 'it comes and goes' };

/**
 * Since the first look of the state, although that alone did not confirm it: so an outage is told with the instant at which it
 * began, and what came and went before it stays is told as what it became.
 */
function down({ slot, reach }: Seen, newest: Reach): Judged {
  if (reach.unknown) return NOT_TAKEN;
  const isSettled = !newest.unknown && !newest.flapping && newest.since !== undefined;
  const judged = isSettled && slot >= (newest.since ?? slot) ? newest : reach;
  if (judged.flapping) return FLAPS;
  if (judged.hard === undefined) return { value: undefined, reason: 'its state is not confirmed yet' };
  return { value: judged.hard === 'down' ? 1 : 0 };
}

function lossOf({ reading }: Seen): Judged {
  const points = reading.values[loss.id];
  return points === undefined ? NOT_TAKEN : { value: Number(points) / 100 };
}

function aliveLoss(seen: Seen): Judged {
  const { hard, last, flapping } = seen.reach;
  if (flapping) return FLAPS;
  return hard === 'down' || last === 'bad' ? { value: undefined, reason: 'it does not answer' } : lossOf(seen);
}

function rttOf({ reading }: Seen): Judged {
  const microseconds = reading.values[rtt.id];
  if (microseconds !== undefined) return { value: Number(microseconds) / 1000 };
  return { value: undefined, reason: 'nothing came back that could be timed' };
}

/** A rule that was not asked for a while must not end elsewhere than what it is about. */
const MOST_STEADY = STEADY_PERCENT - 0.1;

function flapping({ reach }: Seen): Judged {
  if (reach.unknown) return NOT_TAKEN;
  const change = Math.round(changePercent(reach.trail) * 10) / 10;
  return { value: reach.flapping ? Math.max(change, FLAPPING_PERCENT) : Math.min(change, MOST_STEADY) };
}
