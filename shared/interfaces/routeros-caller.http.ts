/** One run's conversation with one RouterOS: calls one after the other, bounded, judged, and without credentials in what is kept. */
import type { CollectJob, Operation } from '../collect/collector.port.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import { failureOfStatus, type HttpResponse, parseJson, request } from '../platform/http.ts';
import { openPinnedFetch, type PinnedOptions } from '../platform/pinned-fetch.http.ts';
import { cutText, redact } from '../platform/redact.ts';
import type { Received } from './routeros.convert.ts';
import { routerosError, SESSION_LIMIT_MS } from './routeros.wire.ts';
import type { RouterosCredentials } from './routeros-settings.ts';

export interface CallerOptions {
  /** As the tenant wrote it, for the Host header; the connection goes to `pinned.address`. */
  readonly host: string;
  readonly pinned: PinnedOptions;
  readonly credentials: RouterosCredentials;
  readonly clock: Clock;
  readonly deadline: CollectJob['deadline'];
  readonly operations: Operation[];
}

export interface RouterosCall {
  /** For the log of the run. */
  readonly name: string;
  /** Relative to `/rest`; it may not hold anything secret. */
  readonly path: string;
  /** JSON; makes it a POST. */
  readonly body?: string;
  readonly timeoutMs?: number;
  /** Throws for a good answer that is not what was asked for, so that the call counts as failed. */
  readonly accept?: (value: unknown) => void;
}

export interface Answered extends Received {
  readonly text: string;
}

export interface RouterosCaller {
  /** Throws SOURCE_*; never with a password in it. */
  call(call: RouterosCall): Promise<Answered>;
  /** Text that may be kept: without credentials, cut. */
  clean(text: string, limit: number): string;
  close(): void;
}

/** Longer than the router's own limit, so that its word is heard. */
const CALL_TIMEOUT_MS = SESSION_LIMIT_MS + 5_000;
/** Ten thousand rows of the fields that are asked for, each with the longest comment. */
const MAX_BYTES = 8_000_000;
const ERROR_TEXT_LIMIT = 500;
const SAID_LIMIT = 120;

export function openCaller(options: CallerOptions): RouterosCaller {
  const { credentials, operations, clock, deadline } = options;
  const { trust, port, address } = options.pinned;
  const pinned = openPinnedFetch(options.pinned);
  const token = Buffer.from(`${credentials.user}:${credentials.password}`, 'utf8').toString('base64');
  const clean = (text: string, limit: number) =>
    cutText(redact(text, { keys: ['password', 'authorization'], secrets: [credentials.password, token] }), limit);
  const scheme = trust === undefined ? 'http' : 'https';
  const named = `${scheme}://${options.host}:${port}/rest`;
  const numbered = `${scheme}://${address.family === 6 ? `[${address.address}]` : address.address}:${port}/rest`;
  // Some names that a resolver takes are none for a URL.
  const base = URL.canParse(named) ? named : numbered;
  const send = ({ path, body, timeoutMs = CALL_TIMEOUT_MS }: RouterosCall) =>
    request({
      method: body === undefined ? 'GET' : 'POST',
      url: `${base}${path}`,
      headers: {
        accept: 'application/json',
        authorization: `Basic ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      timeoutMs: Math.min(timeoutMs, deadline - clock.now()),
      maxBytes: MAX_BYTES,
      keepAlive: true,
      fetch: pinned.fetch,
      ...(body === undefined ? {} : { body }),
    });
  return {
    clean,
    close: () => pinned.close(),
    async call(call) {
      let response: HttpResponse | undefined;
      try {
        response = await send(call);
        const receivedAt = clock.now();
        const value = judge(response, call, receivedAt, clean);
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

function failedOperation({ name }: RouterosCall, error: AppError, response: HttpResponse | undefined): Operation {
  const status = response?.status ?? error.context.status;
  return {
    name,
    ok: false,
    responseMs: response?.responseMs ?? Number(error.context.responseMs ?? 0),
    ...(status === undefined ? {} : { status }),
    error: `${error.code}: ${error.message}`,
  };
}

/** A certificate that does not fit: the one failure of a connection that somebody must mend in the settings. */
function withoutProof(error: unknown): unknown {
  if (!isAppError(error, 'SOURCE_UNAVAILABLE') || error.context.failure !== 'tls') return error;
  const { code = '', message: why = '' } = (error.cause ?? {}) as { code?: string; message?: string };
  // Behind a semicolon Node gives advice to programmers.
  const said = why.split(';', 1)[0] ?? '';
  const isUnproven = /CERT|SIGNED|UNABLE_TO|PIN/.test(code);
  const advice = isUnproven ? '; give the SHA-256 fingerprint of its certificate, or the authority that signed it' : '';
  return new AppError('SOURCE_UNAVAILABLE', `${error.message}: ${cutText(said, SAID_LIMIT)}${advice}`, {
    cause: error.cause,
    context: error.context,
  });
}

type Clean = RouterosCaller['clean'];

/** The JSON of a good answer; anything else by its class. */
function judge(response: HttpResponse, call: RouterosCall, now: number, clean: Clean): unknown {
  const { status, text } = response;
  const rawText = clean(text, ERROR_TEXT_LIMIT);
  const context = { status, rawText };
  if (status === 401) throw new AppError('SOURCE_REJECTED', 'the router refused the user or its password', { context });
  if (status === 403) {
    throw new AppError('SOURCE_REJECTED', 'the router does not let this user read by REST', { context });
  }
  const failure = failureOfStatus(response, now, rawText);
  if (failure !== undefined) throw failure;
  if (status >= 300 && status < 400) {
    throw malformed(`sends elsewhere (HTTP ${status}), which is not followed: is this port its www-ssl?`, context);
  }
  const parsed = parseJson(text);
  const said = parsed.ok ? errorSaid(parsed.value, clean) : undefined;
  if (said?.includes('Session closed')) {
    throw new AppError('SOURCE_UNAVAILABLE', 'the router ended a request that took it a minute', { context });
  }
  if (status >= 400 || said !== undefined) {
    const what = said ?? 'in words that are not RouterOS’s';
    throw malformed(`refused ${pathOnly(call)} (HTTP ${status}: ${what}); REST needs RouterOS 7.1 or later`, context);
  }
  if (!parsed.ok) throw malformed(`answered ${pathOnly(call)} with what is no JSON: ${parsed.problem}`, context);
  return parsed.value;
}

/** Its own words; undefined for an answer that is no error. */
function errorSaid(value: unknown, clean: Clean): string | undefined {
  const parsed = routerosError.safeParse(value);
  if (!parsed.success) return undefined;
  const { message, detail } = parsed.data;
  return clean([message, detail].filter((words) => words !== undefined).join(', ') || 'no reason given', SAID_LIMIT);
}

function pathOnly({ path }: RouterosCall): string {
  return `/rest${path.split('?', 1)[0] ?? ''}`;
}

function malformed(what: string, context: { status: number; rawText: string }): AppError {
  return new AppError('SOURCE_MALFORMED', `the router ${what}`, { context });
}
