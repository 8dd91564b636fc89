/** Takes a wish about a reseller: judged whole, audited, sent to whoever works on routers, then written. */
import type { AuditLog } from '../../shared/collect/audit.port.ts';
import type { AuditValue } from '../../shared/collect/audit.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import { INTERFACE_KIND } from '../../shared/interfaces/metrics.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import { AppError, type Issue, isAppError } from '../../shared/platform/errors.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import { cutText } from '../../shared/platform/redact.ts';
import { RESELLER_ID_PATTERN, type Reseller, wantedPlaces } from '../../shared/resellers/reseller.ts';
import type { LimitsMessage } from '../../shared/resellers/resellers.contract.ts';
import type { ResellerStore } from '../../shared/resellers/resellers.port.ts';
import { mappingIssues } from '../../shared/resellers/validate.ts';
import { watchResellers } from '../../shared/resellers/watch.ts';
import { type ResellerRecord, tasksOf, type WorkAction } from '../../shared/resellers/work.ts';
import type { Caller } from './caller.ts';

export interface ResellerRequestDeps {
  readonly resellers: Omit<ResellerStore, 'holdRouter' | 'releaseRouter' | 'putComparison'>;
  readonly sources: Pick<SourceStore, 'list' | 'read' | 'put'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly queue: Queue<LimitsMessage>;
  readonly clock: Clock;
}

export interface Wish {
  readonly action: WorkAction;
  /** The version that the caller has read; 0 for a new one. */
  readonly version: number;
  readonly details: Readonly<Record<string, AuditValue>>;
  /** Asked anew when a worker wrote meanwhile; throws where it may not be. */
  readonly change: (record: ResellerRecord) => ResellerRecord;
}

/** The message goes out first, so that work that can be seen is never forgotten; the record follows within this. */
const RECORD_DELAY_SECONDS = 2;
/** The audit's details are short. */
const MAX_LEFT = 300;
/** Workers that write in between. */
const ATTEMPTS = 5;

export async function findReseller(
  resellers: Pick<ResellerStore, 'read'>,
  tenant: string,
  id: string,
): Promise<ResellerRecord> {
  // Any other text names no reseller, and may be too long to be a key.
  const record = RESELLER_ID_PATTERN.test(id) ? await resellers.read(tenant, id) : undefined;
  if (!record) throw new AppError('NOT_FOUND', `there is no reseller "${id}"`);
  return record;
}

/** Throws STORE_CONFLICT where the reseller is no longer as the caller read it. */
export async function request(
  deps: ResellerRequestDeps,
  { subject, tenant }: Caller,
  before: ResellerRecord,
  wish: Wish,
): Promise<ResellerRecord> {
  checkVersion(before, wish.version);
  // Before anything is promised: what goes wrong from here on is to be told.
  await watchResellers(deps, tenant);
  const row = { subject, action: `resellers.${wish.action}`, target: `reseller ${before.id}` };
  const hasWork = next(deps, subject, before, wish).asked !== before.asked;
  const { details } = wish;
  await deps.audit.append(before.tenant, { ...row, outcome: hasWork ? 'requested' : 'intent', details });
  try {
    const stored = await write(deps, subject, before, wish);
    if (stored.asked === before.asked) await deps.audit.append(before.tenant, { ...row, outcome: 'done', details });
    return stored;
  } catch (error) {
    if (isAppError(error, 'STORE_CONFLICT')) {
      const refused = { ...details, error: error.message };
      await deps.audit.append(before.tenant, { ...row, outcome: 'refused', details: refused });
    }
    throw error;
  }
}

/** Resolves to what was stored; each number of work has its message by then. */
async function write(
  deps: ResellerRequestDeps,
  subject: string,
  before: ResellerRecord,
  wish: Wish,
): Promise<ResellerRecord> {
  let record = before;
  let sent = before.asked;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const wanted = next(deps, subject, record, wish);
    if (wanted.asked > sent) await deps.queue.send(messageOf(wanted), { delaySeconds: RECORD_DELAY_SECONDS });
    sent = Math.max(sent, wanted.asked);
    const stored = await deps.resellers.put(wanted);
    if (stored) return stored;
    if (before.revision === 0) throw conflict(`there is a reseller "${before.id}" already: change it with PATCH`);
    record = await findReseller(deps.resellers, before.tenant, before.id);
    checkVersion(record, wish.version);
  }
  throw conflict(`the reseller "${before.id}" is being worked on: try again`);
}

/** Throws STORE_CONFLICT. */
export function checkVersion({ id, version }: Pick<ResellerRecord, 'id' | 'version'>, read: number): void {
  if (version === read) return;
  throw conflict(`reseller "${id}" is at version ${version}, not ${read}: read it again`);
}

/** Without work on routers: nothing of it is there, or somebody wants that left. Resolves to it as it was. */
export async function removeNow(
  deps: ResellerRequestDeps,
  { subject }: Caller,
  before: ResellerRecord,
  version: number,
  leavesRouters: boolean,
): Promise<ResellerRecord> {
  checkVersion(before, version);
  const left = leavesRouters ? before.places.map(({ router, queue }) => `${router} ${queue}`).join(', ') : '';
  const row = {
    ...{ subject, action: 'resellers.remove', target: `reseller ${before.id}` },
    details: { leavesRouters, ...(left === '' ? {} : { left: cutText(left, MAX_LEFT) }) },
  };
  await deps.audit.append(before.tenant, { ...row, outcome: 'intent' });
  if (!(await deps.resellers.remove(before))) {
    await deps.audit.append(before.tenant, { ...row, outcome: 'refused' });
    throw conflict(`the reseller "${before.id}" is being worked on: try again`);
  }
  await deps.audit.append(before.tenant, { ...row, outcome: 'done' });
  const { work: _work, ...rest } = before;
  return { ...rest, removing: true };
}

function conflict(message: string): AppError {
  return new AppError('STORE_CONFLICT', message);
}

/** The record as it is to be written: with new work where a router has something to do about it, without any where none has. */
function next(deps: ResellerRequestDeps, subject: string, record: ResellerRecord, wish: Wish): ResellerRecord {
  const { work: former, ...changed } = { ...wish.change(record), version: record.version + 1 };
  if (tasksOf(changed).length === 0) return changed;
  if (!isNewWork(record, changed, wish.action)) return former ? { ...changed, work: former } : changed;
  const asked = record.asked + 1;
  const { action } = wish;
  const since = deps.clock.now();
  const work = { number: asked, phase: 'pending' as const, since, askedBy: subject, action, attempts: 0 };
  // What was seen, and what failed, is of what was wanted before; each place is tried and read back now.
  const places = changed.places.map(({ failure: _failure, ...place }) => place);
  return { ...changed, asked, work, places, drift: [] };
}

function isNewWork(before: ResellerRecord, after: ResellerRecord, action: WorkAction): boolean {
  const asked = (record: ResellerRecord) => JSON.stringify(wantedPlaces(record));
  return action !== 'change' || asked(before) !== asked(after);
}

function messageOf({ tenant, id, asked }: ResellerRecord): LimitsMessage {
  return { version: 1, work: 'apply', tenant, reseller: id, number: asked };
}

/** All that is wrong with where it hangs. */
export async function placementIssues(
  deps: Pick<ResellerRequestDeps, 'resellers'> & { readonly sources: Pick<SourceStore, 'list'> },
  tenant: string,
  reseller: Pick<Reseller, 'id' | 'addresses' | 'routers'>,
): Promise<Issue[]> {
  if (reseller.routers.length === 0) return [];
  const [sources, others] = await Promise.all([deps.sources.list(tenant), deps.resellers.list(tenant)]);
  const routers = sources.filter(({ kind }) => kind === INTERFACE_KIND).map(({ id, type }) => [id, type] as const);
  return mappingIssues(reseller, new Map(routers), others);
}

export function refuse(issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  const sentence = issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
  throw new AppError('REQUEST_INVALID', sentence, { context: { issues } });
}
