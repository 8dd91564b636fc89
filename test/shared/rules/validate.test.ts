import { expect, test } from 'vitest';
import type { AbsenceRule, Rule, ThresholdRule } from '../../../shared/rules/rule.ts';
import { validateRule } from '../../../shared/rules/validate.ts';

const scope = { metrics: ['remainingPercent', 'remainingOctets'], entities: new Set(['a', 'b']) };
const base = {
  kind: 'bundle',
  enabled: true,
  selector: {},
  holdSeconds: 0,
  clearSeconds: 0,
  builtIn: false,
  version: 1,
};
const low: ThresholdRule = {
  ...base,
  id: 'low',
  name: 'Low',
  type: 'threshold',
  metric: 'remainingPercent',
  comparison: 'below',
  levels: [
    { severity: 'warning', fire: 20, clear: 25 },
    { severity: 'critical', fire: 5, clear: 25 },
  ],
  message: '{entity} has {value} {unit}, limit {threshold}',
};
const silent: AbsenceRule = { ...base, id: 'silent', name: 'Silent', type: 'absence', slots: 3, severity: 'critical' };

function issues(rule: Rule): string[] {
  return validateRule(rule, scope, ['bundle', 'interface']).map((issue) => issue.path);
}

test.each([
  ['a threshold below', low],
  ['one without a band', { ...low, levels: [{ severity: 'info' as const, fire: 20, clear: 20 }] }],
  [
    'one above',
    { ...low, comparison: 'above' as const, levels: [{ severity: 'info' as const, fire: 950, clear: 900 }] },
  ],
  ['silence', silent],
  ['a chosen entity', { ...low, selector: { entities: ['a'], labels: { site: 'north' } } }],
  ['a hold of a day', { ...low, holdSeconds: 86_400 }],
])('%s may be stored', (_, rule) => {
  expect(issues(rule)).toEqual([]);
});

const warning = { severity: 'warning' as const, fire: 20, clear: 25 };
test.each([
  ['an id with capitals', { ...low, id: 'Low' }, ['id']],
  ['an empty name', { ...low, name: ' ' }, ['name']],
  ['a long name', { ...low, name: 'x'.repeat(81) }, ['name']],
  ['a negative hold', { ...low, holdSeconds: -1 }, ['holdSeconds']],
  ['a hold of more than a day', { ...low, holdSeconds: 86_401 }, ['holdSeconds']],
  ['half a second', { ...low, clearSeconds: 0.5 }, ['clearSeconds']],
  ['an unknown metric', { ...low, metric: 'mood' }, ['metric']],
  ['no levels', { ...low, levels: [] }, ['levels']],
  ['a clear value on the wrong side', { ...low, levels: [{ ...warning, clear: 19 }] }, ['levels[0].clear']],
  [
    'a clear value on the wrong side, above',
    { ...low, comparison: 'above' as const, levels: [warning] },
    ['levels[0].clear'],
  ],
  ['a limit that is no number', { ...low, levels: [{ ...warning, fire: Number.NaN }] }, ['levels[0].fire']],
  [
    'severities that do not rise',
    { ...low, levels: [warning, { severity: 'warning' as const, fire: 5, clear: 8 }] },
    ['levels[1].severity'],
  ],
  [
    'a worse level that is nearer',
    { ...low, levels: [warning, { severity: 'critical' as const, fire: 20, clear: 25 }] },
    ['levels[1].fire'],
  ],
  [
    'a worse level that clears later than the milder one',
    { ...low, levels: [warning, { severity: 'critical' as const, fire: 5, clear: 26 }] },
    ['levels[1].clear'],
  ],
  ['an unknown severity', { ...silent, severity: 'fatal' as never }, ['severity']],
  ['no slots', { ...silent, slots: 0 }, ['slots']],
  ['an empty choice', { ...low, selector: { entities: [] } }, ['selector.entities']],
  ['a strange entity', { ...low, selector: { entities: ['a', 'zzz'] } }, ['selector.entities[1]']],
  ['an entity twice', { ...low, selector: { entities: ['a', 'a'] } }, ['selector.entities[1]']],
  ['a label without a name', { ...low, selector: { labels: { '': 'x' } } }, ['selector.labels']],
  ['an unknown placeholder', { ...low, message: '{entity} {mood}' }, ['message']],
  ['a placeholder with a blank', { ...low, message: '{ entity }' }, ['message']],
  ['a lonely brace', { ...low, message: 'oops {entity' }, ['message']],
  ['an empty message', { ...low, message: '' }, ['message']],
  ['an endless message', { ...low, message: 'x'.repeat(301) }, ['message']],
  ['a line break in a message', { ...low, message: 'one\ntwo' }, ['message']],
  ['a control character in a name', { ...low, name: 'a\u0000b' }, ['name']],
  ['a label without end', { ...low, selector: { labels: { site: 'x'.repeat(201) } } }, ['selector.labels']],
  [
    'a limit that no table holds',
    { ...low, levels: [{ ...warning, fire: -1e300, clear: 1e300 }] },
    ['levels[0].fire', 'levels[0].clear'],
  ],
  ['a limit that is nearly nothing', { ...low, levels: [{ ...warning, fire: 1e-300 }] }, ['levels[0].fire']],
  [
    'more levels than severities',
    { ...low, levels: Array.from({ length: 9 }, () => warning) },
    expect.arrayContaining(['levels']),
  ],
])('%s is refused at its place', (_, rule, paths) => {
  expect(issues(rule as Rule)).toEqual(paths);
});

test('everything that is wrong is said at once, each with what to do', () => {
  const wrong = {
    ...low,
    id: '',
    name: '',
    kind: 'x',
    holdSeconds: -1,
    levels: [{ ...warning, clear: 1 }],
    message: '{x}',
  };
  const found = validateRule(wrong, undefined, ['bundle', 'interface']);
  expect(found.map((issue) => issue.path)).toEqual(['id', 'name', 'kind', 'holdSeconds', 'message', 'levels[0].clear']);
  expect(found.find((issue) => issue.path === 'kind')?.message).toContain('bundle, interface');
});

test('a kind whose silence is told another way says so', () => {
  const found = validateRule({ ...silent, kind: 'sim' }, { metrics: [], noAbsence: 'is not for SIMs' }, ['sim']);
  expect(found).toEqual([{ path: 'type', message: 'is not for SIMs' }]);
});
