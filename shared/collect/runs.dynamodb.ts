/** The run log on the one table: a small row per part, read newest first month by month; raw responses compressed beside it. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Clock, Instant } from '../platform/clock.ts';
import { isoInstant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { type Item, type Table, TTL } from '../platform/table.dynamodb.ts';
import { RUN_PREFIX, rawKey, runKey, runsPk } from './keys.ts';
import { boundedRun, type Run } from './run.ts';
import type { RunPage, RunQuery, RunRef, RunStore } from './runs.port.ts';

const DAY_MS = 86_400_000;
const RUN_DAYS = 90;
const RAW_DAYS = 7;
const MAX_RAW_BYTES = 100_000;
/** Longer texts are cut before they are compressed, so that a huge one costs neither time nor memory. */
const MAX_RAW_CHARACTERS = 2_000_000;
/** Rows looked at for one answer when they are filtered by source; the cursor goes on from there. */
const MAX_ROWS_SCANNED = 5000;
const CURSOR_PATTERN = /^run#\d{4}-\d\d-\d\dT[^#]{1,20}#[^#]{1,48}#\d{4}$/;

const deflate = promisify(gzip);
const inflate = promisify(gunzip);

export function openRunStore(deps: { table: Table; clock: Clock }): RunStore {
  return new RunTable(deps.table, deps.clock);
}

class RunTable implements RunStore {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async write(run: Run): Promise<void> {
    const { tenant: _tenant, ...row } = boundedRun(run);
    const key = runKey(run.tenant, run.slot, run.source, run.part);
    await this.#table.put({ ...key, ...row, [TTL]: expiry(run.endedAt, RUN_DAYS) });
  }

  async isDone({ tenant, slot, source, part }: RunRef): Promise<boolean> {
    return (await this.#table.get(runKey(tenant, slot, source, part), { consistent: true })) !== undefined;
  }

  async list(tenant: string, query: RunQuery): Promise<RunPage> {
    const runs: Run[] = [];
    const now = this.#clock.now();
    // A manual run's slot and a clock that is ahead may lie just past now; the next month is one empty query at most.
    let month = query.cursor === undefined ? monthOf(now + DAY_MS) : monthOfCursor(query.cursor);
    const oldest = monthOf(now - RUN_DAYS * DAY_MS);
    let after = query.cursor;
    let scanned = 0;
    while (month >= oldest) {
      const page = await this.#queryMonth(tenant, month, after, query);
      scanned += page.items.length;
      const live = page.items.filter((item) => isLive(item, now) && (query.source ?? item.source) === item.source);
      for (const item of live) {
        runs.push(toRun(tenant, item));
        if (runs.length === query.limit) return { runs, cursor: String(item.sk) };
      }
      after = page.next && String(page.next.sk);
      if (after !== undefined && scanned >= MAX_ROWS_SCANNED) return { runs, cursor: after };
      if (after === undefined) month = monthBefore(month);
    }
    return { runs };
  }

  #queryMonth(tenant: string, month: string, after: string | undefined, query: RunQuery) {
    const pk = runsPk(tenant, month);
    return this.#table.query({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :run)',
      ExpressionAttributeValues: { ':pk': pk, ':run': RUN_PREFIX },
      ScanIndexForward: false,
      Limit: query.source === undefined ? query.limit : 500,
      ...(after === undefined ? {} : { ExclusiveStartKey: { pk, sk: after } }),
    });
  }

  async writeRaw(ref: RunRef, text: string): Promise<void> {
    const { body, truncated } = await compressed(text);
    await this.#table.put({
      ...rawKey(ref.tenant, ref.slot, ref.source, ref.part),
      body,
      ...(truncated ? { truncated } : {}),
      [TTL]: expiry(this.#clock.now(), RAW_DAYS),
    });
  }

  async readRaw(ref: RunRef): Promise<{ text: string; truncated: boolean } | undefined> {
    const item = await this.#table.get(rawKey(ref.tenant, ref.slot, ref.source, ref.part));
    if (!item || !isLive(item, this.#clock.now())) return undefined;
    const text = (await inflate(item.body as Uint8Array)).toString('utf8');
    return { text, truncated: item.truncated === true };
  }
}

/** Halves the text until its compressed form fits; a response that does not compress is cut to what does. */
async function compressed(text: string): Promise<{ body: Uint8Array; truncated: boolean }> {
  let kept = text.slice(0, MAX_RAW_CHARACTERS);
  let body = await deflate(kept);
  while (body.length > MAX_RAW_BYTES) {
    kept = kept.slice(0, Math.floor(kept.length / 2));
    body = await deflate(kept);
  }
  return { body, truncated: kept.length < text.length };
}

function toRun(tenant: string, item: Item): Run {
  const { pk: _pk, sk: _sk, [TTL]: _ttl, ...row } = item;
  return { tenant, ...row } as unknown as Run;
}

function expiry(at: Instant, days: number): number {
  return Math.ceil((at + days * DAY_MS) / 1000);
}

/** DynamoDB deletes in its own time. */
function isLive(item: Item, now: Instant): boolean {
  return Number(item[TTL]) * 1000 > now;
}

function monthOf(at: Instant): string {
  return isoInstant(at).slice(0, 7);
}

function monthBefore(month: string): string {
  return monthOf(Date.parse(`${month}-01T00:00:00Z`) - 1);
}

function monthOfCursor(cursor: string): string {
  if (!CURSOR_PATTERN.test(cursor)) {
    const message = 'is not a cursor that this list gave out: begin without one';
    throw new AppError('REQUEST_INVALID', message, { context: { issues: [{ path: 'cursor', message }] } });
  }
  return cursor.slice(RUN_PREFIX.length, RUN_PREFIX.length + 7);
}
