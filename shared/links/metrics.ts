/** What is measured of a link. Rates are means over the slot, whole bits per second. */
import type { Metric } from '../samples/metric.ts';

/** Kind of entity that this room feeds. */
export const LINK_KIND = 'link';

const rate = <const I extends string>(id: I, title: string) =>
  ({ id, kind: 'gauge', unit: 'bitsPerSecond', title }) as const satisfies Metric;
const count = <const I extends string>(id: I, title: string) =>
  ({ id, kind: 'gauge', unit: 'count', title }) as const satisfies Metric;

export const inRate = rate('inBitsPerSecond', 'Received');
export const outRate = rate('outBitsPerSecond', 'Sent');
export const maxRate = rate('maxBitsPerSecond', 'The busier direction');
/** For contracts that count both directions together. */
export const sumRate = rate('sumBitsPerSecond', 'Both directions together');
export const members = count('members', 'Interfaces of the link');
/** With a rate in both directions. */
export const membersKnown = count('membersKnown', 'Interfaces whose load is known');
export const membersUp = count('membersUp', 'Interfaces that are up');
export const membersDown = count('membersDown', 'Interfaces that are down');

export const linkMetrics = [
  inRate,
  outRate,
  maxRate,
  sumRate,
  members,
  membersKnown,
  membersUp,
  membersDown,
] as const satisfies readonly Metric[];
