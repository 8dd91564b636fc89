/** The audit on the one table: the next number is taken by a conditional write, so two rows never share a place. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { Item, Table } from '../platform/table.dynamodb.ts';
import type { AuditLog, AuditPage } from './audit.port.ts';
import { AUDIT_START, type AuditDraft, type AuditEntry, type AuditLink, isChained, nextEntry } from './audit.ts';
import { auditHeadKey, auditPk, auditRowKey, ROW_PREFIX } from './audit-keys.ts';

/** A tenant's people and its worker write at once at most; whoever loses this often does not belong to a crowd. */
const ATTEMPTS = 20;
const PAUSE_MS = 5;
/** Rows looked at together when the whole audit is verified. */
const VERIFY_PAGE = 500;

export function openAuditLog(deps: { table: Table; clock: Clock }): AuditLog {
  return new AuditTable(deps.table, deps.clock);
}

class AuditTable implements AuditLog {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async append(tenant: string, draft: AuditDraft): Promise<AuditEntry> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await sleep(PAUSE_MS * attempt * Math.random());
      const entry = nextEntry(await this.#last(tenant), tenant, draft, this.#clock.now());
      const written = await this.#table.put(
        { ...auditRowKey(tenant, entry.sequence), ...entry },
        { ConditionExpression: 'attribute_not_exists(pk)' },
        // Its hash holds who, what and when: an equal row is this one.
        { recognise: true },
      );
      if (!written) continue;
      await this.#remember(tenant, entry);
      return entry;
    }
    throw new AppError('STORE_UNAVAILABLE', 'the audit is being written to by too many at once');
  }

  async list(tenant: string, limit: number, before?: number): Promise<AuditPage> {
    const rows = await this.#rows(tenant, limit + 1, before);
    const entries = rows.slice(0, limit);
    const below = rows[limit];
    const chained = isChained(tenant, entries, below);
    const newest = entries[0]?.sequence ?? 0;
    const whole =
      before === undefined
        ? await this.#endsWith(tenant, entries)
        : newest === before - 1 && (await this.#isBelow(tenant, before, entries[0]));
    const last = entries.at(-1);
    return { entries, verified: chained && whole, ...(below && last ? { before: last.sequence } : {}) };
  }

  async verify(tenant: string): Promise<{ rows: number; broken?: number }> {
    let rows = 0;
    let broken: number | undefined;
    let before: number | undefined;
    do {
      const page = await this.list(tenant, VERIFY_PAGE, before);
      rows += page.entries.length;
      if (!page.verified) broken = await this.#firstBroken(tenant, page.entries, before);
      before = page.before;
    } while (before !== undefined);
    return { rows, ...(broken === undefined ? {} : { broken }) };
  }

  async #firstBroken(tenant: string, entries: readonly AuditEntry[], before: number | undefined): Promise<number> {
    const oldestFirst = [...entries].reverse();
    const below = (await this.#rows(tenant, 1, oldestFirst[0]?.sequence ?? 0))[0];
    const at = oldestFirst.findIndex((entry, i) => !isChained(tenant, [entry], oldestFirst[i - 1] ?? below));
    return oldestFirst[at]?.sequence ?? before ?? (entries[0]?.sequence ?? 0) + 1;
  }

  /** The newest row, or what the head remembers of it where that row is gone: the gap then stays for all to see. */
  async #last(tenant: string): Promise<AuditLink> {
    const head = (await this.#head(tenant)) ?? AUDIT_START;
    const [newest = AUDIT_START] = await this.#rows(tenant, 1);
    return newest.sequence < head.sequence ? head : newest;
  }

  async #head(tenant: string): Promise<AuditLink | undefined> {
    const item = await this.#table.get(auditHeadKey(tenant), { consistent: true });
    return item && { sequence: Number(item.sequence), hash: String(item.hash) };
  }

  /** Never goes back, whoever comes late. */
  async #remember(tenant: string, { sequence, hash }: AuditLink): Promise<void> {
    await this.#table.put(
      { ...auditHeadKey(tenant), sequence, hash },
      {
        ConditionExpression: 'attribute_not_exists(pk) OR #sequence < :sequence',
        ExpressionAttributeNames: { '#sequence': 'sequence' },
        ExpressionAttributeValues: { ':sequence': sequence },
      },
    );
  }

  /** The head names the newest row, or one before it where a writer has not come to the head yet. */
  async #endsWith(tenant: string, entries: readonly AuditEntry[]): Promise<boolean> {
    const head = await this.#head(tenant);
    if (!head) return entries.length === 0 || (entries[0]?.sequence ?? 0) <= 1;
    const [newest] = entries;
    if (!newest || newest.sequence < head.sequence) return false;
    const named = entries.find((entry) => entry.sequence === head.sequence);
    return named === undefined || named.hash === head.hash;
  }

  async #isBelow(tenant: string, sequence: number, newest: AuditEntry | undefined): Promise<boolean> {
    const above = await this.#table.get(auditRowKey(tenant, sequence), { consistent: true });
    return above !== undefined && above.previous === newest?.hash;
  }

  async #rows(tenant: string, limit: number, before?: number): Promise<AuditEntry[]> {
    const pk = auditPk(tenant);
    const rows: AuditEntry[] = [];
    let next: Item | undefined = before === undefined ? undefined : { ...auditRowKey(tenant, before) };
    do {
      const page = await this.#table.query({
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :row)',
        ExpressionAttributeValues: { ':pk': pk, ':row': ROW_PREFIX },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit - rows.length,
        ...(next ? { ExclusiveStartKey: next } : {}),
      });
      rows.push(...page.items.map(toEntry));
      next = page.next;
    } while (next && rows.length < limit);
    return rows;
  }
}

function toEntry(item: Item): AuditEntry {
  const { pk: _pk, sk: _sk, ...entry } = item;
  return entry as unknown as AuditEntry;
}
