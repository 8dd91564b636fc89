/** What the API says of the archive: its months, their files, and the files themselves. */
import * as z from 'zod/mini';
import { fileAnswer, listOf, listQuery, route } from '../platform/route.ts';

const month = z.string().check(z.regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month such as 2025-11'));
/** Longer than any name that was given out. */
const MAX_FILE_NAME = 400;

export const archivedMonthView = z.object({
  /** `YYYY-MM` in UTC. */
  month: z.string(),
  files: z.int(),
  bytes: z.int(),
  rows: z.int(),
  archivedAt: z.string(),
});

export const archivedFileView = z.object({
  file: z.string(),
  /** Kind of entity. */
  kind: z.string(),
  /** The source that brought it; of SIMs a shard of it. */
  target: z.string(),
  bytes: z.int(),
  rows: z.int(),
});

export const listArchives = route({
  key: 'GET /v1/archives',
  summary:
    'Months whose readings stand in the archive, oldest first; those of about the last year are not archived yet',
  needs: 'admin',
  query: z.strictObject(listQuery),
  response: listOf(archivedMonthView),
});
export const readArchive = route({
  key: 'GET /v1/archives/{month}',
  summary: 'The files of one month',
  needs: 'admin',
  params: z.object({ month }),
  query: z.strictObject(listQuery),
  response: listOf(archivedFileView),
});
export const readArchiveFile = route({
  key: 'GET /v1/archives/{month}/{file}',
  summary: 'One file: CSV, gzipped; a row for each reading, with all that increases are computed from',
  needs: 'admin',
  params: z.object({ month, file: z.string().check(z.maxLength(MAX_FILE_NAME, 'is longer than any name of a file')) }),
  response: fileAnswer,
  responseType: ['application/gzip'],
});

export const archiveRoutes = [listArchives, readArchive, readArchiveFile];
