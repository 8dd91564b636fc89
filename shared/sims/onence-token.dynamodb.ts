/** The shared token of an account: kept by the collect stage's encrypted cache, renewed by whoever holds the lock in the table. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { TokenCache } from '../collect/collector.port.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import { type Key, type Table, TTL } from '../platform/table.dynamodb.ts';
import { tokenLockKey } from './keys.ts';
import type { OpenSharedToken, SharedToken, TokenRequest } from './onence-token.port.ts';
import { fromLoginFailure, type LoginFailure, toLoginFailure, usableUntil } from './onence-token.ts';

export interface SharedTokenDeps {
  readonly table: Table;
  readonly clock: Clock;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** 0 to 1. */
  readonly random?: () => number;
}

/** A login ends within 10 s; a holder that is silent for longer is dead, and the next one takes over. */
const LOCK_MS = 15_000;
/** One dead holder and one login after it. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 250;
/** A copy in memory spares a read per call; a token is handed out well before its end, so this may pass it. */
const MEMORY_MS = 5000;
const KEEP_LOCK_MS = 3_600_000;

export function createSharedTokens(deps: SharedTokenDeps): OpenSharedToken {
  return ({ tenant, source, cache }) => new LockedToken(deps, tokenLockKey(tenant, source), cache);
}

interface Lock {
  readonly holder: string;
  readonly until: Instant;
  readonly failure?: LoginFailure;
}

class LockedToken implements SharedToken {
  readonly #deps: Required<SharedTokenDeps>;
  readonly #key: Key;
  readonly #cache: TokenCache;
  #copy: { readonly token: string; readonly until: Instant } | undefined;
  #renewing: Promise<string> | undefined;

  constructor(deps: SharedTokenDeps, key: Key, cache: TokenCache) {
    this.#deps = { sleep: sleepFor, random: Math.random, ...deps };
    this.#key = key;
    this.#cache = cache;
  }

  async read(request: TokenRequest): Promise<string> {
    for (;;) {
      const copy = this.#copy;
      if (copy && copy.token !== request.refused && copy.until > this.#deps.clock.now()) return copy.token;
      // Calls of this worker share what one of them is waiting for; one that began before a refusal may bring the refused token.
      const joined = this.#renewing;
      this.#renewing ??= this.#renew(request).finally(() => {
        this.#renewing = undefined;
      });
      const token = await this.#renewing;
      if (joined === undefined || token !== request.refused) return token;
    }
  }

  async #renew(request: TokenRequest): Promise<string> {
    const kept = await this.#kept(request);
    if (kept !== undefined) return kept;
    const { clock, sleep, random } = this.#deps;
    const patientUntil = Math.min(request.deadline, clock.now() + PATIENCE_MS);
    let awaited: string | undefined;
    for (;;) {
      const lock = await this.#look();
      if (lock?.failure && lock.holder === awaited) throw fromLoginFailure(lock.failure);
      const holder = isFree(lock, clock.now()) ? await this.#acquire() : undefined;
      if (holder !== undefined) return this.#logIn(holder, request);
      awaited = (await this.#holder(lock)) ?? awaited;
      if (clock.now() >= patientUntil) throw tooLong();
      await sleep(LOOK_MS * (0.5 + random()));
      const fresh = await this.#kept(request);
      if (fresh !== undefined) return fresh;
    }
  }

  /** Whom to wait for: as read, or whoever was faster since. */
  async #holder(lock: Lock | undefined): Promise<string | undefined> {
    const now = this.#deps.clock.now();
    const held = isFree(lock, now) ? await this.#look() : lock;
    return isFree(held, now) ? undefined : held?.holder;
  }

  async #logIn(holder: string, request: TokenRequest): Promise<string> {
    const { clock } = this.#deps;
    let failure: LoginFailure | undefined;
    try {
      // It may have been renewed between the last look and the lock.
      const kept = await this.#kept(request);
      if (kept !== undefined) return kept;
      // Nobody may pick up the refused one while the login is under way, or after it failed.
      if (request.refused !== undefined) await this.#cache.forget();
      const { token, expiresInSeconds } = await request.login();
      const until = usableUntil(clock.now(), expiresInSeconds);
      // Whoever outlived its lock keeps its token to itself: another one's stands in the cache by now.
      if ((await this.#look())?.holder === holder) await this.#cache.write(token, until);
      this.#copy = { token, until: Math.min(until, clock.now() + MEMORY_MS) };
      return token;
    } catch (error) {
      if (isAppError(error)) failure = toLoginFailure(error);
      throw error;
    } finally {
      await this.#release(holder, failure);
    }
  }

  /** The token in the cache, unless it is the refused one. */
  async #kept({ refused }: TokenRequest): Promise<string | undefined> {
    const token = await this.#cache.read();
    if (token === undefined || token === refused) return undefined;
    this.#copy = { token, until: this.#deps.clock.now() + MEMORY_MS };
    return token;
  }

  async #look(): Promise<Lock | undefined> {
    return (await this.#deps.table.get(this.#key, { consistent: true })) as Lock | undefined;
  }

  async #acquire(): Promise<string | undefined> {
    const holder = randomUUID();
    const now = this.#deps.clock.now();
    const taken = await this.#deps.table.put(
      { ...this.#key, holder, until: now + LOCK_MS, [TTL]: Math.ceil((now + KEEP_LOCK_MS) / 1000) },
      {
        ConditionExpression: 'attribute_not_exists(pk) OR #until <= :now',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: { ':now': now },
      },
      { recognise: true },
    );
    return taken ? holder : undefined;
  }

  /** A failure stays in the lock, so that fifty who waited do not each try the same wrong password. */
  async #release(holder: string, failure: LoginFailure | undefined): Promise<void> {
    const { table, clock } = this.#deps;
    const own = { ConditionExpression: 'holder = :holder', ExpressionAttributeValues: { ':holder': holder } };
    if (failure === undefined) {
      await table.delete(this.#key, own);
      return;
    }
    const now = clock.now();
    await table.put({ ...this.#key, holder, until: now, failure, [TTL]: Math.ceil((now + KEEP_LOCK_MS) / 1000) }, own);
  }
}

function isFree(lock: Lock | undefined, now: Instant): boolean {
  return lock === undefined || lock.until <= now;
}

function tooLong(): AppError {
  return new AppError('SOURCE_UNAVAILABLE', 'another worker is logging in to this account and has not finished', {
    context: { failure: 'timeout' },
  });
}
