/** Junos as routers speak it over NETCONF and REST (RFC 6241; Junos XML API, get-interface-information): questions, elements, shapes. */
import * as z from 'zod/mini';

/** More interfaces and units than the largest subscriber router has. */
export const MAX_INTERFACES = 20_000;
/** Of an answer: a port or unit has fewer than twenty of those in `ELEMENTS`, links of a bundle aside. */
export const MAX_ELEMENTS = 20 * MAX_INTERFACES;
/** Five hundred ports with their units, told extensively. A Lambda holds it twice, and no tree of it. */
export const MAX_MESSAGE_BYTES = 16_000_000;

export const CAPABILITY_1_0 = 'urn:ietf:params:netconf:base:1.0';
/** Known to both sides, it means chunks (RFC 6242). */
export const CAPABILITY_1_1 = 'urn:ietf:params:netconf:base:1.1';
const NAMESPACE = 'urn:ietf:params:xml:ns:netconf:base:1.0';
const PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>';

export const HELLO = `${PROLOGUE}<hello xmlns="${NAMESPACE}"><capabilities><capability>${CAPABILITY_1_0}</capability><capability>${CAPABILITY_1_1}</capability></capabilities></hello>`;

export function rpcXml(messageId: string, operation: string): string {
  return `${PROLOGUE}<rpc message-id="${messageId}" xmlns="${NAMESPACE}">${operation}</rpc>`;
}

/** Octets stand in the extensive form; the brief one has packets and rates only. `name`: an interface, or some with `*`. */
export function interfacesOperation(name: string | undefined): string {
  const some = name === undefined ? '' : `<interface-name>${name}</interface-name>`;
  return `<get-interface-information>${some}<extensive/></get-interface-information>`;
}

export const UPTIME_OPERATION = '<get-system-uptime-information/>';

/** The same question by REST, behind `/rpc`; its content comes without `rpc-reply` (Junos REST API guide). */
export function interfacesPath(name: string | undefined): string {
  const some = name === undefined ? '' : `interface-name=${encodeURIComponent(name)}&`;
  return `/get-interface-information?${some}extensive=`;
}

export const UPTIME_PATH = '/get-system-uptime-information';

/** Elements that hold what is used, by local name: namespaces carry the release. All others are dropped unread. */
export const ELEMENTS = {
  hello: ['hello', 'capabilities'],
  reply: ['rpc-reply', 'error-type', 'error-tag', 'error-severity', 'error-message', 'message', 'ok'],
  interfaces: [
    ...['multi-routing-engine-results', 're-name', 'interface-information'],
    ...['name', 'admin-status', 'oper-status', 'snmp-index', 'description', 'speed', 'statistics-cleared'],
    ...['if-config-flags', 'iff-up', 'iff-down', 'iff-hardware-down', 'iff-device-down'],
    ...['traffic-statistics', 'transit-traffic-statistics', 'transit-statistics', 'input-bytes', 'output-bytes'],
    // Of a bundle, not of each of its links (`lag-link`).
    ...['lag-traffic-statistics', 'lag-bundle'],
  ],
  uptime: [
    ...['multi-routing-engine-results', 're-name', 'system-uptime-information'],
    ...['current-time', 'system-booted-time', 'date-time', 'time-length'],
  ],
} as const;

/** Elements of which there may be several; `error` is what Junos answers outside of NETCONF's own words. */
export const LISTS = {
  hello: ['capability'],
  reply: ['rpc-error', 'error'],
  interfaces: ['multi-routing-engine-item', 'physical-interface', 'logical-interface'],
  uptime: ['multi-routing-engine-item'],
} as const;

/** An element with attributes, such as `junos:format`, comes as an object. */
const text = z.union([
  z.string(),
  z.pipe(
    z.object({ '#text': z.string() }),
    z.transform((element) => element['#text']),
  ),
]);
/** Text of an element, with or without attributes, of this form. */
export const matching = (pattern: RegExp) => z.pipe(text, z.string().check(z.regex(pattern)));
const counter = matching(/^[0-9]{1,20}$/);

/** What is used of a `physical-interface` and a `logical-interface` (a unit, `ge-0/0/0.10`). */
export const JUNOS_FIELDS = {
  name: text,
  description: text,
  'admin-status': text,
  'oper-status': text,
  /** The ifIndex of SNMP; 0 where the interface has none. */
  'snmp-index': matching(/^[0-9]{1,10}$/),
  /** Such as `10Gbps`, `800mbps`, `Auto`, `Unspecified`. */
  speed: text,
  /** `Never`, or when somebody cleared the counters and how long ago that is. */
  'statistics-cleared': text,
  /** Direct children of a statistics element. */
  'input-bytes': counter,
  'output-bytes': counter,
} as const;

const seconds = z.string().check(z.regex(/^[0-9]{1,10}$/));

/** Of `system-uptime-information`: lengths and instants carry seconds, and older releases leave lengths away. */
export const junosUptime = z.object({
  'current-time': z.optional(z.object({ 'date-time': z.object({ '@seconds': seconds }) })),
  'system-booted-time': z.object({
    'date-time': z.optional(z.object({ '@seconds': z.optional(seconds) })),
    'time-length': z.optional(z.object({ '@seconds': z.optional(seconds) })),
  }),
});

export const junosError = z.object({
  'error-tag': z.optional(text),
  'error-severity': z.optional(text),
  'error-message': z.optional(text),
  /** Of an `error`. */
  message: z.optional(text),
});
