/** Carries out commands about what customers get, on the routers of this site's own file: judged, bounded, and told in one line each. */
import {
  FAILURE_CODES,
  MAX_RESULT_LENGTH,
  type SiteAnswer,
  type SiteCommand,
  type SiteFailure,
} from '../shared/collect/site-work.contract.ts';
import {
  LIMITS_KIND,
  type LimitOperation,
  limitArguments,
  READING_OPERATIONS,
} from '../shared/interfaces/limit-commands.contract.ts';
import { isLimitOperation, toPackedResult } from '../shared/interfaces/limit-commands.convert.ts';
import type { RouterLimits } from '../shared/interfaces/limits.port.ts';
import type { Limit } from '../shared/interfaces/limits.ts';
import { AppError, isAppError } from '../shared/platform/errors.ts';
import { issuesOf } from '../shared/platform/issues.ts';
import { oneLine } from './said.ts';

export interface SiteRouter {
  /** Without it the router is only read. */
  readonly mayWrite: boolean;
  /** No call is under way after the deadline, in ticks. */
  open(deadline: number): Promise<RouterLimits>;
}

export interface LimitsDeps {
  /** By id of the house's source. */
  readonly routers: ReadonlyMap<string, SiteRouter>;
  readonly ticks: () => number;
  readonly say: (line: string) => void;
}

const MAX_WORDS = 500;

/** The answer is what the router has, or why not; it never rejects. Every operation may be carried out twice. */
export function createLimitsWorker(deps: LimitsDeps): (command: SiteCommand, deadline: number) => Promise<SiteAnswer> {
  return async (command, deadline) => {
    const startedAt = deps.ticks();
    const { id, operation, router } = command;
    const tell = (how: string) =>
      deps.say(
        oneLine(
          `${id.slice(0, 8)} ${operation} on ${router}${wordsOf(command)}: ${how} in ${Math.round(deps.ticks() - startedAt)} ms`,
        ),
      );
    try {
      const result = toPackedResult(await carryOut(deps, command, deadline));
      if (result.length > MAX_RESULT_LENGTH) throw tooLarge(result.length);
      tell('done');
      return { id, result };
    } catch (error) {
      const failure = failureOf(error);
      tell(`${failure.code}: ${failure.message}`);
      return { id, error: failure };
    }
  };
}

async function carryOut({ routers, ticks }: LimitsDeps, command: SiteCommand, deadline: number): Promise<unknown> {
  const { kind, operation, arguments: given } = command;
  if (kind !== LIMITS_KIND || !isLimitOperation(operation)) {
    throw new AppError(
      'SOURCE_MALFORMED',
      `the agent of this site knows no command ${kind}.${operation}: use a newer one`,
    );
  }
  const issues = issuesOf(limitArguments[operation], given);
  if (issues.length > 0) {
    const text = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new AppError('SOURCE_MALFORMED', `the agent of this site cannot read the command ${operation}: ${text}`);
  }
  const router = routers.get(command.router);
  if (!router) throw refused(`has no router "${command.router}" in its file`);
  if (!router.mayWrite && !READING_OPERATIONS.includes(operation)) {
    throw refused(`may only read "${command.router}": its file does not say write`);
  }
  if (ticks() >= deadline) throw new AppError('SOURCE_UNAVAILABLE', 'the command came too late to be carried out');
  const limits = await router.open(deadline);
  try {
    return await call(limits, operation, given);
  } finally {
    limits.close();
  }
}

/** The arguments were judged by the operation's schema. */
function call(limits: RouterLimits, operation: LimitOperation, given: SiteCommand['arguments']): Promise<unknown> {
  const { name, targets } = given as { name: string; targets: readonly string[] };
  if (operation === 'writeLimit') return limits.writeLimit({ name, targets, limit: limitOf(given) });
  if (operation === 'removeQueue') return limits.removeQueue(name);
  if (operation === 'cut') return limits.cut(targets);
  if (operation === 'reconnect') return limits.reconnect(targets);
  return operation === 'readCut' ? limits.readCut() : limits.readQueues();
}

function limitOf({ limit }: SiteCommand['arguments']): Limit {
  const { fromTargetBitsPerSecond, toTargetBitsPerSecond } = limit as Partial<Limit>;
  return { fromTargetBitsPerSecond, toTargetBitsPerSecond };
}

function refused(what: string): AppError {
  return new AppError('SOURCE_REJECTED', `the agent of this site ${what}`);
}

function tooLarge(length: number): AppError {
  const message = `the router's answer has ${length} octets packed, and ${MAX_RESULT_LENGTH} are carried`;
  return new AppError('SOURCE_MALFORMED', message);
}

/** Whatever goes wrong here is the house's to hear, and no reason to stop. */
function failureOf(error: unknown): SiteFailure {
  if (!isAppError(error)) {
    return {
      code: 'SOURCE_UNAVAILABLE',
      message: `the agent of this site failed: ${error instanceof Error ? error.name : 'unknown'}`,
    };
  }
  const code = FAILURE_CODES.find((known) => known === error.code) ?? 'SOURCE_UNAVAILABLE';
  const { retryAfterSeconds: seconds } = error.context;
  const wait = seconds === undefined ? {} : { retryAfterSeconds: Math.min(3600, Math.max(0, Math.ceil(seconds))) };
  return { code, message: error.message.slice(0, MAX_WORDS), ...wait };
}

/** What it is about, for the log. */
function wordsOf({ arguments: given }: SiteCommand): string {
  const text = Object.keys(given).length === 0 ? '' : JSON.stringify(given);
  return text === '' ? '' : ` ${text.slice(0, 120)}`;
}
