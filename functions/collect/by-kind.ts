/** One collector for a function that reads sources of several kinds: the kind of a source says whose it is. Inert. */
import type { Collector } from '../../shared/collect/collector.port.ts';
import { assert } from '../../shared/platform/assert.ts';

/** `kind` of the result names all of them. A source of another kind is a bug of the caller. */
export function createCollectorByKind(collectors: readonly Collector[]): Collector {
  const collectorOf = (wanted: string): Collector => {
    const collector = collectors.find(({ kind }) => kind === wanted);
    assert(collector, `nothing here collects a source of kind ${wanted}`);
    return collector;
  };
  return {
    kind: collectors.map(({ kind }) => kind).join(' or '),
    async mayHaveFed(job) {
      return (await collectorOf(job.source.kind).mayHaveFed?.(job)) ?? [];
    },
    async read(job) {
      return collectorOf(job.source.kind).read(job);
    },
  };
}
