/** 1NCE's texts and numbers, read exactly: instants, days, amounts, and words fit to be shown. Pure. */
import type { Instant } from '../platform/clock.ts';
import { type MicroMegabytes, microMegabytes, type QuotaLevel } from './sim.ts';

const INSTANT = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):?(\d{2}))?$/;

/** "2031-11-26 00:00:00" (taken for UTC, it names no zone), "2030-01-09T07:59:09.000+0000", ISO; else undefined. */
export function instantOf(text: string): Instant | undefined {
  const match = INSTANT.exec(text);
  if (!match) return undefined;
  const [, years, months, days, hours, minutes, seconds, fraction = '', sign, zoneHours, zoneMinutes] = match;
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  const midnight = midnightOf(Number(years), Number(months), Number(days));
  const zone = Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0);
  if (midnight === undefined || hour > 23 || minute > 59 || second > 59 || zone > 18 * 60) return undefined;
  const ms = Number(fraction.slice(0, 3).padEnd(3, '0'));
  return midnight + (((hour * 60 + minute + (sign === '-' ? zone : -zone)) * 60 + second) * 1000 + ms);
}

/** "2030-06-15", also as "2030-06-15T00:00:00.000Z"; another hour would belong to another day, so it is not understood. */
export function dayOf(text: string): string | undefined {
  const match = /^((\d{4})-(\d{2})-(\d{2}))(?:[ T]00:00:00(?:\.0{1,9})?(?:Z|\+00:?00)?)?$/.exec(text);
  if (!match) return undefined;
  return midnightOf(Number(match[2]), Number(match[3]), Number(match[4])) === undefined ? undefined : match[1];
}

/** Undefined for days that the calendar does not have, as in "0000-00-00", and for years before 100. */
function midnightOf(year: number, month: number, day: number): Instant | undefined {
  const at = Date.UTC(year, month - 1, day);
  const back = new Date(at);
  const exists = back.getUTCFullYear() === year && back.getUTCMonth() === month - 1 && back.getUTCDate() === day;
  return exists ? at : undefined;
}

/** A double tells 15 digits exactly: nine before the point and the six behind it. It is a petabyte. */
const EXACT_BELOW = 1_000_000_000;
const AMOUNT_LIMIT = 64;

/** 479.123456 or "0.500000"; undefined for more than six decimals, exponents, and numbers a double cannot hold exactly. */
export function megabytesOf(given: number | string): MicroMegabytes | undefined {
  if (typeof given === 'number') return Math.abs(given) < EXACT_BELOW ? microMegabytes(String(given)) : undefined;
  return given.length <= AMOUNT_LIMIT ? microMegabytes(given) : undefined;
}

/** 240, "240" or "240.000000"; undefined for parts of a message. */
export function messagesOf(given: number | string): bigint | undefined {
  if (typeof given === 'number') return Number.isSafeInteger(given) ? BigInt(given) : undefined;
  const whole = /^(-?\d{1,15})(?:\.0{1,10})?$/.exec(given)?.[1];
  return whole === undefined ? undefined : BigInt(whole);
}

export const notNegative =
  (read: (given: number | string) => bigint | undefined) =>
  (given: number | string): bigint | undefined => {
    const amount = read(given);
    return amount !== undefined && amount >= 0n ? amount : undefined;
  };

/** Without control characters, at most `limit` UTF-16 units, never half a character. */
export function cleanText(text: string, limit: number, keptControls: RegExp | undefined = undefined): string {
  const cut = text.length <= limit ? text : text.slice(0, limit).replace(/[\ud800-\udbff]$/, '');
  return cut.replace(/\p{Cc}/gu, (character) => (keptControls?.test(character) ? character : ' '));
}

/** Of SIM objects; v2 quotas use the same ids for something else. */
export const quotaLevels: ReadonlyMap<number, QuotaLevel> = new Map([
  [0, 'sufficient'],
  [1, 'low'],
  [2, 'exhausted'],
]);

/** True, false, or undefined for a word that is neither; recordings and specification differ in the first two. */
export function enabledOf(status: string): boolean | undefined {
  const word = status.toLowerCase();
  if (word === 'enabled' || word === 'activated') return true;
  return word === 'disabled' ? false : undefined;
}

export function countryCodeOf(text: string): string | undefined {
  return /^[A-Za-z]{2}$/.test(text) ? text.toUpperCase() : undefined;
}

/** Of a network: "260", or "3" for the operator's part. */
export function networkCodeOf(given: number | string): string | undefined {
  return /^\d{1,3}$/.test(String(given)) ? String(given) : undefined;
}

/** Location area and cell, at most 32 bits. */
export function cellNumberOf(given: number | string): number | undefined {
  return /^\d{1,10}$/.test(String(given)) && Number(given) <= 0xffffffff ? Number(given) : undefined;
}
