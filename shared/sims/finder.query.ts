/** Finds the SIMs that an action is about; knows ports only. */
import type { EntityStore } from '../entities/entities.port.ts';
import type { Entity } from '../entities/entity.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { simAttributesOf } from './attributes.ts';
import type { FoundSim, SimFinder } from './finder.port.ts';
import type { FleetStore } from './fleet.port.ts';
import { SIM_KIND } from './metrics.ts';
import { accountOf, iccidOf, simId } from './shards.ts';
import type { ListedSim } from './sim.ts';
import type { SimQueries } from './sims.query.ts';
import { filterSims } from './sims-list.ts';

export interface FinderDeps {
  readonly fleets: Pick<FleetStore, 'list'>;
  readonly entities: Pick<EntityStore, 'read' | 'list'>;
  readonly sims: Pick<SimQueries, 'list'>;
  readonly clock: Clock;
}

/** From here on one paged query of all is cheaper than a read of each. */
const FEW = 100;

export function createSimFinder({ fleets, entities, sims, clock }: FinderDeps): SimFinder {
  return {
    async byIccid({ tenant }, iccids) {
      const found = iccids.length <= FEW ? await readEach(tenant, iccids) : await readAll(tenant, new Set(iccids));
      return newestOfEach(
        found
          .filter((entity) => entity.removedAt === undefined)
          .map((entity) => ({
            sim: foundSim(iccidOf(entity.id), accountOf(entity.id), simAttributesOf(entity)),
            firstSeenAt: entity.firstSeenAt,
          })),
      );
    },
    async byFilter(tenant, filter) {
      const { sims: all } = await sims.list(tenant);
      const wanted = filterSims(all, filter, clock.now());
      return newestOfEach(
        wanted.map(({ iccid, account, attributes, firstSeenAt }) => ({
          sim: foundSim(iccid, account.id, attributes),
          firstSeenAt,
        })),
      );
    },
    accounts: async ({ tenant }) => (await fleets.list(tenant)).map((fleet) => fleet.account),
  };

  async function readEach(tenant: string, iccids: readonly string[]): Promise<Entity[]> {
    const known = await fleets.list(tenant);
    const ids = iccids.flatMap((iccid) => known.map((fleet) => simId(fleet.account, fleet.shards, iccid)));
    const found = await Promise.all(ids.map((id) => entities.read(tenant, SIM_KIND, id)));
    return found.filter((entity) => entity !== undefined);
  }

  async function readAll(tenant: string, wanted: ReadonlySet<string>): Promise<Entity[]> {
    return (await entities.list(tenant, SIM_KIND)).filter((entity) => wanted.has(iccidOf(entity.id)));
  }
}

interface Seen {
  readonly sim: FoundSim;
  readonly firstSeenAt: Instant;
}

/** One that changed accounts belongs to the one that listed it last. */
function newestOfEach(found: readonly Seen[]): FoundSim[] {
  const byIccid = new Map<string, Seen>();
  for (const seen of found) {
    const other = byIccid.get(seen.sim.iccid);
    if (!other || other.firstSeenAt < seen.firstSeenAt) byIccid.set(seen.sim.iccid, seen);
  }
  return [...byIccid.values()].map(({ sim }) => sim);
}

function foundSim(
  iccid: string,
  account: string,
  { label, enabled, imeiLock }: Pick<ListedSim, 'label' | 'enabled' | 'imeiLock'>,
): FoundSim {
  return {
    iccid,
    account,
    ...(label === undefined ? {} : { label }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(imeiLock === undefined ? {} : { imeiLock }),
  };
}
