/** The demo's provider in Dhaka: two simulated routers of each make, and what a source must say to read each. */
import { startIosxeSimulator } from './simulators/iosxe.ts';
import { iosxeIspRouters } from './simulators/iosxe-isp.ts';
import { startJunosSimulator } from './simulators/junos.ts';
import { ispJunosRouters } from './simulators/junos-isp.ts';
import { startRouterosSimulator } from './simulators/routeros.ts';
import { ispRouters } from './simulators/routeros-isp.ts';
import type { Simulator } from './simulators/simulator.ts';

/** As POST /v1/sources takes it. */
export interface RouterSource {
  readonly id: string;
  readonly type: 'routeros' | 'iosxe' | 'junos';
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
  const routeros = await startRouterosSimulator({ routers: ispRouters(shared), now, persist: limits('routeros') });
  const iosxe = await startIosxeSimulator({ routers: iosxeIspRouters(shared), now, persist: limits('iosxe') });
  const junos = await startJunosSimulator({ routers: ispJunosRouters(shared), now, persist: limits('junos') });
  const source = (type: RouterSource['type'], id: string, name: string, settings: object): RouterSource => ({
    ...{ id, type, name: `Dhaka ${name} (simulated)`, credentials },
    settings: { host: '127.0.0.1', ...settings },
  });
  return {
    simulators: [routeros, iosxe, junos],
    routers: [
      ...routeros.routers.map(({ name, port }) =>
        source('routeros', `${name}-router`, name, { port, plainHttp: true }),
      ),
      ...iosxe.routers.map(({ name, port }) => source('iosxe', name, name, { port, plainHttp: true })),
      ...junos.routers.map(({ name, port }) => source('junos', `${name}-router`, name, { port })),
    ],
  };
}
