/** Walks through what a tenant ever had, removed things included, a page at a time: fleets are large. */
import type { Table } from '../platform/table.dynamodb.ts';
import type { EntityWalk } from './entities.port.ts';
import { afterTarget, entitiesPk, entityIdOf, entityKey, targetPrefix } from './keys.ts';

export function createEntityWalk(table: Table): EntityWalk {
  return {
    async targets(tenant, kind) {
      const targets: string[] = [];
      for (let from = entityKey(tenant, kind, ' ').sk; ; ) {
        // One item of each target: the next question begins behind all of its others.
        const page = await table.query({
          KeyConditionExpression: 'pk = :pk AND sk >= :from',
          ExpressionAttributeValues: { ':pk': entitiesPk(tenant, kind), ':from': from },
          Limit: 1,
          ConsistentRead: true,
        });
        const target = page.items[0]?.target;
        if (typeof target !== 'string') return targets;
        targets.push(target);
        from = afterTarget(target);
      }
    },
    async idsOfTarget(tenant, kind, target, from, limit) {
      const page = await table.query({
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':pk': entitiesPk(tenant, kind),
          ':from': from === undefined ? targetPrefix(target) : entityKey(tenant, kind, from).sk,
          ':to': afterTarget(target),
        },
        Limit: limit,
        ConsistentRead: true,
      });
      return page.items.map((item) => entityIdOf(String(item.sk)));
    },
  };
}
