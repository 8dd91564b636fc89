/** Fills an empty data folder with the demo, and ties configured accounts to tenant `main`; running it again changes nothing. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Role } from '../../shared/entities/tenant.ts';
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { createReceiverStore } from '../../shared/notify/receivers.dynamodb.ts';
import { openTable, type Table } from '../../shared/platform/table.dynamodb.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { localSubject } from '../services/identity.ts';
import { type JsonFile, jsonFile } from '../services/json-file.ts';
import type { Settings, TwilioSettings } from '../settings.ts';
import { taaraSecretOf, taaraSettingsOf } from '../simulators/taara-accounts.ts';
import type { World } from '../world.ts';
import { type ApiClient, expectOk, openApi } from './client.ts';
import { importDemoHistory } from './history.ts';
import { seedLink } from './links.ts';
import { reachSeed } from './reach-source.ts';
import { seedResellers } from './resellers.ts';
import { uploadSite } from './site.ts';

const DEMO = 'demo';
const MAIN = 'main';
/** From the range that is reserved for films and examples. */
const DEMO_PHONE = '+447700900123';
const LOOPBACK = '127.0.0.0/8';
const LOOK_EVERY_MS = 100;
const FIRST_COLLECTION_MS = 12_000;
/** The simulated 1NCE allows the demo more than the real one, so that its fleet is whole within seconds. */
const SIMULATED_REQUESTS_PER_SECOND = 50;
/** Below it the default rule fires. */
const LOW_PERCENT = 20;

type Say = (line: string) => void;

/** Resolves when sources exist; the work that may follow `ready` are the steps it gives, each of which may fail alone. */
export async function seed(cloud: Cloud, settings: Settings, world: World, say: Say): Promise<(() => Promise<void>)[]> {
  const table = operatorTable(cloud);
  const isReal = settings.taara !== undefined || settings.onence !== undefined || settings.twilio !== undefined;
  await uploadSite(cloud, isReal ? [MAIN, DEMO] : [DEMO]);
  const networks = [LOOPBACK, ...settings.routerNetworks];
  await seedTenant(cloud, table, DEMO, { zone: settings.zone, simulated: true, phone: DEMO_PHONE, networks });
  const demo = apiOf(cloud, DEMO);
  const seeded: Seeded = jsonFile(join(settings.dataFolder, 'seeded.json'), {});
  for (const account of world.taaraAccounts) {
    await putSource(demo, seeded, {
      id: account.name,
      type: 'taara',
      name: account.title,
      settings: taaraSettingsOf(account),
      credentials: taaraSecretOf(account),
    });
  }
  for (const account of world.onenceAccounts) {
    await putSource(demo, seeded, {
      id: account.name,
      type: 'onence',
      name: account.title,
      settings: { requestsPerSecond: SIMULATED_REQUESTS_PER_SECOND, connectivity: true, events: true },
      credentials: { clientId: account.clientId, clientSecret: account.clientSecret },
    });
  }
  for (const router of world.routers) await putSource(demo, seeded, router);
  const [pinging] = world.routers;
  if (pinging) await putSource(demo, seeded, reachSeed(pinging.id, Number(new URL(cloud.publicUrl).port)));
  if (world.machine) {
    const { host, port, community } = world.machine;
    const settingsOfMachine = { host, port, version: 'v2c' };
    await putSource(demo, seeded, {
      id: 'this-machine',
      type: 'snmp',
      name: 'This machine',
      settings: settingsOfMachine,
      credentials: { community },
    });
  }
  say(
    `demo     ${world.taaraAccounts.length} simulated Taara accounts, ${simsOf(world)} simulated 1NCE SIMs, ${world.routers.length} simulated routers${world.machine ? ", this machine's own interfaces" : ''}`,
  );
  if (isReal) await seedMain(cloud, table, settings, seeded, say);
  return [
    () => seedLink(demo),
    () => importDemoHistory(demo, world.taaraAccounts, cloud.clock.now(), say),
    () => seedDemoResellers(cloud, world, seeded, say),
  ];
}

function seedDemoResellers(cloud: Cloud, { simulators }: World, seeded: Seeded, say: Say): Promise<void> {
  const routeros = simulators.find(({ name }) => name === 'routeros');
  return seedResellers(apiOf(cloud, DEMO), {
    ...{ seeded, say },
    changeByHand: (change) => routeros?.inject({ fault: 'drift', ...change }),
    compare: () => runSchedule(cloud, 'compare-limits'),
  });
}

async function runSchedule({ scheduler, clock }: Cloud, shortName: string): Promise<void> {
  const schedule = scheduler.schedules.find((one) => one.shortName === shortName);
  if (schedule) await scheduler.fire(schedule, clock.now());
}

function simsOf({ onenceAccounts }: World): number {
  return onenceAccounts.reduce((sum, account) => sum + account.sims, 0);
}

function operatorTable(cloud: Cloud): Table {
  const environment = cloud.operatorEnvironment();
  const client = new DynamoDBClient({
    endpoint: cloud.gatewayUrl,
    region: environment.AWS_REGION ?? '',
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  return openTable(cloud.model.tables[0]?.name ?? '', client);
}

interface TenantSeed {
  readonly zone: string;
  readonly simulated: boolean;
  readonly phone: string | undefined;
  readonly networks: readonly string[];
}

async function seedTenant(cloud: Cloud, table: Table, tenant: string, given: TenantSeed): Promise<void> {
  const tenants = createTenantStore(table);
  const { zone, simulated, networks } = given;
  const known = await tenants.readTenant(tenant);
  const allowedNetworks = [...new Set([...(known?.allowedNetworks ?? []), ...networks])];
  if (!known) {
    await tenants.addTenant({ tenant, name: tenant, zone, simulated, allowedNetworks, createdAt: cloud.clock.now() });
  } else if (allowedNetworks.length > known.allowedNetworks.length) {
    await tenants.putTenant({ ...known, allowedNetworks });
  }
  for (const role of ['viewer', 'admin'] satisfies Role[]) {
    await tenants.putMember({ subject: localSubject(tenant, role), tenant, role, disabled: false });
  }
  if (given.phone === undefined) return;
  const receivers = createReceiverStore(table);
  const told = await receivers.list(tenant);
  if (told.some((r) => r.phone === given.phone)) return;
  await receivers.put(tenant, {
    id: 'on-call',
    name: 'On call',
    phone: given.phone,
    channels: ['whatsapp', 'sms'],
    minSeverity: 'warning',
    language: 'en',
    enabled: true,
  });
}

/** Real accounts, real phones: nothing simulated shares their tenant. */
async function seedMain(cloud: Cloud, table: Table, settings: Settings, seeded: Seeded, say: Say): Promise<void> {
  const { zone, twilio, routerNetworks: networks } = settings;
  await seedTenant(cloud, table, MAIN, { zone, simulated: false, phone: twilio?.ONCALL_PHONE, networks });
  if (twilio) cloud.secrets.put('headroom-local/twilio', JSON.stringify(twilioSecret(twilio)));
  if (settings.taara) {
    const t = settings.taara;
    const allocation = settings.taaraAllocationGb;
    await putSource(apiOf(cloud, MAIN), seeded, {
      id: 'taara',
      type: 'taara',
      name: 'Taara',
      settings: allocation ? { allocationBytes: { '1 Month Unlimited': Math.round(allocation * 1e9) } } : {},
      credentials: {
        countryCode: t.TAARA_PHONE_COUNTRY_CODE,
        phoneNumber: t.TAARA_PHONE_NUMBER,
        passcode: t.TAARA_PASSCODE,
        partnerId: t.TAARA_PARTNER_ID,
        hotspotId: t.TAARA_HOTSPOT_ID,
      },
    });
  }
  if (settings.onence) {
    await putSource(apiOf(cloud, MAIN), seeded, {
      id: 'onence',
      type: 'onence',
      name: '1NCE',
      settings: {},
      credentials: { clientId: settings.onence.ONENCE_USERNAME, clientSecret: settings.onence.ONENCE_PASSWORD },
    });
  }
  const real = {
    'the real Taara': settings.taara,
    'the real 1NCE': settings.onence,
    'the real Twilio': settings.twilio,
  };
  const named = Object.entries(real).filter(([, given]) => given !== undefined);
  say(`main     ${named.map(([name]) => name).join(', ')}`);
}

function twilioSecret(twilio: TwilioSettings): Record<string, unknown> {
  const {
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: authToken,
    whatsappFrom,
    smsFrom,
    contentSids,
    sandbox,
  } = twilio;
  return {
    accountSid,
    authToken,
    ...(whatsappFrom ? { whatsappFrom } : {}),
    ...(smsFrom ? { smsFrom } : {}),
    ...(contentSids ? { contentSids: Object.fromEntries(contentSids.split(',').map((pair) => pair.split('='))) } : {}),
    ...(sandbox ? { sandbox } : {}),
  };
}

function apiOf(cloud: Cloud, tenant: string): ApiClient {
  const identity = cloud.identity;
  if (!identity) throw new Error('the template has no user pool');
  return openApi(cloud.publicUrl, () => identity.token(localSubject(tenant, 'admin')));
}

export interface SourceSeed {
  readonly id: string;
  readonly type: 'taara' | 'snmp' | 'routeros' | 'iosxe' | 'junos' | 'onence' | 'ping';
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Absent where nothing signs in anywhere. */
  readonly credentials?: Readonly<Record<string, string>>;
}

/** What was seeded last, by source: a hash, so that new credentials in `.env` are noticed without keeping the old ones. */
type Seeded = JsonFile<Record<string, string>>;

/** Ports of this machine's own services differ from start to start; what a user changed in the product stays. */
async function putSource(api: ApiClient, seeded: Seeded, wanted: SourceSeed): Promise<void> {
  const print = createHash('sha256')
    .update(JSON.stringify([wanted.settings, wanted.credentials]))
    .digest('hex');
  const remember = (): void => seeded.write({ ...seeded.read(), [wanted.id]: print });
  const { status, body } = await api.get(`/v1/sources/${wanted.id}`);
  if (status === 404) {
    expectOk(`source ${wanted.id}`, await api.send('POST', '/v1/sources', wanted));
    return remember();
  }
  expectOk(`source ${wanted.id}`, { status, body });
  const known = body as { version: number; settings: Record<string, unknown>; pausedReason: string | null };
  if (known.pausedReason === null && seeded.read()[wanted.id] === print) return;
  const { settings, credentials } = wanted;
  const change = { version: known.version, settings: { ...known.settings, ...settings }, credentials };
  expectOk(`source ${wanted.id}`, await api.send('PATCH', `/v1/sources/${wanted.id}`, change));
  remember();
}

/** Everything read once, and the alert that the demo is about open, before anybody is told `ready`. */
export async function firstCollection(cloud: Cloud, world: World, say: Say): Promise<void> {
  const at = cloud.clock.now();
  const requestedAt = new Date(at).toISOString();
  const collecting = cloud.scheduler.schedules.filter((s) => s.shortName.startsWith('collect-'));
  await Promise.all(collecting.map((s) => cloud.scheduler.fire(s, at, { manual: true, requestedAt })));
  const sweep = cloud.scheduler.schedules.find((s) => s.shortName === 'sweep');
  // Nobody waits for it: what it finds wrong stands in its log, and the next minute's run is its retry.
  if (sweep) cloud.scheduler.fire(sweep, at).catch((error: unknown) => say(`notice   ${String(error)}`));
  const demo = apiOf(cloud, DEMO);
  const until = Date.now() + FIRST_COLLECTION_MS;
  for (;;) {
    const [bundles, interfaces, alerts] = await Promise.all(
      ['/v1/bundles', '/v1/interfaces?limit=1', '/v1/alerts'].map((p) => demo.get(p)),
    );
    const shown = itemsOf(bundles) as { account: string; readAt: string | null; remainingPercent: number | null }[];
    const read = shown.filter((b) => b.readAt !== null).length;
    const accounts = new Set(shown.map((b) => b.account)).size;
    const machine = world.machine !== undefined;
    // Somebody may have topped it up before the last stop.
    const alerting = shown.some((b) => b.remainingPercent !== null && b.remainingPercent < LOW_PERCENT);
    if (
      accounts === world.taaraAccounts.length &&
      read === shown.length &&
      (!machine || itemsOf(interfaces).length > 0) &&
      (!alerting || itemsOf(alerts).length > 0)
    ) {
      say(
        `read     ${read} bundles, ${machine ? "this machine's interfaces, " : ''}${itemsOf(alerts).length} open alert${itemsOf(alerts).length === 1 ? '' : 's'}`,
      );
      return;
    }
    if (Date.now() > until) {
      say('notice   the first collection is not complete yet: look at /_local');
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function itemsOf(answer: { status: number; body: unknown } | undefined): unknown[] {
  return (answer?.body as { items?: unknown[] } | undefined)?.items ?? [];
}
