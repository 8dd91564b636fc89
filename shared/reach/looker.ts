/** Takes looks at devices in the way each of them is looked at, and says why where one could not be taken. Inert. */
import type { CollectJob, Operation } from '../collect/collector.port.ts';
import type { OpenRouterPing, RouterPing } from '../interfaces/ping.port.ts';
import type { Resolve } from '../platform/address.dns.ts';
import { assert } from '../platform/assert.ts';
import type { Clock } from '../platform/clock.ts';
import { type AppError, isAppError } from '../platform/errors.ts';
import type { Connect } from './connect.tcp.ts';
import type { Probe } from './probe.ts';
import { longestOf, type PingTarget, timeoutOf } from './settings.ts';

/** Exactly one of both: what was learnt, or why nothing was. */
export type Look =
  | { readonly probe: Probe; readonly problem?: undefined }
  | { readonly probe?: undefined; readonly problem: string };

export interface Looker {
  /** One look at each of these; never throws for what a device, a router or a network does. */
  look(targets: readonly PingTarget[]): Promise<Map<PingTarget, Look>>;
  close(): void;
}

interface LookerDeps {
  readonly clock: Clock;
  readonly resolve: Resolve;
  readonly connect: Connect;
  readonly openPing: OpenRouterPing;
}

/** A call to the router may take so much longer than its echoes. */
const PING_MARGIN_MS = 3_000;

/** `operations` gets a line for each look. */
export function createLooker(
  deps: LookerDeps,
  job: CollectJob,
  via: string | undefined,
  operations: Operation[],
): Looker {
  const router = routerOf(deps, job, via, operations);
  return {
    async look(targets) {
      const connected = targets.filter(({ method }) => method === 'tcp');
      const pinged = targets.filter(({ method }) => method === 'router');
      const looks = await Promise.all([
        ...connected.map(async (target) => [[target, await connectTo(deps, job, target, operations)] as const]),
        router.pingAll(pinged),
      ]);
      return new Map(looks.flat());
    },
    close: () => router.close(),
  };
}

/** The address is judged anew before each look: a name may lead elsewhere by now. */
async function connectTo(
  deps: LookerDeps,
  job: CollectJob,
  target: PingTarget,
  operations: Operation[],
): Promise<Look> {
  const { host, port = 0, count } = target;
  const startedAt = performance.now();
  const note = (result: Pick<Operation, 'ok' | 'error'>) =>
    operations.push({
      name: `connect ${host}:${port}`,
      responseMs: Math.round(performance.now() - startedAt),
      ...result,
    });
  try {
    const address = await deps.resolve(host, job.allowedNetworks);
    const budgetMs = job.deadline - deps.clock.now();
    const probe = await deps.connect({ address, port, count, timeoutMs: timeoutOf(target), budgetMs });
    note({ ok: true });
    return { probe };
  } catch (error) {
    const problem = problemOf(error);
    note({ ok: false, error: problem });
    return { problem };
  }
}

/** What the outside did is a sentence; a bug stays one. */
function problemOf(error: unknown): string {
  if (isAppError(error) && EXPECTED.has(error.code)) return error.message;
  throw error;
}

const EXPECTED: ReadonlySet<AppError['code']> = new Set([
  'REQUEST_INVALID',
  'NOT_FOUND',
  'SOURCE_UNAVAILABLE',
  'SOURCE_THROTTLED',
  'SOURCE_REJECTED',
  'SOURCE_MALFORMED',
]);

/** Opened with the first ping. A router that could not be asked once is not asked again in this run. */
function routerOf(deps: LookerDeps, job: CollectJob, via: string | undefined, operations: Operation[]) {
  let opened: RouterPing | undefined;
  let failure: string | undefined;
  const ping = async (target: PingTarget): Promise<Look> => {
    const { host, count } = target;
    assert(via !== undefined, 'settings name the router that pings');
    if (failure !== undefined) return { problem: failure };
    if (deps.clock.now() + longestOf(target) + PING_MARGIN_MS > job.deadline) {
      return { problem: 'there was no time left to look' };
    }
    try {
      const place = { tenant: job.source.tenant, router: via, allowedNetworks: job.allowedNetworks };
      opened ??= await deps.openPing(place, job.deadline);
      return { probe: await opened.ping({ host, count, intervalMs: timeoutOf(target) }) };
    } catch (error) {
      const problem = `router ${via}: ${problemOf(error)}`;
      if (opened === undefined)
        operations.push({ name: `open router ${via}`, ok: false, responseMs: 0, error: problem });
      // It refused this host, and may take the next.
      if (!isAppError(error, 'SOURCE_MALFORMED')) failure = problem;
      return { problem };
    }
  };
  return {
    async pingAll(targets: readonly PingTarget[]) {
      const noted = opened?.operations.length ?? 0;
      const looks: (readonly [PingTarget, Look])[] = [];
      for (const target of targets) looks.push([target, await ping(target)]);
      operations.push(...(opened?.operations.slice(noted) ?? []));
      return looks;
    },
    close: () => opened?.close(),
  };
}
