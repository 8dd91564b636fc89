/** Packs the entities of a head into few bytes: what neighbours share is written once. Pure. */
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
  rememberIncrease,
  rememberLife,
  SAME_SHAPE,
  SLOT_APART,
  SPEED,
  UPTIME,
  WIDE,
} from './head-format.ts';
import type { CounterLife, Increase, RawPoint } from './sample.ts';
import { ByteWriter } from './varint.ts';

/** Words and speeds by position, in order of first use. */
class Table<T> {
  readonly list: T[] = [];
  private readonly positions = new Map<T, number>();
  position(value: T): number {
    const known = this.positions.get(value);
    if (known !== undefined) return known;
    this.positions.set(value, this.list.length);
    this.list.push(value);
    return this.list.length - 1;
  }
}

interface Writing {
  readonly out: ByteWriter;
  readonly words: Table<string>;
  /** Flags, column, speed and discontinuity of a life: few differ within a target. */
  readonly shapes: Table<string>;
  readonly before: Before;
}

export function packHead(state: HeadState): Uint8Array {
  const body: Writing = { out: new ByteWriter(), words: new Table(), shapes: new Table(), before: nothingBefore() };
  const base = state.entities.reduce((newest, e) => Math.max(newest, e.slot), 0);
  for (const entity of state.entities) writeEntity(body, entity, base);
  const out = new ByteWriter();
  out.byte(FORMAT);
  out.signed(base);
  writeTable(out, body.words);
  writeTable(out, body.shapes);
  out.unsigned(state.newestSlot === undefined ? 0 : 1);
  if (state.newestSlot !== undefined) out.signed(state.newestSlot - base);
  out.unsigned(state.entities.length);
  out.blob(body.out.finish());
  return out.finish();
}

function writeTable(out: ByteWriter, table: Table<string>): void {
  out.unsigned(table.list.length);
  for (const word of table.list) out.text(word);
}

/** Position of the metric's name, what of it is there, position of its life's shape. */
type SeriesShape = readonly [word: number, parts: number, life: number];

function writeEntity(w: Writing, e: HeadStateEntity, base: number): void {
  const names = [...new Set([e.values, e.increases, e.baselines].flatMap((record) => Object.keys(record)))].sort();
  const before = { ...w.before };
  const shape = names.map((name): SeriesShape => {
    const life = e.lives?.[name];
    return [w.words.position(name), partsOf(e, name, before), life ? w.shapes.position(shapeOf(life)) : 0];
  });
  const text = JSON.stringify(shape);
  const same = text === w.before.shape;
  const older = e.slot !== base;
  w.out.byte((e.boundary ? BOUNDARY : 0) | (same ? SAME_SHAPE : 0) | (older ? OLDER : 0));
  const shared = sharedLength(w.before.entity, e.entity);
  w.out.unsigned(shared);
  w.out.text(e.entity.slice(shared));
  if (older) w.out.unsigned(base - e.slot);
  w.out.signed(e.receivedAt - e.slot - w.before.lagMs);
  if (!same) {
    w.out.unsigned(shape.length);
    for (const [word, parts, life] of shape) {
      w.out.unsigned(word);
      w.out.byte(parts);
      if (parts & HAS.life) w.out.unsigned(life);
    }
  }
  Object.assign(w.before, { entity: e.entity, lagMs: e.receivedAt - e.slot, shape: text });
  names.forEach((name, at) => {
    writeSeries(w, e, name, shape[at]?.[1] ?? 0);
  });
}

/** Moves `before` on as writing the series will. */
function partsOf(e: HeadStateEntity, name: string, before: Before): number {
  const [life, increase, baseline] = [e.lives?.[name], e.increases[name], e.baselines[name]];
  let parts = e.values[name] === undefined ? 0 : HAS.value;
  if (life) {
    parts |= HAS.life | (isLifeAlike(life, e.receivedAt, before) ? HAS.lifeAlike : 0);
    rememberLife(before, life);
  }
  if (increase) {
    parts |= HAS.increase | (isIncreaseAlike(increase, before) ? HAS.increaseAlike : 0);
    rememberIncrease(before, increase);
  }
  if (baseline?.life) rememberLife(before, baseline.life);
  return parts | (baseline ? HAS.baseline : 0);
}

/** Two counters of one port: one response, one index, one boot. */
function isLifeAlike(life: CounterLife, receivedAt: number, before: Before): boolean {
  const { ifIndex, uptimeMs, bootAt } = life;
  if (ifIndex === undefined || uptimeMs === undefined) return false;
  return ifIndex === before.ifIndex && uptimeMs === before.uptimeMs && bootAt === receivedAt - uptimeMs;
}

function isIncreaseAlike(increase: Increase, before: Before): boolean {
  const spanMs = increase.to - increase.from;
  return spanMs === before.spanMs && increase.elapsedMs - spanMs === before.driftMs;
}

/** Never splits a surrogate pair: half of one is not text that UTF-8 can hold. */
function sharedLength(a: string, b: string): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n > 0 && /[\ud800-\udbff]/.test(a[n - 1] ?? '') ? n - 1 : n;
}

function writeSeries(w: Writing, e: HeadStateEntity, name: string, parts: number): void {
  const value = e.values[name];
  const life = e.lives?.[name];
  const increase = e.increases[name];
  const baseline = e.baselines[name];
  if (value !== undefined) w.out.signed(value);
  if (life && (parts & HAS.lifeAlike) === 0) writeLifeTimes(w, life, e.receivedAt);
  if (life) rememberLife(w.before, life);
  if (increase) writeIncrease(w, increase, e, (parts & HAS.increaseAlike) !== 0);
  if (baseline) writePoint(w, baseline, e.slot);
}

function writePoint(w: Writing, point: RawPoint, slot: number): void {
  w.out.byte((point.boundary ? 1 : 0) | (point.life ? 2 : 0));
  w.out.signed(slot - point.slot);
  w.out.signed(point.receivedAt - point.slot);
  w.out.signed(point.value);
  if (!point.life) return;
  w.out.unsigned(w.shapes.position(shapeOf(point.life)));
  writeLifeTimes(w, point.life, point.receivedAt);
  rememberLife(w.before, point.life);
}

/** Everything of a life but its instants and its index. */
function shapeOf(life: CounterLife): string {
  return JSON.stringify([
    (life.uptimeMs === undefined ? 0 : UPTIME) |
      (life.ifIndex === undefined ? 0 : IF_INDEX) |
      (life.discontinuity === undefined ? 0 : DISCONTINUITY) |
      (life.speedBitsPerSecond === undefined ? 0 : SPEED) |
      (life.bits === 64 ? WIDE : 0),
    life.column,
    life.speedBitsPerSecond ?? 0,
    life.discontinuity ?? '',
  ]);
}

function writeLifeTimes(w: Writing, life: CounterLife, receivedAt: number): void {
  if (life.ifIndex !== undefined) w.out.signed(life.ifIndex - w.before.ifIndex);
  if (life.uptimeMs !== undefined) w.out.signed(life.uptimeMs - w.before.uptimeMs);
  w.out.signed(life.bootAt - (life.uptimeMs === undefined ? w.before.bootAt : receivedAt - life.uptimeMs));
}

function writeIncrease(w: Writing, increase: Increase, e: HeadStateEntity, alike: boolean): void {
  const reason = REASONS.indexOf(increase.reason);
  assert(reason >= 0, `no stored number for the reason ${increase.reason}`);
  const [slotApart, receiptApart] = [increase.slot !== e.slot, increase.to !== e.receivedAt];
  w.out.byte(
    (slotApart ? SLOT_APART : 0) |
      (receiptApart ? RECEIPT_APART : 0) |
      (increase.rateable ? RATEABLE : 0) |
      (increase.amount === undefined ? 0 : AMOUNT) |
      (reason << 4),
  );
  const spanMs = increase.to - increase.from;
  if (slotApart) w.out.signed(e.slot - increase.slot);
  if (receiptApart) w.out.signed(e.receivedAt - increase.to);
  if (!alike) {
    w.out.signed(spanMs - w.before.spanMs);
    w.out.signed(increase.elapsedMs - spanMs - w.before.driftMs);
  }
  if (increase.amount !== undefined) w.out.signed(increase.amount);
  rememberIncrease(w.before, increase);
}
