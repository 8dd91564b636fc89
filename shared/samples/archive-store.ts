/** The archive as objects: files of gzipped CSV, and beside them JSON that says what stands where. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod/mini';
import { assert } from '../platform/assert.ts';
import type { ObjectStore } from '../platform/objects.port.ts';
import type { Archive, ArchivedSeriesPlace } from './archive.port.ts';
import { parseArchiveRows } from './archive-csv.ts';
import {
  contentsName,
  draftName,
  MONTH_PATTERN,
  monthName,
  partName,
  targetName,
  tenantFolder,
} from './archive-months.ts';
import type { CounterLife, RawPoint } from './sample.ts';

const DIGEST_LENGTH = 16;
const CSV_GZIP = 'application/gzip';
const JSON_TYPE = 'application/json';

const part = z.object({ name: z.string(), first: z.string(), last: z.string(), bytes: z.int(), rows: z.int() });
const archivedTarget = z.object({ startedAt: z.int(), parts: z.array(part) });
const archivedMonth = z.object({
  startedAt: z.int(),
  targets: z.array(z.object({ kind: z.string(), target: z.string(), parts: z.array(part) })),
});
const draft = z.extend(archivedTarget, { next: z.object({ from: z.string(), skip: z.int() }) });
const bigintText = z.pipe(
  z.string(),
  z.transform((text: string) => BigInt(text)),
);
const point = z.object({
  slot: z.int(),
  receivedAt: z.int(),
  value: bigintText,
  boundary: z.boolean(),
  life: z.optional(z.custom<CounterLife>((life) => typeof life === 'object')),
});
const places = z.array(
  z.object({
    entity: z.string(),
    metric: z.string(),
    offset: z.int(),
    bytes: z.int(),
    rows: z.int(),
    previous: z.optional(point),
  }),
);

/** Throws STORE_UNAVAILABLE as its objects do; an object that cannot be understood is a bug. */
export function createArchive(objects: ObjectStore): Archive {
  const read = async <S extends z.ZodMiniType>(name: string, schema: S): Promise<z.infer<S> | undefined> => {
    const bytes = await objects.get(name);
    return bytes && z.parse(schema, JSON.parse(Buffer.from(bytes).toString('utf8')));
  };
  const write = (name: string, content: unknown) => objects.put(name, Buffer.from(jsonOf(content)), JSON_TYPE);
  return {
    async months(tenant) {
      const folders = await objects.folders(tenantFolder(tenant));
      return folders.filter((folder) => MONTH_PATTERN.test(folder)).sort();
    },
    readMonth: (tenant, month) => read(monthName(tenant, month), archivedMonth),
    writeMonth: (tenant, month, content) => write(monthName(tenant, month), content),
    readTarget: (ref) => read(targetName(ref), archivedTarget),
    writeTarget: (ref, content) => write(targetName(ref), content),
    readDraft: (ref) => read(draftName(ref), draft),
    writeDraft: (ref, content) => write(draftName(ref), content),
    async writePart(ref, number, file, content) {
      const digest = createHash('sha256').update(file).digest('hex').slice(0, DIGEST_LENGTH);
      const name = partName(ref, number, digest);
      // What the same points are preceded by may have changed, so the contents are written whatever stands there.
      if (!(await objects.has(name))) await objects.put(name, file, CSV_GZIP);
      await write(contentsName(name), content);
      return name;
    },
    async readPlaces({ name }) {
      const found = await read(contentsName(name), places);
      assert(found, `${name} has no contents`);
      return found as readonly ArchivedSeriesPlace[];
    },
    async readRows({ name }, { offset, bytes, rows }) {
      const packed = await objects.get(name, { offset, bytes });
      assert(packed, `${name} is gone`);
      const found = parseArchiveRows(gunzipSync(packed).toString('utf8'));
      assert(found.length === rows, `${name} holds ${found.length} rows where ${rows} were written`);
      return found;
    },
    readFile: ({ name }) => objects.get(name),
  };
}

function jsonOf(content: unknown): string {
  return JSON.stringify(content, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

/** The point alone: a row of the archive knows its period as well. */
export function plainPoint({ slot, receivedAt, value, boundary, life }: RawPoint): RawPoint {
  return { slot, receivedAt, value, boundary, ...(life ? { life } : {}) };
}
