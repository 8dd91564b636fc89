/** Entry point of the collector of routers' interfaces. */
import { createInterfacesCollector } from '../../shared/interfaces/collectors.ts';
import { createIosxeCollector } from '../../shared/interfaces/iosxe.http.ts';
import { createJunosCollector } from '../../shared/interfaces/junos.netconf.ts';
import { createRouterosCollector } from '../../shared/interfaces/routeros.http.ts';
import { createSnmpCollector } from '../../shared/interfaces/snmp.snmp.ts';
import { collectorConfig } from './collector.config.ts';
import { createCollectorHandler } from './collector.ts';
import { openCollector } from './open-collector.ts';

const environment = collectorConfig.parse(process.env);

export const handler = createCollectorHandler(
  openCollector(environment, {
    types: ['snmp', 'routeros', 'iosxe', 'junos'],
    makeCollector: ({ clock }) =>
      createInterfacesCollector({
        snmp: createSnmpCollector({ clock }),
        routeros: createRouterosCollector({ clock }),
        iosxe: createIosxeCollector({ clock }),
        junos: createJunosCollector({ clock }),
      }),
    queueUrl: environment.COLLECT_INTERFACES_QUEUE_URL,
  }),
);
