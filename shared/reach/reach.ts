/** What many looks at a device mean: a state that two looks agree on, since when, and whether it only comes and goes. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Verdict } from './probe.ts';

export type Word = 'up' | 'degraded' | 'down';

/** One look as the machine takes it. */
export interface Tick {
  readonly at: Instant;
  /** Undefined: it could not be taken, for a reason that is not the device's. */
  readonly verdict: Verdict | undefined;
  /** A bad look whose repetition at once was bad as well: counts for two. */
  readonly confirmed?: boolean;
}

export interface Reach {
  /** What two looks have agreed on; undefined = nothing yet. */
  readonly hard: Word | undefined;
  /** First look of the run that made it so; undefined with `hard`. */
  readonly since: Instant | undefined;
  /** Newest look that could be taken, and when. */
  readonly last: Verdict | undefined;
  readonly knownAt: Instant | undefined;
  /** The newest look could not be taken. */
  readonly unknown: boolean;
  /** Whether it answered, in the newest looks that could be taken; oldest first, at most `TRAIL`. */
  readonly trail: readonly boolean[];
  readonly flapping: boolean;
}

export const UNSEEN: Reach = {
  hard: undefined,
  since: undefined,
  last: undefined,
  knownAt: undefined,
  unknown: false,
  trail: [],
  flapping: false,
};

/** As Nagios counts: 21 looks have 20 changes; a new one weighs 1.25, the oldest 0.75 (here 95 and 57 of 76). */
export const TRAIL = 21;
const OLDEST_WEIGHT = 57;
const WEIGHT_STEP = 2;
const ALL_WEIGHTS = 1520;
export const FLAPPING_PERCENT = 20;
export const STEADY_PERCENT = 5;

/** Two looks are consecutive when at most one between them is missing or could not be taken. */
const CONSECUTIVE_PERIODS = 2.5;

const WORDS: readonly Word[] = ['up', 'degraded', 'down'];
const RANKS: Readonly<Record<Verdict, number>> = { good: 0, degraded: 1, bad: 2 };

export function wordOfVerdict(verdict: Verdict): Word {
  return WORDS[RANKS[verdict]] ?? 'down';
}

/** All looks from the beginning, in order of time. */
export function reachOf(ticks: readonly Tick[], periodSeconds: number): Reach {
  return ticks.reduce((reach, tick) => step(reach, tick, periodSeconds), UNSEEN);
}

/** After one more look; one that is not newer than the newest known changes nothing. Instants count whole seconds. */
export function step(before: Reach, tick: Tick, periodSeconds: number): Reach {
  const at = Math.floor(tick.at / 1000) * 1000;
  if (before.knownAt !== undefined && at <= before.knownAt) return before;
  if (tick.verdict === undefined) return { ...before, unknown: true };
  const ageMs = at - (before.knownAt ?? at);
  const previous = ageMs <= CONSECUTIVE_PERIODS * periodSeconds * 1000 ? before.last : undefined;
  const kept = ageMs <= TRAIL * periodSeconds * 1000 ? before.trail : [];
  const trail = [...kept, tick.verdict !== 'bad'].slice(-TRAIL);
  const change = changePercent(trail);
  return {
    ...hardAfter(before, { at, verdict: tick.verdict, confirmed: tick.confirmed === true }, previous),
    last: tick.verdict,
    knownAt: at,
    unknown: false,
    trail,
    flapping: change >= (before.flapping ? STEADY_PERCENT : FLAPPING_PERCENT),
  };
}

/** The state moves as far as both of two looks go, and no further: what only one of them says is not said yet. */
function hardAfter(
  { hard, since, knownAt }: Reach,
  tick: { readonly at: Instant; readonly verdict: Verdict; readonly confirmed: boolean },
  previous: Verdict | undefined,
): Pick<Reach, 'hard' | 'since'> {
  const other = tick.confirmed ? tick.verdict : previous;
  if (other === undefined) return { hard, since };
  const [rank, otherRank] = [RANKS[tick.verdict], RANKS[other]];
  const [low, high] = [Math.min(rank, otherRank), Math.max(rank, otherRank)];
  const from = hard === undefined ? undefined : WORDS.indexOf(hard);
  const to = from === undefined ? low : Math.min(Math.max(from, low), high);
  if (to === from) return { hard, since };
  // The look before belongs to the new state where it lies on the same side of the old one.
  return { hard: WORDS[to], since: previous !== undefined && agrees(RANKS[previous], from, to) ? knownAt : tick.at };
}

function agrees(rank: number, from: number | undefined, to: number): boolean {
  if (from === undefined) return rank === to;
  return to > from ? rank >= to : rank <= to;
}

/** Weighted share of changes between answering and not, among all that the trail could hold. */
export function changePercent(trail: readonly boolean[]): number {
  const first = TRAIL - trail.length;
  const weights = trail.map((answered, i) =>
    i === 0 || answered === trail[i - 1] ? 0 : OLDEST_WEIGHT + WEIGHT_STEP * (first + i - 1),
  );
  return (weights.reduce((sum, weight) => sum + weight, 0) * 100) / ALL_WEIGHTS;
}

/** What is said of it: while it flaps, neither up nor down. */
export function wordOf({ unknown, flapping, hard }: Reach): Word | 'flapping' | 'unknown' {
  if (unknown || hard === undefined) return 'unknown';
  return flapping ? 'flapping' : hard;
}

/** Where the newest look points while it is not confirmed; undefined in a hard phase, and where nothing is known. */
export function turningTo({ unknown, last, hard }: Reach): Word | undefined {
  if (unknown || last === undefined) return undefined;
  const word = wordOfVerdict(last);
  return word === hard ? undefined : word;
}
