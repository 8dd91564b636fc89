/** Row g: how big each function's bundle is, and how long a fresh process takes to load it. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { FUNCTIONS, type FunctionRow } from '../functions/manifest.ts';
import { bundleFunctions } from '../lib/bundles.ts';
import { digits, load, machine, median, option, quantile, say, table } from './measure.ts';
import { temporaryFolder } from './programs.ts';

const TIMES = 15;
const LOAD_GOAL_MS = 80;
const API_GOAL_KB = 450;
const COLLECTOR_GOAL_KB = 600;
/** The least that anything which reads the table must load. */
const FLOOR =
  "export { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';";
const LOAD =
  'const t = performance.now(); require(process.argv[1]); process.stdout.write(String(performance.now() - t));';

interface Bundle {
  readonly name: string;
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly goalKb: number | undefined;
}

/** Complete, as in Lambda: nothing is looked for in files or at addresses that do not answer. */
function environmentOf(row: FunctionRow): Record<string, string> {
  const own = Object.keys(row.config.shape).map((name) => [name, exampleOf(name)]);
  return {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_LAMBDA_FUNCTION_NAME: row.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(row.memoryMb),
    ...Object.fromEntries(own),
  };
}

function exampleOf(name: string): string {
  if (name.endsWith('_URL')) return 'https://headroom.example/';
  if (name.endsWith('_ARN')) return 'arn:aws:sns:us-east-1:000000000000:example';
  return name === 'USER_POOL_ID' ? 'us-east-1_example' : 'example';
}

function goalOf({ stack, name }: FunctionRow): number | undefined {
  if (stack === 'api') return API_GOAL_KB;
  return name.startsWith('collect-') ? COLLECTOR_GOAL_KB : undefined;
}

function floorBundle(): Bundle {
  const path = join(temporaryFolder('floor'), 'index.cjs');
  buildSync({
    stdin: { contents: FLOOR, resolveDir: process.cwd() },
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    mainFields: ['module', 'main'],
    legalComments: 'none',
  });
  return {
    name: 'floor: DynamoDB client alone',
    path,
    environment: { PATH: process.env.PATH ?? '' },
    goalKb: undefined,
  };
}

function loadMs({ name, path, environment }: Bundle): number {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', LOAD, path], {
    env: environment,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${name} does not load: ${stderr.slice(-600)}`);
  return Number(stdout);
}

function main(): void {
  const times = option('times', TIMES);
  say(machine());
  const busy = load();
  const bundles = bundleFunctions();
  try {
    const rows: Bundle[] = FUNCTIONS.map((row) => ({
      name: row.name,
      path: join(bundles.folderOf(row.name), 'index.cjs'),
      environment: environmentOf(row),
      goalKb: goalOf(row),
    }));
    show([floorBundle(), ...rows], times, busy);
  } finally {
    bundles.dispose();
  }
}

function show(bundles: readonly Bundle[], times: number, busy: string): void {
  const taken = new Map<string, number[]>(bundles.map(({ name }) => [name, []]));
  for (let round = 0; round < times; round++) {
    for (const bundle of bundles) taken.get(bundle.name)?.push(loadMs(bundle));
  }
  const rows = bundles.map(({ name, path, goalKb }) => {
    const [kb, ms] = [statSync(path).size / 1000, taken.get(name) ?? []];
    const size = goalKb === undefined ? '-' : `<= ${goalKb} KB: ${kb <= goalKb ? 'met' : 'MISSED'}`;
    const speed = `<= ${LOAD_GOAL_MS} ms: ${median(ms) <= LOAD_GOAL_MS ? 'met' : 'MISSED'}`;
    return [
      name,
      kb.toFixed(0),
      digits(median(ms)),
      digits(quantile(ms, 0.95)),
      size,
      name.startsWith('floor') ? '-' : speed,
      busy,
    ];
  });
  const columns = ['function', 'KB', 'load ms', 'p95 ms', 'size goal', 'load goal', 'load average'];
  table(`Row g: bundles, median of ${times} fresh processes in turn`, columns, rows);
}

main();
