/** `npm run bench`: every measurement in turn, each in a process of its own; what it prints goes into bench/README.md. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { machine, say } from './measure.ts';

/** Each with what makes it quick, for a look whether it still runs; such figures mean nothing. */
const SCRIPTS = [
  ['bundles', '--times 2'],
  ['start', '--times 1'],
  ['alert-latency', '--cycles 1'],
  ['interfaces', '--interfaces 20 --times 1'],
  ['resellers', '--routers 2 --slots 2'],
  ['storage', '--days 8'],
  ['queries', '--series 40 --days 3'],
  ['fleet', '--sims 20 --virtual 100 --large 300'],
  ['exports', '--sims 2000 --times 1'],
] as const;
const MINUTE_MS = 60_000;

const quick = process.argv.includes('--quick');
const startedAt = Date.now();
say(`# Measured ${machine()}`);
const failed = SCRIPTS.filter(([name, less]) => {
  const options = quick ? less.split(' ') : [];
  say(`\n## node bench/${[`${name}.ts`, ...options].join(' ')}\n`);
  const script = join(import.meta.dirname, `${name}.ts`);
  return spawnSync(process.execPath, [script, ...options], { stdio: 'inherit' }).status !== 0;
});
const minutes = ((Date.now() - startedAt) / MINUTE_MS).toFixed(1);
say(
  `\n${minutes} minutes; ${failed.length === 0 ? 'every row measured' : `broke off: ${failed.map(([name]) => name).join(', ')}`}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
