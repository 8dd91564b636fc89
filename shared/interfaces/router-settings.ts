/** What a tenant configures about a router read over TLS, whoever made it: where it is, how it proves itself, its login. Pure. */
import { X509Certificate } from 'node:crypto';
import * as z from 'zod/mini';
import { classifyAddress } from '../platform/address.ts';
import type { Issue } from '../platform/errors.ts';
import { parseAddress } from '../platform/ip.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';
import { speedsField } from './speeds.ts';

const DEFAULT_PORT = 443;
const DEFAULT_PLAIN_PORT = 80;
const MAX_TEXT = 255;
/** A chain of a few certificates; all settings together have 16,384 octets. */
const MAX_PEM = 15_000;

/** Name or address; which ones are allowed is judged where the network is (`platform/address.dns.ts`). */
export const hostField = z.string().check(z.minLength(1), z.maxLength(253));
export const portField = z.optional(z.int().check(z.gte(1), z.lte(65_535)));

/** `mostInterfaces`: more than the vendor's largest router has. */
const shape = (mostInterfaces: number) => ({
  host: hostField,
  /** 443 unless told; 80 with `plainHttp`. */
  port: portField,
  /** SHA-256 of the router's own certificate: 64 hex digits, colons as you like. */
  certificateSha256: z.optional(
    z
      .string()
      .check(
        z.regex(/^([0-9a-f]{2}:?){31}[0-9a-f]{2}$/i, 'must be the 64 hexadecimal digits of a SHA-256 fingerprint'),
      ),
  ),
  /** PEM of the authority that signed it. With neither of both, the certificate must be one of a public authority. */
  certificateAuthority: z.optional(
    z.string().check(z.maxLength(MAX_PEM), z.refine(isPem, 'must be one or more certificates in PEM form')),
  ),
  /** Password in clear: only for what answers on a loopback address, such as a simulator or the end of a tunnel. */
  plainHttp: z._default(z.boolean(), false),
  /** A router that lists more is not believed. */
  maximumInterfaces: z._default(z.int().check(z.gte(1), z.lte(mostInterfaces)), mostInterfaces),
  speedsBitsPerSecond: speedsField,
});

/** Schema of the settings of a vendor's routers, of which none has more interfaces. */
export function routerSettings(mostInterfaces: number) {
  return z.object(shape(mostInterfaces)).check(
    z.refine((s) => s.certificateSha256 === undefined || s.certificateAuthority === undefined, {
      path: ['certificateAuthority'],
      error: 'cannot stand beside certificateSha256: give one of them',
    }),
    z.refine((s) => !s.plainHttp || (s.certificateSha256 === undefined && s.certificateAuthority === undefined), {
      path: ['plainHttp'],
      error: 'has no certificate to check: leave it away, or leave the certificate away',
    }),
  );
}
export type RouterSettings = z.infer<ReturnType<typeof routerSettings>>;

/** RFC 7617: a colon would end the user's name, and control characters are refused by routers and proxies alike. */
const credential = (forbidden: RegExp, message: string) =>
  z.string().check(
    z.minLength(1),
    z.maxLength(MAX_TEXT),
    z.refine((text) => !forbidden.test(text), message),
  );

export const routerLogin = z.object({
  user: credential(/[:\p{Cc}]/u, 'must not hold a colon or control characters'),
  password: credential(/\p{Cc}/u, 'must not hold control characters'),
});
export type RouterLogin = z.infer<typeof routerLogin>;

const secret = z.extend(routerLogin, {
  /** A user who may write, so that the one who only reads need not. */
  writeUser: z.optional(routerLogin.shape.user),
  writePassword: z.optional(routerLogin.shape.password),
});

export const routerSecret = secret.check(
  z.refine((s) => s.writeUser === undefined || s.writePassword !== undefined, {
    path: ['writePassword'],
    error: 'is missing beside writeUser: give both, or neither',
  }),
  z.refine((s) => s.writePassword === undefined || s.writeUser !== undefined, {
    path: ['writeUser'],
    error: 'is missing beside writePassword: give both, or neither',
  }),
);
export type RouterSecret = z.infer<typeof routerSecret>;

/** Who changes limits: the user for writing where there is one, otherwise the one that reads. */
export function writingCredentials({ user, password, writeUser, writePassword }: RouterSecret): RouterLogin {
  return writeUser === undefined || writePassword === undefined
    ? { user, password }
    : { user: writeUser, password: writePassword };
}

export function portOf({ port, plainHttp }: RouterSettings): number {
  return port ?? (plainHttp ? DEFAULT_PLAIN_PORT : DEFAULT_PORT);
}

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function routerSettingsIssues(schema: z.ZodMiniObject, given: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(schema, given), ...unknownNames(Object.keys(schema.shape), given)];
}

/** Everything wrong with the fields of a secret that somebody wants to store. Never repeats a value. */
export function routerSecretIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(routerSecret, given), ...unknownNames(Object.keys(secret.shape), given)];
}

function isPem(text: string): boolean {
  // `maxLength` has refused it, which does not keep it from here, and the expression is quadratic.
  if (text.length > MAX_PEM) return true;
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  return blocks.length > 0 && blocks.every(isCertificate);
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}

/** A name may mean another address tomorrow, so it is none. */
export function isLoopback(host: string): boolean {
  const ip = parseAddress(host);
  return ip !== undefined && classifyAddress(ip).range === 'loopback';
}
