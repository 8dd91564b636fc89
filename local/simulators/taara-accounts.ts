/** The people behind the simulated Taara: two demo accounts, and what it takes to configure a source for one. Pure. */

/** A prepaid plan that renews itself, known by what was left of it at one instant. */
export interface SimulatedPlan {
  readonly planId: string;
  readonly planName: string;
  readonly planIconName: string;
  readonly isActive: boolean;
  readonly isHomePlan: boolean;
  readonly allocationOctets: bigint;
  /** Days that one purchase lasts. */
  readonly validDays: number;
  /** Epoch ms; everything before and after follows from what was left here. */
  readonly anchorAt: number;
  readonly boughtDaysBeforeAnchor: number;
  /** Equal to the allocation: never used. */
  readonly remainingOctetsAtAnchor: bigint;
  readonly priceUnits: number;
}

export interface TaaraAccount {
  /** Lower case, usable as the id of a source. */
  readonly name: string;
  readonly title: string;
  readonly countryCode: string;
  readonly nationalNumber: string;
  readonly passcode: string;
  readonly partnerId: string;
  readonly hotspotId: string;
  readonly hotspotName: string;
  readonly subscriberId: string;
  readonly plans: readonly SimulatedPlan[];
}

const GB = 1_000_000_000n;
const MB = 1_000_000n;

function homePlan(
  planId: string,
  anchorAt: number,
  remainingPercent: number,
  boughtDaysBeforeAnchor: number,
): SimulatedPlan {
  return {
    planId,
    planName: '1 Month Unlimited',
    planIconName: 'home',
    isActive: true,
    isHomePlan: true,
    allocationOctets: 1000n * GB,
    validDays: 30,
    anchorAt,
    boughtDaysBeforeAnchor,
    remainingOctetsAtAnchor: BigInt(remainingPercent) * 10n * GB,
    priceUnits: 1000,
  };
}

function untouchedTrial(planId: string, anchorAt: number): SimulatedPlan {
  return {
    planId,
    planName: '500 MB Free Trial',
    planIconName: '',
    isActive: false,
    isHomePlan: false,
    allocationOctets: 500n * MB,
    validDays: 30,
    anchorAt,
    boughtDaysBeforeAnchor: 3,
    remainingOctetsAtAnchor: 500n * MB,
    priceUnits: 0,
  };
}

/**
 * A healthy account (62 % with half its month to go, an untouched trial beside it) and one that stands at 12 %.
 * `anchorAt` (epoch ms) is when that was so: keep it, and a later start goes on where the curve is by then.
 */
export function demoTaaraAccounts(anchorAt: number): readonly [TaaraAccount, TaaraAccount] {
  return [
    {
      name: 'home',
      title: 'Home link',
      countryCode: '44',
      nationalNumber: '7700900001',
      passcode: '482913',
      partnerId: '100000001',
      hotspotId: '200000001',
      hotspotName: 'Example Hotspot',
      subscriberId: 'aaaaaaaa-0000-4000-8000-000000000001',
      plans: [
        homePlan('0000000000000000000000a1', anchorAt, 62, 14),
        untouchedTrial('0000000000000000000000b2', anchorAt),
      ],
    },
    {
      name: 'office',
      title: 'Office link',
      countryCode: '44',
      nationalNumber: '7700900002',
      passcode: '739154',
      partnerId: '100000001',
      hotspotId: '200000002',
      hotspotName: 'Example Hotspot Two',
      subscriberId: 'aaaaaaaa-0000-4000-8000-000000000002',
      plans: [homePlan('0000000000000000000000a2', anchorAt, 12, 21)],
    },
  ];
}

/** Fields of the secret of a source that reads this account. */
export function taaraSecretOf(account: TaaraAccount): Record<string, string> {
  return {
    countryCode: account.countryCode,
    phoneNumber: account.nationalNumber,
    passcode: account.passcode,
    partnerId: account.partnerId,
    hotspotId: account.hotspotId,
  };
}

/** Settings of a source that reads this account: the sizes of its plans, which the service does not tell. */
export function taaraSettingsOf(account: TaaraAccount): { allocationBytes: Record<string, number> } {
  return {
    allocationBytes: Object.fromEntries(account.plans.map((plan) => [plan.planName, Number(plan.allocationOctets)])),
  };
}
