/** From raw readings of bundles to the values that rules judge. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { Observation, Observe, ObservedValue } from '../rules/observation.ts';
import type { Batch, Reading } from '../samples/sample.ts';
import { attributesOf, type BundleAttributes, percentOf } from './bundle.ts';

/** What rules about bundles may name. */
export const BUNDLE_OBSERVATIONS = ['remainingPercent', 'remainingOctets', 'expiresInSeconds'] as const;

type Judged = Pick<ObservedValue, 'value' | 'reason'>;

/**
 * Three observations per bundle: `remainingPercent`, `remainingOctets`, `expiresInSeconds`. A bundle that is not active
 * gives none, so nothing about it can be judged; an active one always gives all three, unknown where nothing is known.
 */
export const observeBundles: Observe = ({ batches, entities }) =>
  entities
    .filter((entity) => entity.removedAt === undefined && attributesOf(entity).isActive === true)
    .flatMap((entity) => observeBundle(entity, batches));

function observeBundle(entity: Entity, batches: readonly Batch[]): Observation[] {
  const attributes = attributesOf(entity);
  const readings = batches.map((batch) => ({
    slot: batch.slot,
    reading: batch.readings.find((reading) => reading.entity === entity.id),
  }));
  const observe = (metric: string, unit: string, judge: (reading: Reading) => Judged): Observation => ({
    entity: entity.id,
    metric,
    unit,
    values: readings.map(({ slot, reading }) => ({
      slot,
      ...(reading ? judge(reading) : unknown('the source did not mention it')),
    })),
  });
  return [
    observe('remainingPercent', '%', (reading) => remainingPercent(reading, attributes)),
    observe('remainingOctets', 'bytes', (reading) => remainingOctets(reading, attributes)),
    observe('expiresInSeconds', 's', expiresInSeconds),
  ];
}

function unknown(reason: string): Judged {
  return { value: undefined, reason };
}

function remainingOctets({ values }: Reading, { unlimited }: BundleAttributes): Judged {
  if (values.remaining !== undefined) return { value: Number(values.remaining) };
  return unknown(unlimited ? 'the plan has no limit' : 'what is left could not be read');
}

function remainingPercent(reading: Reading, attributes: BundleAttributes): Judged {
  const left = remainingOctets(reading, attributes);
  if (left.value === undefined) return left;
  const allocation = attributes.allocationOctets;
  const value = percentOf(reading.values.remaining, allocation === undefined ? undefined : BigInt(allocation));
  return value === undefined ? unknown('the size of the plan is not known') : { value };
}

/** As read at that slot: the next slot brings the next countdown. */
function expiresInSeconds({ values }: Reading): Judged {
  return values.expiresIn === undefined ? unknown('the expiry could not be read') : { value: Number(values.expiresIn) };
}
