/** Items of a month on DynamoDB: rollups and tops of an entity, and the running days of a target. */

import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { type Item, type Key, type Table, TTL } from '../platform/table.dynamodb.ts';
import { decodeRollupSk, rollupsPk, topsPk } from './keys.ts';
import { expiry, isAlive, ROLLUP_LIFE_SECONDS } from './life.dynamodb.ts';
import { type SlotValue, unpackTops } from './percentile.ts';
import { unpackRollup } from './rollup.ts';
import { unpackRunning } from './running.ts';
import type { DayRollup } from './samples.port.ts';

/** A stored item of a month as it was read; `rev` 0 stands for none. */
export interface MonthItem {
  readonly key: Key;
  readonly rev: number;
  readonly generation: number;
  /** Zone whose days it holds. */
  readonly zone: string;
  readonly bytes?: Uint8Array;
}

export interface MonthStore {
  read(key: Key): Promise<MonthItem>;
  /** True when stored (or nothing changed), false when somebody wrote since it was read. */
  write(before: MonthItem, after: { bytes: Uint8Array; zone: string; generation: number }): Promise<boolean>;
  rollups(tenant: string, metric: string, month: string): Promise<Map<string, DayRollup[]>>;
  tops(tenant: string, metric: string, month: string): Promise<Map<string, SlotValue[]>>;
}

export function createMonthStore(table: Table, clock: Clock): MonthStore {
  const partition = async (pk: string): Promise<Item[]> => {
    const items = await table.queryAll({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': pk },
    });
    return items.filter((item) => isAlive(item, clock.now()));
  };
  return {
    async read(key) {
      const item = await table.get(key, { consistent: true });
      if (!item) return { key, rev: 0, generation: 0, zone: '' };
      const { rev, g: generation, z: zone, b: bytes } = item as { rev: number; g: number; z: string; b: Uint8Array };
      return { key, rev, generation, zone, bytes };
    },
    async write(before, { bytes, zone, generation }) {
      if (before.generation > generation) {
        throw new AppError('STORE_CONFLICT', 'a newer generation of formulas has written this month');
      }
      const same = before.bytes !== undefined && Buffer.compare(before.bytes, bytes) === 0;
      if (same && before.generation === generation && before.zone === zone) return true;
      const life = expiry(clock.now(), ROLLUP_LIFE_SECONDS);
      const item = { ...before.key, rev: before.rev + 1, g: generation, z: zone, b: bytes, [TTL]: life };
      return table.put(item, asRead(before));
    },
    async rollups(tenant, metric, month) {
      const items = await partition(rollupsPk(tenant, metric, month));
      const months = new Map<string, DayRollup[]>();
      const running: Item[] = [];
      for (const item of items) {
        const entity = decodeRollupSk(String(item.sk));
        if (entity === undefined) running.push(item);
        else months.set(entity, unpackRollup(item.b as Uint8Array).days);
      }
      for (const item of running) addRunning(months, item);
      return months;
    },
    async tops(tenant, metric, month) {
      const items = await partition(topsPk(tenant, metric, month));
      const entries = items.map(
        (item) => [decodeRollupSk(String(item.sk)) ?? '', unpackTops(item.b as Uint8Array)] as const,
      );
      return new Map(entries);
    },
  };
}

/**
 * A day is taken out of the running ones after it has been closed with its entity. Where it stands in both, the fold that
 * closed it died, and one whose clock was behind may have gone on with it as running.
 */
function addRunning(months: Map<string, DayRollup[]>, item: Item): void {
  for (const [entity, rollup] of unpackRunning(item.b as Uint8Array).days) {
    const others = (months.get(entity) ?? []).filter(({ day }) => day !== rollup.day);
    months.set(
      entity,
      [...others, rollup].sort((a, b) => (a.day < b.day ? -1 : 1)),
    );
  }
}

function asRead(before: MonthItem) {
  return before.rev === 0
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : { ConditionExpression: 'rev = :rev', ExpressionAttributeValues: { ':rev': before.rev } };
}
