/** Entry point of the collectors that call nothing outside: of links, and of resellers. */
import { createLinkCollector } from '../../shared/links/collector.ts';
import { createResellerCollector } from '../../shared/resellers/collector.ts';
import { createResellerStore } from '../../shared/resellers/resellers.dynamodb.ts';
import { createCollectorByKind } from './by-kind.ts';
import { collectorConfig } from './collector.config.ts';
import { createCollectorHandler } from './collector.ts';
import { openCollector } from './open-collector.ts';

const environment = collectorConfig.parse(process.env);

export const handler = createCollectorHandler(
  openCollector(environment, {
    types: ['link', 'resellers'],
    secretless: true,
    makeCollector: ({ clock, table, samples, entities }) =>
      createCollectorByKind([
        createLinkCollector({ clock, samples, entities }),
        createResellerCollector({ clock, samples, entities, resellers: createResellerStore(table) }),
      ]),
    queueUrl: environment.COLLECT_LINKS_QUEUE_URL,
  }),
);
