/** Compares one router with what is wanted of it: differences are noted on the resellers, and nothing is changed there. */

import type { RouterLimits } from '../../shared/interfaces/limits.port.ts';
import { type OpenRouter, type RouterWork, withRouter } from '../../shared/interfaces/router-limits.ts';
import { type Clock, type Instant, isoInstant } from '../../shared/platform/clock.ts';
import { type AppError, isAppError } from '../../shared/platform/errors.ts';
import { cutText } from '../../shared/platform/redact.ts';
import { differences, foundOf, leftovers } from '../../shared/resellers/compare.ts';
import type { ResellerStore } from '../../shared/resellers/resellers.port.ts';
import { type Difference, type Drift, type ResellerRecord, tasksOf } from '../../shared/resellers/work.ts';

export interface CompareDeps {
  readonly resellers: ResellerStore;
  readonly openRouter: OpenRouter;
  readonly clock: Clock;
}

interface Read {
  readonly queues: Parameters<typeof foundOf>[1];
  readonly cut: readonly string[];
}

const MAX_WORDS = 500;

/** The caller holds the router. Throws WaitingForSite where a site is being asked. False when it could not be read: then what was seen before stands, with its age. */
export async function compareRouter(
  deps: CompareDeps,
  { tenant, router, work }: { readonly tenant: string; readonly router: string; readonly work: RouterWork },
  deadline: Instant,
): Promise<boolean> {
  try {
    const opened = await deps.openRouter(tenant, router, deadline, work);
    const read = await withRouter(opened, readLimits);
    const unread: AppError[] = [];
    for (const record of await deps.resellers.list(tenant)) {
      await noteDrift(deps, record, router, read).catch((error: unknown) => {
        if (!isAppError(error, 'SOURCE_MALFORMED')) throw error;
        unread.push(error);
      });
    }
    // One that could not be told apart keeps nobody else from being compared.
    if (unread[0]) throw unread[0];
    await deps.resellers.putComparison(tenant, { router, comparedAt: deps.clock.now() });
    return true;
  } catch (error) {
    if (!isAppError(error) || error.code.startsWith('STORE_')) throw error;
    const former = (await deps.resellers.listComparisons(tenant)).find((one) => one.router === router);
    const said = `${isoInstant(deps.clock.now())}: ${cutText(error.message, MAX_WORDS)}`;
    await deps.resellers.putComparison(tenant, { ...former, router, error: said });
    return false;
  }
}

async function readLimits(router: RouterLimits): Promise<Read> {
  return { queues: await router.readQueues(), cut: await router.readCut() };
}

/** Of work that is under way nothing can be said: the router is between two states. */
async function noteDrift(deps: CompareDeps, record: ResellerRecord, router: string, read: Read): Promise<void> {
  if (record.work?.phase === 'pending') return;
  const drift = driftOf(record, router, read, deps.clock.now());
  if (isSame(drift, record.drift)) return;
  // Whoever wrote meanwhile changed what this was compared with; the next hour tells.
  await deps.resellers.put({ ...record, drift });
}

/** What was seen on other routers stays; what is seen again was seen first when it was. */
function driftOf(record: ResellerRecord, router: string, { queues, cut }: Read, now: Instant): Drift[] {
  const found = tasksOf(record)
    .filter((task) => task.router === router)
    .flatMap((task): Difference[] => {
      const there = foundOf(task.queue, queues, cut);
      return task.wanted ? differences(task.wanted, there) : leftovers(task, there);
    });
  const mine = found.map((one): Drift => {
    const former = record.drift.find((known) => known.router === router && keyOf(known) === keyOf(one));
    return { ...one, router, seenAt: former?.seenAt ?? now };
  });
  return [...record.drift.filter((one) => one.router !== router), ...mine];
}

function isSame(a: readonly Drift[], b: readonly Drift[]): boolean {
  const text = (list: readonly Drift[]) => JSON.stringify(list.map((one) => [one.router, keyOf(one)]).sort());
  return text(a) === text(b);
}

function keyOf({ what, wanted, found }: Difference): string {
  return JSON.stringify([what, wanted, found]);
}
