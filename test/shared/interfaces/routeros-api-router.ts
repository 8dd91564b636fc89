/** A router with made-up answers that speaks the binary API on a real socket, and a job to read it: what its tests share. */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type Command, commandOf } from '../../../local/simulators/routeros-queries.ts';
import { Unworder, worded } from '../../../local/simulators/routeros-words.ts';
import type { SelfSigned } from '../../../local/simulators/tls-front.ts';
import { fixture, PASSWORD, routerosJob, USER } from './routeros-router.ts';

export interface ApiScripted {
  readonly rows?: readonly object[];
  /** Of the end. */
  readonly ret?: string;
  readonly trap?: string;
  readonly category?: string;
  readonly fatal?: string;
  /** Sentences as they are, without a tag of our own. */
  readonly sentences?: readonly (readonly string[])[];
  /** Octets instead of sentences. */
  readonly raw?: Buffer | string;
  /** The connection is cut instead of an answer, or after it. */
  readonly hangUp?: boolean;
  /** No answer ever comes. */
  readonly silent?: boolean;
}

/** Undefined: the usual answer to a login, and `no such command prefix` to all else. */
export type ApiScript = (command: Command) => ApiScripted | undefined;

/** What a good router answers, from the fixtures of REST, but for the commands that `other` has. */
export function goodApi(other: Readonly<Record<string, ApiScripted>> = {}): ApiScript {
  const rows: Readonly<Record<string, string>> = {
    '/interface/print': 'interfaces',
    '/interface/ethernet/monitor': 'rates',
    '/queue/simple/print': 'queues',
    '/system/resource/print': 'resource',
  };
  return ({ name }) => {
    if (other[name]) return other[name];
    const known = rows[name];
    return known === undefined ? undefined : { rows: [fixture(known) as object].flat() };
  };
}

export interface ScriptedApi {
  readonly port: number;
  /** Words of each command in order, without its tag. */
  readonly commands: string[][];
  /** Connections that were opened, and those that still are. */
  connections(): number;
  open(): number;
  close(): Promise<void>;
}

export async function startApiRouter(script: ApiScript, certificate?: SelfSigned): Promise<ScriptedApi> {
  const commands: string[][] = [];
  const open = new Set<Socket>();
  let connections = 0;
  const serve = (socket: Socket) => {
    const reader = new Unworder();
    socket
      .on('error', () => undefined)
      .on('data', (octets: Buffer) => {
        reader.push(octets);
        for (let words = reader.next(); words !== undefined; words = reader.next()) {
          commands.push(words.filter((word) => !word.startsWith('.tag=')));
          const command = commandOf(words);
          say(socket, command, script(command) ?? usual(command));
        }
      });
  };
  const server: Server =
    certificate === undefined
      ? createServer({ noDelay: true }, serve)
      : createTlsServer({ noDelay: true, key: certificate.keyPem, cert: certificate.certificatePem }, serve);
  server
    .on('tlsClientError', () => undefined)
    .on('connection', (socket: Socket) => {
      connections++;
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => open.delete(socket));
    });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    commands,
    connections: () => connections,
    open: () => open.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function usual({ name, values }: Command): ApiScripted {
  if (name !== '/login') return { trap: 'no such command prefix', category: '0' };
  return values.name === USER && values.password === PASSWORD ? {} : { trap: 'invalid user name or password (6)' };
}

function say(socket: Socket, { values }: Command, answer: ApiScripted): void {
  const tag = values['.tag'];
  const tell = (...words: string[]) => socket.write(worded([...words, ...(tag === undefined ? [] : [`.tag=${tag}`])]));
  const { rows = [], trap, category, fatal, sentences, raw, ret, hangUp, silent } = answer;
  if (raw !== undefined) socket.write(raw);
  for (const one of sentences ?? []) socket.write(worded(one));
  if (fatal !== undefined) socket.end(worded(['!fatal', fatal]));
  if (
    raw === undefined &&
    sentences === undefined &&
    fatal === undefined &&
    !silent &&
    !(hangUp && rows.length === 0)
  ) {
    for (const row of rows) tell('!re', ...Object.entries(row).map(([name, value]) => `=${name}=${String(value)}`));
    if (trap !== undefined) {
      tell('!trap', ...(category === undefined ? [] : [`=category=${category}`]), `=message=${trap}`);
    }
    if (!hangUp) tell('!done', ...(ret === undefined ? [] : [`=ret=${ret}`]));
  }
  if (hangUp) socket.end();
}

/** A job for a router on loopback in clear, unless the settings say otherwise. */
export function apiJob(port: number, overrides: Parameters<typeof routerosJob>[1] = {}) {
  const { settings = { plainHttp: true }, ...more } = overrides;
  return routerosJob(port, { ...more, settings: { api: 'binary', ...settings } });
}
