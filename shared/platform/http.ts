/** The one HTTP client of the house: a total deadline, a size cap, no redirects, and failures that keep their class. */
import type { Instant } from './clock.ts';
import { AppError } from './errors.ts';

/** Why no answer came; rides in `context.failure` of SOURCE_UNAVAILABLE. */
export type HttpFailure = 'timeout' | 'dns' | 'refused' | 'tls' | 'reset' | 'protocol' | 'network' | 'status';

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Total: from the call to the last octet of the body, however slowly it drips. */
  readonly timeoutMs: number;
  /** Cap of the decoded body; 2 MB unless told. */
  readonly maxBytes?: number;
  /** Keeps the connection for the next request of a walk. Off unless told: a function frozen between two runs wakes with dead sockets. */
  readonly keepAlive?: boolean;
  readonly fetch?: typeof fetch;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly responseMs: number;
}

/** Large enough for any list page that a source is known to send. */
export const DEFAULT_MAX_BYTES = 2_000_000;
/** No documented answer nests deeper than 10. */
const MAX_DEPTH = 64;
/** A server that asks for more is asked again after this: an absurd value must not retire a source. */
export const MAX_RETRY_AFTER_SECONDS = 3600;
/** When a throttled answer names no time. */
export const DEFAULT_RETRY_AFTER_SECONDS = 60;

/**
 * Any status is an answer; it is the caller who judges it. Throws AppError SOURCE_UNAVAILABLE with `context.failure`
 * when none came, SOURCE_MALFORMED when a good answer exceeds the cap. Neither names path or query: they may hold ids.
 */
export async function request(options: HttpRequest): Promise<HttpResponse> {
  const startedAt = performance.now();
  const origin = new URL(options.url).origin;
  const headers = new Headers({ ...(options.keepAlive ? {} : { connection: 'close' }), ...options.headers });
  const abort = new AbortController();
  const late = new Error('deadline passed');
  const timer = setTimeout(() => abort.abort(late), Math.max(0, options.timeoutMs));
  try {
    if (options.timeoutMs <= 0) throw late;
    const response = await (options.fetch ?? fetch)(options.url, {
      method: options.method ?? 'GET',
      headers,
      redirect: 'manual',
      signal: abort.signal,
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const text = await readBody(response, options.maxBytes ?? DEFAULT_MAX_BYTES, origin);
    return { status: response.status, headers: response.headers, text, responseMs: elapsed(startedAt) };
  } catch (error) {
    abort.abort();
    if (error instanceof AppError) throw error;
    throw unavailable(origin, abort.signal.reason === late || error === late ? 'timeout' : classify(error), error, {
      responseMs: elapsed(startedAt),
      timeoutMs: options.timeoutMs,
    });
  } finally {
    clearTimeout(timer);
  }
}

function elapsed(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}

/** The body of an error status is only for a person to read, so it is cut at the cap; a good answer is refused there. */
async function readBody(response: Response, maxBytes: number, origin: string): Promise<string> {
  if (!response.body) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      if (response.status >= 400) return text;
      throw new AppError('SOURCE_MALFORMED', `${origin} sent more than ${maxBytes} bytes`, {
        context: { status: response.status, failure: 'oversized', rawText: text.slice(0, 200) },
      });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const SENTENCES: Readonly<Record<Exclude<HttpFailure, 'status'>, string>> = {
  timeout: 'did not answer in time',
  dns: 'is not a known host',
  refused: 'refuses connections or cannot be reached',
  tls: 'could not prove who it is (TLS)',
  reset: 'closed the connection before the answer was complete',
  protocol: 'does not speak HTTP properly',
  network: 'could not be reached',
};

/** The same failure of a connection by which no HTTP was to go; `who` begins the sentence. */
export function connectionFailed(who: string, error: unknown): AppError {
  return unavailable(who, classify(error), error, {});
}

function unavailable(
  origin: string,
  failure: Exclude<HttpFailure, 'status'>,
  error: unknown,
  context: object,
): AppError {
  return new AppError('SOURCE_UNAVAILABLE', `${origin} ${SENTENCES[failure]}`, {
    cause: bareCause(error),
    context: { failure, ...context },
  });
}

/** Name, code and sentence of the innermost reason: the parser's own error carries the bytes it choked on. */
function bareCause(error: unknown): Error {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(inner instanceof Error)) return new Error('the request failed');
  const code = codesOf(inner).find((one) => CODES.some(([pattern]) => pattern.test(one)));
  return Object.assign(new Error(inner.message), { name: inner.name, ...(code === undefined ? {} : { code }) });
}

/** Codes of Node, OpenSSL and undici, most telling first. */
const CODES: readonly (readonly [RegExp, Exclude<HttpFailure, 'status'>])[] = [
  [/^(ENOTFOUND|EAI_\w+)$/, 'dns'],
  [/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/, 'refused'],
  [/^(ETIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/, 'timeout'],
  [/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_|HOSTNAME|^EPROTO$/, 'tls'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_ABORTED)$/, 'reset'],
  [/^(HTTPParserError|HPE_\w+|UND_ERR_\w+|Z_\w+|ERR_\w*)$/, 'protocol'],
];

function classify(error: unknown): Exclude<HttpFailure, 'status'> {
  for (const code of codesOf(error)) {
    const known = CODES.find(([pattern]) => pattern.test(code));
    if (known) return known[1];
  }
  return 'network';
}

/** fetch hides the reason in `cause`; a dual-stack connect hides one reason per address in `errors`. */
function codesOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  // undici's parser leaves its code empty, so its name serves as one.
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [error.name];
  return [...own, ...codesOf(error.cause, depth + 1), ...inner.flatMap((e) => codesOf(e, depth + 1))];
}

/** SOURCE_THROTTLED for 429, SOURCE_UNAVAILABLE for 408 and 5xx; undefined for statuses whose meaning is the caller's. */
export function failureOfStatus(response: HttpResponse, now: Instant, rawText: string): AppError | undefined {
  const { status } = response;
  const asked = retryAfterSeconds(response.headers, now);
  if (status === 429) {
    return new AppError('SOURCE_THROTTLED', 'the service asks for fewer calls (HTTP 429)', {
      context: { status, rawText, retryAfterSeconds: asked ?? DEFAULT_RETRY_AFTER_SECONDS },
    });
  }
  if (status !== 408 && status < 500) return undefined;
  return new AppError('SOURCE_UNAVAILABLE', `the service answered HTTP ${status}`, {
    context: { failure: 'status', status, rawText, ...(asked === undefined ? {} : { retryAfterSeconds: asked }) },
  });
}

/** RFC 9110 10.2.3: whole seconds or an HTTP date, between 1 s and an hour; undefined when absent or neither. */
export function retryAfterSeconds(headers: Headers, now: Instant): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(text)) return clampRetry(Number(text));
  const until = httpDate(text);
  if (until === undefined) return undefined;
  // Measured on the server's own clock where it shows one, so that a clock ten minutes off does no harm.
  return clampRetry(Math.ceil((until - (httpDate(headers.get('date') ?? '') ?? now)) / 1000));
}

function clampRetry(seconds: number): number {
  return Math.min(Math.max(seconds, 1), MAX_RETRY_AFTER_SECONDS);
}

/** Date.parse accepts nearly anything ("-5" is a date); only the forms of RFC 9110 5.6.7 are taken. */
function httpDate(text: string): Instant | undefined {
  const known = /^(\w{3,9}, )\d{2}[ -]\w{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/.test(text);
  const at = known ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/** A parsed body, or one sentence saying why it is none. */
export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string };

/** JSON of untrusted origin: refuses emptiness, HTML and absurd nesting before anything recursive sees it. */
export function parseJson(text: string): ParsedJson {
  const start = text.trimStart();
  if (start === '') return { ok: false, problem: 'the body is empty' };
  if (start.startsWith('<')) return { ok: false, problem: 'the body is a web page, not JSON' };
  if (nestsDeeperThan(text, MAX_DEPTH)) return { ok: false, problem: `the body nests deeper than ${MAX_DEPTH} levels` };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, problem: 'the body is not complete JSON' };
  }
}

function nestsDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > limit) return true;
    } else if (c === 0x5d || c === 0x7d) depth--;
  }
  return false;
}
