import { describe, expect, test } from 'vitest';
import { driftStanding, limitStanding } from '../../../shared/resellers/standing.ts';
import type { Drift, ResellerRecord } from '../../../shared/resellers/work.ts';
import { MBPS, MINUTE, recordOf, START, workOf } from './watch-world.ts';

const HOUR = 60 * MINUTE;

describe('whether a router has what was asked for', () => {
  const at = (minutes: number, work: ResellerRecord['work']) =>
    limitStanding(work ? { work } : {}, START + minutes * MINUTE);
  const lastError = 'core1: the router did not answer';

  test.each([
    ['nothing was asked of any router', undefined, 999, false],
    ['it was done', workOf({ phase: 'done' }), 999, false],
    ['it was asked just now', workOf(), 0, undefined],
    ['it is tried again since 29 minutes', workOf({ lastError }), 29, undefined],
    ['it is tried again since half an hour', workOf({ lastError }), 30, true],
    ['nobody has come to it for half an hour', workOf(), 30, true],
    ['it was refused, in the first minute', workOf({ phase: 'failed', lastError }), 0, true],
  ] as const)('%s', (_, work, minutes, value) => {
    expect(at(minutes, work).value).toBe(value);
  });

  test('says whether it is still tried, and what the router said', () => {
    expect(at(45, workOf({ lastError })).says).toBe('Still trying: core1: the router did not answer');
    expect(at(1, workOf({ phase: 'failed', lastError })).says).toBe('Given up: core1: the router did not answer');
    expect(at(45, workOf()).says).toBe('Still trying: nobody has got to it yet');
  });

  test('a new try after a failure is neither a failure nor its end', () => {
    expect(at(31, workOf({ since: START + 30 * MINUTE }))).toEqual({ value: undefined });
  });
});

describe('whether routers differ', () => {
  const targets = ['192.0.2.5/32'];
  const limit = { toTargetBitsPerSecond: 100 * MBPS, fromTargetBitsPerSecond: 20 * MBPS };
  const held = recordOf('r1', {
    routers: [{ router: 'core1', queue: 'q', targets, interfaces: [] }],
    work: workOf({ phase: 'done' }),
    asked: 1,
    places: [
      {
        router: 'core1',
        queue: 'q',
        mayHold: true,
        mayCut: [],
        applied: { number: 1, at: START, targets, limit, cut: false },
      },
    ],
  });
  const drift: Drift[] = [{ router: 'core1', what: 'disabled', wanted: 'on', found: 'off', seenAt: START }];
  const compared = (at: number) => [{ router: 'core1', comparedAt: at }];

  test('is known from what was read back, for two and a half hours, and from comparisons after that', () => {
    expect(driftStanding(held, [], START + 2 * HOUR)).toEqual({ value: 0 });
    expect(driftStanding(held, [], START + 3 * HOUR)).toEqual({ value: undefined });
    expect(driftStanding(held, compared(START + HOUR), START + 3 * HOUR)).toEqual({ value: 0 });
    expect(driftStanding(held, compared(START + HOUR), START + 5 * HOUR)).toEqual({ value: undefined });
  });

  test('counts what was seen, and says it', () => {
    expect(driftStanding({ ...held, drift }, [], START + 9 * HOUR)).toEqual({
      value: 1,
      says: 'core1: disabled: wanted on, found off',
    });
  });

  test('is unknown while a change is under way or was given up, which is told by itself', () => {
    for (const phase of ['pending', 'failed'] as const)
      expect(driftStanding({ ...held, drift, work: workOf({ phase }) }, compared(START), START)).toEqual({
        value: undefined,
      });
  });

  test('is none where nothing is wanted of any router', () => {
    expect(driftStanding(recordOf('r1', { routers: [] }), [], START + 99 * HOUR)).toEqual({ value: 0 });
  });
});
