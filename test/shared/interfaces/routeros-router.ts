/** A router with made-up answers on a real socket, and a job to read it: what the tests of the REST driver share. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { SelfSigned } from '../../../local/simulators/tls-front.ts';
import type { CollectJob } from '../../../shared/collect/collector.port.ts';
import type { SourceType } from '../../../shared/collect/source.ts';
import { jobFor } from './table-agent.ts';

export const USER = 'headroom';
export const PASSWORD = 'hunter2-0f9c';

export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/routeros', `${name}.json`), 'utf8'));
}

export interface Scripted {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. */
  readonly body?: unknown;
  /** The connection is cut instead. */
  readonly hangUp?: boolean;
  /** No answer ever comes. */
  readonly silent?: boolean;
}

export type Script = (request: { method: string; url: string; body: string; incoming: IncomingMessage }) => Scripted;

/** What a good router answers, from the fixtures, but for the paths that `other` has. */
export function goodRouter(other: Readonly<Record<string, Scripted>> = {}): Script {
  return ({ url }) => {
    const path = url.split('?', 1)[0] ?? '';
    if (other[path]) return other[path];
    if (path === '/rest/interface') return { body: fixture('interfaces') };
    if (path === '/rest/system/resource') return { body: fixture('resource') };
    if (path === '/rest/interface/ethernet/monitor') return { body: fixture('rates') };
    if (path === '/rest/queue/simple') return { body: fixture('queues') };
    return { status: 404, body: { error: 404, message: 'Not Found' } };
  };
}

export interface ScriptedRouter {
  readonly port: number;
  /** Method and URL of each request, in order. */
  readonly requests: string[];
  readonly authorizations: (string | undefined)[];
  readonly bodies: string[];
  /** Sockets that were opened. */
  connections(): number;
  close(): Promise<void>;
}

export async function startRouter(script: Script, certificate?: SelfSigned): Promise<ScriptedRouter> {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const bodies: string[] = [];
  let connections = 0;
  const handler: ConstructorParameters<typeof Server>[1] = (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '' } = incoming;
      const body = Buffer.concat(chunks).toString('utf8');
      requests.push(`${method} ${url}`);
      authorizations.push(incoming.headers.authorization);
      bodies.push(body);
      const answer = script({ method, url, body, incoming });
      if (answer.hangUp) return incoming.socket.destroy();
      if (answer.silent) return undefined;
      outgoing.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
      return outgoing.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? ''));
    });
  };
  const server: Server =
    certificate === undefined
      ? createServer(handler)
      : createTlsServer({ key: certificate.keyPem, cert: certificate.certificatePem }, handler);
  server.on('connection', () => connections++).on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    authorizations,
    bodies,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const TYPE: string = 'routeros';

/** A job for a router on loopback over plain HTTP, unless the settings say otherwise. */
export function routerosJob(port: number, overrides: Parameters<typeof jobFor>[1] = {}): CollectJob {
  const { settings = { plainHttp: true }, secret = { user: USER, password: PASSWORD }, ...more } = overrides;
  const job = jobFor(port, { ...more, settings, secret });
  return { ...job, source: { ...job.source, type: TYPE as SourceType } };
}
