/** Who is cut off by a RouterOS: its address list, and the two rules without which the list is only a list. Pure. */
import { AppError } from '../platform/errors.ts';
import { parseNetwork } from '../platform/ip.ts';
import { canonicalTarget, coversTarget } from './limits.ts';
import {
  CUT_LIST,
  FIELDS_WITHOUT_MATCH,
  type FirewallFamily,
  type RouterosAddressEntry,
  type RouterosFilterRule,
  routerosAddressEntry,
  routerosConnection,
  routerosFilterRule,
} from './routeros-queues.wire.ts';
import { displayText } from './text.ts';

const MAX_TARGET = 255;
const FORWARD = 'forward';

/** What a rule compares with the list: those who send, and those who receive. */
export const CUT_MATCHERS = ['src-address-list', 'dst-address-list'] as const;
export type CutMatcher = (typeof CUT_MATCHERS)[number];

/** An entry of the cut list. */
export interface CutEntry {
  readonly id: string;
  readonly target: string;
  readonly enabled: boolean;
  /** It goes by itself. */
  readonly passing: boolean;
}

/** What is to be done so that the rules stand; both empty = they do. */
export interface RulesState {
  readonly missing: readonly CutMatcher[];
  /** Ids of rules in their place that are switched off. */
  readonly off: readonly string[];
  /** What new rules are put before; undefined where the chain is empty. */
  readonly firstId: string | undefined;
  /** Such a rule is in forward, or in a chain that it comes to by jumps: what it takes passes by filter and queues. */
  readonly fastTrack: boolean;
}

/** Throws SOURCE_MALFORMED: a row that is not understood could be anybody's. */
export function fromWireEntries(rows: readonly unknown[]): CutEntry[] {
  return rows
    .map((row) => parsedRow<RouterosAddressEntry>(routerosAddressEntry, row, 'an entry of an address list'))
    .filter(({ list }) => list === CUT_LIST)
    .map((row) => ({
      id: row['.id'],
      target: canonicalTarget(displayText(row.address, MAX_TARGET)),
      enabled: !isTrue(row.disabled),
      passing: isTrue(row.dynamic),
    }));
}

/** After these a packet never comes to a later rule, or nobody can tell whether it does. */
const ENDING = /^(accept|jump|return|fasttrack-connection)$/;

/** A rule stands where no rule before it could let a packet pass: then it also ends what is already established. */
export function rulesState(rows: readonly unknown[]): RulesState {
  const all = rows.map((row) => parsedRow<RouterosFilterRule>(routerosFilterRule, row, 'a rule of the filter'));
  const rules = all.filter(({ chain }) => chain === FORWARD);
  const end = rules.findIndex((rule) => isOn(rule) && ENDING.test(rule.action));
  const before = end < 0 ? rules : rules.slice(0, end);
  const found = CUT_MATCHERS.map((matcher) => {
    const own = before.filter((rule) => isCutRule(rule, matcher));
    return { matcher, stands: own.some(isOn), off: own.find((rule) => !isOn(rule))?.['.id'] };
  });
  const wanting = found.filter(({ stands }) => !stands);
  return {
    missing: wanting.filter(({ off }) => off === undefined).map(({ matcher }) => matcher),
    off: wanting.flatMap(({ off }) => (off === undefined ? [] : [off])),
    // RouterOS refuses to put a rule before one that it made itself.
    firstId: rules.find((rule) => !isTrue(rule.dynamic))?.['.id'],
    fastTrack: asked(all).some(({ action }) => action === 'fasttrack-connection'),
  };
}

function isOn(rule: RouterosFilterRule): boolean {
  return !isTrue(rule.disabled) && !isTrue(rule.invalid);
}

/** Rules that are on, of forward and of every chain that it comes to. */
function asked(all: readonly RouterosFilterRule[]): RouterosFilterRule[] {
  const byChain = new Map<string, RouterosFilterRule[]>();
  for (const rule of all.filter(isOn)) {
    const own = byChain.get(rule.chain);
    if (own) own.push(rule);
    else byChain.set(rule.chain, [rule]);
  }
  const chains = new Set([FORWARD]);
  // What is added to a set while it is gone through is gone through too.
  for (const chain of chains) {
    for (const { action, 'jump-target': next } of byChain.get(chain) ?? []) {
      if (action === 'jump' && next !== undefined) chains.add(next);
    }
  }
  return [...chains].flatMap((chain) => byChain.get(chain) ?? []);
}

/** Drops all there is for the list: any further field would let something through. */
function isCutRule(rule: RouterosFilterRule, matcher: CutMatcher): boolean {
  const matchers = Object.entries(rule).filter(([name, value]) => !FIELDS_WITHOUT_MATCH.includes(name) && value !== '');
  return rule.action === 'drop' && matchers.length === 1 && rule[matcher] === CUT_LIST;
}

const ENDS = ['src-address', 'dst-address', 'reply-src-address', 'reply-dst-address'] as const;

/** Ids of connections from or to one of these targets. */
export function connectionsOf(rows: readonly unknown[], targets: readonly string[]): string[] {
  return rows.flatMap((row) => {
    const parsed = routerosConnection.safeParse(row);
    if (!parsed.success) return [];
    const ends = ENDS.map((field) => withoutPort(parsed.data[field]));
    return targets.some((target) => ends.some((end) => coversTarget(target, end))) ? [parsed.data['.id']] : [];
  });
}

/** `198.51.100.7:443` or `[2001:db8::7]:443`, or without a port where the protocol has none. */
function withoutPort(text = ''): string {
  const bracketed = /^\[([^\]]*)\]/.exec(text)?.[1];
  return bracketed ?? (/^[0-9.]+:[0-9]+$/.test(text) ? (text.split(':', 1)[0] ?? '') : text);
}

export function toWireRule(matcher: CutMatcher, firstId: string | undefined): Readonly<Record<string, string>> {
  return {
    chain: FORWARD,
    action: 'drop',
    [matcher]: CUT_LIST,
    comment: 'Headroom: suspended customers',
    ...(firstId === undefined ? {} : { 'place-before': firstId }),
  };
}

/** By family, in the spelling of the house. Throws REQUEST_INVALID for what no address list can hold. */
export function byFamily(targets: readonly string[]): Map<FirewallFamily, string[]> {
  const families = new Map<FirewallFamily, string[]>();
  for (const target of new Set(targets.map(canonicalTarget))) {
    const network = parseNetwork(target);
    if (network === undefined || network.prefix === 0) throw notCuttable(target);
    const family = network.family === 4 ? 'ip' : 'ipv6';
    families.set(family, [...(families.get(family) ?? []), target]);
  }
  return families;
}

function notCuttable(target: string): AppError {
  const message = `"${target.slice(0, 64)}" cannot be cut off: only an address such as 192.0.2.7 or a prefix such as 192.0.2.0/28 can`;
  return new AppError('REQUEST_INVALID', message, { context: { issues: [{ path: 'targets', message }] } });
}

function isTrue(flag: string | boolean | undefined): boolean {
  return flag === true || flag === 'true';
}

function parsedRow<T>(
  schema: { safeParse(row: unknown): { success: boolean; data?: unknown } },
  row: unknown,
  what: string,
): T {
  const parsed = schema.safeParse(row);
  if (!parsed.success) throw new AppError('SOURCE_MALFORMED', `the router sent what is not ${what}`);
  return parsed.data as T;
}
