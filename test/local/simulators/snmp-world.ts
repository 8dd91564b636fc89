/** A simulated SNMP router with a clock moved by hand, as the tests of the simulator and of the driver use it. */
import { type SnmpSimulator, type SnmpSimulatorOptions, startSnmpSimulator } from '../../../local/simulators/snmp.ts';
import type { SimulatedSnmp } from '../../../local/simulators/snmp-router.ts';

export const START = Date.UTC(2026, 10, 20);
export const COMMUNITY = 'lab-0f9c';

/** An uplink, a customer's VLAN on it, and what is no line. */
export const SNMP_ROUTER: SimulatedSnmp = {
  name: 'agg1',
  description: 'simulated',
  login: { community: COMMUNITY },
  bootedAt: START - 86_400_000,
  ports: [
    { index: 5, name: 'GigabitEthernet0/3/0', alias: 'Uplink', speedMbps: 1000, peakIn: 8e8, peakOut: 2e8 },
    { index: 20, name: 'GigabitEthernet0/3/0.101', type: 135, speedMbps: 1000, peakIn: 4e8, peakOut: 1e8 },
    { index: 1, name: 'NULL0', type: 1, speedMbps: 0, peakIn: 0, peakOut: 0 },
  ],
};

export class SnmpWorld {
  now = START;
  #simulator: SnmpSimulator | undefined;

  async open(options: Partial<SnmpSimulatorOptions> = {}): Promise<SnmpSimulator> {
    this.#simulator = await startSnmpSimulator({ routers: [SNMP_ROUTER], now: () => this.now, ...options });
    return this.#simulator;
  }

  async close(): Promise<void> {
    await this.#simulator?.close();
  }
}
