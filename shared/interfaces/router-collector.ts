/** What collectors of routers have in common, whatever they speak. Inert. */
import type { CollectJob, Collector, Operation, Page } from '../collect/collector.port.ts';
import { keepingOperations } from '../collect/operations.ts';
import { INTERFACE_KIND } from './metrics.ts';

/** What a run brings, but for its calls. */
export type PageRead = Omit<Page, 'operations'>;

/** `read` writes down each call as it makes it: they come with the page, or in `context.operations` of its failure. */
export function routerCollector(read: (job: CollectJob, operations: Operation[]) => Promise<PageRead>): Collector {
  return {
    kind: INTERFACE_KIND,
    async read(job) {
      const operations: Operation[] = [];
      return keepingOperations(operations, async () => ({ ...(await read(job, operations)), operations }));
    },
  };
}
