/** One collector for a function that reads sources of several kinds: the kind of a source says whose it is. Inert. */
import type { CollectJob, Collector } from '../../shared/collect/collector.port.ts';
import { assert } from '../../shared/platform/assert.ts';

/** `kind` of the result names all of them. A source of another kind is a bug of the caller. */
export function createCollectorByKind(collectors: readonly Collector[]): Collector {
  const collectorOf = ({ source }: Pick<CollectJob, 'source'>): Collector => {
    const collector = collectors.find(({ kind }) => kind === source.kind);
    assert(collector, `nothing here collects a source of kind ${source.kind}`);
    return collector;
  };
  return {
    kind: collectors.map(({ kind }) => kind).join(' or '),
    mayHaveFed: async (job) => (await collectorOf(job).mayHaveFed?.(job)) ?? [],
    read: async (job) => collectorOf(job).read(job),
  };
}
