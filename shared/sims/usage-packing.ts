/** A month of one SIM's days as bytes, so that a thousand SIMs are one page of a query. Pure. */
import { assert } from '../platform/assert.ts';
import { ByteReader, ByteWriter } from '../samples/varint.ts';
import { dayName, dayNumber } from '../samples/zone.ts';
import type { DayUsage } from './sim.ts';
import type { StatedDay } from './usage.ts';

const MONTH_FORMAT = 1;

const RX = 1;
const TX = 2;
const TOTAL = 4;
const SMS_MO = 8;
const SMS_MT = 16;
const SMS_TOTAL = 32;
const NEXT_DAY = 64;
const CLOSED = 128;

/** Days in order. 31 days of six realistic values take about 600 bytes, any instants of statement included. */
export function packUsage(days: readonly StatedDay[]): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(MONTH_FORMAT);
  writer.unsigned(days.length);
  let before = { number: 0, statedAt: 0 };
  for (const { usage, statedAt, closed } of days) {
    const number = dayNumber(usage.day);
    const next = number === before.number + 1;
    writer.byte(flagsOf(usage) | (next ? NEXT_DAY : 0) | (closed ? CLOSED : 0));
    if (!next) writer.signed(number - before.number);
    writer.signed(statedAt - before.statedAt);
    writeGroup(writer, usage.dataRx, usage.dataTx, usage.dataTotal);
    writeGroup(writer, usage.smsMo, usage.smsMt, usage.smsTotal);
    before = { number, statedAt };
  }
  return writer.finish();
}

export function unpackUsage(bytes: Uint8Array): StatedDay[] {
  const reader = new ByteReader(bytes);
  const format = reader.byte();
  assert(format === MONTH_FORMAT, `usage of format ${format}`);
  let before = { number: 0, statedAt: 0 };
  const days = Array.from({ length: reader.length() }, (): StatedDay => {
    const flags = reader.byte();
    const number = before.number + (flags & NEXT_DAY ? 1 : reader.integer());
    const statedAt = before.statedAt + reader.integer();
    before = { number, statedAt };
    const [dataRx, dataTx, dataTotal] = readGroup(reader, flags, RX, TX, TOTAL);
    const [smsMo, smsMt, smsTotal] = readGroup(reader, flags, SMS_MO, SMS_MT, SMS_TOTAL);
    const usage: DayUsage = {
      day: dayName(number),
      ...(dataTotal === undefined ? {} : { dataTotal }),
      ...(dataRx === undefined ? {} : { dataRx }),
      ...(dataTx === undefined ? {} : { dataTx }),
      ...(smsTotal === undefined ? {} : { smsTotal }),
      ...(smsMo === undefined ? {} : { smsMo }),
      ...(smsMt === undefined ? {} : { smsMt }),
    };
    return { usage, statedAt, closed: (flags & CLOSED) !== 0 };
  });
  reader.end();
  return days;
}

function flagsOf(usage: DayUsage): number {
  const has = (value: bigint | undefined, flag: number) => (value === undefined ? 0 : flag);
  return (
    has(usage.dataRx, RX) |
    has(usage.dataTx, TX) |
    has(usage.dataTotal, TOTAL) |
    has(usage.smsMo, SMS_MO) |
    has(usage.smsMt, SMS_MT) |
    has(usage.smsTotal, SMS_TOTAL)
  );
}

type Group = readonly [bigint | undefined, bigint | undefined, bigint | undefined];

/** A total is nearly always the sum of its parts: what differs from it is one byte. */
function writeGroup(writer: ByteWriter, ...[a, b, sum]: Group): void {
  if (a !== undefined) writer.signed(a);
  if (b !== undefined) writer.signed(b);
  if (sum !== undefined) writer.signed(sum - (a ?? 0n) - (b ?? 0n));
}

function readGroup(reader: ByteReader, flags: number, flagA: number, flagB: number, flagSum: number): Group {
  const a = flags & flagA ? reader.signed() : undefined;
  const b = flags & flagB ? reader.signed() : undefined;
  const sum = flags & flagSum ? reader.signed() + (a ?? 0n) + (b ?? 0n) : undefined;
  return [a, b, sum];
}
