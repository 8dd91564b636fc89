/** The way to a router: its configuration checked, its host resolved, and what it must prove before a login is sent over TLS. */

import type * as z from 'zod/mini';
import type { CollectJob, Operation } from '../collect/collector.port.ts';
import type { Source } from '../collect/source.ts';
import { type Resolve, type ResolvedAddress, resolvePublic } from '../platform/address.dns.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import { parseAddress } from '../platform/ip.ts';
import { issuesOfError } from '../platform/issues.ts';
import type { PinnedOptions } from '../platform/pinned-socket.tcp.ts';
import { cutText } from '../platform/redact.ts';
import { isLoopback, portOf, type RouterSettings } from './router-settings.ts';

/** Of OpenSSL's own words within a sentence. */
const WHY_LIMIT = 120;

/** What is stored of a router that is to be called. */
export type Configured = Pick<CollectJob, 'secret'> & { readonly source: Pick<Source, 'settings'> };

/** Throws SOURCE_REJECTED naming every wrong field, and never a value of the secret. */
export function configurationOf<Settings extends z.ZodMiniType, Secret extends z.ZodMiniType>(
  { source, secret }: Configured,
  schemas: { readonly settings: Settings; readonly secret: (settings: z.infer<Settings>) => Secret },
): { settings: z.infer<Settings>; secret: z.infer<Secret> } {
  const settings = usable('settings', schemas.settings, source.settings);
  return { settings, secret: usable('secret', schemas.secret(settings), secret ?? {}) };
}

function usable<Schema extends z.ZodMiniType>(what: string, schema: Schema, given: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issues = issuesOfError(parsed.error, '');
  const text = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new AppError('SOURCE_REJECTED', `the ${what} of this router cannot be used: ${text}`, { context: { issues } });
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

/** `secureService`: what the vendor calls its service over TLS. Throws SOURCE_REJECTED where a login in clear would leave this machine. */
export function pinnedOptions(
  settings: RouterSettings,
  address: ResolvedAddress,
  secureService: string,
): PinnedOptions {
  const place = { address, port: portOf(settings) };
  if (settings.plainHttp) {
    if (isLoopback(address.address)) return place;
    const message = `plainHttp would send the password in clear: it is only for a loopback address, so use ${secureService}`;
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

/** A certificate that does not fit: the one failure of a connection that somebody must mend in the settings. */
export function withoutProof(error: unknown): unknown {
  if (!isAppError(error, 'SOURCE_UNAVAILABLE') || error.context.failure !== 'tls') return error;
  const { code = '', message: why = '' } = (error.cause ?? {}) as { code?: string; message?: string };
  // Behind a semicolon Node gives advice to programmers.
  const said = why.split(';', 1)[0] ?? '';
  const isUnproven = /CERT|SIGNED|UNABLE_TO|PIN/.test(code);
  const advice = isUnproven ? '; give the SHA-256 fingerprint of its certificate, or the authority that signed it' : '';
  return new AppError('SOURCE_UNAVAILABLE', `${error.message}: ${cutText(said, WHY_LIMIT)}${advice}`, {
    cause: error.cause,
    context: error.context,
  });
}
