/** The running day of all entities of a target in few bytes, and back. Pure. */
import { assert } from '../platform/assert.ts';
import { packRollup, unpackRollup } from './rollup.ts';
import type { DayRollup } from './samples.port.ts';
import { ByteReader, ByteWriter } from './varint.ts';

const FORMAT = 1;

export interface RunningDays {
  readonly zone: string;
  /** The day that was running for whoever wrote this; it never goes back while the zone stays. */
  readonly today: string;
  /** By entity: the day that was running when it was folded. */
  readonly days: ReadonlyMap<string, DayRollup>;
}

/** The zone stands once for all; a port takes about 20 bytes and its name. */
export function packRunning(running: RunningDays): Uint8Array {
  const out = new ByteWriter();
  out.byte(FORMAT);
  out.text(running.zone);
  out.text(running.today);
  out.unsigned(running.days.size);
  for (const [entity, rollup] of [...running.days].sort(([a], [b]) => (a < b ? -1 : 1))) {
    out.text(entity);
    out.blob(packRollup([rollup], ''));
  }
  return out.finish();
}

export function unpackRunning(bytes: Uint8Array): RunningDays {
  const from = new ByteReader(bytes);
  const format = from.byte();
  assert(format === FORMAT, `running days packed in format ${format}`);
  const zone = from.text();
  const today = from.text();
  const days = new Map<string, DayRollup>();
  for (let left = from.length(); left > 0; left--) {
    const entity = from.text();
    const [rollup] = unpackRollup(from.blob()).days;
    assert(rollup !== undefined, `no day of ${entity} in the running days`);
    days.set(entity, rollup);
  }
  from.end();
  return { zone, today, days };
}
