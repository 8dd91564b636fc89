/** What the API says and takes of files of SIMs: labels, tags, groups and thresholds in, everything out. */
import * as z from 'zod/mini';
import { fileAnswer, fileBody, route, XLSX_TYPE } from '../platform/route.ts';
import { simFilterQuery } from './sims.contract.ts';

/** With every column filled, so many rows of CSV come close to the 6 MB at which an answer ends. */
export const MAX_EXPORT_ROWS = 20_000;
const LIMIT_MESSAGE = `must be a whole number from 1 to ${MAX_EXPORT_ROWS}`;

export const simImportView = z.object({
  /** True: nothing was changed. */
  dryRun: z.boolean(),
  /** Rows with a SIM. */
  rows: z.int(),
  changedSims: z.int(),
  /** SIMs whose tags, group or threshold are written. */
  notes: z.int(),
  /** SIMs whose label is changed at the provider, by the job. */
  labels: z.int(),
  /** The first 100. */
  changes: z.array(
    z.object({
      line: z.int(),
      iccid: z.string(),
      field: z.enum(['label', 'tags', 'group', 'thresholdPercent']),
      before: z.nullable(z.string()),
      after: z.nullable(z.string()),
    }),
  ),
  /** How many more there are. */
  moreChanges: z.int(),
  /** Columns of an export that an import does not change. */
  ignoredColumns: z.array(z.string()),
  /** The job that changes the labels; null without any. */
  job: z.nullable(z.string()),
});

export const importSims = route({
  key: 'POST /v1/sims/import',
  summary:
    'Set labels, tags, groups and thresholds of SIMs from CSV or XLSX: all rows are right, or nothing is changed',
  needs: 'operator',
  query: z.strictObject({ dryRun: z.optional(z.enum(['true', 'false'])) }),
  body: fileBody,
  bodyType: ['text/csv', XLSX_TYPE],
  response: simImportView,
});

export const exportSims = route({
  key: 'GET /v1/sims/export',
  summary: 'SIMs as a file; a large fleet comes in pieces of `limit` rows, `x-next-cursor` names the next one',
  needs: 'viewer',
  query: z.strictObject({
    ...simFilterQuery,
    format: z.optional(z.enum(['csv', 'xlsx'])),
    limit: z.optional(
      z.pipe(
        z.string().check(z.regex(/^\d{1,9}$/, LIMIT_MESSAGE)),
        z.pipe(
          z.transform((digits: string) => Number(digits)),
          z.number().check(z.minimum(1, LIMIT_MESSAGE), z.maximum(MAX_EXPORT_ROWS, LIMIT_MESSAGE)),
        ),
      ),
    ),
    cursor: z.optional(z.string().check(z.maxLength(2000, 'is not one of ours'))),
  }),
  response: fileAnswer,
  responseType: ['text/csv', XLSX_TYPE],
});

export const simFileRoutes = [importSims, exportSims];
