/** A read-only SNMP v2c responder on one UDP socket: get, get-next and get-bulk over a sorted list of variables. */
import { createSocket } from 'node:dgram';
import {
  integer,
  integerOctets,
  oidOctets,
  readChildren,
  readInteger,
  readOid,
  readTlv,
  TAG,
  type Tlv,
  tlv,
} from './ber.ts';

/** One instance: its name and its value already encoded, so that a static table is encoded once. */
export interface Variable {
  readonly oid: readonly number[];
  readonly tag: number;
  readonly content: Buffer;
}

export interface ResponderOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly community: string;
  /** Called for each request; must be sorted by `compareOids`. */
  readonly variables: () => readonly Variable[];
  /** True leaves the request without an answer, as a router does that is down. */
  readonly isSilent?: () => boolean;
  /** A get-bulk stops before its response grows past this. */
  readonly maxResponseBytes?: number;
}

export interface Responder {
  readonly port: number;
  requests(): number;
  close(): Promise<void>;
}

interface Request {
  readonly pdu: number;
  readonly id: Buffer;
  readonly first: number;
  readonly second: number;
  readonly oids: readonly number[][];
}

const VERSION_2C = 1;
const PDU = { get: 0xa0, getNext: 0xa1, response: 0xa2, set: 0xa3, getBulk: 0xa5 } as const;
const NOT_WRITABLE = 17;
/** Enough for every column of both tables and the scalars; more is not a poller. */
const MAX_REQUEST_OIDS = 128;
const DEFAULT_RESPONSE_BYTES = 16_384;
const ENVELOPE_BYTES = 128;

export function integerVariable(oid: readonly number[], tag: number, value: bigint | number): Variable {
  return { oid, tag, content: integerOctets(BigInt(value)) };
}

export function textVariable(oid: readonly number[], text: string | Buffer): Variable {
  return { oid, tag: TAG.octets, content: Buffer.from(text) };
}

export function oidVariable(oid: readonly number[], value: readonly number[]): Variable {
  return { oid, tag: TAG.oid, content: oidOctets(value) };
}

/** The order of a walk: arc by arc, a prefix before what it begins. */
export function compareOids(a: readonly number[], b: readonly number[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Listens on 127.0.0.1 only. A request that cannot be read or has another community gets no answer, as from a router. */
export async function startResponder(options: ResponderOptions): Promise<Responder> {
  const socket = createSocket('udp4');
  let requests = 0;
  socket.on('message', (bytes, peer) => {
    requests += 1;
    if (options.isSilent?.() === true) return;
    const answer = answerTo(bytes, options);
    if (answer !== undefined) socket.send(answer, peer.port, peer.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(options.port, '127.0.0.1', () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // A send may fail after the peer is gone; over UDP that is the peer's loss only.
  socket.on('error', () => undefined);
  return {
    port: socket.address().port,
    requests: () => requests,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function answerTo(bytes: Buffer, options: ResponderOptions): Buffer | undefined {
  const request = readRequest(bytes, options.community);
  if (request === undefined) return undefined;
  const variables = options.variables();
  const budget = (options.maxResponseBytes ?? DEFAULT_RESPONSE_BYTES) - ENVELOPE_BYTES;
  if (request.pdu === PDU.set) {
    const unchanged = request.oids.map((oid) => encode({ oid, tag: TAG.null, content: Buffer.alloc(0) }));
    return envelope(options.community, request.id, NOT_WRITABLE, 1, unchanged);
  }
  if (request.pdu === PDU.getBulk) {
    return envelope(options.community, request.id, 0, 0, bulk(request, variables, budget));
  }
  const pick = request.pdu === PDU.get ? exact : next;
  return envelope(
    options.community,
    request.id,
    0,
    0,
    request.oids.map((oid) => encode(pick(oid, variables))),
  );
}

function readRequest(bytes: Buffer, community: string): Request | undefined {
  const message = readTlv(bytes, 0);
  const [version, name, pdu] = message?.tag === TAG.sequence ? (readChildren(message.content) ?? []) : [];
  if (version === undefined || name === undefined || pdu === undefined) return undefined;
  if (readInteger(version.content) !== VERSION_2C || name.content.toString('latin1') !== community) return undefined;
  if (!([PDU.get, PDU.getNext, PDU.set, PDU.getBulk] as number[]).includes(pdu.tag)) return undefined;
  const [id, first, second, list] = readChildren(pdu.content) ?? [];
  if (id === undefined || first === undefined || second === undefined || list === undefined) return undefined;
  const oids = readOids(list);
  const a = readInteger(first.content);
  const b = readInteger(second.content);
  if (oids === undefined || a === undefined || b === undefined) return undefined;
  return { pdu: pdu.tag, id: id.content, first: a, second: b, oids };
}

function readOids(list: Tlv): number[][] | undefined {
  const bindings = readChildren(list.content);
  if (bindings === undefined || bindings.length > MAX_REQUEST_OIDS) return undefined;
  const oids: number[][] = [];
  for (const binding of bindings) {
    const oid = readOid(readTlv(binding.content, 0)?.content ?? Buffer.alloc(0));
    if (oid === undefined || oid.length === 0) return undefined;
    oids.push(oid);
  }
  return oids;
}

/** Non-repeaters once, then row after row of the repeaters (RFC 3416, 4.2.3), until the count, the size or the end. */
function bulk(request: Request, variables: readonly Variable[], budget: number): Buffer[] {
  const nonRepeaters = Math.min(Math.max(request.first, 0), request.oids.length);
  const answers = request.oids.slice(0, nonRepeaters).map((oid) => encode(next(oid, variables)));
  let size = answers.reduce((sum, answer) => sum + answer.length, 0);
  let cursors = request.oids.slice(nonRepeaters);
  for (let repetition = 0; repetition < request.second; repetition += 1) {
    const row = cursors.map((oid) => next(oid, variables));
    for (const variable of row) {
      const answer = encode(variable);
      size += answer.length;
      if (size > budget && answers.length > 0) return answers;
      answers.push(answer);
    }
    if (row.every((variable) => variable.tag === TAG.endOfMibView)) return answers;
    cursors = row.map((variable) => [...variable.oid]);
  }
  return answers;
}

function exact(oid: readonly number[], variables: readonly Variable[]): Variable {
  const at = firstAtOrAfter(oid, variables);
  const found = variables[at];
  if (found !== undefined && compareOids(found.oid, oid) === 0) return found;
  const column = oid.slice(0, -1);
  const inColumn = [variables[at - 1], found].some((near) => near !== undefined && startsWith(near.oid, column));
  return { oid, tag: inColumn ? TAG.noSuchInstance : TAG.noSuchObject, content: Buffer.alloc(0) };
}

function next(oid: readonly number[], variables: readonly Variable[]): Variable {
  const at = firstAtOrAfter(oid, variables);
  const found = variables[at];
  const after = found !== undefined && compareOids(found.oid, oid) === 0 ? variables[at + 1] : found;
  return after ?? { oid, tag: TAG.endOfMibView, content: Buffer.alloc(0) };
}

function firstAtOrAfter(oid: readonly number[], variables: readonly Variable[]): number {
  let low = 0;
  let high = variables.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const candidate = variables[middle];
    if (candidate !== undefined && compareOids(candidate.oid, oid) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function startsWith(oid: readonly number[], prefix: readonly number[]): boolean {
  return prefix.every((arc, i) => oid[i] === arc);
}

function encode(variable: Variable): Buffer {
  return tlv(TAG.sequence, tlv(TAG.oid, oidOctets(variable.oid)), tlv(variable.tag, variable.content));
}

function envelope(community: string, id: Buffer, status: number, index: number, bindings: readonly Buffer[]): Buffer {
  const pdu = tlv(PDU.response, tlv(TAG.integer, id), integer(status), integer(index), tlv(TAG.sequence, ...bindings));
  return tlv(TAG.sequence, integer(VERSION_2C), tlv(TAG.octets, Buffer.from(community, 'latin1')), pdu);
}
