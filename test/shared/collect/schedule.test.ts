import { expect, test } from 'vitest';
import {
  collectMessageOf,
  due,
  dueForFold,
  evaluateDelaySeconds,
  phaseSeconds,
  slotInMinute,
} from '../../../shared/collect/schedule.ts';
import type { Target } from '../../../shared/collect/sources.port.ts';
import { chunkStart } from '../../../shared/samples/packing.ts';

const MINUTE = 60_000;
const NOON = Date.parse('2030-01-01T12:00:00Z');

function target(over: Partial<Target> = {}): Target {
  return {
    ...{
      type: 'taara',
      tenant: 'demo',
      source: 'home',
      kind: 'bundle',
      periodSeconds: 900,
      enabled: true,
      paused: false,
    },
    ...over,
  } as Target;
}

/** The slot of the target in the period that begins at noon. */
function slotAfterNoon(t: Target): number {
  return NOON + phaseSeconds(t.tenant, t.periodSeconds) * 1000;
}

test('a slot is a multiple of the period plus the phase of its tenant', () => {
  const slot = slotAfterNoon(target());
  expect(slotInMinute(target(), slot)).toBe(slot);
  expect(slotInMinute(target(), slot + 900_000)).toBe(slot + 900_000);
  expect(slotInMinute(target(), slot + MINUTE)).toBeUndefined();
  expect(slotInMinute(target(), slot - MINUTE)).toBeUndefined();
});

test('all sources of a tenant with one period share their slots, so that the members of a link can be added up', () => {
  const slot = slotAfterNoon(target());
  const found = due([target({ source: 'a' }), target({ source: 'b' })], slot, slot);
  expect(found.map((d) => d.slot)).toEqual([slot, slot]);
});

test('a tick that comes on time lets its targets wait for their own second', () => {
  const slot = slotAfterNoon(target());
  const minute = Math.floor(slot / MINUTE) * MINUTE;
  const [found] = due([target()], minute, minute);
  expect(found?.delaySeconds).toBe((slot - minute) / 1000);
  expect(found && evaluateDelaySeconds(found)).toBe((slot - minute) / 1000 + 60);
});

test.each([
  ['a second of the minute, as a rate schedule has', 37_000, 37_000],
  ['late by seven minutes', 0, 7 * MINUTE],
  ['told by a clock that is behind', 0, -10 * MINUTE],
])('F3: a tick %s still handles exactly its own minute', (_, into, late) => {
  const slot = slotAfterNoon(target());
  const minute = Math.floor(slot / MINUTE) * MINUTE;
  const [found] = due([target()], minute + into, minute + late);
  expect(found?.slot).toBe(slot);
  expect(found?.delaySeconds).toBe(Math.min(Math.max((slot - minute - late) / 1000, 0), (slot - minute) / 1000));
});

test('a source that is switched off is never due; a paused one is, for its silence is judged', () => {
  const slot = slotAfterNoon(target());
  expect(due([target({ enabled: false })], slot, slot)).toEqual([]);
  expect(due([target({ paused: true })], slot, slot)).toHaveLength(1);
});

test('every target is folded once in six hours, also when it is switched off, and not all in one minute', () => {
  const targets = Array.from({ length: 600 }, (_, i) => target({ source: `s${i}`, enabled: i % 2 === 0 }));
  const minutes = Array.from({ length: 360 }, (_, m) => dueForFold(targets, NOON + m * MINUTE));
  expect(new Set(minutes.flat().map((t) => t.source)).size).toBe(600);
  expect(minutes.flat()).toHaveLength(600);
  expect(Math.max(...minutes.map((m) => m.length))).toBeLessThan(25);
});

test('a fold comes 10 to 69 minutes after a chunk of UTC has ended, so that it finds it whole', () => {
  expect(chunkStart(NOON)).toBe(NOON);
  const targets = Array.from({ length: 600 }, (_, i) => target({ source: `s${i}` }));
  const minutes = Array.from({ length: 1440 }, (_, m) =>
    dueForFold(targets, NOON + m * MINUTE).length > 0 ? [m % 360] : [],
  );
  const used = minutes.flat();
  expect([Math.min(...used), Math.max(...used)]).toEqual([10, 69]);
});

test('a message carries the slot as text and part 0', () => {
  expect(collectMessageOf(target(), NOON, true)).toEqual({
    ...{ version: 1, tenant: 'demo', source: 'home', slot: '2030-01-01T12:00:00.000Z', part: 0, boundary: true },
  });
});
