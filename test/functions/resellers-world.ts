/** What resellers work with, in memory: one table, routers that can be told how to behave, a queue that is kept. */
import { createAuditEndpoints } from '../../functions/api/audit.ts';
import { createResellerAlertEndpoints } from '../../functions/api/reseller-alerts.ts';
import { createResellerEndpoints } from '../../functions/api/resellers.ts';
import { createOlderResellerEndpoints } from '../../functions/api/resellers-older.ts';
import { createCompareLimits } from '../../functions/collect/compare-limits.ts';
import { createLimits, type LimitsReport } from '../../functions/collect/limits.ts';
import { createAlertStore } from '../../shared/alerts/alerts.dynamodb.ts';
import { openAuditLog } from '../../shared/collect/audit.dynamodb.ts';
import { createSiteWorkStore } from '../../shared/collect/site-work.dynamodb.ts';
import type { Source, SourceType } from '../../shared/collect/source.ts';
import { ROLES, type Role } from '../../shared/entities/tenant.ts';
import type { OpenedRouter, RouterWork } from '../../shared/interfaces/router-limits.ts';
import { AppError } from '../../shared/platform/errors.ts';
import type { Table } from '../../shared/platform/table.dynamodb.ts';
import type { LimitsMessage } from '../../shared/resellers/resellers.contract.ts';
import { createResellerStore } from '../../shared/resellers/resellers.dynamodb.ts';
import { createUsageQuery } from '../../shared/resellers/usage.query.ts';
import type { Head, Increase } from '../../shared/samples/sample.ts';
import { MovableClock, memoryQueue, memoryTenants, sourceNamed, tenantNamed } from '../shared/collect/fakes.ts';
import { createFakeTable, type FakeOptions } from '../shared/fake-table.ts';
import { MemoryRouter } from '../shared/resellers/memory-router.ts';
import { type Api, apiOf } from './api/asking.ts';

export const INVOCATION_MS = 90_000;
const TENANT = tenantNamed('demo');

export class ResellersWorld {
  readonly clock = new MovableClock();
  readonly table: ReturnType<typeof createFakeTable>;
  readonly queue = memoryQueue<LimitsMessage>();
  readonly tenants = memoryTenants(TENANT);
  readonly routers = new Map<string, MemoryRouter>();
  readonly sources: Source[] = [];
  /** By kind, entity and metric. */
  readonly increases = new Map<string, Increase[]>();
  /** By kind and target. */
  readonly heads = new Map<string, Head>();
  role: Role = 'owner';
  #invocation = 0;

  constructor(options: FakeOptions = {}) {
    this.table = createFakeTable(options);
    this.addRouter('core');
  }

  addRouter(id: string, type: SourceType = 'routeros'): MemoryRouter {
    const router = new MemoryRouter();
    this.routers.set(id, router);
    this.sources.push(sourceNamed(id, { type, kind: 'interface' }));
    return router;
  }

  router(id = 'core'): MemoryRouter {
    const router = this.routers.get(id);
    if (!router) throw new Error(`no router ${id}`);
    return router;
  }

  deps(table: Table = this.table) {
    const { clock, queue, tenants } = this;
    return {
      ...{ clock, queue },
      tenants: { readTenant: tenants.readTenant, listTenants: async () => [TENANT] },
      resellers: createResellerStore(table),
      alerts: createAlertStore(table),
      audit: openAuditLog({ table, clock }),
      sources: {
        list: async () => this.sources,
        read: async (_: string, id: string) => this.sources.find((one) => one.id === id),
        put: async (source: Source) => {
          const stored = { ...source, version: source.version + 1 };
          this.sources.push(stored);
          return stored;
        },
      },
      siteWork: createSiteWorkStore(table),
      openRouter: async (_: string, id: string, _deadline: number, _work?: RouterWork): Promise<OpenedRouter> => {
        const router = this.routers.get(id);
        if (!router) throw new AppError('NOT_FOUND', `there is no router "${id}"`);
        return router.open();
      },
      usage: createUsageQuery({
        clock,
        entities: {
          read: async (tenant, kind, id) =>
            this.increases.has(`${kind} ${id} ifHCInOctets`)
              ? {
                  ...{ tenant, kind, id, target: id.split('/')[0] ?? '', name: id, attributes: {}, labels: {} },
                  ...{ simulated: false, firstSeenAt: 1 },
                }
              : undefined,
        },
        samples: {
          readHead: async ({ kind, target }) => this.heads.get(`${kind} ${target}`),
          readIncreases: async ({ kind, entity, metric }) => this.increases.get(`${kind} ${entity} ${metric}`) ?? [],
        },
      }),
    };
  }

  api(): Api {
    const deps = this.deps();
    return apiOf(
      [
        ...createResellerEndpoints(deps),
        ...createOlderResellerEndpoints(deps),
        ...createResellerAlertEndpoints(deps),
        ...createAuditEndpoints(deps),
      ],
      {
        identify: async (_, needs) => {
          if (ROLES.indexOf(this.role) < ROLES.indexOf(needs)) throw new AppError('FORBIDDEN', `this needs ${needs}`);
          return { subject: 'local:test', tenant: TENANT, role: this.role };
        },
      },
    );
  }

  /** Works on one message, as one invocation does. */
  work(
    message: LimitsMessage,
    over: Partial<ReturnType<ResellersWorld['deps']>> = {},
    isAgain = false,
  ): Promise<LimitsReport> {
    const holder = `invocation-${++this.#invocation}`;
    const options = { deadline: this.clock.now() + INVOCATION_MS, holder, isAgain };
    return createLimits({ ...this.deps(), ...over })(message, options);
  }

  /** Takes messages as they come due, until there are none or `most` were taken. */
  async workOff(most = 100): Promise<LimitsReport[]> {
    const reports: LimitsReport[] = [];
    while (this.queue.sent.length > 0 && reports.length < most) {
      const entry = this.queue.sent.shift();
      if (!entry) break;
      this.clock.advance((entry.delaySeconds ?? 0) * 1000);
      reports.push(await this.work(entry.message));
    }
    return reports;
  }

  compareAll() {
    return createCompareLimits(this.deps())();
  }

  async auditRows(): Promise<string[]> {
    const { entries } = await this.deps().audit.list('demo', 500);
    return entries.map(({ action, outcome }) => `${action} ${outcome}`).reverse();
  }
}
