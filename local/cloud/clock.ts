/** The cloud's clock: real in `npm start`; in flow tests it can be moved forward, and the workers' Date moves with it. */

export interface CloudClock {
  readonly virtual: boolean;
  /** Milliseconds added to real time. */
  offsetMs(): number;
  now(): number;
  /** Virtual clocks only. */
  moveBy(ms: number): void;
}

export function realClock(): CloudClock {
  return {
    virtual: false,
    offsetMs: () => 0,
    now: () => Date.now(),
    moveBy: () => {
      throw new Error('the real clock cannot be moved');
    },
  };
}

/** Starts at `startAt` (epoch ms) and runs on from there at real speed between moves. */
export function virtualClock(startAt: number): CloudClock {
  let offset = startAt - Date.now();
  return {
    virtual: true,
    offsetMs: () => offset,
    now: () => Date.now() + offset,
    moveBy: (ms) => {
      offset += ms;
    },
  };
}
