/** A simulated RouterOS with customers, opened for changing their limits: what the tests of the driver share. */
import { expect } from 'vitest';
import type { RouterosSimulator, RouterosSimulatorOptions } from '../../../local/simulators/routeros.ts';
import type { SimulatedCustomer } from '../../../local/simulators/routeros-limits.ts';
import type { SimulatedRouter } from '../../../local/simulators/routeros-router.ts';
import type { RouterLimits } from '../../../shared/interfaces/limits.port.ts';
import { openRouterosLimits } from '../../../shared/interfaces/routeros-limits.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { callRouter, PASSWORD, PORTS, RouterosWorld, START, USER } from '../../local/simulators/routeros-world.ts';
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

  async limits(
    secret: Readonly<Record<string, string>> = { user: USER, password: PASSWORD },
    api: 'rest' | 'binary' = 'rest',
  ): Promise<RouterLimits> {
    const [place] = this.simulator.routers;
    const port = (api === 'rest' ? place : place?.api)?.port ?? 0;
    const job = routerosJob(port, { secret, settings: { plainHttp: true, api } });
    // The router's hours are moved by hand; the deadline is of these seconds.
    const deadline = systemClock.now() + 20_000;
    const opened = await openRouterosLimits({ clock: systemClock }, { ...job, deadline });
    this.#opened.push(opened);
    return opened;
  }

  /** Rows of a menu as somebody at the router sees them. */
  async rows(path: string): Promise<Record<string, string>[]> {
    return JSON.parse((await callRouter(this.simulator.url, path)).text) as Record<string, string>[];
  }

  /** What somebody at the router does. */
  async change(path: string, method: string, body: object): Promise<void> {
    await callRouter(this.simulator.url, path, { method, body: JSON.stringify(body) });
  }

  /** Mb/s that a customer's queue lets through over the next minute. */
  async megabits(name = 'reseller_r1001'): Promise<number> {
    const octets = async () => {
      const row = (await this.rows('/rest/queue/simple')).find((one) => one.name === name);
      return Number(row?.bytes?.split('/')[1]);
    };
    const before = await octets();
    this.now += 60_000;
    return Math.round(((await octets()) - before) / 60 / 125_000);
  }

  override async close(): Promise<void> {
    for (const opened of this.#opened) opened.close();
    await super.close();
  }
}

/** The failure of a call that must fail, without the password in it. */
export async function failureOf(act: Promise<unknown>): Promise<AppError> {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  const { message, context } = error as AppError;
  expect(JSON.stringify([message, context])).not.toContain(PASSWORD);
  return error as AppError;
}
