/** Routers of every make in a process of their own, so that nobody who asks them pays for them; told what to do by its parent. */
import { startIosxeSimulator } from '../local/simulators/iosxe.ts';
import { startJunosSimulator } from '../local/simulators/junos.ts';
import type { RouterLogin } from '../local/simulators/router-server.ts';
import { startRouterosSimulator } from '../local/simulators/routeros.ts';
import { advanceTraffic, trafficFrom } from '../local/simulators/traffic.ts';
import { startTableAgent, tableOf } from '../test/shared/interfaces/table-agent.ts';
import { answerEach } from './child.ts';
import { randomOf } from './series.ts';

export type RouterType = 'snmp' | 'routeros' | 'iosxe' | 'junos';

export type ToRouters =
  | RoutersOrder
  /** The routers' clock stands there from now on, and so many of 100 SNMP requests are lost. */
  | { readonly at: number; readonly lossPercent: number }
  | { readonly counters: RouterType };

export type FromRouters =
  | { readonly places: Readonly<Record<RouterType, { readonly port: number; readonly hostKeySha256?: string }>> }
  | { readonly at: number }
  /** What each interface received, octets, by name. */
  | { readonly counters: Readonly<Record<string, string>> };

/** First message to the child. */
interface RoutersOrder extends RouterLogin {
  /** Of each router. */
  readonly interfaces: number;
  /** Epoch ms. */
  readonly bootedAt: number;
}

type Counters = () => Readonly<Record<string, string>>;

const PEAKS = { peakIn: 80e6, peakOut: 20e6 };
const GIGABIT = 1_000_000_000;
let at = 0;
let lossPercent = 0;
const random = randomOf(1);
const now = () => at;
const counters = new Map<RouterType, Counters>();
let refreshAgent = (): void => undefined;

async function startAgent({ interfaces, bootedAt }: RoutersOrder): Promise<number> {
  const rows = Array.from({ length: interfaces }, (_, i) => ({
    ...{ index: i + 1, name: `vlan${i + 1}`, descr: `vlan${i + 1}`, alias: `customer ${i + 1}`, type: 135 },
    ...{ status: 1, speedMbps: 1000, traffic: trafficFrom(bootedAt) },
  }));
  let variables = tableOf(0, []);
  refreshAgent = () => {
    for (const { traffic } of rows) advanceTraffic(traffic, PEAKS, at);
    const counted = rows.map((row) => ({ ...row, wide: octetsOf(row.traffic) }));
    variables = tableOf(Math.floor((at - bootedAt) / 10), counted);
  };
  counters.set('snmp', () => Object.fromEntries(rows.map((row) => [row.name, String(octetsOf(row.traffic)[0])])));
  const isSilent = () => random() * 100 < lossPercent;
  return (await startTableAgent(() => variables, { isSilent })).port;
}

function octetsOf({ received, sent }: { received: number; sent: number }): readonly [bigint, bigint] {
  return [BigInt(Math.floor(received)), BigInt(Math.floor(sent))];
}

async function startRouteros({ interfaces, ...shared }: RoutersOrder): Promise<number> {
  const ports = Array.from({ length: interfaces }, (_, i) => {
    const vlan = { type: 'vlan', vlanId: 2 + i, parent: 'ether1' } as const;
    return { index: i + 1, name: `customer-${i + 1}`, ...PEAKS, ...(i === 0 ? { type: 'ether' as const } : vlan) };
  });
  const simulator = await startRouterosSimulator({ routers: [{ ...shared, name: 'routeros', ports }], now });
  counters.set('routeros', () => rowsOf(simulator.state(), (row) => row['rx-byte']));
  return simulator.routers[0]?.port ?? 0;
}

async function startIosxe({ interfaces, ...shared }: RoutersOrder): Promise<number> {
  const line = { kind: 'vlan', speedBitsPerSecond: GIGABIT, ...PEAKS } as const;
  const ports = Array.from({ length: interfaces }, (_, i) => ({ index: i + 1, name: `Vlan${i + 1}`, ...line }));
  const simulator = await startIosxeSimulator({ routers: [{ ...shared, name: 'iosxe', ports }], now });
  counters.set('iosxe', () =>
    rowsOf(simulator.state(), ({ statistics }) => (statistics as Record<string, unknown>)['in-octets']),
  );
  return simulator.routers[0]?.port ?? 0;
}

/** Half of the interfaces are ports, the other half their only units. */
async function startJunos({ interfaces, ...shared }: RoutersOrder): Promise<{ port: number; hostKeySha256: string }> {
  const ports = Array.from({ length: Math.ceil(interfaces / 2) }, (_, i) => ({
    ...{ name: `ge-0/0/${i}`, snmpIndex: 500 + 2 * i, speed: '1000mbps' },
    units: [{ unit: 0, snmpIndex: 501 + 2 * i, ...PEAKS }],
  }));
  const simulator = await startJunosSimulator({ routers: [{ ...shared, name: 'junos', ports }], now });
  counters.set('junos', () => rowsOf(simulator.state(), ({ received }) => received));
  const [place] = simulator.routers;
  return { port: place?.port ?? 0, hostKeySha256: place?.hostKeySha256 ?? '' };
}

type State = { readonly routers: readonly { readonly interfaces: readonly Record<string, unknown>[] }[] };

function rowsOf(state: unknown, received: (row: Record<string, unknown>) => unknown): Record<string, string> {
  const rows = (state as State).routers[0]?.interfaces ?? [];
  return Object.fromEntries(rows.map((row) => [String(row.name), String(received(row))]));
}

async function answerTo(message: ToRouters): Promise<FromRouters> {
  if ('interfaces' in message) {
    at = message.bootedAt;
    const [snmp, routeros, iosxe, junos] = await Promise.all([
      startAgent(message),
      startRouteros(message),
      startIosxe(message),
      startJunos(message),
    ]);
    return { places: { snmp: { port: snmp }, routeros: { port: routeros }, iosxe: { port: iosxe }, junos } };
  }
  if ('counters' in message) return { counters: counters.get(message.counters)?.() ?? {} };
  ({ at, lossPercent } = message);
  refreshAgent();
  return { at };
}

answerEach(answerTo);
