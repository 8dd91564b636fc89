/** `npm run agent:bundle`: the agent of a site as one file, .build/agent.mjs, to be copied there and run by any Node from 20 on. */
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const OUTPUT = join('.build', 'agent.mjs');

buildSync({
  entryPoints: [join(ROOT, 'agent', 'main.ts')],
  outfile: join(ROOT, OUTPUT),
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  legalComments: 'none',
  absWorkingDir: ROOT,
  logLevel: 'error',
});
process.stdout.write(`${OUTPUT}: node agent.mjs --url https://… --key-file site-key.json\n`);
