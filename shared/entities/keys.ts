/** Keys of tenants, members and entities in the one table. Pure. */
import { directoryKey, joinKey, keyPart, splitKey, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';

export function entitiesPk(tenant: string, kind: string): string {
  return tenantKey(tenant, 'E', kind);
}

export function entityKey(tenant: string, kind: string, id: string): Key {
  return { pk: entitiesPk(tenant, kind), sk: joinKey(id) };
}

/** Ids of a target's entities begin with its own id and a slash, so that one query finds them. */
export function targetPrefix(target: string): string {
  return keyPart(`${target}/`);
}

/** The first sort key behind all entities of a target: `0` follows the slash. */
export function afterTarget(target: string): string {
  return `${keyPart(target)}0`;
}

export function entityIdOf(sk: string): string {
  return splitKey(sk)[0] ?? '';
}

export function tenantItemKey(tenant: string): Key {
  return { pk: tenantKey(tenant, 'C', 'tenant'), sk: 'tenant' };
}

export function tenantsPk(): string {
  return directoryKey('tenants');
}

/** Row of the directory of tenants: its name and nothing else. */
export function tenantRowKey(tenant: string): Key {
  return { pk: tenantsPk(), sk: joinKey(tenant) };
}

export function tenantOfRow(sk: string): string {
  return splitKey(sk)[0] ?? '';
}

/** `subjectHash` is the SHA-256 of the identity provider's subject, hexadecimal. */
export function memberKey(subjectHash: string): Key {
  return { pk: directoryKey('member', subjectHash), sk: 'member' };
}
