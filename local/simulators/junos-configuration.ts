/** What a simulated Junos is configured to limit: its candidate and what is in force, who holds the lock, what a unit lets pass. */
import type { SimulatedJunosPort } from './junos-router.ts';
import { activeChild, type ConfigNode, childOf, merged, nameOf, parseTree, StatementError } from './junos-tree.ts';

export interface LiveConfiguration {
  committed: readonly ConfigNode[];
  candidate: readonly ConfigNode[];
  /** Number of the session that has locked it. */
  lockedBy?: number;
}

/** What a customer's unit may carry at most, bits per second; Infinity without a limit. */
export interface Bounds {
  readonly in: number;
  readonly out: number;
}

const LEAST_RATE = 8_000;
const MOST_RATE = 100_000_000_000;
const RATE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
const DIRECTIONS = { input: 'in', output: 'out' } as const;

/** As somebody set the ports up: each unit has both families. `own`: further statements, as XML. */
export function liveConfiguration(ports: readonly SimulatedJunosPort[], own = ''): LiveConfiguration {
  const interfaces = ports
    .map(({ name, units }) => `<interface><name>${name}</name>${units.map(unitXml).join('')}</interface>`)
    .join('');
  const committed = merged(merged([], parseTree(`<interfaces>${interfaces}</interfaces>`)), parseTree(own));
  return { committed, candidate: committed };
}

function unitXml({ unit }: SimulatedJunosPort['units'][number]): string {
  return `<unit><name>${unit}</name><vlan-id>${unit}</vlan-id><family><inet/><inet6/></family></unit>`;
}

/** Somebody at the router does it and commits. Throws StatementError. */
export function configure(live: LiveConfiguration, xml: string): void {
  const tree = merged(live.committed, parseTree(xml));
  check(tree);
  live.committed = tree;
  live.candidate = tree;
}

/** Throws StatementError for what Junos would not commit. */
export function check(tree: readonly ConfigNode[]): void {
  const firewall = tree.find(({ tag }) => tag === 'firewall');
  const policers = (firewall?.children ?? []).filter((node) => node.tag === 'policer' && !node.isInactive);
  for (const policer of policers) {
    const limit = childOf(activeChild(policer, 'if-exceeding'), 'bandwidth-limit');
    const rate = rateOf(limit?.text);
    if (limit !== undefined && !(rate >= LEAST_RATE && rate <= MOST_RATE)) {
      throw new StatementError(`Value ${limit.text} is not within range (${LEAST_RATE}..${MOST_RATE})`);
    }
  }
  const known = new Set(policers.map(nameOf));
  for (const { name, policer } of attachments(tree)) {
    if (known.has(policer)) continue;
    throw new StatementError(`${name}: Referenced policer '${policer}' is not defined`);
  }
}

function* attachments(tree: readonly ConfigNode[]): Generator<{ name: string; policer: string }> {
  const interfaces = tree.find(({ tag }) => tag === 'interfaces');
  for (const port of interfaces?.children ?? []) {
    for (const unit of port.children.filter(({ tag }) => tag === 'unit')) {
      for (const family of activeChild(unit, 'family')?.children ?? []) {
        for (const attached of activeChild(family, 'policer')?.children ?? []) {
          if (!attached.isInactive) yield { name: `${nameOf(port)}.${nameOf(unit)}`, policer: attached.text };
        }
      }
    }
  }
}

/** `ge-0/0/0.10` as it stands in force: what it may carry, and whether somebody disabled it. */
export function unitState({ committed }: LiveConfiguration, name: string): { bounds: Bounds; isDisabled: boolean } {
  const [portName, unitName] = name.split('.');
  const interfaces = committed.find(({ tag }) => tag === 'interfaces');
  const port = interfaces?.children.find((node) => nameOf(node) === portName);
  const unit = port?.children.find((node) => node.tag === 'unit' && nameOf(node) === unitName);
  const isDisabled = [port, unit].some((node) => activeChild(node, 'disable') !== undefined);
  const policer = activeChild(activeChild(activeChild(unit, 'family'), 'inet'), 'policer');
  const bound = (direction: keyof typeof DIRECTIONS) => rateOfPolicer(committed, activeChild(policer, direction)?.text);
  return { bounds: { in: bound('input'), out: bound('output') }, isDisabled };
}

function rateOfPolicer(tree: readonly ConfigNode[], name: string | undefined): number {
  const firewall = tree.find(({ tag }) => tag === 'firewall');
  const policer = firewall?.children.find((node) => node.tag === 'policer' && nameOf(node) === name);
  const discards = activeChild(activeChild(policer, 'then'), 'discard') !== undefined;
  if (name === undefined || policer?.isInactive || !discards) return Number.POSITIVE_INFINITY;
  return rateOf(activeChild(activeChild(policer, 'if-exceeding'), 'bandwidth-limit')?.text) || Number.POSITIVE_INFINITY;
}

function rateOf(text: string | undefined): number {
  const [, amount, unit = ''] = /^(\d{1,15})([kmg]?)$/.exec(text ?? '') ?? [];
  return Number(amount) * (RATE_UNITS[unit] ?? Number.NaN);
}
