/** Entry point of the collector of routers' interfaces, and of the reach of devices that routers and this function look at. */
import { createPingOpener } from '../../shared/interfaces/router-ping.http.ts';
import { resolvePublic } from '../../shared/platform/address.dns.ts';
import { createReachCollector } from '../../shared/reach/collector.ts';
import { createConnect } from '../../shared/reach/connect.tcp.ts';
import { openInterfaces } from '../open-interfaces.ts';
import { createCollectorByKind } from './by-kind.ts';
import { collectorConfig } from './collector.config.ts';
import { createCollectorHandler } from './collector.ts';
import { type Opened, openCollector } from './open-collector.ts';

const environment = collectorConfig.parse(process.env);

function makeCollector({ clock, sources, secrets }: Opened) {
  return createCollectorByKind([
    openInterfaces(clock),
    createReachCollector({
      clock,
      resolve: resolvePublic,
      connect: createConnect(),
      openPing: createPingOpener({ clock, sources, secrets }),
    }),
  ]);
}

export const handler = createCollectorHandler(
  openCollector(environment, {
    types: ['snmp', 'routeros', 'iosxe', 'junos', 'push', 'ping'],
    makeCollector,
    queueUrl: environment.COLLECT_INTERFACES_QUEUE_URL,
  }),
);
