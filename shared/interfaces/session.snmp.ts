/** One UDP conversation with one SNMP agent: get-bulk with retries inside a deadline, errors in the house's words. */
import { createSocket, type Socket } from 'node:dgram';
import {
  AuthProtocols,
  createSession,
  createV3Session,
  ErrorStatus,
  PrivProtocols,
  RequestFailedError,
  ResponseInvalidCode,
  ResponseInvalidError,
  SecurityLevel,
  type Session,
  Version2c,
} from 'net-snmp';
import type { ResolvedAddress } from '../platform/address.dns.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { parseAddress } from '../platform/ip.ts';
import type { AuthProtocol, PrivProtocol } from './settings.ts';
import type { Binding } from './snmp.wire.ts';
import type { Answer, Question } from './walk.ts';

export type Credentials =
  | { readonly version: 'v2c'; readonly community: string }
  | {
      readonly version: 'v3';
      readonly user: string;
      readonly authProtocol: AuthProtocol;
      readonly authKey: string;
      readonly privProtocol: PrivProtocol;
      readonly privKey: string;
    };

export interface AgentOptions {
  readonly address: ResolvedAddress;
  readonly port: number;
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** No request is under way after this many ms from now. */
  readonly budgetMs: number;
  /** How long each try of the first request waits; their number is the number of tries. */
  readonly firstTimeoutsMs?: readonly number[];
}

export interface AgentSession {
  /** Throws SOURCE_UNAVAILABLE, SOURCE_REJECTED, SOURCE_MALFORMED; never with a key or community in it. */
  ask(question: Question): Promise<Answer>;
  close(): void;
}

const FIRST_TIMEOUTS_MS = [1_000, 2_000, 3_000, 4_000];
/** A router that has answered once is there: what stays away was lost on the way, so it is asked more often. */
const LATER_TRIES = 8;
const MIN_TIMEOUT_MS = 400;
const MAX_TIMEOUT_MS = 4_000;
/** A router may be slow now and then without being gone. */
const SLOWER_FACTOR = 6;
/** Ten thousand rows take three megabytes; more is strings that no table holds. Values keep their datagram in memory. */
const MAX_WALK_BYTES = 32_000_000;
const MAX_BINDINGS = 5_000;

const SILENCE = 'no answer (down, filtered, or wrong community)';
const SILENCE_V3 = 'no answer (down, filtered, or wrong privacy key)';

export function openAgent(options: AgentOptions): AgentSession {
  const wire: Wire = { bytes: 0, onBroken: () => undefined };
  const session = openSession(options, wire);
  session.on('error', (error) => wire.onBroken(error));
  const tries = options.firstTimeoutsMs ?? FIRST_TIMEOUTS_MS;
  const endAt = performance.now() + options.budgetMs;
  let slowestMs: number | undefined;
  let received = 0;

  async function ask(question: Question): Promise<Answer> {
    const timeouts = slowestMs === undefined ? tries : Array<number>(LATER_TRIES).fill(timeoutAfter(slowestMs));
    let repetitions = question.repetitions;
    for (let lost = 0; lost < timeouts.length; ) {
      const sentAt = performance.now();
      if (sentAt >= endAt) break;
      const timeoutMs = Math.min(timeouts[lost] ?? MAX_TIMEOUT_MS, endAt - sentAt);
      const result = await bulk(session, wire, { ...question, repetitions }, timeoutMs);
      if (result === 'too-big' && repetitions === 1) throw malformed('says that one row does not fit into an answer');
      if (result === 'timeout') lost += 1;
      // Two losses in a row may be the size: a path that drops fragments drops every large answer.
      if (result === 'too-big' || lost >= 2) repetitions = Math.max(1, Math.floor(repetitions / 2));
      if (typeof result === 'string') continue;
      received += wire.bytes;
      if (received > MAX_WALK_BYTES) throw malformed(`sent more than ${MAX_WALK_BYTES} octets`);
      slowestMs = Math.max(slowestMs ?? 0, performance.now() - sentAt);
      return { ...result, receivedAt: options.clock.now(), bytes: wire.bytes };
    }
    throw silence(options, performance.now() >= endAt, slowestMs !== undefined);
  }

  return { ask, close: () => session.close() };
}

function timeoutAfter(slowestMs: number): number {
  return Math.min(Math.max(slowestMs * SLOWER_FACTOR, MIN_TIMEOUT_MS), MAX_TIMEOUT_MS);
}

type Bulk = Pick<Answer, 'single' | 'repeated'>;

/** What the socket knows and the session does not tell. */
interface Wire {
  /** Size of the newest datagram. */
  bytes: number;
  /** Called when a datagram of the asked peer cannot be decoded. */
  onBroken: (error: unknown) => void;
}

/** One try. The library's own retry would send the same large question again, so it is told to make none. */
function bulk(
  session: Session,
  wire: Wire,
  question: Question,
  timeoutMs: number,
): Promise<Bulk | 'timeout' | 'too-big'> {
  const { single, repeated, repetitions } = question;
  (session as Session & { timeout: number }).timeout = Math.max(1, Math.ceil(timeoutMs));
  return new Promise((resolve, reject) => {
    wire.onBroken = (error) => reject(malformed('sent what is no SNMP message', error));
    session.getBulk([...single, ...repeated], single.length, repetitions, (error, varbinds) => {
      if (error === null) {
        const answer = sorted(varbinds ?? [], single.length);
        if (answer === undefined) reject(malformed('sent more values than were asked for'));
        else resolve(answer);
      } else if ((error as Error).name === 'RequestTimedOutError') resolve('timeout');
      else if (isTooBig(error)) resolve('too-big');
      else reject(toAppError(error));
    });
  });
}

function isTooBig(error: Error): boolean {
  return error instanceof RequestFailedError && error.status === ErrorStatus.TooBig;
}

function sorted(varbinds: readonly unknown[], singles: number): Bulk | undefined {
  const repeated = varbinds.slice(singles).map((column) => (Array.isArray(column) ? (column as Binding[]) : []));
  if (repeated.reduce((sum, column) => sum + column.length, 0) > MAX_BINDINGS) return undefined;
  return { single: varbinds.slice(0, singles) as Binding[], repeated };
}

function openSession({ address, port, credentials }: AgentOptions, wire: Wire): Session {
  const transport = address.family === 6 ? 'udp6' : 'udp4';
  const dgramModule = { createSocket: () => guardedSocket(transport, address, port, wire) };
  const shared = { port, transport, retries: 0, dgramModule } as const;
  if (credentials.version === 'v2c') {
    return createSession(address.address, credentials.community, { ...shared, version: Version2c });
  }
  const session = createV3Session(
    address.address,
    {
      name: credentials.user,
      level: SecurityLevel.authPriv,
      authProtocol: AuthProtocols[credentials.authProtocol],
      authKey: credentials.authKey,
      privProtocol: PrivProtocols[credentials.privProtocol],
      privKey: credentials.privKey,
    },
    shared,
  );
  // The library believes an answer that came in clear although it asked for a signed and encrypted one.
  const accept = session.onSimpleGetResponse;
  session.onSimpleGetResponse = (req, message) => {
    if (message.hasAuthentication() && message.hasPrivacy()) accept.call(session, req, message);
    else req.responseCb(new ResponseInvalidError('unsigned answer', ResponseInvalidCode.EUnexpectedResponse));
  };
  return session;
}

/**
 * A socket that hands on datagrams of the asked peer only, notes their size, and turns an exception of the library
 * while it decodes one into its own `error` event: thrown from a socket's callback it would end the process.
 */
function guardedSocket(transport: 'udp4' | 'udp6', { address }: ResolvedAddress, port: number, wire: Wire): Socket {
  const socket = createSocket(transport);
  const on = socket.on.bind(socket) as (event: string, listener: (...args: never[]) => void) => Socket;
  const guarded = (event: string, listener: (...args: unknown[]) => void): Socket => {
    if (event !== 'message') return on(event, listener);
    return on('message', (bytes: Buffer, peer: { address: string; port: number }) => {
      if (peer.port !== port || !isSameAddress(peer.address, address)) return;
      wire.bytes = bytes.length;
      try {
        listener(bytes, peer);
      } catch (error) {
        wire.onBroken(error);
      }
    });
  };
  return Object.assign(socket, { on: guarded });
}

/** The system may spell an IPv6 address otherwise than we do. */
function isSameAddress(a: string, b: string): boolean {
  return a === b || parseAddress(a)?.value === parseAddress(b)?.value;
}

/** Messages of the library hold digests and its `info` the user with his keys: only what is quoted here goes on. */
function toAppError(error: Error): AppError {
  if (error instanceof RequestFailedError) return failedRequest(error.status);
  if (!(error instanceof ResponseInvalidError)) {
    const { code } = error as { code?: unknown };
    const what = typeof code === 'string' ? code : error.name;
    return new AppError('SOURCE_UNAVAILABLE', `the network refused the request (${what})`);
  }
  if (/time window|unknown engine id/i.test(error.message)) {
    return new AppError('SOURCE_UNAVAILABLE', 'the router and we do not agree on its SNMPv3 clock yet');
  }
  if (error.code === ResponseInvalidCode.EAuthFailure || error.code === ResponseInvalidCode.ECouldNotDecrypt) {
    const report = REPORTS.exec(error.message)?.[0].toLowerCase() ?? 'its answer does not open with these keys';
    return new AppError('SOURCE_REJECTED', `the router refused the SNMPv3 user (${report})`);
  }
  return malformed('sent an answer that does not fit the question');
}

const REPORTS = /^(Unsupported Security Level|Unknown User Name|Wrong Digest|Decryption Error)/;

function failedRequest(status: number): AppError {
  if (status === ErrorStatus.NoAccess || status === ErrorStatus.AuthorizationError) {
    return new AppError('SOURCE_REJECTED', 'the router does not let these credentials read the interface table');
  }
  const name = String(ErrorStatus[status] ?? status);
  return new AppError('SOURCE_UNAVAILABLE', `the router could not answer (${name})`);
}

function silence({ credentials }: AgentOptions, isOverdue: boolean, hasAnswered: boolean): AppError {
  if (hasAnswered) {
    return new AppError(
      'SOURCE_UNAVAILABLE',
      isOverdue ? 'the walk was not finished in time' : 'the router stopped answering in mid-walk',
    );
  }
  return new AppError('SOURCE_UNAVAILABLE', credentials.version === 'v2c' ? SILENCE : SILENCE_V3);
}

function malformed(what: string, cause?: unknown): AppError {
  return new AppError('SOURCE_MALFORMED', `the router ${what}`, { cause });
}
