/** RouterOS's REST over the common caller: how each question is put, which answers are good, and what the others mean. */
import { AppError, type ErrorContext } from '../platform/errors.ts';
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
import type { RouterosCaller, RouterosRequest } from './routeros-call.ts';

const DIALECT: RestDialect = {
  root: '/rest',
  mediaType: 'application/json',
  // Longer than the router's own limit, so that its word is heard.
  timeoutMs: SESSION_LIMIT_MS + 5_000,
  judge,
};

export function openRest(options: CallerOptions): RouterosCaller {
  const caller = openRestCaller(options, DIALECT);
  return { ...caller, call: ({ request, ...call }) => caller.call({ ...call, ...toRest(request) }) };
}

/** Ids hold nothing that a path would have to escape; neither do the menus and values that are asked for. */
function toRest(request: RouterosRequest): Pick<RestCall, 'path' | 'body' | 'method'> {
  switch (request.verb) {
    case 'print': {
      const { menu, id, fields, where = {} } = request;
      const filters = Object.entries(where).map(([name, value]) => `${name}=${value}`);
      const query = [...(fields === undefined ? [] : [`.proplist=${fields.join(',')}`]), ...filters].join('&');
      return { path: `${menu}${id === undefined ? '' : `/${id}`}${query === '' ? '' : `?${query}`}` };
    }
    case 'add':
      return { method: 'PUT', path: request.menu, body: JSON.stringify(request.values) };
    case 'set':
      return { method: 'PATCH', path: `${request.menu}/${request.id}`, body: JSON.stringify(request.values) };
    case 'remove': {
      const { menu, ids } = request;
      if (ids.length === 1) return { method: 'DELETE', path: `${menu}/${ids[0]}` };
      return { method: 'POST', path: `${menu}/remove`, body: JSON.stringify({ '.id': ids.join(',') }) };
    }
    case 'run':
      return { path: request.command, body: JSON.stringify(request.values) };
  }
}

/** The JSON of a good answer; anything else by its class. */
function judge({ response, call, receivedAt, clean }: Judged): unknown {
  const { status, text } = response;
  const rawText = clean(text, ERROR_TEXT_LIMIT);
  const context = { status, rawText };
  if (status === 401) {
    const who = call.method === undefined ? 'the user' : 'the user for writing';
    throw new AppError('SOURCE_REJECTED', `the router refused ${who} or its password`, { context });
  }
  if (status === 403 || (status >= 400 && /not enough permissions/i.test(text))) {
    throw new AppError('SOURCE_REJECTED', noRight(call), { context });
  }
  const failure = failureOfStatus(response, receivedAt, rawText);
  if (failure !== undefined) throw failure;
  if (status >= 300 && status < 400) {
    throw malformed(`sends elsewhere (HTTP ${status}), which is not followed: is this port its www-ssl?`, context);
  }
  if ((call.method === 'DELETE' || call.method === 'POST') && status < 300 && text.trim() === '') return undefined;
  const parsed = parseJson(text);
  const said = parsed.ok ? errorSaid(parsed.value, clean) : undefined;
  if (said?.includes('Session closed')) {
    throw new AppError('SOURCE_UNAVAILABLE', 'the router ended a request that took it a minute', { context });
  }
  if (status >= 400 || said !== undefined) {
    const what = said ?? 'in words that are not RouterOS’s';
    const advice =
      call.method === undefined ? '; REST needs RouterOS 7.1 or later, older ones take "api": "binary"' : '';
    throw malformed(`refused ${pathOnly(call)} (HTTP ${status}: ${what})${advice}`, { ...context, said: what });
  }
  if (!parsed.ok) throw malformed(`answered ${pathOnly(call)} with what is no JSON: ${parsed.problem}`, context);
  return parsed.value;
}

/** RouterOS says it with 403, or with 500 and "not enough permissions (9)". */
function noRight({ method }: RestCall): string {
  return method === undefined
    ? 'the router does not let this user read by REST'
    : 'the router does not let this user change anything: give its group the policy write, or store writeUser and writePassword';
}

/** Its own words; undefined for an answer that is no error. */
function errorSaid(value: unknown, clean: RestCaller['clean']): string | undefined {
  const parsed = routerosError.safeParse(value);
  if (!parsed.success) return undefined;
  const { message, detail } = parsed.data;
  return clean([message, detail].filter((words) => words !== undefined).join(', ') || 'no reason given', SAID_LIMIT);
}

function pathOnly({ path }: RestCall): string {
  return `/rest${path.split('?', 1)[0] ?? ''}`;
}

function malformed(what: string, context: ErrorContext): AppError {
  return new AppError('SOURCE_MALFORMED', `the router ${what}`, { context });
}
