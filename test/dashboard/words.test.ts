import { describe, expect, it } from 'vitest';
import type { BundleStats, Run } from '../../dashboard/contract.ts';
import {
  ageWords,
  alertSinceWords,
  alertValueWords,
  alertWords,
  forecastWords,
  loadWords,
  planEndWords,
  rateReason,
  remainingReason,
  runWords,
  shareWords,
  stateWords,
} from '../../dashboard/words.ts';
import { alert, bundle, GB, port } from './world.ts';

const NOW = Date.parse('2026-11-20T11:05:00Z');
const plain = (text: string | undefined): string | undefined => text?.replaceAll('\u00a0', ' ');
const NEVER = { readAt: null, dataAgeSeconds: null, stale: true };
const UNKNOWN = { remainingOctets: null, remainingPercent: null, allocationOctets: null, allocationOrigin: null };

describe('what is left', () => {
  it('is unknown for a reason, or known', () => {
    expect(remainingReason(bundle('a', NOW))).toBeUndefined();
    expect(remainingReason(bundle('a', NOW, { ...UNKNOWN, unlimited: true }))).toBeUndefined();
    expect(remainingReason(bundle('a', NOW, UNKNOWN))).toBe('the newest reading did not say what is left');
    expect(remainingReason(bundle('a', NOW, { ...UNKNOWN, ...NEVER }))).toBe('it was never read');
  });

  it.each([
    [{}, '64 % of 1 TB'],
    [{ allocationOrigin: 'most seen since top-up' as const }, '64 % of 1 TB (most seen since the last top-up)'],
    [{ remainingPercent: null, remainingOctets: null }, 'Of 1 TB.'],
    [UNKNOWN, 'Percentage unknown: set the size of the plan in its source.'],
    [{ ...UNKNOWN, ...NEVER }, ''],
    [{ ...UNKNOWN, unlimited: true }, 'This plan has no limit.'],
  ])('as a share: %o reads "%s"', (over, words) => {
    expect(plain(shareWords(bundle('a', NOW, over)))).toBe(words);
  });

  it('ends at a day that is told, with the hour once it is near', () => {
    expect(plain(planEndWords(bundle('a', NOW), NOW))).toBe('Plan ends Tue 8 Dec, in 18 days.');
    expect(planEndWords(bundle('a', NOW, { expiresAt: '2026-11-21T10:00:00Z' }), NOW)).toMatch(
      /^Plan ends Sat.21.Nov, \d\d:00.*, in 22.h 55.min\.$/,
    );
    expect(planEndWords(bundle('a', NOW, { expiresAt: '2026-11-19T10:00:00Z' }), NOW)).toMatch(
      /^Plan ended Thu.19.Nov/,
    );
    expect(planEndWords(bundle('a', NOW, { expiresAt: null }), NOW)).toBe(
      'Plan end unknown: the newest reading did not say.',
    );
  });
});

describe('a forecast', () => {
  const stats = (over: Partial<BundleStats>): BundleStats => ({
    id: 'a',
    remainingOctets: '1',
    averageOctetsPerDay: String(10 * GB),
    daysRemaining: 3.25,
    limitedBy: 'use',
    usedOctets: '0',
    validSlots: 672,
    expectedSlots: 672,
    from: '',
    to: '',
    ...over,
  });
  it.each([
    [{}, 'Lasts about 3.2 days at 10 GB a day.'],
    [{ limitedBy: 'expiry' as const, daysRemaining: 17 }, 'Lasts until the plan ends, about 17 days, at 10 GB a day.'],
    [{ validSlots: 100 }, 'Lasts about 3.2 days at 10 GB a day, from 100 of 672 readings.'],
    [{ daysRemaining: 0 }, 'Used up; was used at 10 GB a day.'],
    [{ daysRemaining: null, limitedBy: null }, 'Uses 10 GB a day; forecast unknown.'],
    [{ averageOctetsPerDay: '0', daysRemaining: null, limitedBy: null }, 'Nothing used in 7 days, so no forecast.'],
    [
      { averageOctetsPerDay: null, daysRemaining: null, limitedBy: null, validSlots: 1 },
      'Use a day unknown: 1 usable reading in 7 days.',
    ],
  ])('%o reads "%s"', (over, words) => {
    expect(plain(forecastWords(bundle('a', NOW), stats(over)))).toBe(words);
  });

  it('is not made for what is without limit, not in use or never read', () => {
    for (const over of [{ unlimited: true }, { active: false }, NEVER])
      expect(forecastWords(bundle('a', NOW, over), stats({}))).toBe('');
  });
});

describe('an interface', () => {
  it.each([
    [{ readAt: null, rateReason: 'first' }, 'it was never read'],
    [{ rateReason: 'first' }, 'a rate needs two readings, and there is one so far'],
    [{ rateReason: 'something new' }, 'something new'],
    [{}, 'the router did not give the counter'],
  ])('has no rate because: %o', (over, words) => {
    expect(rateReason(port('r~e', NOW, over))).toBe(words);
  });

  it('was in a state when its reading is old', () => {
    expect(stateWords(port('r~e', NOW))).toBe('Up');
    expect(stateWords(port('r~e', NOW, { stale: true }))).toBe('Was up');
    expect(stateWords(port('r~e', NOW, { operStatus: null, stale: true }))).toBe('State unknown');
  });

  it('has a load only where the speed and both directions are known', () => {
    expect(plain(loadWords(port('r~e', NOW)))).toBe('Busier direction: 21.2 % of 1 Gb/s');
    expect(plain(loadWords(port('r~e', NOW, { outUtilisationPercent: null })))).toBe('Load of the 1 Gb/s line unknown');
    expect(loadWords(port('r~e', NOW, { speedBitsPerSecond: null }))).toMatch(/^Load unknown/);
  });
});

describe('an alert', () => {
  it.each([
    [{}, '12 % (limit 20 %)'],
    [{ value: 8e8, threshold: null, unit: 'bit/s' }, '800 Mb/s'],
    [{ value: 3, threshold: 3, unit: null }, '3 readings missed in a row'],
    [{ value: null, threshold: null, unit: null }, ''],
  ])('%o reads "%s"', (over, words) => {
    expect(plain(alertValueWords(alert('1', NOW, over)))).toBe(words);
  });

  it('says what is wrong, and the words of a router beside the number, if there are any', () => {
    const truth = { ruleName: 'Not on its router', value: 1, threshold: 0.5, unit: '' };
    const detail = 'Given up: core1: the targets overlap';
    expect(alertWords(alert('1', NOW, { ...truth, detail }))).toBe(`Not on its router: ${detail}`);
    expect(alertWords(alert('1', NOW, truth))).toBe('Not on its router');
    const used = { ruleName: 'Plan nearly used', value: 96, threshold: 95, unit: '%', detail: 'down 96 Mb/s' };
    expect(plain(alertWords(alert('1', NOW, used)))).toBe('Plan nearly used: 96 % (limit 95 %); down 96 Mb/s');
  });

  it('says that a pending one may pass', () => {
    const mutedBy = { alert: 'x', entityName: 'Core gateway', since: '', until: null };
    expect(alertSinceWords(alert('1', NOW, { mutedBy }), NOW)).toMatch(/; not told, for Core gateway is down$/);
    const ended = { ...mutedBy, until: '2026-11-20T10:00:00.000Z' };
    expect(alertSinceWords(alert('1', NOW, { mutedBy: ended }), NOW)).toMatch(/Core gateway was down$/);
    expect(alertSinceWords(alert('1', NOW, { state: 'pending' }), NOW)).toMatch(/for 3.h, waiting whether it lasts$/);
  });
});

describe('old data', () => {
  const run = (over: Partial<Run>): Run => ({
    source: 's',
    slot: '',
    part: 0,
    status: 'failed',
    manual: false,
    startedAt: '',
    endedAt: '2026-11-20T11:00:00Z',
    read: 0,
    accepted: 0,
    rejected: 0,
    rejections: [],
    operations: [],
    errorCode: 'SOURCE_REJECTED',
    error: null,
    ...over,
  });

  it('is told with its age', () => {
    expect([ageWords(undefined, true), plain(ageWords(240, false)), plain(ageWords(10_800, true))]).toEqual([
      'Never read.',
      'Read 4 min ago',
      'Stale: read 3 h ago',
    ]);
  });

  it.each([
    [{ error: 'the passcode was refused.' }, /^Its newest run \(\d\d:\d\d\) failed: the passcode was refused\.$/],
    [
      { status: 'partial' as const, rejections: [{ path: 'x', message: 'not a number' }] },
      /was incomplete: not a number\.$/,
    ],
    [{}, /failed: SOURCE_REJECTED\.$/],
    [{ status: 'success' as const, errorCode: null }, /^$/],
  ])('has its reason in the newest run: %o', (over, words) => {
    expect(runWords(run(over))).toMatch(words);
  });

  it('has no reason without a run', () => {
    expect(runWords(undefined)).toBe('');
  });
});
