/**
 * 1000 resellers on 50 routers, on the local cloud in real time: until every plan is on its router, and then slot after
 * slot until all routers are read; that every reseller's usage is known and right, and how much memory the cloud takes.
 */
import { createTenantStore } from '../shared/entities/tenants.dynamodb.ts';
import { openTable } from '../shared/platform/table.dynamodb.ts';
import { Child } from './child.ts';
import { type BenchCloud, readJson, startBenchCloud } from './cloud.ts';
import { digits, load, machine, median, option, quantile, say, table } from './measure.ts';
import { sleep } from './programs.ts';
import type { FromIsp, ToIsp } from './resellers-routers.ts';

const TENANT = 'bench';
const LOGIN = { user: 'headroom', password: 'of-the-bench' };
/** A fifth of the usual period: what fits into it fits five times over. */
const PERIOD_SECONDS = 60;
const PERIOD_MS = PERIOD_SECONDS * 1000;
const CUSTOMERS = 20;
const PLAN_MBPS = 8;
const LOOK_EVERY_MS = 1000;
const GIVE_UP_MS = 1_800_000;
const AT_ONCE = 8;
/** A reading stands up to a second beside its slot, at either end. */
const TOLERANCE = 0.03;

type Isp = Child<ToIsp, FromIsp>;

interface Api {
  get<T>(path: string): Promise<T>;
  post(path: string, body: unknown): Promise<void>;
}

interface Run {
  readonly slot: string;
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt: string;
}

interface SlotMeasured {
  /** From the slot until the last router was read and recorded. */
  readonly endedMs: number;
  readonly runMs: readonly number[];
  readonly failed: number;
  readonly residentMb: number;
}

async function main(): Promise<void> {
  const [routers, slots] = [option('routers', 50), option('slots', 10)];
  say(machine());
  const isp: Isp = new Child(new URL('./resellers-routers.ts', import.meta.url));
  const cloud = await startBenchCloud({});
  try {
    const { ports } = await isp.tell({ ...LOGIN, routers, customers: CUSTOMERS }, 'ports');
    const api = await openBench(cloud);
    await eachOf(ports, (port, i) => api.post('/v1/sources', sourceOf(port, i)));
    const applied = await applyPlans(api, routers);
    const measured = await pollSlots(cloud, api, routers, slots);
    const usage = await checkUsage(isp, api, routers, slots);
    report(routers, applied, measured, usage);
  } finally {
    isp.close();
    await cloud.stop();
  }
}

async function openBench(cloud: BenchCloud): Promise<Api> {
  const client = cloud.openClient();
  const tenants = createTenantStore(openTable(cloud.table, client));
  const settings = { zone: 'UTC', simulated: true, allowedNetworks: ['127.0.0.0/8'], createdAt: Date.now() };
  await tenants.addTenant({ tenant: TENANT, name: TENANT, ...settings });
  await tenants.putMember({ subject: `local:${TENANT}:admin`, tenant: TENANT, role: 'admin', disabled: false });
  client.destroy();
  const token = await cloud.token(TENANT, 'admin');
  return {
    get: async <T>(path: string) => (await readJson(`${cloud.publicUrl}${path}`, token)) as T,
    async post(path, body) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(`${cloud.publicUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(`POST ${path}: HTTP ${answer.status} ${(await answer.text()).slice(0, 300)}`);
    },
  };
}

function sourceOf(port: number, router: number): object {
  const settings = { host: '127.0.0.1', port, plainHttp: true };
  const name = `Router ${router}`;
  return { id: `router${router}`, type: 'routeros', name, periodSeconds: PERIOD_SECONDS, settings, credentials: LOGIN };
}

/** From the range that is kept for measurements (RFC 2544). */
function resellerOf(router: number, customer: number): object {
  const mapping = {
    ...{ router: `router${router}`, targets: [`198.18.${router}.${customer + 1}`] },
    interfaces: [`customer-${customer}`],
  };
  const id = idOf(router, customer);
  return { id, name: `Reseller ${id}`, routers: [mapping], plan: { downMbps: PLAN_MBPS } };
}

function idOf(router: number, customer: number): string {
  return `r${router}c${customer}`;
}

interface Applied {
  readonly seconds: number;
  readonly done: number;
  readonly failed: number;
}

/** From the first request until nothing is pending any more. */
async function applyPlans(api: Api, routers: number): Promise<Applied> {
  const startedAt = performance.now();
  await eachOf(everybody(routers), ({ router, customer }) => api.post('/v1/resellers', resellerOf(router, customer)));
  for (;;) {
    const phases = await phasesOf(api);
    const count = (phase: string) => phases.filter((one) => one === phase).length;
    const seconds = (performance.now() - startedAt) / 1000;
    if (count('pending') === 0) return { seconds, done: count('done'), failed: count('failed') };
    if (seconds * 1000 > GIVE_UP_MS)
      throw new Error(`${count('pending')} plans are pending after ${digits(seconds)} s`);
    await sleep(LOOK_EVERY_MS);
  }
}

async function phasesOf(api: Api): Promise<string[]> {
  const items = await all<{ readonly work: { readonly phase: string } | null }>(api, '/v1/resellers?limit=200');
  return items.map(({ work }) => work?.phase ?? 'none');
}

async function all<T>(api: Api, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor = ''; ; ) {
    const page = await api.get<{ items: T[]; nextCursor?: string }>(`${path}${cursor}`);
    items.push(...page.items);
    if (page.nextCursor === undefined) return items;
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`;
  }
}

async function pollSlots(cloud: BenchCloud, api: Api, routers: number, slots: number): Promise<SlotMeasured[]> {
  const measured: SlotMeasured[] = [];
  let last = await newestSlot(api);
  while (measured.length < slots) {
    const slot = await newestSlot(api);
    if (slot === last) {
      await sleep(LOOK_EVERY_MS);
      continue;
    }
    const runs = await runsOf(api, slot, routers);
    measured.push({
      endedMs: Math.max(...runs.map((run) => Date.parse(run.endedAt))) - slot,
      runMs: runs.map((run) => Date.parse(run.endedAt) - Date.parse(run.startedAt)),
      failed: runs.filter((run) => run.status !== 'success').length,
      residentMb: await cloud.residentMb(),
    });
    last = slot;
  }
  return measured;
}

async function newestSlot(api: Api): Promise<number> {
  const { items } = await api.get<{ items: Run[] }>('/v1/runs?limit=200');
  return Math.max(0, ...items.map(({ slot }) => Date.parse(slot)));
}

/** Waits until every router was read for the slot. */
async function runsOf(api: Api, slot: number, routers: number): Promise<Run[]> {
  const until = Date.now() + 2 * PERIOD_MS;
  for (;;) {
    const { items } = await api.get<{ items: Run[] }>('/v1/runs?limit=200');
    const runs = items.filter((run) => Date.parse(run.slot) === slot);
    if (runs.length >= routers) return runs;
    if (Date.now() > until)
      throw new Error(`${runs.length} of ${routers} routers were read for ${new Date(slot).toISOString()}`);
    await sleep(LOOK_EVERY_MS);
  }
}

interface UsageFound {
  readonly known: number;
  /** Most that an average is beside the traffic's own curve, %. */
  readonly mostOffPercent: number;
  readonly readMs: readonly number[];
}

/** The newest slots are left out: they are settled when the next one came. */
async function checkUsage(isp: Isp, api: Api, routers: number, slots: number): Promise<UsageFound> {
  const to = Math.floor(Date.now() / PERIOD_MS) * PERIOD_MS - PERIOD_MS;
  const from = to - Math.max(1, slots - 2) * PERIOD_MS;
  const { meanBitsPerSecond } = await isp.tell({ from, to }, 'meanBitsPerSecond');
  const range = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
  const [offs, readMs]: [number[], number[]] = [[], []];
  await eachOf(everybody(routers), async ({ router, customer }) => {
    const startedAt = performance.now();
    type Answer = { readonly toTargetAverageBitsPerSecond: number | null; readonly unknownParts: readonly string[] };
    const usage = await api.get<Answer>(`/v1/resellers/${idOf(router, customer)}/usage?${range}`);
    readMs.push(performance.now() - startedAt);
    const rate = usage.toTargetAverageBitsPerSecond;
    if (rate === null || usage.unknownParts.length > 0) return;
    offs.push(Math.abs(rate / meanBitsPerSecond - 1));
  });
  const mostOff = Math.max(...offs);
  if (mostOff > TOLERANCE) throw new Error(`a reseller's average is ${digits(mostOff * 100)} % beside what passed`);
  return { known: offs.length, mostOffPercent: mostOff * 100, readMs };
}

function everybody(routers: number): { readonly router: number; readonly customer: number }[] {
  return Array.from({ length: routers * CUSTOMERS }, (_, i) => ({
    router: Math.floor(i / CUSTOMERS),
    customer: i % CUSTOMERS,
  }));
}

async function eachOf<T>(list: readonly T[], work: (one: T, at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < list.length; at = next++) await work(list[at] as T, at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function report(routers: number, applied: Applied, measured: readonly SlotMeasured[], usage: UsageFound): void {
  const resellers = routers * CUSTOMERS;
  table(
    `${resellers} resellers on ${routers} routers: plans`,
    ['plans', 'done', 'failed', 'until all were read back, s', 'load'],
    [[resellers, applied.done, applied.failed, digits(applied.seconds), load()].map(String)],
  );
  const ended = measured.map(({ endedMs }) => endedMs / 1000);
  const runs = measured.flatMap(({ runMs }) => runMs);
  const memory = measured.map(({ residentMb }) => digits(residentMb));
  table(
    `${resellers} resellers on ${routers} routers: a slot of ${PERIOD_SECONDS} s`,
    [
      ...['slots', 'all read after s', 'one run ms', 'runs failed'],
      ...['resident MB of the whole cloud, slot by slot', 'load'],
    ],
    [
      [
        String(measured.length),
        `${digits(median(ended))} (most ${digits(quantile(ended, 1))})`,
        `${digits(median(runs))} (p95 ${digits(quantile(runs, 0.95))})`,
        String(measured.reduce((sum, { failed }) => sum + failed, 0)),
        ...[memory.join(' '), load()],
      ],
    ],
  );
  table(
    `${resellers} resellers: usage`,
    ['known', 'most beside the curve %', 'read ms, eight at once', 'load'],
    [
      [
        `${usage.known} of ${resellers}`,
        ...[
          digits(usage.mostOffPercent),
          `${digits(median(usage.readMs))} (p95 ${digits(quantile(usage.readMs, 0.95))})`,
        ],
        load(),
      ],
    ],
  );
}

await main();
