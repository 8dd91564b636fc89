/** Keys of the audit in the one table. Pure. */
import { tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';

/** First part of a row's sort key. */
export const ROW_PREFIX = 'row#';

/** Wide enough that rows sort as numbers do. */
const SEQUENCE_DIGITS = 12;

export function auditPk(tenant: string): string {
  return tenantKey(tenant, 'L', 'audit');
}

export function auditRowKey(tenant: string, sequence: number): Key {
  return { pk: auditPk(tenant), sk: `${ROW_PREFIX}${String(sequence).padStart(SEQUENCE_DIGITS, '0')}` };
}

/** Remembers the newest row, so that taking the newest ones away shows. */
export function auditHeadKey(tenant: string): Key {
  return { pk: auditPk(tenant), sk: 'head' };
}
