/** Opens one RouterOS for reading and changing limits: with its settings, its users and its checked address. */
import type { CollectJob, Operation } from '../collect/collector.port.ts';
import { AppError } from '../platform/errors.ts';
import type { RouterLimits } from './limits.port.ts';
import type { Configured } from './router-reach.http.ts';
import { writingCredentials } from './router-settings.ts';
import { cutOf } from './routeros-cut.http.ts';
import type { LimitCalls } from './routeros-limit-calls.ts';
import { openCaller, placeOf, type RouterosDeps, routerosConfiguration } from './routeros-place.http.ts';
import { queuesOf } from './routeros-queues.http.ts';

/** What a driver of limits is opened with; no call may be under way after the deadline. */
export type LimitsJob = Configured & Pick<CollectJob, 'allowedNetworks' | 'deadline'>;

/** More customers than one router serves, and about as many connections as fit into the largest answer that is read. */
const MAX_ROWS = 50_000;
/** Well under a router's own minute: one that is dead may not take the whole time of whoever serves many routers. */
const CALL_MS = 20_000;

/** Makes no call to the router yet. Throws SOURCE_REJECTED for what cannot be used, SOURCE_UNAVAILABLE without an address. */
export async function openRouterosLimits(deps: RouterosDeps, job: LimitsJob): Promise<RouterLimits> {
  const { settings, secret } = routerosConfiguration(job);
  const operations: Operation[] = [];
  const pinned = await placeOf(deps, job, settings, operations);
  const shared = { pinned, clock: deps.clock, deadline: job.deadline, operations };
  // Two users where there are two: who only looks does not need the right to write.
  const reads = openCaller(settings, { ...shared, credentials: secret });
  const writes = openCaller(settings, { ...shared, credentials: writingCredentials(secret) });
  const calls: LimitCalls = {
    list: async (name, request) =>
      (await reads.call({ name, request, timeoutMs: CALL_MS, accept: acceptRows })).value as readonly unknown[],
    read: async (name, request) => (await reads.call({ name, request, timeoutMs: CALL_MS })).value,
    change: async (call) => void (await writes.call({ timeoutMs: CALL_MS, ...call })),
    clean: reads.clean,
  };
  return {
    operations,
    ...queuesOf(calls),
    ...cutOf(calls),
    close() {
      reads.close();
      writes.close();
    },
  };
}

function acceptRows(value: unknown): void {
  if (!Array.isArray(value)) throw new AppError('SOURCE_MALFORMED', 'the router sent no list');
  if (value.length <= MAX_ROWS) return;
  throw new AppError('SOURCE_MALFORMED', `the router sent ${value.length} rows; at most ${MAX_ROWS} are read`);
}
