/** Calls of the simulated 1NCE API about the account as a whole: what costs money, limits, orders, products, support. */
import { iccidOf, type LiveAccount } from './onence-account.ts';
import { isoTime, order as orderAnswer } from './onence-answers.ts';
import { hide, orderExtension, orderTopUp, placeOrder, setAutoTopUp } from './onence-changes.ts';
import type { Sim } from './onence-curve.ts';
import { indexOf } from './onence-fleet.ts';
import type { Call } from './onence-routes.ts';
import { pageOf, simsOf } from './onence-sim-calls.ts';
import { empty, json, parseJson } from './onence-token.ts';
import type { SimulatedResponse } from './simulator.ts';

type Json = Record<string, unknown>;

const METHODS = ['banktransfer', 'creditcard', 'monthlyinvoice', 'boleto'];
const EXTENSION_PRODUCT = 3;
const PRICES_CENTS: Readonly<Record<number, number>> = { 1: 1000, 2: 1000, [EXTENSION_PRODUCT]: 1000 };
/** Choices of monthly limits, by id from 1. */
const LIMITS = ['1', '2', '5', '10', '16', '100'];

function bodyOf({ request }: Call): Json {
  const body = parseJson(request.body);
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Json) : {};
}

/** An order's answer, or the one recorded for a payment method that is none; an absent one counts as bank transfer. */
function ordered({ request, one }: Call, place: () => number): SimulatedResponse {
  const method = request.query.get('payment_method');
  if (method !== null && method !== '' && !METHODS.includes(method)) {
    return json(400, { message: 'Payment method used is not valid.' });
  }
  const number = place();
  one.save();
  return empty(201, { location: `http://orders.internal.invalid:8080/v1/orders/${number}` });
}

export function topUpOne(call: Call, sim: Sim): SimulatedResponse {
  return ordered(call, () => orderTopUp(call.one, [sim], call.now));
}

export function topUpMany(call: Call): SimulatedResponse {
  const sims = simsOf(call.one, parseJson(call.request.body));
  return sims?.length ? ordered(call, () => orderTopUp(call.one, sims, call.now)) : empty(400);
}

export function setAutoTopUps(call: Call): SimulatedResponse {
  const { enabled, iccids } = bodyOf(call);
  const sims = simsOf(call.one, iccids);
  if (!sims || typeof enabled !== 'boolean') return empty(400);
  for (const sim of sims) setAutoTopUp(call.one, sim, call.now, enabled);
  call.one.save();
  return empty(201);
}

export function extend(call: Call): SimulatedResponse {
  const { iccids, productId } = bodyOf(call);
  const sims = simsOf(call.one, iccids);
  if (!sims?.length) return empty(400);
  const product = typeof productId === 'number' ? productId : EXTENSION_PRODUCT;
  return ordered(call, () => orderExtension(call.one, sims, product, call.now));
}

/** SIMs by list and by range leave the account. */
export function transfer(call: Call): SimulatedResponse {
  const { target_organisation, iccids, iccid_ranges } = bodyOf(call);
  const ranges = Array.isArray(iccid_ranges) ? iccid_ranges : [];
  const sims = simsOf(call.one, [
    ...(Array.isArray(iccids) ? iccids : []),
    ...ranges.flatMap((r) => between(call.one, r)),
  ]);
  if (!sims?.length || typeof target_organisation !== 'number') return empty(400);
  for (const iccid of new Set(sims.map(iccidOf))) {
    const sim = simsOf(call.one, [iccid])?.[0];
    if (sim) hide(call.one, sim);
  }
  call.one.save();
  return empty(201);
}

const MOST_IN_RANGE = 10_000;

function between(one: LiveAccount, range: unknown): string[] {
  const { from, to } = (range ?? {}) as { from?: unknown; to?: unknown };
  const [first, last] = [indexOf(one.fleet, String(from)), indexOf(one.fleet, String(to))];
  if (first === undefined || last === undefined || last < first || last - first > MOST_IN_RANGE) return [];
  return Array.from({ length: last - first + 1 }, (_, step) => String(BigInt(String(from)) + BigInt(step)));
}

function limit(id: number, unit: 'MB' | 'SMS'): Json {
  return { id, limit: LIMITS[id - 1], unit };
}

export function readLimits({ one }: Call): SimulatedResponse {
  const { data, smsMt, smsMo } = one.kept.limits;
  return json(200, { data: limit(data, 'MB'), smsMt: limit(smsMt, 'SMS'), smsMo: limit(smsMo, 'SMS') });
}

/** Of all SIMs at once. */
export function setLimits(call: Call): SimulatedResponse {
  const { dataLimitId, smsMtLimitId, smsMoLimitId } = bodyOf(call);
  const isChoice = (id: unknown): id is number => typeof id === 'number' && LIMITS[id - 1] !== undefined;
  if (!isChoice(dataLimitId) || !isChoice(smsMtLimitId) || !isChoice(smsMoLimitId)) return empty(400);
  call.one.kept.limits = { data: dataLimitId, smsMt: smsMtLimitId, smsMo: smsMoLimitId };
  call.one.save();
  return empty(201);
}

export function listLimits(_: Call, { service = '' }: Readonly<Record<string, string>>): SimulatedResponse {
  if (!['data', 'smsMO', 'smsMT'].includes(service)) return empty(404);
  return json(
    200,
    LIMITS.map((__, index) => limit(index + 1, service === 'data' ? 'MB' : 'SMS')),
  );
}

export function listOrders({ one, request }: Call): SimulatedResponse {
  const { page, size } = pageOf(request.query, 10);
  const newestFirst = one.kept.orders.toReversed();
  return json(200, newestFirst.slice((page - 1) * size, page * size).map(orderAnswer));
}

export function readOrder({ one }: Call, parts: Readonly<Record<string, string>>): SimulatedResponse {
  const found = one.kept.orders.find((entry) => String(entry.number) === parts.order);
  return found ? json(200, orderAnswer(found)) : empty(404);
}

export function order(call: Call): SimulatedResponse {
  const { products } = bodyOf(call);
  const wanted = (Array.isArray(products) ? products : []) as { productId?: unknown; quantity?: unknown }[];
  const lines = wanted.map(({ productId, quantity }) => ({ productId: Number(productId), quantity: Number(quantity) }));
  const isSound = lines.every((l) => PRICES_CENTS[l.productId] !== undefined && l.quantity >= 1);
  if (lines.length === 0 || !isSound) return empty(400);
  const amountCents = lines.reduce((sum, l) => sum + (PRICES_CENTS[l.productId] ?? 0) * l.quantity, 0);
  return ordered(call, () =>
    placeOrder(call.one, { type: 'ADDITIONAL_ORDER', at: call.now, amountCents, iccids: [], products: lines }),
  );
}

function product(id: number, name: string, months: number): Json {
  return {
    id,
    product: name,
    material: `SIM-${id}`,
    package_size: 1,
    minQuantity: 1,
    maxQuantity: 10_000,
    maxQuantityPerCustomer: 10_000,
    min_contract_duration: months,
    one_time_charges: [{ name: 'One-time charge', amount_net: (PRICES_CENTS[id] ?? 0) / 100, currency: 'EUR' }],
    recurring_charges: [],
  };
}

export function listProducts(): SimulatedResponse {
  return json(200, [
    product(1, 'IoT SIM Card', 120),
    product(2, 'Top-up 500 MB', 0),
    product(EXTENSION_PRODUCT, 'Extension', 60),
  ]);
}

export function listRequests({ one, request }: Call): SimulatedResponse {
  const { page, size } = pageOf(request.query, 100, 1);
  const shown = one.kept.requests.slice((page - 1) * size, page * size);
  return json(
    200,
    shown.map(({ id, at, subject, text }) => ({
      caseId: id,
      communications: [],
      createDate: isoTime(at),
      status: 'OPEN',
      subject,
      text,
    })),
  );
}

export function openRequest(call: Call): SimulatedResponse {
  const { subject, text } = bodyOf(call);
  if (typeof subject !== 'string' || typeof text !== 'string') return empty(400);
  const { requests } = call.one.kept;
  requests.push({ id: (requests.at(-1)?.id ?? 0) + 1, at: call.now, subject, text });
  call.one.save();
  return empty(201);
}
