/** A simulated Junos with a clock moved by hand, as the tests of the simulator and of the driver use it. */
import {
  type JunosSimulator,
  type JunosSimulatorOptions,
  startJunosSimulator,
} from '../../../local/simulators/junos.ts';
import type { SimulatedJunos } from '../../../local/simulators/junos-router.ts';

export const START = Date.UTC(2026, 10, 20);
export const USER = 'headroom';
export const PASSWORD = 'hunter2-0f9c';

/** An NTTN link of five units on ge-0/0/0, and a loopback. */
export const JUNOS: SimulatedJunos = {
  name: 'edge1',
  user: USER,
  password: PASSWORD,
  bootedAt: START - 86_400_000,
  ports: [
    {
      ...{ name: 'ge-0/0/0', snmpIndex: 506, description: 'NTTN', speed: '1000mbps' },
      units: [10, 20, 30, 40, 50].map((unit) => ({ unit, snmpIndex: 510 + unit, peakIn: 1.9e8, peakOut: 6e7 })),
    },
    { name: 'lo0', snmpIndex: 6, speed: 'Unspecified', units: [] },
  ],
};

export class JunosWorld {
  now = START;
  #simulator: JunosSimulator | undefined;

  async open(options: Partial<JunosSimulatorOptions> = {}): Promise<JunosSimulator> {
    this.#simulator = await startJunosSimulator({ routers: [JUNOS], now: () => this.now, ...options });
    return this.#simulator;
  }

  async close(): Promise<void> {
    await this.#simulator?.close();
  }
}
