/** Cursors of lists: opaque to clients, and bound to tenant and list, so that one of somebody else opens nothing. Pure. */
import { AppError } from './errors.ts';

interface Bound {
  readonly t: string;
  readonly l: string;
  readonly p: string;
}

export function encodeCursor(tenant: string, list: string, position: string): string {
  const bound: Bound = { t: tenant, l: list, p: position };
  return Buffer.from(JSON.stringify(bound), 'utf8').toString('base64url');
}

/** Throws REQUEST_INVALID for a cursor that this tenant did not get from this list. */
export function decodeCursor(tenant: string, list: string, cursor: string): string {
  const bound = parse(cursor);
  if (bound && bound.t === tenant && bound.l === list && typeof bound.p === 'string') return bound.p;
  const issue = { path: 'cursor', message: 'is not a cursor of this list: leave it out to start at the beginning' };
  throw new AppError('REQUEST_INVALID', 'the cursor cannot be used', { context: { issues: [issue] } });
}

function parse(cursor: string): Bound | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Bound) : undefined;
  } catch {
    return undefined;
  }
}
