/** The paths of both versions of the simulated 1NCE API, and what every one of them does with a call. */

import { findSim, isExpired, type LiveAccount } from './onence-account.ts';
import * as account from './onence-account-calls.ts';
import { connectivity, connectivityInfo, dataQuota, simCard, smsQuota } from './onence-answers.ts';
import { connectivityV2, dataQuotaV2, simCardV2, smsQuotaV2 } from './onence-answers-v2.ts';
import type { Sim } from './onence-curve.ts';
import * as sims from './onence-sim-calls.ts';
import { empty, json } from './onence-token.ts';
import type { SimulatedRequest, SimulatedResponse } from './simulator.ts';

export type Version = 'v1' | 'v2';

export interface Call {
  readonly one: LiveAccount;
  readonly request: SimulatedRequest;
  readonly version: Version;
  readonly now: number;
}

type Handle = (call: Call, parts: Readonly<Record<string, string>>) => SimulatedResponse;

export interface Route {
  readonly method: string;
  /** With its variables: `/v1/sims/{iccid}/usage`. */
  readonly template: string;
  readonly pattern: RegExp;
  readonly handle: Handle;
}

function route(method: string, template: string, handle: Handle): Route {
  const pattern = new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
  return { method, template, pattern, handle };
}

/** For calls about one SIM of the account. */
function ofSim(handle: (call: Call, sim: Sim, parts: Readonly<Record<string, string>>) => SimulatedResponse): Handle {
  return (call, parts) => {
    const sim = findSim(call.one, parts.iccid ?? '');
    return sim ? handle(call, sim, parts) : missing(call.version);
  };
}

/** For calls that an expired SIM is refused. */
function ofLiveSim(handle: (call: Call, sim: Sim, parts: Readonly<Record<string, string>>) => SimulatedResponse) {
  return ofSim((call, sim, parts) => (isExpired(sim, call.now) ? expired(call.version) : handle(call, sim, parts)));
}

function expired(version: Version): SimulatedResponse {
  const message = 'SIM is expired, only extensions are permitted';
  return version === 'v1' ? json(422, { message }) : sims.refuseV2(409, message);
}

function missing(version: Version): SimulatedResponse {
  return version === 'v1' ? empty(404) : sims.refuseV2(404, 'Element not found');
}

function readSim(call: Call, parts: Readonly<Record<string, string>>): SimulatedResponse {
  const sim = findSim(call.one, parts.iccid ?? '');
  if (sim) return json(200, call.version === 'v1' ? simCard(sim, call.now, 'Activated') : simCardV2(sim, call.now));
  // Recorded: version 1 has no error for it.
  return call.version === 'v1' ? empty(200) : missing('v2');
}

/** The one call of version 2 whose "not found" is empty. */
function topUp(call: Call, parts: Readonly<Record<string, string>>): SimulatedResponse {
  return findSim(call.one, parts.iccid ?? '') ? ofLiveSim(account.topUpOne)(call, parts) : empty(404);
}

function both(version: Version): Route[] {
  const base = `/${version}/sims`;
  const one = `${base}/{iccid}`;
  const isV1 = version === 'v1';
  return [
    route('GET', base, sims.list),
    route('GET', one, readSim),
    route('PUT', one, ofLiveSim(sims.change)),
    route('POST', `${one}/reset`, ofLiveSim(sims.reset)),
    route(
      'GET',
      `${one}/status`,
      // Version 2 declares no refusal of reads.
      (isV1 ? ofLiveSim : ofSim)(({ now }, sim) => json(200, (isV1 ? connectivity : connectivityV2)(sim, now))),
    ),
    route(
      'GET',
      `${one}/quota/data`,
      ofSim(({ now }, sim) => json(200, (isV1 ? dataQuota : dataQuotaV2)(sim, now))),
    ),
    route(
      'GET',
      `${one}/quota/sms`,
      ofSim(({ now }, sim) => json(200, (isV1 ? smsQuota : smsQuotaV2)(sim, now))),
    ),
    route('GET', `${one}/events`, ofSim(sims.listEvents)),
    route('GET', `${one}/usage`, ofSim(sims.readUsage)),
    route('GET', `${one}/sms`, ofSim(sims.listSms)),
    route('POST', `${one}/sms`, ofLiveSim(sims.sendSms)),
    route('GET', `${one}/sms/{id}`, ofSim(sims.readSms)),
    route('DELETE', `${one}/sms/{id}`, ofSim(sims.cancelSms)),
    route('POST', `${one}/topup`, topUp),
  ];
}

/** Words that stand where an ICCID might come first. */
const ROUTES: readonly Route[] = [
  route('POST', '/v1/sims', sims.changeMany),
  route('POST', '/v1/sims/topup', account.topUpMany),
  route('POST', '/v1/sims/autoTopup', account.setAutoTopUps),
  route('GET', '/v1/sims/limits', account.readLimits),
  route('POST', '/v1/sims/limits', account.setLimits),
  route('GET', '/v1/sims/{service}/limits', account.listLimits),
  route('POST', '/v1/sims/extension', account.extend),
  route('POST', '/v1/sims/simTransfer', account.transfer),
  route('GET', '/v1/orders', account.listOrders),
  route('POST', '/v1/orders', account.order),
  route('GET', '/v1/orders/{order}', account.readOrder),
  route('GET', '/v1/products', account.listProducts),
  route('GET', '/v1/support', account.listRequests),
  route('POST', '/v1/support', account.openRequest),
  route(
    'GET',
    '/v1/sims/{iccid}/connectivity_info',
    ofLiveSim(({ now, request }, sim) => {
      const subscriber = request.query.get('subscriber') !== 'false';
      return json(200, connectivityInfo(sim, now, { subscriber, ussd: request.query.get('ussd') === 'true' }));
    }),
  ),
  ...both('v1'),
  ...both('v2'),
];

export function findRoute(method: string, path: string): { route: Route; parts: Record<string, string> } | undefined {
  for (const candidate of ROUTES) {
    const match = candidate.method === method ? candidate.pattern.exec(path) : null;
    if (match) return { route: candidate, parts: { ...match.groups } };
  }
  return undefined;
}
