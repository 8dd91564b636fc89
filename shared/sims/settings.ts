/** What a tenant configures about a 1NCE account: settings that anyone may see, and the fields of its secret. Pure. */
import * as z from 'zod/mini';
import type { Issue } from '../platform/errors.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';

/** The provider's limit of a customer, unless it granted more. */
const DEFAULT_REQUESTS_PER_SECOND = 10;
/** Its API tells of six months. */
export const MAX_BACKFILL_DAYS = 180;
const DAY_MINUTES = 1440;

const minutes = (least: number) => z.int().check(z.gte(least), z.lte(7 * DAY_MINUTES));
/** Money in the smallest unit of its currency, as decimal text. */
const minorUnits = z
  .string()
  .check(z.regex(/^\d{1,15}$/, 'a whole number of cents (or the like) as text, such as "1000"'));

/** What the account may be made to pay; without it, nothing that costs money is done. */
export const spendingSettings = z.strictObject({
  enabled: z.boolean(),
  /** Most that may be spent in a calendar month of the tenant's zone. */
  capMinor: minorUnits,
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR')),
  /** Price of one top-up and of one extension, for the API does not tell it beforehand. */
  topUpPriceMinor: minorUnits,
  extensionPriceMinor: minorUnits,
});
export type SpendingSettings = z.infer<typeof spendingSettings>;

export const onenceSettings = z.object({
  /** `auto` asks v2 for what it has, v1 for the rest, and whichever still answers. */
  apiVersion: z._default(z.enum(['auto', 'v1', 'v2']), 'auto'),
  requestsPerSecond: z._default(z.number().check(z.gte(0.1), z.lte(100)), DEFAULT_REQUESTS_PER_SECOND),
  /** What the provider's "MB" is worth: its v1 does not say, its v2 says 1024 kilobytes. */
  octetsPerMegabyte: z._default(z.literal([1_000_000, 1_048_576], 'must be 1000000 or 1048576'), 1_000_000),
  /** How old quota and usage of a SIM may become; those nearly used up are looked at in every run. */
  detailMinutes: z._default(minutes(15), 60),
  /** The same for SMS quota, network status, cell and events. */
  slowMinutes: z._default(minutes(15), 360),
  smsQuota: z._default(z.boolean(), true),
  status: z._default(z.boolean(), true),
  /** Two calls more per SIM and round; valid on 2G and 3G only. */
  connectivity: z._default(z.boolean(), false),
  events: z._default(z.boolean(), false),
  /** Days of usage that are fetched of a SIM that is seen for the first time. */
  backfillDays: z._default(z.int().check(z.gte(1), z.lte(MAX_BACKFILL_DAYS)), MAX_BACKFILL_DAYS),
  spending: z.optional(spendingSettings),
});
export type OnenceSettings = z.infer<typeof onenceSettings>;

/** Of an API user made in the portal (Account, Management API Access); the portal's owner cannot use the API. */
export const onenceSecret = z.object({
  clientId: z.string().check(z.minLength(1), z.maxLength(256)),
  clientSecret: z.string().check(z.minLength(1), z.maxLength(512)),
});
export type OnenceSecret = z.infer<typeof onenceSecret>;

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function onenceSettingsIssues(settings: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(onenceSettings, settings), ...unknownNames(Object.keys(onenceSettings.shape), settings)];
}

/** Everything wrong with the fields of a secret that somebody wants to store. Never repeats a value. */
export function onenceSecretIssues(secret: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(onenceSecret, secret), ...unknownNames(Object.keys(onenceSecret.shape), secret)];
}
