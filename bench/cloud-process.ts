/** The local cloud in a process of its own, for measurements that fill it before they ask; told what to do by its parent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock, virtualClock } from '../local/cloud/clock.ts';
import { type Cloud, startCloud } from '../local/cloud/cloud.ts';
import { synthesize } from '../local/cloud/synth.ts';
import { localSubject } from '../local/services/identity.ts';
import type { Simulator } from '../local/simulators/simulator.ts';
import { startTaaraSimulator } from '../local/simulators/taara.ts';
import { demoTaaraAccounts } from '../local/simulators/taara-accounts.ts';
import { startTwilioSimulator } from '../local/simulators/twilio.ts';

/** First message to the child. */
export interface CloudOrder {
  /** Epoch ms that a virtual clock starts at; the real clock, with its schedules, unless given. */
  readonly startAt?: number;
}

/** What the parent learns of a function: enough to run it by itself. */
export interface StartedFunction {
  readonly bundle: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface Started {
  readonly publicUrl: string;
  /** The emulator itself, without gateway and roles. */
  readonly tablesUrl: string;
  readonly table: string;
  readonly clockOffsetMs: number;
  readonly functions: Readonly<Record<string, StartedFunction>>;
}

export type FromCloud =
  | { readonly started: Started }
  | { readonly token: string }
  | { readonly residentMb: number }
  | { readonly notice: string }
  | { readonly failed: string };

/** How much memory the whole process has, its functions included. */
export interface MemoryRequest {
  readonly memory: true;
}

export interface TokenRequest {
  readonly tenant: string;
  readonly role: string;
}

const REGION = 'us-east-1';
const folder = mkdtempSync(join(tmpdir(), 'headroom-bench-'));

function tell(message: FromCloud): void {
  process.send?.(message);
}

async function start(order: CloudOrder): Promise<Cloud> {
  const assembly = join(folder, 'assembly');
  await synthesize('local', assembly);
  const clock = order.startAt === undefined ? realClock() : virtualClock(order.startAt);
  const now = () => clock.now();
  const accounts = demoTaaraAccounts(clock.now());
  const simulators: Simulator[] = [await startTaaraSimulator({ accounts, now }), await startTwilioSimulator({ now })];
  const [taara, twilio] = simulators;
  const cloud = await startCloud({
    assembly,
    dataFolder: join(folder, 'cloud'),
    region: REGION,
    port: 0,
    clock,
    simulators,
    environment: { SIMULATOR_TAARA_URL: taara?.url ?? '', SIMULATOR_TWILIO_URL: twilio?.url ?? '' },
    notice: (notice) => tell({ notice }),
  });
  if (!clock.virtual) cloud.scheduler.start();
  return cloud;
}

function startedOf(cloud: Cloud): Started {
  const shared = { ...cloud.operatorEnvironment(), TZ: 'UTC', SIMULATOR_KEYS_URL: `${cloud.publicUrl}/_local/jwks` };
  const functions = cloud.model.functions.map(({ shortName, bundle, exportName, environment }) => {
    return [shortName, { bundle, exportName, environment: { ...shared, ...environment } }] as const;
  });
  return {
    publicUrl: cloud.publicUrl,
    tablesUrl: cloud.tables.url,
    table: cloud.model.tables[0]?.name ?? '',
    clockOffsetMs: cloud.clock.offsetMs(),
    functions: Object.fromEntries(functions),
  };
}

process.env.TZ = 'UTC';
let cloud: Cloud | undefined;
process.on('message', (message: CloudOrder | TokenRequest | MemoryRequest) => {
  if ('memory' in message) {
    tell({ residentMb: process.memoryUsage().rss / 1_000_000 });
    return;
  }
  if ('tenant' in message) {
    void cloud?.identity?.token(localSubject(message.tenant, message.role)).then((token) => tell({ token }));
    return;
  }
  start(message).then(
    (running) => {
      cloud = running;
      tell({ started: startedOf(running) });
    },
    (error: unknown) => tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
/** The parent is gone or has had enough. */
process.on('disconnect', () => {
  const end = () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  };
  if (cloud) void cloud.stop().then(end, end);
  else end();
});
