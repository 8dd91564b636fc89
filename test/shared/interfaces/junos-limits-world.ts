/** A simulated Junos with a customer on one of its units, opened for changing limits: what the tests of the driver share. */
import type { JunosSimulator, JunosSimulatorOptions } from '../../../local/simulators/junos.ts';
import type { SimulatedJunos } from '../../../local/simulators/junos-router.ts';
import { openJunosLimits } from '../../../shared/interfaces/junos-limits.netconf.ts';
import type { RouterLimits } from '../../../shared/interfaces/limits.port.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { JUNOS, JunosWorld, PASSWORD, USER } from '../../local/simulators/junos-world.ts';
import { junosJob } from './junos-router.ts';

export const HELD_UNIT = 'ge-0/0/0.10';
export const FREE_UNIT = 'ge-0/0/0.20';

/** As an operator writes it by hand, in Junos's own short rates. */
export function policer(name: string, rate: string, more = '<logical-interface-policer/>'): string {
  return `<policer><name>${name}</name>${more}<if-exceeding><bandwidth-limit>${rate}</bandwidth-limit><burst-size-limit>625k</burst-size-limit></if-exceeding><then><discard/></then></policer>`;
}

export function unit(number: number, content: string): string {
  return `<interfaces><interface><name>ge-0/0/0</name><unit><name>${number}</name>${content}</unit></interface></interfaces>`;
}

export function attached(number: number, queue: string, families: readonly string[] = ['inet', 'inet6']): string {
  const both = `<policer><input>${queue}-in</input><output>${queue}-out</output></policer>`;
  return unit(number, `<family>${families.map((family) => `<${family}>${both}</${family}>`).join('')}</family>`);
}

export const CONFIGURED = `<firewall>${policer('reseller_r1001-in', '50m')}${policer('reseller_r1001-out', '50m')}</firewall>${attached(10, 'reseller_r1001')}`;

export class JunosLimitsWorld extends JunosWorld {
  simulator!: JunosSimulator;
  readonly #opened: RouterLimits[] = [];

  async start(router: Partial<SimulatedJunos> = {}, options: Partial<JunosSimulatorOptions> = {}): Promise<this> {
    this.simulator = await this.open({ routers: [{ ...JUNOS, configured: CONFIGURED, ...router }], ...options });
    return this;
  }

  async limits(
    secret: Readonly<Record<string, string>> = { user: USER, password: PASSWORD },
    withinMs = 20_000,
  ): Promise<RouterLimits> {
    const job = junosJob(this.simulator.routers[0]?.port ?? 0, { secret });
    // The router's hours are moved by hand; the deadline is of these seconds.
    const deadline = systemClock.now() + withinMs;
    const opened = await openJunosLimits({ clock: systemClock }, { ...job, deadline });
    this.#opened.push(opened);
    return opened;
  }

  /** What somebody at the router does, and commits. */
  configure(xml: string): void {
    this.simulator.inject({ fault: 'configure', xml });
  }

  /** What is in force, without line ends. */
  configuration(): string {
    const { routers } = this.simulator.state() as { routers: { configuration: string }[] };
    return (routers[0]?.configuration ?? '').replaceAll('\n', '');
  }

  /** Mb/s that a unit receives and sends over the next minute. */
  megabits(name = HELD_UNIT): { readonly in: number; readonly out: number } {
    const octets = () => {
      const { routers } = this.simulator.state() as {
        routers: { interfaces: { name: string; received: string; sent: string }[] }[];
      };
      const row = routers[0]?.interfaces.find((one) => one.name === name);
      return [Number(row?.received), Number(row?.sent)] as const;
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
