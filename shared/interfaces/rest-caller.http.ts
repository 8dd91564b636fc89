/** One run's conversation with one router by REST: calls one after the other, bounded, judged, and without credentials in what is kept. */
import type { CollectJob, Operation } from '../collect/collector.port.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { type AppError, isAppError } from '../platform/errors.ts';
import { type HttpRequest, type HttpResponse, request } from '../platform/http.ts';
import { openPinnedFetch } from '../platform/pinned-fetch.http.ts';
import type { PinnedOptions } from '../platform/pinned-socket.tcp.ts';
import { cutText, redact } from '../platform/redact.ts';
import type { Received } from './rest-rows.ts';
import { withoutProof } from './router-reach.http.ts';
import type { RouterLogin } from './router-settings.ts';

export interface CallerOptions {
  /** As the tenant wrote it, for the Host header; the connection goes to `pinned.address`. */
  readonly host: string;
  readonly pinned: PinnedOptions;
  readonly credentials: RouterLogin;
  readonly clock: Clock;
  readonly deadline: CollectJob['deadline'];
  readonly operations: Operation[];
}

/** How a vendor speaks REST. */
export interface RestDialect {
  /** Stands before every path, such as `/rest`. */
  readonly root: string;
  readonly mediaType: string;
  /** Of an answer, decoded; 8 MB unless told. */
  readonly maxBytes?: number;
  /** Of a call that names no other, ms. */
  readonly timeoutMs: number;
  /** The value of a good answer. Throws SOURCE_* for any other, in words that `clean` has been over. */
  judge(answer: Judged): unknown;
}

export interface Judged {
  readonly response: HttpResponse;
  readonly call: RestCall;
  readonly receivedAt: Instant;
  readonly clean: RestCaller['clean'];
}

export interface RestCall {
  /** For the log of the run. */
  readonly name: string;
  /** Relative to the root; it may not hold anything secret. */
  readonly path: string;
  /** For dialects in which the question decides what is read of the answer's text. Throws SOURCE_MALFORMED. */
  readonly parse?: (text: string) => Readonly<Record<string, unknown>>;
  /** In the dialect's media type. */
  readonly body?: string;
  /** What changes something says so; otherwise a POST with a body asks, and a GET without one. */
  readonly method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly timeoutMs?: number;
  /** Throws for a good answer that is not what was asked for, so that the call counts as failed. */
  readonly accept?: (value: unknown) => void;
}

export interface Answered extends Received {
  readonly text: string;
}

export interface RestCaller {
  /** Throws SOURCE_*; never with a password in it. */
  call(call: RestCall): Promise<Answered>;
  /** Text that may be kept: without credentials, cut. */
  clean(text: string, limit: number): string;
  close(): void;
}

/** Ten thousand rows of the fields that are asked for, each with the longest comment. */
const MAX_BYTES = 8_000_000;
/** Of an answer that is kept in an error. */
export const ERROR_TEXT_LIMIT = 500;
/** Of a router's own words within a sentence. */
export const SAID_LIMIT = 120;

export function openRestCaller(options: CallerOptions, dialect: RestDialect): RestCaller {
  const { credentials, operations, clock } = options;
  const pinned = openPinnedFetch(options.pinned);
  const token = Buffer.from(`${credentials.user}:${credentials.password}`, 'utf8').toString('base64');
  const clean = (text: string, limit: number) =>
    cutText(redact(text, { keys: ['password', 'authorization'], secrets: [credentials.password, token] }), limit);
  const base = baseOf(options, dialect.root);
  const send = (call: RestCall) =>
    request({
      ...requestOf(call, base, dialect, token),
      timeoutMs: Math.min(call.timeoutMs ?? dialect.timeoutMs, options.deadline - clock.now()),
      maxBytes: dialect.maxBytes ?? MAX_BYTES,
      // A connection that was kept may be closed just as a change leaves on it, and nobody could tell whether it was heard.
      keepAlive: call.method === undefined,
      fetch: pinned.fetch,
    });
  return {
    clean,
    close: () => pinned.close(),
    async call(call) {
      let response: HttpResponse | undefined;
      try {
        response = await send(call);
        const receivedAt = clock.now();
        const value = dialect.judge({ response, call, receivedAt, clean });
        call.accept?.(value);
        operations.push({ name: call.name, ok: true, responseMs: response.responseMs, status: response.status });
        return { value, receivedAt, text: response.text };
      } catch (error) {
        const failure = withoutProof(error);
        if (isAppError(failure)) operations.push(failedOperation(call, failure, response));
        throw failure;
      }
    },
  };
}

function baseOf({ host, pinned: { trust, port, address } }: CallerOptions, root: string): string {
  const scheme = trust === undefined ? 'http' : 'https';
  const named = `${scheme}://${host}:${port}${root}`;
  const numbered = `${scheme}://${address.family === 6 ? `[${address.address}]` : address.address}:${port}${root}`;
  // Some names that a resolver takes are none for a URL.
  return URL.canParse(named) ? named : numbered;
}

type Outgoing = Pick<HttpRequest, 'url' | 'headers' | 'body'> & { method: NonNullable<HttpRequest['method']> };

function requestOf(
  { path, body, method }: RestCall,
  base: string,
  { mediaType }: RestDialect,
  token: string,
): Outgoing {
  return {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    url: `${base}${path}`,
    headers: {
      accept: mediaType,
      authorization: `Basic ${token}`,
      ...(body === undefined ? {} : { 'content-type': mediaType }),
    },
    ...(body === undefined ? {} : { body }),
  };
}

function failedOperation({ name }: RestCall, error: AppError, response: HttpResponse | undefined): Operation {
  const status = response?.status ?? error.context.status;
  return {
    name,
    ok: false,
    responseMs: response?.responseMs ?? Number(error.context.responseMs ?? 0),
    ...(status === undefined ? {} : { status }),
    error: `${error.code}: ${error.message}`,
  };
}
