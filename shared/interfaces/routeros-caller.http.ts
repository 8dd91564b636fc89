/** RouterOS's REST over the common caller: which answers are good, and what the others mean. */
import { AppError } from '../platform/errors.ts';
import { failureOfStatus, parseJson } from '../platform/http.ts';
import {
  type CallerOptions,
  ERROR_TEXT_LIMIT,
  type Judged,
  openRestCaller,
  type RestCall,
  type RestCaller,
  type RestDialect,
  SAID_LIMIT,
} from './rest-caller.http.ts';
import { routerosError, SESSION_LIMIT_MS } from './routeros.wire.ts';

export type RouterosCall = RestCall;
export type RouterosCaller = RestCaller;

const DIALECT: RestDialect = {
  root: '/rest',
  mediaType: 'application/json',
  // Longer than the router's own limit, so that its word is heard.
  timeoutMs: SESSION_LIMIT_MS + 5_000,
  judge,
};

export function openCaller(options: CallerOptions): RouterosCaller {
  return openRestCaller(options, DIALECT);
}

/** The JSON of a good answer; anything else by its class. */
function judge({ response, call, receivedAt, clean }: Judged): unknown {
  const { status, text } = response;
  const rawText = clean(text, ERROR_TEXT_LIMIT);
  const context = { status, rawText };
  if (status === 401) throw new AppError('SOURCE_REJECTED', 'the router refused the user or its password', { context });
  if (status === 403) {
    throw new AppError('SOURCE_REJECTED', 'the router does not let this user read by REST', { context });
  }
  const failure = failureOfStatus(response, receivedAt, rawText);
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
function errorSaid(value: unknown, clean: RestCaller['clean']): string | undefined {
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
