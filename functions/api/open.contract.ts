/** The routes that need no proof of who asks: they answer nothing about any tenant. */
import * as z from 'zod/mini';
import { route } from '../../shared/platform/route.ts';

const check = z.object({ ok: z.boolean(), detail: z.optional(z.string()), milliseconds: z.optional(z.int()) });

export const health = route({
  key: 'GET /health',
  summary: 'Whether the API answers, the table answers and the schedules run',
  needs: 'open',
  response: z.object({
    status: z.enum(['ok', 'degraded']),
    stage: z.string(),
    checks: z.object({ api: check, table: check, schedules: check }),
  }),
});

export const openapi = route({
  key: 'GET /openapi.json',
  summary: 'This document',
  needs: 'open',
  response: z.record(z.string(), z.unknown()),
});

export const openRoutes = [health, openapi];
