/** The route of the audit: who did what, newest first, and whether the rows are as they were written. */
import { listAudit } from '../../shared/collect/audit.contract.ts';
import type { AuditLog } from '../../shared/collect/audit.port.ts';
import { shortSubject } from '../../shared/collect/audit.ts';
import { isoInstant } from '../../shared/platform/clock.ts';
import { decodeCursor, encodeCursor } from '../../shared/platform/cursor.ts';
import { DEFAULT_LIMIT } from '../../shared/platform/route.ts';
import { type Endpoint, endpoint } from './api.ts';

const LIST = 'audit';

export function createAuditEndpoints(deps: { readonly audit: Pick<AuditLog, 'list'> }): Endpoint[] {
  return [
    endpoint(listAudit, async ({ query }, { tenant: { tenant } }) => {
      const before = query.cursor === undefined ? undefined : Number(decodeCursor(tenant, LIST, query.cursor));
      const page = await deps.audit.list(tenant, query.limit ?? DEFAULT_LIMIT, before);
      return {
        items: page.entries.map(({ sequence, at, subject, action, target, outcome, details, hash }) => ({
          ...{ sequence, at: isoInstant(at), who: shortSubject(subject) },
          ...{ action, target, outcome, details: { ...details }, hash },
        })),
        ...(page.before === undefined ? {} : { nextCursor: encodeCursor(tenant, LIST, String(page.before)) }),
        verified: page.verified,
      };
    }),
  ];
}
