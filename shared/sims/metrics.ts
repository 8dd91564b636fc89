/** What is measured of a SIM, and of a fleet as a whole. */
import type { Metric } from '../samples/metric.ts';

/** Kinds of entity that this room feeds: each SIM, and one per account for the fleet. */
export const SIM_KIND = 'sim';
export const FLEET_KIND = 'fleet';

export const simMetrics = [
  { id: 'dataRemaining', kind: 'balance', unit: 'microMegabytes', title: 'Data left' },
  { id: 'dataTotal', kind: 'gauge', unit: 'microMegabytes', title: 'Data quota', daily: false, kept: true },
  { id: 'dataExpires', kind: 'gauge', unit: 'epochSeconds', title: 'Data quota ends', daily: false, kept: true },
  { id: 'smsRemaining', kind: 'balance', unit: 'count', title: 'SMS left' },
  { id: 'smsTotal', kind: 'gauge', unit: 'count', title: 'SMS quota', daily: false, kept: true },
  { id: 'smsExpires', kind: 'gauge', unit: 'epochSeconds', title: 'SMS quota ends', daily: false, kept: true },
  /** The provider's own day, which is not the tenant's; days before it stand in the usage months. */
  { id: 'usageToday', kind: 'gauge', unit: 'microMegabytes', title: 'Data used today', daily: false },
  /** Of its closed days of the last 30; absent until there are seven. */
  { id: 'usageMedian', kind: 'gauge', unit: 'microMegabytes', title: 'Usual data a day', daily: false },
  /** Newest instant at which data is known to have flown, or the network to have seen it. */
  { id: 'lastSeen', kind: 'gauge', unit: 'epochSeconds', title: 'Last seen', daily: false },
  /** When its usage was last stated, and when its slow values (SMS, status, cell, events) were last asked for. */
  { id: 'usageStatedAt', kind: 'gauge', unit: 'epochSeconds', title: 'Usage stated', daily: false, kept: true },
  { id: 'slowAskedAt', kind: 'gauge', unit: 'epochSeconds', title: 'Status asked', daily: false, kept: true },
  /** Position in `PRESENCES`. */
  { id: 'presence', kind: 'state', unit: 'state', title: 'Presence', daily: false, kept: true },
] as const satisfies readonly Metric[];

export const fleetMetrics = [
  { id: 'simsTotal', kind: 'gauge', unit: 'count', title: 'SIMs' },
  { id: 'simsEnabled', kind: 'gauge', unit: 'count', title: 'SIMs enabled' },
  { id: 'simsLow', kind: 'gauge', unit: 'count', title: 'SIMs with less than 20 % of their data' },
  { id: 'simsExhausted', kind: 'gauge', unit: 'count', title: 'SIMs without data' },
] as const satisfies readonly Metric[];
