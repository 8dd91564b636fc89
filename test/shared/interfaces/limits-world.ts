/** A simulated RouterOS with customers, opened for changing their limits: what the tests of the driver share. */
import type { RouterosSimulator, RouterosSimulatorOptions } from '../../../local/simulators/routeros.ts';
import type { SimulatedCustomer } from '../../../local/simulators/routeros-limits.ts';
import type { SimulatedRouter } from '../../../local/simulators/routeros-router.ts';
import type { RouterLimits } from '../../../shared/interfaces/limits.port.ts';
import { openRouterosLimits } from '../../../shared/interfaces/routeros-limits.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { PASSWORD, PORTS, RouterosWorld, START, USER } from '../../local/simulators/routeros-world.ts';
import { routerosJob } from './routeros-router.ts';

const customer = (number: number, more: Partial<SimulatedCustomer> = {}): SimulatedCustomer => ({
  ...{ address: `198.51.100.${number}`, queue: `reseller_r${1000 + number}`, maxLimit: '50M/50M' },
  ...{ peakSent: 40e6, peakReceived: 400e6 },
  ...more,
});

export const CUSTOMERS: readonly SimulatedCustomer[] = [
  customer(1),
  customer(2, { maxLimit: '0/0' }),
  customer(41, { queue: '<pppoe-r1041>', dynamic: true }),
];

export class LimitsWorld extends RouterosWorld {
  simulator!: RouterosSimulator;
  readonly #opened: RouterLimits[] = [];

  async start(router: Partial<SimulatedRouter> = {}, options: Partial<RouterosSimulatorOptions> = {}): Promise<this> {
    const own = { name: 'core1', user: USER, password: PASSWORD, ports: PORTS, customers: CUSTOMERS, bootedAt: START };
    this.simulator = await this.open({ routers: [{ ...own, ...router }], ...options });
    return this;
  }

  async limits(secret: Readonly<Record<string, string>> = { user: USER, password: PASSWORD }): Promise<RouterLimits> {
    const job = routerosJob(this.simulator.routers[0]?.port ?? 0, { secret });
    // The router's hours are moved by hand; the deadline is of these seconds.
    const deadline = systemClock.now() + 20_000;
    const opened = await openRouterosLimits({ clock: systemClock }, { ...job, deadline });
    this.#opened.push(opened);
    return opened;
  }

  override async close(): Promise<void> {
    for (const opened of this.#opened) opened.close();
    await super.close();
  }
}
