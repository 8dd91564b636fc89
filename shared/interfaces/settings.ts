/** What a tenant configures about a router: settings that anyone may see, and the fields of its secret. Pure. */
import * as z from 'zod/mini';
import type { Issue } from '../platform/errors.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';
import { hostField, isLoopback } from './router-settings.ts';
import { speedsField } from './speeds.ts';

export const AUTH_PROTOCOLS = ['sha', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
/** aes is AES-128; aes256r is the key extension of Cisco (Reeder), aes256b that of Net-SNMP (Blumenthal). */
export const PRIV_PROTOCOLS = ['aes', 'aes256b', 'aes256r'] as const;
export type AuthProtocol = (typeof AUTH_PROTOCOLS)[number];
export type PrivProtocol = (typeof PRIV_PROTOCOLS)[number];

const DEFAULT_PORT = 161;
/** RFC 3414 demands eight characters of a pass phrase. */
const MIN_KEY = 8;
const MAX_TEXT = 255;

const text = (minimum: number) => z.string().check(z.minLength(minimum), z.maxLength(MAX_TEXT));

const settings = z.object({
  host: hostField,
  port: z._default(z.int().check(z.gte(1), z.lte(65_535)), DEFAULT_PORT),
  version: z._default(z.enum(['v2c', 'v3']), 'v2c'),
  /** Only for v3. */
  authProtocol: z._default(z.enum(AUTH_PROTOCOLS), 'sha256'),
  privProtocol: z._default(z.enum(PRIV_PROTOCOLS), 'aes'),
  /** Rows asked for at once; fewer for a router that chokes. */
  maxRepetitions: z.optional(z.int().check(z.gte(1), z.lte(100))),
  /** No router stands behind it; what it counts is told as simulated where the tenant's accounts are. */
  simulator: z.optional(z.boolean()),
  speedsBitsPerSecond: speedsField,
});

export const snmpSettings = settings.check(
  z.refine(({ simulator, host }) => !simulator || isLoopback(host), {
    path: ['simulator'],
    error: 'is for what answers on a loopback address: leave it away for a router',
  }),
);
export type SnmpSettings = z.infer<typeof snmpSettings>;

const communitySecret = z.object({ community: text(1) });

/** authPriv only: a user without keys is no better than a community. */
const userSecret = z.object({ user: text(1), authKey: text(MIN_KEY), privKey: text(MIN_KEY) });

/** The secret's shape follows the version. */
export function secretSchema(version: SnmpSettings['version']): typeof communitySecret | typeof userSecret {
  return version === 'v3' ? userSecret : communitySecret;
}

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function snmpSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(snmpSettings, given), ...unknownNames(Object.keys(settings.shape), given)];
}

/** Everything wrong with the fields of a secret that somebody wants to store with these settings. Never repeats a value. */
export function snmpSecretIssues(
  secret: Readonly<Record<string, unknown>>,
  { version }: Readonly<Record<string, unknown>>,
): Issue[] {
  const schema = secretSchema(version === 'v3' ? 'v3' : 'v2c');
  return [...issuesOf(schema, secret), ...unknownNames(Object.keys(schema.shape), secret)];
}
