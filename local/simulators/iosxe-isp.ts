/** The demo's Cisco routers: two links to NTTNs by five VLANs each, the second on a release that counts in 32 bits. Pure. */
import type { SimulatedIosxePort } from './iosxe-ports.ts';
import type { SimulatedIosxe } from './iosxe-router.ts';
import type { RouterLogin } from './router-server.ts';
import { NTTN_VLANS } from './routeros-isp.ts';
import { away, towards } from './traffic.ts';

/** In the evening the five VLANs of a link carry three quarters of it. */
const VLAN_PEAK = 150e6;
const GIGABIT = 1_000_000_000;
const LINK = 'GigabitEthernet0/0/0';
const VLAN_INDEX = 20;

export interface IosxeIspOptions extends RouterLogin {
  /** Epoch ms; fixed, so that counters outlive a restart of the simulator. */
  readonly bootedAt: number;
  /** TCP ports of the two; any free ones unless told. */
  readonly ports?: readonly [first: number, second: number];
}

export function iosxeIspRouters(options: IosxeIspOptions): readonly [SimulatedIosxe, SimulatedIosxe] {
  const { ports, ...shared } = options;
  const place = (n: 0 | 1) => (ports === undefined ? {} : { port: ports[n] });
  return [
    { ...shared, name: 'asr-core-1', ports: portsOf(VLAN_PEAK), ...place(0) },
    { ...shared, name: 'asr-core-2', ports: portsOf(VLAN_PEAK * 0.8), release: ['old-release'], ...place(1) },
  ];
}

function portsOf(vlanPeak: number): SimulatedIosxePort[] {
  const total = vlanPeak * NTTN_VLANS.length;
  const idle = { peakIn: 0, peakOut: 0 };
  return [
    { index: 1, name: LINK, kind: 'ethernet', description: 'NTTN 1 Gb/s', ...line(GIGABIT), ...towards(total) },
    ...NTTN_VLANS.map(
      (vlan, i): SimulatedIosxePort => ({
        ...{ index: VLAN_INDEX + i, name: `${LINK}.${vlan}`, kind: 'vlan', description: `NTTN VLAN ${vlan}` },
        ...line(GIGABIT),
        ...towards(vlanPeak),
      }),
    ),
    {
      ...{ index: 2, name: 'TenGigabitEthernet0/1/0', kind: 'ethernet', description: 'access' },
      ...line(10 * GIGABIT),
      ...away(total),
    },
    { index: 10, name: 'Loopback0', kind: 'loopback', ...line(8 * GIGABIT), ...idle },
    { index: 0, name: 'Control Plane', kind: 'control', ...line(0), ...idle },
  ];
}

function line(speedBitsPerSecond: number): Pick<SimulatedIosxePort, 'speedBitsPerSecond'> {
  return { speedBitsPerSecond };
}
