/** Looks at many SIMs within one invocation: some at once, until time, patience of the provider or room runs out. Knows ports only. */
import type { Rejected } from '../collect/collector.port.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { type AppError, isAppError } from '../platform/errors.ts';
import { type Visit, type VisitDeps, type Visited, visitSim } from './visit.ts';

export interface Round {
  readonly visited: readonly (Visited & { readonly visit: Visit })[];
  readonly rejected: readonly Rejected[];
  /** Visits that were not made. */
  readonly left: readonly Visit[];
  /** Why it ended before its end: the rest is to wait so long. */
  readonly waitSeconds?: number;
  /** What stopped it. */
  readonly stopped?: AppError;
}

/** Looks at once keep the account's pace busy when an answer takes so long; more would wait in vain for their turns. */
const ANSWER_SECONDS = 1.5;
const MOST_AT_ONCE = 24;
/** One SIM may be odd; so many in a row are the provider's trouble. */
const FAILURES_IN_A_ROW = 5;
/** After such trouble the rest is tried again this much later. */
const TROUBLE_WAIT_SECONDS = 60;

/** Throws SOURCE_REJECTED, and whatever is no failure of the source. */
export async function visitAll(deps: VisitDeps, visits: readonly Visit[], until: Instant): Promise<Round> {
  const state: State = { next: 0, failuresInRow: 0, probes: 0, stopped: undefined };
  const visited: (Visited & { visit: Visit })[] = [];
  const rejected: Rejected[] = [];
  const left: Visit[] = [];
  const work = async (): Promise<void> => {
    for (;;) {
      if (state.stopped || deps.clock.now() >= until) return;
      const visit = visits[state.next++];
      if (!visit) return;
      try {
        visited.push({ ...(await visitSim(deps, visit)), visit });
        state.failuresInRow = 0;
      } catch (error) {
        let verdict = judge(error, state.failuresInRow);
        if (verdict === 'stop' && isAppError(error, 'SOURCE_UNAVAILABLE') && (await answersAtAll(deps, state))) {
          verdict = 'odd';
        }
        if (verdict === 'stop') {
          state.stopped ??= error as AppError;
          left.push(visit);
          return;
        }
        if (verdict === 'trouble') state.failuresInRow++;
        rejected.push(rejectionOf(visit, error as AppError));
      }
    }
  };
  const atOnce = Math.min(MOST_AT_ONCE, Math.ceil(deps.settings.requestsPerSecond * ANSWER_SECONDS));
  await settle(Array.from({ length: atOnce }, work));
  left.push(...visits.slice(state.next));
  const waitSeconds = waitOf(state.stopped);
  return {
    visited,
    rejected,
    left,
    ...(state.stopped ? { stopped: state.stopped } : {}),
    ...(waitSeconds === undefined ? {} : { waitSeconds }),
  };
}

interface State {
  next: number;
  failuresInRow: number;
  probes: number;
  stopped: AppError | undefined;
}

/** A handful of SIMs that always fail must not look like a provider that is down: the list tells, a few times a part. */
const MOST_PROBES = 3;

async function answersAtAll({ client }: VisitDeps, state: State): Promise<boolean> {
  if (state.stopped || state.probes >= MOST_PROBES) return false;
  state.probes++;
  try {
    await client.listSims(1);
    state.failuresInRow = 0;
    return true;
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}

/** All have ended before the first failure is told: none may write after the run is over. */
async function settle(workers: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(workers)).find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

function judge(error: unknown, failuresInRow: number): 'stop' | 'trouble' | 'odd' {
  if (isAppError(error, 'SOURCE_THROTTLED')) return 'stop';
  if (isAppError(error, 'SOURCE_MALFORMED')) return 'odd';
  if (!isAppError(error, 'SOURCE_UNAVAILABLE')) throw error;
  return failuresInRow + 1 >= FAILURES_IN_A_ROW ? 'stop' : 'trouble';
}

function rejectionOf({ entity }: Visit, error: AppError): Rejected {
  const { rawText } = error.context;
  const iccid = entity.id.slice(entity.id.indexOf('/') + 1);
  return { path: iccid, message: error.message, ...(rawText === undefined ? {} : { rawText }) };
}

function waitOf(stopped: AppError | undefined): number | undefined {
  if (!stopped) return undefined;
  return stopped.code === 'SOURCE_THROTTLED'
    ? (stopped.context.retryAfterSeconds ?? TROUBLE_WAIT_SECONDS)
    : TROUBLE_WAIT_SECONDS;
}

/** Time that a part may take, so that what it brought is soon to be seen and little is done again after a crash. */
const PART_MS = 45_000;

export function partEnd(clock: Clock, deadline: Instant): Instant {
  return Math.min(deadline, clock.now() + PART_MS);
}
