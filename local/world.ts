/** The outside world of this machine: simulators for people without accounts, and the machine's own interfaces for real. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isKernelAgentAvailable } from '../agent/kernel.ts';
import { startKernelAgent } from './agent/kernel-agent.ts';
import { type RouterSource, startIsp } from './isp.ts';
import { jsonFile } from './services/json-file.ts';
import type { Settings } from './settings.ts';
import { startOnenceSimulator } from './simulators/onence.ts';
import { demoOnenceAccounts, type OnenceAccount } from './simulators/onence-account.ts';
import type { Simulator } from './simulators/simulator.ts';
import { startTaaraSimulator } from './simulators/taara.ts';
import { demoTaaraAccounts, type TaaraAccount } from './simulators/taara-accounts.ts';
import { startTwilioSimulator } from './simulators/twilio.ts';

export interface World {
  readonly simulators: readonly Simulator[];
  /** Told to every function: where simulated tenants' outside world is. */
  readonly environment: Readonly<Record<string, string>>;
  readonly taaraAccounts: readonly TaaraAccount[];
  readonly onenceAccounts: readonly OnenceAccount[];
  /** Of a simulated provider. */
  readonly routers: readonly RouterSource[];
  /** This machine's interfaces behind SNMP; undefined where the kernel does not tell them. */
  readonly machine: { readonly host: string; readonly port: number; readonly community: string } | undefined;
}

interface Kept {
  /** When the demo accounts stood at their first values: the curves go on from there over restarts. */
  readonly anchorAt?: number;
  readonly community?: string;
  readonly taara?: unknown;
}

/** The real one allows ten. */
const ONENCE_REQUESTS_PER_SECOND = 60;

export async function startWorld(settings: Settings, now: () => number = Date.now): Promise<World> {
  const file = jsonFile<Kept>(join(settings.dataFolder, 'world.json'), {});
  const kept = file.read();
  const anchorAt = kept.anchorAt ?? now();
  const community = kept.community ?? randomBytes(12).toString('hex');
  file.write({ ...kept, anchorAt, community });
  const taaraAccounts = demoTaaraAccounts(anchorAt);
  const taara = await startTaaraSimulator({
    accounts: taaraAccounts,
    now,
    persist: { load: () => file.read().taara, save: (taaraState) => file.write({ ...file.read(), taara: taaraState }) },
  });
  const onenceAccounts = demoOnenceAccounts();
  const changed = jsonFile<unknown>(join(settings.dataFolder, 'onence.json'), undefined);
  const onence = await startOnenceSimulator({
    accounts: onenceAccounts,
    now,
    anchorAt,
    requestsPerSecond: ONENCE_REQUESTS_PER_SECOND,
    persist: { load: () => changed.read(), save: (state) => changed.write(state) },
  });
  const isp = await startIsp({
    ...{ bootedAt: anchorAt, password: community, now },
    limits: (make) => {
      const limits = jsonFile<unknown>(join(settings.dataFolder, `${make}.json`), undefined);
      return { load: () => limits.read(), save: (state) => limits.write(state) };
    },
  });
  const messages = jsonFile<unknown>(join(settings.dataFolder, 'messages.json'), []);
  const twilio = await startTwilioSimulator({
    now,
    persist: { load: () => messages.read(), save: (all) => messages.write(all) },
  });
  const agent = isKernelAgentAvailable() ? await startKernelAgent({ community }) : undefined;
  return {
    simulators: [taara, onence, ...isp.simulators, twilio, ...(agent ? [agent] : [])],
    environment: {
      SIMULATOR_TAARA_URL: taara.url,
      SIMULATOR_ONENCE_URL: `${onence.url}/management-api`,
      SIMULATOR_TWILIO_URL: twilio.url,
    },
    taaraAccounts,
    onenceAccounts,
    routers: isp.routers,
    machine: agent ? { host: '127.0.0.1', port: agent.port, community } : undefined,
  };
}
