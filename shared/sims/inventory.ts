/** The walk through the list of all SIMs: what there is, what changed, and in the end what is gone. Knows ports only. */
import type { FedTarget, Page, Rejected } from '../collect/collector.port.ts';
import { shardTarget } from '../collect/source.ts';
import type { EntityDraft, EntityStore } from '../entities/entities.port.ts';
import type { Entity } from '../entities/entity.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { type AppError, isAppError } from '../platform/errors.ts';
import { withListed } from './attributes.ts';
import type { Checkpoint, Tally } from './checkpoint.ts';
import { SIM_KIND } from './metrics.ts';
import { labelsOf } from './note.ts';
import type { SimNoteStore } from './notes.port.ts';
import type { OnenceReader, SimPage } from './onence.port.ts';
import { iccidOf, shardOf } from './shards.ts';
import type { ListedSim } from './sim.ts';
import { patiently } from './visit.ts';
import { MOST_WATCHED } from './watched.ts';

export type WalkPoint = Extract<Checkpoint, { phase: 'walk' }>;

export interface InventoryDeps {
  readonly client: OnenceReader;
  readonly entities: Pick<EntityStore, 'listOfTarget'>;
  readonly notes: Pick<SimNoteStore, 'listOfTarget'>;
  readonly clock: Clock;
}

export interface Listed {
  readonly sims: readonly ListedSim[];
  readonly rejected: readonly Rejected[];
  readonly tally: Tally;
  /** ICCIDs that the list calls low, since its first page. */
  readonly low: readonly string[];
  /** Where to go on; undefined when the last page was read. */
  readonly next: WalkPoint | undefined;
  /** Pages as the headers say; 0 before any was read. */
  readonly totalPages: number;
  /** What stopped it between two pages. */
  readonly stopped?: AppError;
}

/** 5,000 SIMs: what one invocation holds and writes. */
const PAGES_PER_PART = 50;
/** 100,000 SIMs are a thousand; whoever says more than this walks in a circle. */
const MOST_PAGES = 20_000;

/** Reads pages until the part is full, time is up or the list ends. Throws what stopped it before the first page. */
export async function readList({ client, clock }: InventoryDeps, from: WalkPoint, until: Instant): Promise<Listed> {
  const sims = new Map<string, ListedSim>();
  const rejected: Rejected[] = [];
  let { page, first, tally } = from;
  let totalPages = 0;
  for (let read = 0; read < PAGES_PER_PART; read++, page++) {
    if (read > 0 && clock.now() >= until) break;
    const answer = await orStopped(
      patiently(() => client.listSims(page)),
      read,
    );
    if ('stopped' in answer) return { ...listed(), stopped: answer.stopped };
    totalPages = answer.totalPages;
    const odd = oddity(answer, page, first, tally.totalCount);
    if (odd !== undefined) {
      tally = { ...tally, sound: false };
      rejected.push({ path: `page ${page}`, message: odd });
      // The same SIMs again, or no end in sight: going on would bring nothing new.
      if (isEndless(answer, first)) return { ...listed(), next: undefined };
    }
    for (const sim of answer.sims) sims.set(sim.iccid, sim);
    rejected.push(...answer.rejected.map((r) => ({ ...r, path: `page ${page} ${r.path}` })));
    tally = counted(tally, answer);
    first = answer.sims[0]?.iccid ?? first;
    if (page >= answer.totalPages || answer.sims.length + answer.rejected.length === 0) {
      return { ...listed(), next: undefined };
    }
  }
  return listed();

  function listed(): Listed {
    const { phase, walk, full, asked } = from;
    const fresh = [...sims.values()].filter((sim) => sim.dataLevel === 'low').map((sim) => sim.iccid);
    const low = [...new Set([...from.low, ...fresh])].slice(0, MOST_WATCHED);
    const next: WalkPoint = {
      ...{ phase, walk, full, page, tally, low },
      ...(first === undefined ? {} : { first }),
      ...(asked === undefined ? {} : { asked }),
    };
    return { sims: [...sims.values()], rejected, tally, low, next, totalPages };
  }
}

async function orStopped(page: Promise<SimPage>, read: number): Promise<SimPage | { stopped: AppError }> {
  try {
    return await page;
  } catch (error) {
    if (read > 0 && (isAppError(error, 'SOURCE_THROTTLED') || isAppError(error, 'SOURCE_UNAVAILABLE')))
      return { stopped: error };
    throw error;
  }
}

function oddity(
  answer: SimPage,
  page: number,
  first: string | undefined,
  total: number | undefined,
): string | undefined {
  if (isEndless(answer, first)) return 'repeats the page before it, or the list has no end: the walk was broken off';
  if (total !== undefined && answer.totalCount !== total) {
    return `the list changed from ${total} to ${answer.totalCount ?? 'an unknown number of'} SIMs during the walk: nothing is called removed`;
  }
  const missing = page < answer.totalPages && answer.sims.length + answer.rejected.length === 0;
  return missing ? 'is empty, though more pages are announced' : undefined;
}

function isEndless({ sims, totalPages }: SimPage, first: string | undefined): boolean {
  return totalPages > MOST_PAGES || (first !== undefined && sims[0]?.iccid === first);
}

/** Path of a row that gave no SIM; of a mere field of one there is more behind it. */
const WHOLE_ROW = /^\[\d+\]$/;

function counted(tally: Tally, { sims, rejected, totalCount }: SimPage): Tally {
  const of = (wanted: (sim: ListedSim) => boolean): number => sims.filter(wanted).length;
  const total = tally.totalCount ?? totalCount;
  return {
    ...tally,
    listed: tally.listed + sims.length,
    enabled: tally.enabled + of((sim) => sim.enabled === true),
    unreadable: tally.unreadable + rejected.filter(({ path }) => WHOLE_ROW.test(path)).length,
    low: tally.low + of((sim) => sim.dataLevel === 'low'),
    exhausted: tally.exhausted + of((sim) => sim.dataLevel === 'exhausted'),
    ...(total === undefined ? {} : { totalCount: total }),
  };
}

export interface Place {
  readonly tenant: string;
  readonly account: string;
  readonly simulated: boolean;
  readonly shards: number;
}

/** Shards read at once. */
const AT_ONCE = 16;

/** The listed SIMs as entities of their shards; only those that are new or changed. */
export async function placeListed(deps: InventoryDeps, place: Place, sims: readonly ListedSim[]): Promise<FedTarget[]> {
  const byTarget = new Map<string, ListedSim[]>();
  for (const sim of sims) {
    const target = shardTarget(place.account, shardOf(sim.iccid, place.shards));
    byTarget.set(target, [...(byTarget.get(target) ?? []), sim]);
  }
  const fed: FedTarget[] = [];
  const targets = [...byTarget];
  for (let at = 0; at < targets.length; at += AT_ONCE) {
    const some = targets.slice(at, at + AT_ONCE).map(([target, own]) => placeInShard(deps, place, target, own));
    fed.push(...(await Promise.all(some)));
  }
  return fed;
}

async function placeInShard(
  { entities, notes, clock }: InventoryDeps,
  { tenant, account, simulated }: Place,
  target: string,
  sims: readonly ListedSim[],
): Promise<FedTarget> {
  const [before, said] = await Promise.all([
    entities.listOfTarget(tenant, SIM_KIND, target),
    notes.listOfTarget(tenant, target),
  ]);
  const known = new Map(before.map((entity) => [entity.id, entity]));
  const noted = new Map(said.map((note) => [note.iccid, note]));
  const drafts = sims.map((sim): EntityDraft => {
    const id = `${target}/${sim.iccid}`;
    return {
      ...{ id, target, simulated, name: sim.label ?? sim.iccid },
      attributes: withListed(known.get(id)?.attributes, account, sim, clock.now()),
      labels: { account, ...labelsOf(noted.get(sim.iccid)) },
    };
  });
  return { kind: SIM_KIND, target, readings: [], entities: drafts };
}

/** What the walk says of the fleet; counts of a walk that missed a part would be wrong, and are left out. */
export function fleetPage(
  { account, simulated, name }: { account: string; simulated: boolean; name: string },
  tally: Tally,
  now: Instant,
): Page {
  const id = `${account}/fleet`;
  const isWhole = tally.sound && tally.listed + tally.unreadable >= (tally.totalCount ?? 0);
  const counts = {
    ...(tally.totalCount === undefined ? {} : { simsTotal: tally.totalCount }),
    ...(isWhole ? { simsEnabled: tally.enabled, simsLow: tally.low, simsExhausted: tally.exhausted } : {}),
  };
  const values = Object.fromEntries(Object.entries(counts).map(([metric, count]) => [metric, BigInt(count)]));
  return {
    readings: [{ entity: id, receivedAt: now, values }],
    entities: [{ id, target: account, name, attributes: { account }, labels: { account }, simulated }],
    rejected: [],
    operations: [],
    complete: true,
  };
}

/** Ids in a shard that a complete walk did not see, of those that were there when it began. */
export function goneOf(seen: ReadonlySet<string>, before: readonly Entity[], walkBegan: Instant): string[] {
  return before
    .filter((entity) => entity.removedAt === undefined && entity.firstSeenAt < walkBegan)
    .filter((entity) => !seen.has(iccidOf(entity.id)))
    .map((entity) => entity.id);
}
