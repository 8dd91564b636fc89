/** Environment -> adapters: what the routes of routers work on. */
import type * as z from 'zod/mini';
import { metricsOf } from '../../shared/capability-metrics.ts';
import { openSecretStore } from '../../shared/collect/secrets.secretsmanager.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { createInterfaceQueries } from '../../shared/interfaces/interfaces.query.ts';
import { createRouterOpener, openLimits } from '../../shared/interfaces/router-limits.http.ts';
import { createRouterProbe } from '../../shared/interfaces/router-probe.ts';
import { createRouterQueries } from '../../shared/interfaces/routers.query.ts';
import { systemClock as clock } from '../../shared/platform/clock.ts';
import type { Table } from '../../shared/platform/table.dynamodb.ts';
import { createResellerStore } from '../../shared/resellers/resellers.dynamodb.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import { openInterfaces } from '../open-interfaces.ts';
import type { routersConfig } from './routers.config.ts';
import { countByRouter, type RouterApiDeps } from './routers.ts';

export function openRouters(environment: z.infer<typeof routersConfig>, table: Table): RouterApiDeps {
  const tenants = createTenantStore(table);
  const sources = openSourceStore({ table, tenants });
  const secrets = openSecretStore({ table, clock, prefix: environment.SECRET_PREFIX });
  const [samples, entities] = [createSampleStore(table, metricsOf), createEntityStore(table)];
  const resellers = createResellerStore(table);
  const limits = { clock, sources, secrets, tenants };
  return {
    clock,
    countResellers: async (tenant) => countByRouter(await resellers.list(tenant)),
    routers: createRouterQueries({ sources, samples, entities, clock }),
    interfaces: createInterfaceQueries({ samples, entities, clock }),
    openRouter: createRouterOpener(limits),
    probe: createRouterProbe({
      ...{ clock, secrets, collector: openInterfaces(clock) },
      openLimits: (source, deadline) => openLimits(limits, source, deadline),
    }),
  };
}
