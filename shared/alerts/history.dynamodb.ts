/** Finished episodes and single timeline rows on the one table, kept for a year. */
import type { Instant } from '../platform/clock.ts';
import { INDEX_PK, INDEX_SK, PK, type Table, TTL } from '../platform/table.dynamodb.ts';
import type { Alert, TimelineEntry } from './alert.ts';
import { byEntityPk, byEntitySk, historyKey, rowKey, rowsPk } from './keys.ts';
import { toAlert } from './lists.dynamodb.ts';

const KEPT_SECONDS = 366 * 86_400;
/** A flapping alert of a year stays below this; a page of the API shows fewer anyway. */
const MAX_ROWS = 2_000;
const PARALLEL = 10;

/** Its key is the episode's name, so finishing twice is finishing once. */
export async function putHistory(table: Table, alert: Alert): Promise<void> {
  await table.put({
    ...historyKey(alert.tenant, alert.fingerprint, alert.activeAt),
    [INDEX_PK]: byEntityPk(alert.tenant, alert.entity),
    [INDEX_SK]: byEntitySk(alert),
    [TTL]: lifeEnd(alert.resolvedAt ?? alert.activeAt),
    ...alert,
  });
}

export async function readHistory(
  table: Table,
  tenant: string,
  fingerprint: string,
  activeAt: Instant,
): Promise<Alert | undefined> {
  const item = await table.get(historyKey(tenant, fingerprint, activeAt), { consistent: true });
  return item && toAlert(item);
}

export async function putRows(
  table: Table,
  tenant: string,
  fingerprint: string,
  activeAt: Instant,
  rows: readonly TimelineEntry[],
): Promise<void> {
  for (let at = 0; at < rows.length; at += PARALLEL) {
    const some = rows.slice(at, at + PARALLEL);
    await Promise.all(
      some.map((row) => table.put({ ...rowKey(tenant, fingerprint, activeAt, row), ...row, [TTL]: lifeEnd(row.at) })),
    );
  }
}

/** Oldest first. */
export async function readRows(
  table: Table,
  tenant: string,
  fingerprint: string,
  activeAt: Instant,
): Promise<TimelineEntry[]> {
  const items = await table.queryAll(
    {
      KeyConditionExpression: `${PK} = :pk`,
      ExpressionAttributeValues: { ':pk': rowsPk(tenant, fingerprint, activeAt) },
    },
    MAX_ROWS,
  );
  return items.map((item) => {
    const { at, event, text } = item as unknown as TimelineEntry;
    return { at, event, text };
  });
}

function lifeEnd(at: Instant): number {
  return Math.floor(at / 1000) + KEPT_SECONDS;
}
