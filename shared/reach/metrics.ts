/** What is measured of a device's reach, and how the machine's memory stands in a reading. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Metric } from '../samples/metric.ts';
import { lossPercentOf, type Probe, type Verdict } from './probe.ts';
import { type Reach, TRAIL, type Word } from './reach.ts';

/** Kind of entity that this room feeds. */
export const REACH_KIND = 'reach';

/** Share of probes that nobody answered, in hundredths of a percent. */
export const loss = { id: 'loss', kind: 'gauge', unit: 'basisPoints', title: 'Lost' } as const satisfies Metric;
/** Average of the answers. */
export const rtt = { id: 'rtt', kind: 'gauge', unit: 'microseconds', title: 'Round trip' } as const satisfies Metric;
/** As ifOperStatus numbers them, as far as that goes: 1 up, 2 down, 3 degraded, 4 unknown. */
export const state = { id: 'state', kind: 'state', unit: 'state', title: 'State' } as const satisfies Metric;

export const reachMetrics = [
  loss,
  rtt,
  state,
  /** First look of the confirmed state, and the newest look that could be taken. */
  { id: 'since', kind: 'gauge', unit: 'epochSeconds', title: 'State since', daily: false },
  { id: 'knownAt', kind: 'gauge', unit: 'epochSeconds', title: 'Last known', daily: false },
  /** Packed; see `valuesOf`. */
  { id: 'memory', kind: 'gauge', unit: 'count', title: 'Memory', daily: false },
] as const satisfies readonly Metric[];

type Values = Readonly<Record<string, bigint>>;

const STATES: Readonly<Record<Word | 'unknown', bigint>> = { up: 1n, down: 2n, degraded: 3n, unknown: 4n };
const WORDS: readonly (Word | undefined)[] = [undefined, 'up', 'down', 'degraded'];
const VERDICTS: readonly (Verdict | undefined)[] = [undefined, 'good', 'degraded', 'bad'];

/** Bits of `memory`, lowest first: the trail behind a leading 1 (22), flapping (1), unknown (1), last (2), hard (2). */
const FLAPPING = 2 ** (TRAIL + 1);
const UNKNOWN = FLAPPING * 2;
const LAST = UNKNOWN * 2;
const HARD = LAST * 4;

/** A reading's values: what this look brought (nothing, where it could not be taken) and what is known after it. */
export function valuesOf(reach: Reach, probe: Probe | undefined): Values {
  const { hard, since, last, knownAt, unknown, trail, flapping } = reach;
  const memory =
    trail.reduce((bits, answered) => bits * 2 + (answered ? 1 : 0), 1) +
    (flapping ? FLAPPING : 0) +
    (unknown ? UNKNOWN : 0) +
    VERDICTS.indexOf(last) * LAST +
    WORDS.indexOf(hard) * HARD;
  return {
    ...(probe === undefined ? {} : { [loss.id]: BigInt(Math.round(lossPercentOf(probe) * 100)) }),
    ...(probe?.rtt === undefined ? {} : { [rtt.id]: BigInt(Math.round(probe.rtt.average)) }),
    [state.id]: STATES[unknown ? 'unknown' : (hard ?? 'unknown')],
    ...(since === undefined ? {} : { since: BigInt(since / 1000) }),
    ...(knownAt === undefined ? {} : { knownAt: BigInt(knownAt / 1000) }),
    memory: BigInt(memory),
  };
}

/** Inverse of `valuesOf`; undefined where the values hold no memory. */
export function reachOfValues(values: Values): Reach | undefined {
  if (values.memory === undefined) return undefined;
  const memory = Number(values.memory);
  const bit = (place: number) => Math.floor(memory / place) % 2 === 1;
  return {
    hard: WORDS[Math.floor(memory / HARD) % 4],
    since: instantOf(values.since),
    last: VERDICTS[Math.floor(memory / LAST) % 4],
    knownAt: instantOf(values.knownAt),
    unknown: bit(UNKNOWN),
    trail: [...(memory % FLAPPING).toString(2).slice(1)].map((digit) => digit === '1'),
    flapping: bit(FLAPPING),
  };
}

function instantOf(seconds: bigint | undefined): Instant | undefined {
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
