/**
 * 1NCE's Management API v1, and what v2 shares with it, as documented and recorded. Nearly everything may be absent or
 * null; unknown fields are ignored. Members of lists are checked one by one, so they stand here as unknown.
 */
import * as z from 'zod/mini';

export const TEXT_LIMIT = 256;
/** Identifiers and words; longer ones than this are broken, not long. */
export const onenceWord = z
  .string()
  .check(z.maxLength(TEXT_LIMIT), z.regex(/^\P{Cc}*$/u, 'must be a text without control characters'));
const words = z.nullish(onenceWord);
/** Free text that people wrote; cut and cleaned when it is converted. */
const prose = z.nullish(z.string());
const flag = z.nullish(z.boolean());
const count = z.nullish(z.int().check(z.nonnegative()));
/** Numbers in quotas, texts in usage: "0.500000". */
const amount = z.nullish(z.union([z.number(), z.string()]));
const numberOrWord = z.nullish(z.union([z.int(), onenceWord]));

/** `expires_in` in seconds; the rest of the answer is contradictory and not needed. */
export const onenceToken = z.object({
  /** Fit to stand in a header; about 3 kB. */
  access_token: z.string().check(z.regex(/^[\x21-\x7e]{1,8192}$/)),
  token_type: z.nullish(z.string().check(z.regex(/^bearer$/i))),
  expires_in: z.nullish(z.union([z.number().check(z.nonnegative()), z.string().check(z.regex(/^\d{1,9}$/))])),
});

/** oauth {statusCode,errorCode,message} · v1 {timestamp,status,error,message,path} · top-up {message}; v2 adds its own. */
export const onenceError = z.object({
  message: prose,
  error: prose,
  errorCode: prose,
  /** NotFound, BadRequest, Conflict, InternalServerError */
  error_token: prose,
});

/** On SIM objects 0 is more than 20 % left, 1 less, 2 nothing; in a v2 quota the same ids mean something else. */
export const onenceQuotaStatus = z.object({
  id: z.nullish(z.int()),
  description: prose,
  threshold_reached_date: words,
  quota_exceeded_date: words,
});

/** `current_quota` (MB) is the size by one source and what is left by another, so it is not read. */
export const onenceSim = z.object({
  iccid: z.string().check(z.regex(/^\d{18,20}$/, 'must be 18 to 20 digits')),
  iccid_with_luhn: words,
  imsi: words,
  imsi_2: words,
  current_imsi: words,
  msisdn: words,
  imei: words,
  imei_lock: flag,
  /** Enabled, Disabled; Activated in answers about one SIM. */
  status: words,
  activation_date: words,
  ip_address: words,
  /** `onenceQuotaStatus`, or a list of them in one sample. */
  quota_status: z.optional(z.unknown()),
  quota_status_SMS: z.optional(z.unknown()),
  label: prose,
});

/** Body of PUT /sims/{iccid}, and with `iccid` one item of POST /sims. */
export const onenceSimUpdate = z.object({
  iccid: z.optional(z.string()),
  status: z.optional(z.enum(['Enabled', 'Disabled'])),
  label: z.optional(z.string()),
  imei_lock: z.optional(z.boolean()),
});

/** `volume` is what remains: MB with up to six decimals, or messages. */
export const onenceQuota = z.object({
  volume: amount,
  total_volume: amount,
  last_volume_added: amount,
  /** "2031-11-26 00:00:00" by recordings, ISO by the specification. */
  expiry_date: words,
  threshold_percentage: z.nullish(z.number().check(z.nonnegative(), z.maximum(100))),
  /** Bit/s; of data only. */
  peak_throughput: count,
  last_status_change_date: words,
});

/** `rx` was received by the SIM, `tx` sent by it; for messages rx counts MO and tx MT. */
export const onenceVolumes = z.object({
  volume: amount,
  volume_rx: amount,
  volume_tx: amount,
  /** Absent on days without traffic. */
  traffic_type: z.nullish(z.object({ unit: words })),
});

export const onenceUsageDay = z.object({
  /** "2030-06-15", or "TOTAL" for the sum that stands last. */
  date: onenceWord,
  /** `onenceVolumes` */
  data: z.optional(z.unknown()),
  sms: z.optional(z.unknown()),
});

export const onenceCountry = z.object({
  name: prose,
  mcc: numberOrWord,
  /** `iso-code` by the specification, `iso_code` by recordings. */
  iso_code: words,
  'iso-code': words,
});

export const onenceLocation = z.object({
  last_updated: words,
  last_updated_gprs: words,
  operator_id: numberOrWord,
  operator: z.nullish(z.object({ id: numberOrWord, name: prose, country: z.nullish(onenceCountry) })),
  country: z.nullish(onenceCountry),
});

export const onencePdpContext = z.object({
  rat_type: z.nullish(z.object({ description: words })),
  created: words,
});

export const onenceStatus = z.object({
  /** OFFLINE, ATTACHED, ONLINE */
  status: words,
  location: z.nullish(onenceLocation),
  /** `onencePdpContext`; absent without a session. */
  pdp_context: z.optional(z.unknown()),
});

export const onenceCellLocation = z.object({
  current_location_retrieved: flag,
  /** Minutes. */
  age_of_location: count,
  cell_global_id: z.nullish(z.object({ mcc: numberOrWord, mnc: numberOrWord, lac: numberOrWord, cid: numberOrWord })),
});

/** An older specification has the members of `location` beside `state`. */
export const onenceConnectivityInfo = z.object({
  subscriber_info: z.extend(onenceCellLocation, { state: words, location: z.nullish(onenceCellLocation) }),
  request_timestamp: words,
  reply_timestamp: words,
});

/** Only `timestamp` and `event_type` are guaranteed. */
export const onenceEvent = z.object({
  timestamp: onenceWord,
  event_type: z.string().check(z.minLength(1)),
  imei: words,
  imsi: words,
  country: prose,
  operator: prose,
  mcc: numberOrWord,
  mnc: numberOrWord,
  alert: flag,
  event_severity: words,
});

export const onenceSms = z.object({
  id: z.union([z.int(), onenceWord.check(z.minLength(1))]),
  submit_date: words,
  delivery_date: words,
  expiry_date: words,
  source_address: words,
  payload: prose,
  /** 2 PENDING, 4 DELIVERED, 5 FAILED, 6 EXPIRED */
  status: z.nullish(z.object({ id: z.nullish(z.int()), description: words })),
  /** MT or MO */
  sms_type: z.nullish(z.object({ description: words })),
});

/** Ids of kinds of sender: 145 international, 161 national, 208 alphanumeric. */
export const onenceSmsMessage = z.object({
  payload: z.string(),
  source_address: z.optional(z.string()),
  source_address_type: z.optional(z.object({ id: z.int() })),
});

export const onenceLimit = z.object({
  id: z.nullish(z.int()),
  /** "16" */
  limit: numberOrWord,
  /** MB or SMS */
  unit: words,
});

export type OnenceSimUpdate = z.infer<typeof onenceSimUpdate>;
export type OnenceSmsMessage = z.infer<typeof onenceSmsMessage>;
export type OnenceSms = z.infer<typeof onenceSms>;
export type OnenceLocation = z.infer<typeof onenceLocation>;
export type OnenceCellLocation = z.infer<typeof onenceCellLocation>;
