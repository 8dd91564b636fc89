/** What the steps of a collection share: their ports, the run in hand, and the report that comes of it. Types, and no state. */
import type { EntityStore, TenantStore } from '../entities/entities.port.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import type { ErrorCode } from '../platform/errors.ts';
import type { Queue } from '../platform/queue.port.ts';
import type { Head, TargetRef } from '../samples/sample.ts';
import type { Lease, SampleStore } from '../samples/samples.port.ts';
import type { BreakerStore } from './breaker.port.ts';
import type { BreakerState } from './breaker.ts';
import type { QueuedCollectMessage, StoredPartMessage } from './collect.contract.ts';
import type { Collector, TokenCache } from './collector.port.ts';
import type { RunRef, RunStore } from './runs.port.ts';
import type { SecretStore } from './secrets.port.ts';
import type { EvaluateMessage, FoldMessage, Source, SourceType } from './source.ts';
import type { SourceStore } from './sources.port.ts';

export interface CollectDeps {
  /** Those that the collector reads. */
  readonly types: readonly SourceType[];
  readonly collector: Collector;
  readonly clock: Clock;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly sources: Pick<SourceStore, 'read' | 'pause' | 'restoreTarget'>;
  readonly secrets: Pick<SecretStore, 'readSecret'>;
  readonly tokens: (tenant: string, source: string) => TokenCache;
  readonly breakers: BreakerStore;
  readonly runs: Pick<RunStore, 'isDone' | 'write' | 'writeRaw'>;
  readonly entities: Pick<EntityStore, 'record' | 'listOfTarget' | 'remove'>;
  readonly samples: Pick<
    SampleStore,
    | 'readHead'
    | 'acquireLease'
    | 'releaseLease'
    | 'awaitLease'
    | 'leaseAwaitedAt'
    | 'putBatch'
    | 'advanceHead'
    | 'recordFailure'
    | 'newestBatches'
  >;
  readonly collectQueue: Queue<QueuedCollectMessage>;
  readonly evaluateQueue: Queue<EvaluateMessage>;
  /** Where targets beside the source's own are named when they are to be folded; the dispatcher knows only the latter. */
  readonly foldQueue?: Queue<FoldMessage>;
  /** Where parts are named for whoever copies samples elsewhere; absent where a stage copies none. */
  readonly storedPartQueue?: Queue<StoredPartMessage>;
}

export interface CollectReport {
  /** skipped: nothing to do, see `reason`; deferred: the message was put back on the queue. */
  readonly outcome: 'success' | 'partial' | 'failed' | 'skipped' | 'deferred';
  readonly reason?: 'removed' | 'disabled' | 'uncalled' | 'duplicate' | 'superseded' | 'busy' | 'late';
  readonly read: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly errorCode?: ErrorCode;
}

/** One run under its lease: everything that the steps of the pipeline share. */
export interface RunContext {
  readonly deps: CollectDeps;
  readonly message: QueuedCollectMessage;
  readonly source: Source;
  readonly allowedNetworks: readonly string[];
  /** Of the tenant. */
  readonly zone: string;
  readonly target: TargetRef;
  readonly run: RunRef;
  readonly lease: Lease;
  readonly head: Head | undefined;
  readonly breaker: BreakerState;
  readonly startedAt: Instant;
  /** No call to the source may be under way after this. */
  readonly readUntil: Instant;
}

/** Only the schedule makes boundary runs; anything else was asked for by somebody. */
export function isManual(message: QueuedCollectMessage): boolean {
  return !message.boundary;
}
