/** What version 2 of the simulated 1NCE API answers where it differs from version 1. Pure. */
import { expiryOf, iccidOf, isEnabled, isExpired } from './onence-account.ts';
import { isoTime, MESSAGE_STATES, simCard, smsMessage, spacedTime } from './onence-answers.ts';
import { addedAt, dataQuotaAt, type Sim, smsLeftAt } from './onence-curve.ts';
import type { SimulatedEvent } from './onence-events.ts';
import { identityOf, imeiAt, MB, SMS_QUOTA } from './onence-fleet.ts';
import type { SimulatedMessage } from './onence-messages.ts';
import { type Country, contactAt, deviceChanges, placeAt } from './onence-places.ts';

type Json = Record<string, unknown>;

const THRESHOLD_PERCENT = 20;
/** 0 is "exhausted" here, and "more than 20 %" in the list. */
const EXHAUSTED = { id: 0, description: 'EXHAUSTED' };
const ACTIVE = { id: 1, description: 'ACTIVE' };
const EXPIRED = { id: 2, description: 'EXPIRED' };

export function simCardV2(sim: Sim, now: number): Json {
  return simCard(sim, now, 'Enabled');
}

/** The volume may be negative: sessions are counted when they end. */
export function dataQuotaV2(sim: Sim, now: number): Json {
  const { volume, total, accumulated, lastAdded } = dataQuotaAt(sim, now);
  return quota(sim, now, {
    id: sim.plan.index * 2 + 1,
    service: 'data',
    volume: volume / MB,
    total: total / MB,
    accumulated: accumulated / MB,
    lastAdded: lastAdded / MB,
    createdAt: addedAt(sim, now),
  });
}

export function smsQuotaV2(sim: Sim, now: number): Json {
  return quota(sim, now, {
    id: sim.plan.index * 2 + 2,
    service: 'sms',
    volume: smsLeftAt(sim, now),
    total: SMS_QUOTA,
    accumulated: SMS_QUOTA,
    lastAdded: SMS_QUOTA,
    createdAt: sim.plan.activatedAt,
  });
}

interface Figures {
  readonly id: number;
  readonly service: 'data' | 'sms';
  readonly volume: number;
  readonly total: number;
  readonly accumulated: number;
  readonly lastAdded: number;
  readonly createdAt: number;
}

function quota(sim: Sim, now: number, figures: Figures): Json {
  const status = isExpired(sim, now) ? EXPIRED : figures.volume <= 0 ? EXHAUSTED : ACTIVE;
  return {
    id: figures.id,
    status,
    volume: figures.volume,
    total_volume: figures.total,
    accumulated_total_volume: figures.accumulated,
    last_volume_added: figures.lastAdded,
    service: figures.service,
    threshold_percentage: THRESHOLD_PERCENT,
    threshold_volume: (figures.total * THRESHOLD_PERCENT) / 100,
    expiry_date: isoTime(expiryOf(sim)),
    created_at: isoTime(figures.createdAt).replace('.000Z', 'Z'),
  };
}

export function connectivityV2(sim: Sim, now: number): Json {
  const contact = contactAt(sim, now);
  const place = placeAt(sim, now);
  const { id, name, isoCode, callingCode, mcc, mnc, operatorId, operatorName } = place;
  return {
    status: { description: isEnabled(sim) ? contact.presence : 'BLOCKED' },
    data_traffic_limit_state: { description: 'NOT_REACHED' },
    location: {
      iccid: iccidOf(sim),
      imsi: identityOf(sim.plan).imsi,
      // In the older spelling here too.
      last_updated: spacedTime(contact.lastSeenAt),
      operator_id: String(operatorId),
      operator: { id: operatorId, name: operatorName, mnc, country: { id, name, iso_code: isoCode } },
      country: { country_id: String(id), name, country_code: callingCode, mcc, iso_code: isoCode },
      sgsn_ip_address: '192.0.2.20',
    },
    pdp_contexts: contact.sessionSince === undefined ? [] : [session(sim, contact.sessionSince, now)],
    services: contact.presence === 'OFFLINE' ? [] : ['GPRS'],
  };
}

const RADIO_IDS = { UMTS: '1', GPRS: '2', LTE: '6' };

function session(sim: Sim, since: number, now: number): Json {
  const { plan } = sim;
  const { mcc, mnc } = placeAt(sim, now);
  const { imsi, ip } = identityOf(plan);
  return {
    pdp_context_id: String(plan.index + 1),
    imsi,
    created: isoTime(since),
    mcc,
    mnc,
    ue_ip_address: ip,
    imeisv: imeiAt(plan, deviceChanges(sim, now).length),
    rat_type: { rat_type_id: RADIO_IDS[plan.radio], description: plan.radio },
    apn: 'iot.1nce.net',
  };
}

export function eventV2(sim: Sim, { at, text, alert, severity, country, imei }: SimulatedEvent): Json {
  const { imsi, ip, msisdn } = identityOf(sim.plan);
  const id = sim.plan.index + 1;
  return {
    // The same event keeps its number, whatever happens after it.
    id: Math.floor(at / 1000),
    event_type: { id: text.length, description: text },
    timestamp: isoTime(at),
    alert,
    user: null,
    description: country ? `${text} (${country.operatorName})` : text,
    event_source: { id: 0, description: 'Network' },
    event_severity: { id: severity === 'Info' ? 0 : 1, description: severity.toUpperCase() },
    organisation: { id: 1, name: 'Simulated' },
    endpoint: { id, name: iccidOf(sim), ip_address: ip, ...(imei === undefined ? {} : { imei }) },
    sim: { id, iccid: iccidOf(sim), msisdn },
    imsi: { id, imsi },
    ...(country ? { detail: detailOf(country) } : {}),
  };
}

function detailOf({ id, name, callingCode, mcc, mnc, isoCode, operatorId, operatorName }: Country): Json {
  return {
    id: operatorId,
    name: operatorName,
    country: { id, name, country_code: callingCode, mcc, iso_code: isoCode },
    mnc: [{ id: operatorId, mnc }],
  };
}

export function smsMessageV2(sim: Sim, message: SimulatedMessage): Json {
  return {
    ...smsMessage(sim, message),
    retry_count: 0,
    msc: 0,
    status: { id: MESSAGE_STATES[message.state], description: message.state },
  };
}
