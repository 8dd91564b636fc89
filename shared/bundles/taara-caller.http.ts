/** One account's conversation with Taara: calls that are bounded, recorded as operations, and redacted before anything leaves. */
import type { CollectJob, Operation } from '../collect/collector.port.ts';
import type { Clock } from '../platform/clock.ts';
import { type AppError, isAppError } from '../platform/errors.ts';
import { type HttpResponse, request } from '../platform/http.ts';
import { cutText, redact } from '../platform/redact.ts';

export interface CallerOptions {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly hotspotId: string;
  /** Values that may not appear in anything kept. */
  readonly secrets: readonly string[];
  readonly clock: Clock;
  readonly deadline: CollectJob['deadline'];
  readonly fetch?: typeof fetch;
  /** Added to, or put in place of, the headers of the portal's own page. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Call {
  readonly name: 'login' | 'data' | 'logout';
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The page that would have made the call. */
  readonly page: 'login' | 'home';
  readonly bearer?: string;
  readonly body?: string;
}

export interface Caller {
  readonly operations: readonly Operation[];
  /** Makes a call and judges its answer; both become one operation. Throws SOURCE_* and whatever `judge` throws. */
  call<T>(call: Call, judge: (response: HttpResponse) => T): Promise<T>;
  /** Adds a value to those that may not appear in anything kept. */
  hide(value: string): void;
  /** Text that may be kept: without secrets, cut. */
  clean(text: string, limit: number): string;
}

/** The portal's own client waits as long. */
const CALL_TIMEOUT_MS = 30_000;

/** Also what a hostile or changed portal may echo. */
const PRIVATE_KEYS = [
  'accessToken',
  'refreshToken',
  'token',
  'authorization',
  'passcode',
  'password',
  'phoneNumber',
  'nationalNumber',
  'msisdn',
  'subscriberId',
  'subscriberUsername',
  'hotspotName',
];

/** What the portal's page sends; whether any of it is required is unknown. */
const BROWSER_HEADERS: Readonly<Record<string, string>> = {
  accept: 'application/json, text/plain, */*',
  'accept-language': 'en-US,en;q=0.9',
  'content-type': 'application/json',
  'user-agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0',
  'sec-ch-ua': '"Not)A;Brand";v="8", "Chromium";v="138", "Microsoft Edge";v="138"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Windows"',
  'sec-fetch-dest': 'empty',
  'sec-fetch-mode': 'cors',
  'sec-fetch-site': 'same-origin',
};

export function openCaller(options: CallerOptions): Caller {
  const operations: Operation[] = [];
  const secrets = new Set(options.secrets);
  return {
    operations,
    hide: (value) => void secrets.add(value),
    clean: (text, limit) => cutText(redact(text, { keys: PRIVATE_KEYS, secrets: [...secrets] }), limit),
    async call(call, judge) {
      let response: HttpResponse | undefined;
      try {
        response = await send(options, call);
        const result = judge(response);
        const { status, responseMs } = response;
        operations.push({ name: call.name, ok: status < 400, responseMs, status });
        return result;
      } catch (error) {
        if (isAppError(error)) operations.push(failedOperation(call, error, response));
        throw error;
      }
    },
  };
}

function failedOperation(call: Call, error: AppError, response: HttpResponse | undefined): Operation {
  const status = response?.status ?? error.context.status;
  return {
    name: call.name,
    ok: false,
    responseMs: response?.responseMs ?? Number(error.context.responseMs ?? 0),
    ...(status === undefined ? {} : { status }),
    error: `${error.code}: ${error.message}`,
  };
}

function send(options: CallerOptions, call: Call): Promise<HttpResponse> {
  const page = `/cp/customers/${call.page}?hotspotId=${encodeURIComponent(options.hotspotId)}`;
  return request({
    method: call.method,
    url: `${options.baseUrl}${call.path}`,
    headers: {
      ...BROWSER_HEADERS,
      referer: `${options.baseUrl}${page}`,
      ...options.headers,
      ...(call.bearer === undefined ? {} : { authorization: `Bearer ${call.bearer}` }),
    },
    timeoutMs: Math.min(CALL_TIMEOUT_MS, options.deadline - options.clock.now()),
    ...(call.body === undefined ? {} : { body: call.body }),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
}
