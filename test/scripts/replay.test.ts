/** `npm run replay` as a person runs it, against a table and a Timestream that a running cloud names. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import { DAY, query, startWorld, type TimestreamWorld } from '../local/services/timestream-world.ts';
import { startDynalite } from '../shared/dynalite.ts';
import { batch, metricsOf, REF, SLOT_MS } from '../shared/samples/router.ts';

const SCRIPT = join(import.meta.dirname, '..', '..', 'scripts', 'replay.ts');
/** The script has the machine's own clock, and batches expire by it. */
const MIDNIGHT = Math.floor(Date.now() / DAY) * DAY;
const [YESTERDAY, TODAY] = [MIDNIGHT - DAY, MIDNIGHT].map((at) => new Date(at).toISOString());
const folder = mkdtempSync(join(tmpdir(), 'replay-'));
let database: Awaited<ReturnType<typeof startDynalite>>;
let world: TimestreamWorld;

beforeAll(async () => {
  database = await startDynalite();
  world = await startWorld();
  world.clock.moveTo(Date.now());
  const store = createSampleStore(database.table, metricsOf, { now: Date.now });
  const batches = [3, 2, 1].map((n) => batch(MIDNIGHT - n * SLOT_MS, [{ entity: 'core1/ether1', input: BigInt(n) }]));
  await store.importPoints(REF, batches);
  const draft = { id: 'core1/ether1', target: 'core1', name: 'ether1', attributes: {}, labels: {}, simulated: false };
  await createEntityStore(database.table).record('demo', 'interface', 'core1', [draft], {
    now: MIDNIGHT,
    complete: true,
  });
  const environment = {
    AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
    AWS_ENDPOINT_URL: process.env.AWS_ENDPOINT_URL,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  writeFileSync(join(folder, 'running.json'), JSON.stringify({ publicUrl: '', table: 'test', environment }));
});
afterAll(async () => {
  await world.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

function run(args: string, data = folder): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, HEADROOM_DATA: data };
    const child = spawn(process.execPath, [SCRIPT, ...args.split(' ')], { env, timeout: 15_000 });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
const rows = async () => Number((await query(world, 'SELECT count(*) FROM headroom.samples'))[0]?.[0]);
const day = `--tenant demo --kind interface --from ${YESTERDAY} --to ${TODAY}`;

test('a dry run tells what would be written; the real one writes it, with its progress', async () => {
  const dry = await run(`${day} --dry-run`);
  expect(dry).toMatchObject({ code: 0, err: '', out: expect.stringContaining('3 rows would be written') });
  expect(await rows()).toBe(0);
  const real = await run(`${day} --entity core1/ether1`);
  expect(real).toMatchObject({ code: 0, out: expect.stringContaining('1 interface of demo -> headroom/samples') });
  expect(real.out).toContain(`core1/ether1 until ${TODAY}: 3 rows read, 3 stored`);
  expect(await rows()).toBe(3);
});

test('everything that is wrong with the command is said at once, with how to mend it', async () => {
  const { code, err } = await run('--kind bundle --from tomorrow --to 2026-11-21 --generation 0 --timestream x');
  expect(code).toBe(1);
  for (const said of [
    '--tenant is missing',
    '--from is no',
    '--generation is',
    '--timestream is',
    'npm run replay --',
  ]) {
    expect(err).toContain(said);
  }
});

test('an unknown entity and an absent cloud are one sentence each', async () => {
  expect((await run(`${day} --entity core9/x`)).err).toContain('tenant demo has no interface named core9/x');
  expect((await run(day, join(folder, 'nowhere'))).err).toMatch(/no local cloud has run in .*npm start/);
});
