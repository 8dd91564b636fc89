/** Everything an evaluation of one target looks at, read in an order that never shows an alert newer than its data. */
import type { Alert } from '../../shared/alerts/alert.ts';
import { type Source, sourceOfTarget } from '../../shared/collect/source.ts';
import { isCalled } from '../../shared/collect/source-rules.ts';
import type { Tenant } from '../../shared/entities/tenant.ts';
import type { ErrorCode } from '../../shared/platform/errors.ts';
import type { Context } from '../../shared/rules/context.ts';
import { longestHoldSeconds, type RuleIndex } from '../../shared/rules/selector.ts';
import { aliveSince } from '../../shared/rules/watch.ts';
import type { Batch, Head, TargetRef } from '../../shared/samples/sample.ts';
import type { EvaluateDeps } from './evaluate.ts';

export interface Present {
  readonly ref: TargetRef;
  readonly open: ReadonlyMap<string, Alert>;
  readonly context: Context;
  /** False when the source was removed: nothing about it is judged any more. */
  readonly exists: boolean;
  readonly simulated: boolean;
  /** What the source says that all of it hangs on. */
  readonly uplink?: string;
  /** See `Ties`. */
  readonly unanswered?: boolean;
}

/** A run's error begins with its code. */
const UNANSWERED: ErrorCode = 'SOURCE_UNAVAILABLE';
/** The newest slot, one more for its increase, and one in case a part of it came late. */
const FEWEST_BATCHES = 3;
/** A longer hold is remembered by its pending alert instead of being read again each time. */
const MOST_BATCHES = 24;

/** Undefined when the tenant is gone: then nothing may be written. */
export function createPresentReader(
  deps: EvaluateDeps,
): (ref: TargetRef, rules: RuleIndex) => Promise<Present | undefined> {
  return async (ref, rules) => {
    const tenant = await deps.tenants.readTenant(ref.tenant);
    if (!tenant || tenant.removedAt !== undefined) return undefined;
    const [source, entities, watch] = await Promise.all([
      deps.sources.read(ref.tenant, sourceOfTarget(ref.target)),
      deps.entities.listOfTarget(ref.tenant, ref.kind, ref.target),
      deps.watch.read(ref.tenant),
    ]);
    const ids = entities.map((entity) => entity.id);
    // Alerts before data: what was judged by an older look is then always followed by data at least as new.
    const open = await deps.alerts.openOfTarget(ref, ids);
    const head = await deps.samples.readHead(ref);
    const periodSeconds = Math.max(source?.periodSeconds ?? 0, head?.periodSeconds ?? 0);
    const batches = head ? await deps.samples.newestBatches(ref, batchLimit(rules, ref.kind, periodSeconds)) : [];
    const now = deps.clock.now();
    const awake = aliveSince(watch, now);
    return {
      ref,
      open: new Map(open.map((alert) => [alert.fingerprint, alert])),
      exists: source !== undefined,
      simulated: isSimulated(tenant, source),
      ...(source?.uplink === undefined ? {} : { uplink: source.uplink }),
      unanswered: isUnanswered(source, head),
      context: {
        window: { head, batches: oldestFirst(batches), entities },
        now,
        periodSeconds,
        kind: ref.kind,
        target: {
          id: ref.target,
          name: source?.name ?? ref.target,
          since: firstRun(head, source) ?? now,
          // Silence is judged once, on the source's own target, and not again on each that it feeds.
          enabled: source?.enabled === true && source.id === ref.target,
        },
        ...(awake === undefined ? {} : { aliveSince: awake }),
      },
    };
  };
}

function isSimulated(tenant: Tenant, source: Source | undefined): boolean {
  return tenant.simulated || (source?.simulated ?? false);
}

/** Asked, and nothing came back; what sends by itself is asked by nobody, and its silence is all that there is. */
function isUnanswered(source: Source | undefined, head: Head | undefined): boolean {
  if (!source || source.pausedReason !== undefined) return false;
  if (!isCalled(source.type)) return true;
  return head?.lastRun?.ok === false && head.lastRun.error?.startsWith(UNANSWERED) === true;
}

/** A source that never brought anything counts from when it was made, or where that is unknown from its last try. */
function firstRun(head: Head | undefined, source: Source | undefined): number | undefined {
  return source?.createdAt ?? head?.lastRun?.slot;
}

function batchLimit(rules: RuleIndex, kind: string, periodSeconds: number): number {
  const held = periodSeconds > 0 ? Math.ceil(longestHoldSeconds(rules, kind) / periodSeconds) : 0;
  return Math.min(MOST_BATCHES, FEWEST_BATCHES + held);
}

function oldestFirst(batches: readonly Batch[]): Batch[] {
  return [...batches].sort((a, b) => a.slot - b.slot || a.part - b.part);
}
