/** One row per function: where it starts, what triggers it, how long and how big it may be, what it is configured by. */
import { alertRoutes } from '../shared/alerts/alerts.contract.ts';
import { bundleRoutes } from '../shared/bundles/bundles.contract.ts';
import { auditRoutes } from '../shared/collect/audit.contract.ts';
import { siteWorkRoutes } from '../shared/collect/site-work.contract.ts';
import { sourceRoutes } from '../shared/collect/sources-api.contract.ts';
import { interfaceRoutes } from '../shared/interfaces/interfaces.contract.ts';
import { pushRoutes } from '../shared/interfaces/push.contract.ts';
import { routerRoutes } from '../shared/interfaces/routers.contract.ts';
import { linkRoutes } from '../shared/links/links.contract.ts';
import { reachRoutes } from '../shared/reach/reach.contract.ts';
import { resellerRoutes } from '../shared/resellers/resellers.contract.ts';
import { ruleRoutes } from '../shared/rules/rules-api.contract.ts';
import { archiveRoutes } from '../shared/samples/archives.contract.ts';
import { simActionRoutes } from '../shared/sims/sim-actions.contract.ts';
import { simRoutes } from '../shared/sims/sims.contract.ts';
import { simFileRoutes } from '../shared/sims/sims-import.contract.ts';
import { apiConfig } from './api/api.config.ts';
import { archivesConfig } from './api/archives.config.ts';
import { ingestConfig } from './api/ingest.config.ts';
import { openConfig } from './api/open.config.ts';
import { openRoutes } from './api/open.contract.ts';
import { resellerAlertRoutes } from './api/reseller-alerts.contract.ts';
import { resellersConfig } from './api/resellers.config.ts';
import { routersConfig } from './api/routers.config.ts';
import { simActionsConfig } from './api/sim-actions.config.ts';
import { siteWorkConfig } from './api/site-work.config.ts';
import { sourcesConfig } from './api/sources.config.ts';
import { archiveConfig } from './archive/archive.config.ts';
import { collectorConfig } from './collect/collector.config.ts';
import { compareLimitsConfig } from './collect/compare-limits.config.ts';
import { dispatchConfig } from './collect/dispatch.config.ts';
import { limitsConfig } from './collect/limits.config.ts';
import { simActsConfig } from './collect/sim-acts.config.ts';
import { timestreamConfig } from './collect/timestream.config.ts';
import { evaluateConfig } from './evaluate/evaluate.config.ts';
import { sweepConfig } from './evaluate/sweep.config.ts';
import { foldConfig } from './fold/fold.config.ts';
import { relayConfig } from './notify/relay.config.ts';
import { smsConfig } from './notify/sms.config.ts';
import { statusConfig } from './notify/status.config.ts';
import { whatsappConfig } from './notify/whatsapp.config.ts';

export type QueueName =
  | 'collect-taara'
  | 'collect-interfaces'
  | 'collect-sims'
  | 'collect-links'
  | 'sim-acts'
  | 'limits'
  | 'fold'
  | 'archive'
  | 'evaluate'
  | 'outbox'
  | 'whatsapp'
  | 'sms'
  | 'timestream';

export type Trigger =
  | {
      readonly on: 'queue';
      readonly queue: QueueName;
      readonly batchSize: number;
      readonly maxConcurrency: number;
      readonly batchingWindowSeconds?: number;
    }
  | { readonly on: 'schedule' }
  | { readonly on: 'http'; readonly routes: readonly string[] };

export interface FunctionRow {
  readonly name: string;
  readonly stack: 'collect' | 'alert' | 'api';
  readonly entry: string;
  readonly trigger: Trigger;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** zod schema of its environment: the stack gives exactly these variables. */
  readonly config: { readonly shape: Readonly<Record<string, unknown>> };
}

/** A function behind routes of the API is named after its entry point. */
function api(
  name: string,
  routes: readonly { readonly key: string }[],
  size: Pick<FunctionRow, 'timeoutSeconds' | 'memoryMb' | 'config'>,
): FunctionRow {
  const trigger = { on: 'http', routes: routes.map(({ key }) => key) } as const;
  return { name: `api-${name}`, stack: 'api', entry: `functions/api/${name}.lambda.ts`, trigger, ...size };
}

export const FUNCTIONS: readonly FunctionRow[] = [
  {
    name: 'collect-dispatch',
    stack: 'collect',
    entry: 'functions/collect/dispatch.lambda.ts',
    trigger: { on: 'schedule' },
    timeoutSeconds: 30,
    memoryMb: 256,
    config: dispatchConfig,
  },
  {
    name: 'collect-taara',
    stack: 'collect',
    entry: 'functions/collect/taara.lambda.ts',
    trigger: { on: 'queue', queue: 'collect-taara', batchSize: 1, maxConcurrency: 10 },
    timeoutSeconds: 90,
    memoryMb: 256,
    config: collectorConfig,
  },
  {
    name: 'collect-interfaces',
    stack: 'collect',
    entry: 'functions/collect/interfaces.lambda.ts',
    trigger: { on: 'queue', queue: 'collect-interfaces', batchSize: 1, maxConcurrency: 20 },
    timeoutSeconds: 90,
    memoryMb: 256,
    config: collectorConfig,
  },
  {
    name: 'collect-links',
    stack: 'collect',
    entry: 'functions/collect/links.lambda.ts',
    trigger: { on: 'queue', queue: 'collect-links', batchSize: 1, maxConcurrency: 10 },
    timeoutSeconds: 30,
    memoryMb: 256,
    config: collectorConfig,
  },
  {
    name: 'collect-sims',
    stack: 'collect',
    entry: 'functions/collect/sims.lambda.ts',
    trigger: { on: 'queue', queue: 'collect-sims', batchSize: 1, maxConcurrency: 10 },
    timeoutSeconds: 90,
    memoryMb: 512,
    config: collectorConfig,
  },
  {
    name: 'act-sims',
    stack: 'collect',
    entry: 'functions/collect/sim-acts.lambda.ts',
    trigger: { on: 'queue', queue: 'sim-acts', batchSize: 1, maxConcurrency: 5 },
    timeoutSeconds: 90,
    memoryMb: 256,
    config: simActsConfig,
  },
  {
    name: 'compare-limits',
    stack: 'collect',
    entry: 'functions/collect/compare-limits.lambda.ts',
    trigger: { on: 'schedule' },
    timeoutSeconds: 60,
    memoryMb: 256,
    config: compareLimitsConfig,
  },
  {
    name: 'act-limits',
    stack: 'collect',
    entry: 'functions/collect/limits.lambda.ts',
    trigger: { on: 'queue', queue: 'limits', batchSize: 1, maxConcurrency: 10 },
    timeoutSeconds: 90,
    memoryMb: 256,
    config: limitsConfig,
  },
  {
    name: 'fold',
    stack: 'collect',
    entry: 'functions/fold/fold.lambda.ts',
    trigger: { on: 'queue', queue: 'fold', batchSize: 1, maxConcurrency: 5 },
    timeoutSeconds: 120,
    memoryMb: 512,
    config: foldConfig,
  },
  {
    name: 'archive-plan',
    stack: 'collect',
    entry: 'functions/archive/plan.lambda.ts',
    trigger: { on: 'schedule' },
    timeoutSeconds: 300,
    memoryMb: 256,
    config: archiveConfig,
  },
  {
    name: 'archive',
    stack: 'collect',
    entry: 'functions/archive/archive.lambda.ts',
    trigger: { on: 'queue', queue: 'archive', batchSize: 1, maxConcurrency: 2 },
    timeoutSeconds: 300,
    memoryMb: 1024,
    config: archiveConfig,
  },
  {
    name: 'evaluate',
    stack: 'alert',
    entry: 'functions/evaluate/evaluate.lambda.ts',
    trigger: { on: 'queue', queue: 'evaluate', batchSize: 5, maxConcurrency: 20 },
    timeoutSeconds: 30,
    memoryMb: 256,
    config: evaluateConfig,
  },
  {
    name: 'sweep',
    stack: 'alert',
    entry: 'functions/evaluate/sweep.lambda.ts',
    trigger: { on: 'schedule' },
    timeoutSeconds: 60,
    memoryMb: 256,
    config: sweepConfig,
  },
  {
    name: 'notify-relay',
    stack: 'alert',
    entry: 'functions/notify/relay.lambda.ts',
    trigger: { on: 'queue', queue: 'outbox', batchSize: 5, maxConcurrency: 10 },
    timeoutSeconds: 30,
    memoryMb: 256,
    config: relayConfig,
  },
  {
    name: 'notify-whatsapp',
    stack: 'alert',
    entry: 'functions/notify/whatsapp.lambda.ts',
    trigger: { on: 'queue', queue: 'whatsapp', batchSize: 1, maxConcurrency: 5 },
    timeoutSeconds: 30,
    memoryMb: 256,
    config: whatsappConfig,
  },
  {
    name: 'notify-sms',
    stack: 'alert',
    entry: 'functions/notify/sms.lambda.ts',
    trigger: { on: 'queue', queue: 'sms', batchSize: 1, maxConcurrency: 5 },
    timeoutSeconds: 30,
    memoryMb: 256,
    config: smsConfig,
  },
  {
    name: 'notify-status',
    stack: 'alert',
    entry: 'functions/notify/status.lambda.ts',
    trigger: { on: 'http', routes: ['POST /v1/callbacks/twilio'] },
    timeoutSeconds: 10,
    memoryMb: 256,
    config: statusConfig,
  },
  api('open', openRoutes, { timeoutSeconds: 10, memoryMb: 256, config: openConfig }),
  api('bundles', bundleRoutes, { timeoutSeconds: 15, memoryMb: 512, config: archivesConfig }),
  api('interfaces', [...interfaceRoutes, ...reachRoutes], {
    timeoutSeconds: 15,
    memoryMb: 512,
    config: archivesConfig,
  }),
  api('routers', routerRoutes, { timeoutSeconds: 28, memoryMb: 512, config: routersConfig }),
  api('ingest', pushRoutes, { timeoutSeconds: 15, memoryMb: 256, config: ingestConfig }),
  api('site-work', siteWorkRoutes, { timeoutSeconds: 15, memoryMb: 256, config: siteWorkConfig }),
  api('sims', simRoutes, { timeoutSeconds: 25, memoryMb: 512, config: archivesConfig }),
  api('archives', archiveRoutes, { timeoutSeconds: 15, memoryMb: 512, config: archivesConfig }),
  api('sim-actions', [...simActionRoutes, ...simFileRoutes, ...auditRoutes], {
    timeoutSeconds: 28,
    memoryMb: 1024,
    config: simActionsConfig,
  }),
  api('alerts', [...alertRoutes, ...ruleRoutes], { timeoutSeconds: 15, memoryMb: 512, config: apiConfig }),
  api('resellers', [...resellerRoutes, ...resellerAlertRoutes], {
    timeoutSeconds: 28,
    memoryMb: 512,
    config: resellersConfig,
  }),
  api('sources', [...sourceRoutes, ...linkRoutes], { timeoutSeconds: 25, memoryMb: 512, config: sourcesConfig }),
  {
    name: 'timestream-write',
    stack: 'collect',
    entry: 'functions/collect/timestream.lambda.ts',
    trigger: { on: 'queue', queue: 'timestream', batchSize: 10, maxConcurrency: 5, batchingWindowSeconds: 5 },
    timeoutSeconds: 60,
    memoryMb: 256,
    config: timestreamConfig,
  },
];
