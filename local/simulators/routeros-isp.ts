/** The demo's provider: a core router with the NTTN link that it buys, and one with the resellers that it sells to. Pure. */
import type { SimulatedCustomer } from './routeros-limits.ts';
import type { SimulatedPort } from './routeros-ports.ts';
import type { SimulatedRouter } from './routeros-router.ts';
import { away, SENT_SHARE, towards } from './traffic.ts';

/** VLANs of the link, 200 Mb/s each. In the evening they carry 980 Mb/s together: more than 950, less than the port. */
export const NTTN_VLANS = [10, 20, 30, 40, 50] as const;
const NTTN_PEAK = 196e6;
const VLAN_INDEX = 0x20;
const SESSION_INDEX = 0xf00100;
const RESELLER_PEAKS = [5e6, 12e6, 20e6, 34e6, 48e6];
/** What the resellers have bought, Mb/s: a little more than they use. */
const RESELLER_PLANS = [10, 15, 25, 40, 50];
/** Customers with a queue of their own on each of the two routers, and sessions on the second one that bring theirs. */
const HELD_CUSTOMERS = 20;
const SESSIONS = 3;

export interface IspOptions {
  readonly user: string;
  readonly password: string;
  /** Epoch ms; fixed, so that counters outlive a restart of the simulator. */
  readonly bootedAt: number;
  /** 40 unless told. */
  readonly resellers?: number;
  /** TCP ports of the two; any free ones unless told. */
  readonly ports?: readonly [core: number, access: number];
}

/** `core` faces the NTTN, `access` the resellers: half of them by VLAN, half by PPPoE. */
export function ispRouters(options: IspOptions): readonly [core: SimulatedRouter, access: SimulatedRouter] {
  const { user, password, bootedAt, resellers = 40, ports } = options;
  const shared = { user, password, bootedAt };
  return [
    {
      ...shared,
      name: 'core',
      ports: corePorts(),
      customers: customersFrom(1),
      ...(ports === undefined ? {} : { port: ports[0] }),
    },
    {
      ...shared,
      name: 'access',
      ports: accessPorts(resellers),
      customers: accessCustomers(),
      ...(ports === undefined ? {} : { port: ports[1] }),
    },
  ];
}

function corePorts(): SimulatedPort[] {
  const total = NTTN_PEAK * NTTN_VLANS.length;
  return [
    { index: 1, name: 'ether1', type: 'ether', comment: 'NTTN 1 Gb/s', rate: '1Gbps', ...towards(total) },
    { index: 2, name: 'sfp-sfpplus1', type: 'ether', comment: 'access', rate: '10Gbps', ...away(total) },
    ...NTTN_VLANS.map(
      (vlanId, i): SimulatedPort => ({
        ...{ index: VLAN_INDEX + i, name: `vlan${vlanId}`, type: 'vlan', vlanId, parent: 'ether1' },
        ...{ comment: `NTTN VLAN ${vlanId}`, ...towards(NTTN_PEAK) },
      }),
    ),
  ];
}

function accessPorts(resellers: number): SimulatedPort[] {
  const sold = Array.from({ length: resellers }, (_, i) => resellerPort(i + 1));
  const total = sold.reduce((sum, { peakOut }) => sum + peakOut, 0);
  return [
    { index: 1, name: 'sfp-sfpplus1', type: 'ether', comment: 'core', rate: '10Gbps', ...towards(total) },
    { index: 2, name: 'ether1', type: 'ether', comment: 'resellers', rate: '1Gbps', ...away(total) },
    ...sold,
  ];
}

function resellerPort(number: number): SimulatedPort {
  const id = `r${1000 + number}`;
  const peak = away(RESELLER_PEAKS[number % RESELLER_PEAKS.length] ?? 0);
  if (number % 2 === 0) return { index: SESSION_INDEX + number, name: `<pppoe-${id}>`, type: 'pppoe-in', ...peak };
  const vlanId = 1000 + number;
  const port = { index: VLAN_INDEX + number, name: `vlan${vlanId}`, type: 'vlan', vlanId, parent: 'ether1' } as const;
  return { ...port, comment: `reseller ${id}`, ...peak };
}

function customersFrom(first: number): SimulatedCustomer[] {
  return Array.from({ length: HELD_CUSTOMERS }, (_, i) => customer(first + i));
}

function accessCustomers(): SimulatedCustomer[] {
  const first = 2 * HELD_CUSTOMERS + 1;
  const sessions = Array.from({ length: SESSIONS }, (_, i) => {
    const { comment: _comment, ...one } = customer(first + i);
    return { ...one, queue: `<pppoe-r${1000 + first + i}>`, dynamic: true };
  });
  return [...customersFrom(HELD_CUSTOMERS + 1), ...sessions];
}

function customer(number: number): SimulatedCustomer {
  const id = `r${1000 + number}`;
  const peak = RESELLER_PEAKS[number % RESELLER_PEAKS.length] ?? 0;
  const plan = RESELLER_PLANS[number % RESELLER_PLANS.length] ?? 0;
  return {
    ...{ address: `198.51.100.${number}`, queue: `reseller_${id}`, comment: `reseller ${id}` },
    ...{ maxLimit: `${plan}M/${plan}M`, peakSent: peak * SENT_SHARE, peakReceived: peak },
  };
}
