/** A 1NCE account that the product's own pipeline, collector, client, pace and stores read, with the outside in another process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { metricsOf } from '../shared/capability-metrics.ts';
import { openBreakerStore } from '../shared/collect/breaker.dynamodb.ts';
import type { QueuedCollectMessage } from '../shared/collect/collect.contract.ts';
import { collect } from '../shared/collect/pipeline.ts';
import type { CollectDeps, CollectReport } from '../shared/collect/run-context.ts';
import { openRunStore } from '../shared/collect/runs.dynamodb.ts';
import { phaseSeconds } from '../shared/collect/schedule.ts';
import type { Source } from '../shared/collect/source.ts';
import { openSourceStore } from '../shared/collect/sources.dynamodb.ts';
import { createTokenCaches } from '../shared/collect/tokens.dynamodb.ts';
import { createEntityStore } from '../shared/entities/entities.dynamodb.ts';
import { createTenantStore } from '../shared/entities/tenants.dynamodb.ts';
import type { Queue } from '../shared/platform/queue.port.ts';
import { openTable, type Table } from '../shared/platform/table.dynamodb.ts';
import { createSampleStore } from '../shared/samples/samples.dynamodb.ts';
import { createFleetCollector } from '../shared/sims/collector.ts';
import { createFleetStore } from '../shared/sims/fleet.dynamodb.ts';
import { FLEET_KIND, SIM_KIND } from '../shared/sims/metrics.ts';
import { createSimNoteStore } from '../shared/sims/notes.dynamodb.ts';
import { openOnence } from '../shared/sims/onence.http.ts';
import { createSharedTokens } from '../shared/sims/onence-token.dynamodb.ts';
import { createPaces } from '../shared/sims/pace.dynamodb.ts';
import { createSimLog } from '../shared/sims/simlog.dynamodb.ts';
import { createUsageStore } from '../shared/sims/usage.dynamodb.ts';
import { createWalkStore } from '../shared/sims/walk.dynamodb.ts';
import {
  type Asked,
  type AskProvider,
  type Counts,
  CREDENTIALS,
  type FromOutside,
  type OutsideOrder,
  PERIOD_SECONDS,
} from './fleet-outside.ts';
import type { BenchTime } from './fleet-time.ts';

export const ACCOUNT = 'fleet';
/** Of the function, and the lease of a run that dies. */
export const INVOCATION_MS = 120_000;

type Question = Asked extends infer A ? Omit<A, 'id'> : never;

/** The other process: what is asked in one breath goes as one message. */
export class Outside {
  readonly #child: ChildProcess;
  readonly #open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #outbox: Asked[] = [];
  #asked = 0;
  readonly addresses: { readonly providerUrl: string; readonly tablesUrl: string };

  private constructor(child: ChildProcess, addresses: Outside['addresses']) {
    this.#child = child;
    this.addresses = addresses;
    child.on('message', (message: FromOutside) => {
      for (const answer of 'answers' in message ? message.answers : []) {
        const open = this.#open.get(answer.id);
        this.#open.delete(answer.id);
        if (answer.error === undefined) open?.resolve(answer.value);
        else open?.reject(new Error(answer.error));
      }
    });
  }

  static async start(order: OutsideOrder): Promise<Outside> {
    const child = fork(join(import.meta.dirname, 'fleet-outside.ts'), { serialization: 'advanced' });
    child.send(order);
    const [message] = (await once(child, 'message')) as [FromOutside];
    if (!('ready' in message)) throw new Error('the outside did not start');
    return new Outside(child, message.ready);
  }

  ask(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#asked++;
      this.#open.set(id, { resolve, reject });
      if (this.#outbox.length === 0) setImmediate(() => this.#child.send(this.#outbox.splice(0)));
      this.#outbox.push({ id, ...question } as Asked);
    });
  }

  counts(): Promise<Counts> {
    return this.ask({ counts: true }) as Promise<Counts>;
  }

  stop(): void {
    this.#child.disconnect();
  }
}

/** What an account is measured with. */
export interface WorldOptions {
  readonly outside: Outside;
  readonly time: BenchTime;
  readonly firstSlot: number;
  readonly sims: number;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of a call by message; over sockets the other side takes it. */
  readonly latencyMs: number;
  readonly tableMs: number;
  /** Told of every call when it begins, and of its answer. */
  readonly onCall: (at: number) => void;
  readonly onAnswer: (call: { readonly path: string; readonly status: number; readonly at: number }) => void;
}

/** A process that works, until it is killed: from then on nothing it began goes on. */
export interface Worker {
  deliver(message: QueuedCollectMessage): Promise<CollectReport>;
  kill(): void;
}

/** A tenant whose slots begin in the second of `now`. */
export function tenantAt(now: number): string {
  const phase = Math.floor(now / 1000) % PERIOD_SECONDS;
  for (let i = 0; ; i++) if (phaseSeconds(`bench-${i}`, PERIOD_SECONDS) === phase) return `bench-${i}`;
}

export interface World {
  openWorker(): Worker;
  /** SIMs of which the table holds a reading. */
  countRead(): Promise<number>;
}

export async function openWorld(options: WorldOptions, queue: Queue<QueuedCollectMessage>): Promise<World> {
  const { outside, firstSlot } = options;
  const tenant = tenantAt(firstSlot);
  const { tablesUrl } = outside.addresses;
  const bench = tablesUrl === '' ? tableByMessage(options) : tableOverSocket(tablesUrl);
  const tenants = createTenantStore(bench);
  const owner = { tenant, name: tenant, zone: 'UTC', simulated: false, allowedNetworks: [], createdAt: firstSlot };
  const source: Source = {
    ...{ tenant, id: ACCOUNT, type: 'onence', kind: FLEET_KIND, name: 'Fleet', enabled: true },
    ...{
      periodSeconds: PERIOD_SECONDS,
      settings: options.settings,
      simulated: false,
      createdAt: firstSlot,
      version: 0,
    },
  };
  const opened = openSourceStore({ table: bench, tenants });
  await options.time.play(tenants.addTenant(owner).then(() => opened.put(source)));
  return {
    openWorker: () => openWorker(options, bench, queue),
    async countRead() {
      const heads = createSampleStore(bench, metricsOf, options.time.clock).readHeads(tenant, SIM_KIND);
      return (await options.time.play(heads)).reduce((total, { entities }) => total + entities.length, 0);
    },
  };
}

function openWorker(options: WorldOptions, bench: Table, queue: Queue<QueuedCollectMessage>): Worker {
  const { time } = options;
  const life = { over: false };
  const mortal = <A extends unknown[], R>(act: (...args: A) => Promise<R>) => {
    const never = new Promise<never>(() => undefined);
    return async (...args: A): Promise<R> => {
      if (life.over) return never;
      const result = await act(...args).catch((error: unknown) => (life.over ? never : Promise.reject(error)));
      return life.over ? never : result;
    };
  };
  const own = Object.fromEntries(Object.entries(bench).map(([verb, act]) => [verb, mortal(act)])) as unknown as Table;
  const deps = depsOn(options, own, mortal(time.sleep), mortal(callOf(options)) as typeof fetch, {
    send: mortal((message, delay) => queue.send(message, delay)),
    sendMany: mortal((entries) => queue.sendMany(entries)),
  });
  return {
    deliver: (message) => collect(deps, message, { deadline: time.clock.now() + INVOCATION_MS }),
    kill() {
      life.over = true;
    },
  };
}

function depsOn(
  { time, outside }: WorldOptions,
  table: Table,
  sleep: (ms: number) => Promise<unknown>,
  call: typeof fetch,
  collectQueue: Queue<QueuedCollectMessage>,
): CollectDeps {
  const { clock } = time;
  const tenants = createTenantStore(table);
  const stores = { entities: createEntityStore(table), samples: createSampleStore(table, metricsOf, clock) };
  const openToken = createSharedTokens({ table, clock, sleep });
  const openPace = createPaces({ table, clock, sleep });
  const collector = createFleetCollector({
    ...{ ...stores, clock, fleets: createFleetStore(table), notes: createSimNoteStore(table) },
    ...{ usage: createUsageStore({ table, clock }), log: createSimLog({ table, clock }) },
    walks: createWalkStore(table),
    openClient({ source, tokens, deadline }, { apiVersion, requestsPerSecond }) {
      const account = { tenant: source.tenant, source: source.id };
      return openOnence({
        ...{ baseUrl: outside.addresses.providerUrl, generation: apiVersion, credentials: CREDENTIALS },
        token: openToken({ ...account, cache: tokens }),
        pace: openPace({ ...account, requestsPerSecond, deadline }),
        ...{ clock, deadline, sleep, fetch: call },
      });
    },
  });
  const readTokenKey = async () => new Uint8Array(32).fill(7);
  return {
    ...{ ...stores, types: ['onence'], clock, collector, tenants, collectQueue },
    sources: openSourceStore({ table, tenants }),
    secrets: { readSecret: async () => CREDENTIALS },
    tokens: createTokenCaches({ table, clock, secrets: { readTokenKey } }),
    breakers: openBreakerStore(table),
    runs: openRunStore({ table, clock }),
    evaluateQueue: silentQueue(),
    foldQueue: silentQueue(),
  };
}

function silentQueue<M>(): Queue<M> {
  return { send: async () => undefined, sendMany: async () => undefined };
}

function tableOverSocket(endpoint: string): Table {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return openTable('test', new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 5 }));
}

function tableByMessage({ outside, time, tableMs }: WorldOptions): Table {
  const verb =
    (name: keyof Table) =>
    async (...args: unknown[]) => {
      const answer = await time.outside(outside.ask({ table: { verb: name, args } }));
      await time.sleep(tableMs);
      return answer;
    };
  const verbs = (['get', 'put', 'update', 'delete', 'query', 'queryAll'] as const).map((name) => [name, verb(name)]);
  return Object.fromEntries(verbs) as Table;
}

/** The API's answers, over a socket or by message. */
function callOf({ outside, time, latencyMs, onCall, onAnswer }: WorldOptions): typeof fetch {
  const overSocket = outside.addresses.tablesUrl !== '';
  return async (input, init = {}) => {
    const url = String(input);
    const isLogin = url.endsWith('/oauth/token');
    if (!isLogin) onCall(time.clock.now());
    const response = overSocket ? await fetch(input, init) : await answered(url, init);
    const { pathname: path } = new URL(url);
    if (!isLogin) onAnswer({ path, status: response.status, at: time.clock.now() });
    return response;
  };

  async function answered(url: string, init: RequestInit): Promise<Response> {
    const headers = Object.fromEntries(new Headers(init.headers));
    await time.sleep(latencyMs / 2);
    const { method = 'GET', body } = init;
    const asked: AskProvider = { now: time.clock.now(), method, url, headers, body: String(body ?? '') };
    const answer = (await time.outside(outside.ask({ provider: asked }))) as {
      status: number;
      headers?: Record<string, string>;
      body: string;
    };
    await time.sleep(latencyMs / 2);
    return new Response(answer.body, { status: answer.status, headers: answer.headers ?? {} });
  }
}
