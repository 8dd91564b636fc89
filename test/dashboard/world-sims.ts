/** SIMs of the fake world, and what the API says of them as a whole. */
import type { Alert, Sim, SimsOverview } from '../../dashboard/contract.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const MB = 1_000_000;
const iso = (at: number): string => new Date(at).toISOString();

export interface Fleet {
  readonly overview: SimsOverview;
  readonly sims: readonly Sim[];
}

const neverRead = { readAt: null, ageSeconds: null };
const noQuota = { level: null, expiresAt: null, remainingPercent: null, ...neverRead };
const noVolume = { megabytes: null, octets: null, ...neverRead };

/** Listed, and not looked at yet. */
export function listedSim(iccid: string, now: number, over: Partial<Sim> = {}): Sim {
  const nothing = { remainingMegabytes: null, remainingOctets: null, totalMegabytes: null, totalOctets: null };
  return {
    iccid,
    account: 'fleet',
    accountName: 'Fleet',
    label: null,
    imsi: null,
    msisdn: null,
    imei: null,
    imeiLock: null,
    status: 'enabled',
    statusText: 'Enabled',
    ipAddress: null,
    activatedAt: null,
    simulated: true,
    tags: [],
    group: null,
    thresholdPercent: null,
    countryCode: null,
    countryName: null,
    operatorName: null,
    radio: null,
    listedAt: iso(now - 3 * MINUTE),
    listedAgeSeconds: 180,
    data: { ...noQuota, ...nothing },
    sms: { ...noQuota, remainingMessages: null, totalMessages: null },
    usageToday: noVolume,
    usageMedian: noVolume,
    lastSeen: { at: null, silentSeconds: null, ...neverRead },
    presence: { state: null, ...neverRead },
    ...over,
  };
}

/** With so much left of 500 MB; the level as 1NCE draws it. */
export function sim(iccid: string, now: number, remainingMb: number, over: Partial<Sim> = {}): Sim {
  const read = { readAt: iso(now - 12 * MINUTE), ageSeconds: 720 };
  const level =
    remainingMb <= 0 ? ('exhausted' as const) : remainingMb < 100 ? ('low' as const) : ('sufficient' as const);
  const listed = listedSim(iccid, now);
  return {
    ...listed,
    data: {
      ...listed.data,
      level,
      remainingMegabytes: String(remainingMb),
      remainingOctets: String(remainingMb * MB),
      totalMegabytes: '500',
      totalOctets: String(500 * MB),
      remainingPercent: remainingMb / 5,
      ...read,
    },
    usageToday: { megabytes: '1', octets: String(MB), ...read },
    lastSeen: { at: iso(now - MINUTE), silentSeconds: 60, ...read },
    ...over,
  };
}

export function simAlert(iccid: string, now: number, over: Partial<Alert> = {}): Alert {
  const since = iso(now - 20 * MINUTE);
  return {
    id: `sim-${iccid}-${over.rule ?? ''}`,
    state: 'firing',
    severity: 'warning',
    kind: 'sim',
    entity: `fleet.0007~${iccid}`,
    entityName: iccid,
    rule: 'sim-data-remaining',
    ruleName: 'SIM running low on data',
    activeAt: since,
    firedAt: since,
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

/** `total` SIMs, of which those that matter are given; the others were looked at and are well. */
export function fleetOf(now: number, sims: readonly Sim[], over: Partial<SimsOverview> = {}): Fleet {
  const total = over.total ?? sims.length;
  const withData = (level: Sim['data']['level']): number => sims.filter((s) => s.data.level === level).length;
  const disabled = sims.filter((s) => s.status === 'disabled').length;
  const looked = { simsKnown: total, simsTotal: total };
  const account = { account: 'fleet', name: 'Fleet', simsListed: total, detailsKnown: total };
  const overview: SimsOverview = {
    total,
    enabled: total - disabled,
    disabled,
    statusUnknown: 0,
    online: 0,
    presenceKnown: 0,
    quotaAlerts: {
      dataLow: withData('low'),
      dataExhausted: withData('exhausted'),
      dataUnknown: withData(null),
      smsLow: 0,
      smsExhausted: 0,
      smsUnknown: 0,
    },
    usedToday: { day: iso(now).slice(0, 10), megabytes: '203.181', octets: '203181000', ...looked },
    usedThisMonth: { month: iso(now).slice(0, 7), megabytes: '6745', octets: '6745000000', ...looked },
    latest: sims.filter((s) => s.lastSeen.at !== null).slice(0, 10),
    accounts: [
      {
        ...account,
        lastWalkAt: iso(now - 3 * MINUTE),
        lastWalkAgeSeconds: 180,
        oldestDetailsAgeSeconds: 2400,
      },
    ],
    ...over,
  };
  return { overview, sims };
}

export function noFleet(now: number): Fleet {
  return fleetOf(now, [], { accounts: [] });
}

const iccidAt = (n: number): string => `89880000000000${String(n).padStart(5, '0')}`;

/** 240 SIMs: 3 without data, of one of which only the list is known; 9 low, 2 silent, 12 disabled; and their alerts. */
export function troubledFleet(now: number): { readonly fleet: Fleet; readonly alerts: readonly Alert[] } {
  const lows = Array.from({ length: 9 }, (_, i) => sim(iccidAt(20 + i), now, 30 + 7 * i));
  const listed = listedSim(iccidAt(3), now);
  const away = { at: iso(now - 6 * DAY), silentSeconds: (6 * DAY) / 1000, ...neverRead };
  const sims = [
    ...lows.reverse(),
    listedSim(iccidAt(3), now, { data: { ...listed.data, level: 'exhausted' } }),
    sim(iccidAt(1), now, -0.5, { label: 'pump 1' }),
    sim(iccidAt(2), now, 0),
    sim(iccidAt(40), now, 300, { label: 'gate', lastSeen: away }),
    sim(iccidAt(41), now, 400, { lastSeen: away }),
    sim(iccidAt(42), now, 400, { status: 'disabled', lastSeen: away }),
  ];
  const critical = { severity: 'critical', rule: 'sim-data-exhausted', ruleName: 'SIM without data' } as const;
  const truth = { value: 1, threshold: 0.5, unit: '' };
  const silent = {
    rule: 'sim-silent',
    ruleName: 'SIM has fallen silent',
    value: 518_400,
    threshold: 172_800,
    unit: 's',
  };
  return {
    fleet: fleetOf(now, sims, { total: 240, enabled: 228, disabled: 12 }),
    alerts: [
      ...[1, 2].map((n) => simAlert(iccidAt(n), now, { ...critical, ...truth })),
      ...lows.map((low) => simAlert(low.iccid, now)),
      ...[40, 41].map((n) => simAlert(iccidAt(n), now, silent)),
    ],
  };
}
