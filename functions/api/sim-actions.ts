/** The routes of actions on SIMs: a dry run tells, a request makes a job, the lists tell how it went. */
import { createHash } from 'node:crypto';
import type { AuditLog } from '../../shared/collect/audit.port.ts';
import type { AuditValue } from '../../shared/collect/audit.ts';
import type { SecretStore } from '../../shared/collect/secrets.port.ts';
import { ROLES } from '../../shared/entities/tenant.ts';
import { type Instant, isoInstant } from '../../shared/platform/clock.ts';
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts';
import { AppError } from '../../shared/platform/errors.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import { DEFAULT_LIMIT } from '../../shared/platform/route.ts';
import { PART_SIMS } from '../../shared/sims/act-call.ts';
import type { ActionRequest, PlannedItem } from '../../shared/sims/action.ts';
import { CONFIRMATION_MS, confirmationOf, digestOf, expiryOf } from '../../shared/sims/confirmation.ts';
import type { Job, JobPart, JobStore } from '../../shared/sims/jobs.port.ts';
import {
  actOnSims,
  listSimActions,
  readSimAction,
  type SimActMessage,
} from '../../shared/sims/sim-actions.contract.ts';
import { smsSize } from '../../shared/sims/sms-text.ts';
import { type Endpoint, endpoint } from './api.ts';
import type { Caller } from './caller.ts';
import {
  type ActionBody,
  type CostShown,
  costsOf,
  issuesOfGiven,
  type PlanDeps,
  planRequest,
  requestOf,
  sentDigest,
} from './sim-action-request.ts';
import { jobView, resultsOf, shownParameters } from './sim-action-views.ts';

export interface SimActionDeps extends PlanDeps {
  readonly jobs: Omit<JobStore, 'hold' | 'save' | 'release' | 'endPart'>;
  readonly secrets: Pick<SecretStore, 'readTokenKey'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly queue: Queue<SimActMessage>;
}

const LIST = 'sim-actions';
/** Items that a dry run shows. */
const SHOWN_ITEMS = 100;
/** The message goes out first, so that a job that can be seen is never forgotten; the job follows within this. */
const JOB_DELAY_SECONDS = 2;

export function createSimActionEndpoints(deps: SimActionDeps): Endpoint[] {
  const act = endpoint(
    actOnSims,
    async ({ body }, caller) => {
      if (body.dryRun) return dryRun(deps, caller, requestOf(body));
      return jobView(await requestJob(deps, caller, body));
    },
    (given, _, { tenant }) => issuesOfGiven(deps, tenant, given),
  );
  return [
    Object.assign(act, { statusOf }),
    endpoint(listSimActions, async ({ query }, { tenant: { tenant } }) => {
      const before = query.cursor === undefined ? undefined : decodeCursor(tenant, LIST, query.cursor);
      const page = await deps.jobs.list(tenant, query.limit ?? DEFAULT_LIMIT, before);
      return {
        items: page.jobs.map((job) => jobView(job)),
        ...(page.before === undefined ? {} : { nextCursor: encodeCursor(tenant, LIST, page.before) }),
      };
    }),
    endpoint(readSimAction, async ({ params, query }, { tenant: { tenant } }) => {
      const job = await deps.jobs.read(tenant, params.id);
      if (!job) throw new AppError('NOT_FOUND', `there is no action "${params.id}"`);
      return resultsOf(deps.jobs, job, query);
    }),
  ];
}

/** A dry run made nothing that is still to be done. */
function statusOf(answer: unknown): number | undefined {
  return typeof answer === 'object' && answer !== null && 'dryRun' in answer ? 200 : undefined;
}

interface Planned {
  readonly request: ActionRequest;
  readonly plan: readonly PlannedItem[];
  readonly costs: readonly CostShown[];
  readonly digest: string;
}

async function planned(deps: SimActionDeps, { tenant }: Caller, request: ActionRequest): Promise<Planned> {
  const plan = await planRequest(deps, tenant, request);
  const costs = await costsOf(deps, tenant, request, plan);
  return { request, plan, costs, digest: digestOf(tenant.tenant, request, plan, costs) };
}

async function dryRun(deps: SimActionDeps, caller: Caller, request: ActionRequest) {
  const { plan, costs, digest } = await planned(deps, caller, request);
  const wouldChange = plan.filter((item) => item.changes).length;
  const expiresAt = deps.clock.now() + CONFIRMATION_MS;
  const { payload } = request.parameters;
  return {
    dryRun: true as const,
    wouldChange,
    unchanged: plan.length - wouldChange,
    items: plan.slice(0, SHOWN_ITEMS).map(({ iccid, account, before, after, changes }) => ({
      ...{ iccid: iccid ?? null, account, before, after, changes },
    })),
    cost: costs.map(({ account, sims, amountMinor, currency, leftMinor }) => ({
      ...{ account, sims, amountMinor: String(amountMinor), currency, leftMinor: String(leftMinor) },
    })),
    ...(payload === undefined ? {} : { smsParts: smsSize(payload).parts }),
    ...(costs.length === 0
      ? {}
      : {
          confirmation: confirmationOf(await deps.secrets.readTokenKey(caller.tenant.tenant), digest, expiresAt),
          confirmationExpiresAt: isoInstant(expiresAt),
        }),
  };
}

/** The job of this request: a new one, or the one that the same request made before. */
export async function requestJob(deps: SimActionDeps, caller: Caller, body: ActionBody): Promise<Job> {
  const { tenant } = caller.tenant;
  const request = requestOf(body);
  const sent = sentDigest(request);
  // A confirmation buys once, however often it is sent.
  const keys = [
    ...(body.requestId === undefined ? [] : [`request:${body.requestId}`]),
    ...(body.confirmation === undefined ? [] : [`confirmation:${body.confirmation}`]),
  ];
  for (const key of keys) {
    const claim = await deps.jobs.readClaim(tenant, key);
    const job = claim && (await deps.jobs.read(tenant, sameRequest(claim, sent).job));
    if (job) return job;
  }
  const plan = await planned(deps, caller, request);
  const isPaid = plan.costs.length > 0;
  if (isPaid) await checkPaid(deps, caller, plan, body.confirmation);
  let id = jobIdOf(deps.clock.now(), caller.subject, plan.digest);
  for (const key of isPaid ? keys : keys.filter((k) => k.startsWith('request:'))) {
    const claim = sameRequest(await deps.jobs.claim(tenant, key, { job: id, digest: sent }), sent);
    const job = claim.job === id ? undefined : await deps.jobs.read(tenant, claim.job);
    if (job) return job;
    id = claim.job;
  }
  return createJob(deps, caller, id, plan, body.reason);
}

function sameRequest<T extends { readonly digest: string }>(claim: T, sent: string): T {
  if (claim.digest === sent) return claim;
  throw new AppError('STORE_CONFLICT', 'this requestId or confirmation was used for another request: use a new one');
}

/** Throws where the caller may not spend, the request was not confirmed as it is, or the month's cap has no room. */
async function checkPaid(
  deps: SimActionDeps,
  { tenant, role }: Caller,
  { costs, digest }: Planned,
  confirmation: string | undefined,
): Promise<void> {
  if (ROLES.indexOf(role) < ROLES.indexOf('admin')) {
    throw new AppError('FORBIDDEN', `this costs money and needs the role admin; yours is ${role}`);
  }
  const full = costs.find((cost) => cost.amountMinor > cost.leftMinor);
  if (full) {
    const left = `${full.leftMinor} ${full.currency} are left of it, this would cost ${full.amountMinor} (smallest unit)`;
    throw new AppError('FORBIDDEN', `it would go beyond the month's cap of ${full.account}: ${left}`);
  }
  const until =
    confirmation === undefined
      ? undefined
      : expiryOf(await deps.secrets.readTokenKey(tenant.tenant), digest, confirmation);
  if (until !== undefined && until > deps.clock.now()) return;
  const what =
    confirmation === undefined
      ? 'is missing, and this costs money'
      : until === undefined
        ? 'is not of this request, its SIMs and its price as they are now'
        : 'has expired';
  const message = `${what}: send the same request with "dryRun": true, and the confirmation that it answers`;
  throw new AppError('REQUEST_INVALID', `confirmation: ${message}`, {
    context: { issues: [{ path: 'confirmation', message }] },
  });
}

/** Parts, then the audit, then the message, then the job: whatever breaks off, nothing is shown that nobody works on. */
async function createJob(
  deps: SimActionDeps,
  { tenant: { tenant }, subject }: Caller,
  id: string,
  { request, plan, costs, digest }: Planned,
  reason: string | undefined,
): Promise<Job> {
  const parts = partsOf(plan);
  const { action, parameters } = request;
  const job: Job = {
    ...{ tenant, id, createdAt: createdAtOf(id), subject, action, parameters, digest },
    ...(parameters.payload === undefined ? {} : { payloadLength: [...parameters.payload].length }),
    ...(reason === undefined ? {} : { reason }),
    ...(costs.length === 0 ? {} : { prices: pricesOf(costs) }),
    accounts: [...new Set(plan.map((item) => item.account))],
    parts: parts.length,
    total: plan.length,
    partsDone: 0,
    counts: { pending: plan.length, done: 0, failed: 0, unknown: 0 },
    stopped: {},
  };
  await deps.jobs.putParts(job, parts);
  const details: Record<string, AuditValue> = {
    ...shownParameters(job),
    sims: plan.length,
    ...(reason === undefined ? {} : { reason }),
    ...(costs.length === 0 ? {} : { cost: costs.map((c) => `${c.amountMinor} ${c.currency} ${c.account}`).join(', ') }),
  };
  await deps.audit.append(tenant, {
    ...{ subject, action: `sims.${action}`, target: `job ${id}`, outcome: 'requested', details },
  });
  await deps.queue.send({ version: 1, tenant, job: id, part: 0 }, { delaySeconds: JOB_DELAY_SECONDS });
  await deps.jobs.putJob(job);
  return job;
}

/** A part is of one account, for it is one call. */
function partsOf(plan: readonly PlannedItem[]): JobPart[] {
  const parts: { part: number; account: string; items: JobPart['items'][number][] }[] = [];
  for (const { account, iccid, label, enabled } of plan) {
    let last = parts.at(-1);
    if (last?.account !== account || last.items.length >= PART_SIMS) {
      last = { part: parts.length, account, items: [] };
      parts.push(last);
    }
    last.items.push({
      ...(iccid === undefined ? {} : { iccid }),
      ...(label === undefined ? {} : { label }),
      ...(enabled === undefined ? {} : { enabled }),
    });
  }
  return parts;
}

function pricesOf(costs: readonly CostShown[]): Job['prices'] & {} {
  return Object.fromEntries(costs.map((c) => [c.account, { amountMinor: String(c.priceMinor), currency: c.currency }]));
}

/** Digits of an instant of any year that keys can hold. */
const INSTANT_DIGITS = 9;

/** In order of time; the same person asking for the same in the same millisecond asks once. */
function jobIdOf(now: Instant, subject: string, digest: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([now, subject, digest]))
    .digest('hex');
  return `${now.toString(36).padStart(INSTANT_DIGITS, '0')}-${hash.slice(0, 16)}`;
}

function createdAtOf(id: string): Instant {
  return Number.parseInt(id.slice(0, INSTANT_DIGITS), 36);
}
