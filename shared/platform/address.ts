/** What kind of place an internet address is, and whether a tenant's source may live there. Pure. */
import { assert } from './assert.ts';
import { formatAddress, type IpAddress, type Network, networkContains, parseNetwork } from './ip.ts';

export type AddressRange =
  | 'public'
  | 'unspecified'
  | 'loopback'
  | 'link-local'
  | 'metadata'
  | 'private'
  | 'shared'
  | 'unique-local'
  | 'multicast'
  | 'broadcast'
  | 'documentation'
  | 'benchmarking'
  | 'reserved';

export interface Classified {
  readonly range: AddressRange;
  /** The block it lies in, in CIDR notation; undefined when public. */
  readonly block?: string;
  /** The IPv4 address that an IPv6 form carries (mapped, compatible, translated, 6to4, Teredo); it was judged instead. */
  readonly embedded?: IpAddress;
}

/** No tenant has a router there, whatever it declares: these reach the machine itself, its cloud, or everybody. */
const NEVER: ReadonlySet<AddressRange> = new Set(['unspecified', 'link-local', 'metadata', 'multicast', 'broadcast']);

/** What a VPN may bring: RFC 1918, RFC 6598 (carriers) and RFC 4193. */
const DECLARABLE: ReadonlySet<AddressRange> = new Set(['private', 'shared', 'unique-local']);

const WORDS: Readonly<Record<AddressRange, string>> = {
  public: 'a public address',
  unspecified: 'an unspecified address',
  loopback: "a loopback address, which is Headroom's own machine",
  'link-local': 'a link-local address',
  metadata: 'an address of the cloud it runs in',
  private: 'a private address',
  shared: "a carrier's shared address",
  'unique-local': 'a unique local address',
  multicast: 'a multicast address',
  broadcast: 'the broadcast address',
  documentation: 'an address reserved for documentation',
  benchmarking: 'an address reserved for benchmarks',
  reserved: 'a reserved address',
};

type Row = readonly [AddressRange, Network];

function rows(range: AddressRange, ...blocks: readonly string[]): Row[] {
  return blocks.map((block) => [range, networkOf(block)]);
}

function networkOf(text: string): Network {
  const network = parseNetwork(text);
  assert(network, `not a network: ${text}`);
  return network;
}

/** The IANA special-purpose registries; the first block that matches decides. */
const BLOCKS: readonly Row[] = [
  ...rows('unspecified', '0.0.0.0/8', '::/128'),
  ...rows('loopback', '127.0.0.0/8', '::1/128'),
  ...rows('link-local', '169.254.0.0/16', 'fe80::/10'),
  ...rows('metadata', 'fd00:ec2::/32'),
  ...rows('private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '64:ff9b:1::/48', 'fec0::/10'),
  ...rows('shared', '100.64.0.0/10'),
  ...rows('unique-local', 'fc00::/7'),
  ...rows('documentation', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'),
  ...rows('benchmarking', '198.18.0.0/15', '2001:2::/48'),
  ...rows('multicast', '224.0.0.0/4', 'ff00::/8'),
  ...rows('broadcast', '255.255.255.255/32'),
  ...rows('reserved', '192.0.0.0/24', '192.88.99.0/24', '240.0.0.0/4', '2001::/23', '100::/64', '5f00::/16'),
];

/** IPv6 blocks whose addresses carry an IPv4 one: how many bits stand behind it, and whether its own are inverted. */
const CARRIERS = [
  { block: networkOf('::ffff:0:0/96'), shift: 0n, mask: 0n },
  { block: networkOf('::ffff:0:0:0/96'), shift: 0n, mask: 0n },
  { block: networkOf('::/96'), shift: 0n, mask: 0n },
  { block: networkOf('64:ff9b::/96'), shift: 0n, mask: 0n },
  { block: networkOf('2002::/16'), shift: 80n, mask: 0n },
  { block: networkOf('2001::/32'), shift: 0n, mask: 0xffff_ffffn },
];

const GLOBAL_UNICAST = networkOf('2000::/3');

/** `::` and `::1` are themselves; any other address that carries an IPv4 one is judged by that. */
export function classifyAddress(ip: IpAddress): Classified {
  const embedded = embeddedIpv4(ip);
  if (embedded !== undefined) return { ...classifyPlain(embedded), embedded };
  return classifyPlain(ip);
}

function classifyPlain(ip: IpAddress): Classified {
  const row = BLOCKS.find(([, block]) => networkContains(block, ip));
  if (row !== undefined) return { range: row[0], block: row[1].text };
  const elsewhere = ip.family === 6 && !networkContains(GLOBAL_UNICAST, ip);
  return elsewhere ? { range: 'reserved', block: 'outside 2000::/3' } : { range: 'public' };
}

function embeddedIpv4(ip: IpAddress): IpAddress | undefined {
  if (ip.family === 4 || ip.value <= 1n) return undefined;
  const carrier = CARRIERS.find(({ block }) => networkContains(block, ip));
  if (carrier === undefined) return undefined;
  return { family: 4, value: ((ip.value >> carrier.shift) & 0xffff_ffffn) ^ carrier.mask };
}

/**
 * Why no packet may go to this address, as a sentence without a full stop; undefined when it may. `allowedNetworks` are
 * the tenant's CIDR ranges; an entry that cannot be read allows nothing.
 */
export function refusalOf(ip: IpAddress, allowedNetworks: readonly string[]): string | undefined {
  const { range, block, embedded } = classifyAddress(ip);
  if (range === 'public') return undefined;
  const networks = NEVER.has(range) ? [] : allowedNetworks.flatMap((cidr) => parseNetwork(cidr) ?? []);
  if (networks.some((network) => networkContains(network, embedded ?? ip) || networkContains(network, ip))) {
    return undefined;
  }
  const carried = embedded === undefined ? '' : ` carries ${formatAddress(embedded)}, which`;
  const advice = DECLARABLE.has(range)
    ? `: if it is reached through your VPN, add its range to the allowed networks of the tenant, such as ${exampleOf(embedded ?? ip)}`
    : ': use the address under which the router is reached from outside, or one in a range that the tenant declared';
  return `${formatAddress(ip)}${carried} is ${WORDS[range]} (${block ?? ''})${NEVER.has(range) ? '' : advice}`;
}

/** The /24 or /64 around an address: what most people would declare. */
function exampleOf(ip: IpAddress): string {
  const [hostBits, prefix] = ip.family === 4 ? [8n, 24] : [64n, 64];
  return `${formatAddress({ family: ip.family, value: (ip.value >> hostBits) << hostBits })}/${prefix}`;
}

/**
 * What is wrong with a range that a tenant wants to declare, as a sentence; undefined when it may: only private, carrier
 * and unique local blocks. A stage may give a tenant others when it creates it (loopback, in the local one).
 */
export function undeclarable(cidr: string): string | undefined {
  const network = parseNetwork(cidr);
  if (network === undefined) return `"${cidr.slice(0, 64)}" is not a range such as 10.20.0.0/16 or fd12:3456::/48`;
  const within = BLOCKS.find(([, block]) => networkContains(block, network) && block.prefix <= network.prefix);
  if (within !== undefined && DECLARABLE.has(within[0])) return undefined;
  return `${cidr} is not inside a private range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, fc00::/7)`;
}
