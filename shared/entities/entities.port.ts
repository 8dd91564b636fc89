/** What the house needs to know of tenants, members and entities. */
import type { Instant } from '../platform/clock.ts';
import type { Entity } from './entity.ts';
import type { Member, Tenant } from './tenant.ts';

/** An entity as a source describes it now; the store adds tenant, first sight and removal. */
export type EntityDraft = Pick<Entity, 'id' | 'target' | 'name' | 'attributes' | 'labels' | 'simulated'>;

export interface EntityStore {
  read(tenant: string, kind: string, id: string): Promise<Entity | undefined>;
  list(tenant: string, kind: string): Promise<Entity[]>;
  listOfTarget(tenant: string, kind: string, target: string): Promise<Entity[]>;
  /** Rewrites an item only when something changed; with `complete`, those of the target that are absent become removed. */
  record(
    tenant: string,
    kind: string,
    target: string,
    drafts: readonly EntityDraft[],
    options: { now: Instant; complete: boolean },
  ): Promise<void>;
  /** Marks entities removed that a walk no longer found; those that are gone already stay as they are. */
  remove(tenant: string, kind: string, ids: readonly string[], now: Instant): Promise<void>;
  /** Marks all entities of a target removed. */
  removeTarget(tenant: string, kind: string, target: string, now: Instant): Promise<void>;
}

/** For whoever must go through all there ever was, and may not hold it at once. */
export interface EntityWalk {
  /** Every target that feeds or fed an entity of the kind, in order of keys. */
  targets(tenant: string, kind: string): Promise<string[]>;
  /** Ids of a target's entities in order of keys, from this one on (itself included), at most `limit`. */
  idsOfTarget(tenant: string, kind: string, target: string, from: string | undefined, limit: number): Promise<string[]>;
}

export interface TenantStore {
  readTenant(tenant: string): Promise<Tenant | undefined>;
  listTenants(): Promise<Tenant[]>;
  /** Throws STORE_CONFLICT when the name is taken. */
  addTenant(tenant: Tenant): Promise<void>;
  putTenant(tenant: Tenant): Promise<void>;
  readMember(subject: string): Promise<Member | undefined>;
  putMember(member: Member): Promise<void>;
}
