/** How routers differ from what is wanted of them, by reading alone: the dry run of a plan. */

import type { OpenRouter } from '../../shared/interfaces/router-limits.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import { differences, foundOf, leftovers } from '../../shared/resellers/compare.ts';
import { type Difference, type ResellerRecord, type Task, tasksOf } from '../../shared/resellers/work.ts';

export interface DryRunDeps {
  readonly openRouter: OpenRouter;
  readonly clock: Clock;
}

/** Somebody waits for the answer, and API functions end soon after. */
const ROUTER_MS = 20_000;

/** One router after the other; throws the failure of the first that cannot be read. */
export async function differencesOnRouters(
  deps: DryRunDeps,
  record: ResellerRecord,
): Promise<(Difference & { readonly router: string })[]> {
  const tasks = tasksOf(record);
  const deadline = deps.clock.now() + ROUTER_MS;
  const found: (Difference & { router: string })[] = [];
  for (const name of new Set(tasks.map(({ router }) => router))) {
    const mine = tasks.filter(({ router }) => router === name);
    found.push(...(await differencesOn(deps, record.tenant, name, mine, deadline)));
  }
  return found;
}

async function differencesOn(deps: DryRunDeps, tenant: string, name: string, tasks: readonly Task[], deadline: number) {
  const router = await deps.openRouter(tenant, name, deadline);
  try {
    const [queues, cut] = [await router.readQueues(), await router.readCut()];
    return tasks.flatMap((task) => {
      const found = foundOf(task.queue, queues, cut);
      const list = task.wanted ? differences(task.wanted, found) : leftovers(task, found);
      return list.map((difference) => ({ router: name, ...difference }));
    });
  } finally {
    router.close();
  }
}
