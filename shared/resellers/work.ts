/** The work on routers that follows from what people want of a reseller: how far it is, and what comes next. Pure. */
import { coversTarget, type Limit } from '../interfaces/limits.ts';
import type { Instant } from '../platform/clock.ts';
import { type Reseller, type WantedPlace, wantedPlaces } from './reseller.ts';

/** What a router had when it was read back, and how that was asked for. */
export interface Applied {
  /** Number of the work that brought it. */
  readonly number: number;
  readonly at: Instant;
  readonly targets: readonly string[];
  readonly limit?: Limit;
  readonly cut: boolean;
}

/** Why a place is not as it is wanted, in the router's own words. */
export interface PlaceFailure {
  readonly message: string;
  /** Another try may help. */
  readonly retryable: boolean;
  readonly retryAfterSeconds?: number;
}

/**
 * One queue on one router, as far as we had to do with it. It is written before the router is: whatever stands on a router
 * because of us can be found, and taken away, from here.
 */
export interface Place {
  readonly router: string;
  readonly queue: string;
  /** We wrote the queue, or tried to. */
  readonly mayHold: boolean;
  /** Targets that we cut off, or tried to. */
  readonly mayCut: readonly string[];
  /** Absent from the moment that a change is tried until it was read back. */
  readonly applied?: Applied;
  readonly failure?: PlaceFailure;
}

export interface Work {
  /** Rises with each request; a message of an older number has nothing to do. */
  readonly number: number;
  readonly phase: 'done' | 'pending' | 'failed';
  /** When it came into this phase. */
  readonly since: Instant;
  /** The identity that asked, and for what; for the audit. */
  readonly askedBy: string;
  readonly action: WorkAction;
  readonly attempts: number;
  /** No try before. */
  readonly nextAt?: Instant;
  /** When a worker was at it, to some minutes; absent in the first of them. */
  readonly lookedAt?: Instant;
  readonly lastError?: string;
}

export type WorkAction = 'create' | 'change' | 'plan' | 'suspend' | 'restore' | 'remove';

export interface Difference {
  readonly what: 'queue' | 'targets' | 'limit' | 'disabled' | 'dynamic' | 'cut';
  readonly wanted: string;
  readonly found: string;
}

/** Seen by a comparison, and not mended by it. */
export interface Drift extends Difference {
  readonly router: string;
  /** When it was seen first. */
  readonly seenAt: Instant;
}

/** A reseller with everything that is known of its routers: one item, so that all of it changes at once. */
export interface ResellerRecord extends Reseller {
  /** Rises with every write, whoever makes it. */
  readonly revision: number;
  /** Number of the newest work; 0 before the first. */
  readonly asked: number;
  /** Absent while nothing is wanted of any router. */
  readonly work?: Work;
  readonly places: readonly Place[];
  readonly drift: readonly Drift[];
  /** It goes as soon as nothing of it is left on any router. */
  readonly removing?: true;
}

/** A place to work on: as it is wanted, or to be cleared where nothing of it is wanted any more. */
export interface Task {
  readonly router: string;
  readonly queue: string;
  readonly wanted?: WantedPlace;
  readonly place: Place;
  /** All that is to be cut off on this router for this reseller, whichever place says so. */
  readonly keptCut: readonly string[];
}

export function placeId({ router, queue }: { readonly router: string; readonly queue: string }): string {
  return JSON.stringify([router, queue]);
}

/** What is no longer wanted first: its addresses may be wanted again under another name. */
export function tasksOf(record: ResellerRecord): Task[] {
  const wanted = record.removing ? [] : wantedPlaces(record);
  const known = new Map(record.places.map((place) => [placeId(place), place]));
  const wantedIds = new Set(wanted.map(placeId));
  const stale = record.places.filter((place) => !wantedIds.has(placeId(place)));
  const keptCut = (router: string) => [
    ...new Set(wanted.filter((one) => one.cut && one.router === router).flatMap(({ targets }) => targets)),
  ];
  return [
    ...stale.map((place) => ({
      ...{ router: place.router, queue: place.queue, place, keptCut: keptCut(place.router) },
    })),
    ...wanted.map((one) => {
      const { router, queue } = one;
      const place = known.get(placeId(one)) ?? { router, queue, mayHold: false, mayCut: [] };
      return { router, queue, wanted: one, place, keptCut: keptCut(router) };
    }),
  ];
}

/** What the place may have cut off and nothing of the reseller wants cut off any more. */
export function formerlyCut({ place, keptCut }: Pick<Task, 'place' | 'keptCut'>): string[] {
  return place.mayCut.filter((target) => !covered(target, keptCut));
}

function covered(target: string, by: readonly string[]): boolean {
  return by.some((wide) => coversTarget(wide, target));
}

/** Those that this work has not brought to where they are wanted. */
export function openTasks(record: ResellerRecord): Task[] {
  return tasksOf(record).filter(({ wanted, place }) => !wanted || place.applied?.number !== record.asked);
}

/** Routers on which some place has failed. */
export function failedRouters(tasks: readonly Task[]): ReadonlySet<string> {
  return new Set(tasks.filter(({ place }) => place.failure).map(({ router }) => router));
}

/** One dead router takes all the time there is: those that have not failed come before it. On each the order stays. */
export function freshFirst(tasks: readonly Task[]): Task[] {
  const failed = failedRouters(tasks);
  const rank = ({ router }: Task) => Number(failed.has(router));
  return tasks.toSorted((a, b) => rank(a) - rank(b));
}

/** The place with what the next change may leave on the router, before it is tried. */
export function aboutTo({ wanted, place }: Task): Place {
  const { applied: _applied, failure: _failure, ...rest } = place;
  if (!wanted) return rest;
  return {
    ...rest,
    mayHold: rest.mayHold || !wanted.cut,
    mayCut: wanted.cut ? [...new Set([...rest.mayCut, ...wanted.targets])] : rest.mayCut,
  };
}

/**
 * The record before the task is tried. Whoever works on one place of a router keeps off all who are to be cut off there; so
 * each of those places is noted as well, with the entries that it takes over from this one.
 */
export function begun(record: ResellerRecord, task: Task): ResellerRecord {
  const id = placeId(task);
  const others = tasksOf(record).filter((one) => one.router === task.router && placeId(one) !== id);
  const noted = others.reduce((sum, { wanted, place }) => {
    if (!wanted?.cut) return sum;
    const taken = task.place.mayCut.filter((target) => covered(target, wanted.targets));
    const mayCut = [...new Set([...place.mayCut, ...wanted.targets, ...taken])];
    return withPlace(sum, placeId(place), { ...place, mayCut });
  }, record);
  return withPlace(noted, id, aboutTo(task));
}

/** The place after the router was read back; undefined where nothing is left of it. */
export function settledPlace(task: Task, number: number, at: Instant): Place | undefined {
  const { wanted } = task;
  if (!wanted) return undefined;
  const { router, queue, mayHold, mayCut } = aboutTo(task);
  const { targets, cut } = wanted;
  const applied = { number, at, targets, cut, ...(wanted.cut ? {} : { limit: wanted.limit }) };
  // A narrower entry under a wider target still stands: it goes when they are restored.
  return { router, queue, mayHold, mayCut: cut ? mayCut.filter((one) => covered(one, targets)) : [], applied };
}

/** The record with this place instead of the one of its name, or without it. */
export function withPlace(record: ResellerRecord, id: string, place: Place | undefined): ResellerRecord {
  const others = record.places.filter((one) => placeId(one) !== id);
  return { ...record, places: place ? [...others, place] : others };
}

const FIRST_WAIT_SECONDS = 60;
const LONGEST_WAIT_SECONDS = 1800;
/** A router that does not answer for so long is somebody's business. */
const PATIENCE_MS = 86_400_000;

/** 1 min, twice as long each time, 30 min at most; longer where the router said so. */
export function waitSeconds(attempts: number, retryAfterSeconds = 0): number {
  const growing = Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** Math.min(attempts, 10));
  return Math.max(growing, Math.min(retryAfterSeconds, LONGEST_WAIT_SECONDS));
}

/** The work after a round over all places, each of which is done or has its failure. */
export function nextWork(record: ResellerRecord, now: Instant): Work | undefined {
  const { work } = record;
  if (!work) return undefined;
  const { nextAt: _nextAt, lastError: _lastError, ...rest } = work;
  const open = openTasks(record);
  if (open.length === 0) return { ...rest, phase: 'done', since: now };
  const failures = open.flatMap(({ place }) => (place.failure ? [{ ...place.failure, router: place.router }] : []));
  const lastError = failures.map(({ router, message }) => `${router}: ${message}`).join('; ');
  const said = lastError === '' ? {} : { lastError };
  const unsure = failures.filter(({ retryable }) => retryable);
  // One without a failure is being worked on by a twin of this message.
  const isOpen = open.length > failures.length;
  const failed = failedRouters(open);
  // On a router that is dead there may be places to which nobody ever comes.
  const isOver = now - work.since >= PATIENCE_MS && open.every(({ router }) => failed.has(router));
  if (isOver || (!isOpen && unsure.length === 0)) {
    return { ...rest, ...said, phase: 'failed', since: now };
  }
  const longest = Math.max(0, ...unsure.map(({ retryAfterSeconds = 0 }) => retryAfterSeconds));
  const nextAt = now + waitSeconds(work.attempts, longest) * 1000;
  return { ...rest, ...said, attempts: work.attempts + 1, nextAt };
}

/** Work that nobody came for: its message was lost, or died with its function once too often. */
export function isForgotten({ work }: ResellerRecord, now: Instant, afterMs: number): boolean {
  return work?.phase === 'pending' && now - lastLook(work) > afterMs;
}

/** When something was written about the work last, or will be at the earliest. */
export function lastLook({ since, nextAt = 0, lookedAt = 0 }: Work): Instant {
  return Math.max(since, nextAt, lookedAt);
}
