/** Reads one router over SNMP: checks its address, walks the interface tables, converts. */
import type { CollectJob, Collector, Operation } from '../collect/collector.port.ts';
import { keptRejected } from '../collect/rejected.ts';
import type { Resolve, ResolvedAddress } from '../platform/address.dns.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { type PageRead, routerCollector } from './router-collector.ts';
import { configurationOf, resolveRouter } from './router-reach.http.ts';
import { type AgentSession, type Credentials, openAgent } from './session.snmp.ts';
import { type SnmpSettings, secretSchema, snmpSettings } from './settings.ts';
import { columnsToAskNext, fromWireWalk } from './snmp.convert.ts';
import { FIRST_COLUMNS, type Walk } from './snmp.wire.ts';
import { configuredSpeed } from './speeds.ts';
import { walkColumns } from './walk.ts';

export interface SnmpDeps {
  readonly clock: Clock;
  /** `resolvePublic` unless told. */
  readonly resolve?: Resolve;
  /** How long each try of the first request waits, ms. */
  readonly firstTimeoutsMs?: readonly number[];
}

/** Enough rows for one datagram whatever they hold; the walk itself settles on what fits. */
const MAX_REPETITIONS = 25;

/** Throws SOURCE_* with the operations made until then in `context.operations`. A walk is one page and always complete. */
export function createSnmpCollector(deps: SnmpDeps): Collector {
  return routerCollector(async (job, operations) => {
    const { settings, credentials } = snmpConfiguration(job);
    const address = await resolveRouter(deps.resolve, job, settings.host, operations);
    const walk = await readTables({ deps, job, settings, credentials, address, note: noteIn(operations) });
    return toPage(job, settings, walk);
  });
}

type Note = <T>(name: string, call: () => Promise<T>) => Promise<T>;

/** Runs a call and writes down how it ended. */
function noteIn(operations: Operation[]): Note {
  return async (name, call) => {
    const startedAt = performance.now();
    const took = () => Math.round(performance.now() - startedAt);
    try {
      const result = await call();
      operations.push({ name, ok: true, responseMs: took() });
      return result;
    } catch (error) {
      const message = error instanceof AppError ? error.message : 'failed';
      operations.push({ name, ok: false, responseMs: took(), error: message });
      throw error;
    }
  };
}

function snmpConfiguration(job: CollectJob): { settings: SnmpSettings; credentials: Credentials } {
  const { settings, secret } = configurationOf(job, {
    settings: snmpSettings,
    secret: ({ version }) => secretSchema(version),
  });
  const { authProtocol, privProtocol } = settings;
  const isCommunity = 'community' in secret;
  return {
    settings,
    credentials: isCommunity ? { version: 'v2c', ...secret } : { version: 'v3', authProtocol, privProtocol, ...secret },
  };
}

interface Read {
  readonly deps: SnmpDeps;
  readonly job: CollectJob;
  readonly settings: SnmpSettings;
  readonly credentials: Credentials;
  readonly address: ResolvedAddress;
  readonly note: Note;
}

async function readTables({ deps, job, settings, credentials, address, note }: Read): Promise<Walk> {
  const agent = openAgent({
    address,
    port: settings.port,
    credentials,
    clock: deps.clock,
    budgetMs: job.deadline - deps.clock.now(),
    ...(deps.firstTimeoutsMs === undefined ? {} : { firstTimeoutsMs: deps.firstTimeoutsMs }),
  });
  try {
    return await walkTables(agent, settings.maxRepetitions ?? MAX_REPETITIONS, note);
  } finally {
    agent.close();
  }
}

/** The 64-bit table, and only where some row lacks something of it, what the older table has instead. */
async function walkTables(agent: AgentSession, maxRepetitions: number, note: Note): Promise<Walk> {
  const first = await note('walk interface tables', async () => {
    const walk = await walkColumns(agent.ask, { columns: FIRST_COLUMNS, maxRepetitions });
    if ([...walk.cells.values()].some((column) => column.size > 0)) return walk;
    throw new AppError('SOURCE_MALFORMED', 'the router answered, but lets these credentials see no interface');
  });
  const columns = columnsToAskNext(first);
  if (columns.length === 0) return first;
  return note('walk older columns', () => walkColumns(agent.ask, { columns, maxRepetitions, after: first }));
}

function toPage({ source }: CollectJob, settings: SnmpSettings, walk: Walk): PageRead {
  const { id, name, simulated } = source;
  const converted = fromWireWalk(walk, {
    id,
    name,
    simulated,
    configuredSpeed: (ifName) => configuredSpeed(settings, ifName),
  });
  return { ...converted, rejected: keptRejected(converted.rejected), complete: true };
}
