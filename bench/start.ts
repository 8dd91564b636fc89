/** Row i: from `npm start` until `ready`, and until the page can show the open alert; from nothing, and started again. */
import { rmSync } from 'node:fs';
import { digits, load, machine, option, quantile, say, table, timingOf } from './measure.ts';
import { npmStart } from './npm-start.ts';
import { sleep, temporaryFolder } from './programs.ts';

/** Each takes seconds: a median of twenty would take minutes. */
const TIMES = 5;
const LOOK_EVERY_MS = 50;
const GOAL_SECONDS = 15;
const GIVE_UP_MS = 60_000;

interface Start {
  readonly readyMs: number;
  readonly alertMs: number;
}

async function start(folder: string): Promise<Start> {
  const running = await npmStart(folder);
  try {
    const { url, startedAt } = running;
    const [readyMs, alertMs] = await Promise.all([
      running.readyMs,
      alertShown(url, startedAt),
      pageShown(url, startedAt),
    ]);
    return { readyMs, alertMs };
  } finally {
    await running.stop();
  }
}

/** The page itself, as soon as something answers there. */
async function pageShown(url: string, startedAt: number): Promise<void> {
  await until(startedAt, async () => {
    const response = await fetch(`${url}/`, { signal: AbortSignal.timeout(5000) });
    return response.ok && (await response.text()).includes('<html');
  });
}

/** What the page asks for: its token, then the alerts. */
async function alertShown(url: string, startedAt: number): Promise<number> {
  return until(startedAt, async () => {
    const signal = AbortSignal.timeout(5000);
    const { access_token: token } = (await (await fetch(`${url}/_local/token`, { signal })).json()) as Record<
      string,
      string
    >;
    const response = await fetch(`${url}/v1/alerts`, { headers: { authorization: `Bearer ${token}` }, signal });
    return response.ok && ((await response.json()) as { items: unknown[] }).items.length > 0;
  });
}

async function until(startedAt: number, look: () => Promise<boolean>): Promise<number> {
  while (!(await look().catch(() => false))) {
    if (performance.now() - startedAt > GIVE_UP_MS) throw new Error('it did not show in time');
    await sleep(LOOK_EVERY_MS);
  }
  return performance.now() - startedAt;
}

async function main(): Promise<void> {
  const times = option('times', TIMES);
  say(machine());
  const busy = load();
  const fresh: Start[] = [];
  const again: Start[] = [];
  for (let i = 0; i < times; i++) {
    const folder = temporaryFolder('start');
    fresh.push(await start(folder));
    again.push(await start(folder));
    rmSync(folder, { recursive: true, force: true });
  }
  const row = (what: string, starts: readonly Start[]) => {
    const alerts = starts.map((s) => s.alertMs);
    const text = (values: readonly number[]) =>
      `${digits(timingOf(values).medianMs / 1000)} (worst ${digits(quantile(values, 1) / 1000)})`;
    const verdict = timingOf(alerts).medianMs / 1000 <= GOAL_SECONDS ? 'met' : 'MISSED';
    return [what, text(starts.map((s) => s.readyMs)), text(alerts), `<= ${GOAL_SECONDS} s: ${verdict}`, busy];
  };
  table(
    `Row i: npm start, median of ${times}`,
    ['start', '`ready` s', 'open alert served s', 'goal', 'load'],
    [row('from an empty data folder', fresh), row('again with the same data', again)],
  );
}

await main();
