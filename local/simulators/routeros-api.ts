/** The binary API of a simulated RouterOS: a login, then the same menus as by REST, with faults of its own. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { RouterLogin, RouterPlace } from './router-server.ts';
import { strike } from './routeros-faults.ts';
import { type Command, commandOf, toRequest, toSentences } from './routeros-queries.ts';
import type { LiveRouter } from './routeros-router.ts';
import { Unworder, worded } from './routeros-words.ts';
import type { SimulatedRequest, SimulatedResponse } from './simulator.ts';
import { startTlsFront } from './tls-front.ts';

/** As REST is answered. */
type Answer = (request: SimulatedRequest) => Promise<SimulatedResponse>;
type ApiPlace = Pick<RouterPlace, 'port' | 'certificateSha256'>;

/** On any free port of loopback; `tls`: behind a self-signed certificate made now. */
export async function serveApi(
  one: LiveRouter,
  { tls, answer }: { readonly tls: boolean; readonly answer: Answer },
): Promise<{ readonly place: ApiPlace; close(): Promise<void> }> {
  const closing = new AbortController();
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    open.add(socket);
    const gone = new AbortController();
    socket
      .on('error', () => undefined)
      .on('close', () => {
        open.delete(socket);
        gone.abort();
      });
    const signal = AbortSignal.any([closing.signal, gone.signal]);
    converse(one, socket, (request) => answer({ ...request, signal })).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const front = tls ? await startTlsFront({ target: port, port: 0, host: 'router.test' }) : undefined;
  return {
    place: front === undefined ? { port } : { port: front.port, certificateSha256: front.certificateSha256 },
    async close() {
      closing.abort();
      await front?.close();
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Ask = (request: Omit<SimulatedRequest, 'signal'>) => Promise<SimulatedResponse>;

async function converse(one: LiveRouter, socket: Socket, ask: Ask): Promise<void> {
  const reader = new Unworder();
  let user: RouterLogin | undefined;
  let challenge = '';
  for await (const octets of socket as AsyncIterable<Buffer>) {
    reader.push(octets);
    for (let words = reader.next(); words !== undefined; words = reader.next()) {
      const command = commandOf(words);
      const tag = command.values['.tag'];
      const say = (sentence: readonly string[]) =>
        socket.write(worded([...sentence, ...(tag === undefined ? [] : [`.tag=${tag}`])]));
      if (command.name === '/login') {
        if (one.hasOldLogin && command.values.response === undefined) {
          challenge = randomBytes(16).toString('hex');
          say(['!done', `=ret=${challenge}`]);
          continue;
        }
        user = strike(one.pending, 'unauthorized') ? undefined : loggedIn(one, command, challenge);
        const refusal = one.hasOldLogin ? 'cannot log in' : 'invalid user name or password (6)';
        if (user === undefined) say(['!trap', `=message=${refusal}`]);
        say(['!done']);
      } else if (user === undefined) {
        socket.end(worded(['!fatal', 'not logged in']));
      } else {
        await serve(one, command, { user, socket, say, ask });
      }
    }
  }
}

function loggedIn(
  { router, hasOldLogin }: LiveRouter,
  { values }: Command,
  challenge: string,
): RouterLogin | undefined {
  const users: readonly RouterLogin[] = [router, ...(router.writer ? [router.writer] : [])];
  return users.find(({ user, password }) => {
    if (user !== values.name) return false;
    if (!hasOldLogin) return password === values.password;
    const octets = Buffer.concat([Buffer.of(0), Buffer.from(password), Buffer.from(challenge, 'hex')]);
    return values.response === `00${createHash('md5').update(octets).digest('hex')}`;
  });
}

interface Conversation {
  readonly user: RouterLogin;
  readonly socket: Socket;
  readonly say: (sentence: readonly string[]) => boolean;
  readonly ask: Ask;
}

async function serve(one: LiveRouter, command: Command, { user, socket, say, ask }: Conversation): Promise<void> {
  const struck = strike(one.pending, 'api-trap', 'api-fatal', 'api-cut', 'api-length', 'api-endless');
  if (struck?.fault === 'api-endless') {
    const row = ['!re', '=.id=*1', `=name=${'x'.repeat(1000)}`];
    while (!socket.destroyed) if (!say(row)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    return;
  }
  if (struck?.fault === 'api-trap') {
    say(['!trap', `=message=${struck.message ?? 'failure: busy'}`]);
    say(['!done']);
    return;
  }
  if (struck?.fault === 'api-fatal') return void socket.end(worded(['!fatal', struck.message ?? 'session terminated']));
  if (struck?.fault === 'api-length') return void socket.write(Buffer.from([0xf0, 0xff, 0xff, 0xff, 0xff, 0x21]));
  if (struck?.fault === 'api-cut') return void socket.end(worded(['!re', '=name=ether1']).subarray(0, 9));
  const authorization = `Basic ${Buffer.from(`${user.user}:${user.password}`).toString('base64')}`;
  const response = await ask({ ...toRequest(command), headers: { authorization } });
  const sentences = toSentences(command, response, one);
  if (sentences === undefined) return void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  for (const sentence of sentences) say(sentence);
  if (sentences.at(-1)?.[0] === '!fatal') socket.end();
}
