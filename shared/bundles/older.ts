/** What clients of the older Taara monitor read: its field names, decimal gigabytes, time stamps in UTC without a zone. Pure. */
import type { Instant } from '../platform/clock.ts';
import { isoInstant } from '../platform/clock.ts';
import type { RawPoint } from '../samples/sample.ts';

/** Readings of one active bundle, each with what else was read with it. */
export interface OlderReading {
  readonly planName: string;
  readonly receivedAt: Instant;
  readonly remainingOctets: bigint;
  readonly expiresInDays: number | null;
}

/** Joins the series of a bundle by slot; readings at which it was not active are left out. */
export function olderReadings(
  planName: string,
  remaining: readonly RawPoint[],
  active: readonly RawPoint[],
  expiry: readonly RawPoint[],
): OlderReading[] {
  const activeAt = new Map(active.map((p) => [p.slot, p.value]));
  const expiryAt = new Map(expiry.map((p) => [p.slot, p.value]));
  return remaining
    .filter((p) => activeAt.get(p.slot) !== 0n)
    .map((p) => ({
      planName,
      receivedAt: p.receivedAt,
      remainingOctets: p.value,
      expiresInDays: wholeDays(expiryAt.get(p.slot)),
    }));
}

function wholeDays(seconds: bigint | undefined): number | null {
  return seconds === undefined ? null : Number(seconds / 86_400n);
}

/** Decimal gigabytes, as the portal counts. */
export function gigabytes(octets: bigint): number {
  return Number(octets / 1_000n) / 1_000_000;
}

export function olderTimestamp(at: Instant): string {
  return isoInstant(at).slice(0, 19);
}

/** Local wall clock with its offset, such as `2026-11-20T13:00:00+03:00`. */
export function localTimestamp(at: Instant, zone: string): string {
  const minutes = offsetMinutes(at, zone);
  return `${isoInstant(at + minutes * 60_000).slice(0, 19)}${offsetText(minutes)}`;
}

export function offsetMinutes(at: Instant, zone: string): number {
  const text = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(at)
    .find((p) => p.type === 'timeZoneName')?.value;
  const match = /^GMT([+-])(\d{2}):(\d{2})/.exec(text ?? '');
  if (!match) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

export function offsetText(minutes: number): string {
  const all = Math.abs(minutes);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(all / 60))}:${two(all % 60)}`;
}

export function shortZoneName(at: Instant, zone: string): string {
  return (
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'short' })
      .formatToParts(at)
      .find((p) => p.type === 'timeZoneName')?.value ?? zone
  );
}
