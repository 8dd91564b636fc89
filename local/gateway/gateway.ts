/** The one door to every AWS service of this machine: proves who signed, asks the guard, hands on to the service. */
import { request as httpRequest, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { CloudClock } from '../cloud/clock.ts';
import { type Guard, type Identity, secretOf } from '../cloud/guard.ts';
import { type DescribedRequest, describeRequest, UnsupportedRequest, type WireRequest, type World } from './actions.ts';
import { denied, type Refusal, unsupported, unverified } from './refusals.ts';
import { readSignature, verifySignature } from './sigv4.ts';

/** AWS takes 10 MB at most through any door that we use. */
const BODY_LIMIT = 16 * 1024 * 1024;

/** A service behind the gateway: another local server, or code in this process. */
export type Backend =
  | { readonly url: string }
  | { readonly answer: (request: WireRequest, described: readonly DescribedRequest[]) => Promise<Answer> | Answer };

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** `owner` is who signed; undefined lets the request pass. */
export type Disturb = (
  owner: string,
  described: readonly DescribedRequest[],
  request: WireRequest,
) => Answer | Promise<Answer> | undefined;

export interface GatewayParts {
  readonly guard: Guard;
  readonly world: World;
  readonly clock: CloudClock;
  readonly signingSecret: string;
  /** By signing name. */
  backendOf(service: string, described: readonly DescribedRequest[]): Backend | undefined;
  /** Told after each request by whom it was made. */
  onRequest?(owner: string, described: readonly DescribedRequest[]): void;
  onDenied?(sentence: string): void;
  /** Answers in the place of a service: how a test throttles a table or breaks a queue. */
  disturb?: Disturb | undefined;
}

export function createGateway(parts: GatewayParts): RequestListener {
  return (request, response) => {
    // Clients take the date of an answer for AWS's clock: were it the machine's, under a virtual clock every refusal
    // would look like one for a wrong clock, and be tried again.
    response.setHeader('date', new Date(parts.clock.now()).toUTCString());
    serve(parts, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.statusCode = 500;
      response.end(JSON.stringify({ __type: 'InternalFailure', message: String(error) }));
    });
  };
}

async function serve(parts: GatewayParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  const signed = { method: request.method ?? 'GET', url: request.url ?? '/', headers: request.headers, body };
  const verified = verifySignature(
    signed,
    (id) => (parts.guard.identityOf(id) ? secretOf(id, parts.signingSecret) : undefined),
    {
      nowAt: parts.clock.now(),
      maxSkewMs: parts.clock.virtual ? Number.POSITIVE_INFINITY : 15 * 60_000,
    },
  );
  if (!verified.ok)
    return refuse(response, unverified(readSignature(signed)?.service ?? 'json', verified.code, verified.message));
  const identity = parts.guard.identityOf(verified.accessKeyId) as Identity;
  const wire: WireRequest = { service: verified.service, ...signed };
  let described: DescribedRequest[];
  try {
    described = describeRequest(wire, parts.world);
  } catch (error) {
    if (!(error instanceof UnsupportedRequest)) throw error;
    return refuse(response, unsupported(wire.service, error.message));
  }
  for (const access of described) {
    const decision = parts.guard.check(identity, access);
    if (decision.allowed) continue;
    const sentence = `${identity.owner} is not allowed to ${access.action} on ${access.resource}: ${decision.reason}`;
    parts.onDenied?.(sentence);
    return refuse(response, denied(wire.service, sentence));
  }
  parts.onRequest?.(identity.owner, described);
  const disturbed = parts.disturb?.(identity.owner, described, wire);
  const backend = disturbed ? { answer: () => disturbed } : parts.backendOf(wire.service, described);
  if (!backend) return refuse(response, unsupported(wire.service, `the local cloud has no service "${wire.service}"`));
  if ('url' in backend) return proxy(backend.url, wire, response, missing(parts.guard, identity, wire, described));
  const answer = await backend.answer(wire, described);
  response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1', ...answer.headers });
  response.end(answer.body);
}

/** Who may not list a bucket is not told either that an object is not there: S3 answers that it is forbidden. */
function missing(
  guard: Guard,
  identity: Identity,
  { service }: WireRequest,
  [access]: readonly DescribedRequest[],
): Refusal | undefined {
  if (service !== 's3' || (access?.operation !== 'GetObject' && access?.operation !== 'HeadObject')) return undefined;
  const resource = access.resource.replace(/\/.*$/, '');
  if (guard.mayBesides(identity, { action: 's3:ListBucket', resource, context: {} })) return undefined;
  return denied(service, `${identity.owner} may not s3:ListBucket on ${resource}, so it learns of no missing object`);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT) throw new Error(`a request body over ${BODY_LIMIT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  response.writeHead(refusal.status, refusal.headers);
  response.end(refusal.body);
}

/** `absent` stands in the place of a 404. */
function proxy(base: string, wire: WireRequest, response: ServerResponse, absent?: Refusal): Promise<void> {
  return new Promise((resolve) => {
    const target = new URL(base);
    const headers = { ...wire.headers, host: target.host, 'content-length': String(wire.body.length) } as Record<
      string,
      string
    >;
    delete headers['transfer-encoding'];
    delete headers.expect;
    const outgoing = httpRequest(
      { host: target.hostname, port: target.port, method: wire.method, path: wire.url, headers },
      (incoming) => {
        if (absent && incoming.statusCode === 404) {
          incoming.resume();
          refuse(response, absent);
          return resolve();
        }
        const { date: _date, ...kept } = incoming.headers;
        response.writeHead(incoming.statusCode ?? 502, kept);
        incoming.pipe(response);
        incoming.on('end', resolve);
        incoming.on('error', () => resolve());
      },
    );
    outgoing.on('error', (error) => {
      if (!response.headersSent) response.writeHead(503);
      response.end(JSON.stringify({ __type: 'ServiceUnavailable', message: error.message }));
      resolve();
    });
    outgoing.end(wire.body);
  });
}
