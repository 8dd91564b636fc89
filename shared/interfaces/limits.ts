/** What a router limits: queues, each holding one customer to a rate in either direction. Pure. */
import { type Family, formatAddress, type Network, parseNetwork } from '../platform/ip.ts';

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
  return isHost(network) ? first : `${first}/${network.prefix}`;
}

/** Whether both are the same addresses and interfaces, in whatever order and spelling. */
export function sameTargets(a: readonly string[], b: readonly string[]): boolean {
  const [left, right] = [a, b].map((targets) => new Set(targets.map(canonicalTarget)));
  return left?.size === right?.size && [...(left ?? [])].every((target) => right?.has(target));
}

interface Span {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** Whether a router that cuts or holds `wide` does so to all of `narrow`; either may be a range of addresses. */
export function coversTarget(wide: string, narrow: string): boolean {
  const [outer, inner] = [spanOf(wide), spanOf(narrow)];
  if (outer === undefined || inner === undefined) return canonicalTarget(wide) === canonicalTarget(narrow);
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** Whether an entry may hold some address of a target; what is no address (a name that is looked up) may hold any. */
export function mayTouchTarget(entry: string, target: string): boolean {
  const [a, b] = [spanOf(entry), spanOf(target)];
  return a === undefined || b === undefined || (a.family === b.family && a.first <= b.last && b.first <= a.last);
}

/** Whether it is an address, a prefix or a range: anything else is a name, of which nobody knows whom it holds. */
export function isAddresses(text: string): boolean {
  return spanOf(text) !== undefined;
}

/** Of an address, a prefix, or a range such as `192.0.2.1-192.0.2.9`; undefined for anything else. */
function spanOf(text: string): Span | undefined {
  const [from, to, ...more] = text.split('-').map((part) => parseNetwork(part.trim()));
  if (from === undefined || more.length > 0) return undefined;
  const { family, value, prefix } = from;
  if (!text.includes('-')) return { family, first: value, last: value + (1n << BigInt(BITS[family] - prefix)) - 1n };
  const isRange = to?.family === family && isHost(from) && isHost(to) && value <= to.value;
  return isRange ? { family, first: value, last: to.value } : undefined;
}

function isHost({ family, prefix }: Network): boolean {
  return prefix === BITS[family];
}
