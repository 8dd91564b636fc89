/** The open routes: health, and the OpenAPI document. */
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import type { Clock } from '../../shared/platform/clock.ts';
import type { WatchStore } from '../../shared/rules/watch.port.ts';
import { type Endpoint, endpoint } from './api.ts';
import { health, openapi } from './open.contract.ts';

export interface OpenDeps {
  readonly tenants: Pick<TenantStore, 'listTenants'>;
  readonly watches: Pick<WatchStore, 'read'>;
  readonly clock: Clock;
  readonly stage: string;
  readonly document: () => Record<string, unknown>;
}

/** The minute sweep marks each tenant; three minutes without a mark is a standstill. */
const STANDSTILL_MS = 3 * 60_000;

export function createOpenEndpoints(deps: OpenDeps): Endpoint[] {
  return [
    endpoint(health, async () => {
      const startedAt = deps.clock.now();
      const table = await checkTable(deps);
      const milliseconds = deps.clock.now() - startedAt;
      const schedules = table.ok
        ? await checkSchedules(deps)
        : { ok: false, detail: 'unknown while the table does not answer' };
      return {
        status: table.ok && schedules.ok ? ('ok' as const) : ('degraded' as const),
        stage: deps.stage,
        checks: { api: { ok: true }, table: { ...table, milliseconds }, schedules },
      };
    }),
    endpoint(openapi, async () => deps.document()),
  ];
}

async function checkTable(deps: OpenDeps): Promise<{ ok: boolean; detail?: string }> {
  try {
    await deps.tenants.listTenants();
    return { ok: true };
  } catch {
    return { ok: false, detail: 'the table does not answer' };
  }
}

async function checkSchedules(deps: OpenDeps): Promise<{ ok: boolean; detail?: string }> {
  const [tenant] = await deps.tenants.listTenants();
  if (!tenant) return { ok: true, detail: 'there is no tenant yet' };
  const watch = await deps.watches.read(tenant.tenant);
  const ageMs = watch ? deps.clock.now() - watch.tickAt : undefined;
  if (ageMs === undefined) return { ok: false, detail: 'the minute sweep has not run yet' };
  const seconds = Math.round(ageMs / 1000);
  return { ok: ageMs < STANDSTILL_MS, detail: `the minute sweep ran ${seconds} s ago` };
}
