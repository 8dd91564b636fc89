/** The collector of resellers: it calls nothing outside, but reads what the house knows of them and of their ports. Knows ports only. */
import type { CollectJob, Collector, FedTarget, Page, Rejected } from '../collect/collector.port.ts';
import type { EntityDraft, EntityStore } from '../entities/entities.port.ts';
import { type Clock, isoInstant } from '../platform/clock.ts';
import { chunkStart } from '../samples/packing.ts';
import type { Reading } from '../samples/sample.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { type Load, loadOf, type PortAt } from './load.ts';
import {
  differences,
  fromTargetRate,
  limitFailed,
  missingInterfaces,
  planUse,
  RESELLER_KIND,
  RESELLERS_KIND,
  resellersTotal,
  resellersUnknown,
  suspended,
  toTargetRate,
} from './metrics.ts';
import { type PortDeps, readPorts } from './ports.ts';
import { resellerDraft } from './reseller-draft.ts';
import type { Comparison, ResellerStore } from './resellers.port.ts';
import { driftStanding, limitStanding } from './standing.ts';
import { ALL_RESELLERS, resellerEntity, targetOfReseller, WATCH_SOURCE, WATCH_TARGETS } from './watch.ts';
import type { ResellerRecord } from './work.ts';

export interface ResellerCollectorDeps extends PortDeps {
  readonly clock: Clock;
  readonly resellers: Pick<ResellerStore, 'list' | 'listComparisons'>;
  readonly entities: PortDeps['entities'] & Pick<EntityStore, 'listOfTarget'>;
  readonly samples: PortDeps['samples'] & Pick<SampleStore, 'readHead'>;
}

/** A reseller as this run found it. */
interface Looked {
  readonly id: string;
  readonly reading: Reading;
  readonly draft: EntityDraft;
  readonly unknown: Load['unknown'];
}

export function createResellerCollector(deps: ResellerCollectorDeps): Collector {
  return {
    kind: RESELLERS_KIND,
    mayHaveFed: async () => WATCH_TARGETS.map((target) => ({ kind: RESELLER_KIND, target })),
    async read(job): Promise<Page> {
      const { tenant } = job.source;
      const startedAt = deps.clock.now();
      const [records, comparisons] = await Promise.all([
        deps.resellers.list(tenant),
        deps.resellers.listComparisons(tenant),
      ]);
      const ports = await readPorts(deps, job, records);
      const looked = records.map((record) => look(deps, job, record, ports.get(record.id) ?? [], comparisons));
      const fed = await Promise.all(WATCH_TARGETS.map((target) => fedOf(deps, job, target, looked)));
      return {
        readings: [allReading(looked, deps.clock.now())],
        entities: [allDraft(job)],
        fed: fed.filter((one) => one.readings.length > 0 || one.gone !== undefined),
        rejected: looked.flatMap(rejectedOf),
        operations: [
          {
            name: `look at ${records.length} resellers at ${isoInstant(job.slot)}`,
            ok: true,
            responseMs: deps.clock.now() - startedAt,
          },
        ],
        complete: true,
      };
    },
  };
}

function look(
  { clock }: ResellerCollectorDeps,
  { source }: CollectJob,
  record: ResellerRecord,
  ports: readonly PortAt[],
  comparisons: readonly Comparison[],
): Looked {
  const now = clock.now();
  const load = loadOf(record, ports);
  const limit = limitStanding(record, now);
  const drift = driftStanding(record, comparisons, now);
  const known = (id: string, value: bigint | undefined) => (value === undefined ? {} : { [id]: value });
  const values = {
    ...known(toTargetRate.id, load.toTarget),
    ...known(fromTargetRate.id, load.fromTarget),
    ...known(planUse.id, load.planUse),
    [missingInterfaces.id]: BigInt(load.missing.length),
    ...known(limitFailed.id, limit.value === undefined ? undefined : BigInt(limit.value)),
    ...known(differences.id, drift.value === undefined ? undefined : BigInt(drift.value)),
    [suspended.id]: BigInt(record.status === 'suspended'),
  };
  // As old as the oldest reading that it is made of.
  const receipts = ports.flatMap(({ receivedAt }) => (receivedAt === undefined ? [] : [receivedAt]));
  const reading = {
    entity: resellerEntity(record.id),
    receivedAt: receipts.reduce((a, b) => Math.min(a, b), now),
    values,
  };
  return {
    id: record.id,
    reading,
    draft: resellerDraft(record, source, { interfaces: ports.length, load, limit, drift }),
    unknown: load.unknown,
  };
}

/** What a run brings to one storage target; entities of those who are no longer there are gone. */
async function fedOf(
  { entities, samples }: ResellerCollectorDeps,
  { source: { tenant }, slot }: CollectJob,
  target: string,
  looked: readonly Looked[],
): Promise<FedTarget> {
  const mine = looked.filter(({ id }) => targetOfReseller(id) === target);
  const [known, head] = await Promise.all([
    entities.listOfTarget(tenant, RESELLER_KIND, target),
    samples.readHead({ tenant, kind: RESELLER_KIND, target }),
  ]);
  const present = new Set(mine.map(({ reading }) => reading.entity));
  const gone = known.filter((one) => one.removedAt === undefined && !present.has(one.id)).map((one) => one.id);
  const before = head?.newestSlot;
  return {
    ...{ kind: RESELLER_KIND, target },
    readings: mine.map(({ reading }) => reading),
    entities: mine.map(({ draft }) => draft),
    ...(gone.length === 0 ? {} : { gone }),
    ...(before !== undefined && chunkStart(before) < chunkStart(slot) ? { foldDue: true } : {}),
  };
}

function allReading(looked: readonly Looked[], now: number): Reading {
  const values = {
    [resellersTotal.id]: BigInt(looked.length),
    [resellersUnknown.id]: BigInt(looked.filter(({ unknown }) => unknown.length > 0).length),
  };
  return { entity: ALL_RESELLERS, receivedAt: now, values };
}

function allDraft({ source: { name, simulated } }: CollectJob): EntityDraft {
  return { id: ALL_RESELLERS, target: WATCH_SOURCE, name, attributes: {}, labels: {}, simulated };
}

function rejectedOf({ id, unknown }: Looked): Rejected[] {
  return unknown.map((port) => ({ path: `${id} ${port.interface}`, message: port.reason }));
}
