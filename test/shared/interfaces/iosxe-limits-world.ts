/** A simulated IOS-XE with a customer on one of its sub-interfaces, opened for changing limits: what the tests of the driver share. */
import type { IosxeSimulator, IosxeSimulatorOptions } from '../../../local/simulators/iosxe.ts';
import type { SimulatedIosxe } from '../../../local/simulators/iosxe-router.ts';
import { openIosxeLimits } from '../../../shared/interfaces/iosxe-limits.http.ts';
import type { RouterLimits } from '../../../shared/interfaces/limits.port.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { IOSXE_PORTS, IosxeWorld, LINK } from '../../local/simulators/iosxe-world.ts';
import { callRouter, PASSWORD, START, USER } from '../../local/simulators/routeros-world.ts';
import { iosxeJob } from './iosxe-router.ts';

export const HELD_INTERFACE = `${LINK}.10`;
export const FREE_INTERFACE = `${LINK}.20`;
export const NATIVE = '/restconf/data/Cisco-IOS-XE-native:native';
const POLICY = 'Cisco-IOS-XE-policy:policy-map';
const SERVICE = 'Cisco-IOS-XE-policy:service-policy';

export const police = (bits: number, actions?: object) => ({
  'action-type': 'police',
  'police-target-bitrate': { police: { 'bit-rate': bits, ...(actions ? { actions } : {}) } },
});
export const shape = (bits: number) => ({ 'action-type': 'shape', shape: { average: { 'bit-rate': bits } } });

export interface RunningPolicy {
  readonly name: string;
  readonly class: readonly { readonly name: string; readonly 'action-list': readonly unknown[] }[];
}

export class IosxeLimitsWorld extends IosxeWorld {
  simulator!: IosxeSimulator;
  readonly #opened: RouterLimits[] = [];

  async start(router: Partial<SimulatedIosxe> = {}, options: Partial<IosxeSimulatorOptions> = {}): Promise<this> {
    const own = { name: 'asr1', user: USER, password: PASSWORD, ports: IOSXE_PORTS, bootedAt: START - 86_400_000 };
    this.simulator = await this.open({ routers: [{ ...own, ...router }], ...options });
    await this.policy('reseller_r1001-in', [police(50e6)]);
    await this.policy('reseller_r1001-out', [shape(50e6)]);
    await this.attach('10', { input: 'reseller_r1001-in', output: 'reseller_r1001-out' });
    return this;
  }

  async limits(
    secret: Readonly<Record<string, string>> = { user: USER, password: PASSWORD },
    settings: Readonly<Record<string, unknown>> = {},
  ): Promise<RouterLimits> {
    const job = iosxeJob(this.simulator.routers[0]?.port ?? 0, { secret });
    const source = { ...job.source, settings: { ...job.source.settings, ...settings } };
    // The router's hours are moved by hand; the deadline is of these seconds.
    const opened = await openIosxeLimits(
      { clock: systemClock },
      { ...job, source, deadline: systemClock.now() + 20_000 },
    );
    this.#opened.push(opened);
    return opened;
  }

  /** What somebody at the router does. */
  async change(path: string, method: string, body?: object): Promise<number> {
    const { status } = await callRouter(this.simulator.url, path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return status;
  }

  policy(name: string, actions: readonly object[], named = 'class-default'): Promise<number> {
    const policy = { name, class: [{ name: named, 'action-list': actions }] };
    return this.change(`${NATIVE}/policy`, 'PATCH', { 'Cisco-IOS-XE-native:policy': { [POLICY]: [policy] } });
  }

  attach(unit: string, policies: object): Promise<number> {
    return this.configure(unit, { [SERVICE]: policies });
  }

  configure(unit: string, content: object): Promise<number> {
    const number = `0/0/0.${unit}`;
    return this.change(`${NATIVE}/interface/GigabitEthernet=${encodeURIComponent(number)}`, 'PATCH', {
      'Cisco-IOS-XE-native:GigabitEthernet': [{ name: number, ...content }],
    });
  }

  remove(unit: string, what: string): Promise<number> {
    return this.change(`${NATIVE}/interface/GigabitEthernet=${encodeURIComponent(`0/0/0.${unit}`)}/${what}`, 'DELETE');
  }

  /** What runs: policy maps by name, and interfaces by list and number. */
  running(): { policies: Record<string, RunningPolicy>; interfaces: Record<string, Record<string, unknown>> } {
    const { routers } = this.simulator.state() as {
      routers: { configuration: ReturnType<IosxeLimitsWorld['running']> }[];
    };
    return routers[0]?.configuration ?? { policies: {}, interfaces: {} };
  }

  entry(unit = '10'): Record<string, unknown> {
    return this.running().interfaces[`GigabitEthernet=0/0/0.${unit}`] ?? {};
  }

  /** Mb/s that an interface receives and sends over the next minute. */
  megabits(name = HELD_INTERFACE): { readonly in: number; readonly out: number } {
    const octets = () => {
      const { routers } = this.simulator.state() as {
        routers: { interfaces: { name: string; statistics: Record<string, string> }[] }[];
      };
      const row = routers[0]?.interfaces.find((one) => one.name === name)?.statistics;
      return [Number(row?.['in-octets']), Number(row?.['out-octets-64'])] as const;
    };
    const before = octets();
    this.now += 60_000;
    const after = octets();
    const rate = (at: 0 | 1) => Math.round((after[at] - before[at]) / 60 / 125_000);
    return { in: rate(0), out: rate(1) };
  }

  override async close(): Promise<void> {
    for (const opened of this.#opened) opened.close();
    await super.close();
  }
}
