/** Settings of a ping source: every wrong one named, with its place and how to mend it. */
import { expect, test } from 'vitest';
import { connectedHosts, pingSecretIssues, pingSettingsIssues } from '../../../shared/reach/settings.ts';

const tcp = { name: 'page', host: '192.0.2.1', method: 'tcp', port: 443 };
const echo = { name: 'gateway', host: '198.51.100.1', method: 'router' };
const texts = (given: Record<string, unknown>) =>
  pingSettingsIssues(given).map(({ path, message }) => `${path} ${message}`);

test('what is needed is enough', () => {
  expect(texts({ targets: [tcp] })).toEqual([]);
  expect(texts({ via: 'core', targets: [echo, { ...tcp, count: 10, timeoutMs: 2000 }] })).toEqual([]);
  for (const host of ['gw.example.net', '2001:db8::1', '::1']) {
    expect(texts({ targets: [{ ...tcp, host }] }), host).toEqual([]);
  }
  for (const name of ['Zürich 4 (oben)', 'গুলশান ৪']) expect(texts({ targets: [{ ...tcp, name }] }), name).toEqual([]);
});

test.each<[string, Record<string, unknown>, string[]]>([
  ['nothing', {}, ['targets must be of type array']],
  ['no targets', { targets: [] }, ['targets must be at least 1 entries']],
  ['a misspelt name', { targets: [tcp], vai: 'core' }, ['vai is not known; known are targets, via']],
  ['a misspelt field', { targets: [{ ...tcp, prot: 1 }] }, ['targets[0].prot is not a field here: remove it']],
  [
    'tcp without a port',
    { targets: [{ ...tcp, port: undefined }] },
    ['targets[0].port is missing: tcp needs a port, such as 443'],
  ],
  ['port 0', { targets: [{ ...tcp, port: 0 }] }, ['targets[0].port must be at least 1']],
  [
    'an echo to a port',
    { via: 'core', targets: [{ ...echo, port: 80 }] },
    ['targets[0].port is for tcp only: a router sends echoes'],
  ],
  ['no router', { targets: [echo] }, ['via is missing: name the router that pings']],
  ['a router for nothing', { via: 'core', targets: [tcp] }, ['via is not used: no target has the method router']],
  ['a router that is no id', { via: 'Core 1', targets: [echo] }, ['via must be the id of a router that pings']],
  ['namesakes', { targets: [tcp, tcp] }, ['targets[1].name stands twice: names must differ']],
  ['eleven probes', { targets: [{ ...tcp, count: 11 }] }, ['targets[0].count must be at most 10']],
  [
    'a URL',
    { targets: [{ ...tcp, host: 'https://192.0.2.1/' }] },
    ['targets[0].host must be an address such as 192.0.2.1, or a host name'],
  ],
  [
    'a look that takes longer than a run has',
    { targets: [{ ...tcp, count: 10, timeoutMs: 5000 }] },
    ['targets[0].timeoutMs may take 50000 ms (count x timeoutMs), at most 20000: lower count or timeoutMs'],
  ],
  [
    'more pings than a run has time for',
    { via: 'core', targets: Array.from({ length: 13 }, (_, i) => ({ ...echo, name: `g${i}` })) },
    [
      'targets may take 32500 ms (count x timeoutMs, all that the router pings), at most 30000: ' +
        'lower count or timeoutMs, or make a second source',
    ],
  ],
])('%s is refused', (_, given, expected) => {
  expect(texts(given)).toEqual(expected);
});

test('names that end an id hold nothing that nobody can see', () => {
  for (const name of ['', ' a', 'a\n', 'a\u202eb', 'a/b', 'a~b', 'x'.repeat(65), '-']) {
    expect(texts({ targets: [{ ...tcp, name }] }), JSON.stringify(name)).toHaveLength(1);
  }
});

test('credentials are refused without being repeated', () => {
  expect(pingSecretIssues({})).toEqual([]);
  const issues = pingSecretIssues({ password: 'hunter2-0f9c' });
  expect(issues).toHaveLength(1);
  expect(JSON.stringify(issues)).not.toContain('hunter2');
});

test('only hosts that are called from here are named, with their places', () => {
  expect(connectedHosts({ via: 'core', targets: [echo, tcp] })).toEqual([
    { path: 'targets[1].host', host: '192.0.2.1' },
  ]);
  expect(connectedHosts({ targets: 'all' })).toEqual([]);
});
