/** The ports of a simulated RouterOS, their rows, and what faults do to them. Pure but for its state. */

import { advanceTraffic, type LiveTraffic, type Peaks, trafficFrom } from './traffic.ts';

export interface SimulatedPort extends Peaks {
  /** Number behind the star of its `.id`. */
  readonly index: number;
  readonly name: string;
  readonly type: 'ether' | 'vlan' | 'bridge' | 'pppoe-in';
  readonly comment?: string;
  /** What an Ethernet port agreed with its neighbour, such as `1Gbps`. */
  readonly rate?: string;
  readonly vlanId?: number;
  /** Name of the port that carries it. */
  readonly parent?: string;
}

export type LieShape = 'falls' | 'jumps' | 'text' | 'negative' | 'huge';

export interface LivePort extends LiveTraffic {
  readonly port: SimulatedPort;
  index: number;
  lie?: LieShape;
  /** Fields that its row lacks. */
  readonly missing: Set<string>;
}

export function livePort(port: SimulatedPort, bootedAt: number): LivePort {
  return { ...trafficFrom(bootedAt), port, index: port.index, missing: new Set() };
}

/** Counts what passed since it was last looked at. */
export function advancePort(live: LivePort, now: number): void {
  advanceTraffic(live, live.port, now);
}

/** A row of `/rest/interface`, every value a string, what is unset absent. */
export function rowOf(live: LivePort): Record<string, unknown> {
  const { port, index } = live;
  const isRunning = !live.isDown && !live.isDisabled;
  const row: Record<string, unknown> = {
    '.id': idOf(index),
    name: port.name,
    ...(port.type === 'ether' ? { 'default-name': port.name } : {}),
    type: port.type,
    mtu: port.type === 'pppoe-in' ? '1480' : '1500',
    ...(port.comment === undefined ? {} : { comment: port.comment }),
    running: String(isRunning),
    disabled: String(live.isDisabled),
    ...(port.type === 'pppoe-in' ? { dynamic: 'true' } : {}),
    'rx-byte': counterText(live.received, live.lie),
    'tx-byte': counterText(live.sent, live.lie),
    'fp-rx-byte': '0',
    'fp-tx-byte': '0',
    'link-downs': live.isDown ? '1' : '0',
  };
  for (const field of live.missing) delete row[field];
  return row;
}

export function idOf(index: number): string {
  return `*${index.toString(16).toUpperCase()}`;
}

function counterText(octets: number, lie: LieShape | undefined): string {
  const honest = BigInt(Math.floor(octets));
  switch (lie) {
    case undefined:
      return honest.toString();
    case 'falls':
      return (honest / 2n).toString();
    case 'jumps':
      return (honest + 10n ** 18n).toString();
    case 'text':
      return '12.3 MiB';
    case 'negative':
      return `-${honest}`;
    case 'huge':
      return (honest + 2n ** 64n).toString();
  }
}
