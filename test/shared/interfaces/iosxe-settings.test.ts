/** What may be stored about a router read by RESTCONF: the rules are those of every router read over HTTPS. */
import { expect, test } from 'vitest';
import { SOURCE_KINDS } from '../../../shared/capabilities.ts';
import { MAX_INTERFACES } from '../../../shared/interfaces/iosxe.wire.ts';
import { iosxeSettings } from '../../../shared/interfaces/iosxe-settings.ts';

const { iosxe } = SOURCE_KINDS;
const texts = (issues: readonly { path: string; message: string }[]) => issues.map((i) => `${i.path} ${i.message}`);

test('settings need a host and no more, and believe as many interfaces as an answer can hold', () => {
  expect(iosxe.settingsIssues({ host: 'asr1.example' })).toEqual([]);
  expect(iosxeSettings.parse({ host: 'asr1.example' })).toEqual({
    ...{ host: 'asr1.example', plainHttp: false },
    maximumInterfaces: MAX_INTERFACES,
    saveConfiguration: false,
  });
});

test('settings and secrets that are wrong are all named at once, and no value of a secret is', () => {
  const settings = { host: '', port: 0, maximumInterfaces: MAX_INTERFACES + 1, community: 'lab' };
  expect(texts(iosxe.settingsIssues(settings))).toEqual([
    'host must be at least 1 characters long',
    'port must be at least 1',
    `maximumInterfaces must be at most ${MAX_INTERFACES}`,
    expect.stringMatching(/^community is not known; known are host, port/),
  ]);
  expect(texts(iosxe.secretIssues({ user: 'a:b', password: 'x\ny', enable: 'z' }, {}))).toEqual([
    'user must not hold a colon or control characters',
    'password must not hold control characters',
    'enable is not known; known are user, password, writeUser, writePassword',
  ]);
});

test('only what is asked in clear, which is on this machine, counts as simulated', () => {
  const told = [{ plainHttp: true }, { plainHttp: false }, {}].map((settings) => iosxe.isSimulated(settings));
  expect(told).toEqual([true, false, false]);
});

test('who changes limits may be another user, whole or not at all', () => {
  const login = { user: 'headroom', password: 'x' };
  expect(iosxe.secretIssues({ ...login, writeUser: 'changer', writePassword: 'y' }, {})).toEqual([]);
  expect(texts(iosxe.secretIssues({ ...login, writeUser: 'changer' }, {}))).toEqual([
    expect.stringContaining('writePassword is missing beside writeUser'),
  ]);
  expect(texts(iosxe.settingsIssues({ host: 'asr1.example', saveConfiguration: 'yes' }))).toEqual([
    expect.stringContaining('saveConfiguration'),
  ]);
});
