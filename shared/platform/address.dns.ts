/** Turns a host that a tenant gave into the one address to connect to, or refuses it before any packet leaves. */
import { lookup as systemLookup } from 'node:dns/promises';
import { refusalOf } from './address.ts';
import { AppError } from './errors.ts';
import { type Family, formatAddress, type IpAddress, looksNumeric, parseAddress, unmapped } from './ip.ts';

export interface ResolvedAddress {
  /** Connect to this and not to the name: a second look-up could answer otherwise. */
  readonly address: string;
  readonly family: Family;
}

export interface ResolveOptions {
  /** Where the host stands in the request, for the issue; `host` unless told. */
  readonly path?: string;
  /** All addresses of a name; the system's resolver unless told. */
  readonly lookup?: (host: string) => Promise<readonly string[]>;
  readonly timeoutMs?: number;
}

/** What `createSnmpCollector` and the like take, so that a test can answer for the DNS. */
export type Resolve = (host: string, allowedNetworks: readonly string[]) => Promise<ResolvedAddress>;

const NAME = /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?$/i;
/** A resolver that hangs must not eat a run's time. */
const LOOKUP_TIMEOUT_MS = 5_000;
/** Names with more addresses than this are no router. */
const MAX_ADDRESSES = 32;

/**
 * Resolves once and checks every answer: one bad answer refuses the name. Throws REQUEST_INVALID (malformed, or not
 * allowed, with one issue that says how to mend it) and SOURCE_UNAVAILABLE (the name has no address now).
 */
export async function resolvePublic(
  host: string,
  allowedNetworks: readonly string[],
  options: ResolveOptions = {},
): Promise<ResolvedAddress> {
  const literal = parseAddress(host.replace(/\.$/, ''));
  const addresses = literal === undefined ? await addressesOf(host, options) : [literal];
  for (const ip of addresses) {
    const refusal = refusalOf(ip, allowedNetworks);
    if (refusal !== undefined) throw invalid(options, literal === undefined ? `${host}: ${refusal}` : refusal);
  }
  // IPv4 first: many networks that run this have no way out by IPv6.
  const chosen = addresses.find(({ family }) => family === 4) ?? addresses[0];
  if (chosen === undefined) throw unresolved(host, 'it has no address');
  // What a mapped address means is the IPv4 one, whatever this system does with the mapped form.
  const { family, value } = unmapped(chosen);
  return { address: formatAddress({ family, value }), family };
}

async function addressesOf(host: string, options: ResolveOptions): Promise<IpAddress[]> {
  if (looksNumeric(host) || !NAME.test(host)) {
    throw invalid(
      options,
      `"${host.slice(0, 64)}" is neither a host name nor an address such as 192.0.2.1 or 2001:db8::1`,
    );
  }
  const answers = await answersOf(host, options);
  if (answers.length > MAX_ADDRESSES)
    throw invalid(options, `${host} has ${answers.length} addresses: use one of them`);
  return answers.map((answer) => {
    const ip = parseAddress(answer);
    // A zone (`fe80::1%eth0`) or anything else that is not an address cannot be judged, so it is refused.
    if (ip === undefined) throw invalid(options, `${host} resolves to ${answer.slice(0, 64)}, which is not an address`);
    return ip;
  });
}

async function answersOf(host: string, options: ResolveOptions): Promise<readonly string[]> {
  const timeoutMs = options.timeoutMs ?? LOOKUP_TIMEOUT_MS;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unresolved(host, `no answer from the DNS within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([(options.lookup ?? systemAddresses)(host), timeout]);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = (error as { code?: unknown } | null)?.code;
    throw unresolved(host, typeof code === 'string' ? code : 'the look-up failed', error);
  } finally {
    clearTimeout(timer);
  }
}

async function systemAddresses(host: string): Promise<string[]> {
  const answers = await systemLookup(host, { all: true, order: 'verbatim' });
  return answers.map(({ address }) => address);
}

function invalid(options: ResolveOptions, message: string): AppError {
  return new AppError('REQUEST_INVALID', message, { context: { issues: [{ path: options.path ?? 'host', message }] } });
}

function unresolved(host: string, why: string, cause?: unknown): AppError {
  return new AppError('SOURCE_UNAVAILABLE', `${host} could not be resolved (${why})`, { cause });
}
