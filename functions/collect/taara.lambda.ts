/** Entry point of the collector of Taara accounts. */
import { createTaaraCollector } from '../../shared/bundles/taara.http.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { collectorConfig } from './collector.config.ts';
import { createCollectorHandler } from './collector.ts';
import { openCollector } from './open-collector.ts';

const environment = collectorConfig.parse(process.env);
const { TAARA_BASE_URL: baseUrl, SIMULATOR_TAARA_URL: simulatorUrl } = environment;

const taara = { baseUrl, clock: systemClock, ...(simulatorUrl === undefined ? {} : { simulatorUrl }) };

export const handler = createCollectorHandler(
  openCollector(environment, {
    types: ['taara'],
    makeCollector: () => createTaaraCollector(taara),
    queueUrl: environment.COLLECT_TAARA_QUEUE_URL,
  }),
);
