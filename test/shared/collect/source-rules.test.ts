import { expect, test } from 'vitest';
import { type SourceDraft, sourceIssues } from '../../../shared/collect/source-rules.ts';

const draft: SourceDraft = {
  ...{ id: 'home', type: 'taara', name: 'Home', enabled: true, periodSeconds: 900, settings: {}, simulated: false },
};
const real = { simulated: false };
const fine = () => [];

test('a good source has no issue', () => {
  expect(sourceIssues(draft, real, fine)).toEqual([]);
});

test.each([
  ['id', { id: '' }],
  ['id', { id: '_keys' }],
  ['id', { id: 'a#b' }],
  ['id', { id: 'Home' }],
  ['id', { id: 'a'.repeat(49) }],
  ['name', { name: '  ' }],
  ['name', { name: 'a\nb' }],
  ['name', { name: 'x'.repeat(81) }],
  ['periodSeconds', { periodSeconds: 0 }],
  ['periodSeconds', { periodSeconds: 90 }],
  ['periodSeconds', { periodSeconds: 86_460 }],
  ['periodSeconds', { periodSeconds: Number.NaN }],
  ['simulated', { simulated: true }],
  ['settings', { settings: { text: 'x'.repeat(20_000) } }],
])('%s is refused in %j', (path, over) => {
  expect(sourceIssues({ ...draft, ...over }, real, fine).map((i) => i.path)).toEqual([path]);
});

test.each([60, 120, 86_400])('a period of %i s is fine', (periodSeconds) => {
  expect(sourceIssues({ ...draft, periodSeconds }, real, fine)).toEqual([]);
});

test('a real source has no place in a tenant of simulators', () => {
  expect(sourceIssues(draft, { simulated: true }, fine).map((i) => i.path)).toEqual(['simulated']);
});

test('everything that is wrong is told at once, the capability’s own issues under settings', () => {
  const check = () => [
    { path: 'hotspotId', message: 'is needed' },
    { path: '', message: 'is odd' },
  ];
  const issues = sourceIssues({ ...draft, id: '', name: '' }, real, check);
  expect(issues.map((i) => i.path)).toEqual(['id', 'name', 'settings.hotspotId', 'settings']);
});
