/** IOS-XE RESTCONF as routers speak it (Cisco-IOS-XE-interfaces-oper, ietf-interfaces, device-hardware-oper; RFC 7951 and 8040). */
import * as z from 'zod/mini';

/** Subscribers and tunnels included; a longer answer would not be taken either. */
export const MAX_INTERFACES = 5_000;

/** 64-bit numbers are strings and 32-bit ones numbers (RFC 7951); some releases send strings throughout. */
const whole = z.union([z.string().check(z.regex(/^[0-9]{1,20}$/)), z.int().check(z.gte(0))]);

/** `oper-status` of either tree as ifOperStatus of RFC 2863. */
export const OPER_STATES = {
  'if-oper-state-ready': 1,
  'if-oper-state-no-pass': 2,
  'if-oper-state-test': 3,
  'if-oper-state-unknown': 4,
  'if-oper-state-dormant': 5,
  'if-oper-state-not-present': 6,
  'if-oper-state-lower-layer-down': 7,
  // Numbered 0 by Cisco, which the RFC does not have.
  'if-oper-state-invalid': 4,
  up: 1,
  down: 2,
  testing: 3,
  unknown: 4,
  dormant: 5,
  'not-present': 6,
  'lower-layer-down': 7,
} as const;
type OperState = keyof typeof OPER_STATES;

/** What is used of a row of either tree, but for its counters. */
export const iosxeInterface = z.object({
  name: z.string(),
  /** Cisco's tree: `iana-iftype-ethernet-csmacd`. */
  'interface-type': z.string(),
  /** The IETF's tree: `iana-if-type:ethernetCsmacd`. */
  type: z.string(),
  description: z.string(),
  'oper-status': z.enum(Object.keys(OPER_STATES) as [OperState, ...OperState[]]),
  /** 0 for what is no port, such as the control plane. */
  'if-index': whole,
  /** Bits per second. */
  speed: whole,
});

/** `statistics` of a row. There is no in-octets-64: in-octets has 64 bits in either tree. */
export const iosxeStatistics = z.object({
  /** When these counters last began again, by the router's clock. */
  'discontinuity-time': z.string(),
  'in-octets': whole,
  /** 64 bits in the IETF's tree; in Cisco's 32, which are over in 34 s at 1 Gb/s. */
  'out-octets': whole,
  /** Cisco's tree since 17.2. */
  'out-octets-64': whole,
});

/** `device-system-data`: both by the router's own clock, of which only the difference is used. */
export const iosxeSystem = z.object({ 'boot-time': z.string(), 'current-time': z.string() });

/** RFC 8040 7.1; older releases leave the module's name away. */
const errorList = z.object({
  error: z.array(z.object({ 'error-tag': z.optional(z.string()), 'error-message': z.optional(z.string()) })),
});
export const restconfErrors = z.union([
  z.object({ 'ietf-restconf:errors': errorList }),
  z.object({ errors: errorList }),
]);

/** Relative to `/restconf/data`. */
export const PATHS = {
  interfaces: '/Cisco-IOS-XE-interfaces-oper:interfaces/interface',
  olderInterfaces: '/ietf-interfaces:interfaces-state/interface',
  system: '/Cisco-IOS-XE-device-hardware-oper:device-hardware-data/device-hardware/device-system-data',
} as const;

/** Names no leaf that some release lacks: a router refuses a list of fields that it does not know in whole. */
export const FIELDS = {
  interfaces: '?fields=name;interface-type;oper-status;if-index;speed;description;statistics',
  olderInterfaces: '?fields=name;type;oper-status;if-index;speed;statistics',
} as const;
