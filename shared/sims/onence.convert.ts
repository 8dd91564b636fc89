/** From 1NCE's answers to the house's SIMs, events and messages, and changes to its requests; both generations. Pure. */
import { redact } from '../platform/redact.ts';
import type { EventPage, SimChange, SmsDraft } from './onence.port.ts';
import {
  type OnenceSimUpdate,
  type OnenceSms,
  type OnenceSmsMessage,
  onenceError,
  onenceEvent,
  onenceLimit,
  onenceQuotaStatus,
  onenceSim,
  onenceSms,
  onenceToken,
  TEXT_LIMIT,
} from './onence.wire.ts';
import {
  type Converted,
  converted,
  filled,
  isRecord,
  known,
  member,
  membersOf,
  type Place,
  prose,
  readRecord,
  reject,
  within,
} from './onence-record.ts';
import { cleanText, enabledOf, instantOf, networkCodeOf, quotaLevels } from './onence-texts.ts';
import { onenceV2Event, onenceV2SmsId } from './onence-v2.wire.ts';
import type { ListedSim, MonthlyLimit, SimEvent, Sms } from './sim.ts';

// The conversion of answers has one entrance; its parts are apart only because together they are too long.
export type { Converted } from './onence-record.ts';
export { convertCell, convertStatus } from './onence-status.convert.ts';
export { convertQuota, convertUsage } from './onence-usage.convert.ts';

/** Of the API: the first is switched off at the end of 2026. */
export type Generation = 'v1' | 'v2';

/** Messages of several parts hold some thousand characters, lines and tabs among them. */
const PAYLOAD_LIMIT = 4096;
const PAYLOAD_CONTROLS = /[\t\n\r]/;
const ERROR_TEXT_LIMIT = 300;
/** An answer that tells one sentence is short; a longer one is something else. */
const ERROR_BODY_LIMIT = 65_536;
const DEFAULT_TOKEN_SECONDS = 3600;
const LONGEST_TOKEN_SECONDS = 365 * 86_400;

/** A record that names no SIM is left out alone; its place in the list is in the path. */
export function convertSimList(json: unknown): Converted<readonly ListedSim[]> {
  return converted((place) =>
    membersOf(place, json, 'results')?.flatMap(([raw, at]) => {
      const sim = readSim(at, raw);
      return sim === undefined ? [] : [sim];
    }),
  );
}

export function convertSim(json: unknown): Converted<ListedSim> {
  return converted((place) => readSim(place, json));
}

function readSim(place: Place, raw: unknown): ListedSim | undefined {
  const sim = readRecord(place, onenceSim, raw);
  if (sim === undefined) return undefined;
  const data = readQuotaStatus(within(place, 'quota_status'), sim.quota_status);
  const status = filled(sim.status);
  return {
    iccid: sim.iccid,
    ...known({
      iccidWithLuhn: filled(sim.iccid_with_luhn),
      imsi: filled(sim.imsi),
      imsi2: filled(sim.imsi_2),
      currentImsi: filled(sim.current_imsi),
      msisdn: filled(sim.msisdn),
      imei: filled(sim.imei),
      imeiLock: sim.imei_lock ?? undefined,
      status,
      enabled: status === undefined ? undefined : enabledOf(status),
      activatedAt: member(place, 'activation_date', filled(sim.activation_date), instantOf),
      ipAddress: filled(sim.ip_address),
      label: prose(place, 'label', sim.label, TEXT_LIMIT),
      dataLevel: data.level,
      smsLevel: readQuotaStatus(within(place, 'quota_status_SMS'), sim.quota_status_SMS).level,
      thresholdReachedAt: data.thresholdReachedAt,
      quotaExceededAt: data.quotaExceededAt,
    }),
  };
}

/** An object; a list of one is taken too, but of several nobody knows which one counts. */
function readQuotaStatus(
  place: Place,
  raw: unknown,
): Partial<Record<'thresholdReachedAt' | 'quotaExceededAt', number>> & {
  readonly level?: ListedSim['dataLevel'];
} {
  if (Array.isArray(raw) && raw.length > 1) return reject(place, 'must be one status', raw) ?? {};
  const one: unknown = Array.isArray(raw) ? raw[0] : raw;
  if (one === undefined || one === null) return {};
  const status = readRecord(place, onenceQuotaStatus, one);
  return known({
    level: member(place, 'id', status?.id, (id) => quotaLevels.get(id), 'must be 0, 1 or 2'),
    thresholdReachedAt: member(place, 'threshold_reached_date', filled(status?.threshold_reached_date), instantOf),
    quotaExceededAt: member(place, 'quota_exceeded_date', filled(status?.quota_exceeded_date), instantOf),
  });
}

/** In the order in which they came. Without a number of pages there is one. */
export function convertEvents(json: unknown): Converted<EventPage> {
  return converted((place) => {
    const members = membersOf(place, json, 'events', 'results');
    const pages = isRecord(json)
      ? member(place, 'totalPages', json.totalPages, (n) =>
          Number.isSafeInteger(n) && Number(n) >= 0 ? Number(n) : undefined,
        )
      : undefined;
    return (
      members && {
        events: members.flatMap(([raw, at]) => {
          const event = readEvent(at, raw);
          return event === undefined ? [] : [event];
        }),
        totalPages: Math.max(pages ?? 1, 1),
      }
    );
  });
}

function readEvent(place: Place, raw: unknown): SimEvent | undefined {
  const event = isRecord(raw) && isRecord(raw.event_type) ? readSecondEvent(place, raw) : readFirstEvent(place, raw);
  if (event === undefined) return undefined;
  const { timestamp, type, ...others } = event;
  const at = member(place, 'timestamp', timestamp, instantOf);
  if (type === undefined) return reject(within(place, 'event_type'), 'is empty', raw);
  return at === undefined ? undefined : { at, type, ...known(others) };
}

function readFirstEvent(place: Place, raw: unknown) {
  const event = readRecord(place, onenceEvent, raw);
  return (
    event && {
      timestamp: event.timestamp,
      type: prose(place, 'event_type', event.event_type, TEXT_LIMIT),
      severity: filled(event.event_severity),
      alert: event.alert ?? undefined,
      imei: filled(event.imei),
      imsi: filled(event.imsi),
      country: prose(place, 'country', event.country, TEXT_LIMIT),
      operator: prose(place, 'operator', event.operator, TEXT_LIMIT),
      mcc: member(place, 'mcc', filled(text(event.mcc)), networkCodeOf),
      mnc: member(place, 'mnc', filled(text(event.mnc)), networkCodeOf),
    }
  );
}

function readSecondEvent(place: Place, raw: unknown) {
  const event = readRecord(place, onenceV2Event, raw);
  const type = event?.event_type;
  return (
    event && {
      timestamp: event.timestamp,
      type: prose(within(place, 'event_type'), 'description', type?.description, TEXT_LIMIT) ?? filled(text(type?.id)),
      id: filled(text(event.id)),
      description: prose(place, 'description', event.description, TEXT_LIMIT),
      severity: prose(within(place, 'event_severity'), 'description', event.event_severity?.description, TEXT_LIMIT),
      alert: event.alert ?? undefined,
      imsi: filled(typeof event.imsi === 'object' ? event.imsi?.imsi : event.imsi),
    }
  );
}

function text(given: number | string | null | undefined): string | undefined {
  return given === null || given === undefined ? undefined : String(given);
}

export function convertSmsList(json: unknown): Converted<readonly Sms[]> {
  return converted((place) =>
    membersOf(place, json, 'results')?.flatMap(([raw, at]) => {
      const sms = readRecord(at, onenceSms, raw);
      return sms === undefined ? [] : [readSms(at, sms)];
    }),
  );
}

const SMS_STATUSES: ReadonlyMap<number, string> = new Map([
  [2, 'PENDING'],
  [4, 'DELIVERED'],
  [5, 'FAILED'],
  [6, 'EXPIRED'],
]);
const DIRECTIONS: ReadonlyMap<string, 'mt' | 'mo'> = new Map([
  ['MT', 'mt'],
  ['MO', 'mo'],
]);

function readSms(place: Place, sms: OnenceSms): Sms {
  const word = filled(sms.status?.description);
  const told = [...SMS_STATUSES.values()].find((status) => status === word?.toUpperCase());
  return {
    id: String(sms.id),
    ...known({
      direction: member(within(place, 'sms_type'), 'description', filled(sms.sms_type?.description), (type) =>
        DIRECTIONS.get(type.toUpperCase()),
      ),
      status: told ?? SMS_STATUSES.get(sms.status?.id ?? -1) ?? word,
      submittedAt: member(place, 'submit_date', filled(sms.submit_date), instantOf),
      deliveredAt: member(place, 'delivery_date', filled(sms.delivery_date), instantOf),
      expiresAt: member(place, 'expiry_date', filled(sms.expiry_date), instantOf),
      sourceAddress: filled(sms.source_address),
      payload: prose(place, 'payload', sms.payload, PAYLOAD_LIMIT, PAYLOAD_CONTROLS),
    }),
  };
}

/** Id of a message that was sent or cancelled, where the answer (v2) tells it. */
export function convertSmsId(json: unknown): string | undefined {
  const parsed = onenceV2SmsId.safeParse(json);
  return parsed.success ? filled(String(parsed.data.id)) : undefined;
}

export function convertLimits(json: unknown): Converted<readonly MonthlyLimit[]> {
  return converted((place) => {
    if (!isRecord(json)) return reject(place, 'must be an object', json);
    return (['data', 'smsMt', 'smsMo'] as const).flatMap((service) => {
      if (json[service] === undefined || json[service] === null) return [];
      const limit = readRecord(within(place, service), onenceLimit, json[service]);
      if (limit === undefined) return [];
      const { id, limit: amount, unit } = limit;
      return [{ service, ...known({ id: id ?? undefined, limit: filled(text(amount)), unit: filled(unit) }) }];
    });
  });
}

/** Undefined for an answer without a usable token or with a life that cannot be read. */
export function convertToken(json: unknown): { token: string; expiresInSeconds: number } | undefined {
  const parsed = onenceToken.safeParse(json);
  if (!parsed.success) return undefined;
  const seconds = Math.floor(Number(parsed.data.expires_in ?? DEFAULT_TOKEN_SECONDS));
  return { token: parsed.data.access_token, expiresInSeconds: Math.min(seconds, LONGEST_TOKEN_SECONDS) };
}

/** A refused token is repeated in the refusal; no word of a sentence is this long. */
const TOKEN_LIKE = /[\w.~+/=-]{40,}/g;

/** The sentence of an error's body, whichever of its four shapes; at most 300 characters, without tokens. */
export function errorText(body: string): string | undefined {
  if (body.length > ERROR_BODY_LIMIT) return undefined;
  const parsed = onenceError.safeParse(parseJson(body));
  if (!parsed.success) return undefined;
  const { message, error, error_token, errorCode } = parsed.data;
  const sentence = [message, error, error_token, errorCode].map(filled).find((s) => s !== undefined);
  if (sentence === undefined) return undefined;
  const safe = redact(sentence, {}).replace(TOKEN_LIKE, '•••');
  return filled(cleanText(safe, ERROR_TEXT_LIMIT).trim());
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // HTML of a gateway, or nothing at all.
    return undefined;
  }
}

/** One item of POST /sims, and body of PUT /sims/{iccid}, where the `iccid` says nothing new. */
export function toWireChange(change: SimChange): OnenceSimUpdate {
  const { iccid, label, enabled, imeiLock } = change;
  return {
    iccid,
    ...(enabled === undefined ? {} : { status: enabled ? 'Enabled' : 'Disabled' }),
    ...(label === undefined ? {} : { label }),
    ...(imeiLock === undefined ? {} : { imei_lock: imeiLock }),
  };
}

/** The kind of sender is told where there is no doubt about it: with a plus, or with letters. */
export function toWireSms({ payload, sourceAddress }: SmsDraft): OnenceSmsMessage {
  if (sourceAddress === undefined) return { payload };
  const kind = sourceAddress.startsWith('+') ? 145 : /[A-Za-z]/.test(sourceAddress) ? 208 : undefined;
  return {
    payload,
    source_address: sourceAddress,
    ...(kind === undefined ? {} : { source_address_type: { id: kind } }),
  };
}
