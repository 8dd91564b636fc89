/** From what a tenant configured to where a RouterOS is called: settings and secret read, its address checked, a conversation begun. */
import type { CollectJob, Operation } from '../collect/collector.port.ts';
import type { Resolve } from '../platform/address.dns.ts';
import type { Clock } from '../platform/clock.ts';
import type { PinnedOptions } from '../platform/pinned-socket.tcp.ts';
import type { CallerOptions } from './rest-caller.http.ts';
import { type Configured, configurationOf, pinnedOptions, resolveRouter } from './router-reach.http.ts';
import { openBinary } from './routeros-binary.routeros.ts';
import type { RouterosCaller } from './routeros-call.ts';
import { openRest } from './routeros-rest.http.ts';
import {
  type RouterosSecret,
  type RouterosSettings,
  routerosPort,
  routerosSecret,
  routerosSettings,
} from './routeros-settings.ts';

export interface RouterosDeps {
  readonly clock: Clock;
  /** `resolvePublic` unless told. */
  readonly resolve?: Resolve;
}

/** Throws SOURCE_REJECTED with an issue for each field that cannot be used. */
export function routerosConfiguration(job: Configured): {
  settings: RouterosSettings;
  secret: RouterosSecret;
} {
  return configurationOf(job, { settings: routerosSettings, secret: () => routerosSecret });
}

/** The one address to connect to, checked, and what must be proven there; the look-up is an operation. Throws SOURCE_*. */
export async function placeOf(
  deps: RouterosDeps,
  job: Pick<CollectJob, 'allowedNetworks'>,
  settings: RouterosSettings,
  operations: Operation[],
): Promise<PinnedOptions> {
  const address = await resolveRouter(deps.resolve, job, settings.host, operations);
  const service = settings.api === 'binary' ? 'api-ssl' : 'www-ssl';
  return pinnedOptions({ ...settings, port: routerosPort(settings) }, address, service);
}

/** By the interface that the settings name. Makes no call yet. */
export function openCaller({ api, host }: RouterosSettings, options: Omit<CallerOptions, 'host'>): RouterosCaller {
  return api === 'binary' ? openBinary(options) : openRest({ ...options, host });
}
