/** What the ports and queues of resellers brought lately, read router after router so that memory holds a few at a time. Knows ports only. */
import type { CollectJob } from '../collect/collector.port.ts';
import type { EntityStore } from '../entities/entities.port.ts';
import { QUEUE_KIND } from '../interfaces/metrics.ts';
import { interfaceAt, RATE_BATCHES, type RouterRead, routerRead } from '../interfaces/rates.ts';
import type { Instant } from '../platform/clock.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import type { PortAt } from './load.ts';
import { type Meter, metersOf, type Reseller } from './reseller.ts';

export interface PortDeps {
  readonly samples: Pick<SampleStore, 'readHead' | 'newestBatches'>;
  readonly entities: Pick<EntityStore, 'listOfTarget'>;
}

/** Routers read at once: a large one brings a thousand ports in each batch. */
const AT_ONCE = 4;
/** A run by hand stands between two slots, and takes what the one before it brought. */
const LATELY_PERIODS = 1.5;

/** By reseller, in order of the ports and queues that its load is read from. */
export async function readPorts(
  deps: PortDeps,
  job: CollectJob,
  resellers: readonly Pick<Reseller, 'id' | 'routers'>[],
): Promise<ReadonlyMap<string, PortAt[]>> {
  const wanted = new Map(resellers.map((one) => [one.id, metersOf(one)]));
  const byTarget = new Map<string, Meter[]>();
  for (const meter of [...wanted.values()].flat()) {
    const target = `${meter.kind} ${meter.router}`;
    byTarget.set(target, [...(byTarget.get(target) ?? []), meter]);
  }
  const found = new Map<string, PortAt>();
  const targets = [...byTarget.values()];
  for (let at = 0; at < targets.length; at += AT_ONCE) {
    await Promise.all(
      targets.slice(at, at + AT_ONCE).map(async (meters) => {
        for (const [key, port] of await portsOf(deps, job, meters)) found.set(key, port);
      }),
    );
  }
  return new Map([...wanted].map(([id, meters]) => [id, meters.flatMap((meter) => found.get(keyOf(meter)) ?? [])]));
}

function keyOf({ kind, id }: Meter): string {
  return `${kind} ${id}`;
}

/** `meters`: of one kind and router. */
async function portsOf(
  { samples, entities }: PortDeps,
  job: CollectJob,
  meters: readonly Meter[],
): Promise<[string, PortAt][]> {
  const [first] = meters;
  if (!first) return [];
  const { kind, router } = first;
  const ids = new Set(meters.map(({ id }) => id));
  const ref = { tenant: job.source.tenant, kind, target: router };
  const [head, newest, known] = await Promise.all([
    samples.readHead(ref),
    samples.newestBatches(ref, RATE_BATCHES),
    entities.listOfTarget(ref.tenant, kind, router),
  ]);
  const read = routerRead(
    router,
    head,
    newest,
    known.filter(({ id }) => ids.has(id)),
  );
  const slot = slotOf(read, job);
  const old = readTwice(read);
  return [...ids].map((id) => {
    const isThere = read.known.has(id);
    // A queue that is not read is told once by its router's run, or as a plan that the router does not have; a new one has no rate yet.
    const isRouterSilent =
      kind === QUEUE_KIND ? !isThere || slot === undefined || !old.has(id) : isThere && slot === undefined;
    return [keyOf({ kind, router, id }), { ...interfaceAt(read, id, slot), isRouterSilent }];
  });
}

/** Entities of which there is a reading to compare with. */
function readTwice({ batches }: RouterRead): ReadonlySet<string> {
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const { entity } of batches.flatMap(({ readings }) => readings)) (once.has(entity) ? twice : once).add(entity);
  return twice;
}

/** The router's own slot that holds at the run's: the same where both are read equally often, else its newest one. */
function slotOf({ batches }: RouterRead, { slot, manual }: CollectJob): Instant | undefined {
  const periods = manual ? LATELY_PERIODS : 1;
  return batches.findLast((one) => one.slot <= slot && slot - one.slot < periods * one.periodSeconds * 1000)?.slot;
}
