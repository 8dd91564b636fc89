/** Schemas of what crosses our own process borders on the way of a collection; unknown fields are let pass. */
import * as z from 'zod/mini';
import { TENANT_PATTERN } from '../platform/key.ts';
import type { CollectMessage } from './source.ts';
import { SOURCE_ID_PATTERN, SOURCE_TYPES } from './source-rules.ts';

const instantText = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'not an ISO 8601 instant'));
const tenantName = z.string().check(z.regex(TENANT_PATTERN));
const sourceId = z.string().check(z.regex(SOURCE_ID_PATTERN));
const sourceTypes = z.array(z.enum(SOURCE_TYPES)).check(z.minLength(1));

/** A message of the collect queues. `waits` counts how often it was put back because the source was busy. */
export interface QueuedCollectMessage extends CollectMessage {
  readonly waits?: number;
}

export const collectMessage = z.object({
  version: z.literal(1),
  tenant: tenantName,
  source: sourceId,
  slot: instantText,
  part: z.int().check(z.nonnegative(), z.maximum(9999)),
  boundary: z.boolean(),
  checkpoint: z.optional(z.unknown()),
  waits: z.optional(z.int().check(z.nonnegative())),
});

/** Names the target whose batches are to be folded. */
export const foldMessage = z.object({
  version: z.literal(1),
  tenant: tenantName,
  kind: z.string(),
  target: sourceId,
});

/** What the scheduler says every minute. `scheduledAt` is the nominal instant, also when it comes late. */
export const tickEvent = z.object({ types: sourceTypes, scheduledAt: instantText });

/** What asks for a run now: of every target of these types, of a tenant's, or of one source. */
export const manualEvent = z
  .object({
    types: sourceTypes,
    manual: z.literal(true),
    requestedAt: instantText,
    tenant: z.optional(tenantName),
    source: z.optional(sourceId),
  })
  .check(z.refine((e) => e.source === undefined || e.tenant !== undefined, 'a source needs its tenant'));

export type TickEvent = z.infer<typeof tickEvent>;
export type ManualEvent = z.infer<typeof manualEvent>;

/** Names one stored part for whoever copies samples elsewhere (Timestream); the part itself is read from the table. */
export interface StoredPartMessage {
  readonly version: 1;
  readonly tenant: string;
  readonly kind: string;
  readonly target: string;
  /** ISO instant. */
  readonly slot: string;
  readonly part: number;
}
