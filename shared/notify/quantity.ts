/** Numbers and instants as a person reads them: decimal prefixes, one decimal, local time. Pure. */
import type { Instant } from '../platform/clock.ts';

const PREFIXES: readonly (readonly [number, string])[] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];
const SPANS: readonly (readonly [number, string])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** `12.0 %`, `120.0 GB`, `949.2 Mb/s`, `2 days`; `unknown` when there is no value. */
export function formatQuantity(value: number | undefined, unit = ''): string {
  if (value === undefined || !Number.isFinite(value)) return 'unknown';
  if (unit === 'bytes' || unit === 'octets') return scaled(value, 'B');
  if (unit === 'bit/s' || unit === 'bitsPerSecond') return scaled(value, 'b/s');
  if (unit === 's' || unit === 'seconds') return span(value);
  if (unit === '%' || unit === 'percent') return `${value.toFixed(1)} %`;
  const number = Number.isInteger(value) ? String(value) : value.toFixed(1);
  return unit === '' ? number : `${number} ${unit}`;
}

/** For texts that name the unit themselves: `12.0`, `3`; units that are scaled keep theirs, or the number would mislead. */
export function formatNumber(value: number | undefined, unit = ''): string {
  const quantity = formatQuantity(value, unit);
  const bare = /^(-?[\d.,]+) (\S+)$/.exec(quantity);
  return bare?.[1] !== undefined && (bare[2] === '%' || bare[2] === unit) ? bare[1] : quantity;
}

function scaled(value: number, unit: string): string {
  for (const [size, prefix] of PREFIXES) {
    // 999,950 reads 1.0 M, not 1000.0 k.
    if (Math.abs(value) >= size * 0.99995) return `${grouped(value / size)} ${prefix}${unit}`;
  }
  return `${value.toFixed(0)} ${unit}`;
}

function grouped(value: number): string {
  return value.toFixed(1).replace(/\B(?=(\d{3})+(?=\.))/g, ',');
}

function span(seconds: number): string {
  for (const [size, name] of SPANS) {
    const count = Math.floor(Math.abs(seconds) / size);
    if (count >= 1 || size === 1) return `${seconds < 0 ? '-' : ''}${count} ${name}${count === 1 ? '' : 's'}`;
  }
  return `${seconds} s`;
}

/** `Fri 20 Nov 14:05 GMT+3` in the tenant's zone. */
export function formatInstant(at: Instant, zone: string): string {
  const part = parts(at, zone, { day: 'numeric', month: 'short', timeZoneName: 'short' });
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('hour')}:${part('minute')} ${part('timeZoneName')}`;
}

/** `Fri 14:05`, for rows that have little room. */
export function formatInstantShort(at: Instant, zone: string): string {
  const part = parts(at, zone, {});
  return `${part('weekday')} ${part('hour')}:${part('minute')}`;
}

function parts(at: Instant, zone: string, extra: Intl.DateTimeFormatOptions): (type: string) => string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...extra,
  });
  const found = format.formatToParts(at);
  return (type) => found.find((p) => p.type === type)?.value ?? '';
}
