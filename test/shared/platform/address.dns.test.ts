/** A host becomes the one address to connect to, or is refused before a packet leaves. */
import { describe, expect, test } from 'vitest';
import { resolvePublic } from '../../../shared/platform/address.dns.ts';
import { AppError } from '../../../shared/platform/errors.ts';

const answering = (...addresses: string[]) => ({ lookup: async () => addresses });

async function failure(resolving: Promise<unknown>): Promise<AppError> {
  const error = await resolving.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('a name', () => {
  test('is looked up once, and what was checked is what is returned: a second answer cannot matter', async () => {
    let lookups = 0;
    const lookup = async () => {
      lookups += 1;
      return lookups === 1 ? ['8.8.4.4'] : ['127.0.0.1'];
    };
    expect(await resolvePublic('router.example', [], { lookup })).toEqual({ address: '8.8.4.4', family: 4 });
    expect(lookups).toBe(1);
  });

  test.each<[string, string[]]>([
    ['loopback', ['127.0.0.1']],
    ['one bad answer among good ones', ['8.8.8.8', '10.0.0.1', '1.1.1.1']],
    ['a mapped private one', ['::ffff:192.168.1.1']],
    ['the cloud’s metadata', ['169.254.169.254']],
    ['something with a zone', ['fe80::1%eth0']],
  ])('that resolves to %s is refused, with an issue that says why', async (_, addresses) => {
    const error = await failure(
      resolvePublic('router.example', [], { ...answering(...addresses), path: 'settings.host' }),
    );
    expect(error.code).toBe('REQUEST_INVALID');
    expect(error.context.issues).toEqual([{ path: 'settings.host', message: error.message }]);
    expect(error.message).toMatch(/^router\.example/);
  });

  test('with addresses of both families gives the IPv4 one', async () => {
    const both = answering('2606:4700::1', '1.1.1.1');
    expect(await resolvePublic('router.example.', [], both)).toEqual({ address: '1.1.1.1', family: 4 });
    expect(await resolvePublic('router.example', [], answering('2606:4700::1'))).toEqual({
      address: '2606:4700::1',
      family: 6,
    });
    expect(await resolvePublic('router.example', [], answering('::ffff:1.1.1.1'))).toEqual({
      address: '1.1.1.1',
      family: 4,
    });
  });

  test('of a VPN is reached when its range is declared', async () => {
    expect(await resolvePublic('core.vpn.example', ['10.8.0.0/16'], answering('10.8.0.1'))).toEqual({
      address: '10.8.0.1',
      family: 4,
    });
  });

  test('of this machine is loopback to the system’s own resolver', async () => {
    expect((await failure(resolvePublic('localhost', []))).message).toMatch(/loopback/);
  });

  test.each<[string, () => Promise<string[]>, RegExp]>([
    ['does not exist', () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })), /ENOTFOUND/],
    ['has no address', async () => [], /no address/],
    ['hangs', () => new Promise(() => undefined), /no answer from the DNS within 50 ms/],
  ])('that %s is unavailable, and may be tried again', async (_, lookup, message) => {
    const error = await failure(resolvePublic('router.example', [], { lookup, timeoutMs: 50 }));
    expect([error.code, error.retryable]).toEqual(['SOURCE_UNAVAILABLE', true]);
    expect(error.message).toMatch(message);
  });
});

describe('an address', () => {
  const noLookup = { lookup: () => Promise.reject(new Error('an address needs no look-up')) };

  test.each([
    ['1.1.1.1', '1.1.1.1'],
    ['[2606:4700::1]', '2606:4700::1'],
    ['1.1.1.1.', '1.1.1.1'],
    ['16843009', '1.1.1.1'],
  ])('%s is taken as %s', async (host, address) => {
    expect((await resolvePublic(host, [], noLookup)).address).toBe(address);
  });

  test.each([
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0177.0.0.1',
    '2130706433',
    '0',
    '[::1]',
    '::ffff:127.0.0.1',
    '[::ffff:7f00:1]',
    '127.0.0.1.',
  ])('%s is refused without a look-up', async (host) => {
    expect((await failure(resolvePublic(host, [], noLookup))).code).toBe('REQUEST_INVALID');
  });
});

describe('anything else', () => {
  const noLookup = { lookup: () => Promise.reject(new Error('nothing to look up')) };

  test.each([
    '',
    ' ',
    'a b',
    'http://router.example',
    'router.example:161',
    'router.example/x',
    'user@router',
    '127。0。0。1',
    '１２７.0.0.1',
    '-x.example',
    'x-.example',
    'x..y',
    '1.2.3.4.5',
    '0x7g.1.2.08',
    'fe80::1%eth0',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}example`,
    'a\u0000b',
  ])('%j is neither name nor address', async (host) => {
    const error = await failure(resolvePublic(host, ['0.0.0.0/0'], noLookup));
    expect(error.code).toBe('REQUEST_INVALID');
    expect(error.message).toMatch(/neither a host name nor an address/);
  });
});
