/** Every spelling of an address that an operating system would accept, read as it would read it. */
import { describe, expect, test } from 'vitest';
import {
  formatAddress,
  looksNumeric,
  networkContains,
  parseAddress,
  parseNetwork,
  unmapped,
} from '../../../shared/platform/ip.ts';

const read = (text: string) => {
  const ip = parseAddress(text);
  return ip && formatAddress(ip);
};

describe('an address', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['0177.0.0.1', '127.0.0.1'],
    ['0x7f.0.0.1', '127.0.0.1'],
    ['0X7F.0x0.0x0.0x1', '127.0.0.1'],
    ['0x7f000001', '127.0.0.1'],
    ['2130706433', '127.0.0.1'],
    ['017700000001', '127.0.0.1'],
    ['127.1', '127.0.0.1'],
    ['127.0.1', '127.0.0.1'],
    ['10.65793', '10.1.1.1'],
    ['0', '0.0.0.0'],
    ['::', '::'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:127.0.0.1', '::ffff:7f00:1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
    ['1::', '1::'],
  ])('%s is %s', (text, formatted) => {
    expect(read(text)).toBe(formatted);
  });

  test.each([
    '',
    '.',
    '1.2.3.4.5',
    '256.0.0.1',
    '1.2.3.256',
    '4294967296',
    '08.0.0.1',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1..2.3',
    '0x.1',
    '-1',
    '+1.2.3.4',
    '1e3',
    '１２７.0.0.1',
    '127。0。0。1',
    'localhost',
    ':::',
    ':1',
    '1:',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8:9',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '::ffff:0177.0.0.1',
    '::ffff:127.1',
    '[127.0.0.1]',
    '[::1',
    '::1]',
  ])('%j is none', (text) => {
    expect(read(text)).toBeUndefined();
  });

  test.each([
    ['1.2.3.4.5', true],
    ['0x7f', true],
    ['host.0x1', true],
    ['example.com', false],
    ['example.123', true],
    ['3com.example', false],
    ['fe80::1%eth0', true],
  ])('%s can only be meant as one: %s', (text, numeric) => {
    expect(looksNumeric(text)).toBe(numeric);
  });

  test('that maps an IPv4 one is that one; no other changes', () => {
    const ips = ['::ffff:192.0.2.7', '::192.0.2.7', '2001:db8::1', '192.0.2.7'].flatMap(
      (text) => parseAddress(text) ?? [],
    );
    expect(ips.map(unmapped).map(formatAddress)).toEqual(['192.0.2.7', '::c000:207', '2001:db8::1', '192.0.2.7']);
  });
});

describe('a network', () => {
  test.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7/32', '192.0.2.8', false],
    ['0.0.0.0/0', '203.0.113.1', true],
    ['fd12:3456::/48', 'fd12:3456:0:ffff::1', true],
    ['fd12:3456::/48', 'fd12:3457::1', false],
    ['::/0', '192.0.2.1', false],
    ['172.16.0.0/12', '172.31.255.255', true],
    ['172.16.0.0/12', '172.32.0.0', false],
    ['192.0.2.0/25', '192.0.2.128', false],
  ])('%s holds %s: %s', (network, address, holds) => {
    const [parsed, ip] = [parseNetwork(network), parseAddress(address)];
    expect(parsed && ip && networkContains(parsed, ip)).toBe(holds);
  });

  test.each([
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10/8',
    '0x0a.0.0.0/8',
    '10.0.0.0/8/8',
    '',
    'all',
  ])('%j is none', (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  });
});
