/** Reads who signed a request and proves it: AWS Signature Version 4, header and presigned query form. Pure but for a cache. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** A request as it arrived: `url` is path and query untouched, `headers` as node:http gives them (lower-case names). */
export interface SignedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}
/** What a signature says of itself. */
export interface Signature {
  readonly accessKeyId: string;
  /** yyyymmdd of the credential scope. */
  readonly date: string;
  readonly region: string;
  /** Signing name: dynamodb, sqs, sns, s3, secretsmanager, ssm, timestream, lambda, scheduler … */
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly presigned: boolean;
}
/** Why a request is not proved; `refusals.ts` says it in each protocol. */
export type SignatureFailure =
  | 'MissingAuthenticationToken'
  | 'IncompleteSignature'
  | 'InvalidClientTokenId'
  | 'SignatureDoesNotMatch'
  | 'RequestExpired';
/** The proved signature, or why it is none. */
export type Verified =
  | ({ readonly ok: true } & Signature)
  | { readonly ok: false; readonly code: SignatureFailure; readonly message: string };

/** The verifier's clock, epoch ms. */
export interface Clock {
  readonly nowAt: number;
  /** Largest difference of the signer's clock; Infinity when one side runs on a virtual clock. */
  readonly maxSkewMs?: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** What AWS tolerates in most services. */
const DEFAULT_SKEW_MS = 5 * 60_000;
const UNSIGNED = 'UNSIGNED-PAYLOAD';
/** S3's markers that leave the body outside the signature; its checksums and TLS protect it in AWS. */
const UNSIGNED_PAYLOADS: ReadonlySet<string> = new Set([UNSIGNED, 'STREAMING-UNSIGNED-PAYLOAD-TRAILER']);

/** Undefined when the request carries no complete signature; says nothing about its truth. */
export function readSignature(request: Pick<SignedRequest, 'url' | 'headers'>): Signature | undefined {
  const header = headerOf(request, 'authorization');
  if (header !== undefined) return fromHeader(header);
  const query = new URLSearchParams(queryOf(request.url));
  if (query.get('X-Amz-Algorithm') !== ALGORITHM) return undefined;
  return build(query.get('X-Amz-Credential'), query.get('X-Amz-SignedHeaders'), query.get('X-Amz-Signature'), true);
}

function fromHeader(header: string): Signature | undefined {
  const [algorithm, rest] = [header.slice(0, ALGORITHM.length), header.slice(ALGORITHM.length)];
  if (algorithm !== ALGORITHM) return undefined;
  const fields = new Map(
    rest.split(',').map((field) => {
      const at = field.indexOf('=');
      return [field.slice(0, at).trim(), field.slice(at + 1).trim()] as const;
    }),
  );
  return build(fields.get('Credential'), fields.get('SignedHeaders'), fields.get('Signature'), false);
}

function build(
  credential: string | null | undefined,
  signedHeaders: string | null | undefined,
  signature: string | null | undefined,
  presigned: boolean,
): Signature | undefined {
  const scope = /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential ?? '');
  const [, accessKeyId, date, region, service] = scope ?? [];
  if (!accessKeyId || !date || !region || !service || !signedHeaders || !signature) return undefined;
  const names = signedHeaders.split(';').map((name) => name.toLowerCase());
  return { accessKeyId, date, region, service, signedHeaders: names, signature, presigned };
}

/** `secretOf` gives the secret of a key id, undefined for an unknown one. */
export function verifySignature(
  request: SignedRequest,
  secretOf: (accessKeyId: string) => string | undefined,
  clock: Clock,
): Verified {
  const signature = readSignature(request);
  if (signature === undefined) {
    const tried = headerOf(request, 'authorization') !== undefined || request.url.includes('X-Amz-Algorithm=');
    return tried
      ? failure('IncompleteSignature', 'the signature is not a complete AWS4-HMAC-SHA256 one')
      : failure('MissingAuthenticationToken', 'the request is not signed');
  }
  const query = new URLSearchParams(queryOf(request.url));
  const longDate = (signature.presigned ? query.get('X-Amz-Date') : headerOf(request, 'x-amz-date')) ?? '';
  const signedAt = parseLongDate(longDate);
  if (Number.isNaN(signedAt) || !longDate.startsWith(signature.date) || !signature.signedHeaders.includes('host')) {
    return failure('IncompleteSignature', 'the date or the host is not part of the signature');
  }
  const secret = secretOf(signature.accessKeyId);
  if (secret === undefined) {
    return failure('InvalidClientTokenId', `the access key id ${signature.accessKeyId} is not known`);
  }
  const late = staleness(signature, signedAt, query, clock);
  if (late !== undefined) return failure('RequestExpired', late);
  const payload = payloadHash(request, signature);
  if ('wrong' in payload) return failure('SignatureDoesNotMatch', payload.wrong);
  const canonical = canonicalRequest(request, signature, payload.hash);
  const scope = `${signature.date}/${signature.region}/${signature.service}/aws4_request`;
  const expected = hmac(signingKey(secret, signature), [ALGORITHM, longDate, scope, sha256(canonical)].join('\n'));
  if (!equals(expected.toString('hex'), signature.signature)) {
    return failure('SignatureDoesNotMatch', 'the signature does not fit the request and the secret of its key id');
  }
  return { ok: true, ...signature };
}

function failure(code: SignatureFailure, message: string): Verified {
  return { ok: false, code, message };
}

/** Why the moment of signing is not acceptable; a presigned URL may live as long as it says. */
function staleness(signature: Signature, signedAt: number, query: URLSearchParams, clock: Clock): string | undefined {
  const skewMs = clock.maxSkewMs ?? DEFAULT_SKEW_MS;
  const lifeMs = signature.presigned ? Number(query.get('X-Amz-Expires') ?? 'none') * 1000 : 0;
  if (Number.isNaN(lifeMs)) return 'the presigned request names no life';
  if (skewMs === Number.POSITIVE_INFINITY) return undefined;
  if (signedAt > clock.nowAt + skewMs) return 'the request is signed for the future';
  return clock.nowAt > signedAt + lifeMs + skewMs ? 'the signature has expired' : undefined;
}

/** The hash that was signed, if the body is truly the one it stands for. */
function payloadHash(request: SignedRequest, { service, presigned }: Signature): { hash: string } | { wrong: string } {
  const actual = sha256(request.body);
  const query = new URLSearchParams(queryOf(request.url));
  const claimed = headerOf(request, 'x-amz-content-sha256') ?? query.get('X-Amz-Content-Sha256') ?? undefined;
  if (service === 's3') {
    if (claimed === undefined) return presigned ? { hash: UNSIGNED } : { wrong: 'x-amz-content-sha256 is missing' };
    if (UNSIGNED_PAYLOADS.has(claimed)) return { hash: claimed };
    if (claimed.startsWith('STREAMING-')) return { wrong: 'bodies signed chunk by chunk are not supported here' };
  }
  if (claimed !== undefined && claimed !== actual) return { wrong: 'the body is not the one that was signed' };
  return { hash: actual };
}

function canonicalRequest(request: SignedRequest, signature: Signature, payload: string): string {
  const names = [...signature.signedHeaders].sort();
  return [
    request.method,
    canonicalPath(request.url, signature.service),
    canonicalQuery(request.url),
    ...names.map((name) => `${name}:${(headerOf(request, name) ?? '').trim().replace(/\s+/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n');
}

/** S3 signs the path as sent; all others normalise it and encode it once more. */
function canonicalPath(url: string, service: string): string {
  const [path = '/'] = url.split('?', 1);
  if (service === 's3') return path === '' ? '/' : path;
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const trailing = kept.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${kept.map(encode).join('/')}${trailing}`;
}

function canonicalQuery(url: string): string {
  const query = queryOf(url);
  if (query === '') return '';
  const pairs = query.split('&').filter((part) => part !== '');
  return pairs
    .map((part) => {
      const at = part.indexOf('=');
      const [name, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
      return [encode(decode(name)), encode(decode(value))] as const;
    })
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** An escape that is none stays as it is: the signature will then not fit, which is an answer. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Derived keys by secret and scope: they change once a day, and deriving them for each request tripled its cost. */
const derivedKeys = new Map<string, Buffer>();
const MAX_DERIVED_KEYS = 256;

function signingKey(secret: string, { date, region, service }: Signature): Buffer {
  const scope = [date, region, service, 'aws4_request'];
  const name = [secret, ...scope].join('\n');
  const known = derivedKeys.get(name);
  if (known !== undefined) return known;
  const key = scope.reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
  if (derivedKeys.size >= MAX_DERIVED_KEYS) derivedKeys.clear();
  derivedKeys.set(name, key);
  return key;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(content: string | Buffer): string {
  return hash('sha256', content, 'hex');
}

function equals(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** `20261120T102555Z` as epoch ms. */
function parseLongDate(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function queryOf(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at + 1);
}

function headerOf(request: Pick<SignedRequest, 'headers'>, name: string): string | undefined {
  const value = request.headers[name];
  return value === undefined || typeof value === 'string' ? value : value.join(',');
}
