/** Time for tests of many workers: it stands still while anybody can go on, then leaps to the next sleeper's end. */
import { NOON } from '../collect/fakes.ts';

export class VirtualTime {
  at = NOON;
  readonly #sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  readonly clock = { now: () => this.at };
  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      this.#sleepers.push({ until: this.at + Math.max(0, ms), wake });
    });

  /** Plays until nobody sleeps any more, or the given instant. */
  async play(until = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#sleepers.sort((a, b) => a.until - b.until);
      const next = this.#sleepers[0];
      if (!next || next.until > until) break;
      this.#sleepers.shift();
      this.at = Math.max(this.at, next.until);
      next.wake();
    }
    if (Number.isFinite(until)) this.at = Math.max(this.at, until);
  }
}
