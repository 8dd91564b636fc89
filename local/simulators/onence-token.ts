/** Tokens and limits of the simulated 1NCE: who may call, and how often. */
import { randomBytes } from 'node:crypto';
import type { LiveAccount } from './onence-account.ts';
import type { SimulatedRequest, SimulatedResponse } from './simulator.ts';

const EXPIRES_SECONDS = 3600;
/** Real ones are 2976 characters of base64. */
const TOKEN_BYTES = 2232;

export function json(status: number, body: unknown, headers: Record<string, string> = {}): SimulatedResponse {
  const text = JSON.stringify(body);
  return { status, headers: { 'content-length': String(Buffer.byteLength(text)), ...headers }, body: text };
}

/** Says `content-length: 0`, as was recorded. */
export function empty(status: number, headers: Record<string, string> = {}): SimulatedResponse {
  return { status, headers: { 'content-length': '0', ...headers }, body: '' };
}

function refuse(errorCode: string, message: string): SimulatedResponse {
  // 400, not 401, and in camel case where success is in snake case.
  return json(400, { statusCode: 400, errorCode, message });
}

/** Name and secret of HTTP Basic; undefined where there is none. */
function basicOf(request: SimulatedRequest): { id: string; secret: string } | undefined {
  const encoded = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return { id, secret: secret.join(':') };
}

/** Whose login it is, whatever the secret. */
export function loginOf(live: readonly LiveAccount[], request: SimulatedRequest): LiveAccount | undefined {
  return live.find((one) => one.account.clientId === basicOf(request)?.id);
}

export function logIn(one: LiveAccount | undefined, request: SimulatedRequest, now: number): SimulatedResponse {
  const basic = basicOf(request);
  if (!basic) return refuse('AuthValidationError', 'Authorization header is missing or not Basic.');
  const grant = grantOf(request);
  if (grant === undefined) return refuse('UnsupportedContentTypeError', 'Content type is not supported.');
  if (grant !== 'client_credentials') return refuse('BodyValidationError', 'grant_type must be client_credentials.');
  if (!one) return refuse('CognitoAuthenticationError', 'User does not exist.');
  one.logins++;
  if (basic.secret !== one.account.clientSecret || one.refusals > 0) {
    one.refusals = Math.max(0, one.refusals - 1);
    return refuse('CognitoAuthenticationError', 'Incorrect username or password.');
  }
  return json(200, {
    status_code: 200,
    access_token: issueToken(one, now),
    token_type: 'bearer',
    expires_in: EXPIRES_SECONDS,
    userId: 'user',
    scope: 'all',
  });
}

/** JSON and forms are both taken; undefined for another type of body, '' where the body does not say. */
function grantOf(request: SimulatedRequest): string | undefined {
  const type = request.headers['content-type'] ?? '';
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    return new URLSearchParams(request.body).get('grant_type') ?? '';
  }
  if (!/^application\/json\b/i.test(type)) return undefined;
  const body = parseJson(request.body) as { grant_type?: unknown } | null | undefined;
  return typeof body?.grant_type === 'string' ? body.grant_type : '';
}

/** Undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function issueToken(one: LiveAccount, now: number): string {
  for (const [old, ends] of one.tokens) if (ends <= now) one.tokens.delete(old);
  const token = randomBytes(TOKEN_BYTES).toString('base64');
  one.tokens.set(token, now + EXPIRES_SECONDS * 1000);
  return token;
}

export function bearerOf(request: SimulatedRequest): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

export function ownerOf(live: readonly LiveAccount[], token: string, now: number): LiveAccount | undefined {
  return live.find((one) => (one.tokens.get(token) ?? 0) > now);
}

/** Documented with an empty body where no token came, recorded with this one where it is a bad one. */
export function refuseBearer(token: string | undefined, path: string, now: number): SimulatedResponse {
  if (token === undefined) return empty(401);
  return json(401, {
    timestamp: new Date(now).toISOString().replace('Z', '+0000'),
    status: 401,
    error: 'Unauthorized',
    message: `The token is invalid: ${token.slice(0, 8)}...`,
    path: `/internal-global-api${path}`,
  });
}

/** Undefined when the call is within the limit, else the answer: one second's worth may come at once. */
export function throttle(one: LiveAccount, perSecond: number, now: number): SimulatedResponse | undefined {
  const burst = Math.max(1, perSecond);
  const before = one.allowance ?? { left: burst, at: now };
  const left = Math.min(burst, before.left + (Math.max(0, now - before.at) / 1000) * perSecond);
  one.allowance = { left: left < 1 ? left : left - 1, at: now };
  if (left >= 1) return undefined;
  one.throttled++;
  const seconds = Math.max(1, Math.ceil((1 - left) / perSecond));
  return json(429, { message: 'Too Many Requests' }, { 'retry-after': String(seconds) });
}
