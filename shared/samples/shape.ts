/** What the readings of one batch have in common, written once per batch instead of once per reading. Pure. */
import { assert } from '../platform/assert.ts';
import type { CounterLife, Reading } from './sample.ts';
import type { ByteReader, ByteWriter } from './varint.ts';

/** The part of a life that several metrics of a reading share: all but the column. */
export type Origin = Omit<CounterLife, 'column' | 'bits'>;

/** Which optional fields an origin has; equal for all readings of a shape. */
export interface OriginFields {
  readonly uptime: boolean;
  readonly discontinuity: boolean;
  readonly ifIndex: boolean;
  readonly speed: boolean;
}

/** One metric of a shape. */
export interface Field {
  readonly metric: string;
  readonly hasValue: boolean;
  readonly negative: boolean;
  readonly life?: { readonly column: string; readonly bits: 32 | 64; readonly origin: number };
}

/** A set of metrics with the columns they came from. */
export interface Shape {
  readonly hasLives: boolean;
  readonly fields: readonly Field[];
  readonly origins: readonly OriginFields[];
}

/** A word's index in the dictionary, and back. */
export interface Words {
  indexOf(word: string): number;
  wordAt(index: number): string;
}

/** Splits a reading into its shape and the origins that the shape's numbers point to. */
export function shapeOf(reading: Reading): { shape: Shape; origins: Origin[] } {
  const { values, lives } = reading;
  const origins: Origin[] = [];
  const numbers = new Map<string, number>();
  const metrics = [...new Set([...Object.keys(values), ...Object.keys(lives ?? {})])].sort();
  const fields = metrics.map((metric): Field => {
    const value = Object.hasOwn(values, metric) ? values[metric] : undefined;
    const life = lives !== undefined && Object.hasOwn(lives, metric) ? lives[metric] : undefined;
    const field = { metric, hasValue: value !== undefined, negative: value !== undefined && value < 0n };
    if (life === undefined) return field;
    const { column, bits, ...origin } = life;
    const key = JSON.stringify([
      origin.bootAt,
      origin.uptimeMs,
      origin.discontinuity,
      origin.ifIndex,
      origin.speedBitsPerSecond,
    ]);
    const number = numbers.get(key) ?? origins.push(origin) - 1;
    numbers.set(key, number);
    return { ...field, life: { column, bits, origin: number } };
  });
  return { shape: { hasLives: lives !== undefined, fields, origins: origins.map(fieldsOf) }, origins };
}

function fieldsOf(origin: Origin): OriginFields {
  return {
    uptime: origin.uptimeMs !== undefined,
    discontinuity: origin.discontinuity !== undefined,
    ifIndex: origin.ifIndex !== undefined,
    speed: origin.speedBitsPerSecond !== undefined,
  };
}

export function writeShape(writer: ByteWriter, shape: Shape, words: Words): void {
  writer.byte(shape.hasLives ? 1 : 0);
  writer.unsigned(shape.origins.length);
  for (const has of shape.origins) writer.byte(flags(has.uptime, has.discontinuity, has.ifIndex, has.speed));
  writer.unsigned(shape.fields.length);
  for (const { metric, hasValue, negative, life } of shape.fields) {
    writer.unsigned(words.indexOf(metric));
    writer.byte(flags(hasValue, negative, life !== undefined, life?.bits === 32));
    if (life === undefined) continue;
    writer.unsigned(words.indexOf(life.column));
    writer.unsigned(life.origin);
  }
}

export function readShape(reader: ByteReader, words: Pick<Words, 'wordAt'>): Shape {
  const hasLives = reader.byte() === 1;
  const origins = Array.from({ length: reader.length() }, (): OriginFields => {
    const [uptime, discontinuity, ifIndex, speed] = unflag(reader.byte());
    return { uptime, discontinuity, ifIndex, speed };
  });
  const fields = Array.from({ length: reader.length() }, (): Field => {
    const metric = words.wordAt(reader.count());
    const [hasValue, negative, hasLife, narrow] = unflag(reader.byte());
    if (!hasLife) return { metric, hasValue, negative };
    const column = words.wordAt(reader.count());
    const origin = reader.count();
    assert(origin < origins.length, `origin ${origin} of ${origins.length}`);
    return { metric, hasValue, negative, life: { column, bits: narrow ? 32 : 64, origin } };
  });
  return { hasLives, fields, origins };
}

/** Four facts in the low bits of a byte. */
export function flags(a: boolean, b: boolean, c: boolean, d: boolean): number {
  return (a ? 1 : 0) | (b ? 2 : 0) | (c ? 4 : 0) | (d ? 8 : 0);
}

export function unflag(byte: number): [boolean, boolean, boolean, boolean] {
  return [(byte & 1) !== 0, (byte & 2) !== 0, (byte & 4) !== 0, (byte & 8) !== 0];
}
