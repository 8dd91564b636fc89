/** One run's conversation with one RouterOS by its binary API: questions one after the other over one connection, judged, bounded. */
import { AppError, isAppError } from '../platform/errors.ts';
import { cutText, redact } from '../platform/redact.ts';
import { type Answered, type CallerOptions, SAID_LIMIT } from './rest-caller.http.ts';
import { noteIn } from './rest-page.ts';
import { withoutProof } from './router-reach.http.ts';
import type { RouterosCall, RouterosCaller, RouterosRequest } from './routeros-call.ts';
import { type ApiAnswer, saidIn, toWords, trapFailure } from './routeros-replies.ts';
import { type ApiSession, openApi } from './session.routeros.ts';

/** Connection, certificate and login; a small router at work needs a few seconds. */
const LOGIN_TIMEOUT_MS = 20_000;
/** As long as by REST, where a router ends it itself after a minute. */
const CALL_TIMEOUT_MS = 60_000;

/** Connects with the first call, and anew where a call has ended the session. */
export function openBinary(options: Omit<CallerOptions, 'host'>): RouterosCaller {
  const { pinned, credentials, clock, deadline, operations } = options;
  const clean = (text: string, limit: number) =>
    cutText(redact(text, { keys: ['password', 'response'], secrets: [credentials.password] }), limit);
  const note = noteIn(operations, clean);
  const closing = new AbortController();
  const atMost = (timeoutMs: number) => Math.min(timeoutMs, deadline - clock.now());
  let last: ApiSession | undefined;
  /** Calls wait for each other: a small router has one core, and its answers one order. */
  let tail: Promise<unknown> = Promise.resolve();
  async function session(): Promise<ApiSession> {
    if (last === undefined || last.isOver()) last = await note('log in', logIn);
    return last;
  }
  async function logIn(): Promise<ApiSession> {
    try {
      return await openApi({ pinned, credentials, timeoutMs: atMost(LOGIN_TIMEOUT_MS), signal: closing.signal });
    } catch (error) {
      throw withoutCertificate(withoutProof(error));
    }
  }
  return {
    clean,
    close: () => closing.abort(),
    call(call) {
      const answer = tail.then(() => askOnce(call));
      tail = answer.catch(() => undefined);
      return answer;
    },
  };
  async function askOnce({ name, request, timeoutMs = CALL_TIMEOUT_MS, accept }: RouterosCall): Promise<Answered> {
    const open = await session();
    return note(name, async () => {
      const answer = await open.ask(toWords(request), atMost(timeoutMs));
      const receivedAt = clock.now();
      const value = answered(request, answer, (said) => clean(said, SAID_LIMIT));
      accept?.(value);
      return {
        value,
        receivedAt,
        /** Made of what was understood, and only for whoever keeps it. */
        get text() {
          return JSON.stringify(value);
        },
      };
    });
  }
}

/** What a router answers whose service has none: then it offers only ciphers in which nobody proves anything. */
function withoutCertificate(error: unknown): unknown {
  if (!isAppError(error, 'SOURCE_UNAVAILABLE') || !/handshake failure/i.test(error.message)) return error;
  const advice = 'does its service api-ssl have a certificate? `/ip service set api-ssl certificate=` gives it one';
  return new AppError('SOURCE_UNAVAILABLE', `${error.message}; ${advice}`, { context: error.context });
}

/** Rows; the row itself where one was asked for by its id. */
function answered(request: RouterosRequest, { rows, trap }: ApiAnswer, shown: (said: string) => string): unknown {
  if (trap !== undefined) throw trapFailure(request, shown(saidIn(trap.message)), trap.category);
  if (request.verb !== 'print' || request.id === undefined) return rows;
  if (rows[0] === undefined) throw trapFailure(request, 'no such item', undefined);
  return rows[0];
}
