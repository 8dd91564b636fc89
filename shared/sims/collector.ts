/** The collector of 1NCE fleets: inventory, what is gone, who is nearly used up, then everybody in turn. Knows ports only. */
import type { CollectJob, Collector, FedTarget, Page } from '../collect/collector.port.ts';
import { withOperations } from '../collect/operations.ts';
import { type Source, shardTarget } from '../collect/source.ts';
import type { EntityStore } from '../entities/entities.port.ts';
import { assert } from '../platform/assert.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import type { Head } from '../samples/sample.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { dayOf, dayStart, previousDay } from '../samples/zone.ts';
import { type Asked, beginning, type Checkpoint } from './checkpoint.ts';
import type { Fleet, FleetStore } from './fleet.port.ts';
import {
  fleetPage,
  goneOf,
  type InventoryDeps,
  type Listed,
  placeListed,
  readList,
  type WalkPoint,
} from './inventory.ts';
import type { SimLog } from './log.port.ts';
import { FLEET_KIND, SIM_KIND } from './metrics.ts';
import type { SimNoteStore } from './notes.port.ts';
import type { OnenceClient } from './onence.port.ts';
import { brought, LONGEST_WAIT_SECONDS, onward, SHARDS_PER_PART, touchedBy, VISITS_PER_PART } from './parts.ts';
import { partEnd, type Round, visitAll } from './round.ts';
import { type OnenceSettings, onenceSettings } from './settings.ts';
import { iccidOf, shardOf, shardsFor } from './shards.ts';
import type { UsageStore } from './usage.port.ts';
import { isDue, type Visit } from './visit.ts';
import type { WalkStore } from './walk.port.ts';
import { watchedOf } from './watched.ts';

export interface FleetCollectorDeps {
  readonly clock: Clock;
  readonly entities: Pick<EntityStore, 'listOfTarget' | 'read'>;
  readonly samples: Pick<SampleStore, 'readHead' | 'readHeads'>;
  readonly notes: Pick<SimNoteStore, 'listOfTarget'>;
  readonly usage: Pick<UsageStore, 'record' | 'read'>;
  readonly log: Pick<SimLog, 'recordEvents' | 'recordCell'>;
  readonly fleets: FleetStore;
  readonly walks: WalkStore;
  /** Throws SOURCE_REJECTED when no credentials are stored, or they are none. */
  openClient(job: CollectJob, settings: OnenceSettings): OnenceClient;
}

/** Clock time in the tenant's zone from which the day's full inventory is taken. */
const INVENTORY_HOUR_MS = 2 * 3_600_000;
/** Shards of which one part asks what is gone. */
const ABSENT_PER_PART = 100;
/** After a part that brought nothing, because the provider would not let it. */
const LEAST_WAIT_SECONDS = 30;
/** A round ends this long before the next slot begins one: for calls under way, and to write down what they brought. */
const ROUND_MARGIN_MS = 10_000;

/** One part of one run of one account. */
interface Run {
  readonly deps: FleetCollectorDeps;
  readonly job: CollectJob;
  readonly source: Source;
  readonly settings: OnenceSettings;
  readonly client: OnenceClient;
  readonly until: Instant;
}

export function createFleetCollector(deps: FleetCollectorDeps): Collector {
  return {
    kind: FLEET_KIND,
    async read(job) {
      const settings = onenceSettings.parse(job.source.settings);
      const until = partEnd(deps.clock, job.deadline);
      const run: Run = { deps, job, source: job.source, settings, client: deps.openClient(job, settings), until };
      const fleet = await deps.fleets.read(job.source.tenant, job.source.id);
      const point = beginning(job.checkpoint, { slot: job.slot, full: isFullDue(run, fleet) });
      try {
        const page = await readPart(run, fleet, point);
        return { ...page, operations: run.client.operations };
      } catch (error) {
        // The client gives a copy each time it is asked.
        throw withOperations(error, run.client.operations);
      }
    },
    async mayHaveFed({ source, checkpoint }) {
      const fleet = await deps.fleets.read(source.tenant, source.id);
      return fleet === undefined ? [] : touchedBy(fleet, beginning(checkpoint, { slot: 0, full: false }));
    },
  };
}

function readPart(run: Run, fleet: Fleet | undefined, point: Checkpoint): Promise<Page> {
  if (point.phase === 'walk') return walk(run, fleet, point);
  assert(fleet, 'only a walk comes before its fleet');
  if (point.phase === 'absent') return findAbsent(run, fleet, point);
  return point.phase === 'watch' ? lookAtWatched(run, fleet, point) : lookAtShards(run, fleet, point);
}

/** By hand, the first time, and in the first run after 02:00 of the tenant's day. */
function isFullDue({ deps, job }: Run, fleet: Fleet | undefined): boolean {
  return (
    job.manual || fleet?.inventoryDay === undefined || fleet.inventoryDay < inventoryDay(deps.clock.now(), job.zone)
  );
}

function inventoryDay(now: Instant, zone: string): string {
  const day = dayOf(now, zone);
  return now >= dayStart(day, zone) + INVENTORY_HOUR_MS ? day : previousDay(day);
}

async function walk(run: Run, known: Fleet | undefined, point: WalkPoint): Promise<Page> {
  const { deps, source, client } = run;
  const inventory: InventoryDeps = { ...deps, client };
  const listed = await readList(inventory, point, run.until);
  const total = listed.tally.totalCount ?? listed.sims.length * Math.max(1, listed.totalPages);
  const fleet = known ?? (await deps.fleets.create(source.tenant, source.id, shardsFor(total)));
  const place = { tenant: source.tenant, account: source.id, simulated: source.simulated, shards: fleet.shards };
  const fed = await placeListed(inventory, place, listed.sims);
  if (point.full) {
    const iccids = listed.sims.map((sim) => sim.iccid);
    await deps.walks.note(source.tenant, source.id, point.walk, point.page, iccids);
  }
  const base: Page = { readings: [], entities: [], rejected: listed.rejected, operations: [], complete: false, fed };
  if (listed.next) return { ...base, ...onward(listed.next, waitOf(listed)) };
  const { simulated, name } = source;
  const whole = fleetPage({ account: source.id, simulated, name }, listed.tally, deps.clock.now());
  const next = await afterWalk(run, fleet, point, listed);
  return { ...base, readings: whole.readings, entities: whole.entities, complete: true, next };
}

async function afterWalk(
  { deps, job, source }: Run,
  fleet: Fleet,
  point: WalkPoint,
  listed: Listed,
): Promise<Checkpoint> {
  const { tally } = listed;
  const total = tally.totalCount ?? Number.POSITIVE_INFINITY;
  // A SIM that slips from one page to the next is listed twice while another one is missed: only different ones count.
  const seen = point.full ? (await deps.walks.readSeen(source.tenant, source.id, point.walk)).size : tally.listed;
  // Where no header says how many there are, one page may be all that came of many.
  const whole = tally.sound && seen + tally.unreadable >= total;
  // Before the first whole walk there was nobody who could be gone.
  const looks = whole && point.full && fleet.walkedAt !== undefined;
  const now = deps.clock.now();
  await deps.fleets.update({
    ...fleet,
    watched: await watchedOf(deps, fleet, listed.low, now),
    ...(whole ? { walkedAt: now } : {}),
    ...(whole && point.full && !looks ? { inventoryDay: inventoryDay(now, job.zone) } : {}),
  });
  const asked = askedOf(point);
  return looks ? { phase: 'absent', walk: point.walk, shard: 0, seen, ...asked } : { phase: 'watch', at: 0, ...asked };
}

function waitOf({ stopped }: Listed): number | undefined {
  return stopped && (stopped.context.retryAfterSeconds ?? 60);
}

/** What was asked for goes along to the end of the run. */
function askedOf({ asked }: Checkpoint): { asked?: Asked } {
  return asked === undefined ? {} : { asked };
}

const NOTHING: Page = { readings: [], entities: [], rejected: [], operations: [], complete: false };

/** Only after a walk that saw every page: what is in the house and was not listed is gone. */
async function findAbsent(run: Run, fleet: Fleet, point: Extract<Checkpoint, { phase: 'absent' }>): Promise<Page> {
  const { deps, job, source } = run;
  const watch: Checkpoint = { phase: 'watch', at: 0, ...askedOf(point) };
  const seen = await deps.walks.readSeen(source.tenant, source.id, point.walk);
  // Its notes are gone (the run lay about for days): the next walk will tell.
  if (seen.size < point.seen) return { ...NOTHING, next: watch };
  const fed: FedTarget[] = [];
  let { shard } = point;
  for (; shard < Math.min(fleet.shards, point.shard + ABSENT_PER_PART); shard++) {
    if (shard > point.shard && deps.clock.now() >= run.until) break;
    const target = shardTarget(source.id, shard);
    const before = await deps.entities.listOfTarget(source.tenant, SIM_KIND, target);
    const gone = await confirmedGone(run, goneOf(seen, before, point.walk));
    if (gone.length > 0) fed.push({ kind: SIM_KIND, target, readings: [], entities: [], gone });
  }
  if (shard < fleet.shards) return { ...NOTHING, fed, next: { ...point, shard } };
  await deps.fleets.update({ ...fleet, inventoryDay: inventoryDay(deps.clock.now(), job.zone) });
  return { ...NOTHING, fed, next: watch };
}

/** A list can be wrong in ways that no header shows: whoever is missing is asked for once more, by name. */
async function confirmedGone({ client }: Run, candidates: readonly string[]): Promise<string[]> {
  const gone: string[] = [];
  for (const id of candidates) {
    const { value, rejected } = await client.readSim(iccidOf(id));
    if (value === undefined && rejected.length === 0) gone.push(id);
  }
  return gone;
}

/** Those nearly used up, in every run. */
async function lookAtWatched(run: Run, fleet: Fleet, point: Extract<Checkpoint, { phase: 'watch' }>): Promise<Page> {
  const { deps, source } = run;
  const iccids = fleet.watched.slice(point.at, point.at + VISITS_PER_PART);
  const visits: Visit[] = [];
  const heads = new Map<string, Head | undefined>();
  for (const iccid of iccids) {
    const target = shardTarget(source.id, shardOf(iccid, fleet.shards));
    if (!heads.has(target))
      heads.set(target, await deps.samples.readHead({ tenant: source.tenant, kind: SIM_KIND, target }));
    const entity = await deps.entities.read(source.tenant, SIM_KIND, `${target}/${iccid}`);
    if (entity === undefined || entity.removedAt !== undefined) continue;
    const newest = heads.get(target)?.entities.find((one) => one.entity === entity.id);
    visits.push({ entity, newest, urgent: true, days: point.asked?.days });
  }
  const asked = askedOf(point);
  const round = await visitAll(visitDeps(run), visits, run.until);
  const at = point.at + iccids.length;
  const after: Checkpoint =
    at < fleet.watched.length
      ? { phase: 'watch', at, ...asked }
      : { phase: 'details', shard: fleet.nextShard % fleet.shards, left: fleet.shards, ...asked };
  // Those that time left out stand in the others' round as well.
  return { ...NOTHING, ...brought(round, heads, run.job.slot), ...goOn(run, round, after) };
}

/** Everybody whose values have become old, shard after shard, beginning where the last round ended. */
async function lookAtShards(run: Run, fleet: Fleet, point: Extract<Checkpoint, { phase: 'details' }>): Promise<Page> {
  const { deps, job, source, settings } = run;
  const visits: Visit[] = [];
  const heads = new Map<string, Head | undefined>();
  let { shard, left } = point;
  for (let taken = 0; taken < SHARDS_PER_PART && left > 0 && visits.length < VISITS_PER_PART; taken++) {
    const target = shardTarget(source.id, shard);
    const ref = { tenant: source.tenant, kind: SIM_KIND, target };
    const [entities, head] = await Promise.all([
      deps.entities.listOfTarget(source.tenant, SIM_KIND, target),
      deps.samples.readHead(ref),
    ]);
    heads.set(target, head);
    const newest = new Map(head?.entities.map((one) => [one.entity, one]));
    const own = entities
      .filter((entity) => entity.removedAt === undefined)
      .map((entity): Visit => {
        const before = newest.get(entity.id);
        const urgent = point.asked?.everybody === true;
        return { entity, newest: before, urgent, days: point.asked?.days };
      })
      // Whoever was looked at in this very run (by a part before a crash, say) is not looked at again.
      .filter((visit) => visit.newest?.slot !== job.slot && isDue(visit, settings, deps.clock.now()));
    visits.push(...own);
    shard = (shard + 1) % fleet.shards;
    left--;
  }
  const round = await visitAll(visitDeps(run), visits, Math.min(run.until, roundEnd(run)));
  const asked = askedOf(point);
  const over = round.left.length === 0;
  const after: Checkpoint | undefined = over
    ? left > 0
      ? { phase: 'details', shard, left, ...asked }
      : undefined
    : { ...point };
  if (over) await deps.fleets.update({ ...fleet, nextShard: shard });
  return { ...NOTHING, ...brought(round, heads, job.slot), ...(after ? goOn(run, round, after) : {}) };
}

function visitDeps({ deps, client, settings }: Run) {
  return { client, settings, usage: deps.usage, log: deps.log, clock: deps.clock };
}

/** A round that brought nothing because of the provider failed; one that brought something goes on where it stopped. */
function goOn(run: Run, round: Round, next: Checkpoint): Pick<Page, 'next' | 'resumeAfterSeconds'> {
  if (round.stopped && round.visited.length === 0 && round.stopped.code !== 'SOURCE_THROTTLED') throw round.stopped;
  // Parts that bring nothing must not follow each other second by second.
  const least = round.visited.length === 0 ? LEAST_WAIT_SECONDS : 0;
  const wait = round.waitSeconds === undefined ? undefined : Math.max(round.waitSeconds, least);
  if (run.deps.clock.now() + (wait ?? 0) * 1000 >= roundEnd(run)) return {};
  if (round.stopped && wait !== undefined && wait > LONGEST_WAIT_SECONDS && round.visited.length === 0)
    throw round.stopped;
  return onward(next, wait);
}

/** A run by hand goes through to its end; its slot is no beginning of a period. */
function roundEnd({ job, source }: Run): Instant {
  return job.manual ? Number.POSITIVE_INFINITY : job.slot + source.periodSeconds * 1000 - ROUND_MARGIN_MS;
}
