/** The tenant's notes of SIMs on the one table: an item per SIM that has one, together by storage target. */
import type { Item, Table } from '../platform/table.dynamodb.ts';
import { noteKey, notesPk } from './fleet-keys.ts';
import type { SimNote } from './note.ts';
import type { SimNoteStore } from './notes.port.ts';

/** So many writes at once as one connection pool takes without queueing. */
const AT_ONCE = 20;

export function createSimNoteStore(table: Table): SimNoteStore {
  return {
    async listOfTarget(tenant, target) {
      const items = await table.queryAll({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': notesPk(tenant, target) },
        ConsistentRead: true,
      });
      return items.map(toNote);
    },
    async read(tenant, target, iccid) {
      const item = await table.get(noteKey(tenant, target, iccid), { consistent: true });
      return item && toNote(item);
    },
    async put(tenant, target, notes) {
      // The last word about a SIM is the one that stands.
      const last = [...new Map(notes.map((note) => [note.iccid, note])).values()];
      for (let i = 0; i < last.length; i += AT_ONCE) {
        await Promise.all(
          last.slice(i, i + AT_ONCE).map((note) => {
            const key = noteKey(tenant, target, note.iccid);
            return isEmpty(note) ? table.delete(key) : table.put({ ...key, ...note });
          }),
        );
      }
    },
  };
}

function isEmpty({ tags, group, thresholdPercent }: SimNote): boolean {
  return tags.length === 0 && group === undefined && thresholdPercent === undefined;
}

function toNote(item: Item): SimNote {
  const { pk: _pk, sk: _sk, ...note } = item;
  return note as unknown as SimNote;
}
