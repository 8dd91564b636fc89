/** The minute clock: sends on what a deadline, a crash or a lost message left waiting, and notes that it was awake. */
import type { AlertStore } from '../../shared/alerts/alerts.port.ts';
import type { EvaluateMessage } from '../../shared/collect/source.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import type { DeliveryStore } from '../../shared/notify/deliveries.port.ts';
import type { MailboxStore } from '../../shared/notify/mailbox.port.ts';
import type { OutboxMessage } from '../../shared/notify/notify.contract.ts';
import type { Clock, Instant } from '../../shared/platform/clock.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import type { WatchStore } from '../../shared/rules/watch.port.ts';
import { tick, type Watch } from '../../shared/rules/watch.ts';
import type { SampleStore } from '../../shared/samples/samples.port.ts';
import { type Ages, dataAges, dueTargets, outboxMessages, type Waiting, waitingOf, worst } from './sweep-due.ts';

export interface SweepDeps {
  readonly clock: Clock;
  readonly tenants: Pick<TenantStore, 'listTenants'>;
  readonly alerts: Pick<AlertStore, 'listOpen'>;
  readonly watch: WatchStore;
  readonly mailboxes: Pick<MailboxStore, 'due'>;
  readonly deliveries: Pick<DeliveryStore, 'overdue'>;
  readonly sources: Pick<SourceStore, 'list'>;
  readonly samples: Pick<SampleStore, 'readHeads'>;
  readonly evaluateQueue: Queue<EvaluateMessage>;
  readonly outboxQueue: Queue<OutboxMessage>;
}

/** Of all tenants together; ages in seconds, undefined where nothing waits or nothing was looked at. */
export interface SweepReport extends Waiting, Ages {
  readonly tenants: number;
  /** Tenants whose look failed, each with its error. */
  readonly failures: readonly { readonly tenant: string; readonly error: unknown }[];
  /** The newest pause of the clock that this look ended: one notice for all that was missed. */
  readonly pause: Watch['pause'];
  readonly evaluations: number;
  readonly messages: number;
}

interface Looked extends Omit<SweepReport, 'tenants' | 'failures'> {}

/** Tenants looked at side by side. */
const PARALLEL = 8;
/** Heads are the dearest thing that is read here, and an age grows no faster than the clock. */
const AGES_EVERY_MINUTES = 5;
/** Deliveries that one look wakes per tenant; the next look wakes the rest. */
const OVERDUE_LIMIT = 100;

/** One tenant's trouble does not hold up another; the report names it and the caller decides. */
export function createSweep(deps: SweepDeps): () => Promise<SweepReport> {
  return async () => {
    const tenants = (await deps.tenants.listTenants()).filter((tenant) => tenant.removedAt === undefined);
    const looked: Looked[] = [];
    const failures: { tenant: string; error: unknown }[] = [];
    for (let at = 0; at < tenants.length; at += PARALLEL) {
      const some = tenants.slice(at, at + PARALLEL);
      const results = await Promise.allSettled(some.map(({ tenant }) => lookAt(deps, tenant)));
      results.forEach((result, i) => {
        if (result.status === 'fulfilled') looked.push(result.value);
        else failures.push({ tenant: some[i]?.tenant ?? '', error: result.reason });
      });
    }
    return { ...sumOf(looked), tenants: tenants.length, failures };
  };
}

async function lookAt(deps: SweepDeps, tenant: string): Promise<Looked> {
  const now = deps.clock.now();
  // First, so that whatever is evaluated from here on counts silence from when the machine was back.
  const pause = await note(deps.watch, tenant, now);
  const open = await deps.alerts.listOpen(tenant);
  const ages = await agesOf(deps, tenant, now);
  const targets = dueTargets(tenant, open, ages.silent, now);
  await deps.evaluateQueue.sendMany(targets.map((message) => ({ message })));
  const [recipients, overdue] = await Promise.all([
    deps.mailboxes.due(tenant, now),
    deps.deliveries.overdue(tenant, now, OVERDUE_LIMIT),
  ]);
  const messages = outboxMessages(tenant, open, recipients, overdue, now);
  await deps.outboxQueue.sendMany(messages.map((message) => ({ message })));
  return {
    ...waitingOf(open, now),
    dataAgeSeconds: ages.dataAgeSeconds,
    dataAgePeriods: ages.dataAgePeriods,
    pause,
    evaluations: targets.length,
    messages: messages.length,
  };
}

async function note(watches: WatchStore, tenant: string, now: Instant): Promise<Watch['pause']> {
  const before = await watches.read(tenant);
  const after = tick(before, now);
  if (after === before) return undefined;
  await watches.write(tenant, after);
  return after.pause?.to === now ? after.pause : undefined;
}

async function agesOf(deps: SweepDeps, tenant: string, now: Instant) {
  if (Math.floor(now / 60_000) % AGES_EVERY_MINUTES !== 0) return dataAges([], [], now);
  const sources = (await deps.sources.list(tenant)).filter((source) => source.enabled);
  const kinds = [...new Set(sources.map((source) => source.kind))];
  const heads = await Promise.all(kinds.map((kind) => deps.samples.readHeads(tenant, kind)));
  return dataAges(sources, heads.flat(), now);
}

function sumOf(looked: readonly Looked[]): Looked {
  const sum = (of: (one: Looked) => number): number => looked.reduce((total, one) => total + of(one), 0);
  return {
    firing: sum((one) => one.firing),
    pending: sum((one) => one.pending),
    unevaluatedSeconds: worst(looked.map((one) => one.unevaluatedSeconds)),
    outboxSeconds: worst(looked.map((one) => one.outboxSeconds)),
    dataAgeSeconds: worst(looked.map((one) => one.dataAgeSeconds)),
    dataAgePeriods: worst(looked.map((one) => one.dataAgePeriods)),
    pause: looked.find((one) => one.pause !== undefined)?.pause,
    evaluations: sum((one) => one.evaluations),
    messages: sum((one) => one.messages),
  };
}
