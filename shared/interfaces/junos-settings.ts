/** What a tenant configures about a Juniper router read by NETCONF: settings that anyone may see, and its secret. Pure. */
import * as z from 'zod/mini';
import { classifyAddress } from '../platform/address.ts';
import type { Issue } from '../platform/errors.ts';
import { parseAddress } from '../platform/ip.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';
import { MAX_INTERFACES } from './junos.wire.ts';
import { hostField, portField } from './router-settings.ts';
import { speedsField } from './speeds.ts';

/** RFC 6242. */
export const DEFAULT_NETCONF_PORT = 830;
const MAX_TEXT = 255;
/** An RSA key of 8192 bits has half of it. */
const MAX_KEY = 16_000;

const settings = z.object({
  host: hostField,
  /** 830 unless told; 22 works where the router offers the subsystem there. */
  port: portField,
  /** SHA-256 of the router's host key, as OpenSSH shows it: `SHA256:` and 43 characters. */
  hostKeySha256: z.optional(
    z
      .string()
      .check(
        z.regex(
          /^(SHA256:)?[A-Za-z0-9+/]{43}=?$/,
          'must be the fingerprint as `ssh-keyscan -p 830 <host> | ssh-keygen -lf -` shows it: SHA256: and 43 characters',
        ),
      ),
  ),
  /** Reads these only, such as `ge-0/0/0*`: for routers whose whole answer is too long. */
  interfaceName: z.optional(
    z.string().check(z.regex(/^[A-Za-z0-9/.:*-]{1,64}$/, 'must be a name such as ge-0/0/0, or several by ge-0/0/*')),
  ),
  /** A router that lists more is not believed. */
  maximumInterfaces: z._default(z.int().check(z.gte(1), z.lte(MAX_INTERFACES)), MAX_INTERFACES),
  speedsBitsPerSecond: speedsField,
});

export const junosSettings = settings.check(
  z.refine(({ hostKeySha256, host }) => hostKeySha256 !== undefined || isLoopback(host), {
    path: ['hostKeySha256'],
    error:
      'must be given: the login would go to whoever answers; `ssh-keyscan -p 830 <host> | ssh-keygen -lf -` shows it, compare it on the router',
  }),
);
export type JunosSettings = z.infer<typeof junosSettings>;

const line = z.string().check(
  z.minLength(1),
  z.maxLength(MAX_TEXT),
  z.refine((text) => !/\p{Cc}/u.test(text), 'must not hold control characters'),
);

const key = z.optional(
  z
    .string()
    .check(
      z.maxLength(MAX_KEY),
      z.regex(
        /^\s*-----BEGIN ([A-Z]+ )?PRIVATE KEY-----\s[\s\S]+-----END ([A-Z]+ )?PRIVATE KEY-----\s*$/,
        'must be a private key in PEM or OpenSSH form, with its first and its last line',
      ),
    ),
);

const login = z.object({
  user: line,
  password: z.optional(line),
  /** PEM or OpenSSH form, whole, with its line ends. */
  privateKey: key,
  /** Of the private key, where it is encrypted. */
  passphrase: z.optional(line),
});
export type JunosCredentials = z.infer<typeof login>;

const secret = z.extend(login, {
  /** A user whose class may configure, so that the one who only reads need not. */
  writeUser: z.optional(line),
  writePassword: z.optional(line),
  writePrivateKey: key,
  writePassphrase: z.optional(line),
});

export const junosSecret = secret.check(
  z.refine((s) => (s.password === undefined) !== (s.privateKey === undefined), {
    path: ['password'],
    error: 'and privateKey: give one of them',
  }),
  z.refine((s) => s.passphrase === undefined || s.privateKey !== undefined, {
    path: ['passphrase'],
    error: 'belongs to a privateKey',
  }),
  z.refine((s) => proofsForWriting(s) === (s.writeUser === undefined ? 0 : 1), {
    path: ['writeUser'],
    error: 'needs one of writePassword and writePrivateKey beside it, and they need it: give both, or neither',
  }),
  z.refine((s) => s.writePassphrase === undefined || s.writePrivateKey !== undefined, {
    path: ['writePassphrase'],
    error: 'belongs to a writePrivateKey',
  }),
);
export type JunosSecret = z.infer<typeof junosSecret>;

function proofsForWriting({ writePassword, writePrivateKey }: z.infer<typeof secret>): number {
  return [writePassword, writePrivateKey].filter((proof) => proof !== undefined).length;
}

/** Who changes limits: the user for writing where there is one, otherwise the one that reads. */
export function junosWriter(given: JunosSecret): JunosCredentials {
  const { writeUser, writePassword: password, writePrivateKey: privateKey, writePassphrase: passphrase } = given;
  if (writeUser !== undefined) return { user: writeUser, password, privateKey, passphrase };
  return junosReader(given);
}

export function junosReader({ user, password, privateKey, passphrase }: JunosSecret): JunosCredentials {
  return { user, password, privateKey, passphrase };
}

/** 43 characters, to compare with; undefined where only a loopback address answers. */
export function pinOf({ hostKeySha256 }: JunosSettings): string | undefined {
  return hostKeySha256?.replace(/^SHA256:/, '').replace(/=$/, '');
}

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function junosSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(junosSettings, given), ...unknownNames(Object.keys(settings.shape), given)];
}

/** Everything wrong with the fields of a secret that somebody wants to store. Never repeats a value. */
export function junosSecretIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(junosSecret, given), ...unknownNames(Object.keys(secret.shape), given)];
}

/** A name may mean another address tomorrow, so it is none. */
function isLoopback(host: string): boolean {
  const ip = parseAddress(host);
  return ip !== undefined && classifyAddress(ip).range === 'loopback';
}
