/** Usage of SIMs on the one table: a packed item per SIM and month, and corrections in the tenant's log. */
import type { Clock, Instant } from '../platform/clock.ts';
import { isoInstant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { type Item, type Key, type Table, TTL } from '../platform/table.dynamodb.ts';
import { expiry, isAlive } from '../samples/life.dynamodb.ts';
import { monthOf } from '../samples/zone.ts';
import { type DayUsage, USAGE_FIELDS } from './sim.ts';
import type { Correction, SimRef, UsageStore } from './usage.port.ts';
import { mergeUsage, type StatedDay, type Statement } from './usage.ts';
import {
  CORRECTION_PREFIX,
  correctionKey,
  correctionsPk,
  decodeUsageSk,
  usageMonthKey,
  usageMonthPk,
} from './usage-keys.ts';
import { packUsage, unpackUsage } from './usage-packing.ts';

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1000;
/** From the month's end. */
const USAGE_LIFE_SECONDS = 400 * DAY_SECONDS;
const CORRECTION_LIFE_SECONDS = 366 * DAY_SECONDS;
/** Only the holder of a lease and a person's own run meet at one SIM; more in a row is a bug. */
const MAX_ATTEMPTS = 8;
/** Rows of one page when they are filtered, and pages of one answer: 40,000 rows are looked at and no more. */
const FILTERED_PAGE = 1000;
const MAX_PAGES = 40;
/** Longest month, and a provider whose day is ahead of ours. */
const MONTH_DAYS = 31;

/** A correction on its way from the month into the log. */
interface Owed extends Omit<Correction, 'iccid'> {
  readonly at: Instant;
}

interface MonthItem {
  readonly key: Key;
  /** 0 stands for none stored. */
  readonly rev: number;
  readonly days: readonly StatedDay[];
  /** Corrections that may not stand in the log yet. */
  readonly owed: readonly Owed[];
}

export function createUsageStore(deps: { table: Table; clock: Clock }): UsageStore {
  return new UsageTable(deps.table, deps.clock);
}

class UsageTable implements UsageStore {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async record(
    ref: SimRef,
    days: readonly DayUsage[],
    at: Instant,
    closedBefore: string,
  ): Promise<readonly Correction[]> {
    const corrections: Owed[] = [];
    for (const month of new Set(days.map(({ day }) => monthOf(day)))) {
      // The provider may tell more than is kept.
      if (monthExpiry(month) * 1000 <= this.#clock.now()) continue;
      const statement = { days: days.filter(({ day }) => monthOf(day) === month), at, closedBefore };
      corrections.push(...(await this.#recordMonth(ref, month, statement)));
    }
    return corrections.map(({ at: _at, ...correction }) => ({ iccid: ref.iccid, ...correction }));
  }

  /**
   * Corrections are owed in the same write that changes the days, and paid into the log after it: so each change that was
   * stored is logged once, whatever crashes, and one that lost against another writer is not. Until they are paid, whoever
   * comes next pays, and is told of them.
   */
  async #recordMonth(ref: SimRef, month: string, statement: Statement): Promise<readonly Owed[]> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const before = await this.#readMonthOf(ref, month);
      await this.#log(ref, before.owed);
      const { days, corrections } = mergeUsage(before.days, statement);
      if (days === before.days) {
        await this.#settle(before);
        return before.owed;
      }
      const owed = corrections.map((correction) => ({ ...correction, at: statement.at }));
      const after: MonthItem = { key: before.key, rev: before.rev + 1, days, owed };
      if (!(await this.#table.put(toItem(after, month), asRead(before)))) continue;
      await this.#log(ref, owed);
      await this.#settle(after);
      return [...before.owed, ...owed];
    }
    throw new AppError('STORE_CONFLICT', 'the usage of a SIM was changed by others each time it was to be written');
  }

  async #readMonthOf(ref: SimRef, month: string): Promise<MonthItem> {
    const key = usageMonthKey(ref, month);
    const item = await this.#table.get(key, { consistent: true });
    if (item === undefined) return { key, rev: 0, days: [], owed: [] };
    const owed = Array.isArray(item.owed) ? (item.owed as OwedItem[]).map(fromOwedItem) : [];
    return { key, rev: Number(item.rev), days: daysOf(item), owed };
  }

  async #log(ref: SimRef, owed: readonly Owed[]): Promise<void> {
    const { account, iccid } = ref;
    for (const one of owed) {
      const life = { [TTL]: expiry(one.at, CORRECTION_LIFE_SECONDS) };
      await this.#table.put({ ...correctionKey(ref, one.at, one.day), account, iccid, ...toOwedItem(one), ...life });
    }
  }

  /** Whoever has written in the meantime has paid for it. */
  async #settle({ key, rev, owed }: MonthItem): Promise<void> {
    if (owed.length === 0) return;
    await this.#table.update(key, {
      UpdateExpression: 'REMOVE owed',
      ConditionExpression: 'rev = :rev',
      ExpressionAttributeValues: { ':rev': rev },
    });
  }

  async read(ref: SimRef, from: string, to: string): Promise<readonly DayUsage[]> {
    const now = this.#clock.now();
    const oldest = monthOfInstant(now - USAGE_LIFE_SECONDS * 1000 - MONTH_DAYS * DAY_MS);
    const newest = monthOfInstant(now + MONTH_DAYS * DAY_MS);
    const months = monthsBack(newest, oldest).filter((month) => month >= monthOf(from) && month <= monthOf(to));
    const items = await Promise.all(
      months.map((month) => this.#table.get(usageMonthKey(ref, month), { consistent: true })),
    );
    return items
      .reverse()
      .flatMap((item) => (item !== undefined && isAlive(item, now) ? daysOf(item) : []))
      .map(({ usage }) => usage)
      .filter(({ day }) => day >= from && day <= to);
  }

  async readMonth(tenant: string, month: string): Promise<ReadonlyMap<string, readonly DayUsage[]>> {
    const items = await this.#table.queryAll({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': usageMonthPk(tenant, month) },
    });
    const live = items.filter((item) => isAlive(item, this.#clock.now()));
    return new Map(live.map((item) => [decodeUsageSk(String(item.sk)), daysOf(item).map(({ usage }) => usage)]));
  }

  async listCorrections(
    tenant: string,
    limit: number,
    iccid?: string,
  ): Promise<readonly (Correction & { at: Instant })[]> {
    const now = this.#clock.now();
    const found: (Correction & { at: Instant })[] = [];
    let pages = 0;
    // A clock that is ahead may have stated things just past now.
    for (const month of monthsBack(
      monthOfInstant(now + DAY_MS),
      monthOfInstant(now - CORRECTION_LIFE_SECONDS * 1000),
    )) {
      let next: Item | undefined;
      do {
        if (found.length >= limit || pages++ >= MAX_PAGES) return found.slice(0, limit);
        const page = await this.#queryCorrections(correctionsPk(tenant, month), limit - found.length, iccid, next);
        found.push(...page.items.filter((item) => isAlive(item, now)).map(toCorrection));
        next = page.next;
      } while (next !== undefined);
    }
    return found.slice(0, limit);
  }

  #queryCorrections(pk: string, wanted: number, iccid: string | undefined, start: Item | undefined) {
    const only = iccid === undefined ? {} : { FilterExpression: 'iccid = :iccid' };
    const values = { ':pk': pk, ':prefix': CORRECTION_PREFIX, ...(iccid === undefined ? {} : { ':iccid': iccid }) };
    return this.#table.query({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ...only,
      ExpressionAttributeValues: values,
      ScanIndexForward: false,
      Limit: iccid === undefined ? wanted : FILTERED_PAGE,
      ...(start === undefined ? {} : { ExclusiveStartKey: start }),
    });
  }
}

/** Epoch seconds; the month ends where its last day ends in UTC. */
function monthExpiry(month: string): number {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return expiry(Date.UTC(year, number, 1), USAGE_LIFE_SECONDS);
}

function toItem({ key, rev, days, owed }: MonthItem, month: string): Item & Key {
  return {
    ...key,
    rev,
    b: packUsage(days),
    ...(owed.length === 0 ? {} : { owed: owed.map(toOwedItem) }),
    [TTL]: monthExpiry(month),
  };
}

function daysOf(item: Item): StatedDay[] {
  return unpackUsage(item.b as Uint8Array);
}

function asRead(before: MonthItem) {
  return before.rev === 0
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : { ConditionExpression: 'rev = :rev', ExpressionAttributeValues: { ':rev': before.rev } };
}

/** Numbers of the table are read as doubles, so exact ones stand as text. */
type Texts = Readonly<Record<string, string>>;
interface OwedItem {
  readonly at: Instant;
  readonly day: string;
  readonly before: Texts;
  readonly after: Texts;
}

function toOwedItem({ at, day, before, after }: Owed): OwedItem {
  return { at, day, before: toTexts(before), after: toTexts(after) };
}

function fromOwedItem({ at, day, before, after }: OwedItem): Owed {
  return { at, day, before: fromTexts(day, before), after: fromTexts(day, after) };
}

function toCorrection(item: Item): Correction & { at: Instant } {
  return { iccid: String(item.iccid), ...fromOwedItem(item as unknown as OwedItem) };
}

function toTexts(usage: DayUsage): Texts {
  const known = USAGE_FIELDS.flatMap((field) => (usage[field] === undefined ? [] : [[field, String(usage[field])]]));
  return Object.fromEntries(known);
}

function fromTexts(day: string, texts: Texts): DayUsage {
  const known = USAGE_FIELDS.flatMap((field) => {
    const text = texts[field];
    return text === undefined ? [] : [[field, BigInt(text)]];
  });
  return { day, ...Object.fromEntries(known) };
}

function monthOfInstant(at: Instant): string {
  return isoInstant(at).slice(0, 7);
}

/** From the newest back to the oldest, both included. */
function monthsBack(newest: string, oldest: string): string[] {
  const months: string[] = [];
  for (let month = newest; month >= oldest; month = monthOfInstant(Date.parse(`${month}-01T00:00:00Z`) - 1)) {
    months.push(month);
  }
  return months;
}
