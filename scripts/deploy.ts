/** `npm run deploy|diff|destroy -- STAGE`: checks the account, runs CDK, and carries the page to its bucket. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { buildPage } from '../lib/page.ts';
import type { Stage } from '../lib/stages.ts';
import { askParameter, askTimestream } from './account.aws.ts';
import {
  BOOTSTRAP_PARAMETER,
  bootstrapProblem,
  cdkArguments,
  confirmationOf,
  emailProblem,
  isRefusal,
  nextSteps,
  nodeProblem,
  pageConfig,
  type Request,
  readRequest,
  type Site,
  siteBucketAmong,
  siteOf,
  timestreamProblem,
} from './deploy-plan.ts';
import { bucketNames, emptySite, uploadSite } from './site.s3.ts';

const ROOT = join(import.meta.dirname, '..');

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const request = readRequest(process.argv.slice(2));
  if (isRefusal(request)) throw new Error(request.refused);
  await check(request);
  const folder = mkdtempSync(join(tmpdir(), 'headroom-deploy-'));
  try {
    await carryOut(request, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** All problems at once: each deploy that fails for the next one costs minutes. */
async function check({ command, stage }: Request): Promise<void> {
  const node = nodeProblem(process.version);
  if (node) throw new Error(node);
  // Without credentials every other question has the same answer.
  const first = bootstrapProblem(await askParameter(stage.region, BOOTSTRAP_PARAMETER), stage);
  if (first) throw new Error(first);
  if (command !== 'deploy') return;
  const problems = [
    stage.alarmEmailParameter && emailProblem(await askParameter(stage.region, stage.alarmEmailParameter), stage),
    stage.timestream && timestreamProblem(await askTimestream(stage.region), stage),
  ].filter((problem) => typeof problem === 'string' && problem !== '');
  if (problems.length > 0) throw new Error(problems.join('\n'));
  say(`checks    the account is ready for ${stage.name} in ${stage.region}`);
}

async function carryOut(request: Request, folder: string): Promise<void> {
  const { command, stage } = request;
  const outputs = join(folder, 'outputs.json');
  if (command === 'destroy') return takeDown(request, outputs);
  await cdk(cdkArguments(request, outputs));
  if (command === 'diff') return;
  const site = siteOf(JSON.parse(readFileSync(outputs, 'utf8')) as Parameters<typeof siteOf>[0], stage);
  if (isRefusal(site)) throw new Error(site.refused);
  await uploadPage(stage, site, join(folder, 'page'));
  for (const line of nextSteps(stage, site)) say(line);
}

async function takeDown(request: Request, outputs: string): Promise<void> {
  const { stage } = request;
  if (!request.unattended) await confirm(stage);
  await emptyPage(stage);
  await cdk(cdkArguments(request, outputs));
  say(
    `secrets   those under headroom-${stage.name}/ are left; Secrets Manager keeps billing them until they are deleted`,
  );
}

async function confirm(stage: Stage): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const typed = await Promise.race([
      terminal.question(confirmationOf(stage)),
      new Promise<string>((resolve) => terminal.once('close', () => resolve(''))),
    ]);
    if (typed.trim() !== stage.name) throw new Error('nothing was deleted');
  } finally {
    terminal.close();
  }
}

/** S3 refuses to delete a bucket that holds something. */
async function emptyPage(stage: Stage): Promise<void> {
  const client = new S3Client({ region: stage.region });
  const bucket = siteBucketAmong(await bucketNames(client), stage);
  if (bucket === undefined) return;
  if (typeof bucket !== 'string') throw new Error(bucket.refused);
  say(`page      ${await emptySite(client, bucket)} files removed`);
}

async function uploadPage(stage: Stage, site: Site, folder: string): Promise<void> {
  const client = new S3Client({ region: stage.region });
  const files = buildPage(folder);
  const { uploaded, removed } = await uploadSite(client, site.bucket, { folder, files, config: pageConfig(site) });
  say(`page      ${uploaded.length} files uploaded, ${removed.length} old ones removed`);
}

/** CDK's command of this project, in this Node, with its questions and answers on this terminal. */
async function cdk(words: readonly string[]): Promise<void> {
  const program = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  const child = spawn(process.execPath, [program, ...words], { cwd: ROOT, stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0)
    throw new Error(`cdk ${words[0]} ended with ${code}: what it said stands above; nothing else was done`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
