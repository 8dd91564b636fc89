/** The built page, a fake API and a fake sign-in page on loopback ports, with the headers that the template gives. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { World } from './world.ts';

export type Fault = 'none' | 'down' | 'refusing' | 'no-sims' | 'expired' | 'ended';

export interface FakeSite {
  readonly url: string;
  world: (now: number) => World;
  /** `down` closes sockets, `refusing` answers 503, `no-sims` does so for SIMs alone, `expired` takes only tokens that are given from now on, `ended` moreover refuses to renew any. */
  fault(fault: Fault): void;
  mode: 'local' | 'cognito';
  /** Paths of the API that were asked for, oldest first. */
  readonly asked: string[];
  tokensGiven(): number;
  /** As it was when it started; tokens stay. */
  heal(): void;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const STEP_MS: Readonly<Record<string, number>> = { '1h': 3_600_000, '15m': 900_000 };

/** `policy` gets the origin of the sign-in page. */
export async function startFakeSite(
  folder: string,
  policy: (loginUrl: string) => string,
  world: (now: number) => World,
): Promise<FakeSite> {
  const tokens = { given: 0, oldest: 1 };
  let fault: Fault = 'none';
  const give = (): string => `token-${++tokens.given}`;
  const login = createFakeLogin(give, () => fault !== 'ended');
  const loginUrl = await listen(login);
  const csp = policy(loginUrl);
  const site = {
    url: '',
    world,
    mode: 'local' as FakeSite['mode'],
    asked: [] as string[],
    fault(wanted: Fault) {
      fault = wanted;
      if (wanted === 'expired' || wanted === 'ended') tokens.oldest = tokens.given + 1;
    },
    tokensGiven: () => tokens.given,
    heal() {
      fault = 'none';
      Object.assign(site, { world, mode: 'local' });
      site.asked.length = 0;
    },
    close: async () => {
      for (const s of [server, login]) s.closeAllConnections();
      await Promise.all([server, login].map((s) => new Promise((resolve) => s.close(resolve))));
    },
  };
  const respond = (request: IncomingMessage, url: URL): Answer => {
    if (url.pathname === '/config.json') {
      return [200, site.mode === 'local' ? { mode: 'local' } : { mode: 'cognito', loginUrl, clientId: 'client1' }];
    }
    if (url.pathname === '/_local/token') {
      return [200, { access_token: give(), token_type: 'Bearer', expires_in: 3600, tenant: 'demo' }];
    }
    site.asked.push(`${url.pathname}${url.search}`);
    const isOfSims = url.pathname.startsWith('/v1/sims');
    if (fault === 'refusing' || (fault === 'no-sims' && isOfSims)) return problem(503, 'the table does not answer');
    const token = Number(/^Bearer token-(\d+)$/.exec(request.headers.authorization ?? '')?.[1] ?? 0);
    if (token < tokens.oldest) return problem(401, 'the token has expired');
    return answer(site.world(Date.now()), url);
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const isPage = !/^\/(v1\/|_local\/token|config\.json)/.test(url.pathname);
    if (isPage) sendFile(folder, csp, url.pathname, response);
    else if (fault === 'down') request.socket.destroy();
    else send(response, respond(request, url));
  });
  site.url = await listen(server);
  return site;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function sendFile(folder: string, csp: string, path: string, response: ServerResponse): void {
  const name = path === '/' ? 'index.html' : path.slice(1);
  try {
    const content = readFileSync(join(folder, name));
    response.writeHead(200, {
      'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
      'content-security-policy': csp,
      'x-content-type-options': 'nosniff',
    });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

/** Status and body; a problem from 400 on. */
type Answer = [number, unknown];

function send(response: ServerResponse, [status, body]: Answer): void {
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
  response.end(JSON.stringify(body));
}

function problem(status: number, detail: string): Answer {
  return [status, { type: 'about:blank', title: 'Error', status, detail }];
}

function answer(world: World, url: URL): Answer {
  const [kind, id, what] = url.pathname.slice('/v1/'.length).split('/').map(decodeURIComponent);
  const asked = url.searchParams;
  if (kind === 'runs') return [200, { items: world.runs.filter((r) => r.source === asked.get('source')) }];
  if (kind === 'sims' && id === 'overview') return [200, world.fleet.overview];
  if (kind === 'sims' && !id) return simsOf(world, asked);
  if (kind === 'bundles' && id && what === 'stats') return [200, world.stats(id)];
  if (kind === 'links' && !id) return paged(world.links.links, asked);
  if (kind === 'links' && id && what === 'status') return [200, world.links.status(id)];
  if (id && what === 'samples') {
    const from = asked.get('from');
    const step = STEP_MS[asked.get('step') ?? ''] ?? 3_600_000;
    return [200, world.series(id, asked.get('metric') ?? '', from === null ? undefined : Date.parse(from), step)];
  }
  const isList = kind === 'alerts' || kind === 'bundles' || kind === 'interfaces';
  return isList && !id ? paged(world[kind], asked) : problem(404, `there is no ${url.pathname}`);
}

/** By level or by silence, as the page asks; unknown last. */
function simsOf({ fleet }: World, asked: URLSearchParams): Answer {
  const [quota, status, seconds] = [asked.get('quota'), asked.get('status'), asked.get('silentSeconds')];
  const found = fleet.sims.filter(
    ({ data, lastSeen, ...sim }) =>
      (quota === null || (data.level ?? 'unknown') === quota) &&
      (status === null || sim.status === status) &&
      (seconds === null || (lastSeen.silentSeconds ?? -1) >= Number(seconds)),
  );
  const order = ({ data, lastSeen }: (typeof found)[number]): number =>
    asked.get('sort') === 'lastSeen' ? Date.parse(lastSeen.at ?? '2999-01-01') : (data.remainingPercent ?? 1000);
  const items = found.sort((a, b) => order(a) - order(b)).slice(0, Number(asked.get('limit')));
  return [200, { items }];
}

/** Three items a page at most, so that every list of more has to be followed. */
function paged(items: readonly unknown[], asked: URLSearchParams): Answer {
  const start = Number(asked.get('cursor') ?? 0);
  const end = start + 3;
  return [200, { items: items.slice(start, end), ...(end < items.length ? { nextCursor: String(end) } : {}) }];
}

/** Authorization code with PKCE as Cognito does it: codes and refresh tokens are checked, codes are good once. */
function createFakeLogin(give: () => string, mayRenew: () => boolean): Server {
  const codes = new Map<string, string>();
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/oauth2/authorize') {
      authorize(url, codes, response);
      return;
    }
    void readText(request).then((text) => {
      const fields = new URLSearchParams(text);
      const origin = request.headers.origin ?? '';
      response.setHeader('access-control-allow-origin', origin);
      const isRefused = fields.get('grant_type') === 'refresh_token' && !mayRenew();
      send(response, isRefused ? [400, { error: 'invalid_grant' }] : exchange(fields, codes, give));
    });
  });
}

function authorize(url: URL, codes: Map<string, string>, response: ServerResponse): void {
  const code = `code-${codes.size + 1}`;
  codes.set(code, url.searchParams.get('code_challenge') ?? '');
  const back = new URL(url.searchParams.get('redirect_uri') ?? '');
  back.searchParams.set('code', code);
  back.searchParams.set('state', url.searchParams.get('state') ?? '');
  response.writeHead(302, { location: back.href }).end();
}

function exchange(fields: URLSearchParams, codes: Map<string, string>, give: () => string): Answer {
  if (fields.get('client_id') !== 'client1' || fields.has('client_secret')) return [400, { error: 'invalid_client' }];
  if (fields.get('grant_type') === 'refresh_token')
    return fields.get('refresh_token') === 'refresh-1'
      ? [200, { access_token: give() }]
      : [400, { error: 'invalid_grant' }];
  const code = fields.get('code') ?? '';
  const challenge = createHash('sha256')
    .update(fields.get('code_verifier') ?? '')
    .digest('base64url');
  if (codes.get(code) !== challenge) return [400, { error: 'invalid_grant' }];
  codes.set(code, 'spent');
  return [200, { access_token: give(), refresh_token: 'refresh-1' }];
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
