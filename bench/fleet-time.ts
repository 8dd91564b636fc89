/** Real time and virtual time for a measurement: the virtual one leaps to the next sleeper's end when nobody can go on. */
import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock } from '../shared/platform/clock.ts';

export interface BenchTime {
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Work that takes no time but has to be awaited, such as an answer of another process. */
  readonly outside: <T>(work: Promise<T>) => Promise<T>;
  /** Lets time pass until the work is done. */
  play<T>(work: Promise<T>): Promise<T>;
}

export const realTime: BenchTime = {
  clock: { now: () => Date.now() },
  sleep: (ms) => sleepFor(ms),
  outside: (work) => work,
  play: (work) => work,
};

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

export class VirtualTime implements BenchTime {
  #at: number;
  /** Whole milliseconds, as a clock tells them; who wakes first comes last. */
  readonly #sleepers: Sleeper[] = [];
  #awaited = 0;
  #answered: () => void = () => undefined;
  readonly clock = { now: () => this.#at };

  constructor(startAt: number) {
    this.#at = startAt;
  }

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      const until = this.#at + Math.max(0, Math.ceil(ms));
      let place = this.#sleepers.length;
      while (place > 0 && (this.#sleepers[place - 1] as Sleeper).until <= until) place--;
      this.#sleepers.splice(place, 0, { until, wake });
    });

  readonly outside = async <T>(work: Promise<T>): Promise<T> => {
    this.#awaited++;
    try {
      return await work;
    } finally {
      this.#awaited--;
      this.#answered();
    }
  };

  async play<T>(work: Promise<T>): Promise<T> {
    const state = { over: false };
    const over = () => {
      state.over = true;
      this.#answered();
    };
    work.then(over, over);
    for (;;) {
      // Twice: what one turn has answered may ask again in the next.
      await turn();
      await turn();
      if (state.over) return work;
      if (this.#awaited > 0) {
        await new Promise<void>((resolve) => {
          this.#answered = resolve;
        });
        continue;
      }
      const next = this.#sleepers.pop();
      if (!next) throw new Error('nobody sleeps and nothing goes on: the measurement has come to a halt');
      this.#at = Math.max(this.#at, next.until);
      next.wake();
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
