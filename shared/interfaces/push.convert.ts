/** One reading of a site made into readings and entities of interfaces; what cannot be told apart is rejected. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import type { EntityDraft } from '../entities/entities.port.ts';
import type { CounterLife, Reading } from '../samples/sample.ts';
import { type Interface, interfaceDraft, interfaceIds, interfaceOf, limitSpeed } from './interface.ts';
import { inOctets, operStatus, outOctets } from './metrics.ts';
import type { PushedInterface, PushedReading } from './push.contract.ts';
import { YOUNG_MS } from './rest-rows.ts';
import type { Converted, Router } from './snmp.convert.ts';

interface Row {
  readonly pushed: PushedInterface;
  /** Its ifIndex is below zero where the site gave none, or the same to several. */
  readonly port: Interface;
}

export function fromPushedReading(reading: PushedReading, site: Router): Converted {
  const rejected: Rejected[] = [];
  const rows = rowsOf(reading.interfaces, site, rejected);
  const ids = interfaceIds(
    site.id,
    rows.map(({ port }) => port),
  );
  const entities: EntityDraft[] = [];
  const readings: Reading[] = [];
  for (const [position, row] of rows.entries()) {
    const { ifIndex } = row.port;
    const id = ids.get(ifIndex) ?? '';
    if (ifIndex < 0 && id.endsWith(`#${ifIndex}`)) {
      rejected.push({ path: `interfaces[${position}]`, message: 'has neither a name nor an index of its own' });
      continue;
    }
    entities.push(draftOf(site, id, row));
    const values = valuesOf(row.pushed);
    if (Object.keys(values).length === 0) continue;
    readings.push({ entity: id, receivedAt: reading.receivedAt, values, lives: livesOf(row, values, reading) });
  }
  return { readings, entities, rejected };
}

function rowsOf(pushed: readonly PushedInterface[], site: Router, rejected: Rejected[]): Row[] {
  const bearers = new Map<number, number>();
  for (const { index } of pushed) if (index !== undefined) bearers.set(index, (bearers.get(index) ?? 0) + 1);
  return pushed.map((one, position) => {
    const isShared = one.index !== undefined && (bearers.get(one.index) ?? 0) > 1;
    if (isShared)
      rejected.push({ path: `interfaces[${position}].index`, message: 'stands twice', rawText: String(one.index) });
    const ifIndex = isShared || one.index === undefined ? -1 - position : one.index;
    return { pushed: one, port: portOf(one, ifIndex, site) };
  });
}

function portOf(
  { name: ifName, alias: ifAlias, speedMbps }: PushedInterface,
  ifIndex: number,
  { configuredSpeed }: Router,
): Interface {
  const speedBitsPerSecond = speedMbps === undefined ? undefined : Math.round(speedMbps * 1_000_000);
  return interfaceOf({ ifIndex, ifName, ifAlias, speedBitsPerSecond }, configuredSpeed);
}

function draftOf(site: Router, id: string, { port }: Row): EntityDraft {
  const draft = interfaceDraft(site, id, port);
  if (port.ifIndex >= 0) return draft;
  const { ifIndex: _standIn, ...attributes } = draft.attributes;
  return { ...draft, attributes };
}

/** What the site did not give is not there. */
function valuesOf({
  inOctets: received,
  outOctets: sent,
  operStatus: status,
}: PushedInterface): Record<string, bigint> {
  return {
    ...(received === undefined ? {} : { [inOctets.id]: BigInt(received) }),
    ...(sent === undefined ? {} : { [outOctets.id]: BigInt(sent) }),
    ...(status === undefined ? {} : { [operStatus.id]: BigInt(status) }),
  };
}

const COLUMNS: readonly (readonly [metric: string, column: string])[] = [
  [inOctets.id, 'push:inOctets'],
  [outOctets.id, 'push:outOctets'],
];

function livesOf(
  { port }: Row,
  values: Readonly<Record<string, bigint>>,
  { receivedAt, uptimeMs, isCoarse }: PushedReading,
): Record<string, CounterLife> {
  const speed = limitSpeed(port);
  const isClock = uptimeMs !== undefined && (isCoarse !== true || uptimeMs < YOUNG_MS);
  const shared: Omit<CounterLife, 'column'> = {
    // Without an uptime only the other parts tell lives apart; 0 is the same for ever.
    bootAt: uptimeMs === undefined ? 0 : receivedAt - uptimeMs,
    ...(isClock ? { uptimeMs } : {}),
    ...(port.ifIndex < 0 ? {} : { ifIndex: port.ifIndex }),
    ...(speed === undefined ? {} : { speedBitsPerSecond: speed }),
    bits: 64,
  };
  const counters = COLUMNS.filter(([metric]) => values[metric] !== undefined);
  return Object.fromEntries(counters.map(([metric, column]) => [metric, { ...shared, column }]));
}
