/** Cuts customers off at one RouterOS and lets them pass again: an address list, and two rules that drop all of it. */

import type { AppError } from '../platform/errors.ts';
import type { RouterLimits } from './limits.port.ts';
import { isAddresses, mayTouchTarget } from './limits.ts';
import {
  byFamily,
  type CutEntry,
  connectionsOf,
  fromWireEntries,
  type RulesState,
  rulesState,
  toWireRule,
} from './routeros-cut.convert.ts';
import { isGone, isNoMenu, type LimitCalls, malformed, unlessGone, unlessRaced } from './routeros-limit-calls.ts';
import { CUT_LIST, type FirewallFamily, LIMIT_MENUS, LIMIT_PRINTS } from './routeros-queues.wire.ts';

const FAMILIES: readonly FirewallFamily[] = ['ip', 'ipv6'];
/** Connections ended by one call: a customer may have hundreds. */
const BATCH = 100;

export function cutOf(calls: LimitCalls): Pick<RouterLimits, 'readCut' | 'cut' | 'reconnect'> {
  return {
    async readCut() {
      const cut: string[] = [];
      for (const family of FAMILIES) cut.push(...(await readFamily(calls, family)));
      return cut;
    },
    async cut(targets) {
      for (const [family, own] of byFamily(targets)) {
        // The rules first: a list that nothing drops cuts nobody.
        await unlessRaced(() => setRules(calls, family));
        await unlessRaced(() => addEntries(calls, family, own));
        await checkCut(calls, family, own);
        await endConnections(calls, family, own);
      }
    },
    async reconnect(targets) {
      for (const [family, own] of byFamily(targets)) await removeEntries(calls, family, own);
    },
  };
}

/** Without both rules the list is only a list: then nobody is cut. */
async function readFamily(calls: LimitCalls, family: FirewallFamily): Promise<string[]> {
  const entries = (await readEntries(calls, family)).filter(({ enabled }) => enabled);
  if (entries.length === 0 || !stands(await readRules(calls, family))) return [];
  return entries.map(({ target }) => target);
}

function stands({ missing, off }: RulesState): boolean {
  return missing.length === 0 && off.length === 0;
}

async function readEntries(calls: LimitCalls, family: FirewallFamily): Promise<CutEntry[]> {
  try {
    return fromWireEntries(await calls.list(`read ${family} cut list`, LIMIT_PRINTS.cutList(family)));
  } catch (error) {
    // A router may have been built without IPv6.
    if (family === 'ipv6' && isNoMenu(error)) return [];
    throw error;
  }
}

async function readRules(calls: LimitCalls, family: FirewallFamily): Promise<RulesState> {
  return rulesState(await calls.list(`read ${family} rules`, LIMIT_PRINTS.rules(family)));
}

async function setRules(calls: LimitCalls, family: FirewallFamily): Promise<void> {
  const { missing, off, firstId } = await readRules(calls, family);
  const menu = LIMIT_MENUS.rules(family);
  for (const id of off) {
    await calls.change({ name: 'switch rule on', request: { verb: 'set', menu, id, values: { disabled: 'false' } } });
  }
  for (const matcher of missing) {
    await calls.change({ name: 'add rule', request: { verb: 'add', menu, values: toWireRule(matcher, firstId) } });
  }
}

async function addEntries(calls: LimitCalls, family: FirewallFamily, targets: readonly string[]): Promise<void> {
  const entries = await readEntries(calls, family);
  for (const target of targets) {
    const own = entries.filter((entry) => entry.target === target);
    if (own.some(({ enabled, passing }) => enabled && !passing)) continue;
    // One that is off, or goes by itself, would refuse a second one beside it.
    for (const { id } of own) await removeEntry(calls, family, id);
    const values = { list: CUT_LIST, address: target };
    const request = { verb: 'add', menu: LIMIT_MENUS.cutList(family), values } as const;
    await calls.change({ name: 'add to cut list', request });
  }
}

async function checkCut(calls: LimitCalls, family: FirewallFamily, targets: readonly string[]): Promise<void> {
  const cut = new Set(await readFamily(calls, family));
  const open = targets.filter((target) => !cut.has(target));
  if (open.length > 0)
    throw malformed(`took the order and did not cut off ${open.join(', ')}: they are still connected`);
}

/**
 * What FastTrack has taken no longer comes by the filter: it goes on until it is ended. Looked for without regard to the
 * rules: the one that took it may stand in another chain or in mangle, or be gone by now.
 */
async function endConnections(calls: LimitCalls, family: FirewallFamily, targets: readonly string[]): Promise<void> {
  const read = async () =>
    connectionsOf(await calls.list(`read ${family} connections`, LIMIT_PRINTS.fastTracked(family)), targets);
  const ids = await read();
  for (let at = 0; at < ids.length; at += BATCH) await endBatch(calls, family, ids.slice(at, at + BATCH));
  const left = ids.length === 0 ? 0 : (await read()).length;
  if (left > 0) throw malformed(`cuts off ${targets.join(', ')}, but ${left} connections still pass by FastTrack`);
}

/** In one call, unless one of them has ended by itself: the router stops there. */
async function endBatch(calls: LimitCalls, family: FirewallFamily, ids: readonly string[]): Promise<void> {
  const menu = LIMIT_MENUS.connections(family);
  const end = (name: string, some: readonly string[]) =>
    calls.change({ name, request: { verb: 'remove', menu, ids: some } });
  try {
    await end('end connections', ids);
  } catch (error) {
    if (!isGone(error)) throw error;
    for (const id of ids) await unlessGone(() => end('end connection', [id]));
  }
}

async function removeEntries(calls: LimitCalls, family: FirewallFamily, targets: readonly string[]): Promise<void> {
  const wanted = new Set(targets);
  const entries = await readEntries(calls, family);
  const own = entries.filter(({ target }) => wanted.has(target));
  for (const { id } of own) await removeEntry(calls, family, id);
  if (entries.length === 0) return;
  const left = (await readEntries(calls, family)).filter(({ enabled }) => enabled);
  for (const target of targets) {
    const by = left.find((entry) => mayTouchTarget(entry.target, target));
    if (by) throw stillCut(target, by);
  }
}

function stillCut(target: string, { target: entry }: CutEntry): AppError {
  const how = !isAddresses(entry) ? `may still cut off ${target}` : `still cuts off ${target}`;
  return malformed(`${how}: its list ${CUT_LIST} holds ${entry}; remove that entry at the router`);
}

async function removeEntry(calls: LimitCalls, family: FirewallFamily, id: string): Promise<void> {
  const request = { verb: 'remove', menu: LIMIT_MENUS.cutList(family), ids: [id] } as const;
  await unlessGone(() => calls.change({ name: 'remove from cut list', request }));
}
