/** Grants on the one table: named verbs on named shelves, so that a function cannot even read what is not its business. */
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Shelf } from '../../shared/platform/key.ts';
import { INDEX } from '../../shared/platform/table.dynamodb.ts';
import type { NodeFunction } from './node-function.ts';

export type Directory = '@member' | '@tenants' | '@targets' | '@phone' | '@site';

const READ = ['dynamodb:GetItem', 'dynamodb:Query'];
const WRITE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];

export interface TableAccess {
  readonly read?: readonly (Shelf | Directory)[];
  readonly write?: readonly (Shelf | Directory)[];
  /** Also queries the overloaded index, on the shelves it reads. */
  readonly index?: boolean;
}

/** `ForAllValues` is true when the key is absent; Scan and PartiQL are never granted, and every granted verb carries a key. */
export function grantTable(fn: NodeFunction, table: TableV2, access: TableAccess): void {
  const read = access.read ?? [];
  const write = access.write ?? [];
  if (read.length > 0) {
    fn.allow(READ, [table.tableArn, ...(access.index ? [`${table.tableArn}/index/${INDEX}`] : [])], leadingKeys(read));
  }
  if (write.length > 0) fn.allow(WRITE, [table.tableArn], leadingKeys(write));
}

function leadingKeys(shelves: readonly (Shelf | Directory)[]): Record<string, Record<string, unknown>> {
  const patterns = shelves.flatMap((s) => (s.startsWith('@') ? [s, `${s}#*`] : [`*#${s}`, `*#${s}#*`]));
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns.sort() } };
}
