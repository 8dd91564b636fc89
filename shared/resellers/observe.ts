/** From readings of resellers to the values that rules judge, with the words that go along. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { Observation, Observe, ObservedValue } from '../rules/observation.ts';
import type { Batch, Reading } from '../samples/sample.ts';
import { limitText } from './compare.ts';
import {
  differences,
  fromTargetRate,
  limitFailed,
  missingInterfaces,
  planUse,
  resellersTotal,
  resellersUnknown,
  suspended,
  toTargetRate,
} from './metrics.ts';

/** What rules about resellers may name. */
export const RESELLER_OBSERVATIONS = [
  /** 1 while a router does not have what was asked for, else 0; unknown while a change is under way. */
  'limitFailed',
  'differences',
  /** Of the fuller direction, in this slot. */
  'planPercent',
  /** What was used in this slot and in the one before it: the less of the two, so that a burst of one slot is none. */
  'lastingPlanPercent',
  'toTargetBitsPerSecond',
  'fromTargetBitsPerSecond',
  'missingInterfaces',
] as const;
export const RESELLERS_OBSERVATIONS = ['resellersTotal', 'resellersUnknown'] as const;

type Judged = Pick<ObservedValue, 'value' | 'reason' | 'detail'>;

interface Seen {
  readonly slot: Instant;
  readonly boundary: boolean;
  readonly reading: Reading;
}

export const observeResellers: Observe = ({ batches, entities }) => {
  const seen = seenIn(batches);
  return living(entities).flatMap((entity) => observeReseller(entity, seen.get(entity.id) ?? []));
};

/** All of a tenant's together. */
export const observeAllResellers: Observe = ({ batches, entities }) => {
  const seen = seenIn(batches);
  return living(entities).flatMap((entity) =>
    [resellersTotal.id, resellersUnknown.id].map((metric) =>
      observation(entity, metric, 'resellers', seen.get(entity.id) ?? [], ({ reading }) => known(reading, metric)),
    ),
  );
};

function living(entities: readonly Entity[]): Entity[] {
  return entities.filter((entity) => entity.removedAt === undefined);
}

/** By entity, oldest first: a batch may hold a thousand. */
function seenIn(batches: readonly Batch[]): ReadonlyMap<string, Seen[]> {
  const seen = new Map<string, Seen[]>();
  for (const { slot, boundary, readings } of batches) {
    for (const reading of readings) {
      const list = seen.get(reading.entity);
      if (list) list.push({ slot, boundary, reading });
      else seen.set(reading.entity, [{ slot, boundary, reading }]);
    }
  }
  return seen;
}

function observation(
  entity: Entity,
  metric: string,
  unit: string,
  seen: readonly Seen[],
  judge: (one: Seen) => Judged,
): Observation {
  return {
    ...{ entity: entity.id, metric, unit },
    values: seen.map((one) => ({ slot: one.slot, ...judge(one) })),
  };
}

function observeReseller(entity: Entity, seen: readonly Seen[]): Observation[] {
  const observe = (metric: string, unit: string, judge: (one: Seen) => Judged) =>
    observation(entity, metric, unit, seen, judge);
  const rate = (metric: string) =>
    observe(metric, 'bit/s', ({ reading }) => known(reading, metric, unknownLoad(entity, reading)));
  return [
    observe('limitFailed', '', ({ reading }) =>
      saying(known(reading, limitFailed.id, 'a change is under way'), entity.attributes.limitSays),
    ),
    observe('differences', '', ({ reading }) =>
      saying(known(reading, differences.id, 'nobody has compared its routers lately'), entity.attributes.driftSays),
    ),
    observe('planPercent', '%', (one) => planPercent(entity, one)),
    observe('lastingPlanPercent', '%', (one) => lasting(entity, one, seen)),
    rate(toTargetRate.id),
    rate(fromTargetRate.id),
    observe('missingInterfaces', 'interfaces', ({ reading }) =>
      saying(known(reading, missingInterfaces.id), entity.attributes.missing),
    ),
  ];
}

function known({ values }: Reading, metric: string, reason = 'it was not looked at'): Judged {
  const value = values[metric];
  return value === undefined ? { value, reason } : { value: Number(value) };
}

function saying(judged: Judged, words: unknown): Judged {
  return typeof words === 'string' ? { ...judged, detail: words } : judged;
}

function unknownLoad({ attributes }: Entity, { values }: Reading): string {
  if (attributes.interfaces === 0) return 'no interface of a router is mapped to it';
  return values[suspended.id] === 1n ? 'it is suspended' : 'the load of some of its interfaces is not known';
}

function planPercent(entity: Entity, { reading }: Seen): Judged {
  const { values } = reading;
  const used = values[planUse.id];
  if (used !== undefined) return { value: Number(used) / 100, detail: usedText(entity, reading) };
  if (values[suspended.id] === 1n) return { value: undefined, reason: 'it is suspended' };
  const isLoadKnown = values[toTargetRate.id] !== undefined && values[fromTargetRate.id] !== undefined;
  return { value: undefined, reason: isLoadKnown ? 'it has no plan' : unknownLoad(entity, reading) };
}

/** The less of two slots, with the words of the newer one. A run by hand is no slot before. */
function lasting(entity: Entity, one: Seen, seen: readonly Seen[]): Judged {
  const now = planPercent(entity, one);
  if (now.value === undefined) return now;
  const before = seen.findLast(({ slot, boundary }) => boundary && slot < one.slot);
  const then = before && planPercent(entity, before).value;
  if (then === undefined) return { value: undefined, reason: 'of the slot before it nothing is known' };
  return { ...now, value: Math.min(now.value, then) };
}

/** Whole kb/s are enough for people. */
const KILOBIT = 1000;

function usedText({ attributes }: Entity, { values }: Reading): string {
  const rounded = (metric: string) => Math.round(Number(values[metric]) / KILOBIT) * KILOBIT;
  const used = limitText({
    toTargetBitsPerSecond: rounded(toTargetRate.id),
    fromTargetBitsPerSecond: rounded(fromTargetRate.id),
  });
  const { planToTargetBitsPerSecond: to, planFromTargetBitsPerSecond: from } = attributes;
  if (typeof to !== 'number' || typeof from !== 'number') return used;
  return `${used}; the plan is ${limitText({ toTargetBitsPerSecond: to, fromTargetBitsPerSecond: from })}`;
}
