/** What is to be archived now, of one tenant: months that are due, and those into which something came late. */
import type { Clock, Instant } from '../platform/clock.ts';
import type { Archive, ArchivedTarget } from './archive.port.ts';
import { type ArchiveTarget, dueAt, dueMonths } from './archive-months.ts';
import type { LateChunks, LateNote } from './late-chunks.dynamodb.ts';
import { inParallel } from './parallel.ts';

export interface ArchivePlanDeps {
  readonly archive: Archive;
  readonly late: Pick<LateChunks, 'list'>;
  readonly entities: { targets(tenant: string, kind: string): Promise<string[]> };
  readonly kinds: readonly string[];
  readonly clock: Clock;
}

/** A target that is to be archived; one that began at `notBefore` or later need not be. */
export interface ArchiveTask extends ArchiveTarget {
  readonly notBefore: Instant;
}

export interface ArchivePlan {
  readonly tasks: readonly ArchiveTask[];
  /** Months that were found whole, and marked so. */
  readonly closed: readonly string[];
  /** How long the oldest task has been waiting since it could have been done, ms; 0 without any. */
  readonly waitedMs: number;
}

/** Clocks of two functions differ by less. */
const CLOCKS_DIFFER_MS = 60_000;
const WIDTH = 16;

/** Throws STORE_UNAVAILABLE. Twice the same plan does no harm: what is archived by then is found so. */
export function createArchivePlan(deps: ArchivePlanDeps): (tenant: string) => Promise<ArchivePlan> {
  const { archive, clock } = deps;
  return async (tenant) => {
    const now = clock.now();
    // What came within the last minute is next time's.
    const late = (await deps.late.list(tenant)).filter(({ at }) => at + CLOCKS_DIFFER_MS <= now);
    const due = dueMonths(now);
    const months = [...new Set([...due, ...late.map(({ month }) => month)])].sort();
    const plans = await inParallel(months, 1, async (month) => {
      const own = late.filter((note) => note.month === month);
      const marker = await archive.readMonth(tenant, month);
      if (marker && own.every(({ at }) => at + CLOCKS_DIFFER_MS <= marker.startedAt))
        return { tasks: [], closed: false };
      const fed = due.includes(month) && !marker ? await fedTargets(deps, tenant, month) : [];
      const stood = (marker?.targets ?? []).map(({ kind, target }) => ({ tenant, month, kind, target }));
      const states = await inParallel(tasksOf([...fed, ...stood], own), WIDTH, async (task) => {
        const there = await archive.readTarget(task);
        return { task, there: there && there.startedAt >= task.notBefore ? there : undefined };
      });
      const tasks = states.filter(({ there }) => there === undefined).map(({ task }) => task);
      if (tasks.length > 0) return { tasks, closed: false };
      const targets = states.map(({ task: { kind, target }, there }) => ({ kind, target, parts: partsOf(there) }));
      await archive.writeMonth(tenant, month, { startedAt: now, targets });
      return { tasks, closed: true };
    });
    const tasks = plans.flatMap((plan) => plan.tasks);
    const closed = months.filter((_, at) => plans[at]?.closed);
    return { tasks, closed, waitedMs: Math.max(0, ...tasks.map((task) => now - waitsSince(task))) };
  };
}

function partsOf(there: ArchivedTarget | undefined) {
  return there?.parts ?? [];
}

/** A month waits since it was due, and what came later since it came. */
function waitsSince({ month, notBefore }: ArchiveTask): Instant {
  return Math.max(dueAt(month), notBefore);
}

async function fedTargets(deps: ArchivePlanDeps, tenant: string, month: string): Promise<ArchiveTarget[]> {
  const byKind = await inParallel(deps.kinds, WIDTH, async (kind) =>
    (await deps.entities.targets(tenant, kind)).map((target) => ({ tenant, month, kind, target })),
  );
  return byKind.flat();
}

/** Each target once, in an order that does not change. */
function tasksOf(targets: readonly ArchiveTarget[], late: readonly LateNote[]): ArchiveTask[] {
  const tasks = new Map<string, ArchiveTask>();
  for (const { tenant, month, kind, target } of [...targets, ...late]) {
    tasks.set(JSON.stringify([kind, target]), { tenant, month, kind, target, notBefore: 0 });
  }
  for (const { at, ...ref } of late) {
    tasks.set(JSON.stringify([ref.kind, ref.target]), { ...ref, notBefore: at + CLOCKS_DIFFER_MS });
  }
  return [...tasks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, task]) => task);
}
