/** The stores that evaluator and sweep share, all on the one table. */
import { createAlertStore } from '../../shared/alerts/alerts.dynamodb.ts';
import { metricsOf } from '../../shared/capability-metrics.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { createReceiverStore } from '../../shared/notify/receivers.dynamodb.ts';
import type { Table } from '../../shared/platform/table.dynamodb.ts';
import { createRuleStore } from '../../shared/rules/rules.dynamodb.ts';
import { createWatchStore } from '../../shared/rules/watch.dynamodb.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';

export function openStores(table: Table) {
  const tenants = createTenantStore(table);
  return {
    tenants,
    sources: openSourceStore({ table, tenants }),
    entities: createEntityStore(table),
    samples: createSampleStore(table, metricsOf),
    rules: createRuleStore(table),
    watch: createWatchStore(table),
    receivers: createReceiverStore(table),
    alerts: createAlertStore(table),
  };
}
