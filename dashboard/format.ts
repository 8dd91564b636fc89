/** Amounts, spans and instants as a person reads them: decimal prefixes, one digit, the browser's zone. Pure. */

const PREFIXES: readonly (readonly [bigint, string])[] = [
  [1_000_000_000_000n, 'T'],
  [1_000_000_000n, 'G'],
  [1_000_000n, 'M'],
  [1_000n, 'k'],
];
/** Between a number and its unit: they never part at the end of a line. */
const SPACE = '\u00a0';
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

/** `120 GB`, `12.3 GB`: cut, never rounded up, so that what is left is not shown larger than it is. */
export function octets(amount: bigint | string | number): string {
  return scaled(whole(amount), 'B');
}

/** `949.2 Mb/s`, `0 b/s`. */
export function bitsPerSecond(rate: number): string {
  return scaled(whole(rate), 'b/s');
}

function whole(amount: bigint | string | number): bigint {
  return typeof amount === 'number' ? BigInt(Math.round(amount)) : BigInt(amount);
}

function scaled(amount: bigint, unit: string): string {
  const size = amount < 0n ? -amount : amount;
  const [factor, prefix] = PREFIXES.find(([f]) => size >= f) ?? [1n, ''];
  const tenths = (size * 10n) / factor;
  const digit = tenths % 10n === 0n || tenths >= 10_000n ? '' : `.${tenths % 10n}`;
  return `${amount < 0n ? '-' : ''}${grouped(tenths / 10n)}${digit}${SPACE}${prefix}${unit}`;
}

function grouped(amount: bigint): string {
  return amount.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `12 %`, `4.9 %`: cut to one digit, so that 19.96 does not read as 20. */
export function percent(value: number): string {
  // The small addition undoes what a double loses in 4.35 * 10.
  return `${Math.floor(value * 10 + 1e-6) / 10}${SPACE}%`;
}

/** `45 s`, `12 min`, `3 h 10 min`, `2 days 4 h`, `17 days`; smaller parts are cut. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < MINUTE) return `${s}${SPACE}s`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)}${SPACE}min`;
  if (s < DAY) return joined(s, HOUR, 'h', MINUTE, 'min');
  if (s < 10 * DAY) return joined(s, DAY, s < 2 * DAY ? 'day' : 'days', HOUR, 'h');
  return `${Math.floor(s / DAY)}${SPACE}days`;
}

function joined(s: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((s % large) / small);
  return `${Math.floor(s / large)}${SPACE}${largeName}${rest > 0 ? ` ${rest}${SPACE}${smallName}` : ''}`;
}

/** `just now`, `3 min ago`. */
export function age(seconds: number): string {
  return seconds < 10 ? 'just now' : `${duration(seconds)} ago`;
}

/** A forecast, no finer than it can be: `about 14 h`, `about 3.2 days`, `about 17 days`. */
export function aboutDays(days: number): string {
  if (days < 1 / 24) return 'less than an hour';
  if (days < 1) return `about ${Math.floor(days * 24)}${SPACE}h`;
  const text = days < 10 ? String(Math.floor(days * 10) / 10) : String(Math.floor(days));
  return `about ${text}${SPACE}${text === '1' ? 'day' : 'days'}`;
}

/** A value of an alert in the unit that its rule has. */
export function quantity(value: number, unit: string): string {
  if (unit === '%') return percent(value);
  if (unit === 'bytes' || unit === 'octets') return octets(value);
  if (unit === 'bit/s' || unit === 'bitsPerSecond') return bitsPerSecond(value);
  if (unit === 's' || unit === 'seconds') return value < 0 ? `${duration(-value)} ago` : duration(value);
  const number = Number.isInteger(value) ? grouped(BigInt(value)) : value.toFixed(1);
  return unit === '' ? number : `${number}${SPACE}${unit}`;
}

const FAR_MS = 180 * DAY * 1000;

/** `Fri 20 Nov, 14:05 EAT` in `zone` (the browser's unless told); the year where it is not plain. */
export function instant(at: number, now: number, zone?: string): string {
  const part = partsOf(at, { timeZoneName: 'short' }, zone);
  return `${day(at, now, zone)}, ${part('hour')}:${part('minute')}${SPACE}${part('timeZoneName')}`;
}

/** `Fri 20 Nov`. */
export function day(at: number, now: number, zone?: string): string {
  const part = partsOf(at, { year: 'numeric' }, zone);
  const isFar = Math.abs(at - now) > FAR_MS;
  return [part('weekday'), part('day'), part('month'), ...(isFar ? [part('year')] : [])].join(SPACE);
}

/** `14:05`, for what happened within the day. */
export function clockTime(at: number, zone?: string): string {
  const part = partsOf(at, {}, zone);
  return `${part('hour')}:${part('minute')}`;
}

/** `Africa/Nairobi (GMT+3)`. */
export function zoneName(at: number, zone?: string): string {
  const { timeZone } = new Intl.DateTimeFormat('en-GB', zone === undefined ? {} : { timeZone: zone }).resolvedOptions();
  return `${timeZone} (${partsOf(at, { timeZoneName: 'shortOffset' }, zone)('timeZoneName')})`;
}

function partsOf(at: number, extra: Intl.DateTimeFormatOptions, zone?: string): (type: string) => string {
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...extra,
    ...(zone === undefined ? {} : { timeZone: zone }),
  });
  const found = format.formatToParts(at);
  return (type) => found.find((p) => p.type === type)?.value ?? '';
}

/** `1 alert`, `2 alerts`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n}${SPACE}${n === 1 ? one : many}`;
}
