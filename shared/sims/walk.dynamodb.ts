/** Notes of a walk on the one table: ICCIDs are digits, so two of them take an octet. */
import { isoInstant } from '../platform/clock.ts';
import { joinKey, tenantKey } from '../platform/key.ts';
import { type Table, TTL } from '../platform/table.dynamodb.ts';
import type { WalkStore } from './walk.port.ts';

/** A walk takes minutes; what a dead one left is of no use to the next. */
const LIFE_MS = 2 * 86_400_000;

export function createWalkStore(table: Table): WalkStore {
  const pkOf = (tenant: string, account: string) => tenantKey(tenant, 'C', 'walk', account);
  return {
    async note(tenant, account, slot, part, iccids) {
      const sk = joinKey(isoInstant(slot), String(part).padStart(4, '0'));
      const life = Math.ceil((slot + LIFE_MS) / 1000);
      await table.put({ pk: pkOf(tenant, account), sk, iccids: pack(iccids), [TTL]: life });
    },
    async readSeen(tenant, account, slot) {
      const items = await table.queryAll({
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :slot)',
        ExpressionAttributeValues: { ':pk': pkOf(tenant, account), ':slot': joinKey(isoInstant(slot), '') },
        ConsistentRead: true,
      });
      return new Set(items.flatMap(({ iccids }) => unpack(iccids as Uint8Array)));
    },
  };
}

/** Hexadecimal digits f part the numbers. */
function pack(iccids: readonly string[]): Uint8Array {
  const text = `${iccids.join('f')}${iccids.length === 0 ? '' : 'f'}`;
  return Buffer.from(text.length % 2 === 0 ? text : `${text}f`, 'hex');
}

function unpack(bytes: Uint8Array): string[] {
  return Buffer.from(bytes)
    .toString('hex')
    .split('f')
    .filter((text) => text !== '');
}
