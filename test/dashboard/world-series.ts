/** Forecasts and series of the fake world: steady use, a top-up, gaps, silence. */
import type { Bundle, BundleStats, Interface, SeriesResponse } from '../../dashboard/contract.ts';

const GB = 1_000_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const iso = (at: number): string => new Date(at).toISOString();

const USE_PER_DAY: Readonly<Record<string, number>> = {
  'shop~p1': 37.5 * GB,
  'tower~p1': 4.1 * GB,
  'home~p1': 12.2 * GB,
  'depot~p1': 6 * GB,
};

export function statsOf(b: Bundle | undefined, now: number): BundleStats {
  const use = USE_PER_DAY[b?.id ?? ''];
  const left = b?.remainingOctets ?? null;
  const byUse = use === undefined || left === null ? undefined : Number(left) / use;
  const byExpiry = b?.expiresAt ? (Date.parse(b.expiresAt) - now) / DAY : undefined;
  const days = Math.min(byUse ?? Infinity, byExpiry ?? Infinity);
  return {
    id: b?.id ?? '',
    remainingOctets: left,
    averageOctetsPerDay: use === undefined ? null : String(Math.round(use)),
    daysRemaining: Number.isFinite(days) ? days : null,
    limitedBy: !Number.isFinite(days) ? null : days === byUse ? 'use' : 'expiry',
    usedOctets: String((use ?? 0) * 7),
    validSlots: b?.id === 'depot~p1' ? 321 : use === undefined ? 0 : 660,
    expectedSlots: 672,
    from: iso(now - 7 * DAY),
    to: iso(now),
  };
}

export interface Range {
  readonly now: number;
  readonly from: number;
  readonly stepMs: number;
}

export function seriesOf(
  { bundles, interfaces }: { bundles: readonly Bundle[]; interfaces: readonly Interface[] },
  id: string,
  metric: string,
  range: Range,
): SeriesResponse {
  const b = bundles.find((x) => x.id === id);
  const i = interfaces.find((x) => x.id === id);
  const { now, from, stepMs } = range;
  const points: SeriesResponse['points'] = [];
  for (let at = Math.floor(from / stepMs) * stepMs; at < now; at += stepMs) {
    const value = b ? balanceAt(b, at, now) : undefined;
    const rate = i ? rateAt(i, metric, at, now) : undefined;
    points.push({
      at: iso(at),
      value: value === undefined ? null : String(Math.round(value)),
      increase: null,
      rate: rate ?? null,
    });
  }
  return {
    id,
    metric,
    unit: 'octets',
    kind: b ? 'balance' : 'counter',
    from: iso(from),
    to: iso(now),
    step: '',
    zone: 'Africa/Nairobi',
    points,
  };
}

/** Falls by the day's use, was topped up four days ago in one case, and has a gap of seven hours. */
function balanceAt(b: Bundle, at: number, now: number): number | undefined {
  const inGap = at > now - 60 * HOUR && at < now - 52 * HOUR;
  const silent = b.stale && at > now - 3 * HOUR;
  if (b.remainingOctets === null || inGap || silent) return undefined;
  const before = Number(b.remainingOctets) + ((USE_PER_DAY[b.id] ?? 0) * (now - at)) / DAY;
  const toppedUp = b.id === 'tower~p1' && at < now - 4 * DAY;
  return Math.max(0, Math.min(toppedUp ? before - 16 * GB : before, Number(b.allocationOctets)));
}

function rateAt(i: Interface, metric: string, at: number, now: number): number | undefined {
  const newest = metric === 'ifHCInOctets' ? i.inBitsPerSecond : i.outBitsPerSecond;
  const inGap = i.ifName === 'ether1' && at > now - 9 * HOUR && at < now - 7 * HOUR;
  if (newest === null || inGap || (i.stale && at > now - 3 * HOUR)) return undefined;
  return (newest / 8) * (0.55 + 0.4 * Math.sin(at / (5 * HOUR)) + 0.05 * Math.sin(at / (0.4 * HOUR)));
}
