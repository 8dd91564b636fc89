/** An agent with made-up interface tables, and a job to read it: what the tests of the driver share. */
import { TAG } from '../../../local/snmp/ber.ts';
import { compareOids, integerVariable, textVariable, type Variable } from '../../../local/snmp/pdu.ts';
import { type Responder, type ResponderOptions, startResponder } from '../../../local/snmp/responder.ts';
import type { CollectJob } from '../../../shared/collect/collector.port.ts';
import { systemClock } from '../../../shared/platform/clock.ts';

export interface Row {
  readonly index: number;
  readonly name?: string | Buffer;
  readonly descr?: string;
  readonly alias?: string;
  readonly type?: number;
  readonly status?: number;
  /** 64-bit columns. */
  readonly wide?: readonly [received: bigint, sent: bigint];
  /** 32-bit columns. */
  readonly narrow?: readonly [received: number, sent: number];
  readonly speedMbps?: number;
  readonly speed?: number;
  readonly discontinuity?: number;
}

const IF_TABLE = [1, 3, 6, 1, 2, 1, 2, 2, 1];
const IF_X_TABLE = [1, 3, 6, 1, 2, 1, 31, 1, 1, 1];
export const SYS_UP_TIME = [1, 3, 6, 1, 2, 1, 1, 3, 0];
export const SNMP_ENGINE_TIME = [1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0];

/** Only what a row gives is served. */
export function tableOf(uptimeTicks: number | undefined, rows: readonly Row[], engineSeconds?: number): Variable[] {
  const variables = rows.flatMap(rowVariables);
  if (uptimeTicks !== undefined) variables.push(integerVariable(SYS_UP_TIME, TAG.timeTicks, uptimeTicks));
  if (engineSeconds !== undefined) variables.push(integerVariable(SNMP_ENGINE_TIME, TAG.integer, engineSeconds));
  return variables.sort((a, b) => compareOids(a.oid, b.oid));
}

function rowVariables(row: Row): Variable[] {
  const oldAt = (column: number) => [...IF_TABLE, column, row.index];
  const newAt = (column: number) => [...IF_X_TABLE, column, row.index];
  const list: (Variable | undefined)[] = [
    row.descr === undefined ? undefined : textVariable(oldAt(2), row.descr),
    row.type === undefined ? undefined : integerVariable(oldAt(3), TAG.integer, row.type),
    row.speed === undefined ? undefined : integerVariable(oldAt(5), TAG.gauge32, row.speed),
    row.status === undefined ? undefined : integerVariable(oldAt(8), TAG.integer, row.status),
    row.narrow === undefined ? undefined : integerVariable(oldAt(10), TAG.counter32, row.narrow[0]),
    row.narrow === undefined ? undefined : integerVariable(oldAt(16), TAG.counter32, row.narrow[1]),
    row.name === undefined ? undefined : textVariable(newAt(1), row.name),
    row.wide === undefined ? undefined : integerVariable(newAt(6), TAG.counter64, row.wide[0]),
    row.wide === undefined ? undefined : integerVariable(newAt(10), TAG.counter64, row.wide[1]),
    row.speedMbps === undefined ? undefined : integerVariable(newAt(15), TAG.gauge32, row.speedMbps),
    row.alias === undefined ? undefined : textVariable(newAt(18), row.alias),
    row.discontinuity === undefined ? undefined : integerVariable(newAt(19), TAG.timeTicks, row.discontinuity),
  ];
  return list.filter((variable) => variable !== undefined);
}

export function startTableAgent(
  variables: () => readonly Variable[],
  options: Partial<ResponderOptions> = {},
): Promise<Responder> {
  return startResponder({ port: 0, community: 'lab', variables, ...options });
}

/** A job for an agent on loopback, which the tenant of this job may reach. */
export function jobFor(
  port: number,
  overrides: {
    settings?: Readonly<Record<string, unknown>>;
    secret?: Readonly<Record<string, string>>;
    allowedNetworks?: readonly string[];
    timeMs?: number;
  } = {},
): CollectJob {
  const now = systemClock.now();
  return {
    source: {
      tenant: 'demo',
      id: 'core1',
      type: 'snmp',
      kind: 'interface',
      name: 'Core 1',
      enabled: true,
      periodSeconds: 300,
      settings: { host: '127.0.0.1', port, ...overrides.settings },
      simulated: false,
      createdAt: now,
      version: 1,
    },
    secret: overrides.secret ?? { community: 'lab' },
    slot: now,
    deadline: now + (overrides.timeMs ?? 10_000),
    manual: false,
    zone: 'UTC',
    allowedNetworks: overrides.allowedNetworks ?? ['127.0.0.0/8'],
    tokens: { read: async () => undefined, write: async () => undefined, forget: async () => undefined },
  };
}
