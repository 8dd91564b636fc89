/** What a reseller is: a customer who gets a plan on a router; and what follows from it for each router. Pure. */
import type { Limit } from '../interfaces/limits.ts';
import { INTERFACE_KIND, QUEUE_KIND } from '../interfaces/metrics.ts';
import type { Instant } from '../platform/clock.ts';
import { formatAddress, networkContains, parseNetwork } from '../platform/ip.ts';

/** Stands in keys, URLs and names of queues. */
export const RESELLER_ID_PATTERN = /^[a-z][a-z0-9]{0,39}$/;

export interface Plan {
  readonly name?: string;
  /** What the customer receives, whole bits per second. */
  readonly toTargetBitsPerSecond: number;
  /** What the customer sends. */
  readonly fromTargetBitsPerSecond: number;
}

/** Where a reseller hangs on a router. */
export interface Mapping {
  /** Id of the source. */
  readonly router: string;
  /** The router's name of the queue that holds the targets to the plan. */
  readonly queue: string;
  /**
   * Networks in canonical form, or one interface where the router holds interfaces; absent = the reseller's addresses, where
   * no interfaces are named either.
   */
  readonly targets?: readonly string[];
  /** Ports that face the customer, by the names that the router's interfaces have here. Usage is read from them, else from the queue. */
  readonly interfaces: readonly string[];
}

export interface Reseller {
  readonly tenant: string;
  readonly id: string;
  readonly name: string;
  /** E.164. */
  readonly phone?: string;
  readonly email?: string;
  /** Networks in canonical form. */
  readonly addresses: readonly string[];
  readonly routers: readonly Mapping[];
  readonly plan?: Plan;
  readonly status: 'active' | 'suspended';
  readonly note?: string;
  readonly createdAt: Instant;
  /** Rises with every change that a person makes. */
  readonly version: number;
}

/** What one router is to have. Of who is cut off nothing may pass, and the queue does not matter. */
export type WantedPlace = {
  readonly router: string;
  readonly queue: string;
  readonly targets: readonly string[];
} & ({ readonly cut: true } | { readonly cut: false; readonly limit: Limit });

export function defaultQueue(id: string): string {
  return `reseller_${id}`;
}

/** What the mapping holds to the plan; none for one that only names interfaces. */
export function targetsOf(reseller: Pick<Reseller, 'addresses'>, mapping: Mapping): readonly string[] {
  return mapping.targets ?? (mapping.interfaces.length === 0 ? reseller.addresses : []);
}

/** Nothing is wanted of a router where there is no plan and nobody is suspended, or where no targets are named. */
export function wantedPlaces(reseller: Pick<Reseller, 'addresses' | 'routers' | 'plan' | 'status'>): WantedPlace[] {
  const { plan, status } = reseller;
  return reseller.routers.flatMap((mapping): WantedPlace[] => {
    const place = { router: mapping.router, queue: mapping.queue, targets: targetsOf(reseller, mapping) };
    if (place.targets.length === 0) return [];
    if (status === 'suspended') return [{ ...place, cut: true }];
    return plan ? [{ ...place, cut: false, limit: limitOf(plan) }] : [];
  });
}

export function limitOf({ toTargetBitsPerSecond, fromTargetBitsPerSecond }: Plan): Limit {
  return { toTargetBitsPerSecond, fromTargetBitsPerSecond };
}

/** A port or a queue that counts what a reseller receives and sends. */
export interface Meter {
  readonly kind: typeof INTERFACE_KIND | typeof QUEUE_KIND;
  /** Id of the source, which is the target that it is read with. */
  readonly router: string;
  /** Id of the entity: `<router>/<name>`. */
  readonly id: string;
}

/** What usage is read from, each once: of every mapping the ports that it names, or else its queue. */
export function metersOf({ routers }: Pick<Reseller, 'routers'>): Meter[] {
  const meters = routers.flatMap(({ router, queue, interfaces }): Meter[] => {
    if (interfaces.length === 0) return [{ kind: QUEUE_KIND, router, id: `${router}/${queue}` }];
    return interfaces.map((name) => ({ kind: INTERFACE_KIND, router, id: `${router}/${name}` }));
  });
  return [...new Map(meters.map((meter) => [`${meter.kind} ${meter.id}`, meter])).values()];
}

/** `192.0.2.5/32`, or undefined for what is no network; bits behind the prefix are dropped. */
export function canonicalNetwork(text: string): string | undefined {
  const network = parseNetwork(text);
  return network && `${formatAddress(network)}/${network.prefix}`;
}

/** True when some address is in both. The name of an interface overlaps with itself only. */
export function overlap(a: string, b: string): boolean {
  const [first, second] = [parseNetwork(a), parseNetwork(b)];
  if (!first || !second) return !first && !second && a === b;
  return networkContains(first, second) || networkContains(second, first);
}

const BITS_PER_MEGABIT = 1_000_000;

/** Exact for the thousandths that the API takes. */
export function bitsOfMbps(mbps: number): number {
  return Math.round(mbps * BITS_PER_MEGABIT);
}

export function mbpsOfBits(bitsPerSecond: number): number {
  return bitsPerSecond / BITS_PER_MEGABIT;
}
