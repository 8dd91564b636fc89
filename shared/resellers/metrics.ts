/** What is measured of a reseller in each run, and of all of a tenant's together. Rates are means over the slot. */
import type { Metric } from '../samples/metric.ts';

/** Kinds of entity that this room feeds: each reseller, and one of a tenant for all of them. */
export const RESELLER_KIND = 'reseller';
export const RESELLERS_KIND = 'resellers';

const rate = <const I extends string>(id: I, title: string) =>
  ({ id, kind: 'gauge', unit: 'bitsPerSecond', title }) as const satisfies Metric;
const count = <const I extends string>(id: I, title: string) =>
  ({ id, kind: 'gauge', unit: 'count', title, daily: false }) as const satisfies Metric;
const flag = <const I extends string>(id: I, title: string) =>
  ({ id, kind: 'state', unit: 'state', title, daily: false }) as const satisfies Metric;

export const toTargetRate = rate('toTargetBitsPerSecond', 'Sent to the customer');
export const fromTargetRate = rate('fromTargetBitsPerSecond', 'Received from the customer');
/** Of the busier direction by its own limit; absent without a plan, while suspended, and where a rate is unknown. */
export const planUse = {
  ...{ id: 'planUse', kind: 'gauge', unit: 'basisPoints', title: 'Used of the plan' },
} as const satisfies Metric;
/** Interfaces that no router has any more, or whose load their router did not say when it was read. */
export const missingInterfaces = count('missingInterfaces', 'Interfaces without a reading of their router');
/** 1 = a router does not have what was asked for and should by now, 0 = all have it; absent = a change is under way. */
export const limitFailed = flag('limitFailed', 'Not on its router');
/** Absent while nobody has compared lately. */
export const differences = count('differences', 'Differences on routers');
export const suspended = flag('suspended', 'Suspended');

export const resellerMetrics = [
  toTargetRate,
  fromTargetRate,
  planUse,
  missingInterfaces,
  limitFailed,
  differences,
  suspended,
] as const satisfies readonly Metric[];

export const resellersTotal = count('resellersTotal', 'Resellers');
/** With interfaces, and without a rate of one of them. */
export const resellersUnknown = count('resellersUnknown', 'Resellers whose load is not known');

export const resellersMetrics = [resellersTotal, resellersUnknown] as const satisfies readonly Metric[];
