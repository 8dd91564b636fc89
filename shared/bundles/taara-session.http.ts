/** The three calls of Taara's portal, each with the judgement of its answer. */
import type { Operation } from '../collect/collector.port.ts';
import type { Instant } from '../platform/clock.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import { failureOfStatus, type HttpResponse, parseJson } from '../platform/http.ts';
import { issueText, pathText } from '../platform/issues.ts';
import type { TaaraSecret } from './settings.ts';
import {
  type TaaraBundleResponse,
  type TaaraClaims,
  type TaaraLoginRequest,
  taaraBundleResponse,
  taaraClaims,
  taaraError,
  taaraLoginResponse,
} from './taara.wire.ts';
import { type Caller, type CallerOptions, openCaller } from './taara-caller.http.ts';

export interface BundleAnswer {
  readonly response: TaaraBundleResponse;
  /** Redacted and cut. */
  readonly rawText: string;
  readonly receivedAt: Instant;
}

export interface TaaraSession {
  readonly operations: readonly Operation[];
  /** The access token. Throws SOURCE_REJECTED when the credentials are refused. */
  login(secret: TaaraSecret): Promise<string>;
  /** `unauthorized` when the token is not (or no longer) accepted. */
  bundles(token: string): Promise<'unauthorized' | BundleAnswer>;
  /** Without a bearer, as the portal does it; how it ends is recorded and changes nothing. */
  logout(token: string): Promise<void>;
  /** Text that may be kept: without secrets, cut. */
  clean(text: string, limit: number): string;
}

/** For a person to see what came; the whole of a good answer is kept apart. */
const ERROR_TEXT_LIMIT = 2000;
/** An answer of a household is 2 KB. */
const RAW_TEXT_LIMIT = 65_536;

export function openSession(options: CallerOptions): TaaraSession {
  const caller = openCaller(options);
  const judge = judgeOf(caller, options);
  return {
    operations: caller.operations,
    clean: caller.clean,
    login: (secret) => logIn(caller, judge, secret),
    bundles: (token) => readBundles(caller, judge, token, options),
    logout: (token) => logOut(caller, token),
  };
}

interface Judge {
  /** Throws unless the status is one of those that are understood. */
  accept(response: HttpResponse, statuses: readonly number[]): void;
  /** The body as JSON. Throws SOURCE_MALFORMED. */
  json(response: HttpResponse): unknown;
  malformed(response: HttpResponse, problem: string): AppError;
}

function judgeOf(caller: Caller, { clock }: CallerOptions): Judge {
  const malformed = (response: HttpResponse, problem: string): AppError =>
    new AppError('SOURCE_MALFORMED', `Taara's answer cannot be used: ${problem}`, {
      context: { status: response.status, rawText: caller.clean(response.text, ERROR_TEXT_LIMIT) },
    });
  return {
    malformed,
    accept(response, statuses) {
      const failure = failureOfStatus(response, clock.now(), caller.clean(response.text, ERROR_TEXT_LIMIT));
      if (failure) throw failure;
      if (!statuses.includes(response.status)) throw malformed(response, `unexpected status HTTP ${response.status}`);
    },
    json(response) {
      const json = parseJson(response.text);
      if (!json.ok) throw malformed(response, json.problem);
      return json.value;
    },
  };
}

function logIn(caller: Caller, judge: Judge, secret: TaaraSecret): Promise<string> {
  const body = JSON.stringify(toWireLogin(secret));
  return caller.call(
    { name: 'login', method: 'POST', path: '/v1/users/subscriber/login', page: 'login', body },
    (response) => {
      if (isRefusedLogin(response))
        throw refusedCredentials(response.status, caller.clean(response.text, ERROR_TEXT_LIMIT));
      judge.accept(response, [200, 201]);
      const login = taaraLoginResponse.safeParse(judge.json(response));
      if (!login.success) throw judge.malformed(response, 'the login brought no access token');
      hideToken(caller, login.data.accessToken);
      return login.data.accessToken;
    },
  );
}

function readBundles(
  caller: Caller,
  judge: Judge,
  token: string,
  { hotspotId, clock }: CallerOptions,
): Promise<'unauthorized' | BundleAnswer> {
  hideToken(caller, token);
  const path = `/v1/customers/get-customer-bundle?hotspotId=${encodeURIComponent(hotspotId)}`;
  return caller.call({ name: 'data', method: 'GET', path, page: 'home', bearer: token }, (response) => {
    if (response.status === 401) return 'unauthorized';
    judge.accept(response, [200]);
    const bundles = taaraBundleResponse.safeParse(judge.json(response));
    if (!bundles.success) {
      const problems = bundles.error.issues.map((issue) => `${pathText('', issue.path)} ${issueText(issue)}`);
      throw judge.malformed(response, problems.join('; '));
    }
    if (bundles.data.data.subscriberId) caller.hide(bundles.data.data.subscriberId);
    return {
      response: bundles.data,
      rawText: caller.clean(response.text, RAW_TEXT_LIMIT),
      receivedAt: clock.now(),
    };
  });
}

async function logOut(caller: Caller, token: string): Promise<void> {
  hideToken(caller, token);
  const { sub } = claimsOf(token);
  if (!sub) return;
  const path = `/v1/users/subscriber/logout/${encodeURIComponent(sub)}`;
  try {
    await caller.call({ name: 'logout', method: 'GET', path, page: 'home' }, () => undefined);
  } catch (error) {
    // A session that could not be ended ends by itself; the failure stands among the operations.
    if (!isAppError(error)) throw error;
  }
}

function hideToken(caller: Caller, token: string): void {
  caller.hide(token);
  const { sub } = claimsOf(token);
  if (sub) caller.hide(sub);
}

function toWireLogin(secret: TaaraSecret): TaaraLoginRequest {
  return {
    phoneNumber: { countryCode: secret.countryCode, nationalNumber: secret.phoneNumber },
    passcode: secret.passcode,
    partnerId: secret.partnerId,
  };
}

/** 401 whatever it says; 404 only with its words, for a 404 without them is a portal that has moved. */
function isRefusedLogin(response: HttpResponse): boolean {
  if (response.status === 401) return true;
  const json = parseJson(response.text);
  const body = taaraError.safeParse(json.ok ? json.value : undefined);
  return response.status === 404 && body.success && /user not found/i.test(body.data.message);
}

export function refusedCredentials(status: number, rawText?: string): AppError {
  return new AppError('SOURCE_REJECTED', 'Taara refuses the credentials of this account', {
    context: { status, ...(rawText === undefined ? {} : { rawText }) },
  });
}

/** Claims of a token, read without proof: they only say when to log in again and whom to log out. Empty when unreadable. */
export function claimsOf(token: string): TaaraClaims {
  const json = parseJson(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const claims = taaraClaims.safeParse(json.ok ? json.value : undefined);
  return claims.success ? claims.data : {};
}
