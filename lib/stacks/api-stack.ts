/** What callers get: one function per capability, each behind its own routes of the HTTP API. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FUNCTIONS } from '../../functions/manifest.ts';
import { grantArchive } from '../constructs/archive-access.ts';
import { existingNetwork } from '../constructs/existing-network.ts';
import { type FunctionFactory, functionNamed } from '../constructs/function-factory.ts';
import { routesTo } from '../constructs/http-routes.ts';
import type { NodeFunction, NodeFunctionProps } from '../constructs/node-function.ts';
import { grantTable, type TableAccess } from '../constructs/table-access.ts';
import { grantTenantSecrets } from '../constructs/tenant-secrets.ts';
import type { CollectStack } from './collect-stack.ts';
import type { DashboardStack } from './dashboard-stack.ts';
import type { StorageStack } from './storage-stack.ts';

/** What each function of the API may touch in the table; all that know callers read members and tenants. */
const ACCESS: Readonly<Record<string, TableAccess>> = {
  'api-open': { read: ['@tenants', 'C'] },
  'api-bundles': { read: ['@member', 'C', 'E', 'H', 'B', 'S', 'R'] },
  'api-interfaces': { read: ['@member', 'C', 'E', 'H', 'B', 'S', 'R'] },
  'api-routers': { read: ['@member', 'C', 'E', 'H'] },
  'api-sims': { read: ['@member', 'C', 'E', 'H', 'B', 'S', 'R', 'L'] },
  'api-archives': { read: ['@member', 'C'] },
  'api-sim-actions': { read: ['@member', 'C', 'E', 'H', 'B', 'S', 'R', 'L'], write: ['C', 'L'] },
  'api-alerts': { read: ['@member', 'C', 'A', 'E'], write: ['C', 'L'], index: true },
  // The first reseller of a tenant brings the source that looks at them.
  'api-resellers': { read: ['@member', 'C', 'E', 'H', 'B', 'S', 'L'], write: ['C', 'L', '@targets'] },
  'api-sources': {
    read: ['@member', '@targets', 'C', 'E', 'H', 'B', 'L', 'S'],
    write: ['C', 'E', 'H', 'B', 'L', '@targets', '@site'],
  },
  'api-ingest': { read: ['@site', 'C'], write: ['@site'] },
  'api-site-work': { read: ['@site', 'C', 'W'], write: ['@site', 'W'] },
};

/** Functions that answer from what is archived. */
const READS_ARCHIVE: readonly string[] = [
  'api-archives',
  'api-bundles',
  'api-interfaces',
  'api-resellers',
  'api-sims',
  'api-sources',
];

/** Functions that ask routers themselves. */
const CALLS_ROUTERS: readonly string[] = ['api-routers', 'api-resellers'];

export interface ApiStackProps extends StackProps {
  readonly storage: StorageStack;
  readonly dashboard: DashboardStack;
  readonly collect: CollectStack;
  readonly make: FunctionFactory;
}

export class ApiStack extends Stack {
  private readonly parts: ApiStackProps;
  private readonly network: NodeFunctionProps['network'];

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    this.parts = props;
    this.network = props.make.stage.vpc && existingNetwork(this, props.make.stage.vpc);
    for (const row of FUNCTIONS.filter((r) => r.stack === 'api')) this.addFunction(row.name);
  }

  private addFunction(name: string): void {
    const { collect, dashboard, storage, make } = this.parts;
    const { taara, interfaces, sims, links, simActs, limits, evaluate, fold } = collect.queues;
    // They call routers, which may stand behind a VPN.
    const network = CALLS_ROUTERS.includes(name) ? this.network : undefined;
    const settings = {
      USER_POOL_ID: dashboard.users.userPoolId,
      USER_POOL_CLIENT_ID: dashboard.client.userPoolClientId,
      COLLECT_TAARA_QUEUE_URL: taara.queue.queueUrl,
      COLLECT_INTERFACES_QUEUE_URL: interfaces.queue.queueUrl,
      COLLECT_SIMS_QUEUE_URL: sims.queue.queueUrl,
      COLLECT_LINKS_QUEUE_URL: links.queue.queueUrl,
      SIM_ACTS_QUEUE_URL: simActs.queue.queueUrl,
      EVALUATE_QUEUE_URL: evaluate.queue.queueUrl,
      LIMITS_QUEUE_URL: limits.queue.queueUrl,
      FOLD_QUEUE_URL: fold.queue.queueUrl,
      PUBLIC_URL: dashboard.publicUrl,
    };
    const fn = functionNamed(this, make, name, settings, network);
    const access = ACCESS[name];
    if (!access) throw new Error(`lib/stacks/api-stack.ts has no table access for ${name}`);
    grantTable(fn, storage.table, access);
    if (READS_ARCHIVE.includes(name)) grantArchive(fn, storage.archiveArn, 'read');
    if (name === 'api-sources') this.allowCollecting(fn);
    if (name === 'api-sim-actions') this.allowActing(fn);
    if (name === 'api-routers') grantTenantSecrets(fn, 'read');
    if (name === 'api-resellers') {
      this.allowLimiting(fn);
      // By reseller: the index, and that for alerts alone.
      grantTable(fn, storage.table, { read: ['A'], index: true });
    }
    if (name === 'api-ingest') this.allowTaking(fn);
    // It wakes the worker whose command was answered, and reads the secrets that sites sign with.
    if (name === 'api-site-work') this.allowLimiting(fn);
    routesTo(this, fn, dashboard.http);
  }

  /** Messages of one SIM go to the provider at once; everything else is left to the worker. */
  private allowActing(fn: NodeFunction): void {
    fn.allow(['sqs:SendMessage'], [this.parts.collect.queues.simActs.queue.queueArn]);
    grantTenantSecrets(fn, 'write');
  }

  private allowLimiting(fn: NodeFunction): void {
    fn.allow(['sqs:SendMessage'], [this.parts.collect.queues.limits.queue.queueArn]);
    grantTenantSecrets(fn, 'read');
  }

  /** It reads the secrets that sites sign with, and hands on what they send to the collector of interfaces alone. */
  private allowTaking(fn: NodeFunction): void {
    fn.allow(['sqs:SendMessage'], [this.parts.collect.queues.interfaces.queue.queueArn]);
    grantTenantSecrets(fn, 'read');
  }

  private allowCollecting(fn: NodeFunction): void {
    const { taara, interfaces, sims, links, evaluate, fold } = this.parts.collect.queues;
    fn.allow(
      ['sqs:SendMessage'],
      [taara, interfaces, sims, links, evaluate, fold].map((q) => q.queue.queueArn),
    );
    grantTenantSecrets(fn, 'write');
  }
}
