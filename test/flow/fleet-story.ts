/** What the stories of 1NCE fleets ask again and again: the simulated account, the provider's own word, and rounds. */
import { expect } from 'vitest';
import { demoOnenceAccounts } from '../../local/simulators/onence-account.ts';
import { phaseSeconds } from '../../shared/collect/schedule.ts';
import { dayName, dayNumber } from '../../shared/samples/zone.ts';
import { eventually, type Flow } from './flow.ts';
import { iso, MINUTE_MS, type Run } from './story.ts';

/** A round of a small fleet takes a second or two; this is for a machine that others load. */
const REST_MS = 120_000;

/** The n-th SIM of the simulated fleet, from 1. */
export function iccidOf(n: number): string {
  return `8988${String(n).padStart(15, '0')}`;
}

export interface FleetState {
  readonly logins: number;
  readonly throttled: number;
  /** By method and template of the path. */
  readonly calls: Readonly<Record<string, number>>;
}

export function fleetState(flow: Flow): FleetState {
  const [account] = (flow.onence?.state() as { accounts: FleetState[] } | undefined)?.accounts ?? [];
  if (!account) throw new Error('there is no simulated fleet');
  return account;
}

/** Calls so far whose method and path look so; all but logins unless told. */
export function callsOf(flow: Flow, pattern = / \/v\d\//): number {
  return Object.entries(fleetState(flow).calls).reduce((sum, [call, n]) => (pattern.test(call) ? sum + n : sum), 0);
}

/** Asks for a run of the fleet as a person does: everybody is looked at. Waits for nothing. */
export async function begin(flow: Flow): Promise<void> {
  expect((await flow.call('POST', '/v1/sources/fleet/collect')).status).toBe(202);
}

/** On a loaded machine a worker may find no turn in its account's pace, and puts its rest back for some seconds. */
const SHORT_WAIT_MS = 30_000;

/** Waits until nothing moves, nor will within half a minute; longer than the usual story has to. */
export async function rest(flow: Flow, milliseconds = REST_MS): Promise<void> {
  const { cloud, clock } = flow;
  for (;;) {
    await eventually(async () => (cloud.busy() === 0 ? true : undefined), milliseconds);
    await flow.settle();
    const due = cloud.held?.nextDueAt();
    if (due === undefined || due > clock.now() + SHORT_WAIT_MS) return;
    clock.moveBy(Math.max(0, due - clock.now()));
    cloud.held?.release();
  }
}

/** Moves to the next slot of the fleet and through it, with what it asks to be done within a minute after. */
export async function nextRound(flow: Flow, tenant = 'demo', periodSeconds = 900): Promise<void> {
  const [periodMs, phaseMs] = [periodSeconds * 1000, phaseSeconds(tenant, periodSeconds) * 1000];
  const slot = Math.ceil((flow.clock.now() + 1 - phaseMs) / periodMs) * periodMs + phaseMs;
  const before = Math.floor(slot / MINUTE_MS) * MINUTE_MS - 1000;
  if (before > flow.clock.now()) await flow.skip((before - flow.clock.now()) / MINUTE_MS);
  await flow.pass(Math.ceil((slot - flow.clock.now()) / MINUTE_MS) + 1);
}

export interface ShownSim {
  readonly iccid: string;
  readonly label: string | null;
  readonly listedAt: string | null;
  readonly data: {
    readonly remainingMegabytes: string | null;
    readonly totalMegabytes: string | null;
    readonly readAt: string | null;
  };
  readonly usageToday: { readonly megabytes: string | null };
}

export async function get(flow: Flow, path: string, tenant = 'demo') {
  const { status, body } = await flow.call('GET', path, { tenant, role: 'viewer' });
  expect(status, `${path}: ${JSON.stringify(body)}`).toBe(200);
  return body;
}

/** All of a tenant, page by page. */
export async function simsOf(flow: Flow, tenant = 'demo'): Promise<ShownSim[]> {
  const sims: ShownSim[] = [];
  let cursor = '';
  do {
    const { items, nextCursor } = await get(flow, `/v1/sims?limit=500${cursor}`, tenant);
    sims.push(...items);
    cursor = nextCursor ? `&cursor=${encodeURIComponent(nextCursor)}` : '';
  } while (cursor);
  return sims;
}

/** SIMs of which something beyond the list is known. */
export async function detailsKnown(flow: Flow, tenant = 'demo'): Promise<number> {
  const { accounts } = await get(flow, '/v1/sims/overview', tenant);
  return accounts[0]?.detailsKnown ?? 0;
}

export interface Part extends Run {
  readonly part: number;
  readonly rejections: readonly { readonly path: string; readonly message: string }[];
}

/** Every part of the newest run of the fleet, the first first. */
export async function partsOf(flow: Flow, tenant = 'demo'): Promise<Part[]> {
  const { body } = await flow.call('GET', '/v1/runs?source=fleet&limit=200', { tenant });
  const [newest] = body.items;
  return body.items
    .filter((run: Run) => run.slot === newest.slot)
    .sort((a: { part: number }, b: { part: number }) => a.part - b.part);
}

/** The provider itself at the simulator's address, by a login of its own, which the simulator counts. */
export async function providerAt(
  url = '',
): Promise<(path: string, body?: unknown) => Promise<Record<string, unknown>>> {
  const base = `${url}/management-api`;
  const [account] = demoOnenceAccounts();
  const basic = Buffer.from(`${account?.clientId}:${account?.clientSecret}`).toString('base64');
  const login = await fetch(`${base}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/json' },
    body: JSON.stringify({ grant_type: 'client_credentials' }),
    signal: AbortSignal.timeout(10_000),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  return async (path, body) => {
    const answer = await fetch(`${base}${path}`, {
      ...(body === undefined ? {} : { method: 'PUT', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(10_000),
    });
    expect(answer.status, path).toBe(200);
    const text = await answer.text();
    return (text ? JSON.parse(text) : {}) as Record<string, unknown>;
  };
}

interface Stats {
  readonly stats: readonly { readonly date: string; readonly data: { readonly volume: string } }[];
}

/** Closed days of the last `days` on which the house and the provider do not say the same; none is how it should be. */
export function unequalDays(flow: Flow, sims: readonly number[], days: number): Promise<string[]> {
  return daysThatDiffer((path) => get(flow, path), flow.onence?.url, { sims, days, now: flow.clock.now() });
}

/** `ask` answers paths of the API; `url` is the simulator's. */
export async function daysThatDiffer(
  ask: (path: string) => Promise<{ items: { from: string; dataMegabytes: string | null }[] }>,
  url: string | undefined,
  { sims, days, now }: { readonly sims: readonly number[]; readonly days: number; readonly now: number },
): Promise<string[]> {
  const askProvider = await providerAt(url);
  const yesterday = dayName(dayNumber(iso(now).slice(0, 10)) - 1);
  const first = dayName(dayNumber(yesterday) - days + 1);
  const differing: string[] = [];
  for (const n of sims) {
    const path = `/v1/sims/${iccidOf(n)}/usage`;
    const { stats } = (await askProvider(`${path}?start_dt=${first}&end_dt=${yesterday}`)) as unknown as Stats;
    const stated = stats.filter(({ date }) => date !== 'TOTAL');
    expect(stated.length).toBeGreaterThan(0);
    const { items } = await ask(`${path}?from=${first}&to=${yesterday}&by=day`);
    const ours = new Map(items.map(({ from, dataMegabytes }) => [from, dataMegabytes]));
    for (const { date, data } of stated) {
      const own = ours.get(date.slice(0, 10)) ?? null;
      if (own === null || Number(own) !== Number(data.volume))
        differing.push(`${n} ${date}: ${own}, not ${data.volume}`);
    }
  }
  return differing;
}
