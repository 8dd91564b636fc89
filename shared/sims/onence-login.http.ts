/** Fetches an access token of a 1NCE account: one call, outside the account's pace, and what its refusals mean. */
import type { Operation } from '../collect/collector.port.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import { failureOfStatus, type HttpResponse, parseJson, request } from '../platform/http.ts';
import { convertToken } from './onence.convert.ts';
import type { OnenceOptions } from './onence-caller.http.ts';
import type { Login } from './onence-token.port.ts';

export const OWNER_SENTENCE =
  "1NCE does not let this user call its API (HTTP 403): the portal's owner cannot; make a client id and secret under Account, Management API Access";

/** The lock of the shared token is made for this. */
const LOGIN_TIMEOUT_MS = 10_000;
const NAME = 'token';
/** 1NCE says 400, and not 401, of wrong credentials; two spellings of the first are known. */
const REFUSED_CODES: readonly unknown[] = ['CognitoAuthenticationError', 'BadCredentials', 'AuthValidationError'];

/** Throws SOURCE_REJECTED when the credentials are refused; its context holds no text of the answer, which may repeat them. */
export async function logIn(
  { baseUrl, credentials, clock, deadline, fetch }: OnenceOptions,
  malformed: (response: HttpResponse, problem: string) => AppError,
  record: (operation: Operation) => void,
): Promise<Login> {
  const basic = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64');
  let response: HttpResponse | undefined;
  try {
    response = await request({
      method: 'POST',
      url: `${baseUrl}/oauth/token`,
      headers: { accept: 'application/json', 'content-type': 'application/json', authorization: `Basic ${basic}` },
      body: JSON.stringify({ grant_type: 'client_credentials' }),
      timeoutMs: Math.min(LOGIN_TIMEOUT_MS, deadline - clock.now()),
      ...(fetch === undefined ? {} : { fetch }),
    });
    const login = judge(response, malformed, clock.now());
    record({ name: NAME, ok: true, responseMs: response.responseMs, status: response.status });
    return login;
  } catch (error) {
    if (!isAppError(error)) throw error;
    const status = response?.status ?? error.context.status;
    record({
      ...{ name: NAME, ok: false, responseMs: response?.responseMs ?? Number(error.context.responseMs ?? 0) },
      ...{ error: `${error.code}: ${error.message}` },
      ...(status === undefined ? {} : { status }),
    });
    throw error;
  }
}

function judge(
  response: HttpResponse,
  malformed: (response: HttpResponse, problem: string) => AppError,
  now: number,
): Login {
  const { status } = response;
  const failure = failureOfStatus(response, now, '');
  if (failure) throw failure;
  const json = parseJson(response.text);
  if (status === 403) throw rejected(OWNER_SENTENCE, status);
  if (status === 401 || (status === 400 && json.ok && isRefusal(json.value)))
    throw rejected('1NCE refuses the client id and secret of this account', status);
  if (status < 200 || status > 299) throw malformed(response, `unexpected status HTTP ${status} of the login`);
  if (!json.ok) throw malformed(response, json.problem);
  const token = convertToken(json.value);
  if (token === undefined) throw malformed(response, 'the login brought no access token that can be used');
  return token;
}

function isRefusal(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'errorCode' in json && REFUSED_CODES.includes(json.errorCode);
}

function rejected(message: string, status: number): AppError {
  return new AppError('SOURCE_REJECTED', message, { context: { status } });
}
