/** What the API says of the audit. */
import * as z from 'zod/mini';
import { listQuery, route } from '../platform/route.ts';

export const auditView = z.object({
  sequence: z.int(),
  at: z.string(),
  /** Short form of the identity that asked. */
  who: z.string(),
  action: z.string(),
  target: z.string(),
  outcome: z.enum(['requested', 'intent', 'done', 'refused', 'failed', 'unknown']),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  hash: z.string(),
});

export const listAudit = route({
  key: 'GET /v1/audit',
  summary: 'Who did what and how it ended, newest first; "verified" tells whether the rows are as they were written',
  needs: 'admin',
  query: z.strictObject(listQuery),
  response: z.object({ items: z.array(auditView), nextCursor: z.optional(z.string()), verified: z.boolean() }),
});

export const auditRoutes = [listAudit];
