/** The one way every API function answers: route by contract, proof of who asks, checked input, problem+json. */
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type * as z from 'zod/mini';
import { assert } from '../../shared/platform/assert.ts';
import { AppError, type ErrorCode, type ErrorContext, type Issue } from '../../shared/platform/errors.ts';
import { issuesOfError } from '../../shared/platform/issues.ts';
import { cutText } from '../../shared/platform/redact.ts';
import type { FileAnswer, Route } from '../../shared/platform/route.ts';
import type { Caller, Callers } from './caller.ts';
import { answerFile, HEADERS, readFileBody, UnsupportedBody } from './files.ts';
import type { Sites } from './site.ts';

type Out<S> = S extends z.ZodMiniType ? z.infer<S> : undefined;

export interface Asked<P, Q, B> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

/** A body's fields whose form is right, when that of others is not. */
export type GivenFields = Readonly<Record<string, unknown>>;

/** What is wrong with the meaning of fields; path and caller as the handler gets them. */
export type Judge<P> = (given: GivenFields, params: P, caller: Caller) => Promise<readonly Issue[]>;

/** A route with the function that answers it; open routes have no caller. */
export interface Endpoint {
  readonly route: Route;
  answer(asked: Asked<unknown, unknown, unknown>, caller: Caller | undefined): Promise<unknown>;
  /** Where the status follows from the answer; undefined = the route's. */
  statusOf?(value: unknown): number | undefined;
  /** Headers that follow from the text of an answer in JSON, such as its signature. */
  headersOf?(text: string, caller: Caller | undefined): Readonly<Record<string, string>>;
  /** Asked only when the body's form is wrong, so that form and meaning are told at once. */
  judge?(given: GivenFields, params: unknown, caller: Caller | undefined): Promise<readonly Issue[]>;
}

/** Ties a route to its handler, with the types that the contract gives. */
export function endpoint<
  P extends z.ZodMiniType,
  Q extends z.ZodMiniType,
  B extends z.ZodMiniType,
  R extends z.ZodMiniType,
>(
  route: Route<P, Q, B, R>,
  answer: (asked: Asked<Out<P>, Out<Q>, Out<B>>, caller: Caller) => Promise<z.input<R>>,
  judge?: Judge<Out<P>>,
): Endpoint {
  return {
    route: route as unknown as Route,
    answer: answer as unknown as Endpoint['answer'],
    ...(judge ? { judge: judge as unknown as Endpoint['judge'] & {} } : {}),
  };
}

export interface ApiLog {
  error(message: string, fields: Record<string, unknown>): void;
}

const STATUS: Readonly<Record<ErrorCode, number>> = {
  REQUEST_INVALID: 422,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  STORE_CONFLICT: 409,
  SOURCE_THROTTLED: 429,
  SOURCE_UNAVAILABLE: 502,
  SOURCE_REJECTED: 502,
  SOURCE_MALFORMED: 502,
  DELIVERY_FAILED: 502,
  STORE_UNAVAILABLE: 503,
  CONFIG_INVALID: 500,
};

const TITLE: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** What the middlewares leave for the handler behind them. */
type ApiEvent = APIGatewayProxyEventV2 & { endpoint?: Endpoint; caller?: Caller };
type Middleware = middy.MiddlewareObj<ApiEvent, APIGatewayProxyStructuredResultV2>;

/** Route, then who asks, then input: a stranger learns nothing from how input is judged. */
export function createApi(
  endpoints: readonly Endpoint[],
  callers: Callers | undefined,
  log: ApiLog,
  sites?: Sites,
): ApiHandler {
  return middy<ApiEvent, APIGatewayProxyStructuredResultV2>(answer)
    .use(problems(log))
    .use(routing(endpoints))
    .use(identification(callers, sites)) as unknown as ApiHandler;
}

function routing(endpoints: readonly Endpoint[]): Middleware {
  const byKey = new Map(endpoints.map((e) => [e.route.key, e]));
  return {
    before: ({ event }) => {
      const found = byKey.get(event.routeKey);
      if (!found) throw new AppError('NOT_FOUND', 'there is no such route');
      event.endpoint = found;
    },
  };
}

/** The one place where a request proves who makes it. */
function identification(callers: Callers | undefined, sites: Sites | undefined): Middleware {
  return {
    before: async ({ event }) => {
      const needs = event.endpoint?.route.needs;
      if (needs === 'open') return;
      if (needs === 'site' && sites) {
        event.caller = (await sites.identify(event)) as Caller;
        return;
      }
      if (!needs || needs === 'site' || !callers)
        throw new AppError('UNAUTHENTICATED', 'this route needs an access token');
      event.caller = await callers.identify(event.headers.authorization, needs);
    },
  };
}

function problems(log: ApiLog): Middleware {
  return {
    onError: (request) => {
      request.response = asProblem(request.error, request.event, log);
    },
  };
}

async function answer(event: ApiEvent): Promise<APIGatewayProxyStructuredResultV2> {
  const { endpoint: found, caller } = event;
  assert(found, 'routing comes before the handler');
  const { route } = found;
  const value = await found.answer(await readAsked(found, event, caller), caller);
  const status = found.statusOf?.(value) ?? route.status ?? 200;
  if (status === 204) return { statusCode: 204 };
  if (route.responseType) return answerFile(value as FileAnswer, event.headers['accept-encoding']);
  const body = toJson(value);
  const more = found.headersOf?.(body, caller);
  return { statusCode: status, headers: { ...HEADERS, 'content-type': 'application/json', ...more }, body };
}

/** All that is wrong with path, query and body, at once. */
async function readAsked(
  { route, judge }: Endpoint,
  event: APIGatewayProxyEventV2,
  caller: Caller | undefined,
): Promise<Asked<unknown, unknown, unknown>> {
  const issues: Issue[] = [];
  const check = (schema: z.ZodMiniType | undefined, value: unknown, prefix: string): unknown => {
    if (!schema) return undefined;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    issues.push(...issuesOfError(parsed.error, prefix));
    return undefined;
  };
  const params = check(route.params, event.pathParameters ?? {}, 'path');
  const query = check(route.query, event.queryStringParameters ?? {}, 'query');
  const given = route.body ? readBody(route, event, issues) : undefined;
  const before = issues.length;
  const body = check(route.body, given, '');
  const formIssues = issues.slice(before);
  const named = route.params === undefined || params !== undefined;
  if (judge && named && formIssues.length > 0)
    issues.push(...(await judge(withoutFields(given, formIssues), params, caller)));
  if (issues.length > 0) throw new AppError('REQUEST_INVALID', sentence(issues), { context: { issues } });
  return { params, query, body };
}

/** The fields that no issue is about; none where an issue is about the whole. */
export function withoutFields(value: unknown, issues: readonly Issue[]): GivenFields {
  const wrong = new Set(issues.map(fieldOf));
  if (typeof value !== 'object' || value === null || wrong.has('')) return {};
  return Object.fromEntries(Object.entries(value).filter(([name]) => !wrong.has(name)));
}

/** First name of an issue's path: `levels[0].fire` is about `levels`. */
export function fieldOf({ path }: Issue): string {
  return /^[^.[]*/.exec(path)?.[0] ?? '';
}

/** Issues are about what JSON can say and the house cannot take, wherever in the body it stands. */
function readBody(route: Route, event: APIGatewayProxyEventV2, issues: Issue[]): unknown {
  if (typeof route.bodyType === 'object') return readFileBody(route.bodyType, event);
  const text = event.isBase64Encoded ? Buffer.from(event.body ?? '', 'base64').toString('utf8') : (event.body ?? '');
  if (route.bodyType === 'text/csv') return text;
  if (route.bodyOptional && text.trim() === '') return undefined;
  try {
    return JSON.parse(text, (key, value: unknown) => {
      const problem = problemOf(key, value);
      if (problem === undefined) return value;
      issues.push({ path: key.replace(HALF_CHARACTER, '\uFFFD'), message: problem });
      // What is wrong with it is said: its form must not seem wrong as well.
      return typeof value === 'string'
        ? value.replace(HALF_CHARACTER, '\uFFFD')
        : key === '__proto__'
          ? undefined
          : value;
    });
  } catch {
    throw new MalformedBody('the body is not valid JSON');
  }
}

function problemOf(key: string, value: unknown): string | undefined {
  // Such a key could reach an object's prototype.
  if (key === '__proto__') return 'is not a field here: remove it';
  const texts = typeof value === 'string' ? [key, value] : [key];
  return texts.some((t) => t.search(HALF_CHARACTER) >= 0)
    ? 'holds half a character: send whole Unicode text'
    : undefined;
}

/** A surrogate without its partner: JSON can write it, and no table stores it. */
const HALF_CHARACTER = /\p{Cs}/gu;

class MalformedBody extends Error {}

function sentence(issues: readonly Issue[]): string {
  return issues.map((i) => (i.path ? `${i.path}: ${i.message}` : i.message)).join('; ');
}

function asProblem(error: unknown, event: APIGatewayProxyEventV2, log: ApiLog): APIGatewayProxyStructuredResultV2 {
  if (error instanceof MalformedBody) return problem(400, error.message);
  if (error instanceof UnsupportedBody) return problem(415, error.message);
  if (!(error instanceof AppError)) {
    log.error('unexpected failure', { route: event.routeKey, error });
    return problem(500, 'something went wrong on our side; it was recorded');
  }
  const status = STATUS[error.code];
  if (status >= 500) log.error('request failed', { route: event.routeKey, code: error.code, error });
  const { issues, issueCount, retryAfterSeconds, headers } = error.context;
  const errors = issues ? { errors: shownIssues(issues, issueCount) } : {};
  return problem(
    status,
    cutText(error.message, MAX_DETAIL),
    { code: error.code, ...errors },
    { retryAfterSeconds, headers },
  );
}

/** A body of 10 MB can hold a million mistakes, and an answer that lists them all would be refused by Lambda itself. */
const MAX_ISSUES = 100;
const MAX_ISSUE_TEXT = 500;
const MAX_DETAIL = 8000;

/** Whoever found very many has not kept them all, and says how many there were. */
function shownIssues(issues: readonly Issue[], count = issues.length): Issue[] {
  const shown = issues.slice(0, MAX_ISSUES).map(({ path, message }) => ({
    path: cutText(path, MAX_ISSUE_TEXT),
    message: cutText(message, MAX_ISSUE_TEXT),
  }));
  const more = count - shown.length;
  return more === 0 ? shown : [...shown, { path: '', message: `and ${more} more` }];
}

/** RFC 9457; `detail` is also what clients of the older systems read. */
function problem(
  status: number,
  detail: string,
  more: Record<string, unknown> = {},
  { retryAfterSeconds, headers = {} }: { [K in 'retryAfterSeconds' | 'headers']?: ErrorContext[K] | undefined } = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: {
      ...HEADERS,
      'content-type': 'application/problem+json',
      ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
      ...(retryAfterSeconds ? { 'retry-after': String(retryAfterSeconds) } : {}),
      ...headers,
    },
    body: JSON.stringify({ type: 'about:blank', title: TITLE[status] ?? 'Error', status, detail, ...more }),
  };
}

/** A bigint crosses JSON as a decimal string. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v));
}
