/** The source that looks at a tenant's resellers: it makes itself, and its entities are cut into storage targets by hash. */
import { hashOf } from '../collect/schedule.ts';
import { type Source, shardTarget } from '../collect/source.ts';
import { KIND_OF_TYPE, OWN_SOURCES } from '../collect/source-rules.ts';
import type { SourceStore } from '../collect/sources.port.ts';
import type { Tenant } from '../entities/tenant.ts';
import type { Clock } from '../platform/clock.ts';
import { isAppError } from '../platform/errors.ts';

export const WATCH_SOURCE = OWN_SOURCES.resellers;
/** As routers are read unless told: the slots of a tenant's sources are the same. */
export const WATCH_PERIOD_SECONDS = 300;
/** Fixed for ever, because the past lies in the cut: 10,000 resellers are 1250 in each, as many as a large router has ports. */
const SHARDS = 8;

export const WATCH_TARGETS: readonly string[] = Array.from({ length: SHARDS }, (_, i) => shardTarget(WATCH_SOURCE, i));

/** The storage target that holds the reseller. */
export function targetOfReseller(id: string): string {
  return shardTarget(WATCH_SOURCE, hashOf(id) % SHARDS);
}

/** `<target>/<reseller>`. */
export function resellerEntity(id: string): string {
  return `${targetOfReseller(id)}/${id}`;
}

/** The one entity that stands for all of a tenant's. */
export const ALL_RESELLERS = `${WATCH_SOURCE}/all`;

export interface WatchDeps {
  readonly sources: Pick<SourceStore, 'read' | 'put'>;
  readonly clock: Clock;
}

/** Makes the tenant's source where there is none. False when another source has taken its id. Twice is once. */
export async function watchResellers(
  { sources, clock }: WatchDeps,
  { tenant, simulated }: Pick<Tenant, 'tenant' | 'simulated'>,
): Promise<boolean> {
  const isThere = async () => (await sources.read(tenant, WATCH_SOURCE))?.type;
  const before = await isThere();
  if (before !== undefined) return before === 'resellers';
  const source: Source = {
    ...{ tenant, id: WATCH_SOURCE, type: 'resellers', kind: KIND_OF_TYPE.resellers, name: 'Resellers' },
    ...{ enabled: true, periodSeconds: WATCH_PERIOD_SECONDS, settings: {}, simulated, version: 0 },
    createdAt: clock.now(),
  };
  try {
    await sources.put(source);
  } catch (error) {
    // Somebody else made it in this very moment.
    if (!isAppError(error, 'STORE_CONFLICT')) throw error;
  }
  return (await isThere()) === 'resellers';
}
