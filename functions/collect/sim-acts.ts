/** Works a job off, a part of a hundred SIMs per message: no item is done twice, and what costs money is asked once at most. */
import type { AuditLog } from '../../shared/collect/audit.port.ts';
import type { Clock, Instant } from '../../shared/platform/clock.ts';
import { AppError } from '../../shared/platform/errors.ts';
import { MAX_DELAY_SECONDS, type Queue } from '../../shared/platform/queue.port.ts';
import type { Afterwards, OpenAccount } from '../../shared/sims/account.port.ts';
import { callProvider, groupsOf, type Verdict, verdictOf } from '../../shared/sims/act-call.ts';
import { costsMoney, isRepeatable } from '../../shared/sims/action.ts';
import type { Hold, ItemState, Job, JobPart, JobStore } from '../../shared/sims/jobs.port.ts';
import type { OnenceClient } from '../../shared/sims/onence.port.ts';
import type { SimActMessage } from '../../shared/sims/sim-actions.contract.ts';
import { noteInterrupted, type PaidCall, type PaidDeps, type Reservation, reserve, settle } from './sim-paid.ts';

export interface SimActDeps extends PaidDeps {
  readonly jobs: Omit<JobStore, 'claim' | 'putParts' | 'putJob' | 'list' | 'listProgress'>;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly openAccount: OpenAccount;
  readonly afterwards: Afterwards;
  readonly queue: Queue<SimActMessage>;
  readonly clock: Clock;
}

export interface SimActOptions {
  /** When this invocation ends. */
  readonly deadline: Instant;
  /** Tells this invocation from any other. */
  readonly holder: string;
}

export interface SimActReport {
  readonly outcome: 'ended' | 'put back' | 'nothing to do';
  readonly done: number;
  readonly failed: number;
  readonly unknown: number;
}

/** No call begins later than this before the end; room for the longest one and for what is written after it. */
const CALL_MS = 20_000;
/** Calls end so long before the invocation does. */
const WRITE_MS = 5_000;
/** A message that finds another one at work, or its job not written yet, looks again after this. */
const BUSY_SECONDS = 30;
/** The job is written right after its message; one that never came was never promised to anybody. */
const MAX_WAITS = 5;
/** A provider that does not answer is asked again after 30, 60 and 120 s. */
const MAX_ATTEMPTS = 3;
const FIRST_PAUSE_SECONDS = 30;
/** What a person is told of a paid call whose answer was lost. */
export const CHECK_ORDERS = "unknown: check the provider's orders";
export const CHECK_MESSAGES = "unknown: check the SIM's messages before sending again";

export function createSimActs(
  deps: SimActDeps,
): (message: SimActMessage, options: SimActOptions) => Promise<SimActReport> {
  return async (message, options) => {
    const job = await deps.jobs.read(message.tenant, message.job);
    if (!job) return awaitJob(deps, message);
    if (job.finishedAt !== undefined) return NOTHING;
    // Parts are worked off in order; a message of an earlier one comes late, and finds where the job stands.
    const part = await deps.jobs.readPart(job.tenant, job.id, job.partsDone);
    if (!part) throw new AppError('NOT_FOUND', `part ${job.partsDone} of job "${job.id}" is not there`);
    const { tenant, id } = job;
    const hold = await deps.jobs.hold(
      { tenant, job: id, part: part.part, items: part.items.length },
      { holder: options.holder, until: options.deadline + WRITE_MS },
    );
    if (!hold) return putBack(deps, message, BUSY_SECONDS);
    const step = new Step(deps, job, part, hold, message, options);
    let rest: PutBack | undefined;
    try {
      rest = await step.work();
      if (rest === undefined) await step.end();
    } finally {
      await step.leave();
    }
    if (rest) return putBack(deps, { ...message, part: part.part, attempts: rest.attempts }, rest.seconds, step.counts);
    if (part.part + 1 < job.parts) await deps.queue.send({ version: 1, tenant, job: id, part: part.part + 1 });
    return { outcome: 'ended', ...step.counts };
  };
}

interface PutBack {
  readonly seconds: number;
  readonly attempts: number;
}

type Counts = Pick<SimActReport, 'done' | 'failed' | 'unknown'>;
const NONE: Counts = { done: 0, failed: 0, unknown: 0 };
const NOTHING: SimActReport = { outcome: 'nothing to do', ...NONE };

async function awaitJob(deps: SimActDeps, message: SimActMessage): Promise<SimActReport> {
  const waits = (message.waits ?? 0) + 1;
  return waits > MAX_WAITS ? NOTHING : putBack(deps, { ...message, waits }, BUSY_SECONDS);
}

async function putBack(
  deps: SimActDeps,
  message: SimActMessage,
  seconds: number,
  counts: Counts = NONE,
): Promise<SimActReport> {
  await deps.queue.send(message, { delaySeconds: Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil(seconds))) });
  return { outcome: 'put back', ...counts };
}

/** One part under one hold. */
class Step {
  readonly #deps: SimActDeps;
  readonly #job: Job;
  readonly #part: JobPart;
  readonly #options: SimActOptions;
  readonly #attempts: number;
  #hold: Hold;
  #stopped: string | undefined;
  #client: OnenceClient | undefined;

  constructor(deps: SimActDeps, job: Job, part: JobPart, hold: Hold, message: SimActMessage, options: SimActOptions) {
    this.#deps = deps;
    this.#job = job;
    this.#part = part;
    this.#hold = hold;
    this.#options = options;
    this.#attempts = message.attempts ?? 0;
    this.#stopped = job.stopped[part.account];
  }

  get counts(): Counts {
    const count = (state: ItemState) => this.#hold.states.filter((s) => s === state).length;
    return { done: count('done'), failed: count('failed'), unknown: count('unknown') };
  }

  /** Undefined when every item has its end; otherwise when to go on. */
  async work(): Promise<PutBack | undefined> {
    await this.#mendInterrupted();
    return this.#through(groupsOf(this.#job, this.#part.items, this.#hold.states));
  }

  async #through(groups: readonly (readonly number[])[]): Promise<PutBack | undefined> {
    for (const [i, group] of groups.entries()) {
      if (this.#stopped !== undefined) {
        await this.#mark(groups.slice(i).flat(), 'failed', this.#stopped);
        return undefined;
      }
      if (this.#deps.clock.now() + CALL_MS > this.#options.deadline) return { seconds: 0, attempts: this.#attempts };
      const rest = await this.#act(group);
      if (rest) return rest;
    }
    return undefined;
  }

  /** Counts the part; with the last one the job is over, its accounts are read again, and the audit hears of it. */
  async end(): Promise<void> {
    const { jobs, clock, audit, afterwards } = this.#deps;
    const isLast = this.#part.part + 1 === this.#job.parts;
    const stopped = { ...this.#job.stopped, ...(this.#stopped ? { [this.#part.account]: this.#stopped } : {}) };
    if (isLast) {
      // Before the job is over: whoever takes the step again does so once more, for nothing is worse than not at all.
      for (const account of this.#job.accounts) await afterwards(this.#job.tenant, account);
      const { tenant, id, action, subject, counts } = this.#job;
      const { done, failed, unknown } = this.counts;
      const before = { done: counts.done + done, failed: counts.failed + failed };
      const details = { ...before, unknown: counts.unknown + unknown };
      const outcome = details.unknown > 0 ? 'unknown' : details.failed > 0 ? 'failed' : 'done';
      await audit.append(tenant, { subject, action: `sims.${action}`, target: `job ${id}`, outcome, details });
    }
    const end = { counts: this.counts, stopped, ...(isLast ? { finishedAt: clock.now() } : {}) };
    await jobs.endPart(this.#job, this.#part.part, end);
  }

  leave(): Promise<void> {
    return this.#deps.jobs.release(this.#hold);
  }

  /** Somebody stopped between asking the provider and writing down its answer. */
  async #mendInterrupted(): Promise<void> {
    const { action, parameters } = this.#job;
    const places = this.#hold.states.flatMap((state, at) => (state === 'calling' ? [at] : []));
    if (places.length === 0) return;
    if (isRepeatable(action, parameters)) return this.#mark(places, 'pending');
    if (costsMoney(action, parameters)) await noteInterrupted(this.#deps, this.#paidCall(places));
    await this.#mark(places, 'unknown', this.#whatToCheck());
  }

  async #act(group: readonly number[]): Promise<PutBack | undefined> {
    const { action, parameters } = this.#job;
    const isPaid = costsMoney(action, parameters);
    const client = await this.#open();
    if ('kind' in client) return this.#judge(group, client);
    const reservation = isPaid ? await reserve(this.#deps, this.#paidCall(group)) : undefined;
    if (typeof reservation === 'string') {
      await this.#mark(group, 'failed', reservation);
      return undefined;
    }
    if (!isRepeatable(action, parameters)) await this.#mark(group, 'calling');
    const items = group.flatMap((at) => this.#part.items[at] ?? []);
    const answer = await callProvider(client, this.#job, items).then(
      (number) => ({ number }),
      (error: unknown) => verdictOf(error, this.#job),
    );
    if ('kind' in answer) {
      // One SIM that may not be changed must not keep the others from it, and each gets its own reason.
      const isSplit = answer.kind === 'refused' && group.length > 1 && isRepeatable(action, parameters);
      return isSplit ? this.#through(group.map((at) => [at])) : this.#judge(group, answer, reservation);
    }
    await this.#mark(group, 'done', answer.number);
    await this.#settle(group, reservation, 'done', answer.number);
    return undefined;
  }

  async #judge(group: readonly number[], verdict: Verdict, reservation?: Reservation): Promise<PutBack | undefined> {
    if (verdict.kind === 'lost') return this.#lose(group, verdict.reason, reservation);
    // The amount first: were this to stop in between, the item would end as unknown, and that is the safe side.
    const reason = verdict.kind === 'wait' ? 'asked to wait' : verdict.reason;
    await this.#settle(group, reservation, 'refused', reason);
    switch (verdict.kind) {
      case 'wait':
        await this.#mark(group, 'pending');
        return { seconds: verdict.seconds, attempts: this.#attempts };
      case 'again':
        await this.#mark(group, 'pending');
        if (this.#attempts < MAX_ATTEMPTS) return this.#later();
        this.#stopped = `not tried: the provider does not answer (${verdict.reason})`;
        // What may not be repeated gets here only where nothing of it was sent.
        if (!isRepeatable(this.#job.action, this.#job.parameters)) break;
        await this.#mark(group, 'unknown', `no answer, so it may have been done or not: ${verdict.reason}`);
        return undefined;
      case 'stopped':
        this.#stopped = verdict.reason;
        break;
      case 'refused':
        break;
    }
    await this.#mark(group, 'failed', verdict.reason);
    return undefined;
  }

  /** Asked, and no answer: nobody asks this again. With money at stake, nothing more is asked in this job. */
  async #lose(
    group: readonly number[],
    reason: string,
    reservation: Reservation | undefined,
  ): Promise<PutBack | undefined> {
    await this.#mark(group, 'unknown', this.#whatToCheck());
    await this.#settle(group, reservation, 'unknown', reason);
    const notTried = 'not tried: an answer to an earlier call of this job was lost';
    if (reservation || this.#attempts >= MAX_ATTEMPTS) this.#stopped = notTried;
    const isOver = this.#stopped !== undefined || !this.#hold.states.includes('pending');
    return isOver ? undefined : this.#later();
  }

  #later(): PutBack {
    return { seconds: FIRST_PAUSE_SECONDS * 2 ** this.#attempts, attempts: this.#attempts + 1 };
  }

  /** The account, or why it cannot be opened: then nothing was asked of the provider. */
  async #open(): Promise<OnenceClient | Verdict> {
    try {
      const until = this.#options.deadline - WRITE_MS;
      this.#client ??= await this.#deps.openAccount(this.#job.tenant, this.#part.account, until);
      return this.#client;
    } catch (error) {
      const verdict = verdictOf(error, { action: 'reset', parameters: {} });
      if (verdict.kind === 'wait' || (verdict.kind === 'again' && this.#attempts < MAX_ATTEMPTS)) return verdict;
      return { kind: 'stopped', reason: verdict.reason };
    }
  }

  async #settle(
    group: readonly number[],
    reservation: Reservation | undefined,
    outcome: 'done' | 'refused' | 'unknown',
    words: string | undefined,
  ): Promise<void> {
    if (reservation) await settle(this.#deps, this.#paidCall(group), reservation, outcome, words);
  }

  #paidCall(group: readonly number[]): PaidCall {
    const { account, part } = this.#part;
    const items = group.flatMap((at) => this.#part.items[at] ?? []);
    return { job: this.#job, account, items, id: `${this.#job.id}.${part}.${group[0] ?? 0}` };
  }

  #whatToCheck(): string {
    return costsMoney(this.#job.action, this.#job.parameters) ? CHECK_ORDERS : CHECK_MESSAGES;
  }

  async #mark(group: readonly number[], state: ItemState, words?: string): Promise<void> {
    const states = [...this.#hold.states];
    const notes = { ...this.#hold.notes };
    for (const at of group) {
      states[at] = state;
      delete notes[at];
      if (words !== undefined) notes[at] = words;
    }
    this.#hold = await this.#deps.jobs.save(this.#hold, { states, notes });
  }
}
