/** What is kept of a simulated Junos over a restart: the configuration in force, as XML by name of the router. Pure. */
import * as z from 'zod/mini';
import type { LiveJunos } from './junos-router.ts';
import { parseTree, StatementError, treeXml } from './junos-tree.ts';

const kept = z.record(z.string(), z.string());

export function keptConfigurations(live: readonly LiveJunos[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    live.map(({ router, configuration }) => [router.name, treeXml(configuration.committed)] as const),
  );
}

/** What is not understood was written by another version: those routers begin anew. */
export function restoreConfigurations(live: readonly LiveJunos[], state: unknown): void {
  const parsed = kept.safeParse(state);
  if (!parsed.success) return;
  for (const { router, configuration } of live) {
    const own = Object.hasOwn(parsed.data, router.name) ? parsed.data[router.name] : undefined;
    if (own === undefined) continue;
    try {
      configuration.committed = parseTree(own);
      configuration.candidate = configuration.committed;
    } catch (error) {
      if (!(error instanceof StatementError)) throw error;
    }
  }
}
