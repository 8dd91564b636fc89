/** Internet addresses and networks as numbers, read from every spelling that an operating system would accept. Pure. */

export type Family = 4 | 6;

export interface IpAddress {
  readonly family: Family;
  /** 32 or 128 bits. */
  readonly value: bigint;
}

export interface Network extends IpAddress {
  /** Leading bits that count. */
  readonly prefix: number;
  /** As it was written. */
  readonly text: string;
}

const BITS: Readonly<Record<Family, number>> = { 4: 32, 6: 128 };

/**
 * An IPv4 or IPv6 address, or undefined. IPv4 as `inet_aton` takes it: one to four parts, each decimal, octal (0…) or
 * hexadecimal (0x…), the last one filling the rest. IPv6 with or without brackets; a zone (`%eth0`) is not an address.
 */
export function parseAddress(text: string): IpAddress | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (bare.includes(':')) return address(6, parseIpv6(bare));
  return bare === text ? address(4, parseIpv4(bare)) : undefined;
}

/** True for what only an address could be: a name never ends in a number (RFC 1123, as URLs are read). */
export function looksNumeric(text: string): boolean {
  const last = text.replace(/\.$/, '').split('.').at(-1) ?? '';
  return /^(0x[0-9a-f]*|[0-9]+)$/i.test(last) || text.includes(':') || text.startsWith('[');
}

/** `10.0.0.0/8`, `fd00::/8`, or one address; strict dotted decimal; bits behind the prefix are dropped. */
export function parseNetwork(text: string): Network | undefined {
  const [host = '', length, ...more] = text.split('/');
  const strict = host.includes(':') ? address(6, parseIpv6(host)) : address(4, parseDotted(host));
  if (strict === undefined || more.length > 0) return undefined;
  const bits = BITS[strict.family];
  if (length !== undefined && !/^(0|[1-9][0-9]{0,2})$/.test(length)) return undefined;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return undefined;
  const hostBits = BigInt(bits - prefix);
  return { family: strict.family, value: (strict.value >> hostBits) << hostBits, prefix, text };
}

export function networkContains(network: Network, ip: IpAddress): boolean {
  if (network.family !== ip.family) return false;
  const hostBits = BigInt(BITS[network.family] - network.prefix);
  return network.value >> hostBits === ip.value >> hostBits;
}

/** The IPv4 address inside `::ffff:a.b.c.d`; any other address as it is. */
export function unmapped(ip: IpAddress): IpAddress {
  return ip.family === 6 && ip.value >> 32n === 0xffffn ? { family: 4, value: ip.value & 0xffff_ffffn } : ip;
}

/** Dotted decimal, or RFC 5952: lower case, the longest run of zero groups shortened. */
export function formatAddress({ family, value }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (value >> BigInt(112 - 16 * i)) & 0xffffn);
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function longestZeroRun(groups: readonly bigint[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, i) => {
    if (group !== 0n) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  });
  return best;
}

function address(family: Family, value: bigint | undefined): IpAddress | undefined {
  return value === undefined ? undefined : { family, value };
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.').map(parseIpv4Part);
  const last = parts.pop();
  if (last === undefined || parts.length > 3) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (part === undefined || part > 255n) return undefined;
    value = value * 256n + part;
  }
  const rest = BigInt(8 * (4 - parts.length));
  return last >> rest === 0n ? (value << rest) + last : undefined;
}

function parseIpv4Part(text: string): bigint | undefined {
  if (text.length > 16) return undefined;
  if (/^0x[0-9a-f]+$/i.test(text)) return BigInt(text);
  if (/^0[0-7]*$/.test(text)) return BigInt(`0o${text}`);
  return /^[1-9][0-9]*$/.test(text) ? BigInt(text) : undefined;
}

function parseDotted(text: string): bigint | undefined {
  return /^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$/.test(text) ? parseIpv4(text) : undefined;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = withoutDotted(text)?.split('::');
  if (halves === undefined || halves.length > 2) return undefined;
  const [head = [], tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const written = head.length + (tail?.length ?? 0);
  if (tail === undefined ? written !== 8 : written > 7) return undefined;
  const groups = [...head, ...Array<string>(8 - written).fill('0'), ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`);
}

/** Rewrites a dotted tail (`::ffff:192.0.2.1`) as two groups. */
function withoutDotted(text: string): string | undefined {
  if (!text.includes('.')) return text;
  const at = text.lastIndexOf(':') + 1;
  const value = parseDotted(text.slice(at));
  return value === undefined
    ? undefined
    : `${text.slice(0, at)}${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}
