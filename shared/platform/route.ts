/** A route as a value: what it takes, what it gives, who may ask. Handlers, OpenAPI and tests all read the same one. Pure. */
import * as z from 'zod/mini';

/** Who may ask. `open` needs no proof, `site` the key of a site; otherwise the weakest role that may. */
export type Needs = 'open' | 'site' | 'viewer' | 'operator' | 'admin' | 'owner';

type Schema = z.ZodMiniType;

export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
/** Media types of files that are sent and answered. */
export type FileType = 'text/csv' | 'text/plain' | 'application/gzip' | typeof XLSX_TYPE;

export interface Route<
  P extends Schema = Schema,
  Q extends Schema = Schema,
  B extends Schema = Schema,
  R extends Schema = Schema,
> {
  /** `GET /v1/bundles/{id}`, as the HTTP API names it. */
  readonly key: string;
  readonly summary: string;
  readonly needs: Needs;
  readonly params?: P;
  /** Of strings; anything unknown is refused, so that a misspelt filter is not silently no filter. */
  readonly query?: Q;
  readonly body?: B;
  /** Media type of the body; JSON unless told. Of several, the request's header says which: `body` is then `fileBody`. */
  readonly bodyType?: 'application/json' | 'text/csv' | readonly FileType[];
  /** A request without one gives `undefined` to `body`, which must take it: its fields may stand in the query instead. */
  readonly bodyOptional?: true;
  readonly response: R;
  /** Media types of an answer that is a file; `response` is then `fileAnswer`. JSON unless told. */
  readonly responseType?: readonly FileType[];
  /** 200 unless told. */
  readonly status?: number;
  /** Another one that the same answer may have: a dry run makes nothing. */
  readonly otherStatus?: number;
}

export function route<P extends Schema, Q extends Schema, B extends Schema, R extends Schema>(
  value: Route<P, Q, B, R>,
): Route<P, Q, B, R> {
  return value;
}

/** A file as it was sent. */
export interface FileBody {
  readonly type: FileType;
  readonly bytes: Uint8Array;
}

export const fileBody = z.custom<FileBody>(
  (file) => (file as FileBody).bytes.length > 0,
  'the body is empty: send a file',
);

/** A file to be saved under this name; its content comes in pieces, and never all of it when it is too large. */
export interface FileAnswer {
  readonly type: FileType;
  /** Letters, digits, dots and dashes. */
  readonly fileName: string;
  readonly pieces: Iterable<string> | Iterable<Uint8Array>;
  /** Header `x-next-cursor`: where the next piece of the list begins. */
  readonly nextCursor?: string | undefined;
}

export const fileAnswer = z.custom<FileAnswer>();

/** Default and largest number of items in an answer. */
export const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 500;

/** A sort key holds 1024 bytes, and every character of an id in a path is at most one of them there. */
const MAX_ID_LENGTH = 900;

/** Path of one thing. */
export const idParams = z.object({ id: z.string().check(z.maxLength(MAX_ID_LENGTH, 'is longer than any id')) });

/** Query fields of every list. */
export const listQuery = {
  limit: z.optional(
    z.pipe(
      z.string().check(z.regex(/^\d{1,9}$/, `must be a whole number from 1 to ${MAX_LIMIT}`)),
      z.pipe(
        z.transform((text: string) => Number(text)),
        z
          .number()
          .check(
            z.minimum(1, `must be a whole number from 1 to ${MAX_LIMIT}`),
            z.maximum(MAX_LIMIT, `must be a whole number from 1 to ${MAX_LIMIT}`),
          ),
      ),
    ),
  ),
  cursor: z.optional(z.string().check(z.maxLength(2000, 'is not one of ours'))),
} as const;

/** Keys hold years of four digits, and whole days on either side of what is asked for; nothing was measured before. */
const OLDEST_YEAR = 1970;
const NEWEST_YEAR = 2999;

/** An ISO 8601 instant as text becomes epoch milliseconds. */
export const instantQuery = z.pipe(
  z
    .string()
    .check(
      z.refine(
        (text) => isInstant(text),
        `must be an ISO 8601 instant such as 2026-11-20T10:00:00Z, of the years ${OLDEST_YEAR} to ${NEWEST_YEAR}`,
      ),
    ),
  z.transform((text: string) => Date.parse(text)),
);

function isInstant(text: string): boolean {
  const date = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.exec(text)?.[1];
  if (date === undefined || Number.isNaN(Date.parse(text))) return false;
  // Date.parse takes the 31st of February for a day in March.
  const day = new Date(date);
  const exists = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
  return exists && day.getUTCFullYear() >= OLDEST_YEAR && day.getUTCFullYear() <= NEWEST_YEAR;
}

/** `{items, nextCursor}`: nextCursor is absent on the last page. */
export function listOf<T extends Schema>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.optional(z.string()) });
}
