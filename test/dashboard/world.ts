/** What the fake API of the page's tests answers: one tenant in every state that the page must be honest about. */
import type { Alert, Bundle, BundleStats, Interface, Run, SeriesResponse } from '../../dashboard/contract.ts';
import { type Links, noLinks, troubledLinks } from './world-links.ts';
import { seriesOf, statsOf } from './world-series.ts';
import { type Fleet, noFleet, troubledFleet } from './world-sims.ts';

export const GB = 1_000_000_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A name as a hostile router or portal could give it. */
export const SCRIPT_NAME = '<img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';

export interface World {
  readonly alerts: readonly Alert[];
  readonly bundles: readonly Bundle[];
  readonly interfaces: readonly Interface[];
  readonly fleet: Fleet;
  readonly links: Links;
  readonly runs: readonly Run[];
  stats(id: string): BundleStats;
  series(id: string, metric: string, from: number | undefined, stepMs: number): SeriesResponse;
}

const iso = (at: number): string => new Date(at).toISOString();

export function bundle(id: string, now: number, over: Partial<Bundle> = {}): Bundle {
  return {
    id,
    account: id.split('~')[0] ?? id,
    planId: 'p1',
    name: id,
    simulated: false,
    active: true,
    unlimited: false,
    remainingOctets: String(640 * GB),
    remainingText: '640.0 GB',
    remainingPercent: 64,
    allocationOctets: String(1000 * GB),
    allocationOrigin: 'configured',
    expiresAt: iso(now + 18 * DAY),
    readAt: iso(now - 4 * MINUTE),
    dataAgeSeconds: 240,
    stale: false,
    ...over,
  };
}

export function port(id: string, now: number, over: Partial<Interface> = {}): Interface {
  const [router = '', ifName = ''] = id.split('~');
  return {
    id,
    router,
    name: `${router} ${ifName}`,
    ifName,
    ifAlias: null,
    simulated: false,
    operStatus: 'up',
    speedBitsPerSecond: 1_000_000_000,
    inBitsPerSecond: 212_400_000,
    outBitsPerSecond: 31_000_000,
    inUtilisationPercent: 21.24,
    outUtilisationPercent: 3.1,
    readAt: iso(now - 2 * MINUTE),
    dataAgeSeconds: 120,
    stale: false,
    ...over,
  };
}

export function alert(id: string, now: number, over: Partial<Alert> = {}): Alert {
  return {
    id,
    state: 'firing',
    severity: 'warning',
    kind: 'bundle',
    entity: 'shop~p1',
    entityName: 'Shop: 1 Month Unlimited',
    rule: 'bundle-remaining',
    ruleName: 'Bundle running low',
    activeAt: iso(now - 3 * HOUR),
    firedAt: iso(now - 3 * HOUR),
    resolvedAt: null,
    resolvedReason: null,
    value: 12,
    threshold: 20,
    unit: '%',
    detail: null,
    simulated: true,
    mutedBy: null,
    ...over,
  };
}

const unknown = {
  inBitsPerSecond: null,
  outBitsPerSecond: null,
  inUtilisationPercent: null,
  outUtilisationPercent: null,
};

export function healthyWorld(now: number): World {
  const bundles = [bundle('home~p1', now, { name: 'Home: 1 Month Unlimited', simulated: true })];
  const interfaces = [
    port('core1~ether1', now, { name: 'core1 ether1 (uplink)' }),
    port('core1~lo', now, { ...unknown, speedBitsPerSecond: null }),
  ];
  return worldOf(now, { alerts: [], bundles, interfaces });
}

export function emptyWorld(now: number): World {
  return worldOf(now, { alerts: [], bundles: [], interfaces: [] });
}

/** Many SIMs in trouble beside one bundle that is. */
export function fleetWorld(now: number): World {
  const { fleet, alerts } = troubledFleet(now);
  const bundles = [bundle('shop~p1', now, { name: 'Shop: 1 Month Unlimited', remainingPercent: 12 })];
  return worldOf(now, { alerts: [...alerts, alert('a1', now)], bundles, interfaces: [], fleet });
}

/** An NTTN link over its alarm beside one with a VLAN that is not known. */
export function linkWorld(now: number): World {
  return worldOf(now, { alerts: [], bundles: [], interfaces: [], links: troubledLinks(now) });
}

export function mixedWorld(now: number): World {
  const never = { readAt: null, dataAgeSeconds: null, stale: true };
  const old = { readAt: iso(now - 3 * HOUR), dataAgeSeconds: 10_800, stale: true };
  const empty = { remainingOctets: null, remainingText: null, remainingPercent: null };
  return worldOf(now, {
    alerts: [
      alert('a1', now),
      alert('a2', now, {
        severity: 'critical',
        entity: 'tower~p1',
        entityName: 'Tower: 100 GB',
        value: 3.24,
        threshold: 5,
        simulated: false,
      }),
      alert('a3', now, {
        kind: 'interface',
        entity: 'core2',
        entityName: SCRIPT_NAME,
        rule: 'interface-no-data',
        ruleName: 'No answer from the router',
        severity: 'critical',
        value: 3,
        threshold: 3,
        unit: null,
        simulated: false,
      }),
      alert('a4', now, {
        state: 'pending',
        firedAt: null,
        kind: 'interface',
        entity: 'core1~ether1',
        entityName: 'core1 ether1 (uplink)',
        rule: 'interface-utilisation',
        ruleName: 'Interface nearly full',
        value: 83.5,
        threshold: 80,
        activeAt: iso(now - 2 * MINUTE),
        simulated: false,
      }),
    ],
    bundles: [
      bundle('home~p1', now, { name: 'Home: 1 Month Unlimited', simulated: true }),
      bundle('shop~p1', now, {
        name: 'Shop: 1 Month Unlimited',
        simulated: true,
        remainingOctets: String(120 * GB),
        remainingPercent: 12,
        expiresAt: iso(now + 9 * DAY),
      }),
      bundle('shop~p2', now, {
        name: 'Shop: 7 Day Trial',
        simulated: true,
        active: false,
        remainingOctets: String(50 * GB),
        remainingPercent: 100,
        allocationOctets: String(50 * GB),
      }),
      bundle('tower~p1', now, {
        name: 'Tower: 100 GB',
        remainingOctets: String(3.24 * GB),
        remainingPercent: 3.24,
        allocationOctets: String(100 * GB),
        allocationOrigin: 'most seen since top-up',
      }),
      bundle('farm~p1', now, {
        name: SCRIPT_NAME,
        ...empty,
        allocationOctets: null,
        allocationOrigin: null,
        expiresAt: null,
      }),
      bundle('clinic~p1', now, {
        name: 'Clinic: 500 GB',
        ...empty,
        ...never,
        allocationOctets: null,
        allocationOrigin: null,
        expiresAt: null,
        active: null,
      }),
      bundle('office~p1', now, {
        name: 'Office: Unlimited',
        ...empty,
        unlimited: true,
        remainingText: 'Unlimited',
        allocationOctets: null,
        allocationOrigin: null,
      }),
      bundle('depot~p1', now, {
        name: 'Depot: 200 GB',
        ...old,
        remainingOctets: String(80 * GB),
        remainingPercent: 40,
        allocationOctets: String(200 * GB),
      }),
    ],
    interfaces: [
      port('core1~ether1', now, {
        name: 'core1 ether1 (uplink)',
        ifAlias: 'uplink',
        inBitsPerSecond: 835_100_000,
        inUtilisationPercent: 83.51,
      }),
      port('core1~ether2', now, {
        name: 'core1 ether2',
        inBitsPerSecond: 0,
        outBitsPerSecond: 1200,
        inUtilisationPercent: 0,
        outUtilisationPercent: 0,
      }),
      port('core1~ether3', now, { name: 'core1 ether3', operStatus: 'down', ...unknown, rateReason: 'reset' }),
      port('core1~lo', now, {
        name: 'core1 lo',
        speedBitsPerSecond: null,
        inUtilisationPercent: null,
        outUtilisationPercent: null,
        inBitsPerSecond: 800,
        outBitsPerSecond: 800,
      }),
      port('core1~veth12ab', now, { name: 'core1 veth12ab', ...unknown, rateReason: 'first' }),
      port('core2~sfp1', now, { name: 'core2 sfp1', ...old }),
      port('core3~ge-0~0~0', now, {
        name: 'core3 ge-0/0/0',
        ...never,
        ...unknown,
        operStatus: null,
        speedBitsPerSecond: null,
        rateReason: 'first',
      }),
    ],
  });
}

function worldOf(
  now: number,
  lists: Pick<World, 'alerts' | 'bundles' | 'interfaces'> & Partial<Pick<World, 'fleet' | 'links'>>,
): World {
  return {
    fleet: noFleet(now),
    links: noLinks,
    ...lists,
    runs: [
      {
        source: 'core2',
        slot: iso(now - 5 * MINUTE),
        part: 0,
        status: 'failed',
        manual: false,
        startedAt: iso(now - 5 * MINUTE),
        endedAt: iso(now - 5 * MINUTE),
        read: 0,
        accepted: 0,
        rejected: 0,
        rejections: [],
        operations: [],
        errorCode: 'SOURCE_UNAVAILABLE',
        error: 'the router did not answer within 5 s',
      },
    ],
    stats: (id) =>
      statsOf(
        lists.bundles.find((b) => b.id === id),
        now,
      ),
    series: (id, metric, from, stepMs) => seriesOf(lists, id, metric, { now, from: from ?? now - 7 * DAY, stepMs }),
  };
}
