/** What is measured of an interface, and of a queue. */
import type { Metric } from '../samples/metric.ts';

/** Kinds of entity that this room feeds: ports, and the queues that hold one customer each. */
export const INTERFACE_KIND = 'interface';
export const QUEUE_KIND = 'queue';

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

/** Of `operStatus`. */
export const UP = 1n;
export const DOWN = 2n;

/** Whether ifOperStatus says that nothing passes; undefined = it says neither. */
export function isPortDown(status: bigint): boolean | undefined {
  if (status === 1n) return false;
  return status === 2n || status === 6n || status === 7n ? true : undefined;
}

export const interfaceMetrics = [inOctets, outOctets, operStatus] as const satisfies readonly Metric[];

/** As a port that faces the customer would count: received is what the customer sends. Up is a queue that holds packets. */
export const queueMetrics = interfaceMetrics;
