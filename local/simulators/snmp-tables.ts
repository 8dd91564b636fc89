/** The tables that a simulated SNMP router shows: IF-MIB of its ports, less what its agent has not got. Pure. */
import { IF_X_TABLE, SNMP_ENGINE_TIME, SYS_UP_TIME, variablesOf } from '../snmp/interface-mib.ts';
import { compareOids, type Variable } from '../snmp/pdu.ts';
import type { Manner } from './snmp-faults.ts';
import { indexesOf, type LiveSnmp, octetsOf } from './snmp-router.ts';

const ETHERNET = 6;
const TICK_MS = 10;
/** Octets of an average packet: the packets of both tables follow their octets. */
const PACKET_OCTETS = 800n;

const WIDE_COUNTERS = [6, 7, 10, 11];
const NAMES_AND_SPEED = [1, 15, 18];
const DISCONTINUITY = [19];

/** What an agent of these manners leaves away. */
const MISSING: Readonly<Record<Manner, readonly (readonly number[])[]>> = {
  narrow: WIDE_COUNTERS.map((column) => [...IF_X_TABLE, column]),
  'no-discontinuity': DISCONTINUITY.map((column) => [...IF_X_TABLE, column]),
  'no-names': [...NAMES_AND_SPEED, ...DISCONTINUITY].map((column) => [...IF_X_TABLE, column]),
  'no-uptime': [SYS_UP_TIME],
  'no-engine-time': [SNMP_ENGINE_TIME],
  'duplicate-names': [],
};

export function tablesOf(one: LiveSnmp, now: number): Variable[] {
  const { router, bootedAt, manners } = one;
  const missing = [...manners].flatMap((manner) => MISSING[manner]);
  const variables = variablesOf({
    description: router.description,
    name: router.name,
    uptimeMs: Math.max(now - bootedAt, 0),
    interfaces: portsOf(one),
  });
  return variables.filter(({ oid }) => !missing.some((prefix) => startsWith(oid, prefix)));
}

function portsOf(one: LiveSnmp) {
  const indexes = indexesOf(one);
  const [first] = one.ports;
  return one.ports.map((live, i) => {
    const { port, isDown, clearedAt, lieMbps } = live;
    const counted = octetsOf(live);
    const counters = (octets: bigint) => ({ octets, packets: octets / PACKET_OCTETS, errors: 0n, drops: 0n });
    return {
      name: one.manners.has('duplicate-names') ? (first?.port.name ?? port.name) : port.name,
      index: indexes[i] ?? port.index,
      alias: port.alias ?? '',
      type: port.type ?? ETHERNET,
      mtu: 1500,
      speedMbps: lieMbps ?? port.speedMbps,
      macAddress: Buffer.from('00005e005301', 'hex'),
      isEnabled: true,
      operStatus: isDown ? 2 : 1,
      received: counters(counted.received),
      sent: counters(counted.sent),
      discontinuityTicks: clearedAt === undefined ? 0 : Math.floor(Math.max(clearedAt - one.bootedAt, 0) / TICK_MS),
    };
  });
}

function startsWith(oid: readonly number[], prefix: readonly number[]): boolean {
  return compareOids(oid.slice(0, prefix.length), prefix) === 0;
}
