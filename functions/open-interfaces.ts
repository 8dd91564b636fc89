/** One collector over all drivers of interfaces, for their runs and for whoever tries a router. */
import type { Collector } from '../shared/collect/collector.port.ts';
import { createApiCollector, createInterfacesCollector } from '../shared/interfaces/collectors.ts';
import { createIosxeCollector } from '../shared/interfaces/iosxe.http.ts';
import { createJunosRestCollector } from '../shared/interfaces/junos.http.ts';
import { createJunosCollector } from '../shared/interfaces/junos.netconf.ts';
import { createPushCollector } from '../shared/interfaces/push-collector.ts';
import { createRouterosCollector } from '../shared/interfaces/routeros.http.ts';
import { createSnmpCollector } from '../shared/interfaces/snmp.snmp.ts';
import type { Clock } from '../shared/platform/clock.ts';

export function openInterfaces(clock: Clock): Collector {
  return createInterfacesCollector({
    snmp: createSnmpCollector({ clock }),
    routeros: createRouterosCollector({ clock }),
    iosxe: createIosxeCollector({ clock }),
    junos: createApiCollector({ netconf: createJunosCollector({ clock }), rest: createJunosRestCollector({ clock }) }),
    push: createPushCollector(),
  });
}
