/** The one collector over all drivers hands each source to the driver of its type. */
import { expect, test } from 'vitest';
import type { Collector, Page } from '../../../shared/collect/collector.port.ts';
import { createApiCollector, createInterfacesCollector } from '../../../shared/interfaces/collectors.ts';
import { createRouterosCollector } from '../../../shared/interfaces/routeros.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { routerosJob } from './routeros-router.ts';
import { jobFor } from './table-agent.ts';

const driver = (name: string): Collector => ({
  kind: 'interface',
  read: async (): Promise<Page> => ({
    ...{ readings: [], entities: [], rejected: [], complete: true },
    operations: [{ name, ok: true, responseMs: 0 }],
  }),
});

test('the type of the source says which driver reads it', async () => {
  const collector = createInterfacesCollector({ snmp: driver('snmp'), routeros: driver('routeros') });
  expect(collector.kind).toBe('interface');
  const read = async (job: ReturnType<typeof jobFor>) => (await collector.read(job)).operations[0]?.name;
  expect([await read(jobFor(161)), await read(routerosJob(443))]).toEqual(['snmp', 'routeros']);
});

test('a type that nobody drives, or a driver of another kind, is a bug', async () => {
  await expect(createInterfacesCollector({ snmp: driver('snmp') }).read(routerosJob(443))).rejects.toThrow(
    'no driver reads a source of type routeros',
  );
  expect(() => createInterfacesCollector({ snmp: { ...driver('snmp'), kind: 'fleet' } })).toThrow(
    'snmp does not collect interfaces',
  );
});

test('of several ways of speaking to one make, the settings pick one, and the first reads whatever they do not name', async () => {
  const collector = createApiCollector({ netconf: driver('netconf'), rest: driver('rest') });
  const read = async (settings: object) =>
    (await collector.read(jobFor(830, { settings: { ...settings } }))).operations[0]?.name;
  expect([await read({ api: 'rest' }), await read({}), await read({ api: 'toString' })]).toEqual([
    'rest',
    'netconf',
    'netconf',
  ]);
});

test('a crashed run of a MikroTik router may have written to its queues as well, one of another make may not', async () => {
  const routeros = createRouterosCollector({ clock: systemClock });
  const collector = createInterfacesCollector({ snmp: driver('snmp'), routeros });
  expect(await collector.mayHaveFed?.(routerosJob(443))).toEqual([{ kind: 'queue', target: 'core1' }]);
  expect(await collector.mayHaveFed?.(jobFor(161))).toEqual([]);
});
