/** What may be stored about a router, and what is said of the rest. */
import { describe, expect, test } from 'vitest';
import { SOURCE_KINDS } from '../../../shared/capabilities.ts';
import { snmpSecretIssues, snmpSettings, snmpSettingsIssues } from '../../../shared/interfaces/settings.ts';
import { configuredSpeed } from '../../../shared/interfaces/speeds.ts';

describe('settings', () => {
  test('need a host and no more; the rest has its usual values', () => {
    expect(snmpSettingsIssues({ host: 'core1.example' })).toEqual([]);
    expect(snmpSettings.parse({ host: 'core1.example' })).toEqual({
      host: 'core1.example',
      port: 161,
      version: 'v2c',
      authProtocol: 'sha256',
      privProtocol: 'aes',
    });
  });

  test('that are wrong are all named at once', () => {
    const settings = {
      host: '',
      port: 70_000,
      version: 'v1',
      privProtocol: 'des',
      maxRepetitions: 0,
      speedsBitsPerSecond: { ether1: -1, ether2: '1G' },
      comunity: 'lab',
    };
    expect(snmpSettingsIssues(settings).map(({ path, message }) => `${path} ${message}`)).toEqual([
      'host must be at least 1 characters long',
      'port must be at most 65535',
      'version must be one of v2c, v3',
      'privProtocol must be one of aes, aes256b, aes256r',
      'maxRepetitions must be at least 1',
      'speedsBitsPerSecond.ether1 must be at least 0',
      'speedsBitsPerSecond.ether2 must be of type number',
      expect.stringMatching(/^comunity is not known; known are host, port/),
    ]);
  });

  test('may call a simulator one, on a loopback address only', () => {
    expect(snmpSettingsIssues({ host: '127.0.0.1', simulator: true })).toEqual([]);
    for (const host of ['192.0.2.1', 'localhost']) {
      expect(snmpSettingsIssues({ host, simulator: true })).toMatchObject([{ path: 'simulator' }]);
      expect(snmpSettingsIssues({ host, simulator: false })).toEqual([]);
    }
    const told = [{ simulator: true }, { simulator: false }, {}].map((given) => SOURCE_KINDS.snmp.isSimulated(given));
    expect(told).toEqual([true, false, false]);
  });

  test('name speeds by ifName, also by the names of prototypes', () => {
    const settings = snmpSettings.parse({
      host: 'h',
      speedsBitsPerSecond: JSON.parse('{"ether1":5,"__proto__":7}'),
    });
    expect(['ether1', 'ether2', '__proto__', 'toString'].map((name) => configuredSpeed(settings, name))).toEqual([
      5,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('a secret', () => {
  test.each<[string, Record<string, string>, Record<string, unknown>, string[]]>([
    ['is a community', { community: 'lab' }, {}, []],
    ['is a user with both keys for v3', { user: 'u', authKey: 'aaaaaaaa', privKey: 'pppppppp' }, { version: 'v3' }, []],
    [
      'of the other version does not fit',
      { community: 'planted-secret' },
      { version: 'v3' },
      ['user', 'authKey', 'privKey', 'community'],
    ],
    [
      'with short keys is refused',
      { user: 'u', authKey: 'a', privKey: 'p' },
      { version: 'v3' },
      ['authKey', 'privKey'],
    ],
    ['without a community is refused', {}, {}, ['community']],
  ])('%s', (_, secret, settings, paths) => {
    const issues = snmpSecretIssues(secret, settings);
    expect(issues.map(({ path }) => path)).toEqual(paths);
    expect(JSON.stringify(issues)).not.toContain('planted-secret');
  });
});
