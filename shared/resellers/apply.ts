/** Brings one place on one router to what is wanted: writes, reads back, compares; each change between two rows of the audit. */
import type { AuditWriter } from '../collect/audit.port.ts';
import type { AuditOutcome, AuditValue } from '../collect/audit.ts';
import type { RouterLimits } from '../interfaces/limits.port.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import { cutText } from '../platform/redact.ts';
import { differences, differenceText, foundOf, leftovers, limitText, missingCuts, stillCut, uncut } from './compare.ts';
import type { WantedPlace } from './reseller.ts';
import { type Difference, formerlyCut, type Task } from './work.ts';

export interface ApplyDeps {
  readonly router: RouterLimits;
  readonly audit: AuditWriter;
}

/** For the audit: whose, and who wanted it. */
export interface Asked {
  readonly tenant: string;
  readonly reseller: string;
  readonly subject: string;
}

/** The audit's words of a router are short. */
const MAX_WORDS = 300;
const MAX_LIST = 200;

/** Throws the router's failure, or SOURCE_MALFORMED when it has something else than what was written. */
export async function applyTask(deps: ApplyDeps, asked: Asked, task: Task): Promise<void> {
  const step = auditedStep(deps.audit, asked, task);
  if (!task.wanted) return clear(deps.router, task, step);
  return task.wanted.cut ? suspend(deps.router, task, task.wanted, step) : serve(deps.router, task, task.wanted, step);
}

type Step = <T>(name: string, details: Record<string, AuditValue>, change: () => Promise<T>) => Promise<T>;

type Served = Extract<WantedPlace, { cut: false }>;

/** The plan first, then the way is opened: nobody passes without a limit in between. */
async function serve(router: RouterLimits, task: Task, wanted: Served, step: Step): Promise<void> {
  const { queue: name, targets, limit } = wanted;
  const queue = await step('limit', { limit: limitText(limit), targets: listOf(targets) }, async () => {
    const written = await router.writeLimit({ name, targets, limit });
    compare(differences(wanted, { queue: written, cut: [] }));
    return written;
  });
  const listed = stillCut(targets, await router.readCut());
  const cut = await reconnect(router, [...new Set([...task.place.mayCut, ...listed])], step);
  compare(differences(wanted, { queue, cut }));
}

/**
 * The queue stays as it is: whoever is cut off needs no limit, and the plan is written again when they are restored. The
 * router is told even where its list looks right: a try that broke off may have left connections that go on, and an entry
 * that covers the targets may be one that goes below. Entries come before others go, so that nobody passes in between.
 */
async function suspend(router: RouterLimits, task: Task, wanted: WantedPlace, step: Step): Promise<void> {
  const isCut = (cut: readonly string[]) => compare(differences(wanted, { queue: undefined, cut }));
  isCut(await cutOff(router, task, step));
  const former = formerlyCut(task);
  if (former.length > 0) isCut(await reconnect(router, former, step));
}

/** Everyone who is to be cut off on this router: another place's entries may be the ones that this place is to remove. */
async function cutOff(router: RouterLimits, { keptCut }: Task, step: Step): Promise<readonly string[]> {
  const open = uncut(keptCut, await router.readCut());
  const details = { targets: listOf(keptCut), notListed: open.length === 0 ? 'none' : listOf(open) };
  return step('cut', details, async () => {
    await router.cut(keptCut);
    const cut = await router.readCut();
    compare(missingCuts(keptCut, cut));
    return cut;
  });
}

async function clear(router: RouterLimits, task: Task, step: Step): Promise<void> {
  const { place } = task;
  const former = formerlyCut(task);
  if (former.length > 0 && task.keptCut.length > 0) await cutOff(router, task, step);
  // While the queue still stands, whoever may pass again is held to it.
  if (former.length > 0) await reconnect(router, former, step);
  if (!place.mayHold) return;
  const { queue: name } = place;
  const read = async () => foundOf(name, await router.readQueues(), []);
  if ((await read()).queue === undefined) return;
  await step('unlimit', {}, async () => {
    await router.removeQueue(name);
    compare(leftovers({ keptCut: [], place: { ...place, mayCut: [] } }, await read()));
  });
}

/**
 * Resolves to what the router cuts off afterwards. The router is told whatever it seems to cut: while its rules are not in
 * place it cuts nobody, and an entry left behind would come to life with them. Wider entries of others are theirs, and stay.
 */
async function reconnect(router: RouterLimits, targets: readonly string[], step: Step): Promise<readonly string[]> {
  if (targets.length === 0) return router.readCut();
  return step('reconnect', { targets: listOf(targets) }, async () => {
    await router.reconnect(targets);
    const cut = await router.readCut();
    const left = stillCut(targets, cut);
    compare(left.length === 0 ? [] : [{ what: 'cut', wanted: 'none', found: `cut off: ${listOf(left)}` }]);
    return cut;
  });
}

function compare(found: readonly Difference[]): void {
  if (found.length === 0) return;
  const message = `the router took it and has something else: ${differenceText(found)}`;
  throw new AppError('SOURCE_MALFORMED', message);
}

/** Without a row before it nothing is changed; the row after it says what became of it. */
function auditedStep(audit: AuditWriter, asked: Asked, { router, queue }: Task): Step {
  const { tenant, subject, reseller } = asked;
  return async (name, details, change) => {
    const row = (outcome: AuditOutcome, more: Record<string, AuditValue>) =>
      audit.append(tenant, {
        ...{ subject, action: `resellers.${name}`, target: `reseller ${reseller}`, outcome },
        details: { router, queue, ...details, ...more },
      });
    await row('intent', {});
    try {
      const result = await change();
      await row('done', {});
      return result;
    } catch (error) {
      // Whether a call took effect whose answer did not come, nobody here can tell.
      if (isAppError(error)) await row(outcomeOf(error), { error: cutText(error.message, MAX_WORDS) });
      throw error;
    }
  };
}

function outcomeOf({ code }: AppError): AuditOutcome {
  if (code === 'SOURCE_UNAVAILABLE') return 'unknown';
  return code === 'SOURCE_REJECTED' ? 'refused' : 'failed';
}

function listOf(targets: readonly string[]): string {
  return cutText(targets.join(', '), MAX_LIST);
}
