/** From readings of links to the values that rules judge. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { Observation, Observe, ObservedValue } from '../rules/observation.ts';
import type { Reading } from '../samples/sample.ts';
import { inRate, maxRate, members, membersDown, membersKnown, membersUp, outRate } from './metrics.ts';

/** What rules about links may name. */
export const LINK_OBSERVATIONS = [
  'maxBitsPerSecond',
  'inBitsPerSecond',
  'outBitsPerSecond',
  'utilisationPercent',
  'unknownMembers',
  'downPercent',
] as const;

type Judged = Pick<ObservedValue, 'value' | 'reason'>;

export const observeLinks: Observe = ({ batches, entities }) =>
  entities
    .filter((entity) => entity.removedAt === undefined)
    .flatMap((entity) => {
      const seen = batches.flatMap(({ slot, readings }) => {
        const reading = readings.find((one) => one.entity === entity.id);
        return reading ? [{ slot, reading }] : [];
      });
      const observe = (metric: string, unit: string, judge: (reading: Reading) => Judged): Observation => ({
        entity: entity.id,
        metric,
        unit,
        values: seen.map(({ slot, reading }) => ({ slot, ...judge(reading) })),
      });
      return [
        observe(maxRate.id, 'bit/s', (reading) => rate(reading, maxRate.id)),
        observe(inRate.id, 'bit/s', (reading) => rate(reading, inRate.id)),
        observe(outRate.id, 'bit/s', (reading) => rate(reading, outRate.id)),
        observe('utilisationPercent', '%', (reading) => utilisation(entity, reading)),
        observe('unknownMembers', 'interfaces', unknownMembers),
        observe('downPercent', '%', downPercent),
      ];
    });

function rate({ values }: Reading, metric: string): Judged {
  const value = values[metric];
  if (value !== undefined) return { value: Number(value) };
  return { value: undefined, reason: 'the load of some of its interfaces is not known' };
}

function utilisation({ attributes }: Entity, reading: Reading): Judged {
  const { value, reason } = rate(reading, maxRate.id);
  const { capacityBitsPerSecond: capacity } = attributes;
  if (value === undefined) return reason === undefined ? { value } : { value, reason };
  if (typeof capacity !== 'number' || capacity <= 0) return { value: undefined, reason: 'its capacity is not known' };
  return { value: Math.round((value / capacity) * 10_000) / 100 };
}

function unknownMembers({ values }: Reading): Judged {
  const [all, known] = [values[members.id], values[membersKnown.id]];
  return { value: all === undefined || known === undefined ? undefined : Number(all - known) };
}

/** Of those that are down for sure. With none of them, one that nobody knows the state of might be: then it is unknown. */
function downPercent({ values }: Reading): Judged {
  const [all, up, down] = [values[members.id], values[membersUp.id], values[membersDown.id]];
  const isKnown = all !== undefined && up !== undefined && down !== undefined && all > 0n;
  if (!isKnown || (down === 0n && up < all)) {
    return { value: undefined, reason: 'the state of some of its interfaces is not known' };
  }
  return { value: Math.round((Number(down) / Number(all)) * 1000) / 10 };
}
