/** What may be configured of sites that take commands, and of routers behind them. */
import { expect, test } from 'vitest';
import { SOURCE_KINDS } from '../../../shared/capabilities.ts';
import { commandRefusal } from '../../../shared/interfaces/push-settings.ts';
import { sourceNamed } from '../collect/fakes.ts';

const issues = (type: 'push' | 'site-router', settings: Record<string, unknown>) =>
  SOURCE_KINDS[type].settingsIssues(settings).map(({ path }) => path);

test('a site may take commands, but not where its secret itself proves who sends', () => {
  expect(issues('push', {})).toEqual([]);
  expect(issues('push', { commands: true, speedsBitsPerSecond: { wan: 1e9 } })).toEqual([]);
  expect(issues('push', { commands: true, bearer: true })).toEqual(['commands']);
  expect(issues('push', { commands: 'yes', command: true })).toEqual(['commands', 'command']);
});

test.each([
  ['a router', { type: 'routeros' }, 'is no source of type push'],
  ['one that is disabled', { enabled: false }, 'is disabled'],
  ['one that says nothing of commands', { settings: {} }, 'settings.commands'],
  ['one that bears its secret', { settings: { commands: true, bearer: true } }, 'settings.commands'],
] as const)('%s takes no commands', (_, over, words) => {
  const site = sourceNamed('branch', { type: 'push', kind: 'interface', settings: { commands: true }, ...over });
  expect(commandRefusal(site)).toContain(words);
  expect(commandRefusal(undefined)).toContain('no source');
});

test.each([
  [{ via: 'branch' }, []],
  [{}, ['via']],
  [{ via: 'Branch Office' }, ['via']],
  [{ via: 'branch', host: '192.0.2.1', user: 'headroom' }, ['host', 'user']],
])('a router behind a site with %o: where it is stays there', (settings, paths) => {
  expect(issues('site-router', settings)).toEqual(paths);
});

test('no login of it is stored here, whatever it is', () => {
  expect(SOURCE_KINDS['site-router'].secretIssues({ password: 'hunter2' }, {})).toEqual([
    { path: '', message: expect.stringContaining('stay at the site') },
  ]);
});
