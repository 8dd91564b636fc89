/** Synthesizes the CDK app for a stage in a process of its own; the assembly is what the local cloud executes. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** CDK's own validation takes 1.6 s and stands in the tests and before a deploy, not in the way of a start. */
export async function synthesize(stage: string, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const child = spawn(process.execPath, ['bin/headroom.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify({ stage, ...CONTEXT }),
      CDK_VALIDATION: 'false',
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
    });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`the CDK app did not synthesize (exit ${code}):\n${printed.trim()}`);
}

/** What cdk.json gives to the CDK's own command. */
const CONTEXT = { '@aws-cdk/core:target-partitions': ['aws'], '@aws-cdk/aws-iam:minimizePolicies': true };
