/** What the interfaces of a link brought for one slot, out of the newest batches of their routers. Knows ports only. */
import type { EntityStore } from '../entities/entities.port.ts';
import { INTERFACE_KIND } from '../interfaces/metrics.ts';
import { observeInterfaces } from '../interfaces/observe.ts';
import type { Instant } from '../platform/clock.ts';
import type { Observation } from '../rules/observation.ts';
import type { Batch } from '../samples/sample.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { type Link, routerOf } from './link.ts';
import { type MemberAt, rateAt } from './total.ts';

export interface LinkReadDeps {
  readonly samples: Pick<SampleStore, 'readHead' | 'newestBatches'>;
  readonly entities: Pick<EntityStore, 'read'>;
}

/** The slot in question, the one before it for the increase, and what came between and behind them by hand. */
const BATCHES = 8;

/**
 * `slot` undefined: the newest that the routers have, if it lies at or after `since`; all members are then told at one
 * slot, the newest that any of them brought. Batches come in some ten parts at most; older slots are not looked for.
 */
export async function readLink(
  deps: LinkReadDeps,
  tenant: string,
  link: Link,
  when: { readonly slot: Instant } | { readonly since: Instant },
): Promise<{ readonly slot: Instant | undefined; readonly members: readonly MemberAt[] }> {
  const ids = link.members.map((one) => one.interface);
  const routers = await Promise.all(
    [...new Set(ids.map(routerOf))].map((router) =>
      readRouter(
        deps,
        tenant,
        router,
        ids.filter((id) => routerOf(id) === router),
      ),
    ),
  );
  const slot = 'slot' in when ? when.slot : newestSlot(routers, when.since);
  return { slot, members: ids.map((id) => memberAt(routers, id, slot)) };
}

interface RouterRead {
  readonly router: string;
  readonly batches: readonly Batch[];
  readonly observations: readonly Observation[];
  readonly known: ReadonlySet<string>;
}

async function readRouter(
  { samples, entities }: LinkReadDeps,
  tenant: string,
  router: string,
  ids: readonly string[],
): Promise<RouterRead> {
  const ref = { tenant, kind: INTERFACE_KIND, target: router };
  const [head, newest, found] = await Promise.all([
    samples.readHead(ref),
    samples.newestBatches(ref, BATCHES),
    Promise.all(ids.map((id) => entities.read(tenant, INTERFACE_KIND, id))),
  ]);
  const living = found.filter((one) => one !== undefined && one.removedAt === undefined) as NonNullable<
    (typeof found)[number]
  >[];
  // Only readings on the boundary are a slot's own.
  const batches = newest.filter((batch) => batch.boundary).sort((a, b) => a.slot - b.slot || a.part - b.part);
  const observations = observeInterfaces({ head, batches, entities: living });
  return { router, batches, observations, known: new Set(living.map((one) => one.id)) };
}

function newestSlot(routers: readonly RouterRead[], since: Instant): Instant | undefined {
  const newest = Math.max(...routers.map(({ batches }) => batches.at(-1)?.slot ?? Number.NEGATIVE_INFINITY));
  return newest >= since ? newest : undefined;
}

function memberAt(routers: readonly RouterRead[], id: string, slot: Instant | undefined): MemberAt {
  const own = routers.find(({ router }) => router === routerOf(id));
  const unread = (reason: string): MemberAt => {
    const rate = { value: undefined, reason };
    return { interface: id, in: rate, out: rate, operStatus: undefined, receivedAt: undefined };
  };
  if (!own?.known.has(id)) return unread('there is no such interface any more, or not yet');
  if (slot === undefined) return unread('its router has not been read lately');
  const of = (metric: string) =>
    rateAt(
      own.observations.find((one) => one.entity === id && one.metric === metric),
      slot,
    );
  const reading = own.batches
    .filter((batch) => batch.slot === slot)
    .flatMap((batch) => batch.readings.filter((one) => one.entity === id))
    .at(-1);
  return {
    interface: id,
    in: of('inBitsPerSecond'),
    out: of('outBitsPerSecond'),
    operStatus: reading?.values.ifOperStatus,
    receivedAt: reading?.receivedAt,
  };
}
