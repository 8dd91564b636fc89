/** The demo's Juniper routers: two at the edge, each with a link of five VLANs as units of ge-0/0/0. Pure. */
import type { SimulatedJunos, SimulatedJunosPort } from './junos-router.ts';
import { towards } from './traffic.ts';

const VLANS = [10, 20, 30, 40, 50] as const;
/** In the evening a VLAN carries this much; five of them leave room on the port. */
const PEAKS = { edge1: 120e6, edge2: 80e6 } as const;
const PORT_INDEX = 506;
const UNIT_INDEX = 520;

export interface JunosIspOptions {
  readonly user: string;
  readonly password: string;
  /** Epoch ms; fixed, so that counters outlive a restart of the simulator. */
  readonly bootedAt: number;
}

export function ispJunosRouters(options: JunosIspOptions): SimulatedJunos[] {
  return (['edge1', 'edge2'] as const).map((name) => ({ ...options, name, ports: edgePorts(PEAKS[name]) }));
}

function edgePorts(peak: number): SimulatedJunosPort[] {
  const units = VLANS.map((vlan, i) => ({
    ...{ unit: vlan, snmpIndex: UNIT_INDEX + i, description: `NTTN VLAN ${vlan}` },
    ...towards(peak),
  }));
  return [
    { name: 'ge-0/0/0', snmpIndex: PORT_INDEX, description: 'NTTN 1 Gb/s', speed: '1000mbps', units },
    { name: 'lo0', snmpIndex: 6, speed: 'Unspecified', units: [] },
  ];
}
