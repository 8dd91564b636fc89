/** Entry point of the collector of Taara accounts. */
import { createTaaraCollector } from '../../shared/bundles/taara.http.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { collectorConfig } from './collector.config.ts';
import { createCollectorHandler } from './collector.ts';
import { openCollector } from './open-collector.ts';

const environment = collectorConfig.parse(process.env);
const { TAARA_BASE_URL: baseUrl, SIMULATOR_TAARA_URL: simulatorUrl } = environment;

const collector = createTaaraCollector({
  baseUrl,
  clock: systemClock,
  ...(simulatorUrl === undefined ? {} : { simulatorUrl }),
});

export const handler = createCollectorHandler(
  openCollector(environment, { type: 'taara', collector, queueUrl: environment.COLLECT_TAARA_QUEUE_URL }),
);
