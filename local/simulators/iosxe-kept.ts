/** What is kept of a simulated IOS-XE over a restart of the house: its configuration, running and startup, by its name. Pure. */
import * as z from 'zod/mini';
import type { LiveIosxe } from './iosxe-router.ts';

const entries = z.record(z.string(), z.record(z.string(), z.unknown()));
const configuration = z.object({ policies: entries, interfaces: entries });
const kept = z.record(z.string(), z.object({ running: configuration, startup: configuration }));
export type KeptIosxe = z.infer<typeof kept>;

export function keptConfigurations(live: readonly LiveIosxe[]): KeptIosxe {
  return Object.fromEntries(
    live.map(({ router, configuration: { running, startup } }) => [
      router.name,
      { running, startup } as KeptIosxe[string],
    ]),
  );
}

/** What is not understood was written by another version: those routers begin anew. */
export function restoreConfigurations(live: readonly LiveIosxe[], state: unknown): void {
  const parsed = kept.safeParse(state);
  if (!parsed.success) return;
  for (const { router, configuration: own } of live) {
    if (Object.hasOwn(parsed.data, router.name)) Object.assign(own, parsed.data[router.name]);
  }
}
