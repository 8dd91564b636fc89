/** API Gateway's HTTP API of this machine: routes, payload format 2.0, throttling, and the Lambda's own permission. */
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import type { CloudClock } from '../cloud/clock.ts';
import type { Guard } from '../cloud/guard.ts';
import type { HttpApiModel, RouteModel } from '../model/types.ts';
import { type FunctionPool, TOO_LARGE } from '../workers/pool.ts';
import { readBody } from './read-body.ts';

/** HTTP APIs take 10 MB. */
const BODY_LIMIT = 10 * 1024 * 1024;
/** And wait 30 s for an integration. */
const INTEGRATION_MS = 30_000;

export interface HttpApiParts {
  readonly api: HttpApiModel;
  readonly guard: Guard;
  readonly clock: CloudClock;
  poolOf(functionArn: string): FunctionPool | undefined;
}

interface Matched {
  readonly route: RouteModel;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface HttpApi {
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
}

export function createHttpApi(parts: HttpApiParts): HttpApi {
  const bucket = tokenBucket(parts.api.throttle, parts.clock);
  return {
    async handle(request, response, url) {
      const matched = findRoute(parts.api.routes, request.method ?? 'GET', url.pathname);
      if (!matched) return send(response, 404, { message: 'Not Found' });
      if (!bucket()) return send(response, 429, { message: 'Too Many Requests' });
      const body = await readBody(request, BODY_LIMIT);
      if (!body) return send(response, 413, { message: 'Request Entity Too Large' });
      await invoke(parts, matched, request, url, body, response);
    },
  };
}

/** The most specific route wins: literal parts before parameters, as in AWS. */
function findRoute(routes: readonly RouteModel[], method: string, path: string): Matched | undefined {
  const found = routes
    .filter((r) => r.method === method || r.method === 'ANY')
    .map((route) => ({ route, parameters: matchPath(route.path, path) }))
    .filter((m): m is Matched => m.parameters !== undefined);
  return found.sort((a, b) => placeholders(a.route.path) - placeholders(b.route.path))[0];
}

function placeholders(path: string): number {
  return path.split('{').length;
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    const actual = given[i] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name && actual.length > 0) parameters[name] = decode(actual);
    else if (part !== actual) return undefined;
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function invoke(
  parts: HttpApiParts,
  matched: Matched,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const { route } = matched;
  const pool = parts.poolOf(route.functionArn);
  const allowed = parts.guard.checkService('apigateway.amazonaws.com', 'http-api', {
    action: 'lambda:InvokeFunction',
    resource: route.functionArn,
    context: { 'aws:SourceArn': `${parts.api.arn}/$default/${route.method}${route.path}` },
  }).allowed;
  if (!allowed || !pool) return send(response, 500, { message: 'Internal Server Error' });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), INTEGRATION_MS);
  });
  const result = await Promise.race([pool.invoke(toEvent(parts, matched, request, url, body)), late]);
  clearTimeout(timer);
  if (!result) return send(response, 503, { message: 'Service Unavailable' });
  if (result.error?.name === TOO_LARGE) return send(response, 413, { message: 'Request Entity Too Large' });
  if (!result.ok) return send(response, 500, { message: 'Internal Server Error' });
  answer(response, result.value);
}

function toEvent(
  parts: HttpApiParts,
  matched: Matched,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
): Record<string, unknown> {
  const at = parts.clock.now();
  const values = new Map<string, string[]>();
  for (const [name, value] of url.searchParams) values.set(name, [...(values.get(name) ?? []), value]);
  // From entries, so that a parameter named like a part of every object is only a parameter.
  const query = Object.fromEntries([...values].map(([name, all]) => [name, all.join(',')]));
  const { cookie, ...plain } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(plain).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : (value ?? '')]),
  );
  // Everything else crosses in base64, forms too.
  const textual = /^(text\/|application\/(json|javascript|xml)\b)/.test(headers['content-type'] ?? '');
  const host = headers.host ?? '127.0.0.1';
  return {
    version: '2.0',
    routeKey: `${matched.route.method} ${matched.route.path}`,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(Object.keys(query).length > 0 ? { queryStringParameters: query } : {}),
    ...(Object.keys(matched.parameters).length > 0 ? { pathParameters: matched.parameters } : {}),
    requestContext: {
      accountId: parts.api.arn.split(':')[4],
      apiId: parts.api.id,
      domainName: host,
      http: {
        method: request.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: `${matched.route.method} ${matched.route.path}`,
      stage: '$default',
      time: new Date(at).toUTCString(),
      timeEpoch: at,
    },
    ...(body.length > 0 ? { body: body.toString(textual ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !textual,
  };
}

interface Structured {
  readonly statusCode: number | string;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly cookies?: string[];
}

/** A handler may return the structured form, or any other JSON, which is then the body of a 200. */
function answer(response: ServerResponse, value: unknown): void {
  const structured = typeof value === 'object' && value !== null && 'statusCode' in value;
  const whole = structured
    ? (value as Structured)
    : { statusCode: 200, headers: JSON_TYPE, body: JSON.stringify(value) };
  const { headers = {}, body = '', isBase64Encoded, cookies } = whole as Structured;
  const status = Number(whole.statusCode);
  const given = Object.entries(headers).map(([name, content]) => [name, String(content)] as const);
  if (isStatus(status) && typeof body === 'string' && given.every(isHeader)) {
    response.writeHead(status, { ...Object.fromEntries(given), ...(cookies ? { 'set-cookie': cookies } : {}) });
    response.end(isBase64Encoded ? Buffer.from(body, 'base64') : body);
  } else {
    send(response, 500, { message: 'Internal Server Error' });
  }
}

const JSON_TYPE = { 'content-type': 'application/json' } as const;

function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599;
}

function isHeader([name, content]: readonly [string, string]): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, content);
    return true;
  } catch {
    return false;
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, JSON_TYPE);
  response.end(JSON.stringify(body));
}

function tokenBucket(limit: { rate: number; burst: number }, clock: CloudClock): () => boolean {
  let tokens = limit.burst;
  let filledAt = clock.now();
  return () => {
    const now = clock.now();
    tokens = Math.min(limit.burst, tokens + ((now - filledAt) / 1000) * limit.rate);
    filledAt = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
