/** Sources on the one table: one item each, and one row of the directory of targets that follows every write. */
import type { TenantStore } from '../entities/entities.port.ts';
import { AppError } from '../platform/errors.ts';
import { joinKey, splitKey } from '../platform/key.ts';
import type { Item, Table } from '../platform/table.dynamodb.ts';
import { sourceKey, sourcesPk, targetKey, targetsPk } from './keys.ts';
import type { Source, SourceType } from './source.ts';
import type { SourceStore, Target } from './sources.port.ts';

export interface SourceStoreDeps {
  readonly table: Table;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
}

export function openSourceStore(deps: SourceStoreDeps): SourceStore {
  return new SourceTable(deps);
}

class SourceTable implements SourceStore {
  readonly #table: Table;
  readonly #tenants: Pick<TenantStore, 'readTenant'>;

  constructor({ table, tenants }: SourceStoreDeps) {
    this.#table = table;
    this.#tenants = tenants;
  }

  async read(tenant: string, id: string): Promise<Source | undefined> {
    const item = await this.#table.get(sourceKey(tenant, id), { consistent: true });
    return item && toSource(item);
  }

  async list(tenant: string): Promise<Source[]> {
    const items = await this.#table.queryAll({
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': sourcesPk(tenant) },
      ConsistentRead: true,
    });
    return items.map(toSource);
  }

  async put(source: Source): Promise<Source> {
    await this.#assertTenant(source.tenant);
    const stored: Source = { ...source, version: source.version + 1 };
    // A row without its source heals at its first dispatch; a source without its row would never be read.
    if (source.enabled) await this.#putTarget(source);
    const done = await this.#table.put({ ...sourceKey(source.tenant, source.id), ...stored }, putCondition(source), {
      recognise: true,
    });
    await this.restoreTarget(source.type, source.tenant, source.id);
    if (!done) {
      throw new AppError('STORE_CONFLICT', `source ${source.id} was changed by somebody else: read it and try again`);
    }
    await this.#undoIfTenantGone(source.tenant, source.id);
    return stored;
  }

  async remove(tenant: string, id: string): Promise<boolean> {
    const source = await this.read(tenant, id);
    if (!source) return false;
    const done = await this.#table.delete(sourceKey(tenant, id), { ConditionExpression: 'attribute_exists(pk)' });
    await this.restoreTarget(source.type, tenant, id);
    return done;
  }

  async pause(source: Source, reason: string): Promise<boolean> {
    const done = await this.#table.update(sourceKey(source.tenant, source.id), {
      UpdateExpression: 'SET pausedReason = :reason, version = version + :one',
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: { ':reason': reason, ':one': 1, ':version': source.version },
    });
    await this.restoreTarget(source.type, source.tenant, source.id);
    return done !== false;
  }

  async unpause(tenant: string, id: string): Promise<Source | undefined> {
    const item = await this.#table.update(sourceKey(tenant, id), {
      UpdateExpression: 'SET version = version + :one REMOVE pausedReason',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':one': 1 },
      ReturnValues: 'ALL_NEW',
    });
    if (item === false) return undefined;
    const source = toSource(item);
    await this.restoreTarget(source.type, tenant, id);
    return source;
  }

  async restoreTarget(type: SourceType, tenant: string, id: string): Promise<void> {
    const source = await this.read(tenant, id);
    if (source?.type === type) await this.#putTarget(source);
    else await this.#table.delete(targetKey(type, tenant, id));
  }

  async listTargets(type: SourceType, tenant?: string, source?: string): Promise<Target[]> {
    const within = selection(tenant, source);
    const items = await this.#table.queryAll({
      KeyConditionExpression: `pk = :pk${within?.condition ?? ''}`,
      ExpressionAttributeValues: { ':pk': targetsPk(type), ...(within ? { ':sk': within.sk } : {}) },
    });
    return items.map((item) => toTarget(type, item));
  }

  /** Never over the row of a newer version, for two repairs may cross; a source made anew begins its versions again. */
  async #putTarget(source: Source): Promise<void> {
    const row = {
      kind: source.kind,
      periodSeconds: source.periodSeconds,
      enabled: source.enabled,
      paused: source.pausedReason !== undefined,
      version: source.version,
      bornAt: source.createdAt,
    };
    await this.#table.put(
      { ...targetKey(source.type, source.tenant, source.id), ...row },
      {
        ConditionExpression: 'attribute_not_exists(pk) OR version <= :version OR bornAt <> :bornAt',
        ExpressionAttributeValues: { ':version': row.version, ':bornAt': row.bornAt },
      },
    );
  }

  async #assertTenant(tenant: string): Promise<void> {
    const found = await this.#tenants.readTenant(tenant);
    if (!found || found.removedAt !== undefined) throw new AppError('NOT_FOUND', `there is no tenant ${tenant}`);
  }

  /** Whoever removes a tenant writes the tombstone, then clears up; a write that crossed the two takes itself back. */
  async #undoIfTenantGone(tenant: string, id: string): Promise<void> {
    try {
      await this.#assertTenant(tenant);
    } catch (error) {
      await this.remove(tenant, id);
      throw error;
    }
  }
}

function putCondition(source: Source) {
  if (source.version === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: 'version = :version AND #type = :type',
    ExpressionAttributeNames: { '#type': 'type' },
    ExpressionAttributeValues: { ':version': source.version, ':type': source.type },
  };
}

function selection(tenant: string | undefined, source: string | undefined) {
  if (tenant === undefined) return undefined;
  return source === undefined
    ? { condition: ' AND begins_with(sk, :sk)', sk: `${joinKey(tenant)}#` }
    : { condition: ' AND sk = :sk', sk: joinKey(tenant, source) };
}

function toSource(item: Item): Source {
  const { pk: _pk, sk: _sk, ...source } = item;
  return source as unknown as Source;
}

function toTarget(type: SourceType, item: Item): Target {
  const [tenant = '', source = ''] = splitKey(String(item.sk));
  return {
    type,
    tenant,
    source,
    kind: String(item.kind),
    periodSeconds: Number(item.periodSeconds),
    enabled: item.enabled === true,
    paused: item.paused === true,
  };
}
