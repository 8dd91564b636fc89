/** The demo's SNMP routers: an aggregation router that buys transit, and an access switch that tells little of itself. Pure. */
import type { SimulatedSnmp, SimulatedSnmpPort } from './snmp-router.ts';
import { away, towards } from './traffic.ts';

const GIGABIT_MBPS = 1_000;
const TRANSIT_PEAK = 6.4e9;
/** What the buildings behind the switch take in the evening, bits per second. */
const BUILDING_PEAKS = [42e6, 95e6, 130e6, 180e6, 240e6, 310e6] as const;
/** IANAifType. */
const [OTHER, LOOPBACK, VLAN] = [1, 24, 135];
/** Customers of the transit, each on a sub-interface of the access port, by VLAN. */
const CUSTOMER_PEAKS: Readonly<Record<number, number>> = { 101: 2.1e9, 102: 1.6e9, 103: 0.9e9 };

export interface SnmpIspOptions {
  /** Community of the switch; the router's user has it for both of its keys. */
  readonly password: string;
  /** Epoch ms; fixed, so that counters outlive a restart of the simulator. */
  readonly bootedAt: number;
}

/** The router speaks v3, the switch v2c. */
export function snmpIspRouters({ password, bootedAt }: SnmpIspOptions): readonly SimulatedSnmp[] {
  return [
    {
      ...{ bootedAt, name: 'huawei-agg-1', ports: routerPorts() },
      login: { user: 'headroom', authProtocol: 'sha256', authKey: password, privKey: password },
      description: 'Huawei Versatile Routing Platform Software, VRP (R) software, NetEngine, simulated',
    },
    {
      ...{ bootedAt, name: 'bdcom-sw-1', ports: switchPorts() },
      login: { community: password },
      description: 'BDCOM(tm) S5600 Software, simulated',
      // As many access switches: it tells neither of resets nor of its engine.
      manners: ['no-discontinuity', 'no-engine-time'],
    },
  ];
}

function routerPorts(): SimulatedSnmpPort[] {
  const access = 'GigabitEthernet0/3/1';
  const total = Object.values(CUSTOMER_PEAKS).reduce((sum, peak) => sum + peak, 0);
  return [
    {
      ...{ index: 5, name: 'GigabitEthernet0/3/0', alias: 'Transit 10 Gb/s', speedMbps: 10 * GIGABIT_MBPS },
      ...towards(TRANSIT_PEAK),
    },
    { index: 6, name: access, alias: 'Customers', speedMbps: 10 * GIGABIT_MBPS, ...away(total) },
    ...Object.entries(CUSTOMER_PEAKS).map(([vlan, peak], i): SimulatedSnmpPort => {
      const named = { index: 20 + i, name: `${access}.${vlan}`, alias: `Customer VLAN ${vlan}`, type: VLAN };
      return { ...named, speedMbps: 10 * GIGABIT_MBPS, ...away(peak) };
    }),
    { index: 2, name: 'LoopBack0', type: LOOPBACK, speedMbps: 0, peakIn: 0, peakOut: 0 },
    { index: 1, name: 'NULL0', type: OTHER, speedMbps: 0, peakIn: 0, peakOut: 0 },
  ];
}

function switchPorts(): SimulatedSnmpPort[] {
  const total = BUILDING_PEAKS.reduce((sum, peak) => sum + peak, 0);
  return [
    ...BUILDING_PEAKS.map(
      (peak, i): SimulatedSnmpPort => ({
        ...{ index: i + 1, name: `g0/${i + 1}`, alias: `Building ${i + 1}`, speedMbps: GIGABIT_MBPS },
        ...away(peak),
      }),
    ),
    { index: 25, name: 'tg0/1', alias: 'Uplink', speedMbps: 10 * GIGABIT_MBPS, ...towards(total) },
  ];
}
