/** What a bundle is: one plan of one prepaid account, what is left of it and how long that will last. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { HeadEntity, Increase } from '../samples/sample.ts';

/** Where the size of a plan comes from; readers are told, because the second is only a lower bound. */
export type AllocationOrigin = 'configured' | 'most seen since top-up';

export interface Bundle {
  /** `<account>/<planId>`. */
  readonly id: string;
  /** Id of the source. */
  readonly account: string;
  readonly planId: string;
  readonly planName: string;
  /** Undefined = unknown, or without limit. */
  readonly remainingOctets: bigint | undefined;
  /** As the portal writes it: "900.5 GB", "Unlimited"; undefined = unknown. */
  readonly remainingText: string | undefined;
  readonly unlimited: boolean;
  readonly expiresAt: Instant | undefined;
  readonly expiresInSeconds: number | undefined;
  /** Undefined = the source did not say. */
  readonly isActive: boolean | undefined;
  readonly isHomePlan: boolean | undefined;
  readonly allocationOctets: bigint | undefined;
  readonly allocationOrigin: AllocationOrigin | undefined;
  /** Of the allocation, four decimals, rounded down. */
  readonly remainingPercent: number | undefined;
  readonly simulated: boolean;
  /** When the newest values arrived; undefined = never. */
  readonly receivedAt: Instant | undefined;
}

/** What changes rarely, as the entity's attributes hold it. Octets are decimal text: they may outgrow a double. */
export interface BundleAttributes {
  readonly account: string;
  readonly planId: string;
  readonly planName: string;
  readonly unlimited: boolean;
  readonly isActive?: boolean;
  readonly isHomePlan?: boolean;
  readonly allocationOctets?: string;
  readonly allocationOrigin?: AllocationOrigin;
}

/** The id of a plan of an account, unique within the tenant. */
export function bundleId(account: string, planId: string): string {
  return `${account}/${planId}`;
}

/** Attributes as stored, read back; what is absent or of another type is unknown. */
export function attributesOf(entity: Entity): BundleAttributes {
  const { attributes } = entity;
  const allocation = octetsOf(attributes.allocationOctets);
  return {
    account: entity.target,
    planId: String(attributes.planId ?? ''),
    planName: String(attributes.planName ?? entity.name),
    unlimited: attributes.unlimited === true,
    ...(typeof attributes.isActive === 'boolean' ? { isActive: attributes.isActive } : {}),
    ...(typeof attributes.isHomePlan === 'boolean' ? { isHomePlan: attributes.isHomePlan } : {}),
    ...(allocation === undefined
      ? {}
      : {
          allocationOctets: allocation.toString(),
          allocationOrigin: attributes.allocationOrigin === 'configured' ? 'configured' : 'most seen since top-up',
        }),
  };
}

function octetsOf(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^[0-9]{1,19}$/.test(value) ? BigInt(value) : undefined;
}

/** The bundle at `now`: its expiry is counted down from the reading that brought it. */
export function bundleOf(entity: Entity, newest: HeadEntity | undefined, now: Instant): Bundle {
  const attributes = attributesOf(entity);
  const remainingOctets = attributes.unlimited ? undefined : newest?.values.remaining;
  const expiresAt = expiryOf(newest);
  const allocationOctets = octetsOf(attributes.allocationOctets);
  return {
    id: entity.id,
    account: attributes.account,
    planId: attributes.planId,
    planName: attributes.planName,
    remainingOctets,
    remainingText: attributes.unlimited
      ? 'Unlimited'
      : remainingOctets === undefined
        ? undefined
        : octetsText(remainingOctets),
    unlimited: attributes.unlimited,
    expiresAt,
    expiresInSeconds: expiresAt === undefined ? undefined : Math.max(0, Math.ceil((expiresAt - now) / 1000)),
    isActive: attributes.isActive,
    isHomePlan: attributes.isHomePlan,
    allocationOctets,
    allocationOrigin: attributes.allocationOrigin,
    remainingPercent: percentOf(remainingOctets, allocationOctets),
    simulated: entity.simulated,
    receivedAt: newest?.receivedAt,
  };
}

/** When a reading said the plan ends. The text it came from is no finer than a day, an hour or a minute. */
export function expiryOf(reading: Pick<HeadEntity, 'values' | 'receivedAt'> | undefined): Instant | undefined {
  const seconds = reading?.values.expiresIn;
  return reading === undefined || seconds === undefined ? undefined : reading.receivedAt + Number(seconds) * 1000;
}

/** Rounded down at the fourth decimal, so that it is never shown on the better side of a threshold. */
export function percentOf(part: bigint | undefined, whole: bigint | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole <= 0n) return undefined;
  return Number((part * 1_000_000n) / whole) / 10_000;
}

const UNITS: readonly (readonly [bigint, string])[] = [
  [1_000_000_000_000n, 'TB'],
  [1_000_000_000n, 'GB'],
  [1_000_000n, 'MB'],
  [1_000n, 'KB'],
];

/** Octets as the portal writes them: one decimal, rounded half up, decimal units; "0 KB" for nothing. */
export function octetsText(octets: bigint): string {
  if (octets === 0n) return '0 KB';
  const [unit, name] = UNITS.find(([size]) => octets >= size) ?? [1_000n, 'KB'];
  const tenths = (octets * 10n + unit / 2n) / unit;
  return `${tenths / 10n}.${tenths % 10n} ${name}`;
}

/**
 * A rise below one step of the display (0.1 of its unit) is not a top-up: it is an exact value following a rounded one.
 * Counted as a top-up it would turn 12 % of an unconfigured plan into 100 %.
 */
export function isTopUp(before: bigint, after: bigint): boolean {
  const [unit] = UNITS.find(([size]) => before >= size) ?? [1_000n];
  return after - before > unit / 10n;
}

export interface SeenAllocation {
  /** Most seen since the last top-up, before this reading. */
  readonly mostSeenOctets: bigint | undefined;
  /** Newest known remainder before this reading. */
  readonly previousOctets: bigint | undefined;
}

/** The size that a plan without a configured one shows by itself: the most seen since its last top-up. */
export function mostSeenSinceTopUp(seen: SeenAllocation, remainingOctets: bigint | undefined): bigint | undefined {
  if (remainingOctets === undefined) return seen.mostSeenOctets;
  if (seen.previousOctets !== undefined && isTopUp(seen.previousOctets, remainingOctets)) return remainingOctets;
  const most = seen.mostSeenOctets ?? seen.previousOctets ?? remainingOctets;
  return most > remainingOctets ? most : remainingOctets;
}

const DAY_MS = 86_400_000n;

/**
 * True consumption per day: everything known to have been used, divided by the time in which it was known.
 * Intervals of unknown consumption (top-ups) count in neither. Undefined when nothing is known.
 */
export function averagePerDay(increases: readonly Pick<Increase, 'amount' | 'elapsedMs'>[]): bigint | undefined {
  let used = 0n;
  let elapsedMs = 0n;
  for (const { amount, elapsedMs: ms } of increases) {
    if (amount === undefined || ms <= 0) continue;
    used += amount;
    elapsedMs += BigInt(Math.round(ms));
  }
  return elapsedMs === 0n ? undefined : (used * DAY_MS) / elapsedMs;
}

export interface Forecast {
  /** Undefined = unknown. */
  readonly daysRemaining: number | undefined;
  readonly limitedBy: 'expiry' | 'use' | undefined;
}

/** Days until the plan expires or is used up at its average, whichever is first; a part that is unknown is left out. */
export function forecast(
  bundle: Pick<Bundle, 'remainingOctets' | 'expiresInSeconds'>,
  octetsPerDay: bigint | undefined,
): Forecast {
  const { remainingOctets, expiresInSeconds } = bundle;
  const byExpiry = expiresInSeconds === undefined ? undefined : expiresInSeconds / 86_400;
  const usable =
    remainingOctets !== undefined && octetsPerDay !== undefined && (octetsPerDay > 0n || remainingOctets === 0n);
  const byUse = !usable ? undefined : remainingOctets === 0n ? 0 : Number(remainingOctets) / Number(octetsPerDay);
  if (byUse !== undefined && (byExpiry === undefined || byUse < byExpiry))
    return { daysRemaining: byUse, limitedBy: 'use' };
  return { daysRemaining: byExpiry, limitedBy: byExpiry === undefined ? undefined : 'expiry' };
}
