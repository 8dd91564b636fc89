/** Environment -> queues: where sources of each type are waited for. Routers of all makes share one, and so does what calls nothing outside. */
import type { CollectMessage, SourceType } from '../shared/collect/source.ts';
import type { Queue } from '../shared/platform/queue.port.ts';
import { openQueue } from '../shared/platform/queue.sqs.ts';

export function openCollectQueues(environment: {
  readonly COLLECT_TAARA_QUEUE_URL: string;
  readonly COLLECT_INTERFACES_QUEUE_URL: string;
  readonly COLLECT_SIMS_QUEUE_URL: string;
  readonly COLLECT_LINKS_QUEUE_URL: string;
}): Record<SourceType, Queue<CollectMessage>> {
  const routers = openQueue<CollectMessage>(environment.COLLECT_INTERFACES_QUEUE_URL);
  const links = openQueue<CollectMessage>(environment.COLLECT_LINKS_QUEUE_URL);
  return {
    taara: openQueue(environment.COLLECT_TAARA_QUEUE_URL),
    snmp: routers,
    routeros: routers,
    junos: routers,
    iosxe: routers,
    push: routers,
    'site-router': routers,
    ping: routers,
    onence: openQueue(environment.COLLECT_SIMS_QUEUE_URL),
    link: links,
    resellers: links,
  };
}
