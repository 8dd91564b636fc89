/** The few BER types that an SNMP v2c responder speaks, as bytes and back. Pure. */

export const TAG = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  counter32: 0x41,
  gauge32: 0x42,
  timeTicks: 0x43,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
} as const;

export interface Tlv {
  readonly tag: number;
  readonly content: Buffer;
  /** Where the next element begins. */
  readonly end: number;
}

/** The element at `offset`; undefined when the bytes do not hold all of it. */
export function readTlv(bytes: Buffer, offset: number): Tlv | undefined {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) return undefined;
  const lengthOctets = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + lengthOctets;
  if (lengthOctets > 3 || start > bytes.length) return undefined;
  const length = lengthOctets === 0 ? first : bytes.readUIntBE(offset + 2, lengthOctets);
  const end = start + length;
  return end > bytes.length ? undefined : { tag, content: bytes.subarray(start, end), end };
}

/** All elements of a constructed one; undefined when any is cut short. */
export function readChildren(content: Buffer): Tlv[] | undefined {
  const children: Tlv[] = [];
  for (let offset = 0; offset < content.length; ) {
    const child = readTlv(content, offset);
    if (child === undefined) return undefined;
    children.push(child);
    offset = child.end;
  }
  return children;
}

/** A signed integer of at most six octets. */
export function readInteger(content: Buffer): number | undefined {
  return content.length >= 1 && content.length <= 6 ? content.readIntBE(0, content.length) : undefined;
}

export function readOid(content: Buffer): number[] | undefined {
  const arcs: number[] = [];
  let arc = 0;
  for (const [position, octet] of content.entries()) {
    arc = arc * 128 + (octet & 0x7f);
    if (arc > 0xffffffff * 2) return undefined;
    if (octet & 0x80) {
      if (position === content.length - 1) return undefined;
      continue;
    }
    if (arcs.length > 0) arcs.push(arc);
    else arcs.push(Math.min(Math.floor(arc / 40), 2), arc - 40 * Math.min(Math.floor(arc / 40), 2));
    arc = 0;
  }
  return arcs;
}

export function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  return length < 0x100 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 0xff]);
}

/** The shortest two's complement, as BER demands; unsigned types get their leading zero octet by themselves. */
export function integerOctets(value: bigint): Buffer {
  const octets: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 0xffn);
    octets.unshift(low);
    rest >>= 8n;
    if ((rest === 0n && low < 0x80) || (rest === -1n && low >= 0x80)) return Buffer.from(octets);
  }
}

export function integer(value: number): Buffer {
  return tlv(TAG.integer, integerOctets(BigInt(value)));
}

export function oidOctets(arcs: readonly number[]): Buffer {
  const [first = 0, second = 0, ...rest] = arcs;
  const octets: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) | 0x80);
    octets.push(...groups);
  }
  return Buffer.from(octets);
}
