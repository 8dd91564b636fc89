/** Leases on DynamoDB: the right to write a target's head, an item of its own with a fence that only rises. */
import type { Instant } from '../platform/clock.ts';
import type { Table } from '../platform/table.dynamodb.ts';
import { leaseKey } from './keys.ts';
import type { TargetRef } from './sample.ts';
import type { Lease, LeaseClaim, LeaseRun } from './samples.port.ts';

export interface LeaseWish {
  readonly now: Instant;
  readonly durationMs: number;
  readonly claim: LeaseClaim | undefined;
}

/**
 * A finished run leaves its lease to run out instead of paying a write to give it back; who comes sooner looks into the
 * run log. Taking over raises the fence, so even a holder that was wrongly taken for done cannot write a head any more.
 */
export async function acquireLease(table: Table, ref: TargetRef, wish: LeaseWish): Promise<Lease | undefined> {
  const free = 'attribute_not_exists(heldUntil) OR heldUntil <= :now';
  const taken = await take(table, ref, wish, free, { ':now': wish.now });
  if (taken || !wish.claim) return taken;
  const held = await table.get(leaseKey(ref), { consistent: true });
  const holder = held?.heldBy as LeaseRun | undefined;
  if (!holder || !(await wish.claim.isDone(holder))) return undefined;
  return take(table, ref, wish, 'fence = :fence', { ':fence': held?.fence });
}

async function take(
  table: Table,
  ref: TargetRef,
  { now, durationMs, claim }: LeaseWish,
  condition: string,
  values: Record<string, unknown>,
): Promise<Lease | undefined> {
  const until = now + durationMs;
  const set = 'SET heldUntil = :until, fence = if_not_exists(fence, :zero) + :one';
  const held = await table.update(leaseKey(ref), {
    UpdateExpression: claim ? `${set}, heldBy = :run REMOVE awaitedAt` : `${set} REMOVE heldBy, awaitedAt`,
    ConditionExpression: condition,
    ExpressionAttributeValues: {
      ...{ ...values, ':until': until, ':zero': 0, ':one': 1 },
      ...(claim ? { ':run': { slot: claim.run.slot, part: claim.run.part } } : {}),
    },
    ReturnValues: 'ALL_NEW',
  });
  return held === false ? undefined : { ref, version: Number(held.fence), until };
}

export async function releaseLease(table: Table, lease: Lease): Promise<void> {
  await table.update(leaseKey(lease.ref), {
    UpdateExpression: 'REMOVE heldUntil, heldBy',
    ConditionExpression: 'fence = :fence',
    ExpressionAttributeValues: { ':fence': lease.version },
  });
}

/** Leaves word that somebody comes back for the lease at that instant. */
export async function awaitLease(table: Table, ref: TargetRef, at: Instant): Promise<void> {
  await table.update(leaseKey(ref), {
    UpdateExpression: 'SET awaitedAt = :at',
    ExpressionAttributeValues: { ':at': at },
  });
}

/** When somebody comes back for it; undefined when nobody does. */
export async function leaseAwaitedAt(table: Table, ref: TargetRef): Promise<Instant | undefined> {
  const held = await table.get(leaseKey(ref), { consistent: true });
  return held?.awaitedAt === undefined ? undefined : Number(held.awaitedAt);
}

/** Whoever holds it is refused from here on; the next one gets it. */
export async function revokeLease(table: Table, ref: TargetRef): Promise<void> {
  await table.update(leaseKey(ref), {
    UpdateExpression: 'SET fence = if_not_exists(fence, :zero) + :one REMOVE heldUntil, heldBy',
    ExpressionAttributeValues: { ':zero': 0, ':one': 1 },
  });
}
