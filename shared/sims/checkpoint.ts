/** Where a run through a fleet stands between two invocations: it rides in the queue's message. Pure. */
import * as z from 'zod/mini';
import type { Instant } from '../platform/clock.ts';
import { MAX_BACKFILL_DAYS } from './settings.ts';

const count = z.int().check(z.nonnegative());

/** What the pages read so far have told. */
export const tally = z.object({
  listed: count,
  enabled: count,
  low: count,
  exhausted: count,
  /** Rows of the list that gave no SIM. */
  unreadable: count,
  /** False once a page repeated, was empty or told another total: then nobody is called absent. */
  sound: z.boolean(),
  /** As the first page said. */
  totalCount: z.optional(count),
});
export type Tally = z.infer<typeof tally>;

/** What a run by hand was asked for beyond the usual. */
const asked = z.object({
  /** Days of usage of every SIM. */
  days: z.optional(z.int().check(z.gte(1), z.lte(MAX_BACKFILL_DAYS))),
  /** Every SIM is looked at, however fresh its values are. */
  everybody: z.boolean(),
});
export type Asked = z.infer<typeof asked>;
const maybeAsked = z.optional(asked);

export const checkpoint = z.discriminatedUnion('phase', [
  /** Page by page through the list. `full`: SIMs that are no longer there become removed. */
  z.object({
    phase: z.literal('walk'),
    /** Slot in which it began: it names the walk, whatever slot it goes on in. */
    walk: z.int(),
    page: z.int().check(z.positive()),
    full: z.boolean(),
    tally,
    /** First SIM of the page before, so that a page that repeats is noticed. */
    first: z.optional(z.string()),
    /** ICCIDs that the list calls low, so far: the first 500. */
    low: z._default(z.array(z.string()), []),
    asked: maybeAsked,
  }),
  /** After a full walk: shard by shard, what was not listed. */
  z.object({
    phase: z.literal('absent'),
    walk: z.int(),
    shard: count,
    /** Different SIMs that the walk saw. */
    seen: count,
    asked: maybeAsked,
  }),
  /** SIMs nearly used up, by their place in the fleet's list of the watched. */
  z.object({ phase: z.literal('watch'), at: count, asked: maybeAsked }),
  /** The others, shard after shard; `left` shards are still to be looked at in this round. */
  z.object({ phase: z.literal('details'), shard: count, left: count, asked: maybeAsked }),
]);
export type Checkpoint = z.infer<typeof checkpoint>;

/** How a run begins that somebody asked for; everybody is looked at unless told. A start of the whole house asks for none. */
export const wish = z.extend(asked, { phase: z.literal('begin'), everybody: z._default(z.boolean(), true) });

/** As the older system took when somebody pressed its button. */
const DAYS_BY_HAND = 7;

export const EMPTY_TALLY: Tally = { listed: 0, enabled: 0, low: 0, exhausted: 0, unreadable: 0, sound: true };

/** Where a run begins or goes on. `full`: by hand, for the first time, or once a day. */
export function beginning(given: unknown, run: { readonly slot: Instant; readonly full: boolean }): Checkpoint {
  const going = checkpoint.safeParse(given);
  if (going.success) return going.data;
  const point: Checkpoint = { phase: 'walk', walk: run.slot, page: 1, full: run.full, tally: EMPTY_TALLY, low: [] };
  const wished = wish.safeParse(given);
  if (!wished.success) return point;
  const { days = DAYS_BY_HAND, everybody } = wished.data;
  return { ...point, asked: everybody ? { everybody, days } : { everybody } };
}
