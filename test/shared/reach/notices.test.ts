/** What a person on call is told, look by look, by the default rules. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { REACH_KIND } from '../../../shared/reach/metrics.ts';
import { REACH_OBSERVATIONS } from '../../../shared/reach/observe.ts';
import { reachRules } from '../../../shared/reach/rules.ts';
import { validateRule } from '../../../shared/rules/validate.ts';
import { runs } from '../samples/runs.ts';
import { reachAfter, toldOf } from './story.ts';

test.each(reachRules.map((rule) => [rule.id, rule] as const))('%s is a valid rule', (_, rule) => {
  expect(validateRule(rule, { metrics: REACH_OBSERVATIONS }, [REACH_KIND])).toEqual([]);
});

describe('down', () => {
  const DOWN = 'CRITICAL Dhaka gateway: it does not answer, since Fri';
  test('is told with the second bad look, and since the first; up with the second good one', async () => {
    expect(await toldOf('ggbbbgg')).toEqual([
      `3: ${DOWN} 00:10.`,
      '6: RESOLVED Dhaka gateway: Down: back to normal, at Fri 00:30',
    ]);
  });

  test('is told with the first look when its repetition was bad as well', async () => {
    expect(await toldOf('ggB')).toEqual([`2: ${DOWN} 00:10.`]);
  });

  test('is not told for one bad look, nor for any number that could not be taken', async () => {
    expect(await toldOf('ggbgggggd')).toEqual([]);
    expect((await toldOf('gguuuuuuuu')).join('\n')).not.toContain('CRITICAL');
  });

  test('is not over while nobody can look, nor with one good look', async () => {
    expect(await toldOf('ggBug')).toEqual([`2: ${DOWN} 00:10.`]);
  });
});

test('a device that cannot be looked at is told as that, after three looks, and is over with the first that works', async () => {
  expect(await toldOf('gguuug')).toEqual([
    '4: WARNING Dhaka gateway: nobody knows if it is up, for it could not be looked at. The run log says why, since Fri 00:10.',
    '5: RESOLVED Dhaka gateway: Cannot be looked at: back to normal, at Fri 00:25',
  ]);
});

test('losses are told after three looks; a device that is down is not lossy as well', async () => {
  expect(await toldOf('ggddd')).toEqual([
    '4: WARNING Dhaka gateway: it answers, but 40.0 % of the probes are lost, since Fri 00:10.',
  ]);
  expect((await toldOf('ggbbbbb')).join('\n')).not.toContain('lost');
});

test('a slow answer is told with its time', async () => {
  expect(await toldOf('ggsss')).toEqual([
    '4: WARNING Dhaka gateway: it takes 700 ms to answer (limit 500 ms), since Fri 00:10.',
  ]);
});

describe('flapping', () => {
  const flaps = (told: string[]) =>
    told.filter((line) => line.includes('comes and goes') || line.includes('Comes and'));

  test('is one notice at its beginning, silence, and one last word', async () => {
    const told = await toldOf(`gg${'bg'.repeat(6)}${'g'.repeat(22)}`);
    expect(told).toHaveLength(2);
    expect(told[0]).toMatch(/^5: WARNING Dhaka gateway: it comes and goes\. Single ups and downs are not told/);
    expect(told[1]).toMatch(
      /RESOLVED Dhaka gateway: Comes and goes: back to normal at \d\.\d % change, and it is now up/,
    );
  });

  test('that ends down says so, with the outage', async () => {
    const told = await toldOf(`gg${'bg'.repeat(6)}${'b'.repeat(22)}`);
    expect(told.slice(-2).join('\n')).toContain('it is now down');
    expect(told.slice(-2).join('\n')).toContain('CRITICAL Dhaka gateway: it does not answer');
  });

  test('that begins and ends with an outage ends with that word, although the outage was told before', async () => {
    const told = await toldOf(`ggBgBgB${'b'.repeat(22)}`);
    expect(told.map((line) => line.replace(/^\d+: /, ''))[0]).toContain('it does not answer');
    expect(flaps(told)).toHaveLength(2);
    expect(told.at(-1)).toContain('it is now down');
  });
});

test('after a steady time the newest word about it is what it is', async () => {
  const noise = fc.array(fc.constantFrom(...'ggbBdus'), { maxLength: 40 }).map((letters) => letters.join(''));
  await fc.assert(
    fc.asyncProperty(noise, fc.constantFrom('g', 'b'), async (text, letter) => {
      const whole = `gg${text}${letter.repeat(24)}`;
      const told = (await toldOf(whole)).filter((line) => /does not answer|Down:|omes and goes/.test(line));
      const { hard } = reachAfter(whole);
      expect(hard).toBe(letter === 'g' ? 'up' : 'down');
      // What is told of one look belongs together: the sentences of the newest.
      const newest = told.filter((line) => line.split(':')[0] === told.at(-1)?.split(':')[0]).join('\n');
      if (letter === 'b') expect(newest).toMatch(/does not answer|it is now down/);
      else expect(newest).not.toMatch(/does not answer|now down/);
      if (letter === 'g' && told.length > 0) expect(newest).toMatch(/Down: back to normal|it is now up/);
    }),
    runs(60),
  );
});
