/** What a router's reply to one rpc means: its content, or the error it tells, in the house's classes. Pure. */
import { AppError, type ErrorCode } from '../platform/errors.ts';
import { junosError } from './junos.wire.ts';
import { isObject } from './rest-rows.ts';
import { decoded } from './xml.ts';

/** Of a router's own words within a sentence. */
const SAID_LIMIT = 160;
/** Tags (RFC 6241) that another try may not meet. */
const PASSING: readonly string[] = ['in-use', 'lock-denied', 'resource-denied'];

/** The `rpc-reply` of a parsed message. Throws SOURCE_MALFORMED, SOURCE_REJECTED or SOURCE_UNAVAILABLE; warnings are none. */
export function acceptedReply(message: Readonly<Record<string, unknown>>, messageId: string): Record<string, unknown> {
  const reply = message['rpc-reply'];
  if (reply === undefined) throw new AppError('SOURCE_MALFORMED', 'the router answered with what is no rpc-reply');
  const content = isObject(reply) ? reply : {};
  const id = content['@message-id'];
  if (id !== undefined && id !== messageId) {
    const message = `the router answered rpc ${String(id).slice(0, SAID_LIMIT)} where ${messageId} was asked`;
    throw new AppError('SOURCE_MALFORMED', message);
  }
  const error = failureIn(content);
  if (error !== undefined) throw error;
  return content;
}

/** The first error that a reply's content tells, warnings aside. */
export function failureIn(content: Readonly<Record<string, unknown>>): AppError | undefined {
  return errorsIn(content).flatMap(failureOf)[0];
}

/** Of a commit, each routing engine tells its own. */
function errorsIn(content: Readonly<Record<string, unknown>>): readonly unknown[] {
  const inner = [content['commit-results'], content['routing-engine']].flat().filter(isObject);
  return [...listOf(content['rpc-error']), ...listOf(content.error), ...inner.flatMap(errorsIn)];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function failureOf(error: unknown): AppError[] {
  const parsed = junosError.safeParse(error);
  const told = parsed.success ? parsed.data : {};
  if (told['error-severity'] === 'warning') return [];
  const tag = told['error-tag'] ?? '';
  const words = decoded(told['error-message'] ?? told.message ?? '').slice(0, SAID_LIMIT);
  const said = [words, tag].filter((text) => text !== '').join(', ') || 'no reason given';
  return [new AppError(codeOf(tag, words), `the router refused: ${said}`)];
}

/** Junos tells most refusals by words and the tag operation-failed. */
export function tellsNoRight(words: string): boolean {
  return /permission|not authorized|access denied/i.test(words);
}

function codeOf(tag: string, words: string): ErrorCode {
  const isForbidden = tag === 'access-denied' || tellsNoRight(words);
  return isForbidden ? 'SOURCE_REJECTED' : PASSING.includes(tag) ? 'SOURCE_UNAVAILABLE' : 'SOURCE_MALFORMED';
}
