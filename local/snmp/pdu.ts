/** What SNMP asks and answers within its envelopes: get, get-next and get-bulk over a sorted list of variables. Pure. */
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

export interface Request {
  readonly pdu: number;
  readonly id: Buffer;
  readonly first: number;
  readonly second: number;
  readonly oids: readonly number[][];
}

const PDU = { get: 0xa0, getNext: 0xa1, response: 0xa2, set: 0xa3, getBulk: 0xa5, report: 0xa8 } as const;
const NOT_WRITABLE = 17;
/** Enough for every column of both tables and the scalars; more is not a poller. */
const MAX_REQUEST_OIDS = 128;

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

/** Undefined for what is no question, or asks for too much. */
export function readRequest(pdu: Tlv): Request | undefined {
  if (!([PDU.get, PDU.getNext, PDU.set, PDU.getBulk] as number[]).includes(pdu.tag)) return undefined;
  const [id, first, second, list] = readChildren(pdu.content) ?? [];
  if (id === undefined || first === undefined || second === undefined || list === undefined) return undefined;
  const oids = readOids(list);
  const a = readInteger(first.content);
  const b = readInteger(second.content);
  if (oids === undefined || a === undefined || b === undefined) return undefined;
  return { pdu: pdu.tag, id: id.content, first: a, second: b, oids };
}

/** The response PDU; one of a get-bulk stops before its bindings grow past `budget` octets. */
export function answerPdu(request: Request, variables: readonly Variable[], budget: number): Buffer {
  if (request.pdu === PDU.set) {
    const unchanged = request.oids.map((oid) => encode({ oid, tag: TAG.null, content: Buffer.alloc(0) }));
    return responsePdu(PDU.response, request.id, [NOT_WRITABLE, 1], unchanged);
  }
  if (request.pdu === PDU.getBulk)
    return responsePdu(PDU.response, request.id, [0, 0], bulk(request, variables, budget));
  const pick = request.pdu === PDU.get ? exact : next;
  const bindings = request.oids.map((oid) => encode(pick(oid, variables)));
  return responsePdu(PDU.response, request.id, [0, 0], bindings);
}

/** Of SNMPv3: why a message was not looked into. */
export function reportPdu(id: Buffer, reason: Variable): Buffer {
  return responsePdu(PDU.report, id, [0, 0], [encode(reason)]);
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

function responsePdu(
  tag: number,
  id: Buffer,
  [status, index]: readonly [status: number, index: number],
  bindings: readonly Buffer[],
): Buffer {
  return tlv(tag, tlv(TAG.integer, id), integer(status), integer(index), tlv(TAG.sequence, ...bindings));
}
