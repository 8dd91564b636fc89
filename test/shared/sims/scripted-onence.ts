/** A 1NCE API whose every answer a test writes down: a real server on a free port that records what it was asked. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Told {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it is, anything else as JSON; nothing at all when absent. */
  readonly body?: unknown;
  /** Instead of an answer. */
  readonly fault?: 'reset' | 'truncated' | 'drip';
}

/** Answers whoever has a good token. Undefined: 404 without a body. */
export type Script = (asked: Asked, nth: number) => Told | undefined;

export interface ScriptedOnence {
  readonly url: string;
  readonly asked: Asked[];
  /** `GET /v2/sims?page=1` without the token calls. */
  calls(): string[];
  logins(): number;
  /** Tokens that are accepted; each login adds one. */
  readonly tokens: Set<string>;
  close(): Promise<void>;
}

/** Logs in whoever asks, unless `login` says how that ends, and refuses unknown bearers. */
export async function startOnence(script: Script, login?: Told): Promise<ScriptedOnence> {
  const asked: Asked[] = [];
  const tokens = new Set<string>();
  let logins = 0;
  const answer = (one: Asked): Told => {
    const nth = asked.filter(({ method, path }) => method === one.method && path === one.path).length;
    if (one.path === '/oauth/token') {
      logins++;
      if (login) return login;
      const token = `token-${logins}`;
      tokens.add(token);
      return { body: { status_code: 200, access_token: token, token_type: 'bearer', expires_in: 3600 } };
    }
    if (!tokens.has(String(one.headers.authorization).replace('Bearer ', ''))) return badBearer;
    return script(one, nth) ?? { status: 404 };
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    asked.push(one);
    tell(response, answer(one));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    tokens,
    logins: () => logins,
    calls: () => asked.filter(({ path }) => path !== '/oauth/token').map(({ method, path }) => `${method} ${path}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** As recorded. */
const badBearer: Told = {
  status: 401,
  body: {
    timestamp: '2030-01-01T00:00:00.000+0000',
    status: 401,
    error: 'Unauthorized',
    message: 'The token is invalid: token-of-somebody',
    path: '/internal-global-api/v1/sims',
  },
};

function tell(response: ServerResponse, { status = 200, headers = {}, body, fault }: Told): void {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  if (fault === 'reset') {
    response.destroy();
    return;
  }
  if (fault === 'truncated') {
    response.writeHead(status, { ...headers, 'content-length': String(text.length + 100) });
    response.write(text);
    setImmediate(() => response.destroy());
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  if (fault !== 'drip') {
    response.end(text);
    return;
  }
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
}
