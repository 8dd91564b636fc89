/** How often properties run, and the numbers of chance that they use: the same on every machine. */
import type fc from 'fast-check';

/** Fixed seed, so that a failure is the same everywhere; HEADROOM_LONG multiplies the number of runs. */
export function runs(numRuns: number): fc.Parameters<unknown> {
  const times = Number(process.env.HEADROOM_LONG ?? '1');
  return { seed: 20261120, numRuns: numRuns * (Number.isFinite(times) && times >= 1 ? Math.floor(times) : 1) };
}

/** mulberry32: uniform in [0, 1). */
export function chance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
