/** The customers of a simulated RouterOS: what they would send and receive, and what its queues and rules let pass. */
import { networkContains, parseAddress, parseNetwork } from '../../shared/platform/ip.ts';
import { answerMenu, type MenuRow } from './routeros-menu.ts';
import { MENUS, type MenuName, USUAL_RULES } from './routeros-menus.ts';
import { idOf } from './routeros-ports.ts';
import type { SimulatedRequest, SimulatedResponse } from './simulator.ts';
import { shareBetween } from './traffic.ts';

/** Somebody behind a router, with one address, held by one queue at most. */
export interface SimulatedCustomer {
  readonly address: string;
  /** None unless told: then nothing holds them, and nobody counts what they use, until somebody makes one. */
  readonly queue?: string;
  /** Of its queue, as somebody writes it, such as `10M/50M`: what the customer sends, then what it receives. */
  readonly maxLimit: string;
  /** In the busiest minute of the day, bits per second, if nothing held it back. */
  readonly peakSent: number;
  readonly peakReceived: number;
  readonly comment?: string;
  /** The queue came with a session. */
  readonly dynamic?: boolean;
}

interface Octets {
  sent: number;
  received: number;
}

export interface LiveLimits {
  readonly customers: readonly SimulatedCustomer[];
  readonly rows: Record<Exclude<MenuName, 'connections' | 'connections6'>, readonly MenuRow[]>;
  /** By .id of the queue. */
  readonly octets: Map<string, Octets>;
  /** Addresses with connections that a FastTrack rule has taken: no rule and no queue sees them any more. */
  readonly fastTracked: Set<string>;
  countedAt: number;
}

export function liveLimits(customers: readonly SimulatedCustomer[], bootedAt: number): LiveLimits {
  const queues = customers.flatMap((customer, i): MenuRow[] => {
    if (customer.queue === undefined) return [];
    const spelt = MENUS.queues.spell('max-limit', customer.maxLimit) ?? '0/0';
    const row = {
      '.id': idOf(i + 1),
      ...MENUS.queues.defaults,
      name: customer.queue,
      target: `${customer.address}/32`,
      'max-limit': spelt,
      ...(customer.comment === undefined ? {} : { comment: customer.comment }),
      ...(customer.dynamic ? { dynamic: 'true' } : {}),
    };
    return [row];
  });
  const rows = { queues, cutList: [], rules: USUAL_RULES, cutList6: [], rules6: [] };
  return { customers, rows, octets: new Map(), fastTracked: new Set(), countedAt: bootedAt };
}

/** Counts what passed since it was last looked at, as queues and rules have stood since then. */
export function advanceLimits(limits: LiveLimits, now: number): void {
  const { countedAt } = limits;
  if (now <= countedAt) return;
  const seconds = (now - countedAt) / 1000;
  const share = shareBetween(countedAt, now);
  for (const customer of limits.customers) {
    if (limits.fastTracked.has(customer.address)) continue;
    if (takenByFastTrack(limits, customer)) {
      limits.fastTracked.add(customer.address);
      continue;
    }
    const queue = holderOf(limits.rows.queues, customer.address);
    if (queue === undefined) continue;
    const counted = limits.octets.get(queue['.id'] ?? '') ?? { sent: 0, received: 0 };
    const [mostSent = 0, mostReceived = 0] = (queue['max-limit'] ?? '').split('/').map(Number);
    const passes = (matcher: string) => !isDropped(limits, customer.address, matcher);
    if (passes('src-address-list')) counted.sent += (bounded(customer.peakSent * share, mostSent) * seconds) / 8;
    if (passes('dst-address-list')) {
      counted.received += (bounded(customer.peakReceived * share, mostReceived) * seconds) / 8;
    }
    limits.octets.set(queue['.id'] ?? '', counted);
  }
  limits.countedAt = now;
}

function bounded(rate: number, most: number): number {
  return most === 0 ? rate : Math.min(rate, most);
}

/** The first queue that is on and holds the address. */
function holderOf(queues: readonly MenuRow[], address: string): MenuRow | undefined {
  return queues.find(
    (queue) => queue.disabled !== 'true' && (queue.target === '' || isAmong((queue.target ?? '').split(','), address)),
  );
}

function isAmong(targets: readonly string[], address: string): boolean {
  const ip = parseAddress(address);
  return targets.some((target) => {
    const [from, to] = target.split('-').map(parseNetwork);
    if (ip === undefined || from === undefined || ip.family !== from.family) return false;
    return to === undefined ? networkContains(from, ip) : from.value <= ip.value && ip.value <= to.value;
  });
}

/** The first rule that takes a packet of what is established decides; without one it passes. */
function isDropped(limits: LiveLimits, address: string, matcher: string): boolean {
  const rule = firstRule(limits, address, matcher);
  return rule?.action === 'drop' || rule?.action === 'reject';
}

function takenByFastTrack(limits: LiveLimits, { address }: SimulatedCustomer): boolean {
  return firstRule(limits, address, 'src-address-list')?.action === 'fasttrack-connection';
}

const DECIDING = /^(accept|drop|reject|fasttrack-connection)$/;
const MATCHERS = /^(connection-state|protocol|(src|dst)-(address|port)(-list)?|(in|out)-interface)$/;

/** As deep as chains may jump into each other here. */
const MAX_DEPTH = 8;

function firstRule(
  limits: LiveLimits,
  address: string,
  matcher: string,
  chain = 'forward',
  depth = 0,
): MenuRow | undefined {
  for (const rule of limits.rows.rules) {
    if (rule.chain !== chain || rule.disabled === 'true' || !takes(limits, rule, address, matcher)) continue;
    if (DECIDING.test(rule.action ?? '')) return rule;
    if (rule.action === 'return') return undefined;
    const target = rule['jump-target'];
    if (rule.action !== 'jump' || target === undefined || depth === MAX_DEPTH) continue;
    const decided = firstRule(limits, address, matcher, target, depth + 1);
    if (decided) return decided;
  }
  return undefined;
}

function takes({ rows }: LiveLimits, rule: MenuRow, address: string, matcher: string): boolean {
  const matchers = Object.entries(rule).filter(([name]) => MATCHERS.test(name));
  return matchers.every(([name, value]) => {
    if (name === 'connection-state') return value.split(',').includes('established');
    return name === matcher && isListed(rows.cutList, value, address);
  });
}

function isListed(entries: readonly MenuRow[], list: string, address: string): boolean {
  const own = entries.filter((entry) => entry.list === list && entry.disabled !== 'true');
  return isAmong(
    own.map((entry) => entry.address ?? ''),
    address,
  );
}

/** Undefined where the path is none of these menus'. `keep` false: answers as ever, and changes nothing. */
export function answerLimits(
  limits: LiveLimits,
  request: SimulatedRequest,
  { keep }: { readonly keep: boolean },
): SimulatedResponse | undefined {
  const connections = answerMenu(MENUS.connections, connectionsOf(limits), request, (row) => row);
  if (connections) {
    if (keep) keepConnections(limits, connections.rows);
    return connections.response;
  }
  // Its customers have addresses of IPv4 only.
  const connections6 = answerMenu(MENUS.connections6, [], request, (row) => row);
  if (connections6) return connections6.response;
  for (const name of Object.keys(limits.rows) as (keyof LiveLimits['rows'])[]) {
    const shown = name === 'queues' ? (row: MenuRow) => withOctets(limits, row) : (row: MenuRow) => row;
    const answer = answerMenu(MENUS[name], limits.rows[name], request, shown);
    if (!answer) continue;
    if (keep) limits.rows[name] = answer.rows;
    return answer.response;
  }
  return undefined;
}

export function withOctets({ octets }: LiveLimits, row: MenuRow): MenuRow {
  const { sent = 0, received = 0 } = octets.get(row['.id'] ?? '') ?? {};
  return { ...row, bytes: `${Math.floor(sent)}/${Math.floor(received)}`, dropped: '0/0' };
}

function connectionsOf({ fastTracked, customers }: LiveLimits): MenuRow[] {
  return customers.flatMap(({ address }, i) =>
    fastTracked.has(address)
      ? [
          {
            ...{ '.id': idOf(i + 1), protocol: 'tcp', fasttrack: 'true' },
            ...{ 'src-address': `${address}:50000`, 'dst-address': '192.0.2.80:443' },
            ...{ 'reply-src-address': '192.0.2.80:443', 'reply-dst-address': `${address}:50000` },
          },
        ]
      : [],
  );
}

function keepConnections(limits: LiveLimits, rows: readonly MenuRow[]): void {
  const left = new Set(rows.map((row) => row['src-address']?.split(':')[0]));
  for (const address of limits.fastTracked) if (!left.has(address)) limits.fastTracked.delete(address);
}
