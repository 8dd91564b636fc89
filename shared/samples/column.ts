/** Packs a column of whole numbers into a few bits each: differences, centred, Rice-coded. Pure. */
import { assert } from '../platform/assert.ts';
import { type ByteReader, type ByteWriter, bitLength, unzigzag, unzigzagNumber, zigzag } from './varint.ts';

/** Marks a column in which nothing is left to say about any value. */
const ALL_ZERO = 63;
const WIDEST_RICE = 62;
/** So many ones in front announce a value that is far off (a reset, a reading by hand): its length and bits follow. */
const ESCAPE = 16;
const ESCAPE_LENGTH_BITS = 16;
const BITS_AT_ONCE = 24;
/** With four more of the ones in front, a coded value of so many low bits is an exact number. */
const WIDEST_EXACT = 48;

/**
 * How a column is written: `order` differences are taken (0 none, 1 for a rising counter, 2 for a steady one), `centre`
 * is subtracted, `rice` low bits of what is left are written as they are and the rest in unary.
 */
interface Plan {
  readonly order: number;
  readonly heads: readonly bigint[];
  readonly centre: bigint;
  readonly rice: number;
  readonly rest: readonly bigint[];
  readonly bits: number;
}

/** The reader must know how many values there are. */
export function writeColumn(writer: ByteWriter, values: readonly bigint[]): void {
  if (values.length === 0) return;
  const plan = cheapest(values);
  writer.byte(plan.order * 64 + plan.rice);
  for (const head of plan.heads) writer.signed(head);
  writer.signed(plan.centre);
  if (plan.rice === ALL_ZERO) return;
  const bits = new BitWriter(writer);
  for (const value of plan.rest) writeRice(bits, value, plan.rice);
  bits.flush();
}

export function readColumn(reader: ByteReader, count: number): bigint[] {
  return reader.attempt(() => readExact(reader, count))?.map(BigInt) ?? readWide(reader, count);
}

/** A column whose values fit numbers exactly; of others the nearest numbers. */
export function readNumbers(reader: ByteReader, count: number): number[] {
  return reader.attempt(() => readExact(reader, count)) ?? readWide(reader, count).map(Number);
}

function readWide(reader: ByteReader, count: number): bigint[] {
  if (count === 0) return [];
  const { order, rice } = readMode(reader, count);
  const heads = Array.from({ length: order }, () => reader.signed());
  const centre = reader.signed();
  const bits = new BitReader(reader);
  const rest = Array.from({ length: count - order }, () =>
    rice === ALL_ZERO ? centre : unzigzag(readRice(bits, rice)) + centre,
  );
  return heads.reduceRight((differences, head) => summed(head, differences), rest);
}

/**
 * The same in numbers, for a fraction of the work: undefined as soon as anything on the way is too large for one. Two
 * exact numbers whose sum is not cannot be missed, for it is then 2^53 or more however it is rounded.
 */
function readExact(reader: ByteReader, count: number): number[] | undefined {
  if (count === 0) return [];
  const { order, rice } = readMode(reader, count);
  const values = Array.from({ length: order }, () => Number(reader.signed()));
  const centre = Number(reader.signed());
  if (!Number.isSafeInteger(centre) || !values.every(Number.isSafeInteger)) return undefined;
  if (rice === ALL_ZERO) for (let left = count - order; left > 0; left--) values.push(centre);
  else if (!readExactRest(reader, rice, centre, count - order, values)) return undefined;
  return sumExactly(values, order) ? values : undefined;
}

/** The first `order` values begin a sum each, the innermost last; false when one is too large for a number. */
function sumExactly(values: number[], order: number): boolean {
  for (let first = order; first > 0; first--) {
    let sum = values[first - 1] ?? 0;
    for (let i = first; i < values.length; i++) {
      sum += values[i] ?? 0;
      if (!Number.isSafeInteger(sum)) return false;
      values[i] = sum;
    }
  }
  return true;
}

function readMode(reader: ByteReader, count: number): { order: number; rice: number } {
  const mode = reader.byte();
  const [order, rice] = [mode >> 6, mode & 63];
  assert(order <= 2 && order < count, `a column of ${count} in order ${order}`);
  return { order, rice };
}

function cheapest(values: readonly bigint[]): Plan {
  let heads: readonly bigint[] = [];
  let rest = values;
  let best = planOf(heads, rest);
  while (heads.length < 2 && rest.length > 1 && best.rice !== ALL_ZERO) {
    heads = [...heads, rest[0] ?? 0n];
    rest = differences(rest);
    const plan = planOf(heads, rest);
    if (plan.bits < best.bits) best = plan;
  }
  return best;
}

function planOf(heads: readonly bigint[], values: readonly bigint[]): Plan {
  const centre = median(values);
  const rest = values.map((value) => zigzag(value - centre));
  const base = 8 * [...heads, centre].reduce((bytes, value) => bytes + varintBytes(value), 0);
  const plan = { order: heads.length, heads, centre, rest };
  if (rest.every((value) => value === 0n)) return { ...plan, rice: ALL_ZERO, bits: base };
  const least = Math.min(WIDEST_RICE, Math.max(0, bitLength(median(rest)) - 2));
  let best = { ...plan, rice: least, bits: base + riceBits(rest, least) };
  for (let rice = least + 1; rice <= Math.min(WIDEST_RICE, least + 3); rice++) {
    const bits = base + riceBits(rest, rice);
    if (bits < best.bits) best = { ...plan, rice, bits };
  }
  return best;
}

function riceBits(values: readonly bigint[], rice: number): number {
  const width = BigInt(rice);
  return values.reduce((sum, value) => {
    const ones = value >> width;
    return sum + (ones < ESCAPE ? Number(ones) + 1 + rice : ESCAPE + ESCAPE_LENGTH_BITS + bitLength(value));
  }, 0);
}

function writeRice(bits: BitWriter, value: bigint, rice: number): void {
  const ones = value >> BigInt(rice);
  if (ones < ESCAPE) {
    bits.write(2n ** (ones + 1n) - 2n, Number(ones) + 1);
    bits.write(value & ((1n << BigInt(rice)) - 1n), rice);
    return;
  }
  const length = bitLength(value);
  assert(length < 2 ** ESCAPE_LENGTH_BITS, `a value of ${length} bits`);
  bits.write(2n ** BigInt(ESCAPE) - 1n, ESCAPE);
  bits.write(BigInt(length), ESCAPE_LENGTH_BITS);
  bits.write(value, length);
}

function readRice(bits: BitReader, rice: number): bigint {
  const ones = bits.ones(ESCAPE);
  if (ones < ESCAPE) return (BigInt(ones) << BigInt(rice)) | bits.read(rice);
  return bits.read(bits.number(ESCAPE_LENGTH_BITS));
}

/** False when one is too large for a number. */
function readExactRest(reader: ByteReader, rice: number, centre: number, count: number, into: number[]): boolean {
  const bits = new BitReader(reader);
  const scale = 2 ** rice;
  for (let left = count; left > 0; left--) {
    const ones = bits.ones(ESCAPE);
    const length = ones < ESCAPE ? rice : bits.number(ESCAPE_LENGTH_BITS);
    if (length > WIDEST_EXACT) return false;
    const coded = (ones < ESCAPE ? ones * scale : 0) + bits.number(length);
    const value = unzigzagNumber(coded) + centre;
    if (!Number.isSafeInteger(value)) return false;
    into.push(value);
  }
  return true;
}

function differences(values: readonly bigint[]): bigint[] {
  return values.slice(1).map((value, i) => value - (values[i] ?? 0n));
}

function summed(first: bigint, steps: readonly bigint[]): bigint[] {
  const values = [first];
  let value = first;
  for (const step of steps) {
    value += step;
    values.push(value);
  }
  return values;
}

/** The middle one: unlike the mean, one reset does not move it. */
function median(values: readonly bigint[]): bigint {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[sorted.length >> 1] ?? 0n;
}

function varintBytes(value: bigint): number {
  return Math.max(1, Math.ceil(bitLength(zigzag(value)) / 7));
}

/** Highest bit first. */
class BitWriter {
  private readonly writer: ByteWriter;
  private held = 0;
  private count = 0;

  constructor(writer: ByteWriter) {
    this.writer = writer;
  }

  write(value: bigint, bits: number): void {
    for (let left = bits; left > 0; ) {
      const taken = Math.min(BITS_AT_ONCE, left);
      left -= taken;
      this.push(Number((value >> BigInt(left)) & 0xffffffn) & (2 ** taken - 1), taken);
    }
  }

  flush(): void {
    if (this.count > 0) this.writer.byte((this.held << (8 - this.count)) & 0xff);
  }

  private push(value: number, bits: number): void {
    // At most 7 bits are held, so 31 fit without touching the sign.
    this.held = (this.held << bits) | value;
    this.count += bits;
    while (this.count >= 8) {
      this.count -= 8;
      this.writer.byte((this.held >> this.count) & 0xff);
    }
    this.held &= 2 ** this.count - 1;
  }
}

class BitReader {
  private readonly reader: ByteReader;
  private held = 0;
  private count = 0;

  constructor(reader: ByteReader) {
    this.reader = reader;
  }

  /** Counts ones up to the first zero, which is read as well, or up to so many. */
  ones(most: number): number {
    let ones = 0;
    while (ones < most && this.pull(1) === 1) ones++;
    return ones;
  }

  read(bits: number): bigint {
    let value = 0n;
    for (let left = bits; left > 0; ) {
      const taken = Math.min(BITS_AT_ONCE, left);
      left -= taken;
      value = (value << BigInt(taken)) | BigInt(this.pull(taken));
    }
    return value;
  }

  /** At most 53 bits. */
  number(bits: number): number {
    let value = 0;
    let left = bits;
    for (; left > BITS_AT_ONCE; left -= BITS_AT_ONCE) value = value * 2 ** BITS_AT_ONCE + this.pull(BITS_AT_ONCE);
    return value * (1 << left) + this.pull(left);
  }

  private pull(bits: number): number {
    while (this.count < bits) {
      this.held = (this.held << 8) | this.reader.byte();
      this.count += 8;
    }
    this.count -= bits;
    const value = (this.held >> this.count) & ((1 << bits) - 1);
    this.held &= (1 << this.count) - 1;
    return value;
  }
}
