/** Lets a RouterOS ping, with the settings and credentials of the source that it is. */
import type { Operation } from '../collect/collector.port.ts';
import { rawTextOf } from '../collect/rejected.ts';
import { AppError, isAppError } from '../platform/errors.ts';
import type { PingRequest, PingResult, RouterPing } from './ping.port.ts';
import { LOGIN_FAILED, type RouterosCaller } from './routeros-call.ts';
import type { LimitsJob } from './routeros-limits.http.ts';
import { fromWirePing } from './routeros-ping.convert.ts';
import { pingRequest } from './routeros-ping.wire.ts';
import { openCaller, placeOf, type RouterosDeps, routerosConfiguration } from './routeros-place.http.ts';

/** Beyond what the echoes themselves take: login, handshake, a name to resolve. */
const CALL_MARGIN_MS = 5_000;
const RAW_TEXT_LIMIT = 500;

/** Makes no call yet. Throws SOURCE_REJECTED for what cannot be used, SOURCE_UNAVAILABLE without an address. */
export async function openRouterosPing(deps: RouterosDeps, job: LimitsJob): Promise<RouterPing> {
  const { settings, secret: credentials } = routerosConfiguration(job);
  const operations: Operation[] = [];
  const pinned = await placeOf(deps, job, settings, operations);
  const { clock } = deps;
  const caller = openCaller(settings, { pinned, credentials, clock, deadline: job.deadline, operations });
  return { operations, ping: (request) => pingOnce(caller, request), close: () => caller.close() };
}

async function pingOnce(caller: RouterosCaller, request: PingRequest): Promise<PingResult> {
  let result: PingResult | undefined;
  const accept = (value: unknown) => {
    const converted = fromWirePing(value);
    if (!converted.ok) {
      const rawText = caller.clean(rawTextOf(value), RAW_TEXT_LIMIT);
      throw new AppError('SOURCE_MALFORMED', `the router sent ${converted.problem}`, { context: { rawText } });
    }
    result = converted.result;
  };
  const timeoutMs = request.count * request.intervalMs + CALL_MARGIN_MS;
  try {
    await caller.call({ name: `ping ${request.host}`, request: pingRequest(request), timeoutMs, accept });
  } catch (error) {
    throw withoutRight(error);
  }
  if (result === undefined) throw new AppError('SOURCE_MALFORMED', 'the router sent no echoes');
  return result;
}

/** Reading and pinging are different rights of a RouterOS user. */
function withoutRight(error: unknown): unknown {
  if (!isAppError(error, 'SOURCE_REJECTED') || error.context.status === 401) return error;
  if (error.context.failure === LOGIN_FAILED) return error;
  const message = 'the router does not let this user ping: give its group the policy test';
  return new AppError('SOURCE_REJECTED', message, { cause: error, context: error.context });
}
