/** The handler of the fold queue, without its surroundings: one target's batches become chunks, days and tops. */
import * as z from 'zod/mini';
import type { FoldMessage } from '../../shared/collect/source.ts';
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import { TENANT_PATTERN } from '../../shared/platform/key.ts';
import { chunkStart } from '../../shared/samples/packing.ts';
import type { DynamoSampleStore } from '../../shared/samples/samples.dynamodb.ts';

const foldMessage = z.object({
  version: z.literal(1),
  tenant: z.string().check(z.regex(TENANT_PATTERN)),
  kind: z.string().check(z.minLength(1), z.maxLength(64)),
  target: z.string().check(z.minLength(1), z.maxLength(256)),
});

export interface FoldDeps {
  readonly samples: Pick<DynamoSampleStore, 'fold' | 'readUnfoldedSince'>;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly clock: Clock;
}

export interface FoldReport extends Omit<FoldMessage, 'version'> {
  /** Series whose points changed. */
  readonly series: number;
  /** How long the oldest batch had waited, 0 when none did. */
  readonly unfoldedSeconds: number;
}

/** Takes a message's body. Undefined when the tenant is gone; any failure is thrown, and folding again is harmless. */
export function createFold(deps: FoldDeps): (body: string) => Promise<FoldReport | undefined> {
  return async (body) => {
    const { tenant, kind, target } = foldMessage.parse(JSON.parse(body));
    const owner = await deps.tenants.readTenant(tenant);
    if (!owner || owner.removedAt !== undefined) return undefined;
    const ref = { tenant, kind, target };
    const now = deps.clock.now();
    const since = await deps.samples.readUnfoldedSince(ref);
    // The running chunk waits for its end: folded now it would be written again, and a write is paid per entity.
    const { series } = await deps.samples.fold(ref, owner.zone, chunkStart(now));
    const unfoldedSeconds = since === undefined ? 0 : Math.max(0, Math.round((now - since) / 1000));
    return { ...ref, series, unfoldedSeconds };
  };
}
