/** `npm start`: the whole system on this machine, from the very template that is deployed. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { realClock } from './cloud/clock.ts';
import { type Cloud, startCloud } from './cloud/cloud.ts';
import { openDoor } from './cloud/doors.ts';
import { synthesize } from './cloud/synth.ts';
import { clearFolder, ROOT } from './folder.ts';
import { lockFolder } from './lock.ts';
import { RUNNING_FILE, type Running } from './running.ts';
import { firstCollection, seed } from './seed/seed.ts';
import { readSettings, type Settings } from './settings.ts';
import { startWorld, type World } from './world.ts';

const STAGE = 'local';
const REGION = 'us-east-1';
/** Type stripping without a flag, and workers that run it. */
const OLDEST_NODE = [22, 18] as const;
/** A sweep reads the whole table; AWS takes days to delete what has expired, and readers filter it anyway. */
const SWEEP_MS = 3_600_000;
/** A stop that takes longer hangs: what is kept is safe at every instant, so it may end at once. */
const STOP_MS = 10_000;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function checkNode(): void {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Error(`this is Node ${process.versions.node}: run "npm ci" and "npm start", which bring their own Node 24`);
}

async function main(): Promise<void> {
  checkNode();
  process.env.TZ = 'UTC';
  const startedAt = Date.now();
  const { values: asked } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } });
  const settings = readSettings(ROOT, process.env);
  const unlock = lockFolder(settings.dataFolder);
  // A port that is taken is told before seconds of work.
  await (await openDoor(settings.port)).close();
  if (asked.fresh) clearFolder(settings.dataFolder);
  const world = await startWorld(settings);
  say(`world    ${world.simulators.map((s) => s.name).join(', ')} answer on this machine`);
  const cloud = await startTheCloud(settings, world);
  stopCleanly(cloud, settings.dataFolder, unlock);
  say(`cloud    ${cloud.model.functions.length} functions, ${cloud.model.roles.length} roles enforced`);
  const later = await seed(cloud, settings, world, say);
  await firstCollection(cloud, world, say);
  cloud.scheduler.start();
  say(
    `ready ${cloud.publicUrl}  (${((Date.now() - startedAt) / 1000).toFixed(1)} s; console ${cloud.publicUrl}/_local; Ctrl-C stops)`,
  );
  const tell = (error: unknown): void => say(`notice   ${error instanceof Error ? error.message : String(error)}`);
  for (const step of later) await step().catch(tell);
  setInterval(() => cloud.tables.sweep().catch(tell), SWEEP_MS).unref();
}

async function startTheCloud(settings: Settings, world: World): Promise<Cloud> {
  const assembly = join(settings.dataFolder, 'assembly');
  await synthesize(STAGE, assembly);
  say('template synthesized');
  const cloud = await startCloud({
    assembly,
    dataFolder: settings.dataFolder,
    region: REGION,
    port: settings.port,
    clock: realClock(),
    simulators: world.simulators,
    environment: { ...world.environment, ...(settings.logLevel ? { POWERTOOLS_LOG_LEVEL: settings.logLevel } : {}) },
    notice: (sentence) => say(`notice   ${sentence}`),
  });
  const { model } = cloud;
  const [table] = model.tables;
  if (!table || !model.userPool) throw new Error('the template has no table or no user pool');
  const running: Running = {
    publicUrl: cloud.publicUrl,
    table: table.name,
    userPool: model.userPool,
    environment: cloud.operatorEnvironment(),
  };
  writeFileSync(join(settings.dataFolder, RUNNING_FILE), JSON.stringify(running), { mode: 0o600 });
  return cloud;
}

/** A second signal ends at once: nobody should have to look for a process id. */
function stopCleanly(cloud: Cloud, dataFolder: string, unlock: () => void): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(130);
    stopping = true;
    say('stopping');
    setTimeout(() => process.exit(1), STOP_MS).unref();
    cloud.stop().then(
      () => {
        rmSync(join(dataFolder, RUNNING_FILE), { force: true });
        unlock();
        process.exit(0);
      },
      (error: unknown) => {
        process.stderr.write(`headroom did not stop cleanly: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`headroom cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
