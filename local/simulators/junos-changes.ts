/** How a simulated Junos answers to changes of its configuration: lock, edit, commit, discard, each with what may go wrong. */
import { setTimeout as sleep } from 'node:timers/promises';
import { errorXml } from './junos-answers.ts';
import { check } from './junos-configuration.ts';
import { strike } from './junos-faults.ts';
import type { LiveJunos } from './junos-router.ts';
import { type ConfigNode, merged, parseTree, StatementError, selected, treeXml } from './junos-tree.ts';

const OK = '<ok/>\n';
const CHANGES: readonly string[] = ['lock', 'unlock', 'edit-config', 'commit', 'discard-changes'];

export interface ChangeContext {
  readonly one: LiveJunos;
  /** Number of the session. */
  readonly session: number;
  readonly user: string;
  readonly signal: AbortSignal;
  /** Called when something else is in force. */
  save(): void;
}

/** Undefined for any other operation. */
export async function answerChange(
  context: ChangeContext,
  operation: string,
  body: string,
): Promise<string | undefined> {
  const { one, user } = context;
  if (operation === 'get-configuration') return configurationXml(one.configuration.committed, body);
  if (!CHANGES.includes(operation)) return undefined;
  const { writer } = one.router;
  if (writer !== undefined && user !== writer.user) return errorXml('permission denied', 'error', 'access-denied');
  try {
    return await changed(context, operation, body);
  } catch (error) {
    if (error instanceof StatementError) return errorXml(error.message, 'error');
    throw error;
  }
}

/** What a session leaves behind goes with it. */
export function leaveConfiguration({ configuration }: LiveJunos, session: number): void {
  if (configuration.lockedBy !== session) return;
  delete configuration.lockedBy;
  configuration.candidate = configuration.committed;
}

async function changed(context: ChangeContext, operation: string, body: string): Promise<string> {
  const { one, session } = context;
  const { configuration, pending } = one;
  const { lockedBy } = configuration;
  switch (operation) {
    case 'lock': {
      const held = strike(pending, 'lock-held');
      if (lockedBy === undefined && !held) {
        configuration.lockedBy = session;
        return OK;
      }
      // Most words of Junos have no tag of their own.
      if (held?.message !== undefined) return errorXml(held.message, 'error');
      const words = 'configuration database locked by: root terminal p0 (pid 4711) on since 2026-11-20 10:00:00 UTC';
      return errorXml(words, 'error', 'lock-denied');
    }
    case 'unlock':
      leaveConfiguration(one, session);
      return OK;
    case 'edit-config':
      if (strike(pending, 'read-only')) return errorXml('permission denied', 'error', 'access-denied');
      configuration.candidate = merged(configuration.candidate, childrenOf(body, 'configuration'));
      return OK;
    case 'commit':
      return commit(context);
    default:
      configuration.candidate = configuration.committed;
      return OK;
  }
}

async function commit({ one, signal, save }: ChangeContext): Promise<string> {
  const { configuration, pending } = one;
  const slow = strike(pending, 'slow-commit');
  if (slow) await sleep((slow.seconds ?? 0) * 1000, undefined, { signal }).catch(() => undefined);
  const failure = strike(pending, 'commit-fails');
  // A router of two engines tells each one's.
  if (failure) {
    return `<commit-results>\n<routing-engine>\n<name>re0</name>\n${errorXml(failure.message ?? '', 'error')}</routing-engine>\n</commit-results>\n`;
  }
  check(configuration.candidate);
  if (strike(pending, 'lost-write')) configuration.candidate = configuration.committed;
  configuration.committed = configuration.candidate;
  save();
  const warning = errorXml('mgd: statement not supported on this platform', 'warning');
  return `<commit-results>\n<routing-engine>\n<name>re0</name>\n<commit-success/>\n</routing-engine>\n</commit-results>\n${warning}${OK}`;
}

function configurationXml(tree: readonly ConfigNode[], body: string): string {
  const filter = childrenOf(body, 'configuration');
  return `<configuration xmlns="http://xml.juniper.net/xnm/1.1/xnm" junos:commit-seconds="1795000000">\n${treeXml(selected(tree, filter))}</configuration>\n`;
}

function childrenOf(body: string, tag: string): ReturnType<typeof parseTree> {
  let nodes = parseTree(body);
  while (nodes.length > 0 && !nodes.some((node) => node.tag === tag)) nodes = nodes.flatMap(({ children }) => children);
  return [...(nodes.find((node) => node.tag === tag)?.children ?? [])];
}
