/** What is measured of an interface. */
import type { Metric } from '../samples/metric.ts';

/** Kind of entity that this room feeds. */
export const INTERFACE_KIND = 'interface';

export const inOctets = {
  id: 'ifHCInOctets',
  kind: 'counter',
  unit: 'octets',
  title: 'Received',
} as const satisfies Metric;

export const outOctets = {
  id: 'ifHCOutOctets',
  kind: 'counter',
  unit: 'octets',
  title: 'Sent',
} as const satisfies Metric;

/** RFC 2863: 1 up, 2 down, 3 testing, 4 unknown, 5 dormant, 6 notPresent, 7 lowerLayerDown. */
export const operStatus = {
  id: 'ifOperStatus',
  kind: 'state',
  unit: 'state',
  title: 'State of the link',
} as const satisfies Metric;

/** Whether ifOperStatus says that nothing passes; undefined = it says neither. */
export function isPortDown(status: bigint): boolean | undefined {
  if (status === 1n) return false;
  return status === 2n || status === 6n || status === 7n ? true : undefined;
}

export const interfaceMetrics = [inOctets, outOctets, operStatus] as const satisfies readonly Metric[];
