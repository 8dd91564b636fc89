/** `/_local`: what runs on this machine and switches to disturb it, as JSON and as one page. Nothing of it exists in AWS. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cloud } from '../cloud/cloud.ts';
import { readBody } from '../front/read-body.ts';
import { localSubject, TOKEN_SECONDS } from '../services/identity.ts';
import type { FaultRequest, Simulator } from '../simulators/simulator.ts';
import { consolePage, consoleScript } from './page.ts';
import * as views from './views.ts';

/** Faults and run requests are a few fields. */
const BODY_LIMIT = 64 * 1024;

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const notFound = (what: string): Reply => ({ status: 404, body: { detail: what } });

export function createConsole(
  cloud: Cloud,
): (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> {
  return async (request, response, url) => {
    const path = pathOf(url.pathname.slice('/_local'.length));
    if (!path) return send(response, notFound('there is no such path: its percent codes are broken'));
    if (path.length === 0) return sendText(response, 'text/html; charset=utf-8', consolePage);
    if (path[0] === 'console.js') return sendText(response, 'text/javascript; charset=utf-8', consoleScript);
    if (request.method === 'GET') return send(response, await get(cloud, path, url));
    if (request.method !== 'POST') return send(response, { status: 405, body: { detail: 'GET or POST' } });
    if (isForeign(request))
      return send(response, { status: 403, body: { detail: 'a page of another site may not use the console' } });
    const body = await readBody(request, BODY_LIMIT);
    if (!body) return send(response, { status: 413, body: { detail: `the body has more than ${BODY_LIMIT} bytes` } });
    return send(response, await post(cloud, path, parsed(body.toString('utf8'))));
  };
}

function pathOf(text: string): string[] | undefined {
  try {
    return text.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Browsers name the page that posts; a program such as curl names none. */
function isForeign(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin !== undefined && origin !== `http://${host}`;
}

async function get(cloud: Cloud, path: readonly string[], url: URL): Promise<Reply> {
  const [what, name] = path;
  const ok = (body: unknown): Reply => ({ status: 200, body });
  switch (what) {
    case 'functions':
      return ok(views.functions(cloud));
    case 'invocations':
      return (
        views.invocations(cloud, url.searchParams.get('function')) ??
        notFound('no such function: GET /_local/functions lists them')
      );
    case 'schedules':
      return ok(views.schedules(cloud));
    case 'queues':
      return ok(views.queues(cloud));
    case 'messages':
      return ok(views.messages(cloud));
    case 'iam':
      return ok(cloud.guard.ledger.report());
    case 'token':
      return token(cloud, url.searchParams.get('tenant') ?? 'demo');
    case 'jwks':
      return ok(await cloud.identity?.keys());
    case 'simulators':
      return name ? simulator(cloud, name, (s) => ok(views.simulator(s))) : ok(cloud.simulators.map(views.simulator));
    default:
      return notFound(`there is no /_local/${path.join('/')}`);
  }
}

async function post(cloud: Cloud, path: readonly string[], body: unknown): Promise<Reply> {
  const [what, name, verb] = path;
  if (what === 'schedules' && name && verb === 'run') return runSchedule(cloud, name);
  if (what === 'queues' && name && verb === 'redrive') return redrive(cloud, name);
  if (what === 'simulators' && name && !verb) return simulator(cloud, name, (s) => inject(s, body));
  return notFound(`there is no POST /_local/${path.join('/')}`);
}

/** A slot of its own: the instant it was asked for, made once, here. */
async function runSchedule(cloud: Cloud, name: string): Promise<Reply> {
  const schedule = cloud.scheduler.schedules.find((s) => s.shortName === name);
  if (!schedule) return notFound(`no schedule "${name}": GET /_local/schedules lists them`);
  const at = cloud.clock.now();
  const requestedAt = new Date(at).toISOString();
  const result = await cloud.scheduler.fire(schedule, at, { manual: true, requestedAt });
  return {
    status: result.ok ? 202 : 502,
    body: { schedule: name, requestedAt, ok: result.ok, ...(result.error ? { detail: result.error.message } : {}) },
  };
}

/** Dead letters go back to the queue that they came from; a message that has had its effect already has none again. */
async function redrive(cloud: Cloud, name: string): Promise<Reply> {
  const letters = cloud.model.queues.find((q) => q.name === name && !('RedrivePolicy' in q.attributes));
  const source = letters && cloud.model.queues.find((q) => deadLetterArn(q) === letters.arn);
  if (!letters || !source) return notFound(`no queue of dead letters "${name}": GET /_local/queues lists them`);
  const moved = await cloud.queues.moveAll(letters.name, source.name);
  return { status: 200, body: { from: letters.name, to: source.name, moved } };
}

function deadLetterArn({ attributes }: { attributes: Readonly<Record<string, string>> }): string | undefined {
  const policy = JSON.parse(attributes.RedrivePolicy ?? '{}') as { deadLetterTargetArn?: string };
  return policy.deadLetterTargetArn;
}

function simulator(cloud: Cloud, name: string, reply: (s: Simulator) => Reply): Reply {
  const found = cloud.simulators.find((s) => s.name === name);
  return found
    ? reply(found)
    : notFound(`no simulator "${name}" runs: there are ${cloud.simulators.map((s) => s.name).join(', ') || 'none'}`);
}

function inject(found: Simulator, body: unknown): Reply {
  if (typeof body !== 'object' || body === null || typeof (body as FaultRequest).fault !== 'string') {
    return { status: 422, body: { detail: 'the body must be {"fault": NAME, …}', faults: found.faults() } };
  }
  try {
    found.inject(body as FaultRequest);
    return { status: 200, body: views.simulator(found) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { status: 422, body: { detail: error.message, faults: found.faults() } };
  }
}

/** Viewers only: a stronger role takes `npm run token`, which reads the data folder's own key. */
async function token(cloud: Cloud, tenant: string): Promise<Reply> {
  if (!cloud.identity) return notFound('the template has no user pool');
  const accessToken = await cloud.identity.token(localSubject(tenant, 'viewer'));
  return { status: 200, body: { access_token: accessToken, token_type: 'Bearer', expires_in: TOKEN_SECONDS, tenant } };
}

/** Undefined for what is no JSON; whoever needs a body says what it should be. */
function parsed(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { ...HEADERS, 'content-type': 'application/json' });
  response.end(JSON.stringify(reply.body));
}

function sendText(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { ...HEADERS, 'content-type': type, 'content-security-policy': POLICY });
  response.end(body);
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;
/** No page of another site may frame the console and lend its buttons to a careless click. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
