/** A site with its agent and the house that it asks, in memory: only the network between them, and time, are ours to break. */
import { createLimitsWorker, type SiteRouter } from '../../agent/limits.ts';
import { createWorkAgent, type WorkAgent } from '../../agent/work-agent.ts';
import { createApi } from '../../functions/api/api.ts';
import { createSites } from '../../functions/api/ingest-proof.ts';
import { createSiteWorkEndpoints } from '../../functions/api/site-work.ts';
import type { SecretFields } from '../../shared/collect/secrets.port.ts';
import type { SiteKey } from '../../shared/collect/site-key.ts';
import { openSiteKeyStore } from '../../shared/collect/site-keys.dynamodb.ts';
import { createSiteWorkStore } from '../../shared/collect/site-work.dynamodb.ts';
import type { Source } from '../../shared/collect/source.ts';
import { createRouterOpener } from '../../shared/interfaces/router-limits.http.ts';
import type { HttpResponse } from '../../shared/platform/http.ts';
import type { QueueEntry } from '../../shared/platform/queue.port.ts';
import type { Table } from '../../shared/platform/table.dynamodb.ts';
import { eventOf } from '../functions/api/asking.ts';
import { MovableClock, memoryQueue, memoryTenants, sourceNamed, tenantNamed } from '../shared/collect/fakes.ts';
import { createFakeTable, type FakeTable } from '../shared/fake-table.ts';

export const SITE = { tenant: 'demo', source: 'branch' };
export const ROUTER = 'core';

export interface Request {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export class SiteWorld {
  readonly clock: MovableClock;
  readonly table: FakeTable;
  /** Where work goes on; a test that has a worker puts the worker's own here. */
  queue: { send(message: unknown): Promise<void>; sent?: QueueEntry<unknown>[] } = memoryQueue<unknown>();
  readonly sources = new Map<string, Source>();
  readonly routers = new Map<string, SiteRouter>();
  readonly said: string[] = [];
  readonly requests: Request[] = [];
  /** What the network makes of a request; undefined = it arrives. */
  broken: ((request: Request) => HttpResponse | Error | undefined) | undefined;
  /** What it makes of an answer. */
  bends: (answer: HttpResponse) => HttpResponse = (answer) => answer;
  /** Of the agent's clock before the house's. */
  skewMs = 0;
  key!: SiteKey;
  /** Off, nobody waits for a router that hangs. */
  isPatient = true;
  #underWay: Promise<unknown>[] = [];
  #agent: WorkAgent | undefined;
  #secrets = new Map<string, SecretFields>();

  constructor(clock = new MovableClock(), table = createFakeTable()) {
    [this.clock, this.table] = [clock, table];
    this.putSite(SITE.tenant, { commands: true });
    this.putRouter(SITE.tenant, ROUTER);
  }

  putSite(tenant: string, settings: Record<string, unknown>, id = SITE.source): void {
    this.sources.set(`${tenant}/${id}`, sourceNamed(id, { tenant, type: 'push', kind: 'interface', settings }));
  }

  putRouter(tenant: string, id: string): void {
    const settings = { via: SITE.source };
    this.sources.set(`${tenant}/${id}`, sourceNamed(id, { tenant, type: 'site-router', kind: 'interface', settings }));
  }

  get keys() {
    const secrets = {
      readSecret: async (tenant: string, source: string) => this.#secrets.get(`${tenant}/${source}`),
      writeSecret: async (tenant: string, source: string, fields: SecretFields | undefined) => {
        if (fields) this.#secrets.set(`${tenant}/${source}`, fields);
      },
      readTokenKey: async () => new Uint8Array(32),
    };
    return openSiteKeyStore({ table: this.table, secrets });
  }

  get store() {
    return createSiteWorkStore(this.table);
  }

  async start(): Promise<this> {
    this.key = await this.keys.renew(SITE);
    return this;
  }

  openRouter(table: Table = this.table) {
    return createRouterOpener({
      ...{ clock: this.clock, siteWork: createSiteWorkStore(table) },
      sources: { read: async (tenant, id) => this.sources.get(`${tenant}/${id}`) },
      secrets: { readSecret: async () => undefined },
      tenants: memoryTenants(tenantNamed('demo'), tenantNamed('rival')),
    });
  }

  /** The very function behind the route. */
  async send({ headers, body }: Request, route = 'POST /v1/site/work'): Promise<HttpResponse> {
    const { keys, store, clock } = this;
    const limits = { send: (message: unknown) => this.queue.send(message) };
    const handler = createApi(
      createSiteWorkEndpoints({ keys, clock, store, queues: { limits } }),
      undefined,
      { error: (message, fields) => void this.said.push(`house: ${message} ${JSON.stringify(fields)}`) },
      createSites({
        ...{ keys, clock, tenants: memoryTenants(tenantNamed('demo'), tenantNamed('rival')) },
        sources: { read: async (tenant, id) => this.sources.get(`${tenant}/${id}`) },
      }),
    );
    const answer = await handler(eventOf(route, { headers: { ...headers }, body }), {} as never);
    const given = Object.entries(answer.headers ?? {}).map(([name, value]): [string, string] => [name, String(value)]);
    return { status: answer.statusCode ?? 0, headers: new Headers(given), text: answer.body ?? '', responseMs: 1 };
  }

  /** A process of its own: a second one knows nothing of the first. */
  newAgent(key = this.key): WorkAgent {
    const ticks = () => this.clock.at;
    const say = (line: string) => void this.said.push(line);
    const work = createLimitsWorker({ routers: this.routers, ticks, say });
    const carryOut: typeof work = (...args) => {
      const done = work(...args);
      this.#underWay.push(done);
      return done;
    };
    this.#agent = createWorkAgent({
      ...{ key, ticks, say, carryOut, random: () => 0.5, now: () => this.clock.at + this.skewMs },
      post: async (headers, body) => {
        const request = { headers, body };
        this.requests.push(request);
        const fate = this.broken?.(request);
        if (fate instanceof Error) throw fate;
        return this.bends(fate ?? (await this.send(request)));
      },
    });
    return this.#agent;
  }

  get agent(): WorkAgent {
    return this.#agent ?? this.newAgent();
  }

  /** One look of the agent at the time; what it was given is carried out. Resolves to the ms until the next. */
  async look(): Promise<number> {
    const waitMs = await this.agent.turn();
    if (this.isPatient) await Promise.all(this.#underWay.splice(0));
    await new Promise((resolve) => setImmediate(resolve));
    return waitMs;
  }

  /** The same, and time goes on until the next. */
  async ask(): Promise<void> {
    this.clock.advance(await this.look());
  }

  /** Lets the agent do what it does for so long. */
  async pass(ms: number): Promise<void> {
    for (const until = this.clock.at + ms; this.clock.at < until; ) {
      this.clock.advance(Math.min(await this.look(), until - this.clock.at));
    }
  }
}
