/** What is kept of a simulated RouterOS over a restart: its limits as somebody left them, and what they had counted. Pure. */
import * as z from 'zod/mini';
import type { LiveRouter } from './routeros-router.ts';

const rows = z.array(z.record(z.string(), z.string()));
const kept = z.record(
  z.string(),
  z.object({
    rows: z.object({ queues: rows, cutList: rows, rules: rows, cutList6: rows, rules6: rows }),
    octets: z.array(z.tuple([z.string(), z.object({ sent: z.number(), received: z.number() })])),
    fastTracked: z.array(z.string()),
    /** Epoch ms. */
    countedAt: z.number(),
  }),
);
/** By name of the router. */
export type KeptLimits = z.infer<typeof kept>;

export function keptLimits(live: readonly LiveRouter[]): KeptLimits {
  return Object.fromEntries(
    live.map(({ router, limits }) => {
      const { rows: now, octets, fastTracked, countedAt } = limits;
      const copies = Object.fromEntries(Object.entries(now).map(([name, list]) => [name, list.map((r) => ({ ...r }))]));
      return [
        router.name,
        { rows: copies as KeptLimits[string]['rows'], octets: [...octets], fastTracked: [...fastTracked], countedAt },
      ];
    }),
  );
}

/** What is not understood was written by another version: those limits begin anew. */
export function restoreLimits(live: readonly LiveRouter[], state: unknown): void {
  const parsed = kept.safeParse(state);
  if (!parsed.success) return;
  for (const { router, limits } of live) {
    const own = Object.hasOwn(parsed.data, router.name) ? parsed.data[router.name] : undefined;
    if (!own) continue;
    Object.assign(limits.rows, own.rows);
    limits.countedAt = own.countedAt;
    limits.octets.clear();
    for (const [id, octets] of own.octets) limits.octets.set(id, octets);
    for (const address of own.fastTracked) limits.fastTracked.add(address);
  }
}
