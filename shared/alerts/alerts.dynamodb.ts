/** Alerts on the one table: one open item per fingerprint, every write of it conditional; history and rows beside it. */
import { AppError } from '../platform/errors.ts';
import { keyPart } from '../platform/key.ts';
import { type Item, PK, SK, type Table } from '../platform/table.dynamodb.ts';
import type { TargetRef } from '../samples/sample.ts';
import type { Advanced } from './advance.ts';
import type { Alert } from './alert.ts';
import type { AlertStore } from './alerts.port.ts';
import { putHistory, putRows, readHistory, readRows } from './history.dynamodb.ts';
import { openKey, openPk, openPrefix, parseAlertId } from './keys.ts';
import { listAlerts, toAlert, visible } from './lists.dynamodb.ts';
import { handOver } from './outbox.ts';
import type { Overflow } from './timeline.ts';

/** Evaluator and relay meet at one item a few times at most; more means something is wrong. */
const HAND_OVER_ATTEMPTS = 6;

export function createAlertStore(table: Table): AlertStore {
  const store: AlertStore = {
    async readOpen(tenant, fingerprint) {
      const item = await table.get(openKey(tenant, fingerprint), { consistent: true });
      return item && toAlert(item);
    },
    async listOpen(tenant) {
      const items = await table.queryAll(openQuery(tenant, undefined, false));
      return items.map(toAlert);
    },
    async openOfTarget(ref, entities) {
      const items = await table.queryAll(openQuery(ref.tenant, commonPrefix(ref, entities), true));
      return items.map(toAlert).filter((alert) => alert.kind === ref.kind && alert.target === ref.target);
    },
    async openOfEntity(tenant, entity) {
      const items = await table.queryAll(openQuery(tenant, openPrefix(entity), true));
      return items.map(toAlert);
    },
    async apply(before, outcome) {
      const { change, alert, finished } = outcome;
      const subject = alert ?? before;
      if (change === 'none' || !subject) return true;
      await putOverflow(table, subject, outcome.overflow);
      if (finished) await putHistory(table, finished);
      return writeOpen(table, before, alert, change);
    },
    async clearOutbox(tenant, fingerprint, activeAt, handed, now, holding) {
      for (let attempt = 0; attempt < HAND_OVER_ATTEMPTS; attempt++) {
        const open = await store.readOpen(tenant, fingerprint);
        if (open?.activeAt !== activeAt) return undefined;
        const { alert, overflow } = handOver(open, handed, now, holding);
        if (alert === open) return open;
        const changed = { ...alert, version: open.version + 1 };
        await putOverflow(table, open, overflow);
        if (await writeOpen(table, open, changed, 'updated')) return changed;
      }
      throw new AppError('STORE_CONFLICT', `the alert ${fingerprint} kept changing while its outbox was emptied`);
    },
    readFinished: (tenant, fingerprint, activeAt) => readHistory(table, tenant, fingerprint, activeAt),
    async readEpisode(tenant, id) {
      const name = parseAlertId(id);
      if (!name) return undefined;
      const open = await store.readOpen(tenant, name.fingerprint);
      const living = [open, open?.next].find((alert) => alert?.activeAt === name.activeAt);
      const alert = living ?? (await readHistory(table, tenant, name.fingerprint, name.activeAt));
      if (!alert) return undefined;
      const rows = await readRows(table, tenant, name.fingerprint, name.activeAt);
      return { ...visible(alert), timeline: merged(rows, alert.timeline) };
    },
    putRows: (tenant, fingerprint, activeAt, rows) => putRows(table, tenant, fingerprint, activeAt, rows),
    list: (tenant, query) => listAlerts(table, tenant, query),
  };
  return store;
}

function openQuery(tenant: string, prefix: string | undefined, consistent: boolean) {
  return {
    KeyConditionExpression: prefix === undefined ? `${PK} = :pk` : `${PK} = :pk AND begins_with(${SK}, :prefix)`,
    ExpressionAttributeValues: { ':pk': openPk(tenant), ...(prefix === undefined ? {} : { ':prefix': prefix }) },
    ConsistentRead: consistent,
  };
}

/** Entities are named after their target as a rule; where one is not, the whole shelf of open alerts is read instead. */
function commonPrefix({ target }: TargetRef, entities: readonly string[]): string | undefined {
  const named = entities.length > 0 && entities.every((id) => id === target || id.startsWith(`${target}/`));
  return named ? keyPart(target) : undefined;
}

async function putOverflow(table: Table, alert: Alert, overflow: readonly Overflow[]): Promise<void> {
  for (const { activeAt, rows } of overflow) {
    await putRows(table, alert.tenant, alert.fingerprint, activeAt, rows);
  }
}

/**
 * The version alone is not enough: an item that was deleted and made anew counts from 1 again, and only the episode's
 * beginning tells it from its predecessor.
 */
async function writeOpen(
  table: Table,
  before: Alert | undefined,
  alert: Alert | undefined,
  change: Advanced['change'],
): Promise<boolean> {
  const named = alert ?? before;
  if (!named) return true;
  const key = openKey(named.tenant, named.fingerprint);
  if (!before) return table.put({ ...key, ...named }, { ConditionExpression: `attribute_not_exists(${PK})` });
  const emptied = change === 'finished' ? ' AND size(outbox) = :none' : '';
  const condition = {
    ConditionExpression: `version = :version AND activeAt = :activeAt${emptied}`,
    ExpressionAttributeValues: {
      ':version': before.version,
      ':activeAt': before.activeAt,
      ...(change === 'finished' ? { ':none': 0 } : {}),
    } satisfies Item,
  };
  return alert ? table.put({ ...key, ...alert }, condition) : table.delete(key, condition);
}

/** Rows of their own and rows of the item, without what stands in both, in the order of time. */
function merged(rows: Alert['timeline'], own: Alert['timeline']): Alert['timeline'] {
  const all = new Map([...rows, ...own].map((row) => [JSON.stringify([row.at, row.event, row.text]), row]));
  return [...all.values()].sort((a, b) => a.at - b.at);
}
