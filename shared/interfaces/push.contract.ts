/** What a site that cannot be called sends of its interfaces, what it is answered, and how one slot of it crosses our queue. */
import * as z from 'zod/mini';
import { route } from '../platform/route.ts';

/** A message of SQS holds 262,144 octets, and ours wraps a reading in a few hundred. */
export const MAX_PACK_BYTES = 240_000;
/** As many slots as a site keeps while it cannot reach us. */
export const MAX_READINGS = 12;
const MAX_INTERFACES = 2000;
const MAX_TEXT = 255;
/** 100 years. */
const MAX_UPTIME_SECONDS = 3_200_000_000;
/** 10 Tb/s: no port is faster. */
const MAX_SPEED_MBPS = 10_000_000;
const MAX_INDEX = 2 ** 31 - 1;
const TWO_TO_64 = 2n ** 64n;

const instantText = z
  .string()
  .check(
    z.refine(
      (text) =>
        /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/.test(text) &&
        !Number.isNaN(Date.parse(text)),
      'must be an ISO 8601 instant with its zone, such as 2026-11-20T10:00:00Z',
    ),
  );
const octets = z
  .string('must be the counter as decimal text, such as "123"')
  .check(
    z.refine(
      (text) => /^\d{1,20}$/.test(text) && BigInt(text) < TWO_TO_64,
      'must be a whole number of octets as decimal text, from 0 to 2^64 - 1',
    ),
  );
const uptimeSeconds = z.number().check(z.minimum(0), z.maximum(MAX_UPTIME_SECONDS));

/** One port; a value that the site does not know is left away, and never 0. */
const pushedInterface = z.strictObject({
  name: z.string().check(z.maxLength(MAX_TEXT)),
  index: z.optional(z.int().check(z.minimum(1), z.maximum(MAX_INDEX))),
  inOctets: z.optional(octets),
  outOctets: z.optional(octets),
  /** ifOperStatus of RFC 2863. */
  operStatus: z.optional(z.int().check(z.minimum(1), z.maximum(7))),
  speedMbps: z.optional(z.number().check(z.minimum(0), z.maximum(MAX_SPEED_MBPS))),
  alias: z.optional(z.string().check(z.maxLength(MAX_TEXT))),
});
export type PushedInterface = z.infer<typeof pushedInterface>;

const interfaces = z.array(pushedInterface).check(z.minLength(1), z.maxLength(MAX_INTERFACES));

export const pushPack = z.strictObject({
  version: z.literal(1),
  /** The site's clock as it sends; only its distance to `at` is used. */
  sentAt: z.optional(instantText),
  /** How long the machine that counts has been up as it sends. */
  uptimeSeconds: z.optional(uptimeSeconds),
  /** The same in RouterOS's words, such as 1w2d03:04:05. */
  uptime: z.optional(z.string().check(z.maxLength(40))),
  readings: z
    .array(
      z.strictObject({
        /** The site's clock when it read. */
        at: z.optional(instantText),
        /** The better of the two: no clock is set while it passes. */
        uptimeSeconds: z.optional(uptimeSeconds),
        interfaces,
      }),
    )
    .check(z.minLength(1), z.maxLength(MAX_READINGS)),
});
export type PushPack = z.infer<typeof pushPack>;

export const ingest = route({
  key: 'POST /v1/ingest',
  summary: 'Takes interface counters from a site that cannot be called, proved by its key',
  needs: 'site',
  body: pushPack,
  response: z.object({
    /** Slots that go on from here; of two readings of one slot the earlier goes. */
    accepted: z.int(),
    slots: z.array(z.string()),
    /** When the site is expected next. */
    nextSlot: z.string(),
    /** The same for a site whose clock is off. */
    nextSlotInSeconds: z.int(),
  }),
  status: 202,
});

export const pushRoutes = [ingest];

/** One reading on the collect queue, as the checkpoint of its message: anchored at our clock. */
export const pushedReading = z.object({
  /** Epoch ms. */
  receivedAt: z.int(),
  uptimeMs: z.optional(z.int().check(z.minimum(0))),
  /** Whole seconds: good enough to know a restart by, not to divide by. */
  isCoarse: z.optional(z.boolean()),
  interfaces,
});
export type PushedReading = z.infer<typeof pushedReading>;
