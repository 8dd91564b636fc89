/** Bytes out and in: unsigned and zigzag varints, text, and columns of whole numbers. Pure; stored bytes that are cut or odd are a bug. */
import { assert } from '../platform/assert.ts';

/** An item holds 400 KB, so no length is ever near this: a corrupt one must not ask for the memory of the machine. */
const MOST_LENGTH = 1 << 20;
/** A bigint of more bits than this is not a reading. */
const MOST_BITS = 1 << 16;
/** Made once: a number of so many bits takes 8 KB. */
const BIGINT_END = 1n << BigInt(MOST_BITS);
/** Zigzag of a number below it is exact, and so is a bigint below it as a number. */
const NUMBER_END = 2 ** 52;
const SHORT_END = BigInt(NUMBER_END);
/** Seven bits each: so many bytes fit a number exactly. */
const SHORT_BYTES = 7;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

export function zigzag(value: bigint): bigint {
  return value >= 0n ? value << 1n : (-value << 1n) - 1n;
}

export function unzigzag(value: bigint): bigint {
  return (value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n);
}

/** The same for a number whose double is exact. */
function zigzagNumber(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

/** The same for a number that is exact, as is what comes of it. */
export function unzigzagNumber(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Bits needed for a value >= 0; 0 for 0. */
export function bitLength(value: bigint): number {
  return value < 2n ** 53n ? lowBitLength(Number(value)) : value.toString(2).length;
}

/** Grows as it is written to; `finish` gives the bytes once. */
export class ByteWriter {
  private bytes = new Uint8Array(256);
  private length = 0;

  byte(value: number): void {
    assert(Number.isInteger(value) && value >= 0 && value < 256, `not a byte: ${value}`);
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** A whole number >= 0, seven bits a byte, lowest first. */
  unsigned(value: bigint | number): void {
    if (typeof value === 'number') this.short(value);
    else if (value >= 0n && value < SHORT_END) this.short(Number(value));
    else this.long(value);
  }

  /** Any whole number; the small ones of either sign are short. */
  signed(value: bigint | number): void {
    assert(typeof value === 'bigint' || Number.isSafeInteger(value), `not a whole number: ${value}`);
    const number = Number(value);
    if (number > -NUMBER_END && number < NUMBER_END) this.short(zigzagNumber(number));
    else this.long(zigzag(BigInt(value)));
  }

  /** Adding up a bigint byte by byte costs ten times as much. */
  private short(value: number): void {
    assert(Number.isSafeInteger(value) && value >= 0, `not a whole number >= 0: ${value}`);
    let left = value;
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.byte((left % 0x80) | 0x80);
    this.byte(left);
  }

  private long(value: bigint): void {
    assert(value >= 0n && value < BIGINT_END, 'a bigint below 0 or out of all bounds');
    let left = value;
    for (; left >= 0x80n; left >>= 7n) this.byte(Number(left & 0x7fn) | 0x80);
    this.byte(Number(left));
  }

  text(value: string): void {
    this.blob(new TextEncoder().encode(value));
  }

  /** Bytes with their length in front. */
  blob(value: Uint8Array): void {
    assert(value.length <= MOST_LENGTH, `${value.length} bytes in one field`);
    this.unsigned(value.length);
    this.raw(value);
  }

  /** Bytes as they are, whose length the reader knows or finds. */
  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

/** Reads what ByteWriter wrote; every read is bounded by the bytes there are. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) assert(false, `packed bytes end at ${this.bytes.length}`);
    return value;
  }

  unsigned(): bigint {
    const value = this.short();
    return value === undefined ? this.long() : BigInt(value);
  }

  /** Most numbers are short, and adding up a bigint byte by byte costs ten times as much; undefined reads nothing. */
  private short(): number | undefined {
    let value = 0;
    for (let i = 0, scale = 1; i < SHORT_BYTES; i++, scale *= 0x80) {
      const byte = this.bytes[this.at + i];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * scale;
      if (byte >= 0x80) continue;
      this.at += i + 1;
      return value;
    }
    return undefined;
  }

  private long(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
      assert(shift < MOST_BITS, 'a packed number without end');
    }
  }

  signed(): bigint {
    const value = this.short();
    return value === undefined ? unzigzag(this.long()) : BigInt(unzigzagNumber(value));
  }

  /** Passes over one number, signed or not. */
  skip(): void {
    while (this.byte() >= 0x80);
  }

  /** An unsigned that fits a number exactly. */
  count(): number {
    const short = this.short();
    if (short !== undefined) return short;
    const value = Number(this.long());
    assert(Number.isSafeInteger(value), `a packed count of ${value}`);
    return value;
  }

  /** A count of things that follow: each takes a bit or more, so there are never more than bits left. */
  length(): number {
    const value = this.count();
    assert(value <= MOST_LENGTH, `a packed list of ${value}`);
    return value;
  }

  /** A signed that fits a number exactly. */
  integer(): number {
    const short = this.short();
    if (short !== undefined) return unzigzagNumber(short);
    const value = Number(unzigzag(this.long()));
    assert(Number.isSafeInteger(value), `a packed number of ${value}`);
    return value;
  }

  text(): string {
    return UTF8.decode(this.blob());
  }

  blob(): Uint8Array {
    const length = this.length();
    assert(this.at + length <= this.bytes.length, `${length} packed bytes end at ${this.bytes.length}`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** What `read` makes of the bytes that follow; where that is undefined, nothing was read. */
  attempt<T>(read: () => T | undefined): T | undefined {
    const begin = this.at;
    const value = read();
    if (value === undefined) this.at = begin;
    return value;
  }

  /** Proves that all was read. */
  end(): void {
    assert(this.at === this.bytes.length, `${this.bytes.length - this.at} packed bytes too many`);
  }
}

function lowBitLength(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / 2 ** 32);
}
