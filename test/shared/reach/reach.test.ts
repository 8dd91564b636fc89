/** The machine, look by look: what is said, in which phase, and since when. */
import { describe, expect, test } from 'vitest';
import { lossPercentOf, type Probe, verdictOf } from '../../../shared/reach/probe.ts';
import {
  changePercent,
  type Reach,
  reachOf,
  step,
  type Tick,
  turningTo,
  UNSEEN,
  wordOf,
} from '../../../shared/reach/reach.ts';

const PERIOD = 300;
const START = Date.UTC(2026, 10, 20);
const at = (slot: number) => START + slot * PERIOD * 1000;

/** g good, d degraded, b bad, B bad and bad again at once, u could not be taken, - no run at all. */
function ticksOf(text: string): Tick[] {
  const verdicts = { g: 'good', d: 'degraded', b: 'bad', B: 'bad' } as const;
  return [...text].flatMap((letter, i) =>
    letter === '-'
      ? []
      : [{ at: at(i), verdict: verdicts[letter as 'g'], ...(letter === 'B' ? { confirmed: true } : {}) }],
  );
}

const reached = (text: string): Reach => reachOf(ticksOf(text), PERIOD);
const sinceSlot = ({ since }: Reach) => (since === undefined ? undefined : (since - START) / (PERIOD * 1000));

describe('one look', () => {
  const of = (sent: number, received: number): Probe => ({ sent, received });
  test.each([
    [of(5, 5), 'good', 0],
    [of(10, 9), 'good', 10],
    [of(5, 4), 'degraded', 20],
    [of(5, 3), 'degraded', 40],
    [of(5, 2), 'bad', 60],
    [of(5, 0), 'bad', 100],
    [of(1, 0), 'bad', 100],
  ] as const)('%o is %s', (probe, verdict, percent) => {
    expect([verdictOf(probe), lossPercentOf(probe)]).toEqual([verdict, percent]);
  });
});

describe('a state is what two looks agree on', () => {
  test.each([
    ['', undefined, undefined, 'unknown'],
    ['g', undefined, undefined, 'unknown'],
    ['gg', 'up', 0, 'up'],
    ['gb', 'up', 0, 'up'],
    ['bg', 'up', 1, 'up'],
    ['bb', 'down', 0, 'down'],
    ['B', 'down', 0, 'down'],
    ['ggb', 'up', 0, 'up'],
    ['ggbb', 'down', 2, 'down'],
    ['ggB', 'down', 2, 'down'],
    ['ggbB', 'down', 2, 'down'],
    ['ggbd', 'degraded', 2, 'degraded'],
    ['ggd', 'up', 0, 'up'],
    ['ggdd', 'degraded', 2, 'degraded'],
    ['ggddg', 'degraded', 2, 'degraded'],
    ['ggddgg', 'up', 4, 'up'],
    ['bbg', 'down', 0, 'down'],
    ['bbgg', 'up', 2, 'up'],
    ['bbgd', 'degraded', 2, 'degraded'],
    ['bbgb', 'down', 0, 'down'],
  ] as const)('"%s" is %s since slot %s, said as %s', (text, hard, since, word) => {
    const reach = reached(text);
    expect([reach.hard, sinceSlot(reach), wordOf(reach)]).toEqual([hard, since, word]);
  });

  test('a look that says otherwise is shown as where it may turn to', () => {
    expect(turningTo(reached('gg'))).toBeUndefined();
    expect(turningTo(reached('ggb'))).toBe('down');
    expect(turningTo(reached('bbg'))).toBe('up');
    expect(turningTo(reached('g'))).toBe('up');
    expect(turningTo(reached('ggbu'))).toBeUndefined();
  });
});

describe('a look that could not be taken', () => {
  test('is unknown, and takes nothing away from what was known', () => {
    const reach = reached('ggu');
    expect([wordOf(reach), reach.hard, sinceSlot(reach)]).toEqual(['unknown', 'up', 0]);
    expect(wordOf(reached('ggug'))).toBe('up');
    expect(wordOf(reached('uuuuuuuu'))).toBe('unknown');
  });

  test('is no second bad one, and hides none where only one is missing', () => {
    expect(reached('ggbu').hard).toBe('up');
    expect(reached('ggbub').hard).toBe('down');
    expect(reached('ggb-b').hard).toBe('down');
  });

  test('two bad looks far apart are not two in a row, but a state outlasts any gap', () => {
    expect(reached('ggbuub').hard).toBe('up');
    expect(reached('ggb--b').hard).toBe('up');
    expect(reached(`gg${'-'.repeat(500)}b`).hard).toBe('up');
    expect(reached(`bb${'u'.repeat(500)}g`).hard).toBe('down');
  });
});

describe('flapping', () => {
  test('changes weigh more the newer they are, and all of them make a hundred', () => {
    const trail = [...'gbgbgbgbgbgbgbgbgbgbg'].map((letter) => letter === 'g');
    expect(changePercent(trail)).toBe(100);
    expect(changePercent([true, false])).toBe(6.25);
    expect(changePercent([false, ...Array(20).fill(true)])).toBe(3.75);
    expect(changePercent([])).toBe(0);
  });

  test('begins at 20 %, and not with fewer changes', () => {
    expect(reached('ggbgb').flapping).toBe(false);
    expect(wordOf(reached('ggbgbg'))).toBe('flapping');
  });

  test('ends below 5 %, with the state that it has then', () => {
    const settling = (letter: string, looks: number) => reached(`ggBgB${letter.repeat(looks)}`);
    expect(settling('g', 1).flapping).toBe(true);
    const looksUntilSteady = (letter: string) => {
      for (let looks = 1; looks < 40; looks++) if (!settling(letter, looks).flapping) return looks;
      throw new Error('it never ends');
    };
    expect([wordOf(settling('g', 40)), wordOf(settling('b', 40))]).toEqual(['up', 'down']);
    expect(looksUntilSteady('g')).toBeGreaterThan(10);
    expect(looksUntilSteady('g')).toBeLessThanOrEqual(21);
  });

  test('losses now and then are none, and a gap longer than the trail forgets it', () => {
    expect(reached('gdgdgdgdgdgdgdgdgdgd').flapping).toBe(false);
    const flaps = reached('gbgbgbgb');
    expect(flaps.flapping).toBe(true);
    const later = step(flaps, { at: at(40), verdict: 'good' }, PERIOD);
    expect([later.flapping, later.trail]).toEqual([false, [true]]);
  });
});

test('a look that is not newer changes nothing', () => {
  const reach = reached('ggb');
  for (const tick of ticksOf('bbB')) expect(step(reach, tick, PERIOD)).toEqual(reach);
  expect(step(reach, { at: at(2) + 999, verdict: 'bad' }, PERIOD)).toEqual(reach);
  expect(step(UNSEEN, { at: at(0), verdict: undefined }, PERIOD).unknown).toBe(true);
});
