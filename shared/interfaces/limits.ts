/** What a router limits: queues, each holding one customer to a rate in either direction. Pure. */

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
