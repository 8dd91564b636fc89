/**
 * `npm run replay -- --tenant T --kind K [--entity E]… --from … --to …`: fills gaps of Timestream from what DynamoDB
 * knows. Without further options it talks to the local cloud that runs here; with --table to AWS, by the environment.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ListTablesCommand, TimestreamWriteClient } from '@aws-sdk/client-timestream-write';
import { readRunning } from '../local/running.ts';
import { createEntityStore } from '../shared/entities/entities.dynamodb.ts';
import type { EntityStore } from '../shared/entities/entities.port.ts';
import { systemClock } from '../shared/platform/clock.ts';
import { openTable } from '../shared/platform/table.dynamodb.ts';
import { createSampleSource } from '../shared/samples/copies.dynamodb.ts';
import { type ReplayCounts, type ReplayRequest, replay } from '../shared/samples/replay.ts';
import { createTimestreamWriter, type TimestreamNames } from '../shared/samples/samples.timestream.ts';

const USAGE = `npm run replay -- --tenant T --kind K --from 2026-11-01 --to 2026-11-02 [options]
  --entity E           only this entity; may be given again (all of the kind unless told)
  --from, --to         ISO 8601 instants or days in UTC; the end is not included
  --dry-run            read and count, write nothing
  --generation N       1 (as it is) fills gaps only; 2 and more replaces what older generations wrote
  --table NAME         DynamoDB table in AWS, with the environment's own credentials and region
  --timestream DB/T    Timestream table, where there is more than one`;

interface Order extends Omit<ReplayRequest, 'entities'> {
  readonly tenant: string;
  readonly kind: string;
  readonly entities: readonly string[];
  readonly table: string | undefined;
  readonly timestream: string | undefined;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** All that is wrong with the command, at once. */
function readOrder(args: readonly string[]): Order {
  const { values } = parseArgs({
    args: [...args],
    options: {
      tenant: { type: 'string' },
      kind: { type: 'string' },
      entity: { type: 'string', multiple: true, default: [] },
      from: { type: 'string' },
      to: { type: 'string' },
      generation: { type: 'string', default: '1' },
      'dry-run': { type: 'boolean', default: false },
      table: { type: 'string' },
      timestream: { type: 'string' },
    },
  });
  const { tenant = '', kind = '', table, timestream } = values;
  const [from, to] = [Date.parse(values.from ?? ''), Date.parse(values.to ?? '')];
  const generation = Number(values.generation);
  const wrong = [
    ...(tenant ? [] : ['--tenant is missing']),
    ...(kind ? [] : ['--kind is missing: bundle, interface']),
    ...(Number.isNaN(from) ? ['--from is no ISO 8601 instant'] : []),
    ...(Number.isNaN(to) ? ['--to is no ISO 8601 instant'] : []),
    ...(from >= to ? ['--from must be before --to'] : []),
    ...(Number.isInteger(generation) && generation >= 1 ? [] : ['--generation is a whole number of 1 or more']),
    ...(timestream === undefined || /^[^/]+\/[^/]+$/.test(timestream) ? [] : ['--timestream is DATABASE/TABLE']),
  ];
  if (wrong.length > 0) throw new Error(`${wrong.join('; ')}\n\n${USAGE}`);
  return { tenant, kind, from, to, generation, dryRun: values['dry-run'], entities: values.entity, table, timestream };
}

/** The running local cloud says how to reach it; its environment becomes ours. Returns the table's name. */
function joinLocalCloud(): string {
  const running = readRunning(existsSync, (path) => readFileSync(path, 'utf8'));
  Object.assign(process.env, running.environment);
  return running.table;
}

async function timestreamNames(client: TimestreamWriteClient, told: string | undefined): Promise<TimestreamNames> {
  if (told !== undefined) {
    const [database = '', table = ''] = told.split('/');
    return { database, table };
  }
  const { Tables = [] } = await client.send(new ListTablesCommand({}));
  const [only] = Tables;
  if (Tables.length !== 1 || !only?.DatabaseName || !only.TableName) {
    const names = Tables.map((t) => `${t.DatabaseName}/${t.TableName}`).join(', ') || 'none';
    throw new Error(`which Timestream table? There are: ${names}. Name one by --timestream DATABASE/TABLE`);
  }
  return { database: only.DatabaseName, table: only.TableName };
}

/** Also of entities that are gone: their past is part of the gap. */
async function entitiesOf(store: EntityStore, { tenant, kind, entities }: Order): Promise<ReplayRequest['entities']> {
  const known = await store.list(tenant, kind);
  const unknown = entities.filter((id) => !known.some((entity) => entity.id === id));
  if (unknown.length > 0) throw new Error(`tenant ${tenant} has no ${kind} named ${unknown.join(', ')}`);
  const wanted = entities.length === 0 ? known : known.filter(({ id }) => entities.includes(id));
  return wanted.map(({ id, target }) => ({ entity: id, ref: { tenant, kind, target } }));
}

function told({ rows, stored, rejected }: ReplayCounts, dryRun: boolean): string {
  if (dryRun) return `${rows} rows would be written`;
  const refused = `${rejected.version} there already, ${rejected.tooOld} too old, ${rejected.tooNew + rejected.limit} refused`;
  return `${rows} rows read, ${stored} stored, ${refused}`;
}

async function main(): Promise<void> {
  const order = readOrder(process.argv.slice(2));
  const table = openTable(order.table ?? joinLocalCloud());
  const client = new TimestreamWriteClient({ maxAttempts: 1 });
  const names = await timestreamNames(client, order.timestream);
  const entities = await entitiesOf(createEntityStore(table), order);
  say(`${entities.length} ${order.kind} of ${order.tenant} -> ${names.database}/${names.table}`);
  const deps = {
    clock: systemClock,
    source: createSampleSource(table, systemClock),
    copy: createTimestreamWriter({ client, ...names }),
    onProgress: ({ entity, at, ...counts }: ReplayCounts & { entity: string; at: number }) =>
      say(`${entity} until ${new Date(at).toISOString()}: ${told(counts, order.dryRun)}`),
  };
  say(`done: ${told(await replay(deps, { ...order, entities }), order.dryRun)}`);
}

main().catch((error: unknown) => {
  process.stderr.write(`replay: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
