/** One connection to a RouterOS by its binary API: proven, logged in, one question after the other, bounded, ended. */
import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { assert } from '../platform/assert.ts';
import { AppError } from '../platform/errors.ts';
import { connectionFailed } from '../platform/http.ts';
import { connectPinned, type PinnedOptions } from '../platform/pinned-socket.tcp.ts';
import type { RouterLogin } from './router-settings.ts';
import { type ApiAnswer, loginFailure, type Reply, replyOf, saidIn } from './routeros-replies.ts';
import { SentenceReader, toSentence } from './routeros-sentences.ts';

export interface ApiSession {
  /** Words of a command without a tag. Only one at a time. Throws SOURCE_UNAVAILABLE or SOURCE_MALFORMED; then the session is over. */
  ask(words: readonly string[], timeoutMs: number): Promise<ApiAnswer>;
  isOver(): boolean;
  close(): void;
}

export interface ApiOptions {
  readonly pinned: PinnedOptions;
  readonly credentials: RouterLogin;
  /** Of connection, proof and login together, ms. */
  readonly timeoutMs: number;
  /** Ends the session, also while it is being opened. */
  readonly signal: AbortSignal;
}

/** As much as by REST: ten thousand rows of the fields that are asked for, each with the longest comment. */
const MAX_ANSWER_BYTES = 8_000_000;
/** More than any caller takes, so that it is the caller's word that is heard. */
const MAX_REPLIES = 60_000;

const LOGIN = '/login';

/** Throws SOURCE_UNAVAILABLE (not reached, not proven), SOURCE_REJECTED (login), SOURCE_MALFORMED (another protocol). */
export async function openApi({ pinned, credentials, timeoutMs, signal }: ApiOptions): Promise<ApiSession> {
  const endsAt = performance.now() + timeoutMs;
  const session = new Session(whoOf(pinned));
  signal.addEventListener('abort', () => session.close(), { once: true });
  try {
    if (signal.aborted) session.close();
    await session.connect(pinned, timeoutMs);
    await logIn(session, credentials, () => endsAt - performance.now());
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

function whoOf({ address: { address, family }, port, trust }: PinnedOptions): string {
  return `${trust === undefined ? 'api' : 'api-ssl'}://${family === 6 ? `[${address}]` : address}:${port}`;
}

/** Since 6.43 in one sentence. An older router takes no notice of what it holds and asks for a proof (MD5). */
async function logIn(session: ApiSession, { user, password }: RouterLogin, leftMs: () => number): Promise<void> {
  const answer = await session.ask([LOGIN, `=name=${user}`, `=password=${password}`], leftMs());
  const challenge = answer.values.ret;
  const isOld = answer.trap === undefined && challenge !== undefined;
  if (isOld && !/^[0-9a-f]{32}$/i.test(challenge)) {
    throw new AppError('SOURCE_MALFORMED', 'the router asked for a proof of the password in a form that is not known');
  }
  const last = isOld
    ? await session.ask([LOGIN, `=name=${user}`, `=response=${proofOf(password, challenge)}`], leftMs())
    : answer;
  if (last.trap !== undefined) throw loginFailure(saidIn(last.trap.message));
}

function proofOf(password: string, challenge: string): string {
  const octets = Buffer.concat([Buffer.of(0), Buffer.from(password, 'utf8'), Buffer.from(challenge, 'hex')]);
  return `00${createHash('md5').update(octets).digest('hex')}`;
}

interface Waiting {
  readonly tag: string | undefined;
  readonly rows: Reply['values'][];
  trap: Reply['values'] | undefined;
  octets: number;
  resolve(answer: ApiAnswer): void;
  reject(error: unknown): void;
}

class Session implements ApiSession {
  readonly #who: string;
  readonly #reader = new SentenceReader();
  #socket: Socket | undefined;
  #waiting: Waiting | undefined;
  #failure: AppError | undefined;
  readonly #connecting = new AbortController();
  #lastTag = 0;

  constructor(who: string) {
    this.#who = who;
  }

  async connect(pinned: PinnedOptions, timeoutMs: number): Promise<void> {
    if (timeoutMs <= 0) this.#fail(this.#late());
    if (this.#failure !== undefined) throw this.#failure;
    const timer = setTimeout(() => this.#fail(this.#late()), timeoutMs);
    try {
      const opened = (socket: Socket) => {
        this.#socket = socket;
      };
      const socket = await connectPinned(pinned, { signal: this.#connecting.signal, opened });
      socket.setNoDelay(true);
      socket.on('data', (octets: Buffer) => this.#take(octets));
      socket.on('error', (error) => this.#fail(connectionFailed(this.#who, error)));
      socket.on('close', () => this.#fail(this.#unavailable('closed the connection', 'reset')));
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw this.#failure ?? connectionFailed(this.#who, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async ask(words: readonly string[], timeoutMs: number): Promise<ApiAnswer> {
    if (timeoutMs <= 0) this.#fail(this.#late());
    if (this.#failure !== undefined) throw this.#failure;
    assert(this.#waiting === undefined, 'a session is asked one thing at a time');
    // An old router may know no tag before the login.
    const tag = words[0] === LOGIN ? undefined : String(++this.#lastTag);
    const timer = setTimeout(() => this.#fail(this.#late()), timeoutMs);
    try {
      return await new Promise<ApiAnswer>((resolve, reject) => {
        this.#waiting = { tag, rows: [], trap: undefined, octets: 0, resolve, reject };
        this.#socket?.write(toSentence([...words, ...(tag === undefined ? [] : [`.tag=${tag}`])]));
      });
    } finally {
      clearTimeout(timer);
    }
  }

  isOver(): boolean {
    return this.#failure !== undefined;
  }

  /** A command that still runs ends with its connection. */
  close(): void {
    this.#fail(this.#unavailable('was left', 'closed'));
  }

  #take(octets: Buffer): void {
    if (this.#failure !== undefined) return;
    try {
      const waiting = this.#waiting;
      if (waiting === undefined) throw new AppError('SOURCE_MALFORMED', 'the router sent what nobody asked for');
      waiting.octets += octets.length;
      if (waiting.octets > MAX_ANSWER_BYTES) throw oversized(`${MAX_ANSWER_BYTES} bytes`);
      this.#reader.push(octets);
      for (let words = this.#reader.next(); words !== undefined; words = this.#reader.next())
        this.#hear(replyOf(words));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#fail(error);
    }
  }

  #hear({ kind, tag, values, reason }: Reply): void {
    const waiting = this.#waiting;
    if (kind === '!fatal') {
      const said = saidIn(reason ?? values.message);
      throw new AppError('SOURCE_UNAVAILABLE', `the router ended the session (${said})`);
    }
    // Some versions leave the tag away; what bears another one answers another question.
    if (waiting === undefined || (tag !== undefined && tag !== waiting.tag)) {
      throw new AppError('SOURCE_MALFORMED', 'the router answered what nobody asked');
    }
    if (kind === '!re') waiting.rows.push(values);
    if (waiting.rows.length > MAX_REPLIES) throw oversized(`${MAX_REPLIES} rows`);
    if (kind === '!trap') waiting.trap ??= values;
    if (kind !== '!done') return;
    this.#waiting = undefined;
    waiting.resolve({ rows: waiting.rows, values, trap: waiting.trap });
  }

  /** Whoever waits hears it, and so does every later question; the first word counts. */
  #fail(failure: AppError): void {
    this.#failure ??= failure;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(this.#failure);
    // A socket that is destroyed while it connects tells nobody.
    this.#connecting.abort();
    this.#socket?.destroy();
  }

  #late(): AppError {
    return this.#unavailable('did not answer in time', 'timeout');
  }

  #unavailable(what: string, failure: string): AppError {
    return new AppError('SOURCE_UNAVAILABLE', `${this.#who} ${what}`, { context: { failure } });
  }
}

function oversized(most: string): AppError {
  return new AppError('SOURCE_MALFORMED', `the router sent more than ${most} in one answer`, {
    context: { failure: 'oversized' },
  });
}
