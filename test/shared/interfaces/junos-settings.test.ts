/** What may be configured about a Juniper router, and what is said of the rest. */
import { describe, expect, test } from 'vitest';
import { selfSigned } from '../../../local/simulators/tls-front.ts';
import {
  isJunosSimulated,
  junosReader,
  junosSecretIssues,
  junosSettings,
  junosSettingsIssues,
  junosWriter,
  pinOf,
  restPortOf,
} from '../../../shared/interfaces/junos-settings.ts';

const PIN = `SHA256:${'Ab+/'.repeat(10)}xyz`;
const KEY = `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(64)}\n-----END PRIVATE KEY-----\n`;

describe('settings', () => {
  test.each([
    ['an address and a pin', { host: '192.0.2.1', hostKeySha256: PIN }],
    ['a pin without its prefix', { host: 'edge1.example', hostKeySha256: PIN.slice(7) }],
    ['no pin for loopback', { host: '127.0.0.1', port: 8830 }],
    ['no pin for loopback by IPv6', { host: '::1' }],
    [
      'everything',
      {
        ...{ host: '2001:db8::1', port: 22, hostKeySha256: PIN, interfaceName: 'ge-0/0/0*' },
        ...{ maximumInterfaces: 100, speedsBitsPerSecond: { 'ge-0/0/0.10': 200_000_000 } },
      },
    ],
  ])('%s', (_, given) => {
    expect(junosSettingsIssues(given)).toEqual([]);
  });

  const pem = selfSigned('edge1.example').certificatePem;
  test.each([
    ['the REST API by a pinned certificate', { certificateSha256: 'ab'.repeat(32) }],
    ['the REST API by an authority', { certificateAuthority: pem, port: 8443 }],
    ['the REST API by a public authority', {}],
    ['the REST API in clear', { host: '127.0.0.1', plainHttp: true }],
  ])('%s', (_, given) => {
    expect(junosSettingsIssues({ api: 'rest', host: 'edge1.example', ...given })).toEqual([]);
  });

  test.each([
    ['a certificate for NETCONF', { hostKeySha256: PIN, certificateSha256: 'ab'.repeat(32) }, 'certificateSha256'],
    ['an authority for NETCONF', { hostKeySha256: PIN, certificateAuthority: pem }, 'certificateAuthority'],
    ['plain HTTP for NETCONF', { hostKeySha256: PIN, plainHttp: true }, 'plainHttp'],
    ['a host key for REST', { api: 'rest', hostKeySha256: PIN }, 'hostKeySha256'],
    [
      'a pin beside an authority',
      { api: 'rest', certificateSha256: 'ab'.repeat(32), certificateAuthority: pem },
      'certificateAuthority',
    ],
    ['a pin in clear', { api: 'rest', certificateSha256: 'ab'.repeat(32), plainHttp: true }, 'plainHttp'],
    ['an API that is none', { api: 'json' }, 'api'],
  ])('%s is told once, with the field that it is about', (_, given, path) => {
    const issues = junosSettingsIssues({ host: '192.0.2.1', ...given });
    expect(issues.map((issue) => issue.path)).toEqual([path]);
  });

  test('REST answers on 3443, in clear on 3000, or where it is told', () => {
    const port = (given: object) => restPortOf(junosSettings.parse({ api: 'rest', host: '127.0.0.1', ...given }));
    expect([port({}), port({ plainHttp: true }), port({ port: 8080, plainHttp: true })]).toEqual([3443, 3000, 8080]);
  });

  test.each([
    ['no pinned host key', { host: '127.0.0.1' }, true],
    ['a pinned host key', { host: '192.0.2.1', hostKeySha256: PIN }, false],
    ['REST over HTTPS', { api: 'rest', host: '192.0.2.1' }, false],
    ['REST in clear', { api: 'rest', host: '127.0.0.1', plainHttp: true }, true],
  ])('with %s it is simulated or not', (_, given, isSimulated) => {
    expect(isJunosSimulated(given)).toBe(isSimulated);
  });

  test.each([
    ['no pin', { host: '192.0.2.1' }, 'hostKeySha256', /must be given.*ssh-keyscan/],
    ['no pin for a name, whatever it means today', { host: 'localhost' }, 'hostKeySha256', /must be given/],
    ['a pin in hexadecimal', { host: '192.0.2.1', hostKeySha256: 'ab'.repeat(32) }, 'hostKeySha256', /SHA256:/],
    ['no host', { hostKeySha256: PIN }, 'host', /./],
    ['port 0', { host: '127.0.0.1', port: 0 }, 'port', /./],
    ['markup as a name', { host: '127.0.0.1', interfaceName: '<ge-0/0/0>' }, 'interfaceName', /such as ge-0\/0\/0/],
    ['a speed below zero', { host: '127.0.0.1', speedsBitsPerSecond: { a: -1 } }, 'speedsBitsPerSecond.a', /./],
    ['an unknown name', { host: '127.0.0.1', plainHttp: true }, 'plainHttp', /./],
  ])('%s is told', (_, given, path, message) => {
    const issues = junosSettingsIssues(given);
    expect(issues.map((issue) => issue.path)).toContain(path);
    expect(issues.find((issue) => issue.path === path)?.message).toMatch(message);
  });

  test('a pin is compared without its prefix and padding', () => {
    const pin = (hostKeySha256: string) => pinOf(junosSettings.parse({ host: '192.0.2.1', hostKeySha256 }));
    expect(new Set([pin(PIN), pin(`${PIN}=`), pin(PIN.slice(7))])).toEqual(new Set([PIN.slice(7)]));
  });
});

const READER = { user: 'headroom', password: 'x' };

describe('a secret', () => {
  test.each([
    ['a password', { user: 'headroom', password: 'x' }],
    ['a key', { user: 'headroom', privateKey: KEY }],
    [
      'a key with its passphrase',
      {
        user: 'headroom',
        privateKey: KEY.replace('PRIVATE', 'OPENSSH PRIVATE').replace('END PRIVATE', 'END OPENSSH PRIVATE'),
        passphrase: 'y',
      },
    ],
    ['a second user for writing', { ...READER, writeUser: 'changer', writePassword: 'y' }],
    ['one with a key', { ...READER, writeUser: 'changer', writePrivateKey: KEY, writePassphrase: 'z' }],
  ])('%s', (_, given) => {
    expect(junosSecretIssues(given, {})).toEqual([]);
  });

  test.each([
    ['neither password nor key', { user: 'a' }, 'password'],
    ['both', { user: 'a', password: 'hunter2', privateKey: KEY }, 'password'],
    ['a public key', { user: 'a', privateKey: 'ssh-ed25519 AAAA' }, 'privateKey'],
    ['half a key', { user: 'a', privateKey: KEY.slice(0, 40) }, 'privateKey'],
    ['a passphrase of nothing', { user: 'a', password: 'hunter2', passphrase: 'y' }, 'passphrase'],
    ['a line end in the password', { user: 'a', password: 'hunter2\n' }, 'password'],
    ['a second user without a proof', { ...READER, writeUser: 'b' }, 'writeUser'],
    [
      'a second user with two',
      { ...READER, writeUser: 'b', writePassword: 'hunter2', writePrivateKey: KEY },
      'writeUser',
    ],
    ['a proof of nobody', { ...READER, writePassword: 'hunter2' }, 'writeUser'],
    [
      'a passphrase of no key',
      { ...READER, writeUser: 'b', writePassword: 'x', writePassphrase: 'y' },
      'writePassphrase',
    ],
    ['an unknown name', { user: 'a', password: 'hunter2', token: 'z' }, 'token'],
  ])('%s is told, and no value of it', (_, given, path) => {
    const issues = junosSecretIssues(given, {});
    expect(issues.map((issue) => issue.path)).toContain(path);
    expect(JSON.stringify(issues)).not.toMatch(/hunter2|AAAA/);
  });

  test.each([
    ['a private key', { user: 'a', password: 'hunter2', privateKey: KEY }, ['privateKey']],
    ['a passphrase', { user: 'a', password: 'hunter2', passphrase: 'AAAA' }, ['passphrase']],
    ['no password', { user: 'a', privateKey: KEY }, ['password', 'privateKey']],
    ['a colon in the user', { user: 'a:b', password: 'hunter2' }, ['user']],
    ['nothing but a login', { user: 'a', password: 'hunter2' }, []],
  ])('for REST with %s is told what it may hold', (_, given, paths) => {
    const issues = junosSecretIssues(given, { api: 'rest' });
    expect(issues.map((issue) => issue.path)).toEqual(paths);
    expect(JSON.stringify(issues)).not.toMatch(/hunter2|AAAA/);
  });
});

test('limits are written by the user for writing, or else by the one that reads', () => {
  const both = { ...READER, writeUser: 'changer', writePrivateKey: KEY };
  expect(junosWriter(both)).toEqual({ user: 'changer', privateKey: KEY });
  expect(junosReader(both)).toEqual(READER);
  expect(junosWriter(READER)).toEqual(READER);
});
