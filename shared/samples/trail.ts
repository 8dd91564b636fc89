/** Writes each reading of a batch as its difference from the one before. Pure. */
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';
import type { CounterLife, Reading } from './sample.ts';
import { flags, type Origin, type OriginFields, type Shape, unflag, type Words } from './shape.ts';
import type { ByteReader, ByteWriter } from './varint.ts';

/** What the reading before said: most readings of a run differ from it by one in number and not at all in the rest. */
export interface Trail {
  entity: number;
  receivedAt: Instant;
  shape: number;
  readonly startAt: Instant;
  readonly origins: Mark[];
}

/** The newest origin of one number, with what is absent carried on from the one before. */
interface Mark {
  readonly bootAt: Instant;
  /** Receipt minus boot minus uptime: 0 where the boot was worked out from this very uptime. */
  readonly lagMs: number;
  readonly discontinuity: string;
  readonly ifIndex: number;
  readonly speed: number;
}

const BOOT = 1;
const LAG = 2;
const DISCONTINUITY = 4;
const IF_INDEX = 8;
const SPEED = 16;

export function newTrail(startAt: Instant): Trail {
  return { entity: -1, receivedAt: startAt, shape: 0, startAt, origins: [] };
}

/** `origins` are the reading's own, as `shapeOf` told them; `shape` is the index of its shape. */
export function writeReading(
  writer: ByteWriter,
  reading: Reading,
  parts: { readonly shape: number; readonly fields: Shape['fields']; readonly origins: readonly Origin[] },
  words: Words,
  trail: Trail,
): void {
  const entity = words.indexOf(reading.entity);
  const marks = parts.origins.map((origin, i) => markOf(origin, reading.receivedAt, markAt(trail, i)));
  const masks = parts.origins.map((origin, i) => maskOf(origin, marks[i], markAt(trail, i)));
  const jumps = entity !== trail.entity + 1;
  const later = reading.receivedAt !== trail.receivedAt;
  const reshaped = parts.shape !== trail.shape;
  const moved = masks.some((mask) => mask !== 0);
  writer.byte(flags(jumps, later, reshaped, moved));
  if (jumps) writer.signed(entity - trail.entity);
  if (later) writer.signed(reading.receivedAt - trail.receivedAt);
  if (reshaped) writer.unsigned(parts.shape);
  if (moved) for (const [i, mark] of marks.entries()) writeMark(writer, masks[i] ?? 0, mark, markAt(trail, i));
  for (const { metric, hasValue, negative } of parts.fields) {
    const value = reading.values[metric];
    if (hasValue && value !== undefined) writer.unsigned(negative ? -value : value);
  }
  Object.assign(trail, { entity, receivedAt: reading.receivedAt, shape: parts.shape });
  marks.forEach((mark, i) => {
    trail.origins[i] = mark;
  });
}

/** With `only`, the index of an entity, a reading of another one is passed over and undefined. */
export function readReading(
  reader: ByteReader,
  shapes: readonly Shape[],
  words: Pick<Words, 'wordAt'>,
  trail: Trail,
  only?: number,
): Reading | undefined {
  const [jumps, later, reshaped, moved] = unflag(reader.byte());
  trail.entity += jumps ? reader.integer() : 1;
  if (later) trail.receivedAt += reader.integer();
  if (reshaped) trail.shape = reader.count();
  const shape = shapes[trail.shape];
  if (shape === undefined) assert(false, `shape ${trail.shape} of ${shapes.length}`);
  shape.origins.forEach((has, i) => {
    trail.origins[i] = readMark(reader, moved ? reader.byte() : 0, has, markAt(trail, i));
  });
  if (only !== undefined && only !== trail.entity) {
    for (const { hasValue } of shape.fields) if (hasValue) reader.skip();
    return undefined;
  }
  const origins = shape.origins.map((has, i) => originOf(markAt(trail, i), has, trail.receivedAt));
  const values: [string, bigint][] = [];
  const lives: [string, CounterLife][] = [];
  for (const { metric, hasValue, negative, life } of shape.fields) {
    if (hasValue) values.push([metric, negative ? -reader.unsigned() : reader.unsigned()]);
    const origin = life === undefined ? undefined : origins[life.origin];
    if (life && origin) lives.push([metric, { ...origin, column: life.column, bits: life.bits }]);
  }
  return {
    entity: words.wordAt(trail.entity),
    receivedAt: trail.receivedAt,
    values: Object.fromEntries(values),
    ...(shape.hasLives ? { lives: Object.fromEntries(lives) } : {}),
  };
}

function markAt(trail: Trail, number: number): Mark {
  return trail.origins[number] ?? { bootAt: trail.startAt, lagMs: 0, discontinuity: '', ifIndex: 0, speed: 0 };
}

function markOf(origin: Origin, receivedAt: Instant, before: Mark): Mark {
  return {
    bootAt: origin.bootAt,
    lagMs: origin.uptimeMs === undefined ? before.lagMs : receivedAt - origin.bootAt - origin.uptimeMs,
    discontinuity: origin.discontinuity ?? before.discontinuity,
    ifIndex: origin.ifIndex ?? before.ifIndex,
    speed: origin.speedBitsPerSecond ?? before.speed,
  };
}

function originOf(mark: Mark, has: OriginFields, receivedAt: Instant): Origin {
  return {
    bootAt: mark.bootAt,
    ...(has.uptime ? { uptimeMs: receivedAt - mark.bootAt - mark.lagMs } : {}),
    ...(has.discontinuity ? { discontinuity: mark.discontinuity } : {}),
    ...(has.ifIndex ? { ifIndex: mark.ifIndex } : {}),
    ...(has.speed ? { speedBitsPerSecond: mark.speed } : {}),
  };
}

/** Which fields must be written; the next ifIndex is expected to be one more. */
function maskOf(origin: Origin, mark: Mark | undefined, before: Mark): number {
  assert(mark !== undefined, 'an origin without its mark');
  return (
    (mark.bootAt === before.bootAt ? 0 : BOOT) |
    (mark.lagMs === before.lagMs ? 0 : LAG) |
    (mark.discontinuity === before.discontinuity ? 0 : DISCONTINUITY) |
    (origin.ifIndex === undefined || mark.ifIndex === before.ifIndex + 1 ? 0 : IF_INDEX) |
    (mark.speed === before.speed ? 0 : SPEED)
  );
}

function writeMark(writer: ByteWriter, mask: number, mark: Mark, before: Mark): void {
  writer.byte(mask);
  if (mask & BOOT) writer.signed(mark.bootAt - before.bootAt);
  if (mask & LAG) writer.signed(mark.lagMs - before.lagMs);
  if (mask & DISCONTINUITY) writeDigits(writer, mark.discontinuity);
  if (mask & IF_INDEX) writer.signed(mark.ifIndex - before.ifIndex);
  if (mask & SPEED) writer.unsigned(mark.speed);
}

function readMark(reader: ByteReader, mask: number, has: OriginFields, before: Mark): Mark {
  return {
    bootAt: before.bootAt + (mask & BOOT ? reader.integer() : 0),
    lagMs: before.lagMs + (mask & LAG ? reader.integer() : 0),
    discontinuity: mask & DISCONTINUITY ? readDigits(reader) : before.discontinuity,
    ifIndex: before.ifIndex + (mask & IF_INDEX ? reader.integer() : has.ifIndex ? 1 : 0),
    speed: mask & SPEED ? reader.count() : before.speed,
  };
}

/** Text that is mostly a plain number of ticks: 0 and the number, else the length and one more, and the bytes. */
export function writeDigits(writer: ByteWriter, text: string): void {
  const plain = /^(0|[1-9]\d{0,37})$/.test(text);
  writer.byte(plain ? 0 : 1);
  if (plain) writer.unsigned(BigInt(text));
  else writer.text(text);
}

export function readDigits(reader: ByteReader): string {
  return reader.byte() === 0 ? String(reader.unsigned()) : reader.text();
}
