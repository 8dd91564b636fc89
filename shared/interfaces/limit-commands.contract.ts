/** Commands of the kind `limits`, as they cross to the agent of a site, and what each of them brings back. */
import * as z from 'zod/mini';

export const LIMITS_KIND = 'limits';

/** A name or target longer than this is on no router. */
const MAX_TEXT = 255;
const MAX_TARGETS = 1000;
/** 10 Tb/s. */
const MAX_RATE = 10_000_000_000_000;

const text = z.string().check(z.minLength(1), z.maxLength(MAX_TEXT));
const targets = z.array(text).check(z.maxLength(MAX_TARGETS));
const rate = z.optional(z.number().check(z.minimum(0), z.maximum(MAX_RATE)));
const limit = z.strictObject({ fromTargetBitsPerSecond: rate, toTargetBitsPerSecond: rate });
const nothing = z.strictObject({});

/** By operation of the port: what it is asked with. Anything else is not carried out. */
export const limitArguments = {
  readQueues: nothing,
  writeLimit: z.strictObject({ name: text, targets, limit }),
  removeQueue: z.strictObject({ name: text }),
  readCut: nothing,
  cut: z.strictObject({ targets }),
  reconnect: z.strictObject({ targets }),
} as const;
export type LimitOperation = keyof typeof limitArguments;

/** Those that change nothing. */
export const READING_OPERATIONS: readonly LimitOperation[] = ['readQueues', 'readCut'];

const octets = z.optional(z.string().check(z.regex(/^\d{1,20}$/)));
const queue = z.object({
  name: z.string(),
  targets: z.array(z.string()),
  limit: z.object({ fromTargetBitsPerSecond: rate, toTargetBitsPerSecond: rate }),
  dynamic: z.boolean(),
  disabled: z.boolean(),
  octetsFromTarget: octets,
  octetsToTarget: octets,
  comment: z.optional(z.string()),
});
export type CarriedQueue = z.infer<typeof queue>;
const rejected = z.object({ path: z.string(), message: z.string(), rawText: z.optional(z.string()) });

/** By operation: what it brings back, octets as decimal text. */
export const limitResults = {
  readQueues: z.object({ queues: z.array(queue), rejected: z.array(rejected) }),
  writeLimit: queue,
  removeQueue: z.null(),
  readCut: z.array(z.string()),
  cut: z.null(),
  reconnect: z.null(),
} as const;
export type LimitResult<O extends LimitOperation> = z.infer<(typeof limitResults)[O]>;
