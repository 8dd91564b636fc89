/** Entry point of the collector of links. */
import { createLinkCollector } from '../../shared/links/collector.ts';
import { collectorConfig } from './collector.config.ts';
import { createCollectorHandler } from './collector.ts';
import { openCollector } from './open-collector.ts';

const environment = collectorConfig.parse(process.env);

export const handler = createCollectorHandler(
  openCollector(environment, {
    types: ['link'],
    secretless: true,
    makeCollector: ({ clock, samples, entities }) => createLinkCollector({ clock, samples, entities }),
    queueUrl: environment.COLLECT_LINKS_QUEUE_URL,
  }),
);
