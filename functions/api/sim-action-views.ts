/** How a job is shown: what was asked for, how far it is, and the result of each of its SIMs. */
import { shortSubject } from '../../shared/collect/audit.ts';
import { isoInstant } from '../../shared/platform/clock.ts';
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts';
import { AppError } from '../../shared/platform/errors.ts';
import { DEFAULT_LIMIT } from '../../shared/platform/route.ts';
import type { ItemState, Job, JobCounts, JobStore, Progress } from '../../shared/sims/jobs.port.ts';
import type { PageQuery } from './page.ts';

/** `begun` tells that a part is under way, which the job itself does not. */
export function jobView(job: Job, counts: JobCounts = job.counts, begun = job.partsDone > 0) {
  return {
    job: job.id,
    action: job.action,
    parameters: shownParameters(job),
    reason: job.reason ?? null,
    status: job.finishedAt !== undefined ? ('finished' as const) : begun ? ('running' as const) : ('queued' as const),
    total: job.total,
    counts,
    who: shortSubject(job.subject),
    createdAt: isoInstant(job.createdAt),
    finishedAt: job.finishedAt === undefined ? null : isoInstant(job.finishedAt),
  };
}

/** What people write to each other is nobody else's: only how long it is. */
export function shownParameters({
  parameters: { payload: _payload, ...parameters },
  payloadLength,
}: Pick<Job, 'parameters' | 'payloadLength'>): Record<string, string | number | boolean> {
  return { ...parameters, ...(payloadLength === undefined ? {} : { payloadLength }) };
}

/** The job with one page of results, in the order of its plan. */
export async function resultsOf(jobs: Pick<JobStore, 'listProgress' | 'readPart'>, job: Job, query: PageQuery) {
  const list = `sim-action:${job.id}`;
  const limit = query.limit ?? DEFAULT_LIMIT;
  const progress = new Map((await jobs.listProgress(job.tenant, job.id)).map((p) => [p.part, p]));
  let { part, at } = placeOf(query.cursor === undefined ? '0.0' : decodeCursor(job.tenant, list, query.cursor));
  const items: ReturnType<typeof resultOf>[] = [];
  while (part < job.parts && items.length < limit) {
    const planned = await jobs.readPart(job.tenant, job.id, part);
    if (!planned) throw new AppError('NOT_FOUND', `part ${part} of action "${job.id}" is not there any more`);
    const page = planned.items.slice(at, at + limit - items.length);
    const from = at;
    items.push(...page.map((item, i) => resultOf(item, planned.account, progress.get(planned.part), from + i)));
    at += page.length;
    if (at >= planned.items.length) {
      part++;
      at = 0;
    }
  }
  return {
    ...jobView(job, countsOf(job, [...progress.values()]), progress.size > 0),
    items,
    ...(part < job.parts ? { nextCursor: encodeCursor(job.tenant, list, `${part}.${at}`) } : {}),
  };
}

function placeOf(position: string): { part: number; at: number } {
  const [part = 0, at = 0] = position.split('.').map(Number);
  return { part, at };
}

/** An item whose call is under way is shown as one that is still to come. */
function resultOf(
  item: { readonly iccid?: string; readonly label?: string },
  account: string,
  progress: Progress | undefined,
  at: number,
) {
  return {
    iccid: item.iccid ?? null,
    account,
    ...(item.label === undefined ? {} : { label: item.label }),
    state: shownState(progress?.states[at]),
    note: progress?.notes[at] ?? null,
  };
}

function shownState(state: ItemState = 'pending'): Exclude<ItemState, 'calling'> {
  return state === 'calling' ? 'pending' : state;
}

function countsOf(job: Job, progress: readonly Progress[]): JobCounts {
  const states = progress.flatMap((p) => p.states);
  const count = (state: ItemState) => states.filter((s) => s === state).length;
  const [done, failed, unknown] = [count('done'), count('failed'), count('unknown')];
  return { pending: job.total - done - failed - unknown, done, failed, unknown };
}
