/** `npm test` and `npm run test:full`: types, lint, then every test; the last line counts them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const full = process.argv.includes('--full');
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 22) {
  process.stderr.write(`this is Node ${process.versions.node}: run it as "npm test", which brings Node 24\n`);
  process.exit(1);
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const folder = mkdtempSync(join(tmpdir(), 'headroom-check-'));
const report = join(folder, 'report.json');

function step(
  name: string,
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): boolean {
  const startedAt = Date.now();
  process.stdout.write(`\n== ${name}\n`);
  const { status } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...environment } });
  process.stdout.write(
    `== ${name}: ${status === 0 ? 'ok' : 'FAILED'} in ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`,
  );
  return status === 0;
}

/** What the runner wrote; a run that broke off before its end counts as one failure. */
function countTests(): Counts {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, numPendingTests, success } = JSON.parse(
    readFileSync(report, 'utf8'),
  ) as Record<string, number | boolean>;
  const failed = Number(numFailedTests);
  return {
    passed: Number(numPassedTests),
    failed: failed === 0 && success === false ? 1 : failed,
    skipped: Number(numPendingTests),
  };
}

const checks = [
  step('types', 'tsc', ['-p', '.']),
  step('types of the page', 'tsc', ['-p', 'dashboard']),
  step('lint', 'biome', ['check', '--error-on-warnings', '.']),
];
const vitest = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
step('tests', 'vitest', vitest, full ? { HEADROOM_FULL: '1', HEADROOM_LONG: '10' } : {});
const tests = countTests();
rmSync(folder, { recursive: true, force: true });
const failed = tests.failed + checks.filter((ok) => !ok).length;
const passed = tests.passed + checks.filter((ok) => ok).length;
if (tests.skipped > 0) {
  const why = 'a program that these tests need (snmpd or chromium) is not installed';
  process.stdout.write(
    `\n${tests.skipped} tests were skipped: ${full ? `${why}, and the full run may skip nothing` : why}\n`,
  );
}
process.stdout.write(`\n${passed} passed, ${failed} failed, ${tests.skipped} skipped\n`);
process.exit(failed > 0 || (full && process.env.CI === 'true' && tests.skipped > 0) ? 1 : 0);
