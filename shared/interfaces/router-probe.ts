/** Tries a router as its runs and its limits would use it, and tells each step; changes nothing. Knows ports only. */
import type { CollectJob, Collector, Operation, TokenCache } from '../collect/collector.port.ts';
import type { SecretStore } from '../collect/secrets.port.ts';
import type { Source } from '../collect/source.ts';
import type { Tenant } from '../entities/tenant.ts';
import type { Clock, Instant } from '../platform/clock.ts';
import { type AppError, isAppError } from '../platform/errors.ts';
import type { RouterLimits } from './limits.port.ts';
import { limitRefusal, siteOnly } from './router-limits.ts';

export interface ProbeDeps {
  readonly collector: Collector;
  openLimits(source: Source, deadline: Instant): Promise<RouterLimits>;
  readonly secrets: Pick<SecretStore, 'readSecret'>;
  readonly clock: Clock;
}

export interface Probe {
  readonly steps: readonly Operation[];
  /** One sentence; undefined = all went well. */
  readonly error?: string;
}

/** Also of a paused router: somebody wants to know whether it is mended. Nothing is under way after the deadline. */
export type ProbeRouter = (tenant: Tenant, source: Source, deadline: Instant) => Promise<Probe>;

export function createRouterProbe(deps: ProbeDeps): ProbeRouter {
  return async (tenant, source, deadline) => {
    if (source.type === 'site-router') return { steps: [], error: siteOnly(source) };
    const read = await readOnce(deps, tenant, source, deadline);
    if (read.error !== undefined || limitRefusal(source) !== undefined) return read;
    const limits = await readLimits(deps, source, deadline);
    return { ...limits, steps: [...read.steps, ...limits.steps] };
  };
}

/** Routers need no token that outlives a call. */
const NO_TOKENS: TokenCache = {
  read: async () => undefined,
  write: async () => undefined,
  forget: async () => undefined,
};

async function readOnce(deps: ProbeDeps, tenant: Tenant, source: Source, deadline: Instant): Promise<Probe> {
  // New credentials may be seconds old.
  const secret = await deps.secrets.readSecret(source.tenant, source.id, { refresh: true });
  const { zone, allowedNetworks } = tenant;
  const slot = deps.clock.now();
  const job: CollectJob = { source, secret, slot, manual: true, zone, deadline, allowedNetworks, tokens: NO_TOKENS };
  try {
    const { operations } = await deps.collector.read(job);
    return { steps: operations };
  } catch (error) {
    if (!isAppError(error)) throw error;
    const made = error.context.operations;
    return failed(Array.isArray(made) ? (made as Operation[]) : [], 'configuration', error);
  }
}

async function readLimits(deps: ProbeDeps, source: Source, deadline: Instant): Promise<Probe> {
  let limits: RouterLimits | undefined;
  try {
    limits = await deps.openLimits(source, deadline);
    await limits.readQueues();
    await limits.readCut();
    return { steps: [...limits.operations] };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return failed([...(limits?.operations ?? [])], 'open limits', error);
  } finally {
    limits?.close();
  }
}

/** What failed before any call, or in what a call brought, is a step of its own. */
function failed(made: readonly Operation[], name: string, { message }: AppError): Probe {
  const isTold = made.some(({ ok }) => !ok);
  return { steps: isTold ? made : [...made, { name, ok: false, responseMs: 0, error: message }], error: message };
}
