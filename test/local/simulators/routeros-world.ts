/** A simulated RouterOS with a clock moved by hand, as the tests of the simulator and of the driver use it. */
import {
  type RouterosSimulator,
  type RouterosSimulatorOptions,
  startRouterosSimulator,
} from '../../../local/simulators/routeros.ts';
import type { SimulatedPort } from '../../../local/simulators/routeros-ports.ts';

export const START = Date.UTC(2026, 10, 20);
export const USER = 'headroom';
export const PASSWORD = 'hunter2-0f9c';

/** An NTTN link of five VLANs on ether1, an uplink, and a PPPoE session. */
export const PORTS: readonly SimulatedPort[] = [
  { index: 1, name: 'ether1', type: 'ether', comment: 'NTTN', rate: '1Gbps', peakIn: 9.6e8, peakOut: 3e8 },
  { index: 2, name: 'ether2', type: 'ether', rate: '10Gbps', peakIn: 3e8, peakOut: 9.6e8 },
  ...[10, 20, 30, 40, 50].map(
    (vlanId): SimulatedPort => ({
      ...{ index: 16 + vlanId, name: `vlan${vlanId}`, type: 'vlan', parent: 'ether1', vlanId },
      ...{ peakIn: 1.9e8, peakOut: 6e7 },
    }),
  ),
  { index: 0xf00001, name: '<pppoe-r1001>', type: 'pppoe-in', peakIn: 2e6, peakOut: 2e7 },
];

export class RouterosWorld {
  now = START;
  #simulator: RouterosSimulator | undefined;

  async open(options: Partial<RouterosSimulatorOptions> = {}): Promise<RouterosSimulator> {
    const router = { name: 'core1', user: USER, password: PASSWORD, ports: PORTS, bootedAt: START - 86_400_000 };
    this.#simulator = await startRouterosSimulator({ routers: [router], now: () => this.now, ...options });
    return this.#simulator;
  }

  async close(): Promise<void> {
    await this.#simulator?.close();
  }
}

/** One call as a console user's program would make it. */
export async function callRouter(url: string, path: string, init: RequestInit = {}) {
  const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
  const response = await fetch(`${url}${path}`, {
    redirect: 'manual',
    ...init,
    headers: { authorization, ...init.headers },
  });
  return { status: response.status, text: await response.text() };
}
