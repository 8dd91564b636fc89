/** What may be stored about a router read by REST or its binary API, and what is said of the rest. */
import { describe, expect, test } from 'vitest';
import { selfSigned } from '../../../local/simulators/tls-front.ts';
import { portOf } from '../../../shared/interfaces/router-settings.ts';
import {
  routerosPort,
  routerosSecretIssues,
  routerosSettings,
  routerosSettingsIssues,
} from '../../../shared/interfaces/routeros-settings.ts';
import { configuredSpeed } from '../../../shared/interfaces/speeds.ts';

const PIN = 'ab'.repeat(32);
const PEM = selfSigned('router.test').certificatePem;
const texts = (issues: readonly { path: string; message: string }[]) => issues.map((i) => `${i.path} ${i.message}`);

describe('settings', () => {
  test('need a host and no more; then the certificate is a public authority’s', () => {
    expect(routerosSettingsIssues({ host: 'core1.example' })).toEqual([]);
    const settings = routerosSettings.parse({ host: 'core1.example' });
    const defaults = { plainHttp: false, maximumInterfaces: 10_000, api: 'rest', queues: true };
    expect(settings).toEqual({ host: 'core1.example', ...defaults });
    expect(portOf(settings)).toBe(443);
    expect(portOf({ ...settings, plainHttp: true })).toBe(80);
    expect(portOf({ ...settings, port: 8443 })).toBe(8443);
  });

  test('name the binary API, which has ports of its own; everything else is the same', () => {
    const settings = routerosSettings.parse({ host: 'core1.example', api: 'binary' });
    expect(routerosPort(settings)).toBe(8729);
    expect(routerosPort({ ...settings, plainHttp: true })).toBe(8728);
    expect(routerosPort({ ...settings, port: 18_729 })).toBe(18_729);
    expect(routerosPort({ ...settings, api: 'rest' })).toBe(443);
    expect(routerosSettingsIssues({ host: 'h', api: 'binary', certificateSha256: PIN })).toEqual([]);
    expect(
      texts(routerosSettingsIssues({ host: 'h', api: 'binary', plainHttp: true, certificateSha256: PIN })),
    ).toEqual([expect.stringMatching(/^plainHttp has no certificate/)]);
    expect(texts(routerosSettingsIssues({ host: 'h', api: 'api-ssl' }))).toEqual(['api must be one of rest, binary']);
  });

  test.each([
    ['a fingerprint', { certificateSha256: PIN }],
    ['a fingerprint with colons', { certificateSha256: PIN.toUpperCase().replace(/..(?=.)/g, '$&:') }],
    ['an authority', { certificateAuthority: PEM }],
    ['a chain', { certificateAuthority: `# root\n${PEM}${PEM}` }],
  ])('take %s', (_, more) => {
    expect(routerosSettingsIssues({ host: 'core1.example', ...more })).toEqual([]);
  });

  test('that are wrong are all named at once', () => {
    const settings = {
      host: '',
      port: 0,
      certificateSha256: `${PIN}ab`,
      certificateAuthority: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      maximumInterfaces: 10_001,
      speedsBitsPerSecond: { ether1: -1 },
      insecure: true,
    };
    expect(texts(routerosSettingsIssues(settings))).toEqual([
      'host must be at least 1 characters long',
      'port must be at least 1',
      'certificateSha256 must be the 64 hexadecimal digits of a SHA-256 fingerprint',
      'certificateAuthority must be one or more certificates in PEM form',
      'maximumInterfaces must be at most 10000',
      'speedsBitsPerSecond.ether1 must be at least 0',
      'certificateAuthority cannot stand beside certificateSha256: give one of them',
      expect.stringMatching(/^insecure is not known; known are host, port/),
    ]);
  });

  test.each([
    [
      'a fingerprint and an authority',
      { certificateSha256: PIN, certificateAuthority: PEM },
      /^certificateAuthority cannot/,
    ],
    ['plain HTTP and a fingerprint', { plainHttp: true, certificateSha256: PIN }, /^plainHttp has no certificate/],
    ['plain HTTP and an authority', { plainHttp: true, certificateAuthority: PEM }, /^plainHttp has no certificate/],
  ])('do not take %s', (_, more, message) => {
    expect(texts(routerosSettingsIssues({ host: 'core1.example', ...more }))).toEqual([expect.stringMatching(message)]);
  });

  test('refuse an authority longer than any chain without looking into it', () => {
    const certificateAuthority = '-----BEGIN CERTIFICATE-----'.repeat(20_000);
    const startedAt = performance.now();
    expect(texts(routerosSettingsIssues({ host: 'core1.example', certificateAuthority }))).toEqual([
      'certificateAuthority must be at most 15000 characters long',
    ]);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  test('name speeds by ifName, and nothing by the names of prototypes', () => {
    const settings = routerosSettings.parse({
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

describe('the secret', () => {
  test('is a user and a password, in any letters', () => {
    expect(routerosSecretIssues({ user: 'headroom', password: 'päss:word é' })).toEqual([]);
  });

  test.each([
    ['nothing', {}, ['user must be of type string', 'password must be of type string']],
    [
      'empty text',
      { user: '', password: '' },
      ['user must be at least 1 characters long', 'password must be at least 1 characters long'],
    ],
    ['a colon in the user', { user: 'a:b', password: 'x' }, ['user must not hold a colon or control characters']],
    ['a line break', { user: 'a', password: 'x\r\nhost: y' }, ['password must not hold control characters']],
    [
      'more',
      { user: 'a', password: 'x', community: 'lab' },
      ['community is not known; known are user, password, writeUser, writePassword'],
    ],
  ])('of %s is refused without being repeated', (_, secret, issues) => {
    expect(texts(routerosSecretIssues(secret))).toEqual(issues);
  });
});
