/** Limits as RouterOS speaks of them: simple queues, address lists and filter rules. Every value is a string. */
import * as z from 'zod/mini';

const id = z.string().check(z.regex(/^\*[0-9a-f]{1,8}$/i));
const flag = z.union([z.enum(['true', 'false']), z.boolean()]);

/** Of `/queue/simple`, in the order in which the router asks them: the first one that matches holds a packet. */
export const routerosQueue = z.object({
  '.id': id,
  name: z.string(),
  /** Addresses, prefixes and interfaces with commas between them; empty = everything. */
  target: z.string(),
  /** `upload/download` as the target sees it, in bits per second; 0 = without a limit. Written with k, M and G as well. */
  'max-limit': z.string(),
  /** `upload/download` in octets. */
  bytes: z.optional(z.string()),
  dynamic: z.optional(flag),
  disabled: z.optional(flag),
  /** True where it names an interface that is gone: it holds nothing. */
  invalid: z.optional(flag),
  comment: z.optional(z.string()),
  /** `none`, or the queue inside which this one stands. */
  parent: z.optional(z.string()),
  /** With these it holds only some of its target's packets. */
  'packet-marks': z.optional(z.string()),
  dst: z.optional(z.string()),
  time: z.optional(z.string()),
  /** `upload/download`; 0 = none. For a while the target gets this much, whatever `max-limit` is. */
  'burst-limit': z.optional(z.string()),
  'burst-threshold': z.optional(z.string()),
});
export type RouterosQueue = z.infer<typeof routerosQueue>;

/** Fields of a queue by which it takes only some of its target's packets. */
export const NARROWING_FIELDS = ['packet-marks', 'dst', 'time'] as const satisfies readonly (keyof RouterosQueue)[];

/** What a queue without bursts has. */
export const WITHOUT_BURST = { 'burst-limit': '0/0', 'burst-threshold': '0/0', 'burst-time': '0s/0s' } as const;

/** Of `/ip/firewall/address-list`. */
export const routerosAddressEntry = z.object({
  '.id': id,
  list: z.string(),
  /** A host, a prefix, a range, or a name that the router looks up. */
  address: z.string(),
  disabled: z.optional(flag),
  /** Put there for a while; it goes by itself. */
  dynamic: z.optional(flag),
});
export type RouterosAddressEntry = z.infer<typeof routerosAddressEntry>;

/** Of `/ip/firewall/filter`, in order; whatever else a row holds may narrow it. */
export const routerosFilterRule = z.looseObject({
  '.id': id,
  chain: z.string(),
  action: z.string(),
  disabled: z.optional(flag),
  dynamic: z.optional(flag),
  invalid: z.optional(flag),
  /** The chain whose rules a jump asks next. */
  'jump-target': z.optional(z.string()),
});
export type RouterosFilterRule = z.infer<typeof routerosFilterRule>;

/**
 * Of `/ip/firewall/connection`: addresses with `:port` where the protocol has ports. Behind a NAT the customer
 * stands in only one of the two directions.
 */
export const routerosConnection = z.object({
  '.id': id,
  'src-address': z.optional(z.string()),
  'dst-address': z.optional(z.string()),
  'reply-src-address': z.optional(z.string()),
  'reply-dst-address': z.optional(z.string()),
});

/** Fields of a rule that say nothing of the packets it takes. */
export const FIELDS_WITHOUT_MATCH: readonly string[] = [
  ...['.id', '.nextid', 'chain', 'action', 'disabled', 'dynamic', 'invalid', 'bytes', 'packets', 'comment'],
  ...['log', 'log-prefix'],
];

/** The address list of those who are cut off. */
export const CUT_LIST = 'headroom-cut';

export type FirewallFamily = 'ip' | 'ipv6';

/** What a run needs of each queue: eight short fields, for a router may have thousands. */
const COUNTED_FIELDS = [
  ...(['.id', 'name', 'bytes', 'max-limit', 'burst-limit'] as const),
  ...(['dynamic', 'disabled', 'invalid'] as const),
] satisfies readonly (keyof RouterosQueue)[];
/** No router holds more customers by simple queues; a longer list is not believed. */
export const MAX_COUNTED_QUEUES = 5_000;

export const LIMIT_MENUS = {
  queues: '/queue/simple',
  cutList: (family: FirewallFamily) => `/${family}/firewall/address-list`,
  rules: (family: FirewallFamily) => `/${family}/firewall/filter`,
  connections: (family: FirewallFamily) => `/${family}/firewall/connection`,
} as const;

export const LIMIT_PRINTS = {
  queues: print(LIMIT_MENUS.queues, { fields: Object.keys(routerosQueue.shape) }),
  /** Without those of sessions, which the router must not send at all. */
  countedQueues: print(LIMIT_MENUS.queues, { fields: COUNTED_FIELDS, where: { dynamic: 'false' } }),
  queue: (queueId: string) => print(LIMIT_MENUS.queues, { id: queueId }),
  cutList: (family: FirewallFamily) =>
    print(LIMIT_MENUS.cutList(family), { fields: Object.keys(routerosAddressEntry.shape), where: { list: CUT_LIST } }),
  /** Of all chains, for forward may jump into any; without a list of fields, for any field may be a matcher. */
  rules: (family: FirewallFamily) => print(LIMIT_MENUS.rules(family), {}),
  /** Those that pass by filter and queues because a FastTrack rule has taken them. */
  fastTracked: (family: FirewallFamily) =>
    print(LIMIT_MENUS.connections(family), {
      fields: Object.keys(routerosConnection.shape),
      where: { fasttrack: 'true' },
    }),
} as const;

function print<More extends object>(menu: string, more: More) {
  return { verb: 'print' as const, menu, ...more };
}
