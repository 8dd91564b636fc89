/** What all measurements share: medians, interleaved runs, the load of the machine, and tables for the README. */
import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

export interface Timing {
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly n: number;
}

export type Run = () => Promise<unknown>;

/** Fewer would make a median of noise. */
const TIMES = 20;
const WARM_UPS = 3;
/** What takes longer than this at first is run a few times only, and its row says so. */
const SLOW_MS = 2000;
const SLOW_TIMES = 5;

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

export function timingOf(values: readonly number[]): Timing {
  return { medianMs: median(values), p95Ms: quantile(values, 0.95), n: values.length };
}

export async function elapsedMs(run: Run): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

/** Every contender in turn, round after round, so that what disturbs the machine disturbs them all. */
export async function interleaved<K extends string>(
  contenders: Readonly<Partial<Record<K, Run>>>,
  times = TIMES,
): Promise<Map<K, Timing>> {
  const entries = Object.entries(contenders) as [K, Run][];
  const first = new Map<K, number>();
  for (const [name, run] of entries) first.set(name, await elapsedMs(run));
  const isSlow = (name: K) => (first.get(name) ?? 0) > SLOW_MS;
  for (let round = 1; round < WARM_UPS; round++) for (const [name, run] of entries) if (!isSlow(name)) await run();
  const taken = new Map<K, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round < times; round++) {
    for (const [name, run] of entries) {
      if (!isSlow(name) || round < SLOW_TIMES) taken.get(name)?.push(await elapsedMs(run));
    }
  }
  return new Map([...taken].map(([name, values]) => [name, timingOf(values)]));
}

/** `1.23 (p95 2.34)`, with n where it is not the usual one. */
export function timingText(timing: Timing | undefined): string {
  if (!timing) return '-';
  const n = timing.n >= TIMES ? '' : `, n=${timing.n}`;
  return `${digits(timing.medianMs)} (p95 ${digits(timing.p95Ms)}${n})`;
}

/** Three significant digits, without an exponent. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function load(): string {
  return (loadavg()[0] ?? Number.NaN).toFixed(2);
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A Markdown table. */
export function table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): void {
  say(`\n### ${title}\n`);
  say(`| ${columns.join(' | ')} |`);
  say(`|${columns.map(() => '---').join('|')}|`);
  for (const row of rows) say(`| ${row.join(' | ')} |`);
}

/** One line: when, on what, with which peers. */
export function machine(): string {
  const peers = [versionOf('prometheus', ['--version']), versionOf('postgres', ['--version'])].filter(Boolean);
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return [
    new Date().toISOString().slice(0, 16).replace('T', ' '),
    `Node ${process.versions.node}`,
    ...peers,
    `${cpus().length} cores (${processor})`,
    `load ${loadavg()
      .map((l) => l.toFixed(2))
      .join(' ')}`,
  ].join(', ');
}

export function versionOf(program: string, args: readonly string[]): string | undefined {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', timeout: 10_000 });
  const number = /(\d+\.\d+(\.\d+)?)/.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[1];
  return status === 0 && number ? `${program} ${number}` : undefined;
}

/** Whole number of an option such as `--series 100`. */
export function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  if (at < 0) return fallback;
  const value = Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0`);
  return value;
}

/** Throws when two figures that should be the same are not. */
export function expectSame(what: string, expected: number, found: number, tolerance = 0): void {
  const off = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
  if (!(off <= tolerance)) throw new Error(`${what}: expected ${expected}, found ${found} (off by ${off.toFixed(6)})`);
}
