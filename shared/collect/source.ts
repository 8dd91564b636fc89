/** What is read on a schedule: one account, one router; or a link or resellers, whose outside is what the house knows. Pure. */
import type { Instant } from '../platform/clock.ts';

export type SourceType =
  | 'taara'
  | 'snmp'
  | 'routeros'
  | 'iosxe'
  | 'junos'
  | 'onence'
  | 'ping'
  | 'push'
  | 'link'
  | 'resellers'
  | 'site-router';

/** A source may feed several targets, each named after it: `fleet.0007` belongs to `fleet`, for no source id holds a dot. */
export function sourceOfTarget(target: string): string {
  return target.split('.', 1)[0] ?? target;
}

/** Name of one of the targets that a source is cut into. */
export function shardTarget(source: string, shard: number): string {
  return `${source}.${String(shard).padStart(4, '0')}`;
}

export interface Source {
  readonly tenant: string;
  /** Also the storage target. */
  readonly id: string;
  readonly type: SourceType;
  /** Kind of entity that its own target holds (`KIND_OF_TYPE`): taara -> `bundle`, a router -> `interface`, onence -> `fleet`. */
  readonly kind: string;
  readonly name: string;
  readonly enabled: boolean;
  /** 60 to 86,400 and a multiple of 60. */
  readonly periodSeconds: number;
  /** What is not secret; its shape belongs to the type. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What all of it hangs on, as `parseUplink` reads it: while that is down, what follows from it is not told. */
  readonly uplink?: string;
  readonly simulated: boolean;
  readonly createdAt: Instant;
  readonly version: number;
  /** Set after credentials were refused twice: no call is made until they change. */
  readonly pausedReason?: string;
}

/** Written on the collect queues; `version` lets old and new functions run side by side. */
export interface CollectMessage {
  readonly version: 1;
  readonly tenant: string;
  readonly source: string;
  /** ISO instant. */
  readonly slot: string;
  readonly part: number;
  readonly boundary: boolean;
  /** Where a bounded run goes on, or what a run by hand is asked for beyond the usual; opaque to the stage. */
  readonly checkpoint?: unknown;
}

/** Written on the evaluate queue: only the name of the target, so an old message cannot reopen anything. */
export interface EvaluateMessage {
  readonly version: 1;
  readonly tenant: string;
  readonly kind: string;
  readonly target: string;
}

/** Written on the fold queue. */
export interface FoldMessage {
  readonly version: 1;
  readonly tenant: string;
  readonly kind: string;
  readonly target: string;
}
