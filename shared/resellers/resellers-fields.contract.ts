/** The fields of resellers as the API takes and says them. */
import * as z from 'zod/mini';
import { parseNetwork } from '../platform/ip.ts';

export const RESELLER_ID = /^[a-z][a-z0-9]{0,39}$/;
const ID_MESSAGE = 'must be a lower-case letter and up to 39 lower-case letters and digits, such as r1001';
export const ROUTER_ID = /^[a-z0-9][a-z0-9-]{0,47}$/;
const MAX_NAME = 80;
const MAX_NOTE = 500;
const MAX_NETWORKS = 64;
const MAX_ROUTERS = 8;
const MAX_INTERFACES = 32;
/** What is wider holds more than any customer has; a wrong digit must not cut off half the Internet. */
const WIDEST = { 4: 8, 6: 16 } as const;
/** 64 kb/s to 100 Gb/s. */
const LEAST_MBPS = 0.064;
const MOST_MBPS = 100_000;

export const resellerId = z.string().check(z.regex(RESELLER_ID, ID_MESSAGE));
/** Text that people read. */
export const shown = (most: number) =>
  z
    .string()
    .check(
      z.refine(
        (text) => text.trim().length > 0 && text.length <= most && !/\p{Cc}/u.test(text),
        `must be 1 to ${most} characters, without control characters`,
      ),
    );
const phone = z
  .string()
  .check(z.regex(/^\+[1-9]\d{6,14}$/, 'must be in E.164: a plus, then 7 to 15 digits, such as +447700900123'));
const email = z
  .string()
  .check(
    z.maxLength(254, 'must be at most 254 characters'),
    z.regex(/^[^\s@\p{Cc}]{1,64}@[^\s@.\p{Cc}]+(\.[^\s@.\p{Cc}]+)+$/u, 'must be an e-mail address'),
  );
const network = z
  .string()
  .check(
    z.maxLength(64, 'is longer than any address'),
    z.refine(
      isNetwork,
      'must be an address or a network without bits behind its prefix, such as 192.0.2.5 or 2001:db8::/48',
    ),
    z.refine(isNarrow, `must not be wider than /${WIDEST[4]} (IPv4) or /${WIDEST[6]} (IPv6)`),
  );
/** As routers of any make name one; what may be a mistyped address of IPv6 is none. */
const INTERFACE_NAME =
  /^(?=[^:]*$|[^:]*-)[A-Za-z]{1,30}(?:-[A-Za-z]{1,20})?-?(?:\d{1,5}(?:[/:]\d{1,5}){0,4})?(?:\.\d{1,10})?$/;
const target = z.string().check(
  z.maxLength(64, 'is longer than any address or interface'),
  z.refine(
    (text) => isNetwork(text) || (/\d$/.test(text) && INTERFACE_NAME.test(text)),
    'must be an address or a network without bits behind its prefix, such as 192.0.2.5 or 2001:db8::/48, or the name of an interface, such as ge-0/0/0.10',
  ),
  z.refine(isNarrow, `must not be wider than /${WIDEST[4]} (IPv4) or /${WIDEST[6]} (IPv6)`),
);
const targets = z
  .array(target)
  .check(
    z.maxLength(MAX_NETWORKS, `must be at most ${MAX_NETWORKS}`),
    z.minLength(1, 'must not be empty: leave it out to mean the addresses'),
  );
const networks = z.array(network).check(z.maxLength(MAX_NETWORKS, `must be at most ${MAX_NETWORKS}`));
const queue = z
  .string()
  .check(
    z.regex(
      /^[A-Za-z0-9](?:[A-Za-z0-9_.:@ -]{0,62}[A-Za-z0-9_.:@-])?$/,
      'must be 1 to 64 letters, digits and _ . : @ - or blanks within, beginning with a letter or digit',
    ),
  );
const mapping = z.strictObject({
  router: z.string().check(z.regex(ROUTER_ID, 'must be the id of a source')),
  /** `reseller_<id>` unless told. */
  queue: z.optional(queue),
  /** The reseller's addresses unless told, where no interfaces are named either; one interface on routers that hold those. */
  targets: z.optional(targets),
  /** By the names that `GET /v1/interfaces` gives behind the router's; they face the customer. Usage is read from them, else from the queue. */
  interfaces: z.optional(z.array(shown(100)).check(z.maxLength(MAX_INTERFACES, `must be at most ${MAX_INTERFACES}`))),
});
const routers = z.array(mapping).check(z.maxLength(MAX_ROUTERS, `must be at most ${MAX_ROUTERS}`));
export const mbps = z
  .number('must be a number of Mb/s')
  .check(
    z.refine(
      (value) => value >= LEAST_MBPS && value <= MOST_MBPS && Math.round(value * 1000) / 1000 === value,
      `must be ${LEAST_MBPS} to ${MOST_MBPS} Mb/s, with three digits after the point at most`,
    ),
  );
export const version = z.int('must be the version that was read, a whole number');

/** Of the text of an address or a network: nothing stands where the prefix says that nothing counts. */
function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/');
  const [all, cut] = [parseNetwork(address), parseNetwork(text)];
  return all !== undefined && cut !== undefined && (prefix === undefined || all.value === cut.value);
}

function isNarrow(text: string): boolean {
  const parsed = parseNetwork(text);
  return parsed === undefined || parsed.prefix >= WIDEST[parsed.family];
}

export const planFields = {
  name: z.optional(shown(MAX_NAME)),
  downMbps: mbps,
  /** As much as down unless told. */
  upMbps: z.optional(mbps),
} as const;

const changeable = { name: shown(MAX_NAME), addresses: networks, routers } as const;

export const newReseller = z.strictObject({
  id: resellerId,
  name: changeable.name,
  phone: z.optional(phone),
  email: z.optional(email),
  addresses: z.optional(networks),
  routers: z.optional(routers),
  plan: z.optional(z.strictObject(planFields)),
  note: z.optional(shown(MAX_NOTE)),
});
export type NewReseller = z.infer<typeof newReseller>;

/** Null takes a field away. */
export const resellerChange = z.strictObject({
  version,
  name: z.optional(changeable.name),
  phone: z.optional(z.nullable(phone)),
  email: z.optional(z.nullable(email)),
  addresses: z.optional(networks),
  routers: z.optional(routers),
  note: z.optional(z.nullable(shown(MAX_NOTE))),
});
export type ResellerChange = z.infer<typeof resellerChange>;

const rates = z.object({ downMbps: z.nullable(z.number()), upMbps: z.nullable(z.number()) });
export const difference = z.object({
  router: z.string(),
  what: z.enum(['queue', 'targets', 'limit', 'disabled', 'dynamic', 'cut']),
  wanted: z.string(),
  found: z.string(),
});

export const resellerView = z.object({
  id: z.string(),
  name: z.string(),
  phone: z.nullable(z.string()),
  email: z.nullable(z.string()),
  addresses: z.array(z.string()),
  routers: z.array(
    z.object({
      router: z.string(),
      queue: z.string(),
      /** Null = the addresses, where no interfaces are named. */
      targets: z.nullable(z.array(z.string())),
      interfaces: z.array(z.string()),
    }),
  ),
  plan: z.nullable(z.object({ name: z.nullable(z.string()), downMbps: z.number(), upMbps: z.number() })),
  status: z.enum(['active', 'suspended', 'removing']),
  note: z.nullable(z.string()),
  createdAt: z.string(),
  version: z.int(),
  /** What the routers are to do about it; null while nothing is wanted of any router. */
  work: z.nullable(
    z.object({
      action: z.enum(['create', 'change', 'plan', 'suspend', 'restore', 'remove']),
      phase: z.enum(['done', 'pending', 'failed']),
      since: z.string(),
      attempts: z.int(),
      nextAttemptAt: z.nullable(z.string()),
      /** In the router's own words. */
      lastError: z.nullable(z.string()),
    }),
  ),
  /** What each router had when it was read back; a change that is under way has no such row. */
  applied: z.array(
    z.object({
      router: z.string(),
      queue: z.string(),
      targets: z.array(z.string()),
      /** Null while it is cut off: the queue does not matter then. */
      limit: z.nullable(rates),
      cut: z.boolean(),
      verifiedAt: z.string(),
    }),
  ),
  /** Differences that the hourly comparison saw; nobody mends them unasked. */
  drift: z.array(z.extend(difference, { seenAt: z.string() })),
  /** Null = never compared. */
  compared: z.array(
    z.object({ router: z.string(), comparedAt: z.nullable(z.string()), error: z.nullable(z.string()) }),
  ),
});

const usageFields = {
  /** Octets that the customer received and sent; decimal text, null = unknown. */
  toTargetOctets: z.nullable(z.string()),
  fromTargetOctets: z.nullable(z.string()),
  toTargetPeakBitsPerSecond: z.nullable(z.number()),
  fromTargetPeakBitsPerSecond: z.nullable(z.number()),
  toTargetAverageBitsPerSecond: z.nullable(z.number()),
  fromTargetAverageBitsPerSecond: z.nullable(z.number()),
  /** Slots in which every part has a rate in both directions. */
  validSlots: z.int(),
  expectedSlots: z.int(),
} as const;
export const usageView = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  ...usageFields,
  /** Interfaces and queues of which nothing is known in this time: they make the sum unknown. */
  unknownParts: z.array(z.string()),
  /** By the id of an interface, as `GET /v1/interfaces` gives it, or of a queue in the same form. */
  parts: z.array(z.object({ interface: z.optional(z.string()), queue: z.optional(z.string()), ...usageFields })),
  /** Why there is nothing to read, or why a queue is not read; absent where all are. */
  note: z.optional(z.string()),
});
