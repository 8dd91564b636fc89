/** The 95th percentile from a month's largest values: exact, in integers, from one small list. Pure. */
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';
import { readColumn, writeColumn } from './column.ts';
import { ratePerSecond } from './increase.ts';
import type { Increase } from './sample.ts';
import { ByteReader, ByteWriter } from './varint.ts';

/** The known value of one slot. */
export interface SlotValue {
  readonly slot: Instant;
  readonly value: bigint;
}

/** Which samples a contract charges: one direction, the larger of both per slot, or their sum per slot. */
export type PercentileMode = 'in' | 'out' | 'max' | 'sum';

/**
 * Largest values kept per month. The value wanted is the (floor(n/20)+1)-th largest, and n is at most 8928 (31 days of
 * 288) or 8952 (a month whose clocks go back, even by two hours): rank 447 or 448. The rest is never needed.
 */
export const TOPS_KEPT = 448;

const TOPS_FORMAT = 1;

/** The rates (units per second) that may serve as percentile slots: one per slot, the newest where one came twice. */
export function slotRates(list: readonly Increase[]): SlotValue[] {
  const bySlot = new Map<Instant, SlotValue>();
  for (const increase of list) {
    const value = ratePerSecond(increase);
    if (value !== undefined) bySlot.set(increase.slot, { slot: increase.slot, value });
  }
  return [...bySlot.values()];
}

/**
 * One series of two, sample by sample. `max` and `sum` know a slot only where both parts do: a missing part is not a 0.
 */
export function combine(
  mode: PercentileMode,
  inputs: readonly SlotValue[],
  outputs: readonly SlotValue[],
): SlotValue[] {
  if (mode === 'in') return [...inputs];
  if (mode === 'out') return [...outputs];
  const out = new Map(outputs.map((o) => [o.slot, o.value]));
  return inputs.flatMap(({ slot, value }) => {
    const other = out.get(slot);
    if (other === undefined) return [];
    if (mode === 'sum') return [{ slot, value: value + other }];
    return [other > value ? { slot, value: other } : { slot, value }];
  });
}

/** The largest values, largest first, the earlier slot first among equals. One value per slot is the caller's duty. */
export function tops(values: readonly SlotValue[], keep: number = TOPS_KEPT): SlotValue[] {
  return [...values].sort(byValue).slice(0, keep);
}

/** All values of whole days, newly computed: whatever the tops held in [from, to) is void. */
export interface RebuiltDays {
  readonly from: Instant;
  readonly to: Instant;
  readonly values: readonly SlotValue[];
}

export interface MergedTops {
  readonly tops: SlotValue[];
  /** False when values shrank and one that was dropped earlier may belong in their place: rebuild from the month. */
  readonly exact: boolean;
}

/**
 * Replaces the entries of the rebuilt days. Every value not kept was no larger than the least kept, so the outcome is
 * exact as long as it is full and its least is no smaller than that.
 */
export function mergeTops(existing: readonly SlotValue[], days: RebuiltDays, keep: number = TOPS_KEPT): MergedTops {
  const kept = existing.filter(({ slot }) => slot < days.from || slot >= days.to);
  const merged = tops([...kept, ...days.values], keep);
  const least = existing.length < keep ? undefined : existing[existing.length - 1];
  const exact = least === undefined || (merged[keep - 1]?.value ?? least.value - 1n) >= least.value;
  return { tops: merged, exact };
}

export interface PercentileInput {
  readonly tops: readonly SlotValue[];
  /** Slots of the month with a value, and slots that the month has. */
  readonly validSlots: number;
  readonly expectedSlots: number;
  /** In the unit of the tops. */
  readonly commitment?: bigint;
}

export interface Percentile {
  /** The rank-th largest; undefined without a valid slot or where the tops do not reach so deep. */
  readonly value: bigint | undefined;
  /** floor(valid / 20) + 1. */
  readonly rank: number;
  readonly validSlots: number;
  readonly expectedSlots: number;
  /** Rounded down to a tenth, so that 100 means every slot. */
  readonly coveragePercent: number;
  /** Coverage below 95 %: the figure may not be charged without a second look. */
  readonly flagged: boolean;
  /** Slots that may still lie above the commitment before it is passed; below 0 = passed, at most by what is kept. */
  readonly slotsLeft?: number;
}

export function percentile95(input: PercentileInput): Percentile {
  const { validSlots, expectedSlots, commitment } = input;
  const rank = Math.floor(validSlots / 20) + 1;
  const above = commitment === undefined ? 0 : input.tops.filter(({ value }) => value > commitment).length;
  return {
    value: validSlots === 0 ? undefined : input.tops[rank - 1]?.value,
    rank,
    validSlots,
    expectedSlots,
    coveragePercent: expectedSlots === 0 ? 0 : Math.min(100, Math.floor((validSlots * 1000) / expectedSlots) / 10),
    flagged: expectedSlots === 0 || validSlots * 100 < expectedSlots * 95,
    ...(commitment === undefined ? {} : { slotsLeft: Math.floor(expectedSlots / 20) - above }),
  };
}

/** About 4 bytes a value; the order of `tops` is kept. */
export function packTops(list: readonly SlotValue[]): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(TOPS_FORMAT);
  writer.unsigned(list.length);
  const slots = list.map(({ slot }) => BigInt(slot));
  const first = slots[0] ?? 0n;
  const grid = slots.reduce((divisor, slot) => greatestDivisor(divisor, slot - first), 0n) || 1n;
  writer.signed(first);
  writer.unsigned(grid);
  writeColumn(
    writer,
    slots.map((slot) => (slot - first) / grid),
  );
  writeColumn(
    writer,
    list.map(({ value }) => value),
  );
  return writer.finish();
}

export function unpackTops(bytes: Uint8Array): SlotValue[] {
  const reader = new ByteReader(bytes);
  const format = reader.byte();
  assert(format === TOPS_FORMAT, `tops of format ${format}`);
  const count = reader.length();
  const first = reader.signed();
  const grid = reader.unsigned();
  const steps = readColumn(reader, count);
  const values = readColumn(reader, count);
  reader.end();
  return values.map((value, i) => ({ slot: Number(first + (steps[i] ?? 0n) * grid), value }));
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  let [large, small] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (small > 0n) [large, small] = [small, large % small];
  return large;
}

function byValue(a: SlotValue, b: SlotValue): number {
  if (a.value !== b.value) return a.value > b.value ? -1 : 1;
  return a.slot - b.slot;
}
