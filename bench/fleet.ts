/** Row f: how close a fleet's collector comes to what a limited 1NCE allows, with what memory and processor time. */
import { lookOnce, type Outcome, type Plan, REQUESTS_PER_SECOND } from './fleet-run.ts';
import { digits, load, machine, option, quantile, say, table } from './measure.ts';

const SIMS = 1000;
const VIRTUAL_SIMS = 10_000;
const LARGE_SIMS = 100_000;
/** Everybody takes some forty: too long for every day, and what follows is as the first ones are. */
const LARGE_SLOTS = 2;
/** Of the usual SIM in the field; the table's is what DynamoDB usually takes, and a queue hands over in some hundredths. */
const LATENCY_MS = 200;
const TABLE_MS = 5;
const HAND_OVER_MS = 50;
const RETRY_AFTER_SECONDS = 1;
const GOAL = 1.05;
/** Calls beyond as many as there are SIMs: in the middle of a part. */
const KILLED_WITHIN = 50;
const SPACING_MS = 1000 / REQUESTS_PER_SECOND;
/** Quota and usage, which every look brings. */
const LEAN = { smsQuota: false, status: false };
/** A hundred thousand half years would mostly measure the simulator. */
const FEW_DAYS = { ...LEAN, backfillDays: 3 };

interface Case {
  readonly name: string;
  readonly plan: Plan;
  readonly outcome: Outcome;
  readonly load: string;
}

async function main(): Promise<void> {
  say(machine());
  const base = {
    ...{ latencyMs: option('latency', LATENCY_MS), tableMs: TABLE_MS, handOverMs: HAND_OVER_MS },
    retryAfterSeconds: process.argv.includes('--no-retry-after') ? 0 : option('retry-after', RETRY_AFTER_SECONDS),
  };
  const few = option('sims', SIMS);
  const many = option('virtual', VIRTUAL_SIMS);
  const most = option('large', LARGE_SIMS);
  const virtual = { ...base, virtual: true };
  const real = { ...base, virtual: false, handOverMs: 0 };
  const plans: Record<string, () => Plan> = {
    real: () => ({ ...real, sims: few, settings: LEAN }),
    full: () => ({ ...virtual, sims: few, settings: {} }),
    virtual: () => ({ ...virtual, sims: many, settings: LEAN }),
    kill: () => ({ ...virtual, sims: many, settings: LEAN, killAtCall: many + KILLED_WITHIN }),
    large: () => ({ ...virtual, sims: most, settings: FEW_DAYS, slots: option('slots', LARGE_SLOTS) }),
  };
  const only = process.argv.includes('--only')
    ? process.argv[process.argv.indexOf('--only') + 1]?.split(',')
    : undefined;
  const cases: Case[] = [];
  for (const [name, plan] of Object.entries(plans)) {
    if (only && !only.includes(name)) continue;
    const made = plan();
    const before = load();
    cases.push({ name, plan: made, outcome: await lookOnce(made), load: before });
  }
  timeTable(cases);
  whereTable(cases);
  costTable(cases);
}

function nameOf({ name, plan, outcome }: Case): string {
  const clock = plan.virtual ? 'virtual clock' : 'real time';
  const calls = name === 'full' ? 4 : 2;
  const more = plan.killAtCall === undefined ? '' : ', killed half way (without the 120 s until its lease ended)';
  const some = outcome.seen < plan.sims ? `, the first ${outcome.seen} in ${outcome.slots} slots` : '';
  return `${plan.sims} SIMs, ${calls} calls each, ${clock}${some}${more}`;
}

/** Calls that every SIM and page takes once a slot, in seconds of the limit. */
function neededSeconds({ outcome: { counts } }: Case): number {
  return (counts.answered - counts.repeated) / REQUESTS_PER_SECOND;
}

function verdict(over: number): string {
  return `${over.toFixed(3)}, <= ${GOAL}: ${over <= GOAL ? 'met' : 'MISSED'}`;
}

/** The bound holds only calls that bring something; the account also took back turns, and asked to be left alone. */
function timeTable(cases: readonly Case[]): void {
  const rows = cases.map((one) => {
    const { counts, slots, calls, deadMs } = one.outcome;
    const elapsedMs = one.outcome.elapsedMs - deadMs;
    const needed = neededSeconds(one);
    const over = elapsedMs / 1000 / needed;
    const allowed = calls.length / REQUESTS_PER_SECOND + idleOf(one.outcome).heldMs / 1000;
    const overAllowed = elapsedMs / 1000 / allowed;
    return [
      nameOf(one),
      `${counts.answered - counts.repeated}`,
      digits(needed),
      digits(elapsedMs / 1000),
      verdict(over),
      verdict(overAllowed),
      `${counts.moody} / ${counts.failed}`,
      String(counts.throttled),
      String(counts.repeated),
      String(slots),
      one.load,
    ];
  });
  const columns = [
    ...['every SIM looked at once', 'calls needed', 'lower bound s', 'taken s', 'over the bound'],
    'over the bound with 429, 500 and Retry-After',
    ...['429 / 500 drawn', 'beyond the limit', 'asked twice', 'slots', 'load'],
  ];
  table(`Row f: ${REQUESTS_PER_SECOND} requests/s, 1 % 429, 0.1 % 500`, columns, rows);
}

/** What no call was made in, by why, in percent of the lower bound. */
function whereTable(cases: readonly Case[]): void {
  const rows = cases.map((one) => {
    const { outcome } = one;
    const idle = idleOf(outcome);
    const percent = (seconds: number) => `${((100 * seconds) / neededSeconds(one)).toFixed(1)} %`;
    const wasted = outcome.calls.length - (outcome.counts.answered - outcome.counts.repeated);
    return [
      nameOf(one),
      percent(wasted / REQUESTS_PER_SECOND),
      percent(idle.heldMs / 1000),
      percent(idle.betweenMs / 1000),
      percent(idle.withinMs / 1000),
      percent(idle.edgesMs / 1000),
      `${outcome.parts} (${outcome.deferred} put back)`,
    ];
  });
  const columns = [
    ...['where the time over the bound went', 'refused and repeated calls', 'Retry-After', 'between parts'],
    ...['within parts', 'before the first and after the last call', 'parts'],
  ];
  table('Row f: idle turns', columns, rows);
}

interface Idle {
  readonly heldMs: number;
  readonly betweenMs: number;
  readonly withinMs: number;
  readonly edgesMs: number;
}

function idleOf({ calls, held, works, elapsedMs, deadMs }: Outcome): Idle {
  const sorted = [...calls].sort((a, b) => a - b);
  const ends = works.map((work) => work.to).sort((a, b) => a - b);
  let [heldMs, betweenMs, withinMs] = [0, 0, 0];
  let [hold, end] = [0, 0];
  for (let i = 1; i < sorted.length; i++) {
    const [from, to] = [(sorted[i - 1] as number) + SPACING_MS, sorted[i] as number];
    if (to <= from) {
      withinMs += to - from;
      continue;
    }
    while ((held[hold]?.to ?? Number.POSITIVE_INFINITY) < from) hold++;
    let [free, holdEnd] = [to - from, from];
    for (let h = hold; (held[h]?.from ?? Number.POSITIVE_INFINITY) < to; h++) {
      const [begins, ends] = [Math.max(holdEnd, held[h]?.from ?? 0), Math.min(to, held[h]?.to ?? 0)];
      if (ends <= begins) continue;
      heldMs += ends - begins;
      free -= ends - begins;
      holdEnd = ends;
    }
    while ((ends[end] ?? Number.POSITIVE_INFINITY) < from - SPACING_MS) end++;
    if ((ends[end] ?? Number.POSITIVE_INFINITY) < to) betweenMs += free;
    else withinMs += free;
  }
  const edgesMs = elapsedMs - ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0));
  return { heldMs, betweenMs, withinMs: withinMs - deadMs, edgesMs };
}

function costTable(cases: readonly Case[]): void {
  const rows = cases.map((one) => {
    const { residentMb, aliveMb, cpuUs } = one.outcome;
    return [
      nameOf(one),
      digits(cpuUs / one.outcome.seen),
      one.plan.virtual ? 'messages to the other process' : 'HTTP and the AWS SDK',
      aliveMb.length === 0 ? '-' : `${digits(aliveMb[0] ?? 0)} - ${digits(aliveMb.at(-1) ?? 0)}`,
      `${digits(quantile(residentMb.slice(0, Math.ceil(residentMb.length / 10)), 1))} - ${digits(Math.max(...residentMb))}`,
    ];
  });
  const columns = ['cost', 'CPU us a SIM', 'with', 'alive MB, first - last part', 'resident MB, first tenth - most'];
  table('Row f: processor and memory of the collector', columns, rows);
}

await main();
// Real time would let it wait for a slot that nobody wants any more.
process.exit();
