/** Row a: a router of 1000 interfaces by every driver, from the question to increases that can be asked for. */
import type { Source } from '../shared/collect/source.ts';
import { createIosxeCollector } from '../shared/interfaces/iosxe.http.ts';
import { createJunosCollector } from '../shared/interfaces/junos.netconf.ts';
import { INTERFACE_KIND, inOctets } from '../shared/interfaces/metrics.ts';
import { createRouterosCollector } from '../shared/interfaces/routeros.http.ts';
import { createSnmpCollector } from '../shared/interfaces/snmp.snmp.ts';
import type { Head } from '../shared/samples/sample.ts';
import { Child } from './child.ts';
import { floorsOf } from './interfaces-floors.ts';
import type { FromRouters, RouterType, ToRouters } from './interfaces-routers.ts';
import { digits, expectSame, load, machine, option, quantile, say, table, timingOf, timingText } from './measure.ts';
import { createOrderedTable } from './ordered-table.ts';
import { firstSlot, openPipeline, type Pipeline } from './router.ts';
import * as set from './series.ts';

const TYPES: readonly RouterType[] = ['snmp', 'routeros', 'iosxe', 'junos'];
const TITLES = {
  snmp: 'SNMP v2c',
  routeros: 'RouterOS REST',
  iosxe: 'IOS-XE RESTCONF',
  junos: 'Junos NETCONF over SSH',
} as const;
const LOGIN = { user: 'headroom', password: 'of-the-bench' };
const COMMUNITY = 'lab';
const GOAL_MICROSECONDS = 20;
const START = Date.parse('2026-10-07T00:00:00Z');
const HOUR_MS = 3_600_000;
const WARM_UPS = 3;
const LOSSY_RUNS = 5;
const LOSS_PERCENT = 20;

interface Cost {
  readonly wallMs: number;
  /** Processor time of this process, the routers' not included. */
  readonly cpuMs: number;
}

/** One driver with a router, a tenant and a table of its own. */
interface Contender {
  readonly type: RouterType;
  readonly source: Source;
  readonly pipeline: Pipeline;
  readonly costs: Cost[];
  /** What each interface had received at the first run, octets, by name. */
  before: Readonly<Record<string, string>>;
  /** What came out since then, octets, by entity. */
  readonly sums: Map<string, bigint>;
  readonly outcomes: string[];
  head: Head | undefined;
}

type Routers = Child<ToRouters, FromRouters>;

/** The routers stand at `at` while one asks them; for who asks, time goes on. */
const time = { at: START, since: performance.now() };
const clock = { now: () => Math.floor(time.at + performance.now() - time.since) };

async function main(): Promise<void> {
  const interfaces = option('interfaces', 1000);
  const times = option('times', 20);
  say(machine());
  const routers = new Child<ToRouters, FromRouters>(new URL('./interfaces-routers.ts', import.meta.url));
  try {
    const order = { ...LOGIN, interfaces, bootedAt: START - HOUR_MS };
    const { places } = await routers.tell(order, 'places');
    const contenders = await Promise.all(TYPES.map((type) => contenderOf(type, places[type])));
    const ports = { snmp: 0, routeros: 0, iosxe: 0, junos: 0 };
    for (const type of TYPES) ports[type] = places[type].port;
    const shared = { ports, login: LOGIN, community: COMMUNITY, interfaces };
    const floors = floorsOf(shared).map((floor) => ({ ...floor, costs: [] as Cost[] }));
    for (let round = 0; round < WARM_UPS + times; round++) {
      for (const one of contenders) {
        await standAt(routers, one, round, 0);
        if (round === 0) one.before = await countersOf(routers, one);
        one.costs.push(await costOf(() => poll(one, round)));
        expectSame(`unknown increases of ${one.type}`, round === 0 ? interfaces : 0, tally(one, round));
      }
      for (const floor of floors) floor.costs.push(await costOf(floor.run));
    }
    for (const one of contenders) await checkSums(routers, one);
    report(interfaces, contenders, floors);
    const [agent] = contenders;
    if (agent) await pollWithLoss(routers, agent, interfaces, WARM_UPS + times);
  } finally {
    routers.close();
  }
}

async function contenderOf(
  type: RouterType,
  place: { readonly port: number; readonly hostKeySha256?: string },
): Promise<Contender> {
  const settings = {
    ...{ snmp: {}, routeros: { plainHttp: true }, iosxe: { plainHttp: true }, junos: {} }[type],
    ...{ host: '127.0.0.1', ...place },
  };
  const source: Source = {
    ...{ tenant: 'bench', id: type, type, kind: INTERFACE_KIND, name: TITLES[type], enabled: true },
    ...{ periodSeconds: set.PERIOD_SECONDS, settings, simulated: false, createdAt: START, version: 0 },
  };
  const collector = {
    snmp: createSnmpCollector,
    routeros: createRouterosCollector,
    iosxe: createIosxeCollector,
    junos: createJunosCollector,
  }[type]({ clock });
  const secret = type === 'snmp' ? { community: COMMUNITY } : LOGIN;
  const allowedNetworks = ['127.0.0.0/8'];
  const pipeline = await openPipeline(createOrderedTable(), { source, collector, clock, secret, allowedNetworks });
  return { type, source, pipeline, costs: [], before: {}, sums: new Map(), outcomes: [], head: undefined };
}

function slotOf({ source }: Contender, round: number): number {
  return firstSlot(source, START) + round * set.SLOT_MS;
}

async function standAt(routers: Routers, one: Contender, round: number, lossPercent: number): Promise<void> {
  time.at = slotOf(one, round) + set.ASKED_AFTER_MS;
  await routers.tell({ at: time.at, lossPercent }, 'at');
  time.since = performance.now();
}

/** Done when what the newest slot added is answered to whoever asks. */
async function poll(one: Contender, round: number): Promise<void> {
  const report = await one.pipeline.run(slotOf(one, round));
  one.head = await one.pipeline.store.readHead(refOf(one));
  one.outcomes.push(report.outcome);
}

/** Adds up what the newest slot brought to each interface; resolves to how many it brought nothing known. */
function tally(one: Contender, round: number): number {
  let missing = 0;
  for (const { entity, increases } of one.head?.entities ?? []) {
    const increase = increases[inOctets.id];
    const isNew = increase?.slot === slotOf(one, round) && increase.amount !== undefined;
    if (isNew) one.sums.set(entity, (one.sums.get(entity) ?? 0n) + (increase.amount ?? 0n));
    else missing++;
  }
  return missing;
}

function refOf({ source }: Contender) {
  return { tenant: source.tenant, kind: INTERFACE_KIND, target: source.id };
}

async function costOf(run: () => Promise<unknown>): Promise<Cost> {
  const [usedBefore, startedAt] = [process.cpuUsage(), performance.now()];
  await run();
  const { user, system } = process.cpuUsage(usedBefore);
  return { wallMs: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}

async function countersOf(routers: Routers, { type }: Contender): Promise<Readonly<Record<string, string>>> {
  return (await routers.tell({ counters: type }, 'counters')).counters;
}

/** What came out is what the router counted, octet by octet. */
async function checkSums(routers: Routers, one: Contender): Promise<void> {
  const after = Object.entries(await countersOf(routers, one));
  expectSame(`interfaces of ${one.type}`, after.length, one.sums.size);
  for (const [name, received] of after) {
    const sum = one.sums.get(`${one.source.id}/${name}`) ?? 0n;
    expectSame(`octets of ${name}`, Number(BigInt(received) - BigInt(one.before[name] ?? 0)), Number(sum));
  }
}

function report(
  interfaces: number,
  contenders: readonly Contender[],
  floors: readonly { readonly title: string; readonly costs: readonly Cost[] }[],
): void {
  const row = (title: string, costs: readonly Cost[], hasGoal: boolean): string[] => {
    const counted = costs.slice(WARM_UPS);
    const cpu = timingOf(counted.map(({ cpuMs }) => (cpuMs * 1000) / interfaces));
    const isMet = cpu.medianMs <= GOAL_MICROSECONDS;
    const goal = hasGoal ? `<= ${GOAL_MICROSECONDS}: ${isMet ? 'met' : 'MISSED'}` : '-';
    return [title, timingText(timingOf(counted.map(({ wallMs }) => wallMs))), timingText(cpu), goal, load()];
  };
  const columns = ['what', 'wall ms', 'processor us an interface', 'goal', 'load'];
  table(`Row a: ${interfaces} interfaces, every increase checked octet by octet`, columns, [
    ...contenders.map(({ type, costs }) => row(TITLES[type], costs, true)),
    ...floors.map(({ title, costs }) => row(title, costs, false)),
  ]);
  say(`\nmost memory of the whole process: ${digits(process.resourceUsage().maxRSS / 1024)} MB`);
}

async function pollWithLoss(routers: Routers, one: Contender, interfaces: number, rounds: number): Promise<void> {
  const walls: number[] = [];
  let missing = 0;
  for (let round = rounds; round < rounds + LOSSY_RUNS; round++) {
    await standAt(routers, one, round, LOSS_PERCENT);
    walls.push((await costOf(() => poll(one, round))).wallMs);
    missing += tally(one, round);
  }
  if (missing === 0) await checkSums(routers, one);
  const how = `${LOSSY_RUNS} runs, ${LOSS_PERCENT} % of the requests lost`;
  table(
    `Row a: ${TITLES[one.type]}, ${how}`,
    ['runs', 'wall s, median', 'wall s, most', 'increases missing', 'load'],
    [
      [
        one.outcomes.slice(-LOSSY_RUNS).join(', '),
        ...[quantile(walls, 0.5), quantile(walls, 1)].map((ms) => digits(ms / 1000)),
        ...[`${missing} of ${LOSSY_RUNS * interfaces}`, load()],
      ],
    ],
  );
}

await main();
