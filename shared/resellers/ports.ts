/** What the ports of resellers brought lately, read router after router so that memory holds a few at a time. Knows ports only. */
import type { CollectJob } from '../collect/collector.port.ts';
import type { EntityStore } from '../entities/entities.port.ts';
import { INTERFACE_KIND } from '../interfaces/metrics.ts';
import { interfaceAt, RATE_BATCHES, type RouterRead, routerOf, routerRead } from '../interfaces/rates.ts';
import type { Instant } from '../platform/clock.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import type { PortAt } from './load.ts';
import { mappedInterfaces, type Reseller } from './reseller.ts';

export interface PortDeps {
  readonly samples: Pick<SampleStore, 'readHead' | 'newestBatches'>;
  readonly entities: Pick<EntityStore, 'listOfTarget'>;
}

/** Routers read at once: a large one brings a thousand ports in each batch. */
const AT_ONCE = 4;
/** A run by hand stands between two slots, and takes what the one before it brought. */
const LATELY_PERIODS = 1.5;

/** By reseller, in order of the ports that are mapped to it. */
export async function readPorts(
  deps: PortDeps,
  job: CollectJob,
  resellers: readonly Pick<Reseller, 'id' | 'routers'>[],
): Promise<ReadonlyMap<string, PortAt[]>> {
  const wanted = new Map(resellers.map((one) => [one.id, mappedInterfaces(one)]));
  const byRouter = new Map<string, Set<string>>();
  for (const id of [...wanted.values()].flat()) {
    const ids = byRouter.get(routerOf(id)) ?? new Set();
    byRouter.set(routerOf(id), ids.add(id));
  }
  const found = new Map<string, PortAt>();
  const routers = [...byRouter];
  for (let at = 0; at < routers.length; at += AT_ONCE) {
    await Promise.all(
      routers.slice(at, at + AT_ONCE).map(async ([router, ids]) => {
        for (const port of await portsOf(deps, job, router, ids)) found.set(port.interface, port);
      }),
    );
  }
  return new Map([...wanted].map(([id, ports]) => [id, ports.flatMap((port) => found.get(port) ?? [])]));
}

async function portsOf(
  { samples, entities }: PortDeps,
  job: CollectJob,
  router: string,
  ids: ReadonlySet<string>,
): Promise<PortAt[]> {
  const ref = { tenant: job.source.tenant, kind: INTERFACE_KIND, target: router };
  const [head, newest, known] = await Promise.all([
    samples.readHead(ref),
    samples.newestBatches(ref, RATE_BATCHES),
    entities.listOfTarget(ref.tenant, INTERFACE_KIND, router),
  ]);
  const read = routerRead(
    router,
    head,
    newest,
    known.filter(({ id }) => ids.has(id)),
  );
  const slot = slotOf(read, job);
  return [...ids].map((id) => {
    const isRouterSilent = slot === undefined && read.known.has(id);
    return { ...interfaceAt(read, id, slot), isRouterSilent };
  });
}

/** The router's own slot that holds at the run's: the same where both are read equally often, else its newest one. */
function slotOf({ batches }: RouterRead, { slot, manual }: CollectJob): Instant | undefined {
  const periods = manual ? LATELY_PERIODS : 1;
  return batches.findLast((one) => one.slot <= slot && slot - one.slot < periods * one.periodSeconds * 1000)?.slot;
}
