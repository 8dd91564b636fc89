/** One collector of kind `interface` over all drivers: the type of a source says which of them reads it. Inert. */
import type { CollectJob, Collector } from '../collect/collector.port.ts';
import { assert } from '../platform/assert.ts';
import { INTERFACE_KIND } from './metrics.ts';

/** `drivers` by type of source, such as `{ snmp, routeros }`. A source of another type is a bug of the caller. */
export function createInterfacesCollector(drivers: Readonly<Record<string, Collector>>): Collector {
  const byType = new Map(Object.entries(drivers));
  for (const [type, { kind }] of byType) assert(kind === INTERFACE_KIND, `${type} does not collect interfaces`);
  const driverOf = ({ source: { type } }: Pick<CollectJob, 'source'>): Collector => {
    const driver = byType.get(type);
    assert(driver, `no driver reads a source of type ${type}`);
    return driver;
  };
  return {
    kind: INTERFACE_KIND,
    mayHaveFed: async (job) => (await driverOf(job).mayHaveFed?.(job)) ?? [],
    read: async (job) => driverOf(job).read(job),
  };
}

/** One collector over the ways of speaking to one make: `api` in a source's settings picks it, otherwise the first one reads. */
export function createApiCollector(drivers: Readonly<Record<string, Collector>>): Collector {
  const byApi = new Map<unknown, Collector>(Object.entries(drivers));
  const [first] = byApi.values();
  assert(first, 'there is a driver');
  // A word that names none is told by the driver that judges the settings.
  return { kind: first.kind, read: (job) => (byApi.get(job.source.settings.api) ?? first).read(job) };
}
