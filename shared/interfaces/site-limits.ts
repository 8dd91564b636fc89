/** Limits of a router that only a site's agent reaches: each call is a command, and work goes on when its answer is there. Knows ports only. */
import type { SiteRef } from '../collect/site-keys.port.ts';
import type { SiteFailure } from '../collect/site-work.contract.ts';
import type { SiteWorkStore } from '../collect/site-work.port.ts';
import {
  type AskedCommand,
  AWAY_MS,
  COMMAND_SECONDS,
  type Conversation,
  commandIdOf,
  GRACE_SECONDS,
  isAlive,
  isDead,
  isIdle,
  isTooOld,
  WaitingForSite,
} from '../collect/site-work.ts';
import { type Clock, type Instant, isoInstant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS_KIND, type LimitOperation, type LimitResult } from './limit-commands.contract.ts';
import { fromCarriedQueue, fromCarriedQueues, fromPackedResult } from './limit-commands.convert.ts';
import type { RouterLimits } from './limits.port.ts';
import type { Limit } from './limits.ts';
import type { RouterConversation, RouterWork } from './router-limits.ts';
import { displayText } from './text.ts';

export interface SiteLimitsDeps {
  readonly store: SiteWorkStore;
  readonly clock: Clock;
}

export interface SitePlace {
  readonly site: SiteRef;
  readonly router: string;
}

const MAX_WORDS = 500;

/**
 * Whoever works on it makes the same calls in the same order each time: those that were answered answer at once, the next one
 * becomes a command and throws WaitingForSite. So does opening while another work has the router. Throws SOURCE_UNAVAILABLE
 * where the agent is not there, does not answer, or took so long that its first answers say nothing any more.
 */
export async function openSiteLimits(
  deps: SiteLimitsDeps,
  place: SitePlace,
  work: RouterWork,
): Promise<RouterLimits & { readonly conversation: RouterConversation }> {
  return new SiteLimits(deps, work, await begin(deps, place, work));
}

async function begin(
  { store, clock }: SiteLimitsDeps,
  { site, router }: SitePlace,
  work: RouterWork,
): Promise<Conversation> {
  const now = clock.now();
  const { id, begunBy, wake } = work;
  const times = { startedAt: now, movedAt: now, revision: 0 };
  const fresh: Conversation = {
    ...{ site, router, kind: LIMITS_KIND, work: id, begunBy, wake, answered: [], noted: 0, ...times },
  };
  const known = await store.read(site, router);
  if (!known) return fresh;
  const isMine = known.work === id;
  if (isMine && !isTooOld(known, now)) return known;
  // What is under way at the router comes to its end before anything else is asked of it.
  if (isAlive(known, now)) throw new WaitingForSite(isMine ? 'asked' : 'taken');
  const isOver = isMine || work.replaces(known.work);
  if (!isOver && !isIdle(known, now)) throw new WaitingForSite('taken');
  // Whoever is put out has perhaps lost its message over it: it gets another, and begins anew when it is its turn.
  if (!isOver) await work.resume(known.wake);
  if (!(await store.remove(known))) throw new WaitingForSite('taken');
  return fresh;
}

class SiteLimits implements RouterLimits {
  /** What was called is known at the site only. */
  readonly operations = [];
  readonly conversation: RouterConversation;
  readonly #deps: SiteLimitsDeps;
  readonly #work: RouterWork;
  #state: Conversation;
  #position = 0;
  #noted = 0;

  constructor(deps: SiteLimitsDeps, work: RouterWork, state: Conversation) {
    [this.#deps, this.#work, this.#state] = [deps, work, state];
    this.conversation = {
      site: state.site.source,
      once: async (act) => {
        this.#noted++;
        if (this.#noted > state.noted) await act();
      },
      end: () => this.#end(),
    };
  }

  async readQueues() {
    return fromCarriedQueues(await this.#call('readQueues', {}));
  }
  async writeLimit(wanted: { readonly name: string; readonly targets: readonly string[]; readonly limit: Limit }) {
    return fromCarriedQueue(await this.#call('writeLimit', wanted));
  }
  async removeQueue(name: string): Promise<void> {
    await this.#call('removeQueue', { name });
  }
  async readCut(): Promise<readonly string[]> {
    return this.#call('readCut', {});
  }
  async cut(targets: readonly string[]): Promise<void> {
    await this.#call('cut', { targets });
  }
  async reconnect(targets: readonly string[]): Promise<void> {
    await this.#call('reconnect', { targets });
  }
  close(): void {
    // Nothing is held here; what the site holds open it closes itself.
  }

  async #call<O extends LimitOperation>(
    operation: O,
    args: Readonly<Record<string, unknown>>,
  ): Promise<LimitResult<O>> {
    const call = { position: this.#position++, operation, arguments: args };
    const id = commandIdOf(this.#state, call);
    const known = this.#state.answered[call.position];
    if (known === undefined) return this.#ask(id, operation, args);
    const answer = known === id ? await this.#deps.store.readAnswer(this.#state.site, id) : undefined;
    // Other calls than last time, or answers that are gone: nothing read so far may be built upon.
    if (!answer) throw this.#unavailable('has answered something else than is asked now: all of it is asked anew');
    if (answer.error) throw failureOf(answer.error);
    return fromPackedResult(operation, answer.result ?? '');
  }

  /** Always throws. */
  async #ask(id: string, operation: LimitOperation, args: Readonly<Record<string, unknown>>): Promise<never> {
    const { store, clock } = this.#deps;
    const now = clock.now();
    const { open, site } = this.#state;
    if (open && !isDead(open, now)) throw new WaitingForSite('asked');
    const seenAt = await store.seenAt(site);
    if (open) throw this.#unavailable(silence(open, seenAt));
    if (seenAt === undefined) throw this.#unavailable('has never asked for work: start it with --routers');
    if (now - seenAt > AWAY_MS) throw this.#unavailable(`has not asked for work since ${isoInstant(seenAt)}`);
    const { router } = this.#state;
    // Before the command, so that there is none without somebody who looks what became of it.
    await this.#work.look({ site: site.source, router, command: id }, COMMAND_SECONDS + GRACE_SECONDS + 1);
    const asked = { id, operation, arguments: args };
    const next = { ...asked, askedAt: now, expiresAt: now + COMMAND_SECONDS * 1000 };
    const noted = Math.max(this.#noted, this.#state.noted);
    // Somebody who wrote meanwhile may have asked something else.
    const isWritten = await store.put({ ...this.#state, open: next, noted }, now);
    throw new WaitingForSite(isWritten ? 'asked' : 'taken');
  }

  /** A command that may still be carried out keeps its conversation, and so keeps everybody else off the router. */
  async #end(): Promise<void> {
    const { revision } = this.#state;
    if (revision === 0 || isAlive(this.#state, this.#deps.clock.now())) return;
    await this.#deps.store.remove(this.#state);
  }

  #unavailable(what: string): AppError {
    return new AppError('SOURCE_UNAVAILABLE', `the agent of site ${this.#state.site.source} ${what}`);
  }
}

function silence({ askedAt }: AskedCommand, seenAt: Instant | undefined): string {
  return seenAt !== undefined && seenAt > askedAt
    ? `took a command of ${isoInstant(askedAt)} and has not answered it`
    : `has not asked for work since ${seenAt === undefined ? 'it was set up' : isoInstant(seenAt)}`;
}

/** In the words of the site, which are as hostile as a router's. */
function failureOf({ code, message, retryAfterSeconds }: SiteFailure): AppError {
  const context = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return new AppError(code, displayText(message, MAX_WORDS), { context });
}
