/** From 1NCE's answers about volumes to quotas and days; both generations of the API. Pure. */
import { onenceQuota, onenceUsageDay, onenceVolumes } from './onence.wire.ts';
import {
  type Converted,
  converted,
  filled,
  isRecord,
  known,
  member,
  membersOf,
  type Place,
  readRecord,
  reject,
  within,
} from './onence-record.ts';
import { dayOf, instantOf, megabytesOf, messagesOf, notNegative } from './onence-texts.ts';
import { type OnenceV2Quota, onenceV2Quota, V2_QUOTA_MEMBERS } from './onence-v2.wire.ts';
import type { DayUsage, Quota, Service } from './sim.ts';

const NOT_AN_AMOUNT: Readonly<Record<Service, string>> = {
  data: 'is not an amount of MB with six decimals at most',
  sms: 'is not a number of messages',
};
const readAmount = { data: megabytesOf, sms: messagesOf };

/** An amount that cannot be read is undefined; an answer without any amount, or about the other service, is none. */
export function convertQuota(json: unknown, service: Service): Converted<Quota> {
  return converted((place) => {
    if (!isRecord(json) || !['volume', 'total_volume'].some((name) => Object.hasOwn(json, name)))
      return reject(place, 'tells no volume', json);
    const second = V2_QUOTA_MEMBERS.some((name) => Object.hasOwn(json, name));
    const read = second ? readSecond(place, json, service) : readFirst(place, json, service);
    if (read === undefined) return undefined;
    const { quota, own } = read;
    rejectAbsent(place, 'volume', json);
    return {
      service,
      remaining: member(place, 'volume', quota.volume, readAmount[service], NOT_AN_AMOUNT[service]),
      total: positive(place, 'total_volume', quota.total_volume, service),
      ...known({
        lastAdded: positive(place, 'last_volume_added', quota.last_volume_added, service),
        expiresAt: member(place, 'expiry_date', filled(quota.expiry_date), instantOf),
        thresholdPercent: quota.threshold_percentage ?? undefined,
        ...own,
      }),
    };
  });
}

/** Of what was given and did not fit, `readRecord` has told already. */
function rejectAbsent(place: Place, name: string, json: Readonly<Record<PropertyKey, unknown>>): void {
  if (json[name] === undefined || json[name] === null) reject(within(place, name), 'is not told', undefined);
}

type Amount = number | string | null | undefined;

function positive(place: Place, name: string, given: Amount, service: Service): bigint | undefined {
  return member(place, name, given, notNegative(readAmount[service]), NOT_AN_AMOUNT[service]);
}

/** Peak throughput is told of data only. */
function readFirst(place: Place, json: unknown, service: Service) {
  const quota = readRecord(place, onenceQuota, json);
  const peak = service === 'data' ? (quota?.peak_throughput ?? undefined) : undefined;
  return quota && { quota, own: { peakBitsPerSecond: peak } };
}

function readSecond(place: Place, json: unknown, service: Service) {
  const quota = readRecord(place, onenceV2Quota, json);
  if (quota === undefined) return undefined;
  const named = filled(quota.service);
  if (named !== undefined && named.toLowerCase() !== service)
    return reject(within(place, 'service'), `must be ${service}, for that was asked for`, named);
  const lifetimeTotal = positive(place, 'accumulated_total_volume', quota.accumulated_total_volume, service);
  return { quota, own: { lifetimeTotal, state: readState(within(place, 'status'), quota.status) } };
}

const STATES = ['exhausted', 'active', 'expired'] as const;

/** The word counts; the id, whose meaning differs between generations, only where there is no word. */
function readState(place: Place, status: OnenceV2Quota['status']): Quota['state'] {
  const word = filled(status?.description)?.toLowerCase();
  const id = status?.id ?? undefined;
  const state = word === undefined ? STATES[id ?? -1] : STATES.find((s) => s === word);
  const contradicts = state !== undefined && id !== undefined && STATES[id] !== state;
  if (state !== undefined && !contradicts) return state;
  return word === undefined && id === undefined ? undefined : reject(place, 'is not a known state of a quota', status);
}

/** Oldest first. The sum row is left out; of a day that is told twice the first, which is the newest, counts. */
export function convertUsage(json: unknown): Converted<readonly DayUsage[]> {
  return converted((place) => {
    const days = new Map<string, DayUsage>();
    const rows = membersOf(place, json, 'stats', 'results');
    for (const [raw, at] of rows ?? []) {
      const row = readRecord(at, onenceUsageDay, raw);
      if (row === undefined || row.date.toUpperCase() === 'TOTAL') continue;
      const day = member(at, 'date', row.date, dayOf, 'is not a day');
      if (day === undefined) continue;
      if (days.has(day)) reject(within(at, 'date'), 'is told twice; the first counts', row.date);
      else days.set(day, readDay(at, day, row));
    }
    return rows && [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
  });
}

function readDay(place: Place, day: string, row: { readonly data?: unknown; readonly sms?: unknown }): DayUsage {
  const data = readVolumes(within(place, 'data'), row.data, 'data');
  const sms = readVolumes(within(place, 'sms'), row.sms, 'sms');
  return {
    day,
    ...known({ dataTotal: data.total, dataRx: data.rx, dataTx: data.tx }),
    ...known({ smsTotal: sms.total, smsMo: sms.rx, smsMt: sms.tx }),
  };
}

interface Volumes {
  readonly total?: bigint | undefined;
  readonly rx?: bigint | undefined;
  readonly tx?: bigint | undefined;
}

function readVolumes(place: Place, raw: unknown, service: Service): Volumes {
  if (raw === undefined || raw === null) return {};
  const volumes = readRecord(place, onenceVolumes, raw);
  if (volumes === undefined) return {};
  const unit = filled(volumes.traffic_type?.unit);
  // Another unit than the documented one would make every amount wrong by a factor.
  if (service === 'data' && unit !== undefined && unit.toUpperCase() !== 'MB') {
    reject(within(place, 'traffic_type', 'unit'), 'must be MB; the amounts are not used', unit);
    return {};
  }
  return {
    total: positive(place, 'volume', volumes.volume, service),
    rx: positive(place, 'volume_rx', volumes.volume_rx, service),
    tx: positive(place, 'volume_tx', volumes.volume_tx, service),
  };
}
