/** Calls about SIMs of the simulated 1NCE API, in whichever version they come. */
import { countSims, dayOf, findSim, iccidOf, listSims } from './onence-account.ts';
import { dailyUsage, event, simCard, smsMessage } from './onence-answers.ts';
import { eventV2, simCardV2, smsMessageV2 } from './onence-answers-v2.ts';
import { BULK_DELAY_MS, logReset, touch, updateSim } from './onence-changes.ts';
import type { Sim } from './onence-curve.ts';
import { eventsOf } from './onence-events.ts';
import { strike } from './onence-faults.ts';
import { DAY_MS } from './onence-fleet.ts';
import type { SimUpdate } from './onence-kept.ts';
import { messagesOf } from './onence-messages.ts';
import type { Call } from './onence-routes.ts';
import { empty, json, parseJson } from './onence-token.ts';
import type { SimulatedResponse } from './simulator.ts';

type Parts = Readonly<Record<string, string>>;

const TOKENS: Readonly<Record<number, string>> = { 400: 'BadRequest', 404: 'NotFound', 409: 'Conflict' };

/** The shape of errors in version 2; all its examples bear the same number. */
export function refuseV2(status: 400 | 404 | 409, message: string): SimulatedResponse {
  return json(status, { error_code: 1000, error_token: TOKENS[status], message });
}

interface Page {
  readonly page: number;
  readonly size: number;
}

/** Nonsense counts as not given, and what is too large as the largest. */
export function pageOf(query: URLSearchParams, most: number, usual = 10, sizeName = 'pageSize'): Page {
  const whole = (name: string, otherwise: number): number => {
    const value = Number(query.get(name) ?? otherwise);
    return Number.isInteger(value) && value >= 1 ? value : otherwise;
  };
  return { page: whole('page', 1), size: Math.min(most, whole(sizeName, usual)) };
}

function paging({ page, size }: Page, total: number, pages = Math.ceil(total / size)): Record<string, string> {
  return {
    'x-current-page': String(page),
    'x-count-per-page': String(size),
    'x-total-count': String(total),
    'x-total-pages': String(pages),
  };
}

export function list({ one, request, version, now }: Call): SimulatedResponse {
  const asked = pageOf(request.query, 100);
  const total = countSims(one);
  const repeat = strikeFrom(one.pending, 'repeat-page', (p) => asked.page >= p);
  const lost = strikeFrom(one.pending, 'lost-page', (p, shape) => shape === 'short' || asked.page === p);
  const page = repeat?.shape === 'same' ? (repeat.page ?? 1) : asked.page;
  const pages = Math.ceil(total / asked.size);
  const announced =
    repeat?.shape === 'growing' ? Math.max(pages, asked.page + 1) : lost?.shape === 'short' ? pages - 1 : pages;
  // Pages that were made up hold what the last real one holds.
  const shown = repeat?.shape === 'growing' ? Math.min(page, Math.max(1, pages)) : page;
  const found = lost?.shape === 'empty' ? [] : listSims(one, (shown - 1) * asked.size, asked.size);
  const cards = found.map((sim) => (version === 'v1' ? simCard(sim, now, 'Enabled') : simCardV2(sim, now)));
  return json(200, cards, paging(asked, total, announced));
}

/** Strikes when the page asked for is one that the fault is about. */
function strikeFrom(
  pending: Call['one']['pending'],
  name: 'repeat-page' | 'lost-page',
  isAbout: (page: number, shape: string | undefined) => boolean,
) {
  const waiting = pending.find((fault) => fault.fault === name);
  return waiting && isAbout(waiting.page ?? 1, waiting.shape) ? strike(pending, '', name) : undefined;
}

/** Undefined where it is no update at all. */
function readUpdate(body: unknown): Omit<SimUpdate, 'iccid'> | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { label, imei_lock, status } = body as Record<string, unknown>;
  const isStatus = status === undefined || status === 'Enabled' || status === 'Disabled';
  if (!isStatus || (imei_lock !== undefined && typeof imei_lock !== 'boolean')) return undefined;
  if (label !== undefined && typeof label !== 'string') return undefined;
  return {
    ...(label === undefined ? {} : { label }),
    ...(imei_lock === undefined ? {} : { imeiLock: imei_lock }),
    ...(status === undefined ? {} : { enabled: status === 'Enabled' }),
  };
}

export function change({ one, request, version, now }: Call, sim: Sim): SimulatedResponse {
  const update = readUpdate(parseJson(request.body));
  if (!update) return version === 'v1' ? empty(400) : refuseV2(400, 'Body is not valid');
  updateSim(one, sim, update, now);
  one.save();
  return empty(200);
}

/** Taken into a queue; an empty list is taken too. */
export function changeMany({ one, request, now }: Call): SimulatedResponse {
  const body = parseJson(request.body);
  if (!Array.isArray(body)) return empty(400);
  const updates = body.map((entry: unknown): SimUpdate | undefined => {
    const update = readUpdate(entry);
    const iccid = (entry as { iccid?: unknown } | null)?.iccid;
    return update && typeof iccid === 'string' ? { iccid, ...update } : undefined;
  });
  const sound = updates.filter((update) => update !== undefined);
  // Status is a must here, other than in a single update.
  if (sound.length < updates.length || sound.some(({ enabled }) => enabled === undefined)) return empty(400);
  one.kept.queue.push(...sound.map((update) => ({ at: now + BULK_DELAY_MS, change: update })));
  one.save();
  return empty(201);
}

export function reset({ one, now }: Call, sim: Sim): SimulatedResponse {
  logReset(one, sim, now);
  one.save();
  return empty(201);
}

export function listEvents({ request, version, now }: Call, sim: Sim): SimulatedResponse {
  const asked = pageOf(request.query, 1000);
  const all = eventsOf(sim, now);
  if (request.query.get('sort')?.startsWith('timestamp') && version === 'v1') all.reverse();
  const shown = all.slice((asked.page - 1) * asked.size, asked.page * asked.size);
  const headers = paging(asked, all.length);
  if (version === 'v2')
    return json(
      200,
      shown.map((one) => eventV2(sim, one)),
      headers,
    );
  const totalPages = Math.ceil(all.length / asked.size);
  return json(200, { events: shown.map((one) => event(sim, one)), totalEvents: all.length, totalPages }, headers);
}

/** Six months at most and never the future; a range that makes no sense holds no day. */
export function readUsage({ request, now }: Call, sim: Sim): SimulatedResponse {
  const today = Math.floor(now / DAY_MS);
  const oldest = sixMonthsBefore(now);
  const [start, end] = [request.query.get('start_dt'), request.query.get('end_dt')];
  const first = start === null ? today - new Date(now).getUTCDate() + 1 : dayOf(start);
  const last = end === null ? today : dayOf(end);
  const isSense = first !== undefined && last !== undefined && first <= last;
  return json(
    200,
    isSense ? dailyUsage(sim, Math.max(first, oldest), Math.min(last, today), now) : dailyUsage(sim, 1, 0, now),
  );
}

function sixMonthsBefore(now: number): number {
  const date = new Date(now);
  return Math.floor(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 6, date.getUTCDate()) / DAY_MS);
}

export function listSms({ request, version, now }: Call, sim: Sim): SimulatedResponse {
  // Version 2 calls it otherwise in this one list.
  const { page, size } = version === 'v1' ? pageOf(request.query, 100) : pageOf(request.query, 1000, 20, 'per_page');
  const shown = messagesOf(sim, now).slice((page - 1) * size, page * size);
  return json(
    200,
    shown.map((message) => (version === 'v1' ? smsMessage : smsMessageV2)(sim, message)),
  );
}

export function sendSms({ one, request, version, now }: Call, sim: Sim): SimulatedResponse {
  const body = parseJson(request.body) as Record<string, unknown> | null | undefined;
  if (typeof body?.payload !== 'string') return version === 'v1' ? empty(400) : refuseV2(400, 'payload is missing');
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const type = (body.source_address_type as { id?: unknown } | null | undefined)?.id;
  const expiresAt = Date.parse(text(body.expiry_date));
  const id = one.kept.nextSmsId++;
  touch(one, sim).messages.push({
    id,
    submittedAt: now,
    expiresAt: Number.isNaN(expiresAt) ? now + DAY_MS : expiresAt,
    sourceAddress: text(body.source_address),
    sourceAddressType: typeof type === 'number' ? type : 161,
    payload: body.payload,
    udh: text(body.udh),
    dcs: typeof body.dcs === 'number' ? body.dcs : 0,
  });
  one.save();
  if (version === 'v2') return json(201, { id: String(id) });
  // Recorded: it points at a host inside, nobody outside can use but the number at its end.
  return empty(201, { location: `http://sms.internal.invalid:8080/v1/sims/${iccidOf(sim)}/sms/${id}` });
}

export function readSms({ version, now }: Call, sim: Sim, parts: Parts): SimulatedResponse {
  const found = messagesOf(sim, now).find((message) => String(message.id) === parts.id);
  if (!found) return version === 'v1' ? empty(404) : refuseV2(404, 'Element not found');
  return json(200, (version === 'v1' ? smsMessage : smsMessageV2)(sim, found));
}

/** Only what is not delivered yet can be taken back. */
export function cancelSms({ one, version, now }: Call, sim: Sim, parts: Parts): SimulatedResponse {
  const found = messagesOf(sim, now).find((message) => String(message.id) === parts.id && message.state === 'PENDING');
  if (!found) return version === 'v1' ? empty(404) : refuseV2(404, 'Element not found');
  const { messages } = touch(one, sim);
  messages.splice(
    messages.findIndex((message) => message.id === found.id),
    1,
  );
  one.save();
  return version === 'v1' ? empty(204) : json(200, { id: String(found.id) });
}

/** Those of the account among these ICCIDs; undefined where it is no list of texts. */
export function simsOf(one: Call['one'], iccids: unknown): Sim[] | undefined {
  if (!Array.isArray(iccids) || iccids.some((iccid) => typeof iccid !== 'string')) return undefined;
  return iccids.map((iccid: string) => findSim(one, iccid)).filter((sim) => sim !== undefined);
}
