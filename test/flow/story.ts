/** What the fault stories ask again and again: readings, runs, the upstream's own view, and the time they have. */
import type { Flow } from './flow.ts';

export const MINUTE_MS = 60_000;
/** The home plan of the first simulated account. */
export const HOME = 'home~0000000000000000000000a1';

export interface Point {
  readonly at: string;
  readonly value: string | null;
  readonly increase: string | null;
  readonly rate: number | null;
  readonly reason?: string;
}

export interface Run {
  readonly source: string;
  readonly slot: string;
  readonly status: string;
  readonly manual: boolean;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly errorCode: string | null;
  readonly error: string | null;
  readonly accepted: number;
  readonly rejected: number;
  readonly operations: readonly { name: string; ok: boolean; status?: number }[];
}

/** Oldest first. */
export async function pointsOf(flow: Flow, id = HOME): Promise<Point[]> {
  const { body } = await flow.call(
    'GET',
    `/v1/bundles/${id}/samples?step=raw&from=${iso(flow.clock.now() - 6 * 86_400_000)}`,
  );
  return body.points;
}

/** Newest first. */
export async function runsOf(flow: Flow, source = 'home'): Promise<Run[]> {
  const { body } = await flow.call('GET', `/v1/runs?source=${source}&limit=200`);
  return body.items;
}

export interface SimulatedAccount {
  readonly name: string;
  readonly calls: { readonly login: number; readonly data: number };
  readonly plans: readonly { readonly planId: string; readonly remainingOctets: string }[];
}

export function accountOf(flow: Flow, name = 'home'): SimulatedAccount {
  const { accounts } = flow.taara.state() as { accounts: SimulatedAccount[] };
  const found = accounts.find((a) => a.name === name);
  if (!found) throw new Error(`the simulator has no account "${name}"`);
  return found;
}

/** Every octet that went between the first and the last reading is told, once. */
export function totalOf(points: readonly Point[]): { told: bigint; gone: bigint } {
  const told = points.slice(1).reduce((sum, p) => sum + BigInt(p.increase ?? 0), 0n);
  return { told, gone: BigInt(points[0]?.value ?? 0) - BigInt(points.at(-1)?.value ?? 0) };
}

export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** Changes fields of a source, whatever version it has now. */
export async function changeSource(flow: Flow, id: string, fields: Record<string, unknown>): Promise<void> {
  const { body } = await flow.call('GET', `/v1/sources/${id}`);
  const answer = await flow.call('PATCH', `/v1/sources/${id}`, { body: { version: body.version, ...fields } });
  if (answer.status !== 200) throw new Error(`PATCH ${id}: ${answer.status} ${JSON.stringify(answer.body)}`);
}

/** `<entity> <rule>` of every open alert. */
export async function alertsOf(flow: Flow): Promise<string[]> {
  const { body } = await flow.call('GET', '/v1/alerts');
  return body.items.map((a: { entity: string; rule: string }) => `${a.entity} ${a.rule}`);
}
