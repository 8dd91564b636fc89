/** Stand-ins of ports for the collect room's tests: a clock that is moved, tenants, queues, samples and entities in memory. */

import type { CollectMessage, Source, SourceType } from '../../../shared/collect/source.ts';
import { SOURCE_TYPES } from '../../../shared/collect/source-rules.ts';
import type { EntityDraft, EntityStore, TenantStore } from '../../../shared/entities/entities.port.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import type { Tenant } from '../../../shared/entities/tenant.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import type { Queue, QueueEntry } from '../../../shared/platform/queue.port.ts';
import type { Batch, Head, LastRun, TargetRef } from '../../../shared/samples/sample.ts';
import type { Lease, LeaseClaim, LeaseRun, SampleStore } from '../../../shared/samples/samples.port.ts';

export const NOON = Date.parse('2030-01-01T12:00:00Z');

/** Time stands still until it is moved. */
export class MovableClock {
  at = NOON;
  now(): number {
    return this.at;
  }
  advance(ms: number): void {
    this.at += ms;
  }
}

export function tenantNamed(tenant: string, over: Partial<Tenant> = {}): Tenant {
  return {
    ...{ tenant, name: tenant, zone: 'UTC', simulated: false, allowedNetworks: [], createdAt: NOON },
    ...over,
  };
}

export function memoryTenants(...tenants: Tenant[]): Pick<TenantStore, 'readTenant'> & { set(tenant: Tenant): void } {
  const byName = new Map(tenants.map((t) => [t.tenant, t]));
  return {
    readTenant: async (name) => byName.get(name),
    set: (tenant) => void byName.set(tenant.tenant, tenant),
  };
}

export function sourceNamed(id: string, over: Partial<Source> = {}): Source {
  return {
    ...{ tenant: 'demo', id, type: 'taara', kind: 'bundle', name: id, enabled: true, periodSeconds: 900 },
    ...{ settings: {}, simulated: false, createdAt: NOON, version: 0 },
    ...over,
  } as Source;
}

/** One queue for each type of source. */
export function memoryQueues(): Record<SourceType, ReturnType<typeof memoryQueue<CollectMessage>>> {
  const all = SOURCE_TYPES.map((type) => [type, memoryQueue<CollectMessage>()] as const);
  return Object.fromEntries(all) as Record<SourceType, ReturnType<typeof memoryQueue<CollectMessage>>>;
}

export function memoryQueue<M>(): Queue<M> & { sent: QueueEntry<M>[] } {
  const sent: QueueEntry<M>[] = [];
  return {
    sent,
    send: async (message, options = {}) => void sent.push({ message, ...options }),
    sendMany: async (entries) => void sent.push(...entries),
  };
}

/** The port's promises in the plainest form: batches are written once, a head follows its lease's version. */
export class MemorySamples implements Partial<SampleStore> {
  readonly batches = new Map<string, Batch>();
  readonly heads = new Map<string, Head>();
  readonly #leases = new Map<string, { version: number; until: number; run?: LeaseRun }>();

  async readHead(ref: TargetRef): Promise<Head | undefined> {
    return this.heads.get(ref.target);
  }

  async acquireLease(ref: TargetRef, now: number, durationMs: number, claim?: LeaseClaim): Promise<Lease | undefined> {
    const held = this.#leases.get(ref.target);
    if (held && held.until > now) {
      if (!held.run || !(await claim?.isDone(held.run))) return undefined;
      if (this.#leases.get(ref.target) !== held) return undefined;
    }
    const lease = { version: (held?.version ?? 0) + 1, until: now + durationMs };
    this.#leases.set(ref.target, claim ? { ...lease, run: claim.run } : lease);
    this.#awaited.delete(ref.target);
    return { ref, ...lease };
  }

  readonly #awaited = new Map<string, number>();

  async awaitLease(ref: TargetRef, at: number): Promise<void> {
    this.#awaited.set(ref.target, at);
  }

  async leaseAwaitedAt(ref: TargetRef): Promise<number | undefined> {
    return this.#awaited.get(ref.target);
  }

  async releaseLease(lease: Lease): Promise<void> {
    const held = this.#leases.get(lease.ref.target);
    if (held?.version === lease.version) this.#leases.set(lease.ref.target, { ...held, until: 0 });
  }

  async putBatch(batch: Batch): Promise<{ batch: Batch; existed: boolean }> {
    const key = `${batch.target}/${batch.slot}/${batch.part}`;
    const stored = this.batches.get(key);
    if (!stored) this.batches.set(key, batch);
    return { batch: stored ?? batch, existed: stored !== undefined };
  }

  async advanceHead(lease: Lease, batch: Batch, run: LastRun): Promise<Head> {
    if (this.#leases.get(lease.ref.target)?.version !== lease.version) {
      throw new AppError('STORE_CONFLICT', 'the lease has passed on');
    }
    const old = this.#headOf(lease.ref, batch.periodSeconds);
    const newest = Math.max(old.newestSlot ?? batch.slot, batch.slot);
    const head = { ...old, seq: old.seq + 1, newestSlot: newest, lastRun: run };
    this.heads.set(lease.ref.target, head);
    return head;
  }

  async recordFailure(ref: TargetRef, run: LastRun): Promise<void> {
    this.heads.set(ref.target, { ...this.#headOf(ref, 900), lastRun: run });
  }

  async newestBatches(ref: TargetRef, limit: number): Promise<Batch[]> {
    return [...this.batches.values()]
      .filter((b) => b.target === ref.target)
      .sort((a, b) => b.slot - a.slot || b.part - a.part)
      .slice(0, limit);
  }

  #headOf(ref: TargetRef, periodSeconds: number): Head {
    return this.heads.get(ref.target) ?? { ...ref, seq: 0, folded: 0, periodSeconds, entities: [] };
  }
}

export function memoryEntities(): Pick<EntityStore, 'record' | 'listOfTarget' | 'remove'> & {
  recorded: Map<string, EntityDraft>;
} {
  const recorded = new Map<string, EntityDraft>();
  return {
    recorded,
    async record(_tenant, _kind, _target, drafts, { complete }) {
      if (complete) recorded.clear();
      for (const draft of drafts) recorded.set(draft.id, draft);
    },
    async remove(_tenant, _kind, ids) {
      for (const id of ids) recorded.delete(id);
    },
    listOfTarget: async (tenant, kind) =>
      [...recorded.values()].map((draft): Entity => ({ ...draft, tenant, kind, firstSeenAt: NOON })),
  };
}
