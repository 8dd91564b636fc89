/** What the interfaces of a link brought for one slot, out of the newest batches of their routers. Knows ports only. */
import type { EntityStore } from '../entities/entities.port.ts';
import { INTERFACE_KIND } from '../interfaces/metrics.ts';
import {
  type InterfaceAt,
  interfaceAt,
  RATE_BATCHES,
  type RouterRead,
  routerOf,
  routerRead,
} from '../interfaces/rates.ts';
import type { Instant } from '../platform/clock.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import type { Link } from './link.ts';

export interface LinkReadDeps {
  readonly samples: Pick<SampleStore, 'readHead' | 'newestBatches'>;
  readonly entities: Pick<EntityStore, 'read'>;
}

/**
 * `slot` undefined: the newest that the routers have, if it lies at or after `since`; all members are then told at one
 * slot, the newest that any of them brought. Batches come in some ten parts at most; older slots are not looked for.
 */
export async function readLink(
  deps: LinkReadDeps,
  tenant: string,
  link: Link,
  when: { readonly slot: Instant } | { readonly since: Instant },
): Promise<{ readonly slot: Instant | undefined; readonly members: readonly InterfaceAt[] }> {
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

async function readRouter(
  { samples, entities }: LinkReadDeps,
  tenant: string,
  router: string,
  ids: readonly string[],
): Promise<RouterRead> {
  const ref = { tenant, kind: INTERFACE_KIND, target: router };
  const [head, newest, found] = await Promise.all([
    samples.readHead(ref),
    samples.newestBatches(ref, RATE_BATCHES),
    Promise.all(ids.map((id) => entities.read(tenant, INTERFACE_KIND, id))),
  ]);
  return routerRead(
    router,
    head,
    newest,
    found.filter((one) => one !== undefined),
  );
}

function newestSlot(routers: readonly RouterRead[], since: Instant): Instant | undefined {
  const newest = Math.max(...routers.map(({ batches }) => batches.at(-1)?.slot ?? Number.NEGATIVE_INFINITY));
  return newest >= since ? newest : undefined;
}

function memberAt(routers: readonly RouterRead[], id: string, slot: Instant | undefined): InterfaceAt {
  return interfaceAt(
    routers.find(({ router }) => router === routerOf(id)),
    id,
    slot,
  );
}
