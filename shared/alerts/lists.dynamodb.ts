/** Lists of alerts in pages: what is open first, then history month by month, newest first. */
import { AppError } from '../platform/errors.ts';
import { splitKey } from '../platform/key.ts';
import { INDEX, INDEX_PK, INDEX_SK, type Item, PK, SK, type Table, TTL } from '../platform/table.dynamodb.ts';
import type { Alert } from './alert.ts';
import type { AlertPage, AlertQuery } from './alerts.port.ts';
import { byEntityPk, fingerprintOf, historyKey, historyPk, monthOf, openPk, openPrefix } from './keys.ts';
import { decodePosition, encodePosition, type Position } from './position.ts';

/** Life of history, and one month because months are begun and ended. */
const MONTHS_KEPT = 13;

export async function listAlerts(table: Table, tenant: string, query: AlertQuery): Promise<AlertPage> {
  const lister = new Lister(table, tenant, query);
  return lister.page();
}

/** Items of the table carry their keys too; an alert is what is left without them. */
export function toAlert(item: Item): Alert {
  const { [PK]: _pk, [SK]: _sk, [INDEX_PK]: _ipk, [INDEX_SK]: _isk, [TTL]: _ttl, ...alert } = item;
  return alert as unknown as Alert;
}

/** As a reader sees it: the episode itself, without the one that waits behind it. */
export function visible(alert: Alert): Alert {
  const { next: _next, ...rest } = alert;
  return rest;
}

class Lister {
  readonly #table: Table;
  readonly #tenant: string;
  readonly #query: AlertQuery;

  constructor(table: Table, tenant: string, query: AlertQuery) {
    this.#table = table;
    this.#tenant = tenant;
    this.#query = query;
  }

  async page(): Promise<AlertPage> {
    const { limit, scope } = this.#query;
    const items: Alert[] = [];
    let at: Position | undefined = this.#start();
    while (at && items.length < limit) {
      const step: { items: Alert[]; next: Position | undefined } = await this.#step(at, limit - items.length);
      items.push(...step.items);
      at = step.next?.shelf !== 'open' && scope === 'open' ? undefined : step.next;
    }
    return { items, ...(at ? { position: encodePosition(at) } : {}) };
  }

  #start(): Position {
    const { position, scope } = this.#query;
    const first: Position = scope === 'history' ? this.#historyStart() : { shelf: 'open' };
    if (position === undefined) return first;
    const at = decodePosition(position);
    const fits = at && (at.shelf === 'open' ? scope !== 'history' : scope !== 'open' && at.shelf === this.#history());
    if (!fits) throw strangePosition();
    return at;
  }

  #history(): 'month' | 'entity' {
    return this.#query.entity === undefined ? 'month' : 'entity';
  }

  #historyStart(): Position {
    return this.#history() === 'entity' ? { shelf: 'entity' } : { shelf: 'month', month: monthOf(this.#query.now) };
  }

  #step(at: Position, limit: number): Promise<{ items: Alert[]; next: Position | undefined }> {
    if (at.shelf === 'open') return this.#openStep(at.after, limit);
    return at.shelf === 'entity' ? this.#entityStep(at.after, limit) : this.#monthStep(at.month, at.after, limit);
  }

  async #openStep(after: string | undefined, limit: number) {
    const { entity } = this.#query;
    const page = await this.#table.query({
      KeyConditionExpression: entity === undefined ? `${PK} = :pk` : `${PK} = :pk AND begins_with(${SK}, :entity)`,
      ExpressionAttributeValues: {
        ':pk': openPk(this.#tenant),
        ...(entity === undefined ? {} : { ':entity': openPrefix(entity) }),
      },
      ...this.#from(openPk(this.#tenant), after),
      Limit: limit,
    });
    const items = page.items.map(toAlert).map((alert) => visible(alert.next ?? alert));
    return { items, next: page.next ? { shelf: 'open' as const, after: textOf(page.next[SK]) } : this.#historyStart() };
  }

  async #monthStep(month: string, after: string | undefined, limit: number) {
    const pk = historyPk(this.#tenant, month);
    const page = await this.#table.query({
      KeyConditionExpression: `${PK} = :pk`,
      ExpressionAttributeValues: { ':pk': pk },
      ...this.#from(pk, after),
      ScanIndexForward: false,
      Limit: limit,
    });
    const older = monthBefore(month);
    const oldest = monthOf(this.#query.now - MONTHS_KEPT * 31 * 86_400_000);
    const nextMonth: Position | undefined = older < oldest ? undefined : { shelf: 'month', month: older };
    const next: Position | undefined = page.next ? { shelf: 'month', month, after: textOf(page.next[SK]) } : nextMonth;
    return { items: this.#living(page.items), next };
  }

  async #entityStep(after: string | undefined, limit: number) {
    const ipk = byEntityPk(this.#tenant, this.#query.entity ?? '');
    const page = await this.#table.query({
      IndexName: INDEX,
      KeyConditionExpression: `${INDEX_PK} = :ipk`,
      ExpressionAttributeValues: { ':ipk': ipk },
      ...(after === undefined ? {} : { ExclusiveStartKey: this.#entityStart(ipk, after) }),
      ScanIndexForward: false,
      Limit: limit,
    });
    const last = page.next;
    const next: Position | undefined = last && { shelf: 'entity', after: textOf(last[INDEX_SK]) };
    return { items: this.#living(page.items), next };
  }

  /** The index wants the table's key as well; instant and rule, of which its own is made, tell it. */
  #entityStart(ipk: string, after: string): Item {
    const [iso, rule] = splitKey(after);
    const activeAt = Date.parse(iso ?? '');
    if (!rule || Number.isNaN(activeAt)) throw strangePosition();
    const fingerprint = fingerprintOf(this.#query.entity ?? '', rule);
    return { [INDEX_PK]: ipk, [INDEX_SK]: after, ...historyKey(this.#tenant, fingerprint, activeAt) };
  }

  #from(pk: string, after: string | undefined): { ExclusiveStartKey?: Item } {
    return after === undefined ? {} : { ExclusiveStartKey: { [PK]: pk, [SK]: after } };
  }

  /** Deletion after the end of life takes its own time. */
  #living(items: readonly Item[]): Alert[] {
    const nowSeconds = this.#query.now / 1000;
    return items.filter((item) => !(typeof item[TTL] === 'number' && item[TTL] < nowSeconds)).map(toAlert);
  }
}

function strangePosition(): AppError {
  return new AppError('REQUEST_INVALID', 'the position does not belong to this list', {
    context: { issues: [{ path: 'cursor', message: 'is damaged or of another list: begin without it' }] },
  });
}

function textOf(value: unknown): string {
  return String(value);
}

function monthBefore(month: string): string {
  return monthOf(Date.parse(`${month}-01T00:00:00Z`) - 1);
}
