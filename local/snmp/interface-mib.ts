/** What an agent says of a machine: the system group, ifTable and ifXTable (RFC 3418, RFC 2863) as sorted variables. Pure. */
import { TAG } from './ber.ts';
import { compareOids, integerVariable, oidVariable, textVariable, type Variable } from './pdu.ts';

export interface PortCounters {
  readonly octets: bigint;
  readonly packets: bigint;
  readonly errors: bigint;
  readonly drops: bigint;
}

/** A row of both tables. */
export interface Port {
  readonly name: string;
  readonly index: number;
  readonly alias: string;
  /** IANAifType. */
  readonly type: number;
  readonly mtu: number;
  readonly speedMbps: number;
  readonly macAddress: Buffer;
  readonly isEnabled: boolean;
  /** ifOperStatus, 1-7. */
  readonly operStatus: number;
  readonly received: PortCounters;
  readonly sent: PortCounters;
  /** ifCounterDiscontinuityTime, hundredths of a second of uptime; 0 unless told. */
  readonly discontinuityTicks?: number;
}

export interface Machine {
  readonly description: string;
  readonly name: string;
  readonly uptimeMs: number;
  readonly interfaces: readonly Port[];
}

const SYSTEM = [1, 3, 6, 1, 2, 1, 1];
export const SYS_UP_TIME = [...SYSTEM, 3, 0];
const IF_NUMBER = [1, 3, 6, 1, 2, 1, 2, 1, 0];
const IF_TABLE = [1, 3, 6, 1, 2, 1, 2, 2, 1];
export const IF_X_TABLE = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1];
export const SNMP_ENGINE_TIME = [1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0];
const TWO_TO_32 = 2n ** 32n;
const TWO_TO_64 = 2n ** 64n;
/** ifSpeed at its end: "more than fits here, see ifHighSpeed". */
const IF_SPEED_FULL = 2 ** 32 - 1;
/** sysServices of a host: end-to-end and applications. */
const SERVICES = 72;

export function variablesOf(machine: Machine): Variable[] {
  const { description, name, uptimeMs, interfaces } = machine;
  const variables = [
    textVariable([...SYSTEM, 1, 0], description),
    oidVariable([...SYSTEM, 2, 0], [0, 0]),
    integerVariable(SYS_UP_TIME, TAG.timeTicks, BigInt(Math.floor(uptimeMs / 10)) % TWO_TO_32),
    textVariable([...SYSTEM, 4, 0], ''),
    textVariable([...SYSTEM, 5, 0], name),
    textVariable([...SYSTEM, 6, 0], ''),
    integerVariable([...SYSTEM, 7, 0], TAG.integer, SERVICES),
    integerVariable(IF_NUMBER, TAG.integer, interfaces.length),
    ...interfaces.flatMap(ifTableRow),
    ...interfaces.flatMap(ifXTableRow),
    integerVariable(SNMP_ENGINE_TIME, TAG.integer, Math.floor(uptimeMs / 1000)),
  ];
  return variables.sort((a, b) => compareOids(a.oid, b.oid));
}

function ifTableRow(port: Port): Variable[] {
  const at = (column: number) => [...IF_TABLE, column, port.index];
  const counter = (column: number, value: bigint) => integerVariable(at(column), TAG.counter32, value % TWO_TO_32);
  const bitsPerSecond = Math.min(port.speedMbps * 1_000_000, IF_SPEED_FULL);
  return [
    integerVariable(at(1), TAG.integer, port.index),
    textVariable(at(2), port.name),
    integerVariable(at(3), TAG.integer, port.type),
    integerVariable(at(4), TAG.integer, port.mtu),
    integerVariable(at(5), TAG.gauge32, bitsPerSecond),
    textVariable(at(6), port.macAddress),
    integerVariable(at(7), TAG.integer, port.isEnabled ? 1 : 2),
    integerVariable(at(8), TAG.integer, port.operStatus),
    integerVariable(at(9), TAG.timeTicks, 0),
    counter(10, port.received.octets),
    counter(11, port.received.packets),
    counter(13, port.received.drops),
    counter(14, port.received.errors),
    counter(16, port.sent.octets),
    counter(17, port.sent.packets),
    counter(19, port.sent.drops),
    counter(20, port.sent.errors),
  ];
}

function ifXTableRow(port: Port): Variable[] {
  const at = (column: number) => [...IF_X_TABLE, column, port.index];
  const counter = (column: number, value: bigint) => integerVariable(at(column), TAG.counter64, value % TWO_TO_64);
  return [
    textVariable(at(1), port.name),
    counter(6, port.received.octets),
    counter(7, port.received.packets),
    counter(10, port.sent.octets),
    counter(11, port.sent.packets),
    integerVariable(at(15), TAG.gauge32, port.speedMbps),
    textVariable(at(18), port.alias),
    integerVariable(at(19), TAG.timeTicks, port.discontinuityTicks ?? 0),
  ];
}
