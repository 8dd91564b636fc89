/** A function that reads several kinds hands each source to the collector of its kind. */
import { expect, test } from 'vitest';
import { createCollectorByKind } from '../../../functions/collect/by-kind.ts';
import type { CollectJob, Collector, Page } from '../../../shared/collect/collector.port.ts';
import { sourceNamed } from '../../shared/collect/fakes.ts';

const collectorOf = (kind: string): Collector => ({
  kind,
  read: async (): Promise<Page> => ({
    ...{ readings: [], entities: [], rejected: [], complete: true },
    operations: [{ name: kind, ok: true, responseMs: 0 }],
  }),
});
const jobOf = (kind: string) => ({ source: sourceNamed('s', { kind }) }) as CollectJob;

test('the kind of the source says whose it is; a kind of nobody is a bug', async () => {
  const both = createCollectorByKind([collectorOf('interface'), collectorOf('reach')]);
  expect(both.kind).toBe('interface or reach');
  for (const kind of ['reach', 'interface']) expect((await both.read(jobOf(kind))).operations[0]?.name).toBe(kind);
  await expect(both.read(jobOf('sim'))).rejects.toThrow('nothing here collects a source of kind sim');
});

test('only the collector of the kind knows what a crashed run may have fed', async () => {
  const feeding: Collector = {
    ...collectorOf('resellers'),
    mayHaveFed: async ({ source }) => [{ kind: 'reseller', target: `${source.id}.0000` }],
  };
  const both = createCollectorByKind([collectorOf('link'), feeding]);
  expect(await both.mayHaveFed?.(jobOf('resellers'))).toEqual([{ kind: 'reseller', target: 's.0000' }]);
  expect(await both.mayHaveFed?.(jobOf('link'))).toEqual([]);
});
