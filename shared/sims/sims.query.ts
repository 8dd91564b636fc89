/** Answers questions about SIMs from heads, entities, usage and log; knows ports only. */
import type { SourceStore } from '../collect/sources.port.ts';
import type { EntityStore } from '../entities/entities.port.ts';
import type { Entity } from '../entities/entity.ts';
import type { Tenant } from '../entities/tenant.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { SeriesResponse } from '../samples/samples.contract.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { answerSeries, type SeriesQuery } from '../samples/series-answer.ts';
import type { FleetStore } from './fleet.port.ts';
import type { CellSeen, LogPage, SimLog } from './log.port.ts';
import { SIM_KIND, simMetrics } from './metrics.ts';
import { accountOf, simId } from './shards.ts';
import { type ShownSim, type SimAccount, shownSim, simAccount } from './shown-sim.ts';
import type { SimEvent } from './sim.ts';
import type { UsageStore } from './usage.port.ts';
import { type UsageAnswer, type UsageQuery, usageAnswer, usageRange } from './usage-answer.ts';

export interface SimQueryDeps {
  readonly samples: Pick<SampleStore, 'readHeads' | 'readHead' | 'readSeries' | 'readIncreases'>;
  readonly entities: Pick<EntityStore, 'list' | 'read'>;
  readonly fleets: Pick<FleetStore, 'list'>;
  readonly sources: Pick<SourceStore, 'list' | 'read'>;
  readonly usage: Pick<UsageStore, 'read'>;
  readonly log: Pick<SimLog, 'listEvents' | 'listCells'>;
  readonly clock: Clock;
}

/** All of a tenant's SIMs and their accounts, by id; also accounts that list nothing yet. */
export interface SimFleet {
  readonly accounts: ReadonlyMap<string, SimAccount>;
  /** In no order; without those that are gone. */
  readonly sims: readonly ShownSim[];
}

export interface SimQueries {
  /** A few paged queries, however many SIMs there are. */
  list(tenant: Tenant): Promise<SimFleet>;
  accounts(tenant: Tenant): Promise<ReadonlyMap<string, SimAccount>>;
  /** Throws NOT_FOUND, as all that follow. */
  read(tenant: Tenant, iccid: string): Promise<ShownSim>;
  cells(tenant: Tenant, iccid: string): Promise<{ sim: ShownSim; cells: readonly CellSeen[] }>;
  events(tenant: Tenant, iccid: string, limit: number, before: string | undefined): Promise<LogPage<SimEvent>>;
  usage(tenant: Tenant, iccid: string, query: UsageQuery): Promise<UsageAnswer>;
  samples(tenant: Tenant, iccid: string, query: SeriesQuery): Promise<SeriesResponse>;
}

/** As many as say where a device has been lately. */
const NEWEST_CELLS = 20;

export function createSimQueries(deps: SimQueryDeps): SimQueries {
  const { samples, entities, clock } = deps;

  async function read(tenant: Tenant, iccid: string): Promise<ShownSim> {
    const entity = await findEntity(deps, tenant, iccid);
    const account = accountOf(entity.id);
    const [head, source, fleets] = await Promise.all([
      samples.readHead({ tenant: tenant.tenant, kind: SIM_KIND, target: entity.target }),
      deps.sources.read(tenant.tenant, account),
      deps.fleets.list(tenant.tenant),
    ]);
    const known = simAccount(
      account,
      source,
      fleets.find((f) => f.account === account),
    );
    return shownSim(
      entity,
      head?.entities.find((e) => e.entity === entity.id),
      new Map([[account, known]]),
    );
  }

  const refOf = (tenant: Tenant, account: string, iccid: string) => ({ tenant: tenant.tenant, account, iccid });

  return {
    read,
    accounts: (tenant) => readAccounts(deps, tenant),
    async list(tenant) {
      const [all, heads, accounts] = await Promise.all([
        entities.list(tenant.tenant, SIM_KIND),
        samples.readHeads(tenant.tenant, SIM_KIND),
        readAccounts(deps, tenant),
      ]);
      const newest = new Map(heads.flatMap((head) => head.entities.map((e) => [e.entity, e] as const)));
      const present = all.filter((e) => e.removedAt === undefined);
      return { accounts, sims: present.map((e) => shownSim(e, newest.get(e.id), accounts)) };
    },
    async cells(tenant, iccid) {
      const sim = await read(tenant, iccid);
      const { items } = await deps.log.listCells(refOf(tenant, sim.account.id, iccid), NEWEST_CELLS);
      return { sim, cells: items };
    },
    async events(tenant, iccid, limit, before) {
      const { id } = await findEntity(deps, tenant, iccid);
      return deps.log.listEvents(refOf(tenant, accountOf(id), iccid), limit, before);
    },
    async usage(tenant, iccid, query) {
      const range = usageRange(query, clock.now());
      const sim = await read(tenant, iccid);
      const days = await deps.usage.read(refOf(tenant, sim.account.id, iccid), range.from, range.to);
      return usageAnswer(sim, days, range);
    },
    async samples(tenant, iccid, query) {
      const entity = await findEntity(deps, tenant, iccid);
      const metric = simMetrics.find((m) => m.id === query.metric) ?? simMetrics[0];
      const ref = { tenant: tenant.tenant, kind: SIM_KIND, target: entity.target, entity: entity.id };
      return answerSeries(samples, { ref, metric, zone: tenant.zone, id: iccid, query, now: clock.now() });
    },
  };
}

/** The id tells the account and its cut, so each account is asked; one that changes accounts belongs to the newer one. */
async function findEntity(
  { fleets, entities }: Pick<SimQueryDeps, 'fleets' | 'entities'>,
  { tenant }: Tenant,
  iccid: string,
): Promise<Entity> {
  const ids = (await fleets.list(tenant)).map(({ account, shards }) => simId(account, shards, iccid));
  const found = await Promise.all(ids.map((id) => entities.read(tenant, SIM_KIND, id)));
  const present = found.filter((e): e is Entity => e !== undefined && e.removedAt === undefined);
  const newest = present.sort((a, b) => b.firstSeenAt - a.firstSeenAt)[0];
  if (!newest) throw new AppError('NOT_FOUND', `there is no SIM "${iccid}"`);
  return newest;
}

async function readAccounts(
  { fleets, sources }: Pick<SimQueryDeps, 'fleets' | 'sources'>,
  { tenant }: Tenant,
): Promise<ReadonlyMap<string, SimAccount>> {
  const [configured, walked] = await Promise.all([sources.list(tenant), fleets.list(tenant)]);
  const sourceOf = new Map(configured.filter((s) => s.type === 'onence').map((s) => [s.id, s]));
  const fleetOf = new Map(walked.map((f) => [f.account, f]));
  const ids = [...new Set([...sourceOf.keys(), ...fleetOf.keys()])].sort();
  return new Map(ids.map((id) => [id, simAccount(id, sourceOf.get(id), fleetOf.get(id))]));
}
