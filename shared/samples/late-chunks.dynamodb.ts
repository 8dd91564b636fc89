/** Notes of chunks that were stored after their month may have been archived: an import of what is long past. */
import type { Clock, Instant } from '../platform/clock.ts';
import { type Table, TTL } from '../platform/table.dynamodb.ts';
import type { ArchiveTarget } from './archive-months.ts';
import { decodeLateChunksSk, lateChunksKey, lateChunksPk } from './keys.ts';
import { CHUNK_LIFE_SECONDS, expiry, isAlive } from './life.dynamodb.ts';
import type { TargetRef } from './sample.ts';

export interface LateNote extends ArchiveTarget {
  /** The newest of the chunks stood by then. */
  readonly at: Instant;
}

export interface LateChunks {
  note(ref: TargetRef, month: string): Promise<void>;
  /** Of a tenant, for as long as such chunks live; consistent. */
  list(tenant: string): Promise<LateNote[]>;
}

export function createLateChunks(table: Table, clock: Clock): LateChunks {
  return {
    async note(ref, month) {
      const at = clock.now();
      await table.put({ ...lateChunksKey(ref, month), at, [TTL]: expiry(at, CHUNK_LIFE_SECONDS) });
    },
    async list(tenant) {
      const items = await table.queryAll({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': lateChunksPk(tenant) },
        ConsistentRead: true,
      });
      const alive = items.filter((item) => isAlive(item, clock.now()));
      return alive.map((item) => ({ tenant, ...decodeLateChunksSk(String(item.sk)), at: Number(item.at) }));
    },
  };
}
