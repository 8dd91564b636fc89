/** What a tenant configures about a Juniper router, read by NETCONF or by REST: settings that anyone may see, and its secret. Pure. */
import * as z from 'zod/mini';
import type { Issue } from '../platform/errors.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';
import { MAX_INTERFACES } from './junos.wire.ts';
import { isLoopback, portField, routerLogin, routerSettings, routerSettingsIssues } from './router-settings.ts';

/** RFC 6242. */
export const DEFAULT_NETCONF_PORT = 830;
/** Of the REST API, as its guide configures them. */
const DEFAULT_REST_PORT = 3443;
const DEFAULT_PLAIN_REST_PORT = 3000;
const MAX_TEXT = 255;
/** An RSA key of 8192 bits has half of it. */
const MAX_KEY = 16_000;

const settings = z.safeExtend(routerSettings(MAX_INTERFACES), {
  /** `netconf` over SSH, or `rest` over HTTPS where SSH is out of reach; certificates and `plainHttp` are of the latter. */
  api: z._default(z.enum(['netconf', 'rest']), 'netconf'),
  /** 830 unless told, where 22 may do as well; by REST 3443, and 3000 with `plainHttp`. */
  port: portField,
  /** By NETCONF: SHA-256 of the router's host key, as OpenSSH shows it: `SHA256:` and 43 characters. */
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
});

export const junosSettings = settings.check(
  z.refine(({ api, hostKeySha256, host }) => api === 'rest' || hostKeySha256 !== undefined || isLoopback(host), {
    path: ['hostKeySha256'],
    error:
      'must be given: the login would go to whoever answers; `ssh-keyscan -p 830 <host> | ssh-keygen -lf -` shows it, compare it on the router',
  }),
  z.refine(({ api, hostKeySha256 }) => api !== 'rest' || hostKeySha256 === undefined, {
    path: ['hostKeySha256'],
    error: 'is of NETCONF: with api rest give certificateSha256 or certificateAuthority',
  }),
  ...(['certificateSha256', 'certificateAuthority', 'plainHttp'] as const).map((field) =>
    z.refine<z.infer<typeof settings>>(({ api, [field]: given }) => api === 'rest' || !given, {
      path: [field],
      error: 'is of the REST API: leave it away, or give "api": "rest" as well',
    }),
  ),
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

const notByRest = z.optional(z.undefined('is of NETCONF: by REST the router takes a password only'));
const notWrittenByRest = z.optional(z.undefined('is of NETCONF: by REST nothing is changed'));
/** Of `api: rest`: Basic authentication. */
export const junosRestSecret = z.extend(routerLogin, {
  privateKey: notByRest,
  passphrase: notByRest,
  writeUser: notWrittenByRest,
  writePassword: notWrittenByRest,
  writePrivateKey: notWrittenByRest,
  writePassphrase: notWrittenByRest,
});

/** 43 characters, to compare with; undefined where only a loopback address answers. */
export function pinOf({ hostKeySha256 }: JunosSettings): string | undefined {
  return hostKeySha256?.replace(/^SHA256:/, '').replace(/=$/, '');
}

export function restPortOf({ port, plainHttp }: JunosSettings): number {
  return port ?? (plainHttp ? DEFAULT_PLAIN_REST_PORT : DEFAULT_REST_PORT);
}

/** True where only this machine can answer: in clear, or without a pinned host key. */
export function isJunosSimulated({ api, plainHttp, hostKeySha256 }: Readonly<Record<string, unknown>>): boolean {
  return api === 'rest' ? plainHttp === true : hostKeySha256 === undefined;
}

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function junosSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return routerSettingsIssues(junosSettings, given);
}

/** Everything wrong with the fields of a secret that somebody wants to store with these settings. Never repeats a value. */
export function junosSecretIssues(
  given: Readonly<Record<string, unknown>>,
  { api }: Readonly<Record<string, unknown>>,
): Issue[] {
  const schema = api === 'rest' ? junosRestSecret : junosSecret;
  return [...issuesOf(schema, given), ...unknownNames(Object.keys(secret.shape), given)];
}
