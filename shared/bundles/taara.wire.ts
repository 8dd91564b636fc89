/**
 * Taara's captive-portal API as it was observed; nobody documents it, so whatever is not needed may be absent,
 * and what is not known is ignored. Records in lists are checked one by one: a bad one must not take the good ones along.
 */
import * as z from 'zod/mini';

export const taaraLoginRequest = z.object({
  phoneNumber: z.object({ countryCode: z.string(), nationalNumber: z.string() }),
  passcode: z.string(),
  partnerId: z.string(),
});

/** A JSON web token at the top level, fit to stand in a header; everything else in this answer is unknown. */
export const taaraLoginResponse = z.object({ accessToken: z.string().check(z.regex(/^[\x21-\x7e]{1,8192}$/)) });

/** Claims of the access token that matter; `exp` has never been seen, but would be kept to. */
export const taaraClaims = z.object({ sub: z.optional(z.string()), exp: z.optional(z.number()) });

export const taaraError = z.object({ message: z.string() });

export const taaraPlan = z.object({
  planId: z.string().check(z.minLength(1), z.maxLength(128)),
  planName: z.optional(z.string().check(z.maxLength(256))),
  planIconName: z.optional(z.string()),
  /** "900.5 GB" */
  remainingBalance: z.optional(z.string()),
  /** "28 days" */
  expiresIn: z.optional(z.string()),
  isActive: z.optional(z.boolean()),
  isHomePlan: z.optional(z.boolean()),
});

export const taaraPurchasedPlan = z.object({
  _id: z.optional(z.string()),
  hotspotName: z.optional(z.string()),
  planDisplayName: z.string(),
  resellerPrice: z.optional(z.object({ currencyCode: z.string(), units: z.number(), nanos: z.number() })),
  isRewardPlan: z.optional(z.boolean()),
  historyType: z.optional(z.string()),
  /** Octets that remain, in spite of its name; `z.int` refuses what a double cannot hold exactly. */
  dataUsage: z.object({ totalDataUsage: z.int().check(z.nonnegative()) }),
});

export const taaraPurchase = z.object({
  /** MM/DD/YYYY */
  purchasedAt: z.optional(z.string()),
  historyDate: z.optional(z.string()),
  purchasedHistoryPlans: z.array(z.unknown()),
});

export const taaraBundleResponse = z.object({
  message: z.optional(z.string()),
  data: z.object({
    subscriberId: z.optional(z.string()),
    subscriberActiveAndUnusedPlans: z.array(z.unknown()),
    purchasedHistory: z.optional(z.nullable(z.array(z.unknown()))),
  }),
});

export type TaaraLoginRequest = z.infer<typeof taaraLoginRequest>;
export type TaaraClaims = z.infer<typeof taaraClaims>;
export type TaaraPlan = z.infer<typeof taaraPlan>;
export type TaaraPurchasedPlan = z.infer<typeof taaraPurchasedPlan>;
export type TaaraPurchase = z.infer<typeof taaraPurchase>;
export type TaaraBundleResponse = z.infer<typeof taaraBundleResponse>;
