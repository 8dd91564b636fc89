/** What a tenant configures about a Taara account: settings that anyone may see, and the fields of its secret. Pure. */
import * as z from 'zod/mini';
import type { Issue } from '../platform/errors.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';

/** Digits only, so that "+44", "0044" or a name in a number is told at once. */
const digits = (minimum: number, maximum: number, example: string) =>
  z.string().check(z.regex(new RegExp(`^[0-9]{${minimum},${maximum}}$`), `digits only, such as "${example}"`));

/** A number of octets, as a whole number or, above 2^53, as decimal text. */
const octets = z.union(
  [
    z.int().check(z.positive()),
    z.string().check(z.regex(/^[1-9][0-9]{0,18}$/, 'a whole number of bytes, such as "1000000000000"')),
  ],
  'a whole number of bytes above 0',
);

export const taaraSettings = z.object({
  /** Of the access point whose portal is used; may stand in the secret instead. */
  hotspotId: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, - and _'))),
  /** Ends the session after every run, as the older monitor did; off unless told. */
  logoutEachCycle: z.optional(z.boolean()),
  /** Size of each plan of this account, in bytes, by planId or plan name. */
  allocationBytes: z.optional(z.record(z.string(), octets)),
});
export type TaaraSettings = z.infer<typeof taaraSettings>;

export const taaraSecret = z.object({
  /** Without "+", such as "44". */
  countryCode: digits(1, 4, '44'),
  /** National number, without the leading 0. */
  phoneNumber: digits(4, 15, '7700900001'),
  passcode: z.string().check(z.minLength(1), z.maxLength(128)),
  partnerId: z.string().check(z.minLength(1), z.maxLength(64)),
  hotspotId: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, - and _'))),
});
export type TaaraSecret = z.infer<typeof taaraSecret>;

/** Configured size of a plan; its id goes before its name. */
export function configuredAllocation(settings: TaaraSettings, planId: string, planName: string): bigint | undefined {
  const sizes = settings.allocationBytes ?? {};
  const size = [planId, planName].filter((name) => Object.hasOwn(sizes, name)).map((name) => sizes[name])[0];
  return size === undefined ? undefined : BigInt(size);
}

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function taaraSettingsIssues(settings: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(taaraSettings, settings), ...unknownNames(Object.keys(taaraSettings.shape), settings)];
}

/** Everything wrong with the fields of a secret that somebody wants to store. Never repeats a value. */
export function taaraSecretIssues(secret: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(taaraSecret, secret), ...unknownNames(Object.keys(taaraSecret.shape), secret)];
}
