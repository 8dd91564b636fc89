/** RouterOS's own words for time, speed and kinds of interfaces, made into numbers. Pure. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** Longer than there are such routers. */
const MAX_DURATION_MS = 50 * 366 * DAY_MS;

const DURATION = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?(?:\d+us)?$/;
const MICROSECONDS = /(\d{1,6})us$/;
/** As some commands and older versions write it. */
const CLOCK = /^(?:(\d+)w)?(?:(\d+)d)?(\d+):(\d\d):(\d\d)()$/;

/** `1w2d3h4m5s`, `1ms200us` or `2d20:12:20` in ms; undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const parts = text === '' ? null : (DURATION.exec(text) ?? CLOCK.exec(text));
  if (parts === null) return undefined;
  const units = [WEEK_MS, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, 1];
  const ms = units.reduce((sum, unit, i) => sum + Number(parts[i + 1] || 0) * unit, 0);
  return ms <= MAX_DURATION_MS ? ms : undefined;
}

/** The same to the microsecond, for what takes less than a moment: `453us`, `1ms200us`. */
export function durationMicroseconds(text: string): number | undefined {
  const ms = durationMs(text);
  return ms === undefined ? undefined : ms * 1000 + Number(MICROSECONDS.exec(text)?.[1] ?? 0);
}

const RATE = /^(\d{1,4}(?:\.\d{1,2})?)([kMGT])bps$/;
const RATE_UNITS: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** `2.5Gbps` in bits per second, decimal; undefined for anything else. */
export function rateBitsPerSecond(text: string): number | undefined {
  const [, amount, unit = ''] = RATE.exec(text) ?? [];
  const rate = Math.round(Number(amount) * (RATE_UNITS[unit] ?? Number.NaN));
  return rate > 0 ? rate : undefined;
}

const TYPES: readonly (readonly [RegExp, number])[] = [
  [/^ether$/, 6],
  [/^vlan$/, 135],
  [/^bridge$/, 209],
  [/^bond(ing)?$/, 161],
  [/^(wlan|wifi)$/, 71],
  [/^loopback$/, 24],
  [/^(ppp|pppoe|l2tp|pptp|sstp|ovpn)-(in|out)$/, 23],
  [/-tunnel$|^(eoip|gre|vxlan|wg)$/, 131],
];

/** IANAifType of RouterOS's word; undefined for one that is not known here. */
export function ifTypeOf(type: string): number | undefined {
  return TYPES.find(([pattern]) => pattern.test(type))?.[1];
}

/** RouterOS numbers interfaces in hexadecimal after a star; SNMP calls the same number ifIndex. */
export function ifIndexOf(id: string): number {
  return Number.parseInt(id.slice(1), 16);
}
