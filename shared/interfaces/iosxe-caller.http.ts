/** RESTCONF of IOS-XE over the common caller: which answers are good, and what the others mean. */
import { AppError } from '../platform/errors.ts';
import { failureOfStatus, parseJson } from '../platform/http.ts';
import { restconfErrors } from './iosxe.wire.ts';
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
import { displayText } from './text.ts';

/** A large router gathers its statistics from all its cards before it answers. */
const CALL_TIMEOUT_MS = 60_000;
/** Of an answer that may hold errors: what comes behind is nobody's to read. */
const ERRORS_LIMIT = 4_000;
const XML_ERRORS = 'urn:ietf:params:xml:ns:yang:ietf-restconf';

const ROOTS = { data: '/restconf/data', operations: '/restconf/operations' } as const;
type Root = (typeof ROOTS)[keyof typeof ROOTS];

function dialectOf(root: Root): RestDialect {
  const judged = (answer: Judged) => judge(answer, root);
  return { root, mediaType: 'application/yang-data+json', timeoutMs: CALL_TIMEOUT_MS, judge: judged };
}

/** The value of an answer is undefined where the router has the container and nothing in it (204). */
export function openIosxeCaller(options: CallerOptions): RestCaller {
  return openRestCaller(options, dialectOf(ROOTS.data));
}

/** For what the router is asked to do, such as saving its configuration. */
export function openIosxeOperations(options: CallerOptions): RestCaller {
  return openRestCaller(options, dialectOf(ROOTS.operations));
}

/** True for the failure of a router that speaks RESTCONF and has not got what was asked for. */
export function isMissing(error: AppError): boolean {
  return error.context.status === 404 && error.context.restconf === true;
}

/** True for the failure of a router that does not understand the question as it was put. */
export function isMisunderstood(error: AppError): boolean {
  return error.context.status === 400;
}

function judge({ response, call, receivedAt, clean }: Judged, root: Root): unknown {
  const { status, text } = response;
  if (status === 204) return undefined;
  // What was created or done may be answered without a word.
  if (call.method !== undefined && status < 300 && text.trim() === '') return undefined;
  const rawText = clean(text, ERROR_TEXT_LIMIT);
  const context = { status, rawText };
  const parsed = parseJson(text);
  const said = saidIn(parsed.ok ? parsed.value : text, clean);
  if (status === 401) {
    const message = 'the router refused the user or its password, or the user has not got privilege 15';
    throw new AppError('SOURCE_REJECTED', message, { context });
  }
  if (status === 403) {
    const what = call.method === undefined ? 'read' : 'change anything';
    const message = `the router does not let this user ${what} by RESTCONF: it needs privilege 15`;
    throw new AppError('SOURCE_REJECTED', message, { context });
  }
  const failure = failureOfStatus(response, receivedAt, rawText);
  if (failure !== undefined) throw failure;
  if (status === 409) {
    throw new AppError(
      'SOURCE_UNAVAILABLE',
      `the router is busy with a change (HTTP 409: ${said ?? 'no reason given'})`,
      {
        context: { failure: 'status', ...context },
      },
    );
  }
  if (status >= 300 && status < 400) {
    throw malformed(`sends elsewhere (HTTP ${status}), which is not followed: is this port its HTTPS server?`, context);
  }
  if (status === 404 && said === undefined) throw noRestconf(context);
  if (status >= 400 || said !== undefined) {
    const what = `refused ${root}${pathOnly(call)} (HTTP ${status}: ${said ?? 'in words that are not RESTCONF’s'})`;
    throw malformed(what, { ...context, restconf: said !== undefined });
  }
  if (!parsed.ok) throw malformed(`answered ${root}${pathOnly(call)} with what is no JSON: ${parsed.problem}`, context);
  return parsed.value;
}

/** The router's own words, fit to be shown; undefined for an answer that is no error of RESTCONF. */
function saidIn(value: unknown, clean: RestCaller['clean']): string | undefined {
  if (typeof value === 'string') return value.includes(XML_ERRORS) ? 'said in XML' : undefined;
  const parsed = restconfErrors.safeParse(value);
  if (!parsed.success) return undefined;
  const list = 'errors' in parsed.data ? parsed.data.errors : parsed.data['ietf-restconf:errors'];
  const words = list.error.flatMap((one) => [one['error-message'] ?? one['error-tag'] ?? []].flat());
  // What nobody can see goes first: it could stand in the middle of a password.
  return clean(displayText(words.join('; '), ERRORS_LIMIT), SAID_LIMIT) || 'no reason given';
}

function noRestconf(context: Context): AppError {
  const advice =
    'IOS-XE needs "restconf" and "ip http secure-server" in its configuration; IOS-XR has no RESTCONF, so read it by SNMP (type snmp)';
  return malformed(`answers, but not under /restconf (HTTP 404): ${advice}`, context);
}

function pathOnly({ path }: RestCall): string {
  return path.split('?', 1)[0] ?? '';
}

interface Context {
  readonly status: number;
  readonly rawText: string;
  readonly restconf?: boolean;
}

function malformed(what: string, context: Context): AppError {
  return new AppError('SOURCE_MALFORMED', `the router ${what}`, { context: { ...context } });
}
