/** Where a list of alerts goes on, as opaque text that never names a tenant. Pure. */
import * as z from 'zod/mini';

/** The last key of the page before, in a partition that the reader works out anew. DynamoDB takes no longer sort key and no empty one. */
const after = z.optional(z.string().check(z.minLength(1), z.maxLength(1024)));

const position = z.union([
  z.object({ shelf: z.literal('open'), after }),
  z.object({
    shelf: z.literal('month'),
    month: z.string().check(z.regex(/^\d{4}-(0[1-9]|1[0-2])$/)),
    after,
  }),
  z.object({ shelf: z.literal('entity'), after }),
]);

export type Position = z.infer<typeof position>;

export function encodePosition(at: Position): string {
  return Buffer.from(JSON.stringify(at)).toString('base64url');
}

/** Undefined when the text was not made by `encodePosition`. */
export function decodePosition(text: string): Position | undefined {
  try {
    const parsed = position.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not JSON: a cursor from elsewhere, which is an answer and no fault.
    return undefined;
  }
}
