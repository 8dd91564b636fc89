/** What a SIM is: its identity, what is left of its quotas, what it used and where it was. Pure. */
import type { Instant } from '../platform/clock.ts';

/**
 * A data volume exactly as 1NCE gives it: whole millionths of its "MB", for it sends six decimals. What its MB is worth in
 * bytes is a setting of the account, see `octetsOf`.
 */
export type MicroMegabytes = bigint;

/** Of the whole quota: more than 20 % left, less, nothing. */
export type QuotaLevel = 'sufficient' | 'low' | 'exhausted';

/** A SIM as the inventory lists it. What is absent there is unknown. */
export interface ListedSim {
  /** 19 digits. */
  readonly iccid: string;
  readonly iccidWithLuhn?: string;
  readonly imsi?: string;
  readonly imsi2?: string;
  readonly currentImsi?: string;
  readonly msisdn?: string;
  readonly imei?: string;
  readonly imeiLock?: boolean;
  /** As the provider spells it: "Enabled", "Disabled", in single answers "Activated". */
  readonly status?: string;
  /** Undefined where `status` is a word that is neither. */
  readonly enabled?: boolean;
  readonly activatedAt?: Instant;
  readonly ipAddress?: string;
  readonly label?: string;
  readonly dataLevel?: QuotaLevel;
  readonly smsLevel?: QuotaLevel;
  /** When the data threshold was reached / the quota exceeded, as the list tells. */
  readonly thresholdReachedAt?: Instant;
  readonly quotaExceededAt?: Instant;
}

export type Service = 'data' | 'sms';

/** What is left of one service. Data in millionths of MB, SMS in messages; `remaining` may be negative (API v2). */
export interface Quota {
  readonly service: Service;
  readonly remaining: bigint | undefined;
  readonly total: bigint | undefined;
  readonly lastAdded?: bigint;
  /** Of all top-ups together (API v2). */
  readonly lifetimeTotal?: bigint;
  readonly expiresAt?: Instant;
  readonly thresholdPercent?: number;
  readonly peakBitsPerSecond?: number;
  /** API v2: EXHAUSTED, ACTIVE, EXPIRED. */
  readonly state?: 'exhausted' | 'active' | 'expired';
}

/** One day as the provider counts days (UTC unless it says otherwise); never cut anew. Absent values are unknown. */
export interface DayUsage {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly dataTotal?: MicroMegabytes;
  /** Received by the SIM. */
  readonly dataRx?: MicroMegabytes;
  /** Sent by the SIM. */
  readonly dataTx?: MicroMegabytes;
  readonly smsTotal?: bigint;
  /** Sent by the SIM. */
  readonly smsMo?: bigint;
  /** Received by the SIM. */
  readonly smsMt?: bigint;
}

export const USAGE_FIELDS = ['dataTotal', 'dataRx', 'dataTx', 'smsTotal', 'smsMo', 'smsMt'] as const;

/** In the order of their numbers in readings. */
export const PRESENCES = ['offline', 'attached', 'online', 'blocked'] as const;
export type Presence = (typeof PRESENCES)[number];

/** Where the network last saw the SIM. */
export interface SimStatus {
  /** Undefined where the word is a new one; it then stands in `presenceText`. */
  readonly presence: Presence | undefined;
  readonly presenceText: string;
  /** ISO 3166 alpha-2, upper case. */
  readonly countryCode?: string;
  readonly countryName?: string;
  readonly operatorName?: string;
  readonly operatorId?: string;
  readonly mcc?: string;
  /** Newest of the network's own instants of contact. */
  readonly lastSeenAt?: Instant;
  /** "LTE", "GPRS"; of the session under way. */
  readonly radio?: string;
  readonly sessionSince?: Instant;
  readonly limitReached?: boolean;
}

/** The cell it was last in; valid on 2G and 3G only. */
export interface CellReading {
  readonly requestedAt?: Instant;
  readonly repliedAt?: Instant;
  readonly state?: string;
  /** True when asked of the network now, false when remembered by it. */
  readonly retrieved?: boolean;
  readonly ageMinutes?: number;
  readonly mcc?: string;
  readonly mnc?: string;
  readonly lac?: number;
  readonly cellId?: number;
}

export interface SimEvent {
  readonly at: Instant;
  /** As the provider words it. */
  readonly type: string;
  readonly id?: string;
  readonly description?: string;
  readonly severity?: string;
  readonly alert?: boolean;
  readonly imei?: string;
  readonly imsi?: string;
  readonly country?: string;
  readonly operator?: string;
  readonly mcc?: string;
  readonly mnc?: string;
}

export interface Sms {
  readonly id: string;
  /** `mt`: to the SIM, `mo`: from it. */
  readonly direction?: 'mt' | 'mo';
  /** "DELIVERED", "PENDING", "FAILED", "EXPIRED" or the provider's own word. */
  readonly status?: string;
  readonly submittedAt?: Instant;
  readonly deliveredAt?: Instant;
  readonly expiresAt?: Instant;
  readonly sourceAddress?: string;
  readonly payload?: string;
}

/** A monthly limit of all SIMs of an account. */
export interface MonthlyLimit {
  readonly service: 'data' | 'smsMt' | 'smsMo';
  readonly id?: number;
  /** As given: "16", unit "MB" or "SMS". */
  readonly limit?: string;
  readonly unit?: string;
}

const MICRO = 1_000_000n;

/** "479.123456" -> 479123456n; undefined when it is no decimal number of at most six decimals. */
export function microMegabytes(text: string): MicroMegabytes | undefined {
  const parts = /^(-?)(\d{1,15})(?:\.(\d{1,6})0*)?$/.exec(text);
  if (!parts) return undefined;
  const [, sign, whole = '', decimals = ''] = parts;
  const amount = BigInt(whole) * MICRO + BigInt(decimals.padEnd(6, '0'));
  return sign === '-' ? -amount : amount;
}

/** 479123456n -> "479.123456": the number as it was given, without zeros at its end. */
export function megabytesText(amount: MicroMegabytes): string {
  const size = amount < 0n ? -amount : amount;
  const decimals = (size % MICRO).toString().padStart(6, '0').replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${size / MICRO}${decimals === '' ? '' : `.${decimals}`}`;
}

/** Bytes, rounded down; `octetsPerMegabyte` is the account's setting (1,000,000 or 1,048,576). */
export function octetsOf(amount: MicroMegabytes, octetsPerMegabyte: number): bigint {
  return (amount * BigInt(octetsPerMegabyte)) / MICRO;
}
