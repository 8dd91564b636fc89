/** The REST API of Junos over the common caller: which answers are good, and what the others mean. */
import { AppError, isAppError } from '../platform/errors.ts';
import { failureOfStatus } from '../platform/http.ts';
import { MAX_MESSAGE_BYTES } from './junos.wire.ts';
import { failureIn, tellsNoRight } from './netconf-reply.ts';
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
import { cleanedFailure } from './rest-page.ts';
import { isObject } from './rest-rows.ts';
import { displayText } from './text.ts';

/** A large router gathers the counters of all its cards before it answers. */
const CALL_TIMEOUT_MS = 60_000;
/** Of a body that may hold words: what comes behind is nobody's to read. */
const WORDS_LIMIT = 4_000;

const DIALECT: RestDialect = {
  root: '/rpc',
  // Its JSON has keys that stand twice, and its errors come as XML whatever was asked for.
  mediaType: 'application/xml',
  timeoutMs: CALL_TIMEOUT_MS,
  maxBytes: MAX_MESSAGE_BYTES,
  judge,
};

/** The value of an answer is its content as `call.parse` reads it. */
export function openJunosCaller(options: CallerOptions): RestCaller {
  return openRestCaller(options, DIALECT);
}

type Content = Readonly<Record<string, unknown>>;
type Parsed = { readonly content: Content } | { readonly failure: AppError };

function judge({ response, call, receivedAt, clean }: Judged): Content {
  const { status, text } = response;
  const rawText = clean(text, ERROR_TEXT_LIMIT);
  const context = { status, rawText };
  if (status === 401) {
    throw new AppError('SOURCE_REJECTED', 'the router refused the user or its password', { context });
  }
  const parsed = parsedBy(call, text);
  const told = 'content' in parsed ? failureIn(parsed.content) : undefined;
  const isProse = 'failure' in parsed && /^\s*[^\s<]/.test(text);
  // What nobody can see goes first: it could stand in the middle of a password.
  const words = told?.message ?? displayText(text, WORDS_LIMIT);
  if (status === 403 || told?.code === 'SOURCE_REJECTED' || (isProse && tellsNoRight(words))) {
    const message = `the router does not let this user read ${pathOnly(call)}: ${clean(words, SAID_LIMIT)}`;
    throw new AppError('SOURCE_REJECTED', message, { context });
  }
  const failure = failureOfStatus(response, receivedAt, rawText);
  if (failure !== undefined) throw failure;
  if (status >= 300 && status < 400) {
    throw malformed(`sends elsewhere (HTTP ${status}), which is not followed: is this port its REST API?`, context);
  }
  if (status >= 400 && told === undefined) {
    const advice = '`set system services rest https` makes its REST API; not every platform has one';
    throw malformed(`refused ${pathOnly(call)} (HTTP ${status}: ${clean(words, SAID_LIMIT)}); ${advice}`, context);
  }
  if (told !== undefined) throw cleanedFailure(withContext(told, context), clean);
  if (isProse) throw malformed(`answered ${pathOnly(call)} with words: ${clean(words, SAID_LIMIT)}`, context);
  if ('failure' in parsed) throw cleanedFailure(withContext(parsed.failure, context), clean);
  return parsed.content;
}

/** Content of a reply, whether it stands in an `rpc-reply` or, as documented, alone. */
function parsedBy({ parse }: RestCall, text: string): Parsed {
  try {
    const document = parse?.(text) ?? {};
    const reply = document['rpc-reply'];
    return { content: isObject(reply) ? reply : document };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { failure: error };
  }
}

function withContext({ code, message, retryable, cause }: AppError, context: Context): AppError {
  return new AppError(code, message, { retryable, cause, context: { ...context } });
}

function pathOnly({ path }: RestCall): string {
  return `/rpc${path.split('?', 1)[0] ?? ''}`;
}

interface Context {
  readonly status: number;
  readonly rawText: string;
}

function malformed(what: string, context: Context): AppError {
  return new AppError('SOURCE_MALFORMED', `the router ${what}`, { context: { ...context } });
}
