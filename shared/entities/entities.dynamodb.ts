/** Entities on the one table: written when one changes, marked removed after a complete walk, revived when it is back. */
import { isDeepStrictEqual } from 'node:util';
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';
import type { Item, Table } from '../platform/table.dynamodb.ts';
import type { EntityDraft, EntityStore } from './entities.port.ts';
import type { Entity } from './entity.ts';
import { entitiesPk, entityKey, targetPrefix } from './keys.ts';

export function createEntityStore(table: Table): EntityStore {
  async function listOfTarget(tenant: string, kind: string, target: string): Promise<Entity[]> {
    const items = await table.queryAll({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': entitiesPk(tenant, kind), ':prefix': targetPrefix(target) },
      ConsistentRead: true,
    });
    return items.map(toEntity);
  }
  return {
    listOfTarget,
    async read(tenant, kind, id) {
      const item = await table.get(entityKey(tenant, kind, id), { consistent: true });
      return item && toEntity(item);
    },
    async list(tenant, kind) {
      const items = await table.queryAll({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': entitiesPk(tenant, kind) },
      });
      return items.map(toEntity);
    },
    async record(tenant, kind, target, drafts, { now, complete }) {
      const known = new Map((await listOfTarget(tenant, kind, target)).map((e) => [e.id, e]));
      const changed = drafts.flatMap((draft) => changeOf(tenant, kind, draft, known.get(draft.id), now));
      const present = new Set(drafts.map((d) => d.id));
      const gone = complete ? [...known.values()].filter((e) => !present.has(e.id) && e.removedAt === undefined) : [];
      await write(table, [...changed, ...gone.map((e) => ({ ...e, removedAt: now }))]);
    },
    async remove(tenant, kind, ids, now) {
      const known = await Promise.all(ids.map((id) => table.get(entityKey(tenant, kind, id), { consistent: true })));
      const present = known.flatMap((item) =>
        item === undefined || item.removedAt !== undefined ? [] : [toEntity(item)],
      );
      await write(
        table,
        present.map((e) => ({ ...e, removedAt: now })),
      );
    },
    async removeTarget(tenant, kind, target, now) {
      const present = (await listOfTarget(tenant, kind, target)).filter((e) => e.removedAt === undefined);
      await write(
        table,
        present.map((e) => ({ ...e, removedAt: now })),
      );
    },
  };
}

/** Nothing when the entity stands as described already. */
function changeOf(tenant: string, kind: string, draft: EntityDraft, known: Entity | undefined, now: Instant): Entity[] {
  assert(draft.id.startsWith(`${draft.target}/`), `entity ids begin with their target: ${draft.id}`);
  const next: Entity = { ...draft, tenant, kind, firstSeenAt: known?.firstSeenAt ?? now };
  return known && isDeepStrictEqual(known, next) ? [] : [next];
}

/** So many writes at once as one connection pool takes without queueing. */
const AT_ONCE = 20;

async function write(table: Table, entities: readonly Entity[]): Promise<void> {
  for (let i = 0; i < entities.length; i += AT_ONCE) {
    await Promise.all(
      entities.slice(i, i + AT_ONCE).map((e) => table.put({ ...entityKey(e.tenant, e.kind, e.id), ...e })),
    );
  }
}

function toEntity(item: Item): Entity {
  const { pk: _pk, sk: _sk, ...entity } = item;
  return entity as unknown as Entity;
}
