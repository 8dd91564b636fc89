import { expect, test } from 'vitest';
import {
  admit,
  afterFailure,
  type BreakerState,
  boundedRetrySeconds,
  CLOSED,
} from '../../../shared/collect/breaker.ts';
import type { ErrorCode } from '../../../shared/platform/errors.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const MINUTE = 60_000;

function fail(
  state: BreakerState,
  code: ErrorCode,
  run: string,
  over: { retryAfterSeconds?: number; now?: number } = {},
) {
  return afterFailure(state, { code, run, now: NOW, ...over });
}

function failTimes(times: number, code: ErrorCode): BreakerState {
  let state = CLOSED;
  for (let i = 0; i < times; i++) state = fail(state, code, `run ${i}`).state;
  return state;
}

test.each([
  [4, undefined],
  [5, 1],
  [6, 2],
  [7, 4],
  [8, 8],
  [9, 15],
  [40, 15],
])('F11: after %i failures in a row the breaker rests for %s minutes', (times, minutes) => {
  const state = failTimes(times, 'SOURCE_UNAVAILABLE');
  expect(state.notBefore).toBe(minutes === undefined ? undefined : NOW + minutes * MINUTE);
});

test('F11: an open breaker refuses the schedule, lets a manual run through, and admits one probe when its rest is over', () => {
  const open = failTimes(5, 'SOURCE_UNAVAILABLE');
  expect(admit(open, NOW + MINUTE - 1, false)).toEqual({ allowed: false, until: NOW + MINUTE });
  expect(admit(open, NOW, true)).toEqual({ allowed: true });
  expect(admit(open, NOW + MINUTE, false)).toEqual({ allowed: true });
  const reopened = fail(open, 'SOURCE_UNAVAILABLE', 'probe', { now: NOW + MINUTE }).state;
  expect(admit(reopened, NOW + 2 * MINUTE, false)).toEqual({ allowed: false, until: NOW + 3 * MINUTE });
});

test('any answer, also a bad one, ends a row of silence', () => {
  const state = fail(failTimes(4, 'SOURCE_UNAVAILABLE'), 'SOURCE_MALFORMED', 'answered').state;
  expect(fail(state, 'SOURCE_UNAVAILABLE', 'silent again').state.notBefore).toBeUndefined();
});

test.each([
  [undefined, 60],
  [Number.NaN, 60],
  [0, 1],
  [-5, 1],
  [30, 30],
  [1.2, 2],
  [86_400, 3600],
  [Number.POSITIVE_INFINITY, 3600],
])('F10: "retry after %s s" is taken as %i s', (said, seconds) => {
  expect(boundedRetrySeconds(said)).toBe(seconds);
  const { state } = fail(CLOSED, 'SOURCE_THROTTLED', 'r', said === undefined ? {} : { retryAfterSeconds: said });
  expect(state.notBefore).toBe(NOW + seconds * 1000);
});

test('F9: credentials refused twice without a success between ask for a pause, whatever else failed between', () => {
  const once = fail(CLOSED, 'SOURCE_REJECTED', 'a');
  expect(once.pause).toBe(false);
  const silent = fail(once.state, 'SOURCE_UNAVAILABLE', 'b');
  expect(fail(silent.state, 'SOURCE_REJECTED', 'c').pause).toBe(true);
});

test('a redelivered failure is counted once', () => {
  const once = fail(CLOSED, 'SOURCE_REJECTED', 'same');
  expect(fail(once.state, 'SOURCE_REJECTED', 'same')).toEqual({ state: once.state, pause: false });
});
