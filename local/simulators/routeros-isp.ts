/** The demo's provider: a core router with the NTTN link that it buys, and one with the resellers that it sells to. Pure. */
import { RESELLERS, resellerNumbered } from './isp-resellers.ts';
import type { SimulatedCustomer } from './routeros-limits.ts';
import type { SimulatedPort } from './routeros-ports.ts';
import type { SimulatedRouter } from './routeros-router.ts';
import { away, SENT_SHARE, towards } from './traffic.ts';

/** VLANs of the link, 200 Mb/s each. In the evening they carry 980 Mb/s together: more than 950, less than the port. */
export const NTTN_VLANS = [10, 20, 30, 40, 50] as const;
const NTTN_PEAK = 196e6;
const VLAN_INDEX = 0x20;
const SESSION_INDEX = 0xf00100;
/** Customers on the first of the two routers; on the second, the last four sit behind sessions that bring queues of their own. */
export const CUSTOMERS = 20;
const LASTING = 19;
const SESSIONS = 4;

export interface IspOptions {
  readonly user: string;
  readonly password: string;
  /** Epoch ms; fixed, so that counters outlive a restart of the simulator. */
  readonly bootedAt: number;
  /** 40 unless told. */
  readonly resellers?: number;
  /** Whether each customer has its queue already; otherwise only sessions have, and somebody is to make the others. */
  readonly held?: boolean;
  /** TCP ports of the two; any free ones unless told. */
  readonly ports?: readonly [core: number, access: number];
}

/** `core` faces the NTTN, `access` the resellers: half of them by VLAN, half by PPPoE. */
export function ispRouters(options: IspOptions): readonly [core: SimulatedRouter, access: SimulatedRouter] {
  const { user, password, bootedAt, resellers = RESELLERS, held = true, ports } = options;
  const shared = { user, password, bootedAt };
  return [
    {
      ...shared,
      name: 'core',
      ports: corePorts(),
      customers: customersFrom(1, CUSTOMERS, held),
      ...(ports === undefined ? {} : { port: ports[0] }),
    },
    {
      ...shared,
      name: 'access',
      ports: accessPorts(resellers),
      customers: accessCustomers(held),
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
  const peak = away(peakOf(number));
  if (number % 2 === 0) return { index: SESSION_INDEX + number, name: `<pppoe-${id}>`, type: 'pppoe-in', ...peak };
  const vlanId = 1000 + number;
  const port = { index: VLAN_INDEX + number, name: `vlan${vlanId}`, type: 'vlan', vlanId, parent: 'ether1' } as const;
  return { ...port, comment: `reseller ${id}`, ...peak };
}

function customersFrom(first: number, count: number, held: boolean): SimulatedCustomer[] {
  return Array.from({ length: count }, (_, i) => customer(first + i, held));
}

function accessCustomers(held: boolean): SimulatedCustomer[] {
  const first = CUSTOMERS + LASTING + 1;
  const sessions = Array.from({ length: SESSIONS }, (_, i) => {
    const { comment: _comment, ...one } = customer(first + i, true);
    return { ...one, queue: `<pppoe-r${1000 + first + i}>`, dynamic: true };
  });
  return [...customersFrom(CUSTOMERS + 1, LASTING, held), ...sessions];
}

function customer(number: number, held: boolean): SimulatedCustomer {
  const id = `r${1000 + number}`;
  const { downMbps, upMbps } = resellerNumbered(number);
  const peak = peakOf(number);
  return {
    ...{ address: `198.51.100.${number}`, maxLimit: `${upMbps}M/${downMbps}M` },
    ...{ peakSent: peak * SENT_SHARE, peakReceived: peak },
    ...(held ? { queue: `reseller_${id}`, comment: `reseller ${id}` } : {}),
  };
}

/** What the reseller receives in the busiest minute, bits per second. */
function peakOf(number: number): number {
  const { downMbps, share } = resellerNumbered(number);
  return downMbps * share * 1e6;
}
