/** One bounded call of 1NCE's API: token, pace, one retry where it does no harm, the generation that answers, and its judgement. */
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Operation } from '../collect/collector.port.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import {
  failureOfStatus,
  type HttpRequest,
  type HttpResponse,
  parseJson,
  request,
  retryAfterSeconds,
} from '../platform/http.ts';
import { cutText, redact } from '../platform/redact.ts';
import { errorText, type Generation } from './onence.convert.ts';
import { openBackoff } from './onence-backoff.ts';
import { afterwards, withContext } from './onence-failure.ts';
import { type CallKind, type GenerationSetting, openGenerations } from './onence-generations.ts';
import { logIn } from './onence-login.http.ts';
import { openOperationTally } from './onence-operations.ts';
import type { SharedToken } from './onence-token.port.ts';
import type { Pace } from './pace.port.ts';

export interface OnenceOptions {
  /** Without a slash at the end, such as `https://api.1nce.com/management-api`. */
  readonly baseUrl: string;
  /** The account's setting. */
  readonly generation: GenerationSetting;
  readonly credentials: { readonly clientId: string; readonly clientSecret: string };
  readonly token: SharedToken;
  readonly pace: Pace;
  readonly clock: Clock;
  /** No call is under way after this. */
  readonly deadline: Instant;
  readonly fetch?: typeof fetch;
  readonly sleep?: (ms: number) => Promise<unknown>;
  /** 0 to 1. */
  readonly random?: () => number;
}

export interface OnenceCall {
  /** For people; the run log counts calls of one name together. */
  readonly name: string;
  readonly kind: CallKind;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After the generation: `/sims?page=1`; a function where generations take different parameters. */
  readonly path: string | ((generation: Generation) => string);
  readonly body?: unknown;
}

export interface OnenceResponse extends HttpResponse {
  readonly generation: Generation;
  readonly receivedAt: Instant;
}

export interface OnenceCaller {
  readonly operations: readonly Operation[];
  /**
   * Makes a call and judges its answer, whose status is none of 401, 408, 429 and 5xx. Throws SOURCE_* and what `judge`
   * throws. Calls other than GET are never repeated after they may have had an effect; `context.maybeDone` tells of those.
   */
  call<T>(call: OnenceCall, judge: (response: OnenceResponse) => T): Promise<T>;
  malformed(response: HttpResponse, problem: string): AppError;
  /** The provider's own sentence, fit to be shown; its status where it said nothing. */
  sentenceOf(response: HttpResponse): string;
  /** Text that may be kept: without secrets and identifiers, cut. */
  clean(text: string, limit?: number): string;
}

/** Answers take a second or two; details of a SIM that roams may take long. */
const CALL_TIMEOUT_MS = 30_000;
/** For a person to see what came. */
const RAW_TEXT_LIMIT = 2000;
const SENTENCE_LIMIT = 200;
/** A retry is for hiccups; what takes longer is another run's. */
const RETRY_LEAST_MS = 500;
const RETRY_MOST_MS = 1500;
const PRIVATE_KEYS = [
  ...['access_token', 'refresh_token', 'token', 'authorization', 'client_secret', 'clientSecret', 'password'],
  ...['msisdn', 'imsi', 'imsi_2', 'current_imsi', 'payload', 'source_address'],
];
/** Shape of an ICCID: telecom (89), 18 to 20 digits. */
const ICCID_SHAPE = /(?<!\d)89\d{16,18}(?!\d)/g;
const NOT_OFFERED: readonly number[] = [403, 404, 405, 410];

export function openCaller(options: OnenceOptions): OnenceCaller {
  return new Caller(options);
}

class Caller implements OnenceCaller {
  readonly #options: OnenceOptions;
  readonly #tally = openOperationTally();
  readonly #generations;
  readonly #secrets: Set<string>;
  readonly #backoff = openBackoff();

  constructor(options: OnenceOptions) {
    this.#options = options;
    this.#generations = openGenerations(options.generation);
    const { clientId, clientSecret } = options.credentials;
    this.#secrets = new Set([clientSecret, Buffer.from(`${clientId}:${clientSecret}`).toString('base64')]);
  }

  get operations(): readonly Operation[] {
    return this.#tally.lines();
  }

  async call<T>(call: OnenceCall, judge: (response: OnenceResponse) => T): Promise<T> {
    const candidates = this.#generations.candidates(call.kind);
    let refused: OnenceResponse | undefined;
    for (const [i, generation] of candidates.entries()) {
      const response = await this.#answer(call, generation);
      const lacking = candidates.length > 1 && this.#isLacking(call, response);
      if (!lacking) {
        if (candidates.length > 1 && saysSomething(response)) this.#generations.answered(call.kind, generation);
        return this.#judged(call, response, judge);
      }
      if (response.status === 403) refused ??= response;
      // That the role may not is more telling than that there is nothing.
      if (i === candidates.length - 1) return this.#judged(call, refused ?? response, judge);
      this.#failed(call, response, `API ${generation} has no answer to this`);
    }
    throw new Error('assertion failed: a call without a generation');
  }

  malformed(response: HttpResponse, problem: string): AppError {
    return new AppError('SOURCE_MALFORMED', `1NCE's answer cannot be used: ${problem}`, {
      context: { status: response.status, rawText: this.clean(response.text) },
    });
  }

  sentenceOf(response: HttpResponse): string {
    const sentence = errorText(response.text);
    return sentence === undefined ? `HTTP ${response.status}` : this.clean(sentence, SENTENCE_LIMIT);
  }

  clean(text: string, limit = RAW_TEXT_LIMIT): string {
    const safe = redact(text, { keys: PRIVATE_KEYS, secrets: [...this.#secrets] });
    return cutText(safe.replace(ICCID_SHAPE, '•••'), limit);
  }

  /** Also remembers it, where that says something of the kind of call and not of one SIM. */
  #isLacking(call: OnenceCall, response: OnenceResponse): boolean {
    const { status, generation } = response;
    if (!NOT_OFFERED.includes(status)) return false;
    // v2 words its own "not found"; a path that does not exist is answered by the gateway before it.
    if (status === 404 && call.kind !== 'list' && isSecondError(response)) {
      this.#generations.answered(call.kind, generation);
      return false;
    }
    const next = this.#generations.candidates(call.kind).at(-1);
    if ((status !== 404 || call.kind === 'list') && generation !== next) this.#generations.lacks(call.kind, generation);
    return true;
  }

  #judged<T>(call: OnenceCall, response: OnenceResponse, judge: (response: OnenceResponse) => T): T {
    try {
      const result = judge(response);
      const { status, responseMs } = response;
      this.#tally.add({ name: call.name, ok: status < 400, responseMs, status });
      return result;
    } catch (error) {
      if (isAppError(error)) this.#failed(call, response, `${error.code}: ${error.message}`);
      throw error;
    }
  }

  /** With a token that is accepted, once more after a hiccup. */
  async #answer(call: OnenceCall, generation: Generation): Promise<OnenceResponse> {
    let refused: string | undefined;
    let mayRetry = call.method === 'GET';
    for (;;) {
      const token = await this.#token(refused).catch((error: unknown) => {
        // Without a token nothing was asked, so nothing can have been done.
        throw call.method !== 'GET' && isAppError(error) ? withContext(error, { maybeDone: false }) : error;
      });
      await this.#options.pace.take();
      const response = await this.#send(call, generation, token);
      if (!(response instanceof AppError) && response.status === 401) {
        this.#failed(call, response, 'the token was refused');
        if (refused !== undefined) throw this.#refusedAccount(response);
        refused = token;
        continue;
      }
      const failure = response instanceof AppError ? response : this.#failureOf(call, response);
      if (failure === undefined) return response as OnenceResponse;
      if (failure.code === 'SOURCE_THROTTLED') await this.#hold(failure);
      if (!mayRetry || !(await this.#pausedFor(failure))) throw afterwards(call.method, failure);
      mayRetry = false;
    }
  }

  #token(refused: string | undefined): Promise<string> {
    const { token, deadline } = this.#options;
    const login = () =>
      logIn(
        this.#options,
        (response, problem) => this.malformed(response, problem),
        (operation) => this.#tally.add(operation),
      );
    return token.read({ login, deadline, ...(refused === undefined ? {} : { refused }) }).then((read) => {
      this.#secrets.add(read);
      return read;
    });
  }

  /** An answer, or why there is none; that one stands among the operations already. */
  async #send(call: OnenceCall, generation: Generation, token: string): Promise<OnenceResponse | AppError> {
    const { baseUrl, clock, deadline, fetch } = this.#options;
    const path = typeof call.path === 'string' ? call.path : call.path(generation);
    const outgoing: HttpRequest = {
      method: call.method,
      url: `${baseUrl}/${generation}${path}`,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      timeoutMs: Math.min(CALL_TIMEOUT_MS, deadline - clock.now()),
      // A change on a connection that has died meanwhile would leave it open whether it was made.
      keepAlive: call.method === 'GET',
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      ...(fetch === undefined ? {} : { fetch }),
    };
    try {
      const response = await request(outgoing);
      return { ...response, generation, receivedAt: clock.now() };
    } catch (error) {
      if (!isAppError(error)) throw error;
      const { responseMs, status } = error.context;
      const { code, message } = error;
      const failed = { name: call.name, ok: false, responseMs: Number(responseMs ?? 0), error: `${code}: ${message}` };
      this.#tally.add({ ...failed, ...(status === undefined ? {} : { status }) });
      return outgoing.timeoutMs > 0 ? error : withContext(error, { neverSent: true });
    }
  }

  #failureOf(call: OnenceCall, response: OnenceResponse): AppError | undefined {
    if (response.status < 400) {
      this.#backoff.answered();
      return undefined;
    }
    const found = failureOfStatus(response, this.#options.clock.now(), this.clean(response.text));
    const failure = found?.code === 'SOURCE_THROTTLED' ? this.#throttled(found, response) : found;
    if (failure) this.#failed(call, response, `${failure.code}: ${failure.message}`);
    return failure;
  }

  #throttled(failure: AppError, { headers }: HttpResponse): AppError {
    const now = this.#options.clock.now();
    if (retryAfterSeconds(headers, now) !== undefined) return failure;
    return withContext(failure, { retryAfterSeconds: this.#backoff.refused(now) });
  }

  #failed(call: OnenceCall, { responseMs, status }: HttpResponse, error: string): void {
    this.#tally.add({ name: call.name, ok: false, responseMs, status, error });
  }

  /** Nobody calls the account before it wants to be called; that this could not be told to others changes nothing here. */
  async #hold(failure: AppError): Promise<void> {
    const { pace, clock } = this.#options;
    try {
      await pace.hold(clock.now() + Number(failure.context.retryAfterSeconds) * 1000);
    } catch (error) {
      if (!isAppError(error, 'STORE_UNAVAILABLE')) throw error;
      throw withContext(failure, { holdFailed: true });
    }
  }

  /** False when another try is not worth it, or would not end in time. */
  async #pausedFor(failure: AppError): Promise<boolean> {
    const { clock, deadline, sleep = sleepFor, random = Math.random } = this.#options;
    const { retryAfterSeconds = 0 } = failure.context;
    const pauseMs = RETRY_LEAST_MS + random() * (RETRY_MOST_MS - RETRY_LEAST_MS);
    if (failure.code !== 'SOURCE_UNAVAILABLE' || retryAfterSeconds * 1000 > RETRY_MOST_MS) return false;
    if (clock.now() + pauseMs >= deadline) return false;
    await sleep(pauseMs);
    return true;
  }

  #refusedAccount(response: HttpResponse): AppError {
    return new AppError('SOURCE_REJECTED', '1NCE refuses the tokens that it gave to this account', {
      context: { status: response.status, rawText: this.clean(response.text) },
    });
  }
}

function saysSomething(response: HttpResponse): boolean {
  return response.status < 300 && response.text !== '';
}

function isSecondError({ generation, text }: OnenceResponse): boolean {
  const json = generation === 'v2' ? parseJson(text) : undefined;
  return json?.ok === true && typeof json.value === 'object' && json.value !== null && 'error_token' in json.value;
}
