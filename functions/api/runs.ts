/** The routes of runs: the log, and the older monitor's "collect now". */
import type { Run } from '../../shared/collect/run.ts';
import type { RunStore } from '../../shared/collect/runs.port.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import { listRuns, olderCollect } from '../../shared/collect/sources-api.contract.ts';
import { type Clock, isoInstant } from '../../shared/platform/clock.ts';
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts';
import { AppError } from '../../shared/platform/errors.ts';
import { DEFAULT_LIMIT } from '../../shared/platform/route.ts';
import { type Endpoint, endpoint } from './api.ts';
import { requestRun, type SourceApiDeps } from './sources.ts';

export interface RunApiDeps extends Pick<SourceApiDeps, 'collectQueues'> {
  readonly runs: RunStore;
  readonly sources: Pick<SourceStore, 'list'>;
  readonly clock: Clock;
  sleep(milliseconds: number): Promise<void>;
}

/** The older route answered when the collection was over; HTTP APIs wait for 30 s, a function of ours for less. */
const COLLECT_WAIT_MS = 10_000;
const LOOK_EVERY_MS = 200;
/** Among so many of a source is the one that ended just now, whatever else was asked for meanwhile. */
const NEWEST_RUNS = 50;

export function createRunEndpoints(deps: RunApiDeps): Endpoint[] {
  return [
    endpoint(listRuns, async ({ query }, { tenant }) => {
      const list = `runs:${query.source ?? ''}`;
      const page = await deps.runs.list(tenant.tenant, {
        limit: query.limit ?? DEFAULT_LIMIT,
        ...(query.source === undefined ? {} : { source: query.source }),
        ...(query.cursor === undefined ? {} : { cursor: decodeCursor(tenant.tenant, list, query.cursor) }),
      });
      return {
        items: page.runs.map(viewOf),
        ...(page.cursor === undefined ? {} : { nextCursor: encodeCursor(tenant.tenant, list, page.cursor) }),
      };
    }),
    endpoint(olderCollect, async (_, { tenant }) => {
      const accounts = (await deps.sources.list(tenant.tenant)).filter((s) => s.type === 'taara' && s.enabled);
      if (accounts.length === 0) throw new AppError('NOT_FOUND', 'there is no Taara account to collect');
      const slot = isoInstant(deps.clock.now());
      for (const account of accounts) await requestRun(deps, account, { slot });
      const ends = await Promise.all(accounts.map((a) => waitFor(deps, tenant.tenant, a.id, slot)));
      // The older API told of a failure in the body of a 200, and its clients read it there.
      return ends.every((e) => e !== 'failed' && e !== 'late')
        ? { status: 'success' as const, message: 'Data collection completed' }
        : {
            status: 'error' as const,
            message: ends.includes('failed') ? 'Data collection failed' : 'Data collection is still running',
          };
    }),
  ];
}

async function waitFor(
  deps: RunApiDeps,
  tenant: string,
  source: string,
  slot: string,
): Promise<Run['status'] | 'late'> {
  const until = deps.clock.now() + COLLECT_WAIT_MS;
  const ref = { tenant, source, slot: Date.parse(slot), part: 0 };
  while (deps.clock.now() < until) {
    if (await deps.runs.isDone(ref)) {
      const { runs } = await deps.runs.list(tenant, { source, limit: NEWEST_RUNS });
      return runs.find((r) => r.slot === ref.slot)?.status ?? 'late';
    }
    await deps.sleep(LOOK_EVERY_MS);
  }
  return 'late';
}

function viewOf(run: Run) {
  const { source, part, status, manual, read, accepted, rejected } = run;
  return {
    source,
    slot: isoInstant(run.slot),
    part,
    status,
    manual,
    startedAt: isoInstant(run.startedAt),
    endedAt: isoInstant(run.endedAt),
    read,
    accepted,
    rejected,
    rejections: run.rejections.map((r) => ({ ...r })),
    operations: run.operations.map((o) => ({ ...o })),
    errorCode: run.errorCode ?? null,
    error: run.error ?? null,
  };
}
