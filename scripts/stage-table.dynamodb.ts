/** The one table of a stage for a program of the operator: in AWS by the operator's own credentials, or in the running local cloud. */
import { existsSync, readFileSync } from 'node:fs';
import { DynamoDBClient, type DynamoDBClientConfig, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import type { Stage } from '../lib/stages.ts';
import { readRunning } from '../local/running.ts';
import { openTable, type Table } from '../shared/platform/table.dynamodb.ts';

export interface StageTable {
  readonly table: Table;
  readonly name: string;
  readonly client: DynamoDBClient;
  close(): void;
}

/** Throws with the sentence to read when the stage cannot be reached. */
export async function openStageTable(stage: Stage): Promise<StageTable> {
  if (stage.name === 'local') return openRunning();
  const client = new DynamoDBClient({ region: stage.region, maxAttempts: 3 });
  return opened(await tableName(client, stage), client);
}

function openRunning(): StageTable {
  const { table, environment } = readRunning(existsSync, (path) => readFileSync(path, 'utf8'));
  const config: DynamoDBClientConfig = {
    endpoint: environment.AWS_ENDPOINT_URL ?? '',
    region: environment.AWS_REGION ?? '',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
    maxAttempts: 1,
  };
  return opened(table, new DynamoDBClient(config));
}

/** CloudFormation names the table after its stack; asking for it needs no more than `dynamodb:ListTables`. */
export async function tableName(client: DynamoDBClient, stage: Stage): Promise<string> {
  const prefix = `headroom-${stage.name}-storage-Table`;
  const found: string[] = [];
  let after: string | undefined;
  do {
    const page = await client.send(new ListTablesCommand(after ? { ExclusiveStartTableName: after } : {}));
    found.push(...(page.TableNames ?? []).filter((name) => name.startsWith(prefix)));
    after = page.LastEvaluatedTableName;
  } while (after);
  const [name, ...more] = found;
  if (name === undefined) {
    throw new Error(
      `${stage.region} has no table of the stage ${stage.name}: deploy it first, or name its region in lib/stages.ts`,
    );
  }
  if (more.length > 0) throw new Error(`more than one table could be the stage's: ${found.join(', ')}`);
  return name;
}

function opened(name: string, client: DynamoDBClient): StageTable {
  return { table: openTable(name, client), name, client, close: () => client.destroy() };
}
