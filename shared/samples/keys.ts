/** Keys of the samples room in the one table. Pure. */
import { assert } from '../platform/assert.ts';
import { type Instant, isoInstant } from '../platform/clock.ts';
import { joinKey, splitKey, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';
import type { TargetRef } from './sample.ts';

/** Parts of one slot; a run is resumed far fewer times. */
export const MAX_PART = 9999;
/** ISO text of other years is longer or signed and would not sort as time does. */
export const FIRST_SLOT = Date.parse('0000-01-01T00:00:00.000Z');
export const LAST_SLOT = Date.parse('9999-12-31T23:59:59.999Z');

export function headsPk(tenant: string, kind: string): string {
  return tenantKey(tenant, 'H', kind);
}

export function headKey(ref: TargetRef): Key {
  return { pk: headsPk(ref.tenant, ref.kind), sk: joinKey(ref.target) };
}

export function batchesPk(ref: TargetRef): string {
  return tenantKey(ref.tenant, 'B', ref.target);
}

export function batchKey(ref: TargetRef, slot: Instant, part: number): Key {
  assert(Number.isInteger(part) && part >= 0 && part <= MAX_PART, `not a part: ${part}`);
  return { pk: batchesPk(ref), sk: joinKey(slotText(slot), String(part).padStart(4, '0')) };
}

export function decodeBatchSk(sk: string): { slot: Instant; part: number } {
  const [slot = '', part = ''] = splitKey(sk);
  return { slot: Date.parse(slot), part: Number(part) };
}

/** Sort keys of the batches whose slot lies in [from, to); both ends are inclusive, as BETWEEN wants. */
export function batchRange(from: Instant, to: Instant): { first: string; last: string } {
  return { first: slotText(from), last: joinKey(slotText(to - 1), String(MAX_PART)) };
}

/** Before every slot in the partition of the batches: `!` sorts before digits. */
const NAMES = '!names';

/** One list of names that batches refer to by position; a full list is followed by the next generation. */
export function dictionaryKey(ref: TargetRef, generation: number): Key {
  return { pk: batchesPk(ref), sk: joinKey(NAMES, String(generation).padStart(4, '0')) };
}

export function dictionaryRange(): { first: string; last: string } {
  return { first: joinKey(NAMES, '0000'), last: joinKey(NAMES, '9999') };
}

/** Beside the batches and not in the head: a lease is 100 bytes, and taking it must not rewrite 2 KB. */
export function leaseKey(ref: TargetRef): Key {
  return { pk: batchesPk(ref), sk: '!lease' };
}

export interface EntityRef {
  readonly tenant: string;
  readonly kind: string;
  readonly entity: string;
}

export function chunksPk(ref: EntityRef): string {
  return tenantKey(ref.tenant, 'S', ref.kind, ref.entity);
}

/** `start` is the first instant of the six hours. */
export function chunkKey(ref: EntityRef, start: Instant): Key {
  return { pk: chunksPk(ref), sk: slotText(start) };
}

export function decodeChunkSk(sk: string): Instant {
  return Date.parse(sk);
}

/** Chunks that came after their month may have been archived are listed here; no series has so short a key. */
export function lateChunksPk(tenant: string): string {
  return tenantKey(tenant, 'S');
}

/** `month` is `YYYY-MM` in UTC. */
export function lateChunksKey(ref: TargetRef, month: string): Key {
  return { pk: lateChunksPk(ref.tenant), sk: joinKey(month, ref.kind, ref.target) };
}

export function decodeLateChunksSk(sk: string): { month: string; kind: string; target: string } {
  const [month = '', kind = '', target = ''] = splitKey(sk);
  return { month, kind, target };
}

/** `month` is `YYYY-MM` in the tenant's zone. */
export function rollupsPk(tenant: string, metric: string, month: string): string {
  return tenantKey(tenant, 'R', metric, month);
}

export function rollupKey(tenant: string, metric: string, month: string, entity: string): Key {
  return { pk: rollupsPk(tenant, metric, month), sk: joinKey(entity) };
}

/** The running day of all entities of a target in one item; no entity's key begins with a bare `#`. */
export function runningDayKey(ref: TargetRef, metric: string, month: string): Key {
  return { pk: rollupsPk(ref.tenant, metric, month), sk: joinKey('', 'running', ref.kind, ref.target) };
}

/** Undefined for the item of a running day. */
export function decodeRollupSk(sk: string): string | undefined {
  const parts = splitKey(sk);
  return parts.length === 1 ? parts[0] : undefined;
}

export function topsPk(tenant: string, metric: string, month: string): string {
  return tenantKey(tenant, 'P', metric, month);
}

export function topKey(tenant: string, metric: string, month: string, entity: string): Key {
  return { pk: topsPk(tenant, metric, month), sk: joinKey(entity) };
}

function slotText(at: Instant): string {
  assert(at >= FIRST_SLOT && at <= LAST_SLOT, `not an instant of the years 0 to 9999: ${at}`);
  return isoInstant(at);
}
