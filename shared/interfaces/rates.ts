/** What named interfaces brought for one slot, out of the newest batches of their router: for whatever is made of them. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { Observation, ObservedValue } from '../rules/observation.ts';
import type { Batch, Head } from '../samples/sample.ts';
import { observeInterfaces } from './observe.ts';

/** Bits per second; without a value, why. */
export interface Rate {
  readonly value: number | undefined;
  readonly reason?: string;
}

/** One interface at one slot. */
export interface InterfaceAt {
  /** `<router>/<ifName>`. */
  readonly interface: string;
  readonly in: Rate;
  readonly out: Rate;
  /** ifOperStatus as it was read; undefined = not known. */
  readonly operStatus: bigint | undefined;
  readonly receivedAt: Instant | undefined;
}

/** What a router brought lately, of the interfaces in question. */
export interface RouterRead {
  readonly router: string;
  /** On the boundary, oldest first. */
  readonly batches: readonly Batch[];
  readonly observations: ReadonlyMap<string, Observation>;
  readonly known: ReadonlySet<string>;
}

/** The slot in question, the one before it for the increase, and what came between and behind them by hand. */
export const RATE_BATCHES = 8;

/** The source that an interface's id begins with: its router. */
export function routerOf(interfaceId: string): string {
  return interfaceId.split('/', 1)[0] ?? interfaceId;
}

/** `newest`: the newest batches; some ten parts of a slot at most, older slots are not looked for. */
export function routerRead(
  router: string,
  head: Head | undefined,
  newest: readonly Batch[],
  entities: readonly Entity[],
): RouterRead {
  const living = entities.filter((one) => one.removedAt === undefined);
  // Only readings on the boundary are a slot's own.
  const batches = newest.filter((batch) => batch.boundary).sort((a, b) => a.slot - b.slot || a.part - b.part);
  const observations = observeInterfaces({ head, batches, entities: living });
  return {
    router,
    batches,
    observations: new Map(observations.map((one) => [observationId(one.metric, one.entity), one])),
    known: new Set(living.map((one) => one.id)),
  };
}

function observationId(metric: string, entity: string): string {
  return `${metric} ${entity}`;
}

/** `slot` undefined: the router was not read lately. */
export function interfaceAt(read: RouterRead | undefined, id: string, slot: Instant | undefined): InterfaceAt {
  const unread = (reason: string): InterfaceAt => {
    const rate = { value: undefined, reason };
    return { interface: id, in: rate, out: rate, operStatus: undefined, receivedAt: undefined };
  };
  if (!read?.known.has(id)) return unread('there is no such interface any more, or not yet');
  if (slot === undefined) return unread('its router has not been read lately');
  const of = (metric: string) => rateAt(read.observations.get(observationId(metric, id)), slot);
  const reading = read.batches
    .filter((batch) => batch.slot === slot)
    .flatMap((batch) => batch.readings.filter((one) => one.entity === id))
    .at(-1);
  return {
    interface: id,
    in: of('inBitsPerSecond'),
    out: of('outBitsPerSecond'),
    operStatus: reading?.values.ifOperStatus,
    receivedAt: reading?.receivedAt,
  };
}

/** What the interface's observations say of the slot. */
export function rateAt(observation: Observation | undefined, slot: Instant): Rate {
  // Of several parts of a run, the one that knows.
  const found = observation?.values.filter((one) => one.slot === slot);
  const best: ObservedValue | undefined = found?.find((one) => one.value !== undefined) ?? found?.at(-1);
  if (best === undefined) return { value: undefined, reason: 'it was not read at this slot' };
  return best.value === undefined
    ? { value: undefined, reason: best.reason ?? 'it is not known' }
    : { value: best.value };
}

/** Whole bits per second; undefined when one of them is not known. */
export function sumOfRates(rates: readonly Rate[]): bigint | undefined {
  let sum = 0n;
  for (const { value } of rates) {
    if (value === undefined) return undefined;
    sum += BigInt(value);
  }
  return sum;
}

/** Why a direction of it is not known; undefined when both are. */
export function unknownReason({ in: received, out: sent }: Pick<InterfaceAt, 'in' | 'out'>): string | undefined {
  const unknown = [received, sent].filter(({ value }) => value === undefined);
  return unknown.length === 0 ? undefined : [...new Set(unknown.map(({ reason }) => reason ?? ''))].join('; ');
}
