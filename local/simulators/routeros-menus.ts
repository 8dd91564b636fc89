/** The menus of a simulated RouterOS that hold limits: simple queues, address lists, filter rules. Pure. */
import { formatAddress, parseNetwork } from '../../shared/platform/ip.ts';
import type { Menu, MenuRow } from './routeros-menu.ts';

export type MenuName = 'queues' | 'cutList' | 'rules' | 'cutList6' | 'rules6' | 'connections' | 'connections6';

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };
const PAIRS = ['max-limit', 'limit-at', 'burst-limit', 'burst-threshold'];

const queues: Menu = {
  path: '/queue/simple',
  defaults: {
    ...{ target: '', 'max-limit': '0/0', 'limit-at': '0/0', 'burst-limit': '0/0', 'burst-threshold': '0/0' },
    ...{ 'burst-time': '0s/0s', priority: '8/8', queue: 'default-small/default-small', parent: 'none' },
    ...{ 'packet-marks': '', dynamic: 'false', invalid: 'false', disabled: 'false' },
  },
  parameters: ['name', 'comment', 'dst', 'time', 'bucket-size'],
  required: ['name'],
  unique: { fields: ['name'], word: 'already have such name' },
  spell(parameter, value) {
    if (PAIRS.includes(parameter)) return spellPair(value);
    if (parameter === 'target') return value.split(',').map(spellTarget).join(',');
    return spellAny(parameter, value);
  },
};

function addressList(family: 'ip' | 'ipv6'): Menu {
  return {
    path: `/${family}/firewall/address-list`,
    defaults: { dynamic: 'false', disabled: 'false' },
    parameters: ['list', 'address', 'comment', 'timeout'],
    required: ['list', 'address'],
    unique: { fields: ['list', 'address'], word: 'already have such entry' },
    spell: (parameter, value) => (parameter === 'address' ? spellEntry(value, family) : spellAny(parameter, value)),
  };
}

function filter(family: 'ip' | 'ipv6'): Menu {
  return {
    path: `/${family}/firewall/filter`,
    defaults: { action: 'accept', dynamic: 'false', invalid: 'false', disabled: 'false' },
    parameters: [
      ...['chain', 'comment', 'src-address-list', 'dst-address-list', 'src-address', 'dst-address', 'protocol'],
      ...['connection-state', 'in-interface', 'out-interface', 'log', 'log-prefix', 'dst-port', 'jump-target'],
    ],
    required: ['chain'],
    spell: spellAny,
  };
}

function connections(family: 'ip' | 'ipv6'): Menu {
  return {
    path: `/${family}/firewall/connection`,
    ...{ defaults: {}, parameters: [], required: [], spell: () => undefined },
  };
}

export const MENUS: Readonly<Record<MenuName, Menu>> = {
  queues,
  cutList: addressList('ip'),
  rules: filter('ip'),
  cutList6: addressList('ipv6'),
  rules6: filter('ipv6'),
  connections: connections('ip'),
  connections6: connections('ipv6'),
};

/** What a router with its usual firewall has: what runs already is let through before any later rule sees it. */
export const USUAL_RULES: readonly MenuRow[] = [
  { chain: 'input', action: 'accept', 'connection-state': 'established,related,untracked' },
  { chain: 'forward', action: 'accept', 'connection-state': 'established,related,untracked' },
  { chain: 'forward', action: 'drop', 'connection-state': 'invalid' },
].map((rule, i) => ({ '.id': `*${i + 1}`, ...filter('ip').defaults, ...rule }) as MenuRow);

function spellAny(parameter: string, value: string): string | undefined {
  if (parameter !== 'disabled') return value;
  return /^(true|yes)$/.test(value) ? 'true' : /^(false|no)$/.test(value) ? 'false' : undefined;
}

/** `50M/10k` in plain bits per second; one rate alone is both. */
export function spellPair(text: string): string | undefined {
  const rates = text.split('/').map(bitsOf);
  const [sent, received = sent] = rates;
  return rates.length > 2 || sent === undefined || received === undefined ? undefined : `${sent}/${received}`;
}

function bitsOf(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,12})([kMG]?)$/.exec(text.trim()) ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNITS[unit] ?? 0);
}

/** A queue's target always shows its length; what is no address is an interface. */
function spellTarget(text: string): string {
  const network = parseNetwork(text.trim());
  return network === undefined ? text.trim() : `${formatAddress(network)}/${network.prefix}`;
}

/** A host in a list shows none in IPv4, and always one in IPv6; a range stays one, and a name is looked up. */
function spellEntry(text: string, family: 'ip' | 'ipv6'): string | undefined {
  const ends = text.split('-').map((part) => parseNetwork(part.trim()));
  if (ends.length === 2 && ends.every((end) => end?.family === (family === 'ip' ? 4 : 6))) return text;
  const network = parseNetwork(text.trim());
  if (network === undefined) return /^[a-z0-9.-]+$/i.test(text) ? text : undefined;
  if (network.family !== (family === 'ip' ? 4 : 6)) return undefined;
  const isHost = family === 'ip' && network.prefix === 32;
  return isHost ? formatAddress(network) : `${formatAddress(network)}/${network.prefix}`;
}
