/** Keys of sites: rows of the directory on the one table, secrets with the tenant's other credentials; draws the random bits. */
import { randomBytes } from 'node:crypto';
import type { Table } from '../platform/table.dynamodb.ts';
import { siteKeyKey } from './keys.ts';
import type { SecretFields, SecretStore } from './secrets.port.ts';
import { SITE_KEY_ID_BYTES, SITE_SECRET_BYTES, type SiteKey, siteKeyHash } from './site-key.ts';
import type { SiteKeyReader, SiteKeyStore, SiteRef } from './site-keys.port.ts';

/** For whoever takes packs: it may read secrets and never changes one. */
export function openSiteKeyReader(deps: {
  readonly table: Table;
  readonly secrets: Pick<SecretStore, 'readSecret'>;
}): SiteKeyReader {
  const { table, secrets } = deps;
  return {
    async find(keyId) {
      const row = await table.get(rowKey(keyId), { consistent: true });
      return row && { tenant: String(row.tenant), source: String(row.source) };
    },
    async read({ tenant, source }, keyId) {
      const known = keyOf(await secrets.readSecret(tenant, source));
      if (known?.id === keyId) return known;
      const fresh = keyOf(await secrets.readSecret(tenant, source, { refresh: true }));
      return fresh?.id === keyId ? fresh : undefined;
    },
    async claim(keyId, minute, signedAt) {
      const isLater = signedAt === undefined ? '' : ' AND (attribute_not_exists(signedAt) OR signedAt < :signedAt)';
      const taken = await table.update(rowKey(keyId), {
        UpdateExpression: `SET #minute = :minute${signedAt === undefined ? '' : ', signedAt = :signedAt'}`,
        ConditionExpression: `attribute_exists(pk) AND (attribute_not_exists(#minute) OR #minute < :minute)${isLater}`,
        ExpressionAttributeNames: { '#minute': 'minute' },
        ExpressionAttributeValues: { ':minute': minute, ...(signedAt === undefined ? {} : { ':signedAt': signedAt }) },
      });
      if (taken !== false) return 'taken';
      const row = await table.get(rowKey(keyId), { consistent: true });
      return signedAt !== undefined && Number(row?.signedAt ?? 0) >= signedAt ? 'replayed' : 'tooSoon';
    },
    async claimWork(keyId, signedAt) {
      const taken = await table.update(rowKey(keyId), {
        UpdateExpression: 'SET workSignedAt = :signedAt',
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(workSignedAt) OR workSignedAt < :signedAt)',
        ExpressionAttributeValues: { ':signedAt': signedAt },
      });
      return taken !== false;
    },
  };
}

export function openSiteKeyStore(deps: { readonly table: Table; readonly secrets: SecretStore }): SiteKeyStore {
  const { table, secrets } = deps;
  const reader = openSiteKeyReader(deps);
  const currentId = async ({ tenant, source }: SiteRef): Promise<string | undefined> =>
    keyOf(await secrets.readSecret(tenant, source, { refresh: true }))?.id;
  return {
    ...reader,
    currentId,
    async renew({ tenant, source }) {
      const before = await currentId({ tenant, source });
      const key: SiteKey = {
        id: randomBytes(SITE_KEY_ID_BYTES).toString('hex'),
        secret: randomBytes(SITE_SECRET_BYTES).toString('hex'),
      };
      // The old row goes first: whoever still remembers the old secret finds nobody to use it for, also after a crash.
      if (before !== undefined) await table.delete(rowKey(before));
      await secrets.writeSecret(tenant, source, { keyId: key.id, secret: key.secret });
      await table.put({ ...rowKey(key.id), tenant, source });
      return key;
    },
    async forget(site) {
      const id = await currentId(site);
      if (id !== undefined) await table.delete(rowKey(id));
    },
  };
}

function rowKey(keyId: string) {
  return siteKeyKey(siteKeyHash(keyId));
}

function keyOf(fields: SecretFields | undefined): SiteKey | undefined {
  const { keyId, secret } = fields ?? {};
  return keyId === undefined || secret === undefined ? undefined : { id: keyId, secret };
}
