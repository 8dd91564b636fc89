/** One NETCONF session over SSH with one router: proven host key, hello, one rpc after the other, a deadline, an end. */
import { once } from 'node:events';
import { Socket } from 'node:net';
import ssh2, { type ClientChannel } from 'ssh2';
import type { ResolvedAddress } from '../platform/address.dns.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { CAPABILITY_1_1, ELEMENTS, HELLO, LISTS, MAX_ELEMENTS, MAX_MESSAGE_BYTES, rpcXml } from './junos.wire.ts';
import type { JunosCredentials } from './junos-settings.ts';
import { framedByEndMark, framedInChunks, MessageReader } from './netconf-framing.ts';
import { acceptedReply } from './netconf-reply.ts';
import { isObject } from './rest-rows.ts';
import { isLoopback } from './router-settings.ts';
import { connectionFailure, type OfferedKey, offeredKey, sshLogin } from './ssh-proof.ts';
import { type ParseXml, xmlParser } from './xml.ts';

export interface NetconfOptions {
  /** Connected to as it is; no name is looked up again. */
  readonly address: ResolvedAddress;
  readonly port: number;
  /** 43 characters of base64: the only host key that gets a login. Undefined: whichever answers on a loopback address. */
  readonly pin: string | undefined;
  readonly credentials: JunosCredentials;
  readonly clock: Clock;
  /** Nothing is under way after it. */
  readonly deadline: Instant;
}

export interface NetconfReply {
  /** Content of the `rpc-reply`, parsed. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly receivedAt: Instant;
}

export interface NetconfSession {
  /** Calls wait for each other. Throws SOURCE_*, never with a secret of ours in it. */
  call(operation: string, parse: ParseXml): Promise<NetconfReply>;
  /** Takes leave, for half a second at most. */
  close(): Promise<void>;
}

/** TCP, keys and login; a router at work needs two or three seconds. */
const READY_TIMEOUT_MS = 20_000;
const LEAVE_MS = 500;

const parseHello = xmlParser(ELEMENTS.hello, LISTS.hello, MAX_ELEMENTS);

/** Throws SOURCE_UNAVAILABLE (not reached, or not who was pinned), SOURCE_REJECTED (login), SOURCE_MALFORMED (no NETCONF). */
export async function openNetconf(options: NetconfOptions): Promise<NetconfSession> {
  if (options.pin === undefined && !isLoopback(options.address.address)) {
    throw new AppError(
      'SOURCE_REJECTED',
      'without hostKeySha256 the login would go to whoever answers: it must be given',
    );
  }
  const session = new Session(options);
  try {
    await session.open();
    return session;
  } catch (error) {
    session.destroy();
    throw error;
  }
}

interface Waiting {
  resolve(message: string): void;
  reject(error: AppError): void;
}

class Session implements NetconfSession {
  readonly #options: NetconfOptions;
  readonly #client = new ssh2.Client();
  /** Ours: ssh2 lets go of a socket that it has ended only when the peer ends it too. */
  readonly #socket = new Socket();
  readonly #reader = new MessageReader(MAX_MESSAGE_BYTES);
  readonly #timer: NodeJS.Timeout;
  #channel: ClientChannel | undefined;
  #isChunked = false;
  #waiting: Waiting | undefined;
  #failure: AppError | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #lastId = 0;

  constructor(options: NetconfOptions) {
    this.#options = options;
    const left = Math.max(0, options.deadline - options.clock.now());
    this.#timer = setTimeout(() => this.#fail(unavailable('did not answer in time', 'timeout')), left);
  }

  async open(): Promise<void> {
    await this.#connect();
    const channel = await this.#openChannel();
    this.#channel = channel;
    const greeting = this.#nextMessage();
    channel.on('data', (octets: Buffer) => this.#take(octets));
    channel.stderr.on('data', () => undefined);
    channel.on('error', () => undefined);
    channel.on('close', () => this.#fail(unavailable('closed the session', 'closed')));
    channel.write(framedByEndMark(HELLO));
    const { hello } = parseHello(await greeting);
    if (!isObject(hello)) throw new AppError('SOURCE_MALFORMED', 'the router did not greet as NETCONF servers do');
    const capabilities = isObject(hello.capabilities) ? hello.capabilities.capability : undefined;
    this.#isChunked = Array.isArray(capabilities) && capabilities.includes(CAPABILITY_1_1);
    if (this.#isChunked) this.#reader.expectChunks();
  }

  call(operation: string, parse: ParseXml): Promise<NetconfReply> {
    const reply = this.#tail.then(() => this.#exchange(operation, parse));
    this.#tail = reply.catch(() => undefined);
    return reply;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#failure === undefined) {
      this.#failure = unavailable('was left', 'closed');
      const gone = once(this.#client, 'close', { signal: AbortSignal.timeout(LEAVE_MS) });
      this.#send('<close-session/>');
      this.#client.end();
      await gone.catch(() => undefined);
    }
    this.destroy();
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#client.destroy();
    this.#socket.destroy();
  }

  #connect(): Promise<void> {
    const { address, port, pin, credentials, clock, deadline } = this.#options;
    let offered: OfferedKey | undefined;
    return new Promise((resolve, reject) => {
      const failed = (error: Error) => {
        const failure = this.#failure ?? connectionFailure(error, { pin, offered, credentials });
        this.#fail(failure);
        reject(failure);
      };
      this.#client.on('error', failed).on('close', () => failed(new Error('the connection was closed')));
      this.#client.once('ready', resolve);
      if (this.#failure !== undefined || deadline <= clock.now()) return failed(new Error('the deadline has passed'));
      // ssh2 listens to it as well, unless it throws for a key that it cannot read.
      this.#socket.on('error', () => undefined).connect({ host: address.address, port });
      try {
        this.#client.connect({
          sock: this.#socket,
          readyTimeout: Math.min(READY_TIMEOUT_MS, deadline - clock.now()),
          hostVerifier: (key: Buffer) => {
            offered = offeredKey(key);
            return pin === undefined || offered.sha256 === pin;
          },
          ...sshLogin(credentials),
        });
        // A session is many short messages that wait for each other.
        this.#client.setNoDelay(true);
      } catch (error) {
        failed(error as Error);
      }
    });
  }

  #openChannel(): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve: () => undefined, reject };
      this.#client.subsys('netconf', (error, channel) => {
        this.#waiting = undefined;
        if (error === undefined) return resolve(channel);
        const message = 'the router does not offer NETCONF here: `set system services netconf ssh` makes it';
        reject(this.#failure ?? new AppError('SOURCE_MALFORMED', message, { cause: error }));
      });
    });
  }

  async #exchange(operation: string, parse: ParseXml): Promise<NetconfReply> {
    const message = this.#nextMessage();
    const id = this.#send(operation);
    const text = await message;
    const receivedAt = this.#options.clock.now();
    return { value: acceptedReply(parse(text), id), text, receivedAt };
  }

  #send(operation: string): string {
    const id = String(++this.#lastId);
    const xml = rpcXml(id, operation);
    if (this.#channel?.writable) this.#channel.write(this.#isChunked ? framedInChunks(xml) : framedByEndMark(xml));
    return id;
  }

  #nextMessage(): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure);
      this.#waiting = { resolve, reject };
      // Of what came behind the last one.
      this.#hand();
    });
  }

  #take(octets: Buffer): void {
    if (this.#failure !== undefined) return;
    this.#reader.push(octets);
    if (this.#waiting !== undefined) this.#hand();
    else this.#fail(new AppError('SOURCE_MALFORMED', 'the router sent what nobody asked for'));
  }

  #hand(): void {
    try {
      const message = this.#reader.next();
      const waiting = this.#waiting;
      if (message === undefined || waiting === undefined) return;
      this.#waiting = undefined;
      waiting.resolve(message);
    } catch (error) {
      this.#fail(error instanceof AppError ? error : unavailable('broke off', 'closed', error));
    }
  }

  /** Whoever waits hears it, and so does every later call; the first word counts. */
  #fail(failure: AppError): void {
    this.#failure ??= failure;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(this.#failure);
    this.destroy();
  }
}

function unavailable(what: string, failure: 'timeout' | 'closed', cause?: unknown): AppError {
  return new AppError('SOURCE_UNAVAILABLE', `the router ${what}`, { cause, context: { failure } });
}
