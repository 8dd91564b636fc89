/** Fifty simulated RouterOS with twenty customers each in a process of their own; told to start by its parent. */
import type { RouterLogin } from '../local/simulators/router-server.ts';
import { startRouterosSimulator } from '../local/simulators/routeros.ts';
import { away, shareBetween, towards } from '../local/simulators/traffic.ts';
import { answerEach } from './child.ts';

export interface RoutersOrder extends RouterLogin {
  readonly routers: number;
  readonly customers: number;
}

export type ToIsp =
  | RoutersOrder
  /** Epoch ms. */
  | { readonly from: number; readonly to: number };

export type FromIsp =
  | { readonly ports: readonly number[] }
  /** What each customer received between two instants by the traffic's own curve, bits per second. */
  | { readonly meanBitsPerSecond: number };

/** In the busiest minute of the day; a customer has bought as much. */
const PEAK = 8e6;
const FIRST_INDEX = 0x20;

async function start({ routers, customers, user, password }: RoutersOrder): Promise<readonly number[]> {
  const bootedAt = Date.now() - 3_600_000;
  const ports = Array.from({ length: customers }, (_, i) => {
    const vlan = { type: 'vlan', vlanId: 100 + i, parent: 'ether1' } as const;
    return { index: FIRST_INDEX + i, name: `customer-${i}`, ...vlan, ...away(PEAK) };
  });
  const uplink = { index: 1, name: 'ether1', type: 'ether', rate: '1Gbps', ...towards(PEAK * customers) } as const;
  const simulator = await startRouterosSimulator({
    routers: Array.from({ length: routers }, (_, i) => ({
      ...{ name: `router${i}`, user, password, bootedAt },
      ports: [uplink, ...ports],
    })),
    now: () => Date.now(),
  });
  return simulator.routers.map(({ port }) => port);
}

answerEach<ToIsp, FromIsp>(async (message) =>
  'from' in message
    ? { meanBitsPerSecond: PEAK * shareBetween(message.from, message.to) }
    : { ports: await start(message) },
);
