import { describe, expect, it } from 'vitest';
import type { BundleStats } from '../../dashboard/contract.ts';
import {
  freshnessOf,
  isQuiet,
  openAlerts,
  runsOutNext,
  severityOf,
  sortBundles,
  sortInterfaces,
  worstByEntity,
} from '../../dashboard/urgency.ts';
import { alert, bundle, port } from './world.ts';

const NOW = Date.parse('2026-11-20T11:05:00Z');
const NONE = new Map();
const names = (list: readonly { name: string }[]): string[] => list.map((x) => x.name);

describe('alerts', () => {
  it('stand firing before pending, worst first, then oldest, and without those that are over', () => {
    const list = [
      alert('pending', NOW, { state: 'pending', severity: 'critical' }),
      alert('young', NOW, { activeAt: '2026-11-20T11:00:00Z' }),
      alert('over', NOW, { state: 'resolved', severity: 'critical' }),
      alert('old', NOW, { activeAt: '2026-11-20T09:00:00Z' }),
      alert('worst', NOW, { severity: 'critical' }),
    ];
    expect(openAlerts(list).map((a) => a.id)).toEqual(['worst', 'old', 'young', 'pending']);
  });

  it('colour their entity and all entities of a silent source, the worst first, and never while pending', () => {
    const worst = worstByEntity([
      alert('1', NOW, { entity: 'shop~p1' }),
      alert('2', NOW, { entity: 'shop', severity: 'critical' }),
      alert('3', NOW, { entity: 'home~p1', state: 'pending' }),
      alert('4', NOW, { entity: 'shop~p2', kind: 'interface' }),
    ]);
    expect(severityOf(worst, 'bundle', 'shop~p1', 'shop')).toBe('critical');
    expect(severityOf(worst, 'bundle', 'shop~p2', 'shop')).toBe('critical');
    expect(severityOf(worst, 'bundle', 'home~p1', 'home')).toBeUndefined();
    expect(severityOf(worst, 'interface', 'shop~p2', 'x')).toBe('warning');
  });
});

describe('bundles', () => {
  it('stand alerting first, then by what is left, those not in use last', () => {
    const list = [
      bundle('plenty', NOW, { remainingPercent: 90 }),
      bundle('trial', NOW, { active: false, remainingPercent: 1 }),
      bundle('endless', NOW, { unlimited: true, remainingPercent: null, remainingOctets: null }),
      bundle('low', NOW, { remainingPercent: 22 }),
      bundle('unknown', NOW, { remainingPercent: null, remainingOctets: null }),
      bundle('alerting', NOW, { remainingPercent: 95 }),
    ];
    const worst = worstByEntity([alert('1', NOW, { entity: 'alerting' })]);
    expect(names(sortBundles(list, worst))).toEqual(['alerting', 'low', 'unknown', 'plenty', 'endless', 'trial']);
  });

  const stats = (daysRemaining: number | null, limitedBy: 'use' | 'expiry' | null) =>
    ({ daysRemaining, limitedBy }) as BundleStats;

  it('that ends next is found by forecast, else by the end of the plan', () => {
    const in5 = bundle('five', NOW, { expiresAt: '2026-11-25T11:05:00Z' });
    const fast = bundle('fast', NOW);
    expect(runsOutNext([in5, fast], NONE, NOW)).toEqual({ bundle: in5, days: 5, limitedBy: 'expiry' });
    expect(runsOutNext([in5, fast], new Map([['fast', stats(2, 'use')]]), NOW)).toEqual({
      bundle: fast,
      days: 2,
      limitedBy: 'use',
    });
  });

  it('that end at no known time, or are not in use, end nothing', () => {
    const unknown = bundle('a', NOW, { expiresAt: null });
    const unused = bundle('b', NOW, { active: false, expiresAt: '2026-11-20T12:00:00Z' });
    expect(runsOutNext([unknown, unused], new Map([['a', stats(null, null)]]), NOW)).toBeUndefined();
  });
});

describe('interfaces', () => {
  const quiet = { inBitsPerSecond: 10, outBitsPerSecond: null };
  it.each(['lo', 'lo0', 'Loopback0', 'veth12ab', 'docker0', 'br-1f', 'ifb0', 'tunl0'])(
    '%s is folded away while it is quiet',
    (ifName) => {
      expect(isQuiet(port(`r~${ifName}`, NOW, quiet), NONE)).toBe(true);
      expect(isQuiet(port(`r~${ifName}`, NOW, { inBitsPerSecond: 5_000_000 }), NONE)).toBe(false);
      const worst = worstByEntity([alert('1', NOW, { kind: 'interface', entity: `r~${ifName}` })]);
      expect(isQuiet(port(`r~${ifName}`, NOW, quiet), worst)).toBe(false);
    },
  );

  it.each(['eth0', 'ether1', 'local-uplink', 'bridge1', 'sfp1', 'ge-0/0/0', 'location'])(
    '%s is never folded away',
    (ifName) => {
      expect(isQuiet(port(`r~${ifName}`, NOW, quiet), NONE)).toBe(false);
    },
  );

  it('stand alerting first, then up, then by name with numbers in order', () => {
    const list = [
      port('r~e10', NOW),
      port('r~e2', NOW),
      port('r~e1', NOW, { operStatus: 'down' }),
      port('r~e3', NOW, { operStatus: 'down' }),
    ];
    const worst = worstByEntity([alert('1', NOW, { kind: 'interface', entity: 'r~e3' })]);
    expect(names(sortInterfaces(list, worst))).toEqual(['r e3', 'r e2', 'r e10', 'r e1']);
  });

  it('stand the busiest first, without changing places for a little more', () => {
    const list = [
      port('r~e1', NOW, { inBitsPerSecond: 0, outBitsPerSecond: null }),
      port('r~e2', NOW, { inBitsPerSecond: 1100, outBitsPerSecond: 10 }),
      port('r~e3', NOW, { inBitsPerSecond: 1500, outBitsPerSecond: 10 }),
      port('r~e4', NOW, { inBitsPerSecond: 5, outBitsPerSecond: 9e8 }),
    ];
    expect(names(sortInterfaces(list, NONE))).toEqual(['r e4', 'r e2', 'r e3', 'r e1']);
  });
});

describe('freshness', () => {
  it('counts what is old and what was never read, and ages while nothing is read', () => {
    const at = (dataAgeSeconds: number | null, stale: boolean) => ({
      entity: { dataAgeSeconds, stale },
      sinceSeconds: 30,
    });
    expect(freshnessOf([at(10, false), at(5000, true), at(null, true)])).toEqual({
      total: 3,
      stale: 1,
      never: 1,
      newestSeconds: 40,
      oldestSeconds: 5030,
    });
  });

  it('of nothing has no age', () => {
    expect(freshnessOf([])).toMatchObject({ total: 0, newestSeconds: undefined, oldestSeconds: undefined });
  });
});
