/** The local cloud: executes a synthesized assembly on this machine, with its roles enforced. */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createConsole } from '../console/console.ts';
import { createFront } from '../front/front.ts';
import { createHttpApi } from '../front/http-api.ts';
import { createGateway, type Disturb } from '../gateway/gateway.ts';
import { checkAccepted } from '../model/accepted.ts';
import { buildModel } from '../model/build.ts';
import { ACCOUNT, identifyAt, PARTITION } from '../model/identify.ts';
import type { CloudModel, HttpApiModel } from '../model/types.ts';
import { createIdentity, type IdentityService } from '../services/identity.ts';
import { jsonFile } from '../services/json-file.ts';
import { Phone } from '../services/phone.ts';
import { type QueueService, startQueues } from '../services/queues.ts';
import { createParameterService, createSecretService, type SecretService } from '../services/secrets.ts';
import { startTables, type TableService } from '../services/tables.ts';
import { startTimestream, type TimestreamService } from '../services/timestream.ts';
import type { Simulator } from '../simulators/simulator.ts';
import { readAssembly } from '../template/assembly.ts';
import { createResolver } from '../template/resolve.ts';
import { FunctionPool, type InvocationResult } from '../workers/pool.ts';
import { backends, worldOf } from './backends.ts';
import type { CloudClock } from './clock.ts';
import { type Door, openDoor } from './doors.ts';
import { sdkEnvironment, workerEnvironment } from './environment.ts';
import { Guard } from './guard.ts';
import { createHeldMessages, type HeldMessages } from './held-messages.ts';
import { type Poller, startPoller } from './pollers.ts';
import { createScheduler, type Scheduler } from './scheduler.ts';
import { subscribeTopics } from './subscriptions.ts';

export interface CloudOptions {
  /** Folder that the CDK app wrote. */
  readonly assembly: string;
  readonly dataFolder: string;
  readonly region: string;
  /** Public port; 0 takes any free one. */
  readonly port: number;
  readonly clock: CloudClock;
  readonly simulators: readonly Simulator[];
  /** Given to every function beside what the template gives it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Changes the resolved model before it runs: how a flow test takes a grant away. */
  readonly amend?: (model: CloudModel) => CloudModel;
  /** Stands in the way of requests to the services: a fault that a flow test wants. */
  readonly disturb?: Disturb;
  /** One sentence worth a person's eye. */
  readonly notice: (sentence: string) => void;
}

export interface Cloud {
  readonly publicUrl: string;
  readonly gatewayUrl: string;
  readonly model: CloudModel;
  readonly guard: Guard;
  readonly tables: TableService;
  readonly queues: QueueService;
  readonly secrets: SecretService;
  readonly timestream: TimestreamService;
  readonly identity: IdentityService | undefined;
  readonly phone: Phone;
  readonly scheduler: Scheduler;
  readonly clock: CloudClock;
  readonly simulators: readonly Simulator[];
  readonly pools: ReadonlyMap<string, FunctionPool>;
  /** Environment for a program of the operator: endpoint, region, administrator's key. */
  operatorEnvironment(): Record<string, string>;
  /** Invokes a function by its short name. */
  invoke(shortName: string, event: unknown): Promise<InvocationResult>;
  /** Delayed messages that wait for the virtual clock. */
  readonly held: HeldMessages | undefined;
  /** Messages that could be worked on now, batches and invocations under way. */
  busy(): number;
  stop(): Promise<void>;
}

export async function startCloud(options: CloudOptions): Promise<Cloud> {
  mkdirSync(options.dataFolder, { recursive: true });
  const opened: { close(): Promise<void> }[] = [];
  try {
    return await run(options, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** What fails to close must not keep the rest open. */
async function closeAll(opened: readonly { close(): Promise<void> }[]): Promise<void> {
  const ended = await Promise.allSettled(opened.map((one) => one.close()));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}

function loadModel(options: CloudOptions, publicUrl: string, gatewayUrl: string): CloudModel {
  const { region } = options;
  const assembly = readAssembly(options.assembly);
  const resolver = createResolver(
    { region, accountId: ACCOUNT, partition: PARTITION },
    identifyAt({ region, gatewayUrl, publicUrl }),
  );
  const resolved = resolver.resolve(assembly.stacks);
  checkAccepted(resolved);
  const folderOf = (key: string): string => {
    const asset = assembly.assets.get(key);
    if (!asset) throw new Error(`the assembly has no asset ${key}`);
    return asset.path;
  };
  const model = buildModel(resolved, folderOf);
  return options.amend ? options.amend(model) : model;
}

async function run(options: CloudOptions, opened: { close(): Promise<void> }[]): Promise<Cloud> {
  const { dataFolder, region, clock } = options;
  const file = (name: string): string => join(dataFolder, name);
  const keep = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.push(one);
    return one;
  };
  const [front, gateway] = [keep(await openDoor(options.port)), keep(await openDoor(0))];
  const model = loadModel(options, front.url, gateway.url);
  if (!model.httpApi) throw new Error('the template has no HTTP API');
  const signingSecret = persistentSecret(file('signing.json'));
  const guard = new Guard(model, region, signingSecret);
  const tables = keep(await startTables(model, file('dynamodb'), region, clock));
  const queues = keep(await startQueues(model, file('queues'), region));
  subscribeTopics(model, queues, guard, region, options.notice);
  const now = (): number => clock.now();
  const secrets = createSecretService(jsonFile(file('secrets.json'), {}), region, now);
  const parameters = createParameterService(jsonFile(file('parameters.json'), {}), model.parameters);
  const phone = new Phone(jsonFile(file('phone.json'), []), now);
  const identity = model.userPool
    ? createIdentity(jsonFile(file('identity.json'), {}), model.userPool, region, now)
    : undefined;

  const timestream = keep(await startTimestream(model.timestream, file('timestream'), clock));
  const held = clock.virtual ? createHeldMessages(queues, clock) : undefined;
  const pools = new Map<string, FunctionPool>();
  gateway.open(
    createGateway({
      guard,
      clock,
      signingSecret,
      world: worldOf(model, region, secrets),
      backendOf: backends({ tables, queues, secrets, parameters, phone, timestream, held }),
      onDenied: options.notice,
      disturb: options.disturb,
      onRequest: (owner) => [...pools.values()].find((p) => p.model.shortName === owner)?.noteRequest(),
    }),
  );
  for (const fn of model.functions) {
    const credentials = guard.credentialsOf(fn.shortName, signingSecret);
    const environment = workerEnvironment(options, fn, { gatewayUrl: gateway.url, publicUrl: front.url }, credentials);
    pools.set(fn.arn, new FunctionPool(fn, environment, clock));
  }
  const poolOf = (arn: string): FunctionPool | undefined => pools.get(arn);
  const scheduler = createScheduler({
    schedules: model.schedules,
    clock,
    guard,
    queues,
    notice: options.notice,
    poolOf,
  });
  const pollers = startPollers(model, pools, guard, queues, options);

  const cloud: Cloud = {
    publicUrl: front.url,
    gatewayUrl: gateway.url,
    model,
    guard,
    tables,
    queues,
    secrets,
    timestream,
    identity,
    phone,
    scheduler,
    clock,
    pools,
    held,
    simulators: options.simulators,
    operatorEnvironment: () => sdkEnvironment(gateway.url, region, guard.credentialsOf('operator', signingSecret)),
    invoke(shortName, event) {
      const pool = [...pools.values()].find((p) => p.model.shortName === shortName);
      if (!pool) throw new Error(`no function is named "${shortName}"`);
      return pool.invoke(event);
    },
    busy: () => waiting(model, queues) + sum(pollers, (p) => p.busy) + sum([...pools.values()], (p) => p.inFlight),
    async stop() {
      scheduler.stop();
      // From the outside inwards: nobody is answered any more by what is about to go.
      await front.close();
      await Promise.all([...pollers.map((p) => p.stop()), ...[...pools.values()].map((p) => p.stop())]);
      await closeAll([...options.simulators, ...opened]);
    },
  };
  openFront(cloud, front, model.httpApi);
  return cloud;
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0);
}

/** Dead letters wait for a person, not for a function. */
function waiting(model: CloudModel, queues: QueueService): number {
  const polled = new Set(model.eventSources.map((s) => s.queueArn));
  return sum(
    model.queues.filter((q) => polled.has(q.arn)),
    (q) => queues.server.inspectQueue(q.name)?.messages.ready.length ?? 0,
  );
}

function openFront(cloud: Cloud, front: Door, httpApi: HttpApiModel): void {
  const { model, guard, clock, queues } = cloud;
  const api = createHttpApi({ api: httpApi, guard, clock, poolOf: (arn) => cloud.pools.get(arn) });
  front.open(
    createFront({
      api,
      site: model.site,
      readFile: async (key) => {
        const path = key.split('/').map(encodeURIComponent).join('/');
        const response = await fetch(`${queues.url}/${model.site?.bucket}/${path}`);
        return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
      },
      console: createConsole(cloud),
    }),
  );
}

function startPollers(
  model: CloudModel,
  pools: ReadonlyMap<string, FunctionPool>,
  guard: Guard,
  queues: QueueService,
  { region, notice }: CloudOptions,
): Poller[] {
  return model.eventSources.map((mapping) => {
    const fn = model.functions.find((f) => f.arn === mapping.functionArn);
    const queue = model.queues.find((q) => q.arn === mapping.queueArn);
    const pool = pools.get(mapping.functionArn);
    if (!fn || !queue || !pool)
      throw new Error(`event source ${mapping.queueArn} -> ${mapping.functionArn} is incomplete`);
    return startPoller({ mapping, queue, fn, pool, guard, queues, region, notice });
  });
}

/** Access keys are derived from it; it lasts with the data folder, so that an operator's shell keeps working. */
function persistentSecret(path: string): string {
  const stored = jsonFile<{ secret?: string }>(path, {});
  const { secret } = stored.read();
  if (secret) return secret;
  const fresh = randomBytes(24).toString('base64url');
  stored.write({ secret: fresh });
  return fresh;
}
