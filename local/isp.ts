/** The demo's provider in Dhaka: two simulated routers of each make, two that are asked by SNMP, and what a source must say to read each. */
import { startIosxeSimulator } from './simulators/iosxe.ts';
import { iosxeIspRouters } from './simulators/iosxe-isp.ts';
import { startJunosSimulator } from './simulators/junos.ts';
import { ispJunosRouters } from './simulators/junos-isp.ts';
import type { RouterPlace } from './simulators/router-server.ts';
import { startRouterosSimulator } from './simulators/routeros.ts';
import { ispRouters } from './simulators/routeros-isp.ts';
import type { Simulator } from './simulators/simulator.ts';
import { startSnmpSimulator } from './simulators/snmp.ts';
import { snmpIspRouters } from './simulators/snmp-isp.ts';

/** As POST /v1/sources takes it. */
export interface RouterSource {
  readonly id: string;
  readonly type: 'routeros' | 'iosxe' | 'junos' | 'snmp';
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, string>>;
}

export interface Isp {
  readonly simulators: readonly Simulator[];
  readonly routers: readonly RouterSource[];
}

export interface IspOptions {
  /** Epoch ms; fixed, so that counters outlive a restart. */
  readonly bootedAt: number;
  readonly password: string;
  readonly now: () => number;
  /** Where what was changed of a make's limits is kept over a restart. */
  readonly limits: (make: RouterSource['type']) => { load(): unknown; save(state: unknown): void };
}

export async function startIsp(options: IspOptions): Promise<Isp> {
  const { bootedAt, password, now, limits } = options;
  const credentials = { user: 'headroom', password };
  const shared = { ...credentials, bootedAt };
  const routeros = await startRouterosSimulator({
    routers: ispRouters({ ...shared, held: false }),
    now,
    persist: limits('routeros'),
  });
  const iosxe = await startIosxeSimulator({ routers: iosxeIspRouters(shared), now, persist: limits('iosxe') });
  const junos = await startJunosSimulator({ routers: ispJunosRouters(shared), now, persist: limits('junos') });
  const snmp = await startSnmpSimulator({ routers: snmpIspRouters({ password, bootedAt }), now });
  const source = (
    type: RouterSource['type'],
    id: string,
    name: string,
    settings: object,
    login: RouterSource['credentials'] = credentials,
  ): RouterSource => ({
    ...{ id, type, name: `Dhaka ${name} (simulated)`, credentials: login },
    settings: { host: '127.0.0.1', ...settings },
  });
  return {
    simulators: [routeros, iosxe, junos, snmp],
    routers: [
      ...routeros.routers.map((place) =>
        source('routeros', `${place.name}-router`, place.name, routerosSettings(place)),
      ),
      ...iosxe.routers.map(({ name, port }) => source('iosxe', name, name, { port, plainHttp: true })),
      ...junos.routers.map(({ name, port }) => source('junos', `${name}-router`, name, { port })),
      ...snmp.routers.map(({ name, port, login }) => {
        const isCommunity = 'community' in login;
        const keys = isCommunity ? login : { user: login.user, authKey: login.authKey, privKey: login.privKey };
        return source('snmp', name, name, { port, version: isCommunity ? 'v2c' : 'v3', simulator: true }, keys);
      }),
    ],
  };
}

/** The one that faces the resellers is taken for an older one, which has no REST. */
function routerosSettings({ name, port, api }: RouterPlace): object {
  return name === 'access' && api !== undefined
    ? { port: api.port, plainHttp: true, api: 'binary' }
    : { port, plainHttp: true, api: 'rest' };
}
