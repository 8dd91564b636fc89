/** Entry point of the collector of routers' interfaces. */
import { createSnmpCollector } from '../../shared/interfaces/snmp.snmp.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { collectorConfig } from './collector.config.ts';
import { createCollectorHandler } from './collector.ts';
import { openCollector } from './open-collector.ts';

const environment = collectorConfig.parse(process.env);

export const handler = createCollectorHandler(
  openCollector(environment, {
    type: 'snmp',
    collector: createSnmpCollector({ clock: systemClock }),
    queueUrl: environment.COLLECT_INTERFACES_QUEUE_URL,
  }),
);
