/** SIMs in the forms of the API: names with units, numbers that must be exact as text, null where something is unknown. Pure. */
import type * as z from 'zod/mini';
import { type Instant, isoInstant } from '../platform/clock.ts';
import type { Changed } from './attributes.ts';
import type { CellSeen } from './log.port.ts';
import {
  type Known,
  lastSeenOf,
  newestValue,
  percentOf,
  presenceOf,
  quotaLevelOf,
  type ShownSim,
  silentSecondsOf,
  usedToday,
} from './shown-sim.ts';
import { type MicroMegabytes, megabytesText, octetsOf, type SimEvent } from './sim.ts';
import { statusOf } from './sims-list.ts';
import type { connectivityView, quotaView, simDetail, simEventView, simView } from './sims-views.contract.ts';

export type SimView = z.infer<typeof simView>;
type DataQuotaView = SimView['data'];
type SmsQuotaView = SimView['sms'];

export function viewOfSim(sim: ShownSim, now: Instant): SimView {
  const { attributes, note, account } = sim;
  return {
    iccid: sim.iccid,
    account: account.id,
    accountName: account.name,
    label: attributes.label ?? null,
    imsi: attributes.imsi ?? null,
    msisdn: attributes.msisdn ?? null,
    imei: attributes.imei ?? null,
    imeiLock: attributes.imeiLock ?? null,
    status: statusOf(sim),
    statusText: attributes.status ?? null,
    ipAddress: attributes.ipAddress ?? null,
    activatedAt: instantText(attributes.activatedAt),
    simulated: sim.simulated,
    tags: [...note.tags],
    group: note.group ?? null,
    thresholdPercent: note.thresholdPercent ?? null,
    ...networkOf(sim),
    listedAt: instantText(account.walkedAt),
    listedAgeSeconds: ageSeconds(account.walkedAt, now),
    data: dataQuotaOf(sim, now),
    sms: smsQuotaOf(sim, now),
    usageToday: volumeOf(sim, usedToday(sim, now), now),
    usageMedian: volumeOf(sim, newestValue(sim, 'usageMedian'), now),
    lastSeen: lastSeenView(sim, now),
    presence: presenceView(sim, now),
  };
}

export function detailOf(sim: ShownSim, now: Instant): z.infer<typeof simDetail> {
  const { attributes } = sim;
  return {
    ...viewOfSim(sim, now),
    ...changesOf(sim),
    iccidWithLuhn: attributes.iccidWithLuhn ?? null,
    imsi2: attributes.imsi2 ?? null,
    currentImsi: attributes.currentImsi ?? null,
    thresholdReachedAt: instantText(attributes.thresholdReachedAt),
    quotaExceededAt: instantText(attributes.quotaExceededAt),
    firstSeenAt: isoInstant(sim.firstSeenAt),
  };
}

export function quotaOf(sim: ShownSim, now: Instant): z.infer<typeof quotaView> {
  return { iccid: sim.iccid, account: sim.account.id, data: dataQuotaOf(sim, now), sms: smsQuotaOf(sim, now) };
}

export function connectivityOf(
  sim: ShownSim,
  cells: readonly CellSeen[],
  now: Instant,
): z.infer<typeof connectivityView> {
  return {
    iccid: sim.iccid,
    account: sim.account.id,
    presence: presenceView(sim, now),
    lastSeen: lastSeenView(sim, now),
    ...networkOf(sim),
    mcc: sim.attributes.mcc ?? null,
    ...changesOf(sim),
    cells: cells.map((cell) => ({
      at: isoInstant(cell.at),
      retrieved: cell.retrieved ?? null,
      ageMinutes: cell.ageMinutes ?? null,
      state: cell.state ?? null,
      mcc: cell.mcc ?? null,
      mnc: cell.mnc ?? null,
      lac: cell.lac ?? null,
      cellId: cell.cellId ?? null,
    })),
  };
}

export function eventOf(event: SimEvent): z.infer<typeof simEventView> {
  return {
    at: isoInstant(event.at),
    type: event.type,
    id: event.id ?? null,
    description: event.description ?? null,
    severity: event.severity ?? null,
    alert: event.alert ?? null,
    imei: event.imei ?? null,
    imsi: event.imsi ?? null,
    country: event.country ?? null,
    operator: event.operator ?? null,
    mcc: event.mcc ?? null,
    mnc: event.mnc ?? null,
  };
}

/** Two forms of one volume: as the provider gives it, and in bytes. */
export function volumeTexts(amount: MicroMegabytes | undefined, octetsPerMegabyte: number) {
  return {
    megabytes: amount === undefined ? null : megabytesText(amount),
    octets: amount === undefined ? null : octetsOf(amount, octetsPerMegabyte).toString(),
  };
}

export function instantText(at: Instant | undefined): string | null {
  return at === undefined ? null : isoInstant(at);
}

/** Never below 0. */
export function ageSeconds(at: Instant | undefined, now: Instant): number | null {
  return at === undefined ? null : Math.max(0, Math.round((now - at) / 1000));
}

function ageOf(receivedAt: Instant | undefined, now: Instant) {
  return { readAt: instantText(receivedAt), ageSeconds: ageSeconds(receivedAt, now) };
}

function dataQuotaOf(sim: ShownSim, now: Instant): DataQuotaView {
  const [remaining, total] = [newestValue(sim, 'dataRemaining'), newestValue(sim, 'dataTotal')];
  const left = volumeTexts(remaining?.value, sim.account.octetsPerMegabyte);
  const whole = volumeTexts(total?.value, sim.account.octetsPerMegabyte);
  return {
    level: quotaLevelOf(sim, 'data') ?? null,
    remainingMegabytes: left.megabytes,
    remainingOctets: left.octets,
    totalMegabytes: whole.megabytes,
    totalOctets: whole.octets,
    remainingPercent: percentOf(remaining?.value, total?.value) ?? null,
    expiresAt: secondsText(newestValue(sim, 'dataExpires')),
    ...ageOf((remaining ?? total)?.receivedAt, now),
  };
}

function smsQuotaOf(sim: ShownSim, now: Instant): SmsQuotaView {
  const [remaining, total] = [newestValue(sim, 'smsRemaining'), newestValue(sim, 'smsTotal')];
  return {
    level: quotaLevelOf(sim, 'sms') ?? null,
    remainingMessages: remaining?.value.toString() ?? null,
    totalMessages: total?.value.toString() ?? null,
    remainingPercent: percentOf(remaining?.value, total?.value) ?? null,
    expiresAt: secondsText(newestValue(sim, 'smsExpires')),
    ...ageOf((remaining ?? total)?.receivedAt, now),
  };
}

function secondsText(known: Known | undefined): string | null {
  return known === undefined ? null : isoInstant(Number(known.value) * 1000);
}

function volumeOf(sim: ShownSim, known: Known | undefined, now: Instant) {
  return { ...volumeTexts(known?.value, sim.account.octetsPerMegabyte), ...ageOf(known?.receivedAt, now) };
}

function lastSeenView(sim: ShownSim, now: Instant) {
  return {
    at: instantText(lastSeenOf(sim)),
    silentSeconds: silentSecondsOf(sim, now) ?? null,
    ...ageOf(newestValue(sim, 'lastSeen')?.receivedAt, now),
  };
}

function presenceView(sim: ShownSim, now: Instant) {
  const presence = presenceOf(sim);
  return { state: presence?.state ?? null, ...ageOf(presence?.receivedAt, now) };
}

function networkOf({ attributes }: ShownSim) {
  return {
    countryCode: attributes.countryCode ?? null,
    countryName: attributes.countryName ?? null,
    operatorName: attributes.operatorName ?? null,
    radio: attributes.radio ?? null,
  };
}

function changesOf({ attributes }: ShownSim) {
  const shown = (changed: Changed | undefined) =>
    changed === undefined ? null : { before: changed.before, at: isoInstant(changed.at) };
  return {
    imeiChanged: shown(attributes.imeiChanged),
    countryChanged: shown(attributes.countryChanged),
    operatorChanged: shown(attributes.operatorChanged),
  };
}
