/** What a router limits: queues, each holding one customer to a rate in either direction. Pure. */
import { formatAddress, networkContains, parseNetwork } from '../platform/ip.ts';

const BITS = { 4: 32, 6: 128 } as const;

/** Bits per second, as the router counts them; undefined = without a limit. `fromTarget` is what the customer sends. */
export interface Limit {
  readonly fromTargetBitsPerSecond: number | undefined;
  readonly toTargetBitsPerSecond: number | undefined;
}

/** A queue as the router has it now. */
export interface Queue {
  /** The router's own name of it: unique on the router, and how it is addressed. */
  readonly name: string;
  /** Addresses, prefixes or interfaces that it holds. */
  readonly targets: readonly string[];
  readonly limit: Limit;
  /** Made by a session (PPPoE, hotspot): it goes with the session, and only RADIUS can change it. */
  readonly dynamic: boolean;
  /** Switched off: its targets are without this limit, not cut off. */
  readonly disabled: boolean;
  /** Since the router began to count; undefined where it does not say. */
  readonly octetsFromTarget?: bigint;
  readonly octetsToTarget?: bigint;
  readonly comment?: string;
}

export function sameLimit(a: Limit, b: Limit): boolean {
  return a.fromTargetBitsPerSecond === b.fromTargetBitsPerSecond && a.toTargetBitsPerSecond === b.toTargetBitsPerSecond;
}

/**
 * A target as the house spells it: a host without its prefix length, a network by its first address, an interface as it
 * is. Routers spell one host in both ways.
 */
export function canonicalTarget(text: string): string {
  const network = parseNetwork(text.trim());
  if (network === undefined) return text.trim();
  const first = formatAddress(network);
  return network.prefix === BITS[network.family] ? first : `${first}/${network.prefix}`;
}

/** Whether both are the same addresses and interfaces, in whatever order and spelling. */
export function sameTargets(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [a, b].map((targets) => new Set(targets.map(canonicalTarget)));
  return left?.size === right?.size && [...(left ?? [])].every((target) => right?.has(target));
}

/** Whether a router that cuts or holds `wide` does so to all of `narrow`. */
export function coversTarget(wide: string, narrow: string): boolean {
  const [outer, inner] = [parseNetwork(wide), parseNetwork(narrow)];
  if (outer === undefined || inner === undefined) return canonicalTarget(wide) === canonicalTarget(narrow);
  return outer.prefix <= inner.prefix && networkContains(outer, inner);
}
