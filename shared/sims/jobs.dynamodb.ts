/** Jobs on the one table: a head, its parts as they were planned, and one small item per part of how its SIMs stand. */
import { createHash } from 'node:crypto';
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { type Item, type Key, type Table, TTL } from '../platform/table.dynamodb.ts';
import type { Hold, ItemState, Job, JobClaim, JobPart, JobStore, Progress } from './jobs.port.ts';
import { claimKey, jobKey, jobPk, jobsPk, PROGRESS_PREFIX, partKey, progressKey } from './jobs-keys.ts';

const DAY_MS = 86_400_000;
const JOB_DAYS = 90;
const IS_NEW = 'attribute_not_exists(pk)';
/** Parts written side by side. */
const PARALLEL = 8;

/** One letter each, so that a part's progress is a short text. */
const LETTERS = { pending: 'p', calling: 'c', done: 'd', failed: 'f', unknown: 'u' } as const satisfies Record<
  ItemState,
  string
>;
const STATES: Readonly<Record<string, ItemState>> = Object.fromEntries(
  Object.entries(LETTERS).map(([state, letter]) => [letter, state as ItemState]),
);

export function openJobStore(deps: { table: Table; clock: Clock }): JobStore {
  return new JobTable(deps.table, deps.clock);
}

class JobTable implements JobStore {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async claim(tenant: string, key: string, wanted: JobClaim): Promise<JobClaim> {
    const now = this.#clock.now();
    const place = placeOf(tenant, key);
    const until = now + DAY_MS;
    const won = await this.#table.put(
      { ...place, ...wanted, until, [TTL]: Math.ceil(until / 1000) },
      {
        ConditionExpression: `${IS_NEW} OR #until <= :now`,
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: { ':now': now },
      },
      // A twin of this claim names the same job.
      { recognise: true },
    );
    const claimed = won ? wanted : await this.readClaim(tenant, key);
    if (!claimed) throw new AppError('STORE_CONFLICT', 'the same request is being made at this moment: ask again');
    return claimed;
  }

  async readClaim(tenant: string, key: string): Promise<JobClaim | undefined> {
    const item = await this.#table.get(placeOf(tenant, key), { consistent: true });
    if (!item || Number(item.until) <= this.#clock.now()) return undefined;
    return { job: String(item.job), digest: String(item.digest) };
  }

  async putParts(job: Pick<Job, 'tenant' | 'id' | 'digest'>, parts: readonly JobPart[]): Promise<void> {
    const put = async (part: JobPart): Promise<void> => {
      const key = partKey(job.tenant, job.id, part.part);
      const item = { ...key, ...part, digest: job.digest, [TTL]: this.#expiry(this.#clock.now()) };
      if (await this.#table.put(item, { ConditionExpression: IS_NEW }, { recognise: true })) return;
      const stored = await this.#table.get(key, { consistent: true });
      if (stored?.digest === job.digest) return;
      throw new AppError('STORE_CONFLICT', 'the SIMs have changed since this was asked for first: use a new requestId');
    };
    for (let at = 0; at < parts.length; at += PARALLEL) {
      await Promise.all(parts.slice(at, at + PARALLEL).map(put));
    }
  }

  async putJob(job: Job): Promise<void> {
    await this.#table.put(
      { ...jobKey(job.tenant, job.id), ...job, [TTL]: this.#expiry(job.createdAt) },
      { ConditionExpression: IS_NEW },
    );
  }

  async read(tenant: string, id: string): Promise<Job | undefined> {
    const item = await this.#table.get(jobKey(tenant, id), { consistent: true });
    return item && this.#isLive(item) ? toJob(item) : undefined;
  }

  async list(tenant: string, limit: number, before?: string): Promise<{ jobs: readonly Job[]; before?: string }> {
    const jobs: Job[] = [];
    let next: Item | undefined = before === undefined ? undefined : { ...jobKey(tenant, before) };
    do {
      const page = await this.#table.query({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': jobsPk(tenant) },
        ScanIndexForward: false,
        Limit: limit - jobs.length,
        ...(next ? { ExclusiveStartKey: next } : {}),
      });
      jobs.push(...page.items.filter((item) => this.#isLive(item)).map(toJob));
      next = page.next;
    } while (next && jobs.length < limit);
    const last = jobs.at(-1);
    return { jobs, ...(next && last ? { before: last.id } : {}) };
  }

  async readPart(tenant: string, job: string, part: number): Promise<JobPart | undefined> {
    const item = await this.#table.get(partKey(tenant, job, part), { consistent: true });
    return item && { part, account: String(item.account), items: item.items as JobPart['items'] };
  }

  async listProgress(tenant: string, job: string): Promise<readonly Progress[]> {
    const items = await this.#table.queryAll({
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :progress)',
      ExpressionAttributeValues: { ':pk': jobPk(tenant, job), ':progress': PROGRESS_PREFIX },
    });
    return items.map((item) => toHold(item));
  }

  async hold(
    { tenant, job, part, items }: { tenant: string; job: string; part: number; items: number },
    { holder, until }: { holder: string; until: Instant },
  ): Promise<Hold | undefined> {
    const key = progressKey(tenant, job, part);
    const stored = await this.#table.get(key, { consistent: true });
    if (stored && Number(stored.until) > this.#clock.now()) return undefined;
    const begun: Hold = stored
      ? toHold(stored)
      : { tenant, job, part, holder, until, revision: 0, states: Array(items).fill('pending'), notes: {} };
    return this.#write({ ...begun, holder, until });
  }

  async save(hold: Hold, { states, notes }: Pick<Progress, 'states' | 'notes'>): Promise<Hold> {
    const next = await this.#write({ ...hold, states, notes });
    if (next) return next;
    throw new AppError('STORE_CONFLICT', 'somebody else works on this part of the job by now');
  }

  async release(hold: Hold): Promise<void> {
    await this.#write({ ...hold, until: 0 });
  }

  async endPart(job: Job, part: number, end: Parameters<JobStore['endPart']>[2]): Promise<Job> {
    const { counts } = end;
    const ended = counts.done + counts.failed + counts.unknown;
    const { payload, ...parameters } = job.parameters;
    const next: Job = {
      ...job,
      ...(end.finishedAt === undefined ? {} : { finishedAt: end.finishedAt, parameters }),
      partsDone: part + 1,
      stopped: end.stopped,
      counts: {
        pending: job.counts.pending - ended,
        done: job.counts.done + counts.done,
        failed: job.counts.failed + counts.failed,
        unknown: job.counts.unknown + counts.unknown,
      },
    };
    const written = await this.#table.put(
      { ...jobKey(job.tenant, job.id), ...next, [TTL]: this.#expiry(job.createdAt) },
      {
        ConditionExpression: '#done = :part',
        ExpressionAttributeNames: { '#done': 'partsDone' },
        ExpressionAttributeValues: { ':part': part },
      },
      // Whoever ends the same part counts the same.
      { recognise: true },
    );
    const stored = written ? next : await this.read(job.tenant, job.id);
    if (!stored) throw new AppError('NOT_FOUND', `there is no job "${job.id}"`);
    return stored;
  }

  /** Undefined when somebody else wrote meanwhile. */
  async #write(hold: Hold): Promise<Hold | undefined> {
    const next = { ...hold, revision: hold.revision + 1 };
    const { states, ...rest } = next;
    const written = await this.#table.put(
      {
        ...progressKey(hold.tenant, hold.job, hold.part),
        ...rest,
        states: states.map((state) => LETTERS[state]).join(''),
        [TTL]: this.#expiry(this.#clock.now()),
      },
      hold.revision === 0
        ? { ConditionExpression: IS_NEW }
        : {
            ConditionExpression: '#revision = :before',
            ExpressionAttributeNames: { '#revision': 'revision' },
            ExpressionAttributeValues: { ':before': hold.revision },
          },
      // The holder's name stands in it: an equal item is this one.
      { recognise: true },
    );
    return written ? next : undefined;
  }

  #expiry(at: Instant): number {
    return Math.ceil((at + JOB_DAYS * DAY_MS) / 1000);
  }

  /** DynamoDB deletes in its own time. */
  #isLive(item: Item): boolean {
    return Number(item[TTL]) * 1000 > this.#clock.now();
  }
}

/** Keys are what callers send: any text, of any length. */
function placeOf(tenant: string, key: string): Key {
  return claimKey(tenant, createHash('sha256').update(key).digest('hex'));
}

function toJob(item: Item): Job {
  const { pk: _pk, sk: _sk, [TTL]: _ttl, ...job } = item;
  return job as unknown as Job;
}

function toHold(item: Item): Hold {
  const { pk: _pk, sk: _sk, [TTL]: _ttl, states, ...hold } = item;
  const letters = [...String(states)];
  return { ...hold, states: letters.map((letter) => STATES[letter] ?? 'unknown') } as unknown as Hold;
}
