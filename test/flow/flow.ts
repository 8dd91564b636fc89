/** Whole stories on the local cloud: the deployed template, a fresh data folder, simulators, and a clock to move. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, inject } from 'vitest';
import { type CloudClock, realClock, virtualClock } from '../../local/cloud/clock.ts';
import { type Cloud, startCloud } from '../../local/cloud/cloud.ts';
import { synthesize } from '../../local/cloud/synth.ts';
import type { Disturb } from '../../local/gateway/gateway.ts';
import type { CloudModel } from '../../local/model/types.ts';
import { localSubject } from '../../local/services/identity.ts';
import { startOnenceSimulator } from '../../local/simulators/onence.ts';
import { demoOnenceAccounts } from '../../local/simulators/onence-account.ts';
import { startRouterosSimulator } from '../../local/simulators/routeros.ts';
import { ispRouters } from '../../local/simulators/routeros-isp.ts';
import type { Simulator } from '../../local/simulators/simulator.ts';
import { startTaaraSimulator } from '../../local/simulators/taara.ts';
import { demoTaaraAccounts, taaraSecretOf, taaraSettingsOf } from '../../local/simulators/taara-accounts.ts';
import { startTwilioSimulator } from '../../local/simulators/twilio.ts';
import type { Role } from '../../shared/entities/tenant.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { createReceiverStore } from '../../shared/notify/receivers.dynamodb.ts';
import { openTable, type Table } from '../../shared/platform/table.dynamodb.ts';

export const PHONE = '+447700900123';
/** A Friday noon in Nairobi; every story starts there. */
export const START = Date.parse('2026-11-20T09:00:00.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
export const ISP_LOGIN = { user: 'headroom', password: 'the-routers-own-password' };
const SETTLE_MS = 30_000;

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into many shapes of JSON
  readonly body: any;
}

export interface Message {
  readonly channel: string;
  readonly to: string;
  readonly body: string;
  readonly status: string;
  readonly at: string;
}

export interface FlowOptions {
  readonly amend?: (model: CloudModel) => CloudModel;
  readonly realTime?: boolean;
  readonly dataFolder?: string;
  readonly startAt?: number;
  readonly region?: string;
  /** Stands between the functions and the services. */
  readonly disturb?: Disturb;
  /** How far the upstream's clock is ahead of ours. */
  readonly taaraAheadMs?: number;
  /** SIMs of the simulated 1NCE; without it there is none. */
  readonly sims?: number;
  /** Two simulated routers, one of which carries an NTTN link; without it there are none. */
  readonly isp?: boolean;
}

export interface Flow {
  readonly cloud: Cloud;
  readonly clock: CloudClock;
  readonly table: Table;
  readonly taara: Simulator;
  readonly twilio: Simulator;
  readonly onence: Simulator | undefined;
  readonly notices: readonly string[];
  readonly dataFolder: string;
  call(
    method: string,
    path: string,
    options?: { tenant?: string; role?: Role; token?: string; body?: unknown; csv?: string },
  ): Promise<Answer>;
  /** Adds a tenant with members of the usual roles and somebody on call. */
  addTenant(
    tenant: string,
    options?: { zone?: string; phone?: string | undefined; simulated?: boolean },
  ): Promise<void>;
  /** The two accounts of the simulator as sources of a tenant. */
  addTaara(tenant: string): Promise<void>;
  /** The simulated fleet as the source `fleet` of a tenant. */
  addFleet(tenant: string, settings?: Record<string, unknown>): Promise<void>;
  /** The simulated routers as the sources `core-router` and `access-router` of a tenant; or only the first. */
  addIsp(tenant: string, options?: { periodSeconds?: number; coreOnly?: boolean }): Promise<void>;
  /** Fires a schedule as the console's "run now" does, and waits until nothing moves. */
  runNow(schedule: string): Promise<void>;
  /** Moves the clock over minutes, firing what is due in between. */
  pass(minutes: number): Promise<void>;
  /** Moves the clock over minutes in which nothing fires: a machine asleep, or a scheduler that missed its slots. */
  skip(minutes: number): Promise<void>;
  /** Waits until no message and no invocation is under way. */
  settle(): Promise<void>;
  messages(): Promise<Message[]>;
  /** Makes what waits out a visibility time-out visible again, as real minutes would. */
  redeliver(): Promise<void>;
  inject(simulator: 'taara' | 'twilio' | 'onence' | 'routeros', fault: Record<string, unknown>): Promise<Answer>;
  stop(): Promise<void>;
}

/** Synthesized by whichever test file comes first; the others wait for it. */
async function assembly(): Promise<string> {
  const folder = inject('assemblyFolder');
  const [output, done] = [join(folder, 'local'), join(folder, 'done')];
  try {
    mkdirSync(join(folder, 'lock'));
    await synthesize('local', output);
    writeFileSync(done, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    for (let waited = 0; !existsSync(done); waited += 100) {
      if (waited > 90_000) throw new Error('the template was not synthesized in time');
      await sleep(100);
    }
  }
  return output;
}

export async function startFlow(options: FlowOptions = {}): Promise<Flow> {
  const assemblyFolder = await assembly();
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'headroom-flow-'));
  const clock = options.realTime ? realClock() : virtualClock(options.startAt ?? START);
  const now = (): number => clock.now();
  const accounts = demoTaaraAccounts(clock.virtual ? START : clock.now());
  const taara = await startTaaraSimulator({ accounts, now: () => now() + (options.taaraAheadMs ?? 0) });
  const twilio = await startTwilioSimulator({ now, pausesMs: [10, 20] });
  const fleets = demoOnenceAccounts(options.sims ?? 1);
  const onence =
    options.sims === undefined
      ? undefined
      : await startOnenceSimulator({ accounts: fleets, now, anchorAt: START, requestsPerSecond: 0 });
  const isp = options.isp
    ? await startRouterosSimulator({ routers: ispRouters({ ...ISP_LOGIN, bootedAt: START - DAY_MS }), now })
    : undefined;
  const notices: string[] = [];
  const cloud = await startCloud({
    assembly: assemblyFolder,
    dataFolder,
    region: 'us-east-1',
    port: 0,
    clock,
    simulators: [taara, onence, isp, twilio].filter((one) => one !== undefined),
    environment: {
      SIMULATOR_TAARA_URL: taara.url,
      SIMULATOR_TWILIO_URL: twilio.url,
      ...(onence ? { SIMULATOR_ONENCE_URL: `${onence.url}/management-api` } : {}),
    },
    notice: (sentence) => notices.push(sentence),
    ...(options.amend ? { amend: options.amend } : {}),
    ...(options.disturb ? { disturb: options.disturb } : {}),
  });
  const environment = cloud.operatorEnvironment();
  const client = new DynamoDBClient({
    endpoint: cloud.gatewayUrl,
    region: 'us-east-1',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const table = openTable(cloud.model.tables[0]?.name ?? '', client);
  const dueAt = new Map(cloud.scheduler.schedules.map((s) => [s.name, cloud.scheduler.next(s, clock.now())]));

  const flow: Flow = {
    cloud,
    clock,
    table,
    taara,
    twilio,
    onence,
    notices,
    dataFolder,
    async call(method, path, { tenant = 'demo', role = 'admin', token, body, csv } = {}) {
      const bearer = token ?? (await cloud.identity?.token(localSubject(tenant, role)));
      const response = await fetch(`${cloud.publicUrl}${path}`, {
        method,
        headers: {
          ...(bearer === '' ? {} : { authorization: `Bearer ${bearer}` }),
          ...(body === undefined && csv === undefined
            ? {}
            : { 'content-type': csv === undefined ? 'application/json' : 'text/csv' }),
        },
        ...(body === undefined && csv === undefined
          ? {}
          : { body: csv ?? (typeof body === 'string' ? body : JSON.stringify(body)) }),
        signal: AbortSignal.timeout(30_000),
      });
      const text = await response.text();
      return { status: response.status, body: text ? JSON.parse(text) : undefined };
    },
    async addTenant(tenant, { zone = 'Africa/Nairobi', phone = PHONE, simulated = true } = {}) {
      const tenants = createTenantStore(table);
      await tenants.addTenant({
        tenant,
        name: tenant,
        zone,
        simulated,
        allowedNetworks: ['127.0.0.0/8'],
        createdAt: clock.now(),
      });
      for (const role of ['viewer', 'operator', 'admin'] satisfies Role[]) {
        await tenants.putMember({ subject: localSubject(tenant, role), tenant, role, disabled: false });
      }
      if (phone === undefined) return;
      const receiver = {
        id: 'on-call',
        name: 'On call',
        phone,
        language: 'en',
        minSeverity: 'warning',
        enabled: true,
      } as const;
      await createReceiverStore(table).put(tenant, { ...receiver, channels: ['whatsapp', 'sms'] });
    },
    async addTaara(tenant) {
      for (const account of accounts) {
        const body = {
          id: account.name,
          type: 'taara',
          name: account.title,
          settings: taaraSettingsOf(account),
          credentials: taaraSecretOf(account),
        };
        expect(await flow.call('POST', '/v1/sources', { tenant, body })).toMatchObject({ status: 201 });
      }
    },
    async addFleet(tenant, settings = {}) {
      for (const { name, title, clientId, clientSecret } of fleets) {
        const body = {
          ...{ id: name, type: 'onence', name: title, credentials: { clientId, clientSecret } },
          settings: { requestsPerSecond: 100, ...settings },
        };
        expect(await flow.call('POST', '/v1/sources', { tenant, body })).toMatchObject({ status: 201 });
      }
    },
    async addIsp(tenant, { periodSeconds = 300, coreOnly = false } = {}) {
      for (const { name, port, api } of isp?.routers.slice(0, coreOnly ? 1 : 2) ?? []) {
        const way = name === 'core' ? { port } : { port: api?.port, api: 'binary' };
        const settings = { host: '127.0.0.1', plainHttp: true, ...way };
        const body = {
          id: `${name}-router`,
          type: 'routeros',
          name: `Dhaka ${name}`,
          periodSeconds,
          settings,
          credentials: ISP_LOGIN,
        };
        expect(await flow.call('POST', '/v1/sources', { tenant, body })).toMatchObject({ status: 201 });
      }
    },
    async runNow(schedule) {
      const response = await fetch(`${cloud.publicUrl}/_local/schedules/${schedule}/run`, {
        method: 'POST',
        signal: AbortSignal.timeout(30_000),
      });
      expect(response.status).toBe(202);
      await flow.settle();
    },
    async pass(minutes) {
      const until = clock.now() + minutes * MINUTE_MS;
      for (;;) {
        const nextSchedule = Math.min(...dueAt.values());
        const next = Math.min(nextSchedule, cloud.held?.nextDueAt() ?? Number.POSITIVE_INFINITY);
        if (next > until) break;
        if (next > clock.now()) clock.moveBy(next - clock.now());
        cloud.held?.release();
        const due = cloud.scheduler.schedules.filter((s) => (dueAt.get(s.name) ?? 0) <= clock.now());
        // At once, as schedules of the same minute do.
        await Promise.all(
          due.map((schedule) => {
            const at = dueAt.get(schedule.name) ?? clock.now();
            dueAt.set(schedule.name, cloud.scheduler.next(schedule, at));
            return cloud.scheduler.fire(schedule, at);
          }),
        );
        await flow.settle();
      }
      if (until > clock.now()) clock.moveBy(until - clock.now());
      await flow.settle();
    },
    async skip(minutes) {
      clock.moveBy(minutes * MINUTE_MS);
      for (const s of cloud.scheduler.schedules) dueAt.set(s.name, cloud.scheduler.next(s, clock.now()));
      cloud.held?.release();
      await flow.settle();
    },
    async settle() {
      const until = Date.now() + SETTLE_MS;
      for (let quiet = 0; quiet < 4; ) {
        await sleep(15);
        quiet = cloud.busy() === 0 ? quiet + 1 : 0;
        if (Date.now() > until) throw new Error(`the cloud did not come to rest: ${whoIsBusy(cloud)}`);
      }
    },
    async messages() {
      const response = await fetch(`${cloud.publicUrl}/_local/messages`, { signal: AbortSignal.timeout(10_000) });
      return (await response.json()) as Message[];
    },
    async redeliver() {
      for (const { name } of cloud.model.queues) {
        for (const { receiptHandle } of cloud.queues.server.inspectQueue(name)?.messages.inflight ?? []) {
          const QueueUrl = `${cloud.queues.url}/000000000000/${name}`;
          await fetch(cloud.queues.url, {
            method: 'POST',
            headers: {
              'content-type': 'application/x-amz-json-1.0',
              'x-amz-target': 'AmazonSQS.ChangeMessageVisibility',
            },
            body: JSON.stringify({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: 1 }),
            signal: AbortSignal.timeout(5000),
          });
        }
      }
      await sleep(1100);
      await flow.settle();
    },
    async inject(simulator, fault) {
      const response = await fetch(`${cloud.publicUrl}/_local/simulators/${simulator}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(fault),
        signal: AbortSignal.timeout(10_000),
      });
      return { status: response.status, body: await response.json() };
    },
    async stop() {
      client.destroy();
      await cloud.stop();
      if (!options.dataFolder) rmSync(dataFolder, { recursive: true, force: true });
    },
  };
  return flow;
}

function whoIsBusy(cloud: Cloud): string {
  const running = [...cloud.pools.values()].map(
    (p) => `${p.model.shortName} ${p.log.count} done ${p.inFlight} running`,
  );
  return running.filter((line) => !line.includes(' 0 done 0 ')).join('; ');
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Looks until the probe gives a value, for at most `milliseconds` of real time. */
export async function eventually<T>(probe: () => Promise<T | undefined>, milliseconds = 10_000): Promise<T> {
  const until = Date.now() + milliseconds;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > until) throw new Error('it did not happen in time');
    await sleep(50);
  }
}
