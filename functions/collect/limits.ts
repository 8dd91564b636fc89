/** Brings routers to what is wanted of resellers, one place after the other, until each was read back as it should be. */
import type { AuditWriter } from '../../shared/collect/audit.port.ts';
import type { SiteWorkStore } from '../../shared/collect/site-work.port.ts';
import { WaitingForSite } from '../../shared/collect/site-work.ts';
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import { type OpenRouter, type RouterWork, withRouter } from '../../shared/interfaces/router-limits.ts';
import type { Clock, Instant } from '../../shared/platform/clock.ts';
import { type AppError, isAppError } from '../../shared/platform/errors.ts';
import { MAX_DELAY_SECONDS, type Queue } from '../../shared/platform/queue.port.ts';
import { cutText } from '../../shared/platform/redact.ts';
import { applyTask } from '../../shared/resellers/apply.ts';
import type { LimitsMessage } from '../../shared/resellers/resellers.contract.ts';
import type { ResellerStore } from '../../shared/resellers/resellers.port.ts';
import {
  aboutTo,
  begun,
  failedRouters,
  freshFirst,
  lastLook,
  nextWork,
  openTasks,
  type PlaceFailure,
  placeId,
  type ResellerRecord,
  settledPlace,
  type Task,
  type Work,
  withPlace,
} from '../../shared/resellers/work.ts';
import { compareRouter } from './limits-compare.ts';
import { auditOf, comparisonWork, isStillAwaited, taskWork } from './limits-site.ts';

export interface LimitsDeps {
  readonly resellers: ResellerStore;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly audit: AuditWriter;
  readonly openRouter: OpenRouter;
  readonly siteWork: Pick<SiteWorkStore, 'read'>;
  readonly queue: Queue<LimitsMessage>;
  readonly clock: Clock;
}

export interface LimitsOptions {
  /** When this invocation ends. */
  readonly deadline: Instant;
  /** Tells this invocation from any other. */
  readonly holder: string;
  /** The message was delivered before, and whoever had it died: nobody may have gone on. */
  readonly isAgain: boolean;
}

export type LimitsReport =
  | 'done'
  | 'failed'
  | 'put back'
  | 'waiting for a site'
  | 'superseded'
  | 'nothing to do'
  | 'compared'
  | 'not compared';

type ApplyMessage = Extract<LimitsMessage, { work: 'apply' }>;

/** No place is begun later than this before the end: a slow router takes a call or two. */
const PLACE_MS = 40_000;
/** Calls end so long before the invocation does: room for what is written after them. */
const WRITE_MS = 5_000;
/** A message that finds the router taken, or its reseller not written yet, looks again after this. */
const BUSY_SECONDS = 15;
/** The reseller is written right after its message; one that never came was never promised to anybody. */
const MAX_WAITS = 5;
/** That somebody looks is written down so often at most. */
const LOOK_MS = 300_000;
const MAX_WORDS = 500;

/** A message may come twice, late, or after a crash behind any step: the router ends with what was wanted last. */
export function createLimits(
  deps: LimitsDeps,
): (message: LimitsMessage, options: LimitsOptions) => Promise<LimitsReport> {
  return async (message, options) => {
    const tenant = await deps.tenants.readTenant(message.tenant);
    if (!tenant || tenant.removedAt !== undefined) return 'nothing to do';
    if (!options.isAgain && !(await isStillAwaited(deps, message))) return 'nothing to do';
    const { awaited, ...own } = message;
    const report = await (own.work === 'apply' ? apply(deps, own, options) : compare(deps, own, options));
    // A look that came a moment too early must not be the last one.
    const isEarly = awaited && report === 'waiting for a site' && (await isStillAwaited(deps, message));
    return isEarly ? putBack(deps, message, BUSY_SECONDS) : report;
  };
}

async function compare(
  deps: LimitsDeps,
  message: Extract<LimitsMessage, { work: 'compare' }>,
  options: LimitsOptions,
): Promise<LimitsReport> {
  const { tenant, router } = message;
  const hold = { tenant, router, holder: options.holder, until: options.deadline + WRITE_MS };
  if (!(await deps.resellers.holdRouter(hold, deps.clock.now()))) return lookAgain(deps, message);
  try {
    const work = comparisonWork(deps.queue, message, options.holder);
    const isRead = await compareRouter(deps, { tenant, router, work }, options.deadline - WRITE_MS);
    return isRead ? 'compared' : 'not compared';
  } catch (error) {
    if (!(error instanceof WaitingForSite)) throw error;
    return error.reason === 'taken' ? lookAgain(deps, message) : 'waiting for a site';
  } finally {
    await deps.resellers.releaseRouter(hold);
  }
}

async function apply(deps: LimitsDeps, message: ApplyMessage, options: LimitsOptions): Promise<LimitsReport> {
  const record = await deps.resellers.read(message.tenant, message.reseller);
  if (!record || record.asked < message.number) return lookAgain(deps, message);
  const work = workOf(record, message.number);
  if (!work) return 'nothing to do';
  const now = deps.clock.now();
  if (work.nextAt !== undefined && work.nextAt > now) return putBack(deps, message, (work.nextAt - now) / 1000);
  await noteLook(deps, message, now);
  let isBusy = false;
  let isWaiting = false;
  let isFirst = true;
  for (const task of freshFirst(openTasks(record))) {
    // Each answer of a site brings this round back: what has failed in it is not asked again with every one.
    if (isWaiting && task.place.failure) continue;
    if (deps.clock.now() + PLACE_MS > options.deadline)
      return isFirst ? putBack(deps, message, 0) : goOn(deps, message);
    isFirst = false;
    const outcome = await workOn(deps, message, task, options);
    if (outcome === 'superseded') return outcome;
    isBusy ||= outcome === 'busy';
    isWaiting ||= outcome === 'waiting';
  }
  if (isBusy) return putBack(deps, message, BUSY_SECONDS);
  return isWaiting ? 'waiting for a site' : settle(deps, message);
}

/** Time ran out. Routers that have not failed come first in the next round; where there are none, this was a whole round. */
async function goOn(deps: LimitsDeps, message: ApplyMessage): Promise<LimitsReport> {
  const record = await deps.resellers.read(message.tenant, message.reseller);
  const open = record ? openTasks(record) : [];
  const failed = failedRouters(open);
  return open.some(({ router }) => !failed.has(router)) ? putBack(deps, message, 0) : settle(deps, message);
}

/** Whoever looks for forgotten work sees that this is not. */
async function noteLook(deps: LimitsDeps, { tenant, reseller, number }: ApplyMessage, now: Instant): Promise<void> {
  await deps.resellers.change(tenant, reseller, (record) => {
    const work = workOf(record, number);
    if (!work || now - lastLook(work) < LOOK_MS) return undefined;
    return { ...record, work: { ...work, lookedAt: now } };
  });
}

/** The work that a message is about, while it is under way. */
function workOf(record: ResellerRecord, number: number): Work | undefined {
  return record.work?.number === number && record.work.phase === 'pending' ? record.work : undefined;
}

/**
 * Nobody else works on the router meanwhile, and what is wanted is read under that hold: a newer wish is written either
 * before, and is done here, or after, and its own message comes when this one has let go.
 */
async function workOn(
  deps: LimitsDeps,
  message: ApplyMessage,
  { router, queue }: Task,
  options: LimitsOptions,
): Promise<'done' | 'busy' | 'waiting' | 'superseded'> {
  const { tenant, reseller } = message;
  const hold = { tenant, router, holder: options.holder, until: options.deadline + WRITE_MS };
  if (!(await deps.resellers.holdRouter(hold, deps.clock.now()))) return 'busy';
  try {
    const id = placeId({ router, queue });
    const mine = (record: ResellerRecord) => openTasks(record).find((task) => placeId(task) === id);
    // What may be on the router is known before it is there.
    let task: Task | undefined;
    let isWanted = false;
    const noted = await deps.resellers.change(tenant, reseller, (record) => {
      isWanted = workOf(record, message.number) !== undefined;
      task = isWanted ? mine(record) : undefined;
      return task && begun(record, task);
    });
    // A twin of this message may have been here first.
    if (!noted || !task) return isWanted ? 'done' : 'superseded';
    const own = taskWork(deps.queue, message, { queue, createdAt: noted.createdAt }, options.holder);
    const failure = await attempt(deps, noted, task, { work: own, deadline: options.deadline - WRITE_MS });
    const place = failure ? { ...aboutTo(task), failure } : settledPlace(task, message.number, deps.clock.now());
    const ended = await deps.resellers.change(tenant, reseller, (record) =>
      workOf(record, message.number) ? withPlace(record, id, place) : undefined,
    );
    return ended ? 'done' : 'superseded';
  } catch (error) {
    if (!(error instanceof WaitingForSite)) throw error;
    return error.reason === 'taken' ? 'busy' : 'waiting';
  } finally {
    await deps.resellers.releaseRouter(hold);
  }
}

/** Undefined when the router was read back as it is wanted. Throws what is no failure of the router. */
async function attempt(
  deps: LimitsDeps,
  record: ResellerRecord,
  task: Task,
  { work, deadline }: { readonly work: RouterWork; readonly deadline: Instant },
): Promise<PlaceFailure | undefined> {
  const { tenant, id } = record;
  try {
    const opened = await deps.openRouter(tenant, task.router, deadline, work);
    const asked = { tenant, reseller: id, subject: record.work?.askedBy ?? '' };
    await withRouter(opened, (router) => applyTask({ router, audit: auditOf(deps.audit, router) }, asked, task));
    return undefined;
  } catch (error) {
    if (!isAppError(error) || error.code.startsWith('STORE_')) throw error;
    return failureOf(error);
  }
}

function failureOf({ code, message, context: { retryAfterSeconds } }: AppError): PlaceFailure {
  const retryable = code === 'SOURCE_UNAVAILABLE' || code === 'SOURCE_THROTTLED';
  return {
    message: cutText(message, MAX_WORDS),
    retryable,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** After a look at every place: done, to be tried again, or failed; the audit hears of both ends. */
async function settle(deps: LimitsDeps, message: ApplyMessage): Promise<LimitsReport> {
  const { tenant, reseller, number } = message;
  const record = await deps.resellers.read(tenant, reseller);
  const before = record && workOf(record, number);
  const next = record && nextWork(record, deps.clock.now());
  if (!record || !before || !next) return 'superseded';
  if (next.phase !== 'pending') {
    // Before it is over: whoever takes the step again says so once more, for nothing is worse than not at all.
    const { action, askedBy: subject } = before;
    const details = next.lastError === undefined ? {} : { error: cutText(next.lastError, MAX_WORDS) };
    const row = {
      subject,
      action: `resellers.${action}`,
      target: `reseller ${reseller}`,
      outcome: next.phase,
      details,
    };
    await deps.audit.append(tenant, row);
  }
  if (next.phase === 'done' && record.removing) {
    return (await deps.resellers.remove(record)) ? 'done' : putBack(deps, message, 0);
  }
  const written = await deps.resellers.put({ ...record, work: next });
  // A comparison wrote meanwhile, or a person did: the next look finds out which.
  if (!written) return putBack(deps, message, 0);
  if (next.phase !== 'pending') return next.phase;
  return putBack(deps, message, ((next.nextAt ?? 0) - deps.clock.now()) / 1000);
}

async function putBack(deps: LimitsDeps, message: LimitsMessage, seconds: number): Promise<LimitsReport> {
  await deps.queue.send(message, { delaySeconds: Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil(seconds))) });
  return 'put back';
}

async function lookAgain(deps: LimitsDeps, message: LimitsMessage): Promise<LimitsReport> {
  const waits = (message.waits ?? 0) + 1;
  return waits > MAX_WAITS ? 'nothing to do' : putBack(deps, { ...message, waits }, BUSY_SECONDS);
}
