/** What every simulator of the outside world is to the local cloud, and the loopback HTTP server most of them stand on. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A fault that a simulator can be asked for; `parameters` says per parameter, in words, what it takes. */
export interface FaultDescription {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** As it arrives from the console or over HTTP: a name and whatever parameters came with it. */
export interface FaultRequest {
  readonly fault: string;
  readonly [parameter: string]: unknown;
}

export interface Simulator {
  /** Short name in paths: `taara`, `twilio`, `snmp`. */
  readonly name: string;
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** What a person may see of it: plain JSON, no credentials. */
  state(): unknown;
  faults(): readonly FaultDescription[];
  /** Throws RangeError with one sentence when the fault or a parameter is not understood. */
  inject(fault: FaultRequest): void;
  close(): Promise<void>;
}

export interface SimulatedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Aborted when the simulator closes or the caller hangs up. */
  readonly signal: AbortSignal;
}

export interface SimulatedResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Nothing that is sent to a simulated service is larger; the rest is refused unread. */
const MAX_BODY_BYTES = 1_000_000;

/** Serves `handle` on 127.0.0.1 (port 0 = any free one). Closing cuts open connections and waits of `handle`. */
export async function startHttpSimulator(options: {
  readonly handle: (request: SimulatedRequest) => SimulatedResponse | Promise<SimulatedResponse>;
  readonly port?: number;
}): Promise<{ url: string; close(): Promise<void> }> {
  const closing = new AbortController();
  const server = createServer((incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.on('close', () => gone.abort());
    const signal = AbortSignal.any([closing.signal, gone.signal]);
    answer(incoming, outgoing, signal, options.handle).catch((error: unknown) => {
      if (outgoing.headersSent || signal.aborted) outgoing.destroy();
      else send(outgoing, { status: 500, body: JSON.stringify({ message: `simulator failed: ${String(error)}` }) });
    });
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  signal: AbortSignal,
  handle: (request: SimulatedRequest) => SimulatedResponse | Promise<SimulatedResponse>,
): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return send(outgoing, { status: 413, body: '' });
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  send(
    outgoing,
    await handle({
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString('utf8'),
      signal,
    }),
  );
}

function send(outgoing: ServerResponse, response: SimulatedResponse): void {
  outgoing.writeHead(response.status, { 'content-type': 'application/json; charset=utf-8', ...response.headers });
  outgoing.end(response.body);
}
