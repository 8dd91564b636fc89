/** One look at one SIM: which calls are due, and what of their answers is worth keeping. Knows ports only. */
import type { Rejected } from '../collect/collector.port.ts';
import type { EntityDraft } from '../entities/entities.port.ts';
import type { Entity } from '../entities/entity.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { isAppError } from '../platform/errors.ts';
import type { HeadEntity, Reading } from '../samples/sample.ts';
import { dayName, dayNumber } from '../samples/zone.ts';
import { simAttributesOf, withStatus } from './attributes.ts';
import type { SimLog } from './log.port.ts';
import type { Answer, OnenceReader } from './onence.port.ts';
import { MAX_BACKFILL_DAYS, type OnenceSettings } from './settings.ts';
import type { SimStatus } from './sim.ts';
import type { SimRef, UsageStore } from './usage.port.ts';
import {
  lastSeenValue,
  newestOf,
  presenceValue,
  quotaValues,
  secondsOf,
  type Used,
  usageValues,
} from './visit-values.ts';

export interface VisitDeps {
  readonly client: OnenceReader;
  readonly usage: Pick<UsageStore, 'record' | 'read'>;
  readonly log: Pick<SimLog, 'recordEvents' | 'recordCell'>;
  readonly clock: Clock;
  readonly settings: OnenceSettings;
}

export interface Visit {
  readonly entity: Entity;
  /** What the head knows of it; undefined when it was never looked at. */
  readonly newest: HeadEntity | undefined;
  /** Days of usage that somebody asked for. */
  readonly days?: number | undefined;
  /** Quota and usage are read whatever their age: it is nearly used up, or somebody asked. */
  readonly urgent: boolean;
}

export interface Visited {
  readonly reading: Reading;
  /** Only where something of it changed. */
  readonly draft: EntityDraft | undefined;
  readonly rejected: readonly Rejected[];
}

/** Usage of the last days is read again each time: the provider restates it for a while. */
const RESTATED_DAYS = 3;
/** The days that say what is usual. */
const USUAL_DAYS = 30;
const EVENTS_AT_ONCE = 50;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A run a little early (another minute of the slot) must not wait a whole round for it. */
const EARLY_MS = 2 * MINUTE_MS;

/** Whether quota and usage have become old; what did not answer the last time counts as asked. */
export function isDue(visit: Visit, settings: OnenceSettings, now: Instant): boolean {
  if (visit.urgent || visit.newest === undefined) return true;
  return olderThan(visit.newest.receivedAt, settings.detailMinutes, now);
}

/** By when it was asked for and not by what came: a SIM in a drawer answers nothing, and must not cost the most. */
function isSlowDue({ newest }: Visit, settings: OnenceSettings, now: Instant): boolean {
  const askedAt = newestOf(newest, 'slowAskedAt');
  return askedAt === undefined || olderThan(Number(askedAt) * 1000, settings.slowMinutes, now);
}

function olderThan(at: Instant, minutes: number, now: Instant): boolean {
  return now - at >= minutes * MINUTE_MS - EARLY_MS;
}

/** Throws SOURCE_* of the client; whatever was recorded until then is found recorded the next time. */
export async function visitSim(deps: VisitDeps, visit: Visit): Promise<Visited> {
  const { client, settings, clock } = deps;
  const { entity } = visit;
  const { iccid, account, activatedAt } = simAttributesOf(entity);
  const ref: SimRef = { tenant: entity.tenant, account, iccid };
  const rejected: Rejected[] = [];
  const ask: Ask = async (what, call) => {
    const answer = await patiently(call).catch(unusable);
    rejected.push(...answer.rejected.map((r) => ({ ...r, path: `${iccid} ${what}${r.path ? `: ${r.path}` : ''}` })));
    return answer;
  };
  const slow = isSlowDue(visit, settings, clock.now());
  const { value: data } = await ask('data quota', () => client.readQuota(iccid, 'data'));
  const used = await readUsage(deps, visit, ref, ask);
  const sms =
    slow && settings.smsQuota ? (await ask('SMS quota', () => client.readQuota(iccid, 'sms'))).value : undefined;
  const status = slow && settings.status ? (await ask('status', () => client.readStatus(iccid))).value : undefined;
  if (slow && settings.connectivity) {
    const cell = await ask('connectivity', () => client.readCell(iccid));
    if (cell.value) await deps.log.recordCell(ref, cell.value, cell.receivedAt);
  }
  if (slow && settings.events) {
    const events = await ask('events', () => client.readEvents(iccid, 1, EVENTS_AT_ONCE));
    if (events.value) await deps.log.recordEvents(ref, events.value.events, events.receivedAt);
  }
  const now = clock.now();
  const values = {
    ...quotaValues('data', data),
    ...quotaValues('sms', sms),
    ...usageValues(used, activatedAt === undefined ? undefined : dayOfInstant(activatedAt)),
    ...(used.stated ? { usageStatedAt: secondsOf(now) } : {}),
    ...presenceValue(status),
    ...lastSeenValue(visit.newest, status, used, now),
    ...(slow ? { slowAskedAt: secondsOf(now) } : {}),
  };
  return {
    // Also without a single value it says that the SIM was asked.
    reading: { entity: entity.id, receivedAt: now, values },
    draft: status === undefined ? undefined : draftAfter(entity, status, clock.now()),
    rejected,
  };
}

/** Makes a call and keeps what of its answer could not be used. */
type Ask = <T>(what: string, call: () => Promise<Answer<T>>) => Promise<Answer<T>>;

/** A provider that wants to be left alone no longer than this is waited for as for a turn: to hand the rest on takes longer. */
const SHORT_WAIT_SECONDS = 2;

/** Makes a call, and once more after a short wait that its 429 asked for: the account's pace holds the second one back. */
export async function patiently<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isAppError(error, 'SOURCE_THROTTLED') || error.context.status !== 429) throw error;
    if ((error.context.retryAfterSeconds ?? Number.POSITIVE_INFINITY) > SHORT_WAIT_SECONDS) throw error;
    return call();
  }
}

/** One answer that is no answer takes none of the others along. */
function unusable(error: unknown): Answer<never> {
  if (!isAppError(error, 'SOURCE_MALFORMED')) throw error;
  const { rawText } = error.context;
  const rejected = [{ path: '', message: error.message, ...(rawText === undefined ? {} : { rawText }) }];
  // Nothing was received, so nothing is dated by it.
  return { value: undefined, rejected, receivedAt: Number.NaN };
}

/** All of the past at first, then what the provider may restate, and every day of a time in which it could not be asked. */
function daysOwed({ newest }: Visit, settings: OnenceSettings, now: Instant): number {
  const statedAt = newestOf(newest, 'usageStatedAt');
  if (statedAt === undefined) return settings.backfillDays;
  const missed = Math.floor((now - Number(statedAt) * 1000) / DAY_MS);
  return Math.min(MAX_BACKFILL_DAYS, RESTATED_DAYS + Math.max(0, missed));
}

/** The provider's days are UTC's. */
function dayOfInstant(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}

async function readUsage(deps: VisitDeps, visit: Visit, ref: SimRef, ask: Ask): Promise<Used> {
  const { usage, client, clock, settings } = deps;
  const today = dayOfInstant(clock.now());
  const back = (count: number): string => dayName(dayNumber(today) - count);
  const days = Math.max(visit.days ?? 1, daysOwed(visit, settings, clock.now()));
  const before = await usage.read(ref, back(USUAL_DAYS), today);
  const { value: stated, receivedAt } = await ask('usage', () => client.readUsage(ref.iccid, back(days - 1), today));
  if (stated) await usage.record(ref, stated, receivedAt, today);
  const merged = new Map([...before, ...(stated ?? [])].map((day) => [day.day, day]));
  const all = [...merged.values()]
    .filter(({ day }) => day >= back(USUAL_DAYS))
    .sort((a, b) => (a.day < b.day ? -1 : 1));
  return { today, stated, before, all };
}

function draftAfter(entity: Entity, status: SimStatus, now: Instant): EntityDraft {
  const { id, target, name, labels, simulated } = entity;
  return { id, target, name, labels, simulated, attributes: withStatus(entity.attributes, status, now) };
}
