/** A fetch that connects to one checked address only, and says nothing before the far end has proven who it is. */
import { Agent, type ClientRequestArgs, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { connectPinned, type PinnedOptions } from './pinned-socket.tcp.ts';

export interface PinnedFetch {
  /** For `request` of `http.ts`: a text body, no redirects, nothing decompressed. */
  readonly fetch: typeof fetch;
  /** Ends all its connections. */
  close(): void;
}

/** One connection at a time, kept for the next call: a TLS handshake is heavy work for a small router. */
export function openPinnedFetch(options: PinnedOptions): PinnedFetch {
  const agent = new PinnedAgent(options);
  const send = (url: URL, init: RequestInit) => sendOnce(agent, options, url, init);
  return {
    async fetch(input, init = {}) {
      const url = new URL(input instanceof Request ? input.url : input);
      try {
        return await send(url, init);
      } catch (error) {
        // The far end may close a kept connection just while the next request leaves: nobody has read that one.
        if (!(error instanceof Stale) || (init.method ?? 'GET') !== 'GET') throw error;
        return send(url, init);
      }
    },
    close: () => agent.close(),
  };
}

/** A kept connection turned out to be closed before anything came back. */
class Stale extends Error {
  readonly code = 'ECONNRESET';
}

function sendOnce(agent: Agent, { address, port }: PinnedOptions, url: URL, init: RequestInit): Promise<Response> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      host: address.address,
      port,
      method: init.method ?? 'GET',
      path: `${url.pathname}${url.search}`,
      headers: { ...Object.fromEntries(new Headers(init.headers)), host: url.host },
      ...(init.signal ? { signal: init.signal } : {}),
    });
    const fail = (error: Error) => {
      const { code } = error as { code?: unknown };
      const isStale = outgoing.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
      reject(isStale ? new Stale(error.message) : error);
    };
    outgoing.on('error', fail);
    // Without an answer or an error: the far end asked for another protocol.
    outgoing.on('close', () => fail(coded('HPE_NO_RESPONSE', 'the connection ended without an answer')));
    outgoing.on('response', (incoming) => {
      try {
        resolve(responseOf(incoming));
      } catch (error) {
        incoming.destroy();
        reject(error);
      }
    });
    outgoing.end(typeof init.body === 'string' ? init.body : undefined);
  });
}

const WITHOUT_BODY = [204, 205, 304];

function responseOf(incoming: IncomingMessage): Response {
  const status = incoming.statusCode ?? 0;
  if (status < 200 || status > 599) throw coded('HPE_INVALID_STATUS', `status ${status}`);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const isEmpty = WITHOUT_BODY.includes(status);
  if (isEmpty) incoming.resume();
  const body = isEmpty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>);
  return new Response(body, { status, headers });
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Hands a connection to a request only when it is proven: credentials stand in the first octets of a request. */
class PinnedAgent extends Agent {
  readonly #options: PinnedOptions;
  readonly #sockets = new Set<Socket>();
  readonly #closing = new AbortController();

  constructor(options: PinnedOptions) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#options = options;
  }

  override createConnection(
    _options: ClientRequestArgs,
    done?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const answer = done as ((error: Error | null, stream?: Duplex) => void) | undefined;
    this.#open().then(
      (socket) => answer?.(null, socket),
      (error: unknown) => answer?.(error instanceof Error ? error : new Error('the connection failed')),
    );
    return undefined;
  }

  #open(): Promise<Socket> {
    return connectPinned(this.#options, {
      signal: this.#closing.signal,
      protocols: ['http/1.1'],
      opened: (socket) => {
        this.#sockets.add(socket);
        socket.on('close', () => this.#sockets.delete(socket));
      },
    });
  }

  close(): void {
    this.#closing.abort();
    this.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }
}
