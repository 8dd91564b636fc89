/** Files of SIMs: an import that tells every bad row and changes nothing by halves, and an export in pieces. */
import { shardTarget } from '../../shared/collect/source.ts';
import type { Tenant } from '../../shared/entities/tenant.ts';
import { type Clock, type Instant, isoInstant } from '../../shared/platform/clock.ts';
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts';
import { AppError, type Issue, isAppError } from '../../shared/platform/errors.ts';
import { type FileBody, XLSX_TYPE } from '../../shared/platform/route.ts';
import { inParallel } from '../../shared/samples/parallel.ts';
import { MAX_SIMS } from '../../shared/sims/action.ts';
import type { FleetStore } from '../../shared/sims/fleet.port.ts';
import type { SimNote } from '../../shared/sims/note.ts';
import type { SimNoteStore } from '../../shared/sims/notes.port.ts';
import { shardOf } from '../../shared/sims/shards.ts';
import type { ShownSim } from '../../shared/sims/shown-sim.ts';
import type { SimQueries } from '../../shared/sims/sims.query.ts';
import { exportRow, type SimExportRow, simsAsCsv, simsAsXlsx } from '../../shared/sims/sims-export.ts';
import { exportSims, importSims, MAX_EXPORT_ROWS } from '../../shared/sims/sims-import.contract.ts';
import { MAX_LISTED_ISSUES, parseSimImport, type SimImport, withFleet } from '../../shared/sims/sims-import.ts';
import { type KnownSim, ownIccid, planImport, type SimImportPlan } from '../../shared/sims/sims-import-plan.ts';
import { filterSims, simOrder, simPage } from '../../shared/sims/sims-list.ts';
import { type Endpoint, endpoint } from './api.ts';
import type { Caller } from './caller.ts';

export interface SimImportDeps {
  readonly sims: Pick<SimQueries, 'list'>;
  readonly fleets: Pick<FleetStore, 'list'>;
  readonly notes: Pick<SimNoteStore, 'listOfTarget' | 'put'>;
  /** One bulk action for all labels, '' removes one; the job goes on by itself. At most 10,000. */
  startLabelJob(caller: Caller, items: readonly { iccid: string; label: string }[]): Promise<{ job: string }>;
  readonly clock: Clock;
}

/** Storage targets that are read or written at once. */
const AT_ONCE = 10;
const MAX_SHOWN_CHANGES = 100;
const LIST = 'sims-export';

export function createSimImportEndpoints(deps: SimImportDeps): Endpoint[] {
  return [
    endpoint(importSims, async ({ query, body }, caller) => {
      const isDryRun = query.dryRun === 'true';
      const { read, plan } = await planOf(deps, caller.tenant, body);
      const job = isDryRun ? null : await carryOut(deps, caller, plan);
      return {
        dryRun: isDryRun,
        rows: read.rows.length,
        changedSims: plan.changedSims,
        notes: [...plan.notes.values()].reduce((sum, notes) => sum + notes.length, 0),
        labels: plan.labels.length,
        changes: plan.changes.slice(0, MAX_SHOWN_CHANGES),
        moreChanges: Math.max(0, plan.changes.length - MAX_SHOWN_CHANGES),
        ignoredColumns: [...read.ignoredColumns],
        job,
      };
    }),
    endpoint(exportSims, async ({ query }, { tenant }) => {
      const { format = 'csv', limit, cursor, ...filter } = query;
      const after = cursor === undefined ? undefined : decodeCursor(tenant.tenant, LIST, cursor);
      const now = deps.clock.now();
      const sims = filterSims((await deps.sims.list(tenant)).sims, filter, now);
      // Without a limit, a file that is only a part would be taken for the whole.
      if (limit === undefined && cursor === undefined && sims.length > MAX_EXPORT_ROWS) throw tooMany(sims.length);
      const page = simPage(sims, simOrder('iccid'), { limit: limit ?? MAX_EXPORT_ROWS, after, now });
      if (!page) throw refused('the cursor cannot be used', [{ path: 'cursor', message: NO_CURSOR }]);
      const rows = await withNotes(deps, tenant, page.sims, now);
      return {
        ...(format === 'xlsx'
          ? { type: XLSX_TYPE as typeof XLSX_TYPE, pieces: simsAsXlsx(rows) }
          : { type: 'text/csv' as const, pieces: simsAsCsv(rows) }),
        fileName: `sims-${isoInstant(now).slice(0, 10)}.${format}`,
        nextCursor: page.next === undefined ? undefined : encodeCursor(tenant.tenant, LIST, page.next),
      };
    }),
  ];
}

const NO_CURSOR = 'is not a cursor of this list: leave it out to start at the beginning';

/** All that is wrong with the file is told before anything is changed. Throws REQUEST_INVALID. */
async function planOf(
  deps: SimImportDeps,
  tenant: Tenant,
  { type, bytes }: FileBody,
): Promise<{ read: SimImport; plan: SimImportPlan }> {
  const parsed = parseSimImport(bytes, type === XLSX_TYPE);
  // A file without a single SIM needs no look at the fleet.
  if (parsed.rows.length === 0) throw refusedFile(parsed);
  const known = await knownSims(deps, tenant);
  const read = withFleet(parsed, (given) => ownIccid(given, known));
  if (read.issueCount > 0) throw refusedFile(read);
  const targets = new Set(read.rows.map(({ iccid }) => known.get(iccid)?.target ?? ''));
  const plan = planImport(read.rows, known, await notesOf(deps, tenant.tenant, targets));
  if (plan.labels.length > MAX_SIMS) {
    const message = `${plan.labels.length} labels would change, at most ${MAX_SIMS} may at once: split the file`;
    throw refused(message, [{ path: 'body', message }]);
  }
  return { read, plan };
}

/** By ICCID; one that changed accounts belongs to the one that listed it last. */
async function knownSims(deps: SimImportDeps, tenant: Tenant): Promise<ReadonlyMap<string, KnownSim>> {
  const [{ sims }, targetOf] = await Promise.all([deps.sims.list(tenant), openTargets(deps, tenant)]);
  const oldestFirst = [...sims].sort((a, b) => a.firstSeenAt - b.firstSeenAt);
  return new Map(
    oldestFirst.flatMap((sim) => {
      const target = targetOf(sim);
      const known = { iccid: sim.iccid, target: target ?? '', label: sim.attributes.label };
      return target === undefined ? [] : [[sim.iccid, known] as const];
    }),
  );
}

/** The storage target of a SIM; undefined while its account was never walked. */
async function openTargets(
  { fleets }: SimImportDeps,
  { tenant }: Tenant,
): Promise<(sim: ShownSim) => string | undefined> {
  const shards = new Map((await fleets.list(tenant)).map((fleet) => [fleet.account, fleet.shards]));
  return ({ iccid, account }) => {
    const cut = shards.get(account.id);
    return cut === undefined ? undefined : shardTarget(account.id, shardOf(iccid, cut));
  };
}

async function notesOf(
  { notes }: SimImportDeps,
  tenant: string,
  targets: ReadonlySet<string>,
): Promise<ReadonlyMap<string, SimNote>> {
  const found = await inParallel([...targets], AT_ONCE, (target) => notes.listOfTarget(tenant, target));
  return new Map(found.flat().map((note) => [note.iccid, note]));
}

/** Notes first: they are ours, and writing them again changes nothing. The job that labels are left to, if any. */
async function carryOut(deps: SimImportDeps, caller: Caller, { notes, labels }: SimImportPlan): Promise<string | null> {
  const { tenant } = caller.tenant;
  try {
    await inParallel([...notes], AT_ONCE, ([target, ofTarget]) => deps.notes.put(tenant, target, ofTarget));
    return labels.length === 0 ? null : (await deps.startLabelJob(caller, labels)).job;
  } catch (error) {
    if (!isAppError(error)) throw error;
    const { code, message, retryable, context } = error;
    const mend = 'what was written already stays: send the same file again, and only what is missing is done';
    throw new AppError(code, `${message}; ${mend}`, { cause: error, retryable, context });
  }
}

async function withNotes(
  deps: SimImportDeps,
  tenant: Tenant,
  sims: readonly ShownSim[],
  now: Instant,
): Promise<Iterable<SimExportRow>> {
  const targetOf = await openTargets(deps, tenant);
  const targets = new Set(sims.map(targetOf).filter((target) => target !== undefined));
  const notes = await notesOf(deps, tenant.tenant, targets);
  return (function* () {
    for (const sim of sims) yield exportRow(sim, notes.get(sim.iccid), now);
  })();
}

function tooMany(count: number): AppError {
  const message = `${count} SIMs, at most ${MAX_EXPORT_ROWS} are in one file: filter, or set it and go on with \`cursor\` as \`x-next-cursor\` says`;
  return refused('too many SIMs for one file', [{ path: 'limit', message }]);
}

function refusedFile({ issues, issueCount }: SimImport): AppError {
  const listed = issues.slice(0, MAX_LISTED_ISSUES).map(({ line, column, message }) => ({
    path: line === 0 ? 'body' : `line ${line}${column === '' ? '' : `, ${column}`}`,
    message,
  }));
  const count = issueCount === 1 ? 'one thing is wrong' : `${issueCount} things are wrong`;
  const text = `${count}, and nothing was changed: ${listed[0]?.path}: ${listed[0]?.message}`;
  return refused(text, listed, issueCount);
}

function refused(text: string, issues: readonly Issue[], issueCount = issues.length): AppError {
  return new AppError('REQUEST_INVALID', text, { context: { issues, issueCount } });
}
