/** Reads the entities of a head from their packed bytes. Pure. */
import { assert } from '../platform/assert.ts';
import type { HeadState, HeadStateEntity } from './head.ts';
import {
  AMOUNT,
  type Before,
  BOUNDARY,
  DISCONTINUITY,
  FORMAT,
  HAS,
  IF_INDEX,
  nothingBefore,
  OLDER,
  RATEABLE,
  REASONS,
  RECEIPT_APART,
  rememberLife,
  SAME_SHAPE,
  SLOT_APART,
  SPEED,
  UPTIME,
  WIDE,
} from './head-format.ts';
import type { CounterLife, Increase, RawPoint } from './sample.ts';
import { ByteReader } from './varint.ts';

interface Reading {
  readonly in: ByteReader;
  readonly words: readonly string[];
  readonly shapes: readonly LifeShape[];
  readonly before: Before;
  series: readonly (readonly [name: string, parts: number, life: number])[];
}

type LifeShape = readonly [flags: number, column: string, speed: number, discontinuity: string];

export function unpackHead(bytes: Uint8Array): HeadState {
  const head = new ByteReader(bytes);
  const format = head.byte();
  assert(format === FORMAT, `a head packed in format ${format}`);
  const base = head.integer();
  const words = readTable(head);
  const shapes = readTable(head).map((text) => JSON.parse(text) as LifeShape);
  const newestSlot = head.count() === 0 ? undefined : base + head.integer();
  const length = head.length();
  const r: Reading = { in: new ByteReader(head.blob()), words, shapes, before: nothingBefore(), series: [] };
  head.end();
  const entities = Array.from({ length }, () => readEntity(r, base));
  r.in.end();
  return { ...(newestSlot === undefined ? {} : { newestSlot }), entities };
}

function readTable(from: ByteReader): string[] {
  return Array.from({ length: from.length() }, () => from.text());
}

function at<T>(list: readonly T[], position: number): T {
  const value = list[position];
  assert(value !== undefined, `a head refers to entry ${position} of ${list.length}`);
  return value;
}

function readSeriesShape(r: Reading): readonly [string, number, number] {
  const name = at(r.words, r.in.count());
  const parts = r.in.byte();
  return [name, parts, parts & HAS.life ? r.in.count() : 0];
}

function readEntity(r: Reading, base: number): HeadStateEntity {
  const flags = r.in.byte();
  const shared = r.in.count();
  const entity = r.before.entity.slice(0, shared) + r.in.text();
  const slot = base - (flags & OLDER ? r.in.count() : 0);
  const lagMs = r.before.lagMs + r.in.integer();
  if ((flags & SAME_SHAPE) === 0) {
    r.series = Array.from({ length: r.in.length() }, () => readSeriesShape(r));
  }
  Object.assign(r.before, { entity, lagMs });
  const receivedAt = slot + lagMs;
  const values: Record<string, bigint> = {};
  const lives: Record<string, CounterLife> = {};
  const increases: Record<string, Increase> = {};
  const baselines: Record<string, RawPoint> = {};
  for (const [name, parts, life] of r.series) {
    if (parts & HAS.value) values[name] = r.in.signed();
    if (parts & HAS.life) lives[name] = readLife(r, at(r.shapes, life), receivedAt, (parts & HAS.lifeAlike) !== 0);
    if (parts & HAS.increase) {
      increases[name] = readIncrease(r, slot, receivedAt, (parts & HAS.increaseAlike) !== 0);
    }
    if (parts & HAS.baseline) baselines[name] = readPoint(r, slot);
  }
  const living = Object.keys(lives).length === 0 ? {} : { lives };
  return { entity, slot, receivedAt, boundary: (flags & BOUNDARY) !== 0, values, ...living, increases, baselines };
}

function readPoint(r: Reading, entitySlot: number): RawPoint {
  const flags = r.in.byte();
  const slot = entitySlot - r.in.integer();
  const receivedAt = slot + r.in.integer();
  const value = r.in.signed();
  const life = flags & 2 ? { life: readLife(r, at(r.shapes, r.in.count()), receivedAt, false) } : {};
  return { slot, receivedAt, value, boundary: (flags & 1) !== 0, ...life };
}

function readLife(r: Reading, shape: LifeShape, receivedAt: number, alike: boolean): CounterLife {
  const [flags, column, speed, discontinuity] = shape;
  const ifIndex = flags & IF_INDEX ? r.before.ifIndex + (alike ? 0 : r.in.integer()) : undefined;
  const uptimeMs = flags & UPTIME ? r.before.uptimeMs + (alike ? 0 : r.in.integer()) : undefined;
  const life: CounterLife = {
    bootAt: (alike ? 0 : r.in.integer()) + (uptimeMs === undefined ? r.before.bootAt : receivedAt - uptimeMs),
    ...(uptimeMs === undefined ? {} : { uptimeMs }),
    ...(flags & DISCONTINUITY ? { discontinuity } : {}),
    ...(ifIndex === undefined ? {} : { ifIndex }),
    column,
    ...(flags & SPEED ? { speedBitsPerSecond: speed } : {}),
    bits: flags & WIDE ? 64 : 32,
  };
  rememberLife(r.before, life);
  return life;
}

function readIncrease(r: Reading, entitySlot: number, receivedAt: number, alike: boolean): Increase {
  const flags = r.in.byte();
  const slot = flags & SLOT_APART ? entitySlot - r.in.integer() : entitySlot;
  const to = flags & RECEIPT_APART ? receivedAt - r.in.integer() : receivedAt;
  const spanMs = r.before.spanMs + (alike ? 0 : r.in.integer());
  const driftMs = r.before.driftMs + (alike ? 0 : r.in.integer());
  const amount = flags & AMOUNT ? r.in.signed() : undefined;
  Object.assign(r.before, { spanMs, driftMs });
  const reason = REASONS[flags >> 4];
  return {
    slot,
    from: to - spanMs,
    to,
    elapsedMs: spanMs + driftMs,
    amount,
    ...(reason === undefined ? {} : { reason }),
    rateable: (flags & RATEABLE) !== 0,
  };
}
