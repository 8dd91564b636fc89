/** The way to a router: its configuration checked, its host resolved, and what it must prove before a login is sent by HTTPS. */
import type { CollectJob, Operation } from '../collect/collector.port.ts';
import { type Resolve, type ResolvedAddress, resolvePublic } from '../platform/address.dns.ts';
import { classifyAddress } from '../platform/address.ts';
import { AppError, type Issue, isAppError } from '../platform/errors.ts';
import { parseAddress } from '../platform/ip.ts';
import { issuesOf } from '../platform/issues.ts';
import type { PinnedOptions } from '../platform/pinned-fetch.http.ts';
import { portOf, type RouterLogin, type RouterSettings, routerLogin, type routerSettings } from './router-settings.ts';

export interface RouterConfiguration {
  readonly settings: RouterSettings;
  readonly credentials: RouterLogin;
}

/** Throws SOURCE_REJECTED naming every wrong field, and never a value of the secret. */
export function configurationOf(
  { source, secret }: CollectJob,
  schema: ReturnType<typeof routerSettings>,
): RouterConfiguration {
  const parsed = schema.safeParse(source.settings);
  if (!parsed.success) throw unusable('settings', issuesOf(schema, source.settings));
  const credentials = routerLogin.safeParse(secret ?? {});
  if (!credentials.success) throw unusable('secret', issuesOf(routerLogin, secret ?? {}));
  return { settings: parsed.data, credentials: credentials.data };
}

/** SOURCE_REJECTED for a configuration that cannot be used; `what` is `settings` or `secret`. */
export function unusable(what: string, issues: readonly Issue[]): AppError {
  const text = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  return new AppError('SOURCE_REJECTED', `the ${what} of this router cannot be used: ${text}`, { context: { issues } });
}

/**
 * The one address to connect to; the look-up is written down. A host that may not be called stays so until somebody changes
 * it, so it throws SOURCE_REJECTED like a credential, and SOURCE_UNAVAILABLE where the name has no address now.
 */
export async function resolveRouter(
  resolve: Resolve | undefined,
  { allowedNetworks }: Pick<CollectJob, 'allowedNetworks'>,
  host: string,
  operations: Operation[],
): Promise<ResolvedAddress> {
  const startedAt = performance.now();
  const took = () => Math.round(performance.now() - startedAt);
  try {
    const address = await (resolve ?? resolvePublic)(host, allowedNetworks);
    operations.push({ name: 'resolve', ok: true, responseMs: took() });
    return address;
  } catch (error) {
    if (!isAppError(error)) throw error;
    operations.push({ name: 'resolve', ok: false, responseMs: took(), error: error.message });
    if (error.code !== 'REQUEST_INVALID') throw error;
    throw new AppError('SOURCE_REJECTED', error.message, { cause: error, context: error.context });
  }
}

/** `secureService`: what the vendor calls its HTTPS. Throws SOURCE_REJECTED where plain HTTP would leave this machine. */
export function pinnedOptions(
  settings: RouterSettings,
  address: ResolvedAddress,
  secureService: string,
): PinnedOptions {
  const place = { address, port: portOf(settings) };
  if (settings.plainHttp) {
    const ip = parseAddress(address.address);
    if (ip !== undefined && classifyAddress(ip).range === 'loopback') return place;
    const message = `plain HTTP would send the password in clear: it is only for a loopback address, so use ${secureService}`;
    throw new AppError('SOURCE_REJECTED', message, { context: { issues: [{ path: 'plainHttp', message }] } });
  }
  const { host, certificateSha256: pin, certificateAuthority } = settings;
  return {
    ...place,
    trust: {
      host: parseAddress(host.replace(/\.$/, '')) === undefined ? host : address.address,
      ...(pin === undefined ? {} : { certificateSha256: pin.replaceAll(':', '').toLowerCase() }),
      ...(certificateAuthority === undefined ? {} : { authorities: certificateAuthority }),
    },
  };
}
