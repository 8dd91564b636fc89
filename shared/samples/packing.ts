/** Packs a run's readings and a series' raw points into few bytes, and back. Pure. */
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';
import { readColumn, readNumbers, writeColumn } from './column.ts';
import type { Batch, CounterLife, RawPoint, Reading, TargetRef } from './sample.ts';
import { flags, readShape, shapeOf, unflag, type Words, writeShape } from './shape.ts';
import { newTrail, readDigits, readReading, writeDigits, writeReading } from './trail.ts';
import { ByteReader, ByteWriter } from './varint.ts';

/** First byte of everything packed here; old bytes keep their reader when it rises. */
const BATCH_FORMAT = 1;
const CHUNK_FORMAT = 1;
const CHUNK_MS = 6 * 3600 * 1000;
/** Instants of a chunk are kept to this: finer says nothing about a rate over minutes and costs a byte a value. */
const TICK_MS = 100;

/** What stands in the key of a batch item and is therefore not packed. */
export interface BatchKey extends TargetRef {
  readonly slot: Instant;
  readonly part: number;
}

export interface PackedBatch {
  readonly bytes: Uint8Array;
  /** The dictionary given, with the new words behind it: store it before the batch, or the batch cannot be read. */
  readonly dictionary: readonly string[];
}

/**
 * Packs readings; entities, metrics and columns become indexes in the target's dictionary, which only ever grows.
 * About 16 bytes for a router's interface with two counters and a state.
 */
export function packBatch(batch: Batch, dictionary: readonly string[]): PackedBatch {
  const words = wordsOf(dictionary);
  const parts = batch.readings.map((reading) => ({ reading, ...shapeOf(reading) }));
  const shapes = tableOf(parts.map(({ shape }) => shape));
  const body = new ByteWriter();
  body.unsigned(shapes.list.length);
  // Words of shapes before entities: those then stand next to each other and cost nothing where they follow in order.
  for (const shape of shapes.list) writeShape(body, shape, words);
  body.unsigned(parts.length);
  const trail = newTrail(batch.receivedAt);
  parts.forEach(({ reading, shape, origins }, i) => {
    writeReading(body, reading, { shape: shapes.rows[i] ?? 0, fields: shape.fields, origins }, words, trail);
  });
  const writer = new ByteWriter();
  writer.byte(BATCH_FORMAT);
  writer.byte(batch.boundary ? 1 : 0);
  writer.signed(batch.receivedAt - batch.slot);
  writer.unsigned(batch.periodSeconds);
  writer.unsigned(words.list.length);
  writer.unsigned(fingerprint(words.list, words.list.length));
  writer.raw(body.finish());
  return { bytes: writer.finish(), dictionary: words.list };
}

/**
 * Exact inverse; the dictionary may have grown since, but must begin with the words the batch was packed with. With
 * `entity`, its readings alone: for a fraction of the work.
 */
export function unpackBatch(bytes: Uint8Array, key: BatchKey, dictionary: readonly string[], entity?: string): Batch {
  const reader = new ByteReader(bytes);
  const format = reader.byte();
  assert(format === BATCH_FORMAT, `a batch of format ${format}`);
  const boundary = reader.byte() === 1;
  const receivedAt = key.slot + reader.integer();
  const periodSeconds = reader.count();
  const size = reader.count();
  assert(size <= dictionary.length, `a batch of ${size} words and a dictionary of ${dictionary.length}`);
  assert(reader.count() === fingerprint(dictionary, size), 'a batch that was packed with another dictionary');
  const words = { wordAt: (index: number) => wordOf(dictionary, index) };
  const shapes = Array.from({ length: reader.length() }, () => readShape(reader, words));
  const trail = newTrail(receivedAt);
  const only = entity === undefined ? undefined : dictionary.indexOf(entity);
  const readings: Reading[] = [];
  for (let left = reader.length(); left > 0; left--) {
    const reading = readReading(reader, shapes, words, trail, only);
    if (reading) readings.push(reading);
  }
  reader.end();
  const { tenant, kind, target, slot, part } = key;
  return { tenant, kind, target, slot, part, receivedAt, periodSeconds, boundary, readings };
}

/** Start of the 6-hour UTC chunk that the slot lies in. */
export function chunkStart(slot: Instant): Instant {
  return Math.floor(slot / CHUNK_MS) * CHUNK_MS;
}

/**
 * The point as a chunk gives it back: receipt, uptime and boot on a grid of 100 ms. A boot that was worked out as
 * receipt minus uptime still is. Rounding twice changes nothing more.
 */
export function roundPoint(point: RawPoint): RawPoint {
  const receivedAt = onGrid(point.receivedAt);
  const { life } = point;
  if (life === undefined) return { ...point, receivedAt };
  const { bootAt, uptimeMs } = life;
  if (uptimeMs === undefined) return { ...point, receivedAt, life: { ...life, bootAt: onGrid(bootAt) } };
  const derived = bootAt === point.receivedAt - uptimeMs;
  const boot = derived ? receivedAt - onGrid(uptimeMs) : onGrid(bootAt);
  return { ...point, receivedAt, life: { ...life, bootAt: boot, uptimeMs: onGrid(uptimeMs) } };
}

/**
 * Packs the points of one series of one chunk, column by column: about 4.5 bytes for a busy counter with jitter.
 * Lossless but for `roundPoint`.
 */
export function packChunk(points: readonly RawPoint[]): Uint8Array {
  const rounded = points.map(roundPoint);
  const rows = tableOf(rounded.map(({ life }) => (life === undefined ? undefined : rowOf(life))));
  const writer = new ByteWriter();
  writer.byte(CHUNK_FORMAT);
  writer.unsigned(rounded.length);
  writer.unsigned(rows.list.length);
  for (const row of rows.list) writeRow(writer, row);
  const lives = rounded.flatMap(({ life, receivedAt }) => (life === undefined ? [] : [{ life, receivedAt }]));
  const origin = ticks(rounded[0]?.receivedAt ?? 0);
  const columns = [
    rounded.map(({ slot }) => slot),
    rounded.map(({ slot, receivedAt }) => ticks(receivedAt) - Math.floor(slot / TICK_MS)),
    rounded.map(({ boundary }) => (boundary ? 1 : 0)),
    rows.rows,
    lives.map(({ life }) => ticks(life.bootAt) - origin),
    lives.flatMap(({ life: { bootAt, uptimeMs }, receivedAt }) =>
      uptimeMs === undefined ? [] : [ticks(receivedAt) - ticks(bootAt) - ticks(uptimeMs)],
    ),
  ];
  for (const column of columns) writeColumn(writer, column.map(BigInt));
  writeColumn(
    writer,
    rounded.map(({ value }) => value),
  );
  return writer.finish();
}

export function unpackChunk(bytes: Uint8Array): RawPoint[] {
  const reader = new ByteReader(bytes);
  const format = reader.byte();
  assert(format === CHUNK_FORMAT, `a chunk of format ${format}`);
  const count = reader.length();
  const rows = Array.from({ length: reader.length() }, () => readRow(reader));
  const numbers = (size: number) => readNumbers(reader, size);
  const [slots, offsets, boundaries, rowNumbers] = [numbers(count), numbers(count), numbers(count), numbers(count)];
  const rowOfPoint = rowNumbers.map((number) => rows[number]);
  const boots = numbers(rowOfPoint.filter((row) => row !== undefined).length);
  const lags = numbers(rowOfPoint.filter((row) => row?.hasUptime).length);
  const values = readColumn(reader, count);
  reader.end();
  const origin = Math.floor((slots[0] ?? 0) / TICK_MS) + (offsets[0] ?? 0);
  let [boot, lag] = [0, 0];
  return values.map((value, i) => {
    const slot = slots[i] ?? 0;
    const received = Math.floor(slot / TICK_MS) + (offsets[i] ?? 0);
    const [receivedAt, boundary, row] = [received * TICK_MS, boundaries[i] === 1, rows[rowNumbers[i] ?? 0]];
    if (row === undefined) return { slot, receivedAt, value, boundary };
    const booted = origin + (boots[boot++] ?? 0);
    const bootAt = booted * TICK_MS;
    if (!row.hasUptime) return { slot, receivedAt, value, boundary, life: { ...row.life, bootAt } };
    const uptimeMs = (received - booted - (lags[lag++] ?? 0)) * TICK_MS;
    return { slot, receivedAt, value, boundary, life: { ...row.life, bootAt, uptimeMs } };
  });
}

/** A life without its instants: a chunk has one or two of them. */
interface Row {
  readonly life: Omit<CounterLife, 'bootAt' | 'uptimeMs'>;
  readonly hasUptime: boolean;
}

function rowOf({ bootAt: _, uptimeMs, ...life }: CounterLife): Row {
  return { life, hasUptime: uptimeMs !== undefined };
}

const NO_LIFE = 0;
const LIFE = 1;
const NARROW_LIFE = 2;

function writeRow(writer: ByteWriter, row: Row | undefined): void {
  if (row === undefined) {
    writer.byte(NO_LIFE);
    return;
  }
  const { column, bits, discontinuity, ifIndex, speedBitsPerSecond: speed } = row.life;
  writer.byte(bits === 32 ? NARROW_LIFE : LIFE);
  writer.byte(flags(row.hasUptime, discontinuity !== undefined, ifIndex !== undefined, speed !== undefined));
  writer.text(column);
  if (discontinuity !== undefined) writeDigits(writer, discontinuity);
  if (ifIndex !== undefined) writer.signed(ifIndex);
  if (speed !== undefined) writer.signed(speed);
}

function readRow(reader: ByteReader): Row | undefined {
  const kind = reader.byte();
  if (kind === NO_LIFE) return undefined;
  const [hasUptime, hasDiscontinuity, hasIfIndex, hasSpeed] = unflag(reader.byte());
  const life = {
    column: reader.text(),
    bits: kind === NARROW_LIFE ? (32 as const) : (64 as const),
    ...(hasDiscontinuity ? { discontinuity: readDigits(reader) } : {}),
    ...(hasIfIndex ? { ifIndex: reader.integer() } : {}),
    ...(hasSpeed ? { speedBitsPerSecond: reader.integer() } : {}),
  };
  return { life, hasUptime };
}

/** The distinct ones in order of first use, and for each item the number of its own. */
function tableOf<T>(items: readonly T[]): { list: T[]; rows: number[] } {
  const numbers = new Map<string, number>();
  const list: T[] = [];
  const rows = items.map((item) => {
    const key = JSON.stringify(item) ?? '';
    const number = numbers.get(key) ?? list.push(item) - 1;
    numbers.set(key, number);
    return number;
  });
  return { list, rows };
}

function wordsOf(dictionary: readonly string[]): Words & { readonly list: string[] } {
  const list = [...dictionary];
  const numbers = new Map(list.map((word, i) => [word, i]));
  return {
    list,
    indexOf(word) {
      const number = numbers.get(word) ?? list.push(word) - 1;
      numbers.set(word, number);
      return number;
    },
    wordAt: (index) => wordOf(list, index),
  };
}

function wordOf(words: readonly string[], index: number): string {
  const word = words[index];
  if (word === undefined) assert(false, `word ${index} of ${words.length}`);
  return word;
}

/** FNV-1a over the first words: a batch read with another target's dictionary must fail, not name the wrong entity. */
function fingerprint(words: readonly string[], size: number): number {
  let hash = 0x811c9dc5;
  for (const word of words.slice(0, size)) {
    for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0x10000, 0x01000193);
  }
  return hash >>> 0;
}

function onGrid(ms: number): number {
  return ticks(ms) * TICK_MS + 0;
}

function ticks(ms: number): number {
  return Math.round(ms / TICK_MS);
}
