/** A simulated IOS-XE with a clock moved by hand, as the tests of the simulator and of the driver use it. */
import {
  type IosxeSimulator,
  type IosxeSimulatorOptions,
  startIosxeSimulator,
} from '../../../local/simulators/iosxe.ts';
import type { SimulatedIosxePort } from '../../../local/simulators/iosxe-ports.ts';
import { callRouter, PASSWORD, START, USER } from './routeros-world.ts';

export const LINK = 'GigabitEthernet0/0/0';
export const INTERFACES = '/restconf/data/Cisco-IOS-XE-interfaces-oper:interfaces/interface';
export const OLDER = '/restconf/data/ietf-interfaces:interfaces-state/interface';
export const SYSTEM =
  '/restconf/data/Cisco-IOS-XE-device-hardware-oper:device-hardware-data/device-hardware/device-system-data';

/** A link with two VLANs, and what is no port. */
export const IOSXE_PORTS: readonly SimulatedIosxePort[] = [
  { index: 1, name: LINK, kind: 'ethernet', description: 'NTTN', speedBitsPerSecond: 1e9, peakIn: 8e8, peakOut: 2e8 },
  { index: 20, name: `${LINK}.10`, kind: 'vlan', speedBitsPerSecond: 1e9, peakIn: 4e8, peakOut: 1e8 },
  { index: 21, name: `${LINK}.20`, kind: 'vlan', speedBitsPerSecond: 1e9, peakIn: 4e8, peakOut: 1e8 },
  { index: 0, name: 'Control Plane', kind: 'control', speedBitsPerSecond: 0, peakIn: 0, peakOut: 0 },
];

export class IosxeWorld {
  now = START;
  #simulator: IosxeSimulator | undefined;

  async open(options: Partial<IosxeSimulatorOptions> = {}): Promise<IosxeSimulator> {
    const login = { user: USER, password: PASSWORD };
    const router = { ...login, name: 'asr1', ports: IOSXE_PORTS, bootedAt: START - 86_400_000 };
    this.#simulator = await startIosxeSimulator({ routers: [router], now: () => this.now, ...options });
    return this.#simulator;
  }

  async close(): Promise<void> {
    await this.#simulator?.close();
  }
}

export interface SimulatedRow {
  readonly name: string;
  readonly statistics: Readonly<Record<string, string | number>>;
  readonly [field: string]: unknown;
}

/** The rows of a list, as they came. */
export async function rowsOf(url: string, path = INTERFACES): Promise<SimulatedRow[]> {
  const { text } = await callRouter(url, path);
  return Object.values(JSON.parse(text) as Record<string, SimulatedRow[]>)[0] ?? [];
}
