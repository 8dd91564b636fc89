/** The pace of an account on the one table: turns are reserved by conditional writes, so that all workers share one rate. */
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { MAX_RETRY_AFTER_SECONDS } from '../platform/http.ts';
import { type Item, type Key, type Table, TTL } from '../platform/table.dynamodb.ts';
import { paceKey } from './keys.ts';
import type { OpenPace, Pace } from './pace.port.ts';
import {
  type Block,
  type Bucket,
  freeAt,
  GRACE_MS,
  latestStart,
  PATIENCE_MS,
  planBlock,
  spanMs,
  turnAt,
} from './pace.ts';

export interface PaceDeps {
  readonly table: Table;
  readonly clock: Clock;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** 0 to 1. */
  readonly random?: () => number;
}

interface Waiter {
  readonly number: number;
  /** Gives up when its turn would come later. */
  readonly limitAt: Instant;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Beyond these a mistake in a setting would stop the account, or have it blocked. */
const LEAST_RATE = 0.1;
const MOST_RATE = 100;
/** A race is lost once or twice, for a mark that lies ahead is added to and not compared. */
const ATTEMPTS = 12;
const ATTEMPT_PAUSE_MS = 40;
/** The next block is reserved so long before the last one ends, which is what the write takes. */
const LEAD_MS = 50;
/** Whoever was stopped by the account tells the others; they look at most so much later. */
const LOOK_MS = 1000;
const KEEP_MS = 86_400_000;

/**
 * Each opened pace is one worker's; workers meet in the table only. Any window sees rate x window + `burstOf(rate)` calls at
 * most, as far as the workers' clocks agree. Turns that a dead worker had reserved pass unused, a second's worth at most.
 */
export function createPaces(deps: PaceDeps): OpenPace {
  return (account) => new SharedPace(deps, account);
}

class SharedPace implements Pace {
  readonly #deps: Required<PaceDeps>;
  readonly #key: Key;
  readonly #rate: number;
  readonly #deadline: Instant;
  #waiting: Waiter[] = [];
  #taken = 0;
  #serving = false;
  /** As last seen: both rise, so what is too late by it is too late. */
  #bucket: Bucket | undefined;
  #lookedAt = 0;
  #looking: Promise<Bucket> | undefined;

  constructor(deps: PaceDeps, account: Parameters<OpenPace>[0]) {
    this.#deps = { sleep: sleepFor, random: Math.random, ...deps };
    this.#key = paceKey(account.tenant, account.source);
    this.#rate = Math.min(Math.max(account.requestsPerSecond, LEAST_RATE), MOST_RATE);
    this.#deadline = account.deadline;
  }

  take(): Promise<void> {
    const now = this.#deps.clock.now();
    const limitAt = Math.min(now + PATIENCE_MS, this.#deadline);
    const soonest = freeAt(this.#bucket ?? { nextAt: 0, heldUntil: 0 }, now) + spanMs(this.#waiting.length, this.#rate);
    if (soonest > limitAt) return Promise.reject(tooLate(soonest, now));
    return new Promise((resolve, reject) => {
      this.#queue({ number: this.#taken++, limitAt, resolve, reject });
    });
  }

  async hold(until: Instant): Promise<void> {
    const { clock, table } = this.#deps;
    const capped = Math.min(until, clock.now() + MAX_RETRY_AFTER_SECONDS * 1000);
    const seen = this.#bucket ?? { nextAt: 0, heldUntil: 0 };
    this.#bucket = { ...seen, heldUntil: Math.max(seen.heldUntil, capped) };
    await table.update(this.#key, {
      UpdateExpression: 'SET heldUntil = :until, #ttl = :ttl',
      ConditionExpression: 'attribute_not_exists(heldUntil) OR heldUntil < :until',
      ExpressionAttributeNames: { '#ttl': TTL },
      ExpressionAttributeValues: { ':until': capped, ':ttl': this.#ttl() },
    });
  }

  #queue(waiter: Waiter): void {
    this.#waiting.push(waiter);
    // One whose turn came to nothing goes before those who came after it.
    this.#waiting.sort((a, b) => a.number - b.number);
    if (this.#serving) return;
    this.#serving = true;
    void this.#serve();
  }

  /** One block after the other, each for all who wait by then: the more wait, the fewer writes. */
  async #serve(): Promise<void> {
    // Whoever asks in the same breath is served by the same write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      try {
        const pauseMs = await this.#reserve();
        if (pauseMs > 0) await this.#deps.sleep(pauseMs);
      } catch (error) {
        for (const waiter of this.#waiting.splice(0)) waiter.reject(error);
      }
    }
    this.#serving = false;
  }

  /** Reserves one block and gives it out; resolves to how long nobody needs another one. */
  async #reserve(): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const bucket = this.#bucket ?? (await this.#look());
      const now = this.#deps.clock.now();
      const limits = this.#waiting.map((waiter) => waiter.limitAt);
      const plan = planBlock(bucket, now, this.#rate, limits);
      const waiters = this.#waiting.slice(0, plan.turns);
      if (waiters.length === 0) {
        this.#waiting.shift()?.reject(tooLate(plan.startAt, now));
        return 0;
      }
      const startAt = await this.#write(plan, bucket, now, latestStart(plan.turns, this.#rate, limits));
      if (startAt !== undefined) {
        this.#waiting = this.#waiting.filter((waiter) => !waiters.includes(waiter));
        for (const [i, waiter] of waiters.entries()) void this.#give(waiter, turnAt({ startAt }, i, this.#rate));
        const span = spanMs(plan.turns, this.#rate);
        // Behind others' turns it need not wait for its own: a span later it joins the line again, as they do.
        return Math.min(span, startAt + span - LEAD_MS - this.#deps.clock.now());
      }
      if (attempt > 0) await this.#deps.sleep(ATTEMPT_PAUSE_MS * this.#deps.random());
      await this.#look();
    }
    throw tooLate(this.#deps.clock.now() + LOOK_MS, this.#deps.clock.now());
  }

  /** Where the block begins; undefined when others were first. A write whose answer was lost wastes a block, no more. */
  async #write(plan: Block, bucket: Bucket, now: Instant, latest: Instant): Promise<Instant | undefined> {
    const span = spanMs(plan.turns, this.#rate);
    const free = plan.follows
      ? 'nextAt >= :now AND nextAt <= :latest AND (attribute_not_exists(heldUntil) OR heldUntil <= nextAt)'
      : '(attribute_not_exists(nextAt) OR nextAt = :seen) AND (attribute_not_exists(heldUntil) OR heldUntil <= :start)';
    const written = await this.#deps.table.update(this.#key, {
      UpdateExpression: `SET nextAt = ${plan.follows ? 'nextAt + :span' : ':next'}, #ttl = :ttl`,
      ConditionExpression: free,
      ExpressionAttributeNames: { '#ttl': TTL },
      ExpressionAttributeValues: {
        ...(plan.follows
          ? { ':now': now, ':latest': latest, ':span': span }
          : { ':seen': bucket.nextAt, ':start': plan.startAt, ':next': plan.startAt + span }),
        ':ttl': this.#ttl(),
      },
      ReturnValues: 'ALL_NEW',
    });
    return written === false ? undefined : this.#see(bucketOf(written)).nextAt - span;
  }

  async #give(waiter: Waiter, at: Instant): Promise<void> {
    const { clock, sleep } = this.#deps;
    try {
      // A timer may fire a millisecond early.
      for (let now = clock.now(); now < at; now = clock.now()) await sleep(at - now);
      const bucket = clock.now() - this.#lookedAt > LOOK_MS ? await this.#look() : this.#bucket;
      const now = clock.now();
      if (now > at + GRACE_MS || (bucket?.heldUntil ?? 0) > now) this.#queue(waiter);
      else waiter.resolve();
    } catch (error) {
      waiter.reject(error);
    }
  }

  async #look(): Promise<Bucket> {
    this.#looking ??= this.#deps.table
      .get(this.#key, { consistent: true })
      .then((item) => this.#see(bucketOf(item ?? {})))
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  /** The mark is the table's; what the account asked for is never forgotten. */
  #see(bucket: Bucket): Bucket {
    const heldUntil = Math.max(bucket.heldUntil, this.#bucket?.heldUntil ?? 0);
    this.#bucket = { nextAt: bucket.nextAt, heldUntil };
    this.#lookedAt = this.#deps.clock.now();
    return this.#bucket;
  }

  #ttl(): number {
    return Math.ceil((this.#deps.clock.now() + KEEP_MS) / 1000);
  }
}

function bucketOf(item: Item): Bucket {
  return { nextAt: Number(item.nextAt ?? 0), heldUntil: Number(item.heldUntil ?? 0) };
}

function tooLate(at: Instant, now: Instant): AppError {
  const seconds = Math.min(Math.max(1, Math.ceil((at - now) / 1000)), MAX_RETRY_AFTER_SECONDS);
  return new AppError('SOURCE_THROTTLED', 'the pace of this account leaves no turn in time', {
    context: { retryAfterSeconds: seconds },
  });
}
