/** What is kept of a simulated 1NCE account over a restart: only what somebody changed, never a SIM nobody touched. Pure. */
import * as z from 'zod/mini';

const segment = z.object({
  /** Epoch ms. */
  at: z.number(),
  /** Millionths of a MB, as all volumes here. */
  remaining: z.number(),
  total: z.number(),
  accumulated: z.number(),
  lastAdded: z.number(),
  auto: z.boolean(),
  flowing: z.boolean(),
});
/** A stretch of a SIM's life that begins with a known volume. */
export type Segment = Readonly<z.infer<typeof segment>>;

const message = z.object({
  id: z.number(),
  submittedAt: z.number(),
  /** Undefined while the SIM cannot be reached. */
  deliveredAt: z.optional(z.number()),
  expiresAt: z.number(),
  sourceAddress: z.string(),
  sourceAddressType: z.number(),
  payload: z.string(),
  udh: z.string(),
  dcs: z.number(),
});
export type KeptMessage = z.infer<typeof message>;

const touched = z.object({
  label: z.optional(z.string()),
  imeiLock: z.optional(z.boolean()),
  enabled: z.optional(z.boolean()),
  silenced: z.optional(z.boolean()),
  expiresAt: z.optional(z.number()),
  segments: z.array(segment),
  /** By day since 1970: what that day's usage is above (or below) its curve. */
  extras: z.record(z.string(), z.number()),
  moves: z.array(z.object({ at: z.number(), country: z.number() })),
  swaps: z.array(z.number()),
  messages: z.array(message),
  log: z.array(z.object({ at: z.number(), text: z.string() })),
});
export type Touched = z.infer<typeof touched>;

const order = z.object({
  number: z.number(),
  type: z.string(),
  at: z.number(),
  amountCents: z.number(),
  iccids: z.array(z.string()),
  products: z.array(z.object({ productId: z.number(), quantity: z.number() })),
});
export type KeptOrder = z.infer<typeof order>;

const change = z.object({
  iccid: z.string(),
  label: z.optional(z.string()),
  imeiLock: z.optional(z.boolean()),
  enabled: z.optional(z.boolean()),
});
/** An update as it was asked for. */
export type SimUpdate = z.infer<typeof change>;

const keptAccount = z.object({
  added: z.number(),
  /** Indexes of SIMs that left the account. */
  hidden: z.array(z.number()),
  sims: z.record(z.string(), touched),
  orders: z.array(order),
  spentCents: z.number(),
  nextSmsId: z.number(),
  limits: z.object({ data: z.number(), smsMt: z.number(), smsMo: z.number() }),
  requests: z.array(z.object({ id: z.number(), at: z.number(), subject: z.string(), text: z.string() })),
  /** Bulk updates that are accepted and not yet worked off. */
  queue: z.array(z.object({ at: z.number(), change })),
});
export type KeptAccount = z.infer<typeof keptAccount>;

const keptState = z.object({ accounts: z.record(z.string(), keptAccount) });

/** What is not understood is taken for nothing kept. */
export function readKept(state: unknown): Record<string, KeptAccount> {
  const parsed = keptState.safeParse(state);
  return parsed.success ? parsed.data.accounts : {};
}

export function nothingKept(): KeptAccount {
  return {
    added: 0,
    hidden: [],
    sims: {},
    orders: [],
    spentCents: 0,
    nextSmsId: 5_000_001,
    limits: { data: 5, smsMt: 5, smsMo: 5 },
    requests: [],
    queue: [],
  };
}

export function untouched(): Touched {
  return { segments: [], extras: {}, moves: [], swaps: [], messages: [], log: [] };
}
