/** Environment -> adapters: what every collector opens in the same way, so that its entry point names only its source. */
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type * as z from 'zod/mini';
import { metricsOf } from '../../shared/capability-metrics.ts';
import { openBreakerStore } from '../../shared/collect/breaker.dynamodb.ts';
import type { Collector } from '../../shared/collect/collector.port.ts';
import { openRunStore } from '../../shared/collect/runs.dynamodb.ts';
import type { SecretStore } from '../../shared/collect/secrets.port.ts';
import { openSecretStore } from '../../shared/collect/secrets.secretsmanager.ts';
import type { SourceType } from '../../shared/collect/source.ts';
import { openSourceStore } from '../../shared/collect/sources.dynamodb.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import { createTokenCaches } from '../../shared/collect/tokens.dynamodb.ts';
import { createEntityStore } from '../../shared/entities/entities.dynamodb.ts';
import type { EntityStore } from '../../shared/entities/entities.port.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openQueue } from '../../shared/platform/queue.sqs.ts';
import { openTable, type Table } from '../../shared/platform/table.dynamodb.ts';
import { createSampleStore } from '../../shared/samples/samples.dynamodb.ts';
import type { SampleStore } from '../../shared/samples/samples.port.ts';
import type { collectorConfig } from './collector.config.ts';
import type { CollectorHandlerDeps } from './collector.ts';

const METRICS_NAMESPACE = 'Headroom';

const NO_SECRETS: SecretStore = {
  readSecret: async () => undefined,
  writeSecret: async () => {
    throw new Error('a source that signs in nowhere has no secret');
  },
  readTokenKey: async () => {
    throw new Error('a source that signs in nowhere keeps no token');
  },
};

/** What collectors may need beyond what every job brings. */
export type Opened = Pick<CollectorHandlerDeps, 'clock' | 'entities' | 'tokens' | 'secrets'> & {
  readonly sources: SourceStore;
  readonly table: Table;
  readonly samples: SampleStore;
  readonly entities: EntityStore;
};

/** `queueUrl` is the collector's own queue, on which the rest of a long walk and deferred messages are put back. */
export function openCollector(
  environment: z.infer<typeof collectorConfig>,
  own: {
    types: readonly SourceType[];
    queueUrl: string;
    /** For sources that sign in nowhere: the function may not read any secret then. */
    secretless?: boolean;
    makeCollector(opened: Opened): Collector;
  },
): CollectorHandlerDeps {
  const clock = systemClock;
  const table = openTable(environment.TABLE_NAME);
  const tenants = createTenantStore(table);
  const secrets = own.secretless ? NO_SECRETS : openSecretStore({ table, clock, prefix: environment.SECRET_PREFIX });
  const { TIMESTREAM_QUEUE_URL: storedPartUrl } = environment;
  const tokens = createTokenCaches({ table, clock, secrets });
  const entities = createEntityStore(table);
  const samples = createSampleStore(table, metricsOf);
  const sources = openSourceStore({ table, tenants });
  return {
    types: own.types,
    collector: own.makeCollector({ clock, table, tokens, secrets, sources, entities, samples }),
    clock,
    tenants,
    secrets,
    sources,
    tokens,
    breakers: openBreakerStore(table),
    runs: openRunStore({ table, clock }),
    entities,
    samples,
    collectQueue: openQueue(own.queueUrl),
    evaluateQueue: openQueue(environment.EVALUATE_QUEUE_URL),
    foldQueue: openQueue(environment.FOLD_QUEUE_URL),
    ...(storedPartUrl === undefined ? {} : { storedPartQueue: openQueue(storedPartUrl) }),
    logger: new Logger(),
    metrics: new Metrics({ namespace: METRICS_NAMESPACE }),
  };
}
