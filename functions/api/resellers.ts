/** The routes of resellers: what is wanted of them is written down here, and done on the routers by whoever works there. */
import type { AuditValue } from '../../shared/collect/audit.ts';
import { AppError } from '../../shared/platform/errors.ts';
import { limitText } from '../../shared/resellers/compare.ts';
import { limitOf, type Plan, targetsOf } from '../../shared/resellers/reseller.ts';
import {
  addReseller,
  changeReseller,
  listResellers,
  planReseller,
  readReseller,
  removeReseller,
  resellerUsage,
  restoreReseller,
  suspendReseller,
} from '../../shared/resellers/resellers.contract.ts';
import { changed, resellerViewOf, statusOf, toPlan, toRecord } from '../../shared/resellers/resellers.convert.ts';
import type { NewReseller, ResellerChange } from '../../shared/resellers/resellers-fields.contract.ts';
import type { UsageQuery } from '../../shared/resellers/usage.query.ts';
import { suspensionIssues } from '../../shared/resellers/validate.ts';
import { type ResellerRecord, tasksOf } from '../../shared/resellers/work.ts';
import { type Endpoint, endpoint, type GivenFields } from './api.ts';
import type { Caller } from './caller.ts';
import { pageOf } from './page.ts';
import { type DryRunDeps, differencesOnRouters } from './reseller-dry-run.ts';
import {
  checkVersion,
  findReseller,
  placementIssues,
  type ResellerRequestDeps,
  refuse,
  removeNow,
  request,
  type Wish,
} from './reseller-requests.ts';

export interface ResellerApiDeps extends ResellerRequestDeps, DryRunDeps {
  readonly usage: UsageQuery;
}

export function createResellerEndpoints(deps: ResellerApiDeps): Endpoint[] {
  return [...readingEndpoints(deps), ...keepingEndpoints(deps), ...actingEndpoints(deps)];
}

async function viewOf({ resellers }: ResellerApiDeps, record: ResellerRecord) {
  return resellerViewOf(record, await resellers.listComparisons(record.tenant));
}

function find({ resellers }: ResellerApiDeps, { tenant }: Caller, id: string): Promise<ResellerRecord> {
  return findReseller(resellers, tenant.tenant, id);
}

function readingEndpoints(deps: ResellerApiDeps): Endpoint[] {
  const { resellers } = deps;
  return [
    endpoint(listResellers, async ({ query }, { tenant: { tenant } }) => {
      const { status, phase, drift, router } = query;
      const [all, comparisons] = await Promise.all([resellers.list(tenant), resellers.listComparisons(tenant)]);
      const wanted = all.filter(
        (one) =>
          (status === undefined || statusOf(one) === status) &&
          (phase === undefined || one.work?.phase === phase) &&
          (drift === undefined || String(one.drift.length > 0) === drift) &&
          (router === undefined || one.routers.some((mapping) => mapping.router === router)),
      );
      const list = JSON.stringify(['resellers', status, phase, drift, router]);
      const page = pageOf(tenant, list, query, wanted, ({ id }) => id);
      return { ...page, items: page.items.map((one) => resellerViewOf(one, comparisons)) };
    }),
    endpoint(readReseller, async ({ params }, caller) => viewOf(deps, await find(deps, caller, params.id))),
    endpoint(resellerUsage, async ({ params, query }, caller) =>
      deps.usage(await find(deps, caller, params.id), query.from, query.to),
    ),
  ];
}

/** Adding, changing and removing. */
function keepingEndpoints(deps: ResellerApiDeps): Endpoint[] {
  const { resellers } = deps;
  return [
    endpoint(
      addReseller,
      async ({ body }, caller) => {
        const record = toRecord(caller.tenant.tenant, body, deps.clock.now());
        if (await resellers.read(record.tenant, record.id)) {
          const message = `there is a reseller "${record.id}" already: change it with PATCH /v1/resellers/${record.id}`;
          throw new AppError('STORE_CONFLICT', message);
        }
        refuse(await placementIssues(deps, record.tenant, record));
        const details = record.plan ? planDetails(record.plan) : {};
        return viewOf(
          deps,
          await request(deps, caller, record, { action: 'create', version: 0, details, change: (one) => one }),
        );
      },
      async (given, _, { tenant }) => {
        const known = toRecord(tenant.tenant, { ...UNSAID, ...(given as Partial<NewReseller>) }, 0);
        return judged(given, await placementIssues(deps, tenant.tenant, known));
      },
    ),
    endpoint(
      changeReseller,
      async ({ params, body }, caller) => {
        const { version, ...fields } = body;
        const before = await find(deps, caller, params.id);
        checkVersion(before, version);
        const isMoved = fields.addresses !== undefined || fields.routers !== undefined;
        if (isMoved) {
          const after = changed(before, fields);
          refuse([...(await placementIssues(deps, before.tenant, after)), ...suspensionIssues(before, after)]);
        }
        const details = { fields: Object.keys(fields).sort().join(', ') };
        const change = (one: ResellerRecord) => changed(living(one), fields);
        return viewOf(deps, await request(deps, caller, before, { action: 'change', version, details, change }));
      },
      async (given, params, { tenant }) => {
        const before = await resellers.read(tenant.tenant, params.id);
        if (!before) return [];
        const after = changed(before, given as Partial<ResellerChange>);
        return judged(given, await placementIssues(deps, tenant.tenant, after));
      },
    ),
    endpoint(removeReseller, async ({ params, query }, caller) => {
      const { version } = query;
      const before = await find(deps, caller, params.id);
      const removing = { ...before, removing: true as const };
      const isLeft = query.leaveRouters === 'true';
      if (isLeft || tasksOf(removing).length === 0)
        return viewOf(deps, await removeNow(deps, caller, before, version, isLeft));
      const change = (one: ResellerRecord) => ({ ...one, removing: true as const });
      return viewOf(deps, await request(deps, caller, before, { action: 'remove', version, details: {}, change }));
    }),
  ];
}

/** What a router is asked for in the name of a reseller. */
function actingEndpoints(deps: ResellerApiDeps): Endpoint[] {
  const wish = async (caller: Caller, id: string, one: Wish) =>
    viewOf(deps, await request(deps, caller, await find(deps, caller, id), one));
  return [
    Object.assign(
      endpoint(planReseller, async ({ params, query, body }, caller) => {
        const { version, ...given } = body;
        const plan = toPlan(given);
        if (query.dryRun === 'true') {
          const record = { ...living(await find(deps, caller, params.id)), plan };
          checkVersion(record, version);
          const differences = await differencesOnRouters(deps, record);
          return { dryRun: true as const, wouldChange: differences.length > 0, differences };
        }
        return wish(caller, params.id, planWish(plan, version));
      }),
      { statusOf: (answer: unknown) => (isDryRun(answer) ? 200 : undefined) },
    ),
    endpoint(suspendReseller, async ({ params, body }, caller) => {
      const change = (one: ResellerRecord) => ({ ...cuttable(living(one)), status: 'suspended' as const });
      return wish(caller, params.id, { action: 'suspend', version: body.version, details: reasonOf(body), change });
    }),
    endpoint(restoreReseller, async ({ params, body }, caller) => {
      const change = (one: ResellerRecord) => ({ ...living(one), status: 'active' as const });
      return wish(caller, params.id, { action: 'restore', version: body.version, details: reasonOf(body), change });
    }),
  ];
}

export function planWish(plan: Plan, version: number): Wish {
  const change = (one: ResellerRecord) => ({ ...living(one), plan });
  return { action: 'plan', version, details: planDetails(plan), change };
}

function planDetails(plan: Plan): Record<string, AuditValue> {
  return { plan: limitText(limitOf(plan)), ...(plan.name === undefined ? {} : { name: plan.name }) };
}

function reasonOf({ reason }: { readonly reason?: string | undefined }): Record<string, AuditValue> {
  return reason === undefined ? {} : { reason };
}

/** Nothing is wanted any more of one that goes. */
function living(record: ResellerRecord): ResellerRecord {
  if (!record.removing) return record;
  throw new AppError('STORE_CONFLICT', `the reseller "${record.id}" is being removed`);
}

/** To call somebody suspended whom nothing cuts off would be a lie. */
function cuttable(record: ResellerRecord): ResellerRecord {
  if (record.routers.some((mapping) => targetsOf(record, mapping).length > 0)) return record;
  refuse([{ path: 'routers', message: 'there are no targets on any router to cut off: add them with PATCH first' }]);
  return record;
}

function isDryRun(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'dryRun' in answer;
}

/** Stands for the fields of a new one that were not said, or not in their form. */
const UNSAID: NewReseller = { id: 'unsaid', name: 'Unsaid' };

/** What follows from the addresses is told only where they were given in their form: they may have been meant otherwise. */
function judged(given: GivenFields, issues: Awaited<ReturnType<typeof placementIssues>>) {
  return issues.filter(
    ({ path }) => 'addresses' in given || ('routers' in given && /\.(router|queue|targets)$/.test(path)),
  );
}
