/** How a fleet is cut into storage targets of about a hundred SIMs each: by hash, once and for ever. Pure. */
import { hashOf } from '../collect/schedule.ts';
import { shardTarget } from '../collect/source.ts';

const SIMS_PER_SHARD = 100;
/** Room to grow before a shard becomes large: the cut never changes, because the past lies in it. */
const ROOM_TO_GROW = 2;
/** An account may be met on the day it is opened: so many shards hold 50,000 SIMs before a head grows too large. */
const FEWEST_SHARDS = 16;
export const MAX_SHARDS = 4096;

/** For an account that lists so many SIMs when it is first walked. */
export function shardsFor(totalSims: number): number {
  return Math.min(MAX_SHARDS, Math.max(FEWEST_SHARDS, Math.ceil((totalSims * ROOM_TO_GROW) / SIMS_PER_SHARD)));
}

export function shardOf(iccid: string, shards: number): number {
  return hashOf(iccid) % shards;
}

/** All targets of an account that is cut so. */
export function shardTargets({ account, shards }: { readonly account: string; readonly shards: number }): string[] {
  return Array.from({ length: shards }, (_, shard) => shardTarget(account, shard));
}

/** `<target>/<iccid>`. */
export function simId(account: string, shards: number, iccid: string): string {
  return `${shardTarget(account, shardOf(iccid, shards))}/${iccid}`;
}

export function iccidOf(entityId: string): string {
  return entityId.slice(entityId.indexOf('/') + 1);
}

export function accountOf(entityId: string): string {
  return entityId.slice(0, entityId.indexOf('.'));
}
