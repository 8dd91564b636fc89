/** What version 1 of the simulated 1NCE API answers, in the shapes that were recorded. Pure. */
import { dayText, expiryOf, iccidOf, isEnabled } from './onence-account.ts';
import {
  addedAt,
  dataOfDay,
  dataQuotaAt,
  levelOf,
  reachedAt,
  type Sim,
  smsLeftAt,
  smsReceivedBetween,
  smsSentBetween,
} from './onence-curve.ts';
import type { SimulatedEvent } from './onence-events.ts';
import { DAY_MS, draw, identityOf, imeiAt, MB, SMS_QUOTA } from './onence-fleet.ts';
import type { KeptOrder } from './onence-kept.ts';
import type { SimulatedMessage } from './onence-messages.ts';
import { cellAt, contactAt, deviceChanges, placeAt } from './onence-places.ts';

type Json = Record<string, unknown>;

/** "2030-01-09T07:59:09.000+0000". */
export function offsetTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

/** "2030-01-01 00:00:00", UTC. */
export function spacedTime(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

const LEVELS = ['More than 20% available', 'Less than 20% available', 'No volume available'];

/** A SIM as both versions show it; the list of version 1 says "Enabled" where its single answer says "Activated". */
export function simCard(sim: Sim, now: number, enabledWord: 'Enabled' | 'Activated'): Json {
  const { plan, touched } = sim;
  const { iccidWithLuhn, imsi, imsi2, msisdn, ip } = identityOf(plan);
  const { volume, total } = dataQuotaAt(sim, now);
  const newer = draw(plan.fleet.seed, plan.index, 20) % 2 === 0;
  const imei = imeiOf(sim, now);
  const label = labelOf(sim);
  const smsLevel = levelOf(smsLeftAt(sim, now), SMS_QUOTA);
  return {
    iccid: iccidOf(sim),
    ...(newer ? { iccid_with_luhn: iccidWithLuhn } : {}),
    imsi,
    ...(newer ? { imsi_2: imsi2, current_imsi: imsi } : {}),
    msisdn,
    ...(imei === undefined ? {} : { imei }),
    imei_lock: touched?.imeiLock ?? false,
    status: isEnabled(sim) ? enabledWord : 'Disabled',
    activation_date: offsetTime(plan.activatedAt),
    ip_address: ip,
    current_quota: 500,
    quota_status: quotaStatus(sim, levelOf(volume, total), now),
    current_quota_SMS: SMS_QUOTA,
    quota_status_SMS: { id: smsLevel, description: LEVELS[smsLevel] },
    ...(label === undefined ? {} : { label }),
  };
}

/** A few were never in a device that told its number. */
function imeiOf(sim: Sim, now: number): string | undefined {
  const changes = deviceChanges(sim, now).length;
  const unknown =
    sim.plan.role === 'plain' && sim.plan.index > 0 && draw(sim.plan.fleet.seed, sim.plan.index, 21) % 33 === 0;
  return unknown && changes === 0 ? undefined : imeiAt(sim.plan, changes);
}

/** Half of them have none; an empty one counts as none. */
function labelOf({ plan, touched }: Sim): string | undefined {
  const own = plan.index % 2 === 0 ? `unit-${plan.index + 1}` : '';
  return (touched?.label ?? own) || undefined;
}

function quotaStatus(sim: Sim, level: 0 | 1 | 2, now: number): Json {
  const reached = level >= 1 ? reachedAt(sim, 1, now) : undefined;
  const exceeded = level === 2 ? reachedAt(sim, 2, now) : undefined;
  return {
    id: level,
    description: LEVELS[level],
    ...(reached === undefined ? {} : { threshold_reached_date: offsetTime(reached) }),
    ...(exceeded === undefined ? {} : { quota_exceeded_date: offsetTime(exceeded) }),
  };
}

export function dataQuota(sim: Sim, now: number): Json {
  const { volume, total, lastAdded } = dataQuotaAt(sim, now);
  return {
    volume: Math.max(0, volume) / MB,
    total_volume: total / MB,
    expiry_date: spacedTime(expiryOf(sim)),
    peak_throughput: 1_000_000,
    last_volume_added: lastAdded / MB,
    last_status_change_date: spacedTime(reachedAt(sim, 2, now) ?? reachedAt(sim, 1, now) ?? addedAt(sim, now)),
    threshold_percentage: 20,
  };
}

export function smsQuota(sim: Sim, now: number): Json {
  return {
    volume: smsLeftAt(sim, now),
    total_volume: SMS_QUOTA,
    expiry_date: spacedTime(expiryOf(sim)),
    last_volume_added: SMS_QUOTA,
    last_status_change_date: spacedTime(sim.plan.activatedAt),
    threshold_percentage: 20,
  };
}

interface Traffic {
  readonly total: number;
  readonly tx: number;
  readonly rx: number;
}

const NONE: Traffic = { total: 0, tx: 0, rx: 0 };
const CURRENCY = { code: 'EUR', symbol: '€', id: 1 };
const DATA_TYPE = { description: 'Data', unit: 'MB', id: 5 };
const SMS_TYPE = { description: 'SMS', unit: 'SMS', id: 6 };

/** Days since 1970, both included, newest first, and the sum row last. */
export function dailyUsage(sim: Sim, first: number, last: number, now: number): Json {
  const stats: Json[] = [];
  let [data, sms] = [NONE, NONE];
  for (let day = last; day >= first; day--) {
    const [ofData, ofSms] = [dataTraffic(sim, day, now), smsTraffic(sim, day, now)];
    data = sum(data, ofData);
    sms = sum(sms, ofSms);
    stats.push({
      date: dayText(day),
      data: { ...volumes(ofData, dataText), ...cost(ofData.total, ofData.total / MB, DATA_TYPE) },
      sms: { ...volumes(ofSms, String), ...cost(ofSms.total, ofSms.total, SMS_TYPE) },
    });
  }
  stats.push({ date: 'TOTAL', data: volumes(data, dataText), sms: volumes(sms, String) });
  return { stats };
}

function dataTraffic(sim: Sim, day: number, now: number): Traffic {
  const total = dataOfDay(sim, day, now);
  const tx = Math.floor((total * sim.plan.txPerMille) / 1000);
  return { total, tx, rx: total - tx };
}

/** By the words of the specification, what the SIM sends is rx here. */
function smsTraffic(sim: Sim, day: number, now: number): Traffic {
  const [from, to] = [day * DAY_MS, Math.min((day + 1) * DAY_MS, now)];
  const rx = smsSentBetween(sim, from, to);
  const tx = smsReceivedBetween(sim, from, to);
  return { total: rx + tx, tx, rx };
}

function sum(a: Traffic, b: Traffic): Traffic {
  return { total: a.total + b.total, tx: a.tx + b.tx, rx: a.rx + b.rx };
}

function volumes({ total, tx, rx }: Traffic, text: (amount: number) => string): Json {
  if (total === 0) return { volume: '0', volume_tx: '0', volume_rx: '0' };
  return { volume: text(total), volume_tx: text(tx), volume_rx: text(rx) };
}

/** Six decimals, from the whole number: no rounding on the way. */
function dataText(amount: number): string {
  return `${Math.floor(amount / MB)}.${String(amount % MB).padStart(6, '0')}`;
}

/** Not money: it repeats the volume. */
function cost(total: number, amount: number, type: Json): Json {
  return total === 0 ? {} : { cost: amount.toFixed(10), traffic_type: type, currency: CURRENCY };
}

export function connectivity(sim: Sim, now: number): Json {
  const contact = contactAt(sim, now);
  const place = placeAt(sim, now);
  const { imsi, ip } = identityOf(sim.plan);
  const { operatorId, operatorName, name, isoCode } = place;
  return {
    status: contact.presence,
    location: {
      iccid: iccidOf(sim),
      imsi,
      last_updated: spacedTime(contact.lastSeenAt),
      ...(sim.plan.radio === 'LTE' ? {} : { last_updated_gprs: spacedTime(contact.lastSeenAt) }),
      operator_id: String(operatorId),
      operator: { id: operatorId, name: operatorName, country: { id: place.id, name, iso_code: isoCode } },
      country: {
        country_id: String(place.id),
        name,
        country_code: place.callingCode,
        mcc: place.mcc,
        iso_code: isoCode,
        latitude: place.latitude,
        longitude: place.longitude,
      },
      sgsn_ip_address: '192.0.2.20',
    },
    ...(contact.sessionSince === undefined ? {} : { pdp_context: session(sim, contact.sessionSince, now, ip) }),
    services: contact.presence === 'OFFLINE' ? [] : ['GPRS'],
  };
}

const RADIO_IDS = { UMTS: '1', GPRS: '2', LTE: '6' };

function session({ plan }: Sim, since: number, now: number, ip: string): Json {
  return {
    pdp_context_id: String(plan.index + 1),
    ue_ip_address: ip,
    apn: 'iot.1nce.net',
    created: spacedTime(since),
    duration: new Date(now - since).toISOString().slice(11, 19),
    rat_type: { rat_type_id: RADIO_IDS[plan.radio], description: plan.radio },
  };
}

export function connectivityInfo(sim: Sim, now: number, asked: { subscriber: boolean; ussd: boolean }): Json {
  const cell = cellAt(sim, now);
  const subscriber = cell
    ? {
        success: true,
        state: 'assumed_idle',
        location: {
          current_location_retrieved: cell.ageMinutes === 0,
          age_of_location: cell.ageMinutes,
          cell_global_id: { mcc: cell.mcc, mnc: cell.mnc, lac: cell.lac, cid: cell.cid },
        },
      }
    : { success: false };
  return {
    ...(asked.subscriber ? { subscriber_info: subscriber } : {}),
    ...(asked.ussd ? { ussd_info: { success: false, error: 'not supported' } } : {}),
    request_timestamp: offsetTime(now),
    reply_timestamp: offsetTime(now + 202),
  };
}

export function event(sim: Sim, { at, text, alert, severity, country, imei }: SimulatedEvent): Json {
  return {
    timestamp: offsetTime(at),
    event_type: text,
    iccid: iccidOf(sim),
    ...(imei === undefined ? {} : { imei }),
    ...(country ? { country: country.name, operator: country.operatorName, mcc: country.mcc, mnc: country.mnc } : {}),
    alert,
    event_severity: severity,
  };
}

export const MESSAGE_STATES = { DELIVERED: 4, FAILED: 5, PENDING: 2, EXPIRED: 6 };

export function smsMessage(sim: Sim, message: SimulatedMessage): Json {
  const { imsi, msisdn } = identityOf(sim.plan);
  const { id, submittedAt, deliveredAt, expiresAt, state, direction } = message;
  return {
    id,
    submit_date: isoTime(submittedAt),
    ...(deliveredAt === undefined ? {} : { delivery_date: isoTime(deliveredAt), final_date: isoTime(deliveredAt) }),
    expiry_date: isoTime(expiresAt),
    retry_count: '0',
    source_address: message.sourceAddress,
    iccid: iccidOf(sim),
    msisdn,
    imsi,
    msc: '0',
    dcs: message.dcs,
    udh: message.udh,
    payload: message.payload,
    status: { id: MESSAGE_STATES[state], description: state },
    sms_type: { id: direction === 'MT' ? 1 : 2, description: direction },
    source_address_type: { id: message.sourceAddressType },
  };
}

export function order({ number, type, at, amountCents, iccids, products }: KeptOrder): Json {
  return {
    order_number: number,
    order_type: type,
    order_date: isoTime(at),
    order_status: 'COMPLETED',
    invoice_number: `R${number}`,
    invoice_amount: (amountCents / 100).toFixed(2),
    currency: 'EUR',
    sims: iccids.map((iccid) => ({ iccid, _links: [{ rel: 'self', href: `/v1/sims/${iccid}` }] })),
    products: products.map(({ productId, quantity }) => ({ product_id: productId, quantity })),
  };
}
