/** One collector for a function that reads sources of several kinds: the kind of a source says whose it is. Inert. */
import type { Collector } from '../../shared/collect/collector.port.ts';
import { assert } from '../../shared/platform/assert.ts';

/** `kind` of the result names all of them. A source of another kind is a bug of the caller. */
export function createCollectorByKind(collectors: readonly Collector[]): Collector {
  return {
    kind: collectors.map(({ kind }) => kind).join(' or '),
    async read(job) {
      const collector = collectors.find(({ kind }) => kind === job.source.kind);
      assert(collector, `nothing here collects a source of kind ${job.source.kind}`);
      return collector.read(job);
    },
  };
}
