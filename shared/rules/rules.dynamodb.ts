/** Rules on the one table: one item per rule id that the tenant has a say about. */
import { AppError } from '../platform/errors.ts';
import { type Item, PK, type Table } from '../platform/table.dynamodb.ts';
import { ruleKey, rulesPk } from './keys.ts';
import type { Rule } from './rule.ts';
import type { RuleStore, StoredRule } from './rules.port.ts';

export function createRuleStore(table: Table): RuleStore {
  return {
    async list(tenant) {
      const items = await table.queryAll({
        KeyConditionExpression: `${PK} = :pk`,
        ExpressionAttributeValues: { ':pk': rulesPk(tenant) },
        ConsistentRead: true,
      });
      return items.map(toStored);
    },
    async read(tenant, id) {
      const item = await table.get(ruleKey(tenant, id), { consistent: true });
      return item && toStored(item);
    },
    async put(tenant, rule, expectedVersion) {
      const stored: Rule = { ...rule, version: expectedVersion + 1 };
      const item = { id: rule.id, kind: rule.kind, version: stored.version, rule: stored };
      const done = await table.put({ ...ruleKey(tenant, rule.id), ...item }, unchanged(expectedVersion), {
        recognise: true,
      });
      if (!done) throw conflict(rule.id);
      return stored;
    },
    async remove(tenant, { id, kind, builtIn }, expectedVersion) {
      const key = ruleKey(tenant, id);
      const done = builtIn
        ? await table.put({ ...key, id, kind, version: expectedVersion + 1 }, unchanged(expectedVersion), {
            recognise: true,
          })
        : (await table.delete(key, unchanged(expectedVersion))) || !(await table.get(key, { consistent: true }));
      if (!done) throw conflict(id);
    },
  };
}

function unchanged(version: number): { ConditionExpression: string; ExpressionAttributeValues?: Item } {
  if (version === 0) return { ConditionExpression: `attribute_not_exists(${PK})` };
  return { ConditionExpression: 'version = :v', ExpressionAttributeValues: { ':v': version } };
}

function conflict(id: string): AppError {
  return new AppError('STORE_CONFLICT', `rule ${id} was changed by somebody else: read it and try again`);
}

function toStored(item: Item): StoredRule {
  const { id, kind, version, rule } = item as unknown as StoredRule;
  return { id, kind, version, ...(rule === undefined ? {} : { rule }) };
}
