/** From readings of SIMs to the values that rules judge. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { Observation, Observe, ObservedValue } from '../rules/observation.ts';
import type { Batch, Reading } from '../samples/sample.ts';
import { type Changed, type SimAttributes, simAttributesOf } from './attributes.ts';

/** What rules about SIMs may name. */
export const SIM_OBSERVATIONS = [
  'dataRemainingPercent',
  'dataExhausted',
  'dataExpiresInSeconds',
  'dataExpired',
  'aboveOwnThresholdPercent',
  'smsRemainingPercent',
  'smsExhausted',
  'silentSeconds',
  'usageTimesMedian',
  'sinceImeiChangeSeconds',
  'sinceCountryChangeSeconds',
  'sinceOperatorChangeSeconds',
] as const;

export const FLEET_OBSERVATIONS = ['simsExhausted', 'simsLow'] as const;

/** A change is news for this long; afterwards it is how things are. */
const NEWS_SECONDS = 7 * 86_400;
const MICRO = 1_000_000n;

type Judged = Pick<ObservedValue, 'value' | 'reason'>;

interface Seen {
  readonly slot: Instant;
  readonly reading: Reading;
}

/** All observations of every living SIM that is not switched off; a SIM that no newest batch mentions gives them without values. */
export const observeSims: Observe = ({ batches, entities }) =>
  entities
    .filter((entity) => entity.removedAt === undefined && simAttributesOf(entity).enabled !== false)
    .flatMap((entity) => observeSim(entity, seenIn(batches, entity.id)));

function observeSim(entity: Entity, seen: readonly Seen[]): Observation[] {
  const attributes = simAttributesOf(entity);
  const observe = (metric: string, unit: string, judge: (one: Seen) => Judged): Observation => ({
    entity: entity.id,
    metric,
    unit,
    values: seen.map((one) => ({ slot: one.slot, ...judge(one) })),
  });
  const own = Number(entity.labels.thresholdPercent ?? Number.NaN);
  const all = [
    observe('dataRemainingPercent', '%', ({ reading }) => percent(reading, 'dataRemaining', 'dataTotal')),
    observe('dataExhausted', '', ({ reading }) => exhausted(reading, 'dataRemaining')),
    observe('dataExpiresInSeconds', 's', ({ slot, reading }) => until(reading.values.dataExpires, slot)),
    observe('dataExpired', '', ({ slot, reading }) => expired(until(reading.values.dataExpires, slot))),
    observe('aboveOwnThresholdPercent', '%', ({ reading }) => aboveOwn(reading, own)),
    observe('smsRemainingPercent', '%', ({ reading }) => percent(reading, 'smsRemaining', 'smsTotal')),
    observe('smsExhausted', '', ({ reading }) => exhausted(reading, 'smsRemaining')),
    observe('silentSeconds', 's', ({ slot, reading }) => silence(reading, slot, entity.firstSeenAt)),
    observe('usageTimesMedian', '', ({ reading }) => timesMedian(reading)),
    ...changes(attributes, observe),
  ];
  // Nobody waits to hear of an expired SIM, or for it to expire: alerts about that end, and are not only unknown.
  return isExpired(seen.at(-1)) ? all.filter(({ metric }) => !OF_THE_LIVING.includes(metric)) : all;
}

const OF_THE_LIVING = ['silentSeconds', 'dataExpiresInSeconds'];

function isExpired(newest: Seen | undefined): boolean {
  return newest !== undefined && expired(until(newest.reading.values.dataExpires, newest.slot)).value === 1;
}

function changes(
  { imeiChanged, countryChanged, operatorChanged }: SimAttributes,
  observe: (metric: string, unit: string, judge: (one: Seen) => Judged) => Observation,
): Observation[] {
  const news = (metric: string, changed: Changed | undefined) =>
    observe(metric, 's', ({ slot }) => {
      // A SIM that never changed counts as one whose change is long past: its alert, if there is one, may end.
      if (changed === undefined) return { value: NEWS_SECONDS };
      return { value: Math.min(NEWS_SECONDS, Math.max(0, Math.round((slot - changed.at) / 1000))) };
    });
  return [
    news('sinceImeiChangeSeconds', imeiChanged),
    news('sinceCountryChangeSeconds', countryChanged),
    news('sinceOperatorChangeSeconds', operatorChanged),
  ];
}

/** Of the fleet as a whole: how many SIMs are used up, how many nearly. */
export const observeFleet: Observe = ({ batches, entities }) =>
  entities
    .filter((entity) => entity.removedAt === undefined)
    .flatMap((entity) =>
      FLEET_OBSERVATIONS.map((metric) => ({
        entity: entity.id,
        metric,
        unit: 'SIMs',
        values: seenIn(batches, entity.id).map(({ slot, reading }) => ({ slot, ...known(reading.values[metric]) })),
      })),
    );

function seenIn(batches: readonly Batch[], entity: string): Seen[] {
  return batches.flatMap(({ slot, readings }) => {
    const reading = readings.find((one) => one.entity === entity);
    // A round through a large fleet lasts longer than its slot: a value is as old as its answer.
    return reading ? [{ slot: Math.max(slot, reading.receivedAt), reading }] : [];
  });
}

function unknown(reason: string): Judged {
  return { value: undefined, reason };
}

function known(value: bigint | undefined): Judged {
  return value === undefined ? unknown('it was not read') : { value: Number(value) };
}

/** Rounded down at the fourth decimal, so that it never stands on the better side of a threshold; overdrawn is 0. */
function percent(reading: Reading, left: string, whole: string): Judged {
  const [remaining, total] = [reading.values[left], reading.values[whole]];
  if (remaining === undefined) return unknown('what is left was not read');
  if (total === undefined || total <= 0n) return unknown('the size of the quota is not known');
  return { value: remaining <= 0n ? 0 : Number((remaining * MICRO) / total) / 10_000 };
}

/** 1 when nothing is left, else 0. */
function exhausted(reading: Reading, left: string): Judged {
  const remaining = reading.values[left];
  return remaining === undefined ? unknown('what is left was not read') : { value: remaining <= 0n ? 1 : 0 };
}

function aboveOwn(reading: Reading, threshold: number): Judged {
  if (Number.isNaN(threshold)) return unknown('the SIM has no threshold of its own');
  const left = percent(reading, 'dataRemaining', 'dataTotal');
  return left.value === undefined ? left : { value: left.value - threshold };
}

function until(endsAtSeconds: bigint | undefined, slot: Instant): Judged {
  if (endsAtSeconds === undefined) return unknown('when it ends was not read');
  return { value: Number(endsAtSeconds) - Math.round(slot / 1000) };
}

/** 1 when it has ended, else 0. */
function expired(left: Judged): Judged {
  return left.value === undefined ? left : { value: left.value <= 0 ? 1 : 0 };
}

function silence({ values: { lastSeen: seenAtSeconds } }: Reading, slot: Instant, firstSeenAt: Instant): Judged {
  if (seenAtSeconds === undefined) return unknown('it was never seen');
  // Stock in a drawer did not fall silent: three thousand of them would wake somebody on the first day.
  if (Number(seenAtSeconds) * 1000 < firstSeenAt) return unknown('it has not been heard of since it is known here');
  return { value: Math.max(0, Math.round(slot / 1000) - Number(seenAtSeconds)) };
}

function timesMedian({ values }: Reading): Judged {
  const { usageToday, usageMedian } = values;
  if (usageToday === undefined) return unknown("today's use was not read");
  if (usageMedian === undefined) return unknown('there are not enough days to compare with');
  // A SIM that uses next to nothing would be a thousand times its usual at its first picture.
  if (usageMedian < LEAST_MEDIAN) return unknown('its usual day is too small to compare with');
  const times = Number((usageToday * 100n) / usageMedian) / 100;
  // Many times next to nothing is still nothing that anybody should be woken for.
  return { value: usageToday < LEAST_SPIKE ? Math.min(times, 1) : times };
}

/** 10 kB. */
const LEAST_MEDIAN = 10_000n;
/** 1 MB. */
const LEAST_SPIKE = 1_000_000n;
