/** Forms in which the API says what it knows of SIMs. Every value stands beside the age of its reading; null = unknown. */
import * as z from 'zod/mini';

const instant = z.nullable(z.string());
/** Decimal text: 1NCE's own megabytes with its six decimals, and bytes by the account's factor. */
const megabytes = z.nullable(z.string());
const octets = z.nullable(z.string());
const messages = z.nullable(z.string());
const text = z.nullable(z.string());

/** When the answer that brought the value arrived; null = never read. */
const age = { readAt: instant, ageSeconds: z.nullable(z.int()) };
const level = z.nullable(z.enum(['sufficient', 'low', 'exhausted']));
const presence = z.enum(['offline', 'attached', 'online', 'blocked']);

const dataQuota = z.object({
  /** As the account's list says for all SIMs alike; so old as the list. */
  level,
  /** Below 0 where more was used than there was. */
  remainingMegabytes: megabytes,
  remainingOctets: octets,
  totalMegabytes: megabytes,
  totalOctets: octets,
  /** Four decimals, rounded down. */
  remainingPercent: z.nullable(z.number()),
  expiresAt: instant,
  ...age,
});
const smsQuota = z.object({
  level,
  remainingMessages: messages,
  totalMessages: messages,
  remainingPercent: z.nullable(z.number()),
  expiresAt: instant,
  ...age,
});
const volume = z.object({ megabytes, octets, ...age });
const presenceView = z.object({ state: z.nullable(presence), ...age });
/** `at`: when the network last saw it. */
const lastSeen = z.object({ at: instant, silentSeconds: z.nullable(z.int()), ...age });

const simFields = {
  iccid: z.string(),
  /** Id and name of the source. */
  account: z.string(),
  accountName: z.string(),
  label: text,
  imsi: text,
  msisdn: text,
  imei: text,
  imeiLock: z.nullable(z.boolean()),
  status: z.enum(['enabled', 'disabled', 'unknown']),
  /** As the provider spells it. */
  statusText: text,
  ipAddress: text,
  activatedAt: instant,
  simulated: z.boolean(),
  tags: z.array(z.string()),
  group: text,
  /** Percent of the data quota below which this SIM's own threshold warns. */
  thresholdPercent: z.nullable(z.number()),
  countryCode: text,
  countryName: text,
  operatorName: text,
  radio: text,
  /** When the account's list was last seen whole: identity, label and status are at least so new. */
  listedAt: instant,
  listedAgeSeconds: z.nullable(z.int()),
  data: dataQuota,
  sms: smsQuota,
  /** On the provider's present day, which is UTC's. */
  usageToday: volume,
  /** Median of its closed days of the last 30; null until there are seven. */
  usageMedian: volume,
  lastSeen,
  presence: presenceView,
};
export const simView = z.object(simFields);

/** What it was before its last change. */
const changed = z.nullable(z.object({ before: z.string(), at: z.string() }));
const changes = { imeiChanged: changed, countryChanged: changed, operatorChanged: changed };

export const simDetail = z.object({
  ...simFields,
  ...changes,
  iccidWithLuhn: text,
  imsi2: text,
  currentImsi: text,
  thresholdReachedAt: instant,
  quotaExceededAt: instant,
  firstSeenAt: z.string(),
});

export const quotaView = z.object({ iccid: z.string(), account: z.string(), data: dataQuota, sms: smsQuota });

export const connectivityView = z.object({
  iccid: z.string(),
  account: z.string(),
  presence: presenceView,
  lastSeen,
  countryCode: text,
  countryName: text,
  operatorName: text,
  mcc: text,
  radio: text,
  ...changes,
  /** Newest first; of networks of the second and third generation only. */
  cells: z.array(
    z.object({
      /** When the answer arrived. */
      at: z.string(),
      /** True when asked of the network then, false when remembered by it. */
      retrieved: z.nullable(z.boolean()),
      /** How old the network said that its knowledge was. */
      ageMinutes: z.nullable(z.number()),
      state: text,
      mcc: text,
      mnc: text,
      lac: z.nullable(z.number()),
      cellId: z.nullable(z.number()),
    }),
  ),
});

export const simEventView = z.object({
  at: z.string(),
  /** As the provider words it. */
  type: z.string(),
  id: text,
  description: text,
  severity: text,
  alert: z.nullable(z.boolean()),
  imei: text,
  imsi: text,
  country: text,
  operator: text,
  mcc: text,
  mnc: text,
});

/** Sums of what is known; null = nothing is. */
const usageSums = {
  dataMegabytes: megabytes,
  dataOctets: octets,
  /** Received by the SIM. */
  dataRxMegabytes: megabytes,
  dataRxOctets: octets,
  /** Sent by the SIM. */
  dataTxMegabytes: megabytes,
  dataTxOctets: octets,
  smsMessages: messages,
  /** Sent by the SIM. */
  smsMoMessages: messages,
  /** Received by the SIM. */
  smsMtMessages: messages,
  /** Days of which anything is known, of those there are. */
  complete: z.object({ knownDays: z.int(), expectedDays: z.int() }),
};

export const usageView = z.object({
  iccid: z.string(),
  account: z.string(),
  /** First and last day, both included: days of the provider, which are UTC's. */
  from: z.string(),
  to: z.string(),
  by: z.enum(['day', 'week', 'month']),
  items: z.array(z.object({ from: z.string(), to: z.string(), ...usageSums })),
  totals: z.object(usageSums),
  /** Over the days of which it is known. */
  averagePerDay: z.object({ dataMegabytes: megabytes, dataOctets: octets }),
});

const count = z.int();

export const overviewView = z.object({
  total: count,
  enabled: count,
  disabled: count,
  statusUnknown: count,
  /** Of the `presenceKnown` whose presence is known. */
  online: count,
  presenceKnown: count,
  quotaAlerts: z.object({
    dataLow: count,
    dataExhausted: count,
    dataUnknown: count,
    smsLow: count,
    smsExhausted: count,
    smsUnknown: count,
  }),
  /**
   * Sums of what is known, which of the `simsTotal` listed SIMs it is of `simsKnown`. Days and months are the provider's,
   * which are UTC's; the month's sum also holds SIMs that are no longer listed.
   */
  usedToday: z.object({ day: z.string(), megabytes, octets, simsKnown: count, simsTotal: count }),
  usedThisMonth: z.object({ month: z.string(), megabytes, octets, simsKnown: count, simsTotal: count }),
  /** Seen by the network most recently, newest first. */
  latest: z.array(simView),
  accounts: z.array(
    z.object({
      account: z.string(),
      name: z.string(),
      /** When the list of SIMs was last seen whole; null = never yet. */
      lastWalkAt: instant,
      lastWalkAgeSeconds: z.nullable(z.int()),
      simsListed: count,
      /** SIMs of which something has been read beyond the list, and how old the oldest of these readings is. */
      detailsKnown: count,
      oldestDetailsAgeSeconds: z.nullable(z.int()),
    }),
  ),
});

export const topView = z.object({
  from: z.string(),
  to: z.string(),
  /** Of all SIMs with usage in these days; shares are of it. */
  totalMegabytes: megabytes,
  totalOctets: octets,
  /** SIMs with known usage, listed or not, and SIMs that are listed. */
  simsKnown: count,
  simsTotal: count,
  items: z.array(
    z.object({
      rank: count,
      iccid: z.string(),
      account: z.string(),
      accountName: z.string(),
      label: text,
      /** False: the account no longer lists it. */
      listed: z.boolean(),
      dataMegabytes: z.string(),
      dataOctets: z.string(),
      /** Of the total's bytes; four decimals, rounded down. */
      sharePercent: z.nullable(z.number()),
      complete: z.object({ knownDays: count, expectedDays: count }),
    }),
  ),
});
