/** Entry point of the collector of routers' interfaces. */
import { openInterfaces } from '../open-interfaces.ts';
import { collectorConfig } from './collector.config.ts';
import { createCollectorHandler } from './collector.ts';
import { openCollector } from './open-collector.ts';

const environment = collectorConfig.parse(process.env);

export const handler = createCollectorHandler(
  openCollector(environment, {
    types: ['snmp', 'routeros', 'iosxe', 'junos'],
    makeCollector: ({ clock }) => openInterfaces(clock),
    queueUrl: environment.COLLECT_INTERFACES_QUEUE_URL,
  }),
);
