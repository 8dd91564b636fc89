/** `ping` of Junos as an rpc (Junos XML API): echoes one after the other, and one summary of them, times in microseconds. */
import * as z from 'zod/mini';
import { matching } from './junos.wire.ts';

/** Of an answer: those below, once each, and errors. */
export const MAX_PING_ELEMENTS = 1_000;
export const PING_ELEMENTS = [
  ...['ping-results', 'probe-results-summary', 'probes-sent', 'responses-received'],
  ...['rtt-minimum', 'rtt-average', 'rtt-maximum'],
];

const count = matching(/^[0-9]{1,6}$/);
/** A release that is not sure of one leaves it away. */
const microseconds = z.optional(matching(/^[0-9]{1,9}(\.[0-9]+)?$/));

export const junosPing = z.object({
  'ping-results': z.object({
    'probe-results-summary': z.object({
      'probes-sent': count,
      'responses-received': count,
      'rtt-minimum': microseconds,
      'rtt-average': microseconds,
      'rtt-maximum': microseconds,
    }),
  }),
});

/** `host` as it may stand in XML. `rapid`: the next echo leaves with the answer to the last one; `wait` is for the last. */
export function pingOperation(host: string, echoes: number, waitSeconds: number): string {
  return `<ping><host>${host}</host><count>${echoes}</count><rapid/><wait>${waitSeconds}</wait></ping>`;
}
