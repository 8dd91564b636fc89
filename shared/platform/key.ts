/** The grammar of every key in the one table: tenant first, then a shelf letter, then parts that cannot run together. */

/**
 * Shelves of the table. H head, B batch, S chunk of a series, R rollup, P top values, E entity, A alert, L log
 * (runs, audit), M mailbox of a recipient, D delivery, C configuration (tenant, sources, rules, receivers), Q raw responses,
 * W work that a site carries out.
 */
export type Shelf = 'H' | 'B' | 'S' | 'R' | 'P' | 'E' | 'A' | 'L' | 'M' | 'D' | 'C' | 'Q' | 'W';

/** A tenant's name in keys: lower case, 2-32 characters; never contains `#` or `@`. */
export const TENANT_PATTERN = /^[a-z][a-z0-9-]{1,31}$/;

/** Escapes `#` and `%` (and `@` in front), so that a part can hold any text and still be told from its neighbours. */
export function keyPart(text: string): string {
  return text.replace(/[%#]/g, (c) => (c === '%' ? '%25' : '%23')).replace(/^@/, '%40');
}

export function unkeyPart(part: string): string {
  return part.replace(/%(25|23|40)/g, (_, hex: string) => (hex === '25' ? '%' : hex === '23' ? '#' : '@'));
}

/** `a#b#c` of escaped parts. */
export function joinKey(...parts: readonly string[]): string {
  return parts.map(keyPart).join('#');
}

export function splitKey(key: string): string[] {
  return key.split('#').map(unkeyPart);
}

/** Partition key of a tenant's shelf: `<tenant>#<shelf>#<part>…`. */
export function tenantKey(tenant: string, shelf: Shelf, ...parts: readonly string[]): string {
  if (!TENANT_PATTERN.test(tenant)) throw new Error(`assertion failed: not a tenant name: ${JSON.stringify(tenant)}`);
  return joinKey(tenant, shelf, ...parts);
}

/** `@<kind>#<part>`: the directory, the one listed exception to tenant-first; it answers only "whose is this?". */
export function directoryKey(
  kind: 'member' | 'tenants' | 'targets' | 'phone' | 'site',
  ...parts: readonly string[]
): string {
  return `@${joinKey(kind, ...parts)}`;
}
