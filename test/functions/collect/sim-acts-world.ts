/** What acting on SIMs works with, in memory: one table, a provider that can be told how to answer, queues that are kept. */
import { createAuditEndpoints } from '../../../functions/api/audit.ts';
import { createSimActionEndpoints } from '../../../functions/api/sim-actions.ts';
import { createSimMessageEndpoints } from '../../../functions/api/sim-messages.ts';
import { createSimActs, type SimActReport } from '../../../functions/collect/sim-acts.ts';
import { openAuditLog } from '../../../shared/collect/audit.dynamodb.ts';
import type { Source } from '../../../shared/collect/source.ts';
import type { Role } from '../../../shared/entities/tenant.ts';
import { AppError, type ErrorCode, type ErrorContext } from '../../../shared/platform/errors.ts';
import type { Table } from '../../../shared/platform/table.dynamodb.ts';
import type { FoundSim } from '../../../shared/sims/finder.port.ts';
import { openJobStore } from '../../../shared/sims/jobs.dynamodb.ts';
import type { OnenceClient } from '../../../shared/sims/onence.port.ts';
import type { SimActMessage } from '../../../shared/sims/sim-actions.contract.ts';
import { openSpendingStore } from '../../../shared/sims/spending.dynamodb.ts';
import { MovableClock, memoryQueue, sourceNamed, tenantNamed } from '../../shared/collect/fakes.ts';
import { createFakeTable, type FakeOptions } from '../../shared/fake-table.ts';
import { type Api, apiOf } from '../api/asking.ts';

export const iccidOf = (n: number) => `89880000000000${String(n).padStart(5, '0')}`;
export const SPENDING = {
  ...{ enabled: true, capMinor: '100000', currency: 'EUR', topUpPriceMinor: '1000', extensionPriceMinor: '500' },
};

export interface ProviderCall {
  readonly name: string;
  readonly args: readonly unknown[];
}

export const failure = (code: ErrorCode, context: ErrorContext = {}) =>
  new AppError(code, 'said by the provider', { context });
export const LOST = failure('SOURCE_UNAVAILABLE', { failure: 'timeout' });

export class ActsWorld {
  readonly clock = new MovableClock();
  readonly table: Table & ReturnType<typeof createFakeTable>;
  readonly queue = memoryQueue<SimActMessage>();
  readonly sources = new Map<string, Source>();
  readonly calls: ProviderCall[] = [];
  readonly readAgain: string[] = [];
  sims: FoundSim[] = [];
  /** What the next calls answer, by the number of the call from 0; an error is thrown, after the call was noted. */
  answers: (call: ProviderCall, index: number) => unknown = () => undefined;
  opening: () => void = () => undefined;
  role: Role = 'owner';
  subject = 'local:test';
  #invocation = 0;

  constructor(options: FakeOptions = {}) {
    this.table = createFakeTable(options);
    this.sources.set('fleet', sourceNamed('fleet', { type: 'onence', settings: {} }));
  }

  addSims(count: number, over: Partial<FoundSim> = {}): void {
    const from = this.sims.length;
    for (let n = from + 1; n <= from + count; n++)
      this.sims.push({ iccid: iccidOf(n), account: 'fleet', enabled: true, ...over });
  }

  allowSpending(over: Partial<typeof SPENDING> = {}, account = 'fleet'): void {
    const settings = { spending: { ...SPENDING, ...over } };
    this.sources.set(account, sourceNamed(account, { type: 'onence', settings }));
  }

  deps(table: Table = this.table) {
    const { clock } = this;
    const tenant = tenantNamed('demo', { zone: 'Africa/Nairobi' });
    return {
      clock,
      queue: this.queue,
      jobs: openJobStore({ table, clock }),
      audit: openAuditLog({ table, clock }),
      spending: openSpendingStore(table),
      sources: { read: async (_: string, id: string) => this.sources.get(id) },
      tenants: { readTenant: async () => tenant },
      secrets: { readTokenKey: async () => new Uint8Array(32).fill(9) },
      openAccount: async () => {
        this.opening();
        return this.#client();
      },
      afterwards: async (_: string, account: string) => void this.readAgain.push(account),
      finder: {
        byIccid: async (_: unknown, iccids: readonly string[]) => this.sims.filter((s) => iccids.includes(s.iccid)),
        byFilter: async (_: unknown, { label }: { label?: string | undefined }) =>
          this.sims.filter((s) => label === undefined || s.label?.includes(label)),
        accounts: async () => [...this.sources.keys()],
      },
    };
  }

  api(): Api {
    const deps = this.deps();
    const endpoints = [
      ...createSimActionEndpoints(deps),
      ...createSimMessageEndpoints(deps),
      ...createAuditEndpoints(deps),
    ];
    const tenant = tenantNamed('demo', { zone: 'Africa/Nairobi' });
    return apiOf(endpoints, { identify: async () => ({ subject: this.subject, tenant, role: this.role }) });
  }

  /** Works on one message, as one invocation does. */
  work(message: SimActMessage, { table = this.table as Table, seconds = 90 } = {}): Promise<SimActReport> {
    const options = { deadline: this.clock.now() + seconds * 1000, holder: `invocation-${++this.#invocation}` };
    return createSimActs(this.deps(table))(message, options);
  }

  /** Takes messages as they come due, until there are none or `most` were taken. */
  async workOff(most = 200): Promise<SimActReport[]> {
    const reports: SimActReport[] = [];
    for (let entry = this.queue.sent.shift(); entry && reports.length < most; entry = this.queue.sent.shift()) {
      this.clock.advance((entry.delaySeconds ?? 0) * 1000);
      reports.push(await this.work(entry.message));
    }
    return reports;
  }

  auditRows() {
    return this.deps()
      .audit.list('demo', 500)
      .then((page) => page.entries.map((e) => e).reverse());
  }

  async spentMinor(account = 'fleet'): Promise<bigint> {
    const spent = await this.deps().spending.read({ tenant: 'demo', account, month: '2030-01' });
    return spent?.amountMinor ?? 0n;
  }

  #client(): OnenceClient {
    return new Proxy({} as OnenceClient, {
      get: (_, name) => {
        // A promise would have one.
        if (name === 'then') return undefined;
        return async (...args: unknown[]) => {
          const call = { name: String(name), args };
          this.calls.push(call);
          const answer = this.answers(call, this.calls.length - 1);
          if (answer instanceof Error) throw answer;
          return answer;
        };
      },
    });
  }
}
