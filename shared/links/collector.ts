/** The collector of links: it calls nothing outside, but reads what their interfaces brought for the slot. Knows ports only. */
import type { CollectJob, Collector, Page } from '../collect/collector.port.ts';
import { type Clock, isoInstant } from '../platform/clock.ts';
import { linkDraft, linkEntity, linkOf } from './link.ts';
import { LINK_KIND } from './metrics.ts';
import { type LinkReadDeps, readLink } from './read-link.ts';
import { totalOf } from './total.ts';

export interface LinkCollectorDeps extends LinkReadDeps {
  readonly clock: Clock;
}

/** A run by hand takes the newest slot that is no older than this many periods. */
const LATELY_PERIODS = 1.5;

export function createLinkCollector(deps: LinkCollectorDeps): Collector {
  return {
    kind: LINK_KIND,
    async read(job): Promise<Page> {
      const { source } = job;
      const link = linkOf(source.settings);
      const startedAt = deps.clock.now();
      const { slot, members } = await readLink(deps, source.tenant, link, whenOf(job));
      const { values, unknown } = totalOf(members);
      const receipts = members.flatMap(({ receivedAt }) => (receivedAt === undefined ? [] : [receivedAt]));
      return {
        // As old as the oldest reading that it is made of.
        readings: [{ entity: linkEntity(source.id), receivedAt: Math.min(deps.clock.now(), ...receipts), values }],
        entities: [linkDraft(source, link)],
        rejected: unknown.map((one) => ({ path: one.interface, message: one.reason })),
        operations: [
          {
            name: slot === undefined ? 'read interfaces' : `read interfaces at ${isoInstant(slot)}`,
            ok: true,
            responseMs: deps.clock.now() - startedAt,
          },
        ],
        complete: true,
      };
    },
  };
}

function whenOf({ manual, slot, source }: CollectJob): { slot: number } | { since: number } {
  return manual ? { since: slot - LATELY_PERIODS * source.periodSeconds * 1000 } : { slot };
}
