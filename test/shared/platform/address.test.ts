/** Which places a tenant's source may be in, and what is said of the others. */
import { describe, expect, test } from 'vitest';
import { classifyAddress, refusalOf, undeclarable } from '../../../shared/platform/address.ts';
import { parseAddress } from '../../../shared/platform/ip.ts';

const ip = (text: string) => {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`not an address: ${text}`);
  return parsed;
};

describe('the range', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['1.1.1.1', 'public'],
    ['126.255.255.255', 'public'],
    ['128.0.0.0', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['192.167.255.255', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['223.255.255.255', 'public'],
    ['2606:4700::1', 'public'],
    ['2a00::1', 'public'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['::', 'unspecified'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['::ffff:0:127.0.0.1', 'loopback'],
    ['64:ff9b::127.0.0.1', 'loopback'],
    ['2002:7f00:1::', 'loopback'],
    ['2001:0:5ef5:79fd::80ff:fffe', 'loopback'],
    ['169.254.169.254', 'link-local'],
    ['::ffff:a9fe:a9fe', 'link-local'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['fd00:ec2::254', 'metadata'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.255.255', 'private'],
    ['fec0::1', 'private'],
    ['64:ff9b:1::1', 'private'],
    ['2002:c0a8:101::1', 'private'],
    ['100.64.0.1', 'shared'],
    ['fc00::1', 'unique-local'],
    ['fdff::1', 'unique-local'],
    ['192.0.2.1', 'documentation'],
    ['198.51.100.1', 'documentation'],
    ['203.0.113.1', 'documentation'],
    ['2001:db8::1', 'documentation'],
    ['3fff::1', 'documentation'],
    ['198.18.0.1', 'benchmarking'],
    ['198.19.255.255', 'benchmarking'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['192.0.0.8', 'reserved'],
    ['192.88.99.1', 'reserved'],
    ['100::1', 'reserved'],
    ['2001:10::1', 'reserved'],
    ['4000::1', 'reserved'],
  ])('of %s is %s', (text, range) => {
    expect(classifyAddress(ip(text)).range).toBe(range);
  });
});

describe('without any declared network', () => {
  test.each(['8.8.8.8', '2606:4700::1', '64:ff9b::8.8.8.8'])('%s may be called', (text) => {
    expect(refusalOf(ip(text), [])).toBeUndefined();
  });

  test('a private one is refused, and the sentence says how to declare it', () => {
    expect(refusalOf(ip('192.168.88.1'), [])).toBe(
      '192.168.88.1 is a private address (192.168.0.0/16): if it is reached through your VPN, add its range to the allowed networks of the tenant, such as 192.168.88.0/24',
    );
    expect(refusalOf(ip('fd12:3456::9'), [])).toContain('such as fd12:3456::/64');
  });

  test('a disguised one is refused by what it carries', () => {
    expect(refusalOf(ip('2002:7f00:1::'), [])).toMatch(
      /^2002:7f00:1:: carries 127\.0\.0\.1, which is a loopback address/,
    );
  });
});

describe('with declared networks', () => {
  test.each([
    ['10.20.0.5', ['10.20.0.0/16'], true],
    ['10.21.0.5', ['10.20.0.0/16'], false],
    ['::ffff:10.20.0.5', ['10.20.0.0/16'], true],
    ['fd12:3456::9', ['10.20.0.0/16', 'fd12:3456::/48'], true],
    ['127.0.0.1', ['127.0.0.0/8'], true],
    ['127.0.0.1', ['127.0.0.2/32'], false],
    ['::1', ['127.0.0.0/8'], false],
    ['10.20.0.5', ['10.20.0.0/99', 'nonsense', ''], false],
    ['192.0.2.1', ['192.0.2.0/24'], true],
  ])('%s in %j may be called: %s', (text, networks, may) => {
    expect(refusalOf(ip(text), networks) === undefined).toBe(may);
  });

  test.each([
    '0.0.0.0',
    '169.254.169.254',
    '::ffff:169.254.169.254',
    'fe80::1',
    'fd00:ec2::254',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
  ])('%s stays refused whatever is declared', (text) => {
    expect(refusalOf(ip(text), ['0.0.0.0/0', '::/0'])).toBeTypeOf('string');
  });
});

describe('a tenant may declare', () => {
  test.each([
    '10.0.0.0/8',
    '10.20.30.0/24',
    '172.16.0.0/12',
    '192.168.88.1',
    '100.64.0.0/10',
    'fc00::/7',
    'fd12:3456::/48',
  ])('%s', (cidr) => {
    expect(undeclarable(cidr)).toBeUndefined();
  });

  test.each([
    '0.0.0.0/0',
    '8.0.0.0/7',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '192.0.2.0/24',
    '172.0.0.0/8',
    '::/0',
    '::1',
    'fe80::/10',
    'fd00:ec2::/64',
    'vpn',
    '10.0.0.0/40',
  ])('not %s, with a sentence that names it', (cidr) => {
    expect(undeclarable(cidr)).toContain(cidr);
  });
});
