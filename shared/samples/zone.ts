/** Days and months of an IANA zone, from the runtime's own zone data. Pure. */
import { assert } from '../platform/assert.ts';
import type { Instant } from '../platform/clock.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Local time has been up to 16 hours from UTC (Manila and Alaska before they moved across the date line). */
const WIDEST_OFFSET_MS = 16 * HOUR_MS;
/** Days kept, of each zone and by name, before the cache starts again: years of one tenant's months. */
const CACHED_DAYS = 4000;

interface ZoneMemory {
  readonly format: Intl.DateTimeFormat;
  readonly starts: Map<number, Instant>;
}

const zones = new Map<string, ZoneMemory>();
/** A month of a thousand interfaces names the same thirty days a thousand times. */
const names = new Map<number, string>();

/** True for the name of a zone this runtime knows, such as `Africa/Nairobi` or `UTC`; an offset is not a zone. */
export function isZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The day an instant belongs to, `YYYY-MM-DD`: the last one that had begun by then. */
export function dayOf(at: Instant, zone: string): string {
  const memory = memoryOf(zone);
  let day = Math.floor(at / DAY_MS) + 1;
  while (startOf(day, memory) > at) day--;
  return dayName(day);
}

/**
 * First instant with that local date (or a later one, where a zone skipped the whole day). Where clocks go back over
 * midnight, the repeated hour stays in the day that had already begun.
 */
export function dayStart(day: string, zone: string): Instant {
  return startOf(dayNumber(day), memoryOf(zone));
}

export function nextDay(day: string): string {
  return dayName(dayNumber(day) + 1);
}

export function previousDay(day: string): string {
  return dayName(dayNumber(day) - 1);
}

/** `YYYY-MM` of a day. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

/** Every day of a month `YYYY-MM`, in order. */
export function daysOfMonth(month: string): string[] {
  const days: string[] = [];
  for (let day = `${month}-01`; monthOf(day) === month; day = nextDay(day)) days.push(day);
  return days;
}

/** How many slots of the period's grid (whole multiples since 1970 UTC) lie in the day: 276 to 300 at five minutes. */
export function expectedSlots(day: string, zone: string, periodSeconds: number): number {
  const periodMs = periodSeconds * 1000;
  assert(periodMs > 0, `a period of ${periodSeconds} s`);
  return Math.ceil(dayStart(nextDay(day), zone) / periodMs) - Math.ceil(dayStart(day, zone) / periodMs);
}

/** Days since 1970-01-01 of a `YYYY-MM-DD`; a date that does not exist is a bug. */
export function dayNumber(day: string): number {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  assert(!Number.isNaN(at) && dayName(at / DAY_MS) === day, `not a day: ${JSON.stringify(day)}`);
  return at / DAY_MS;
}

export function dayName(number: number): string {
  const known = names.get(number);
  if (known !== undefined) return known;
  const name = new Date(number * DAY_MS).toISOString().slice(0, 10);
  if (names.size >= CACHED_DAYS) names.clear();
  names.set(number, name);
  return name;
}

function memoryOf(zone: string): ZoneMemory {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const memory = { format, starts: new Map<number, Instant>() };
  zones.set(zone, memory);
  return memory;
}

function startOf(day: number, memory: ZoneMemory): Instant {
  const known = memory.starts.get(day);
  if (known !== undefined) return known;
  if (memory.starts.size >= CACHED_DAYS) memory.starts.clear();
  const start = findStart(day * DAY_MS, memory.format);
  memory.starts.set(day, start);
  return start;
}

/** Walks the stretches of one offset around midnight; the first that reaches it holds the day's start. */
function findStart(midnight: Instant, format: Intl.DateTimeFormat): Instant {
  let from = midnight - WIDEST_OFFSET_MS;
  const end = midnight + WIDEST_OFFSET_MS;
  let offset = offsetAt(from, format);
  for (let at = from; at < end; at += 4 * HOUR_MS) {
    const next = offsetAt(at + 4 * HOUR_MS, format);
    if (next === offset) continue;
    const change = changeBetween(at, at + 4 * HOUR_MS, offset, format);
    if (midnight - offset < change) break;
    [from, offset] = [change, next];
  }
  return Math.max(from, midnight - offset);
}

/** The first instant after `low` whose offset is no longer the given one. */
function changeBetween(low: Instant, high: Instant, offset: number, format: Intl.DateTimeFormat): Instant {
  let [before, after] = [low, high];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle, format) === offset) before = middle;
    else after = middle;
  }
  return after;
}

/** Local time minus UTC, ms. */
function offsetAt(at: Instant, format: Intl.DateTimeFormat): number {
  const second = Math.floor(at / 1000) * 1000;
  const part: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(second)) if (type !== 'literal') part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second: seconds = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, seconds) - second;
}
