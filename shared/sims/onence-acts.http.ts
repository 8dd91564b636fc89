/** The changes of a 1NCE account: each is sent once, and what became of it is told as far as it is known. */
import { AppError, type ErrorCode, isAppError } from '../platform/errors.ts';
import { parseJson } from '../platform/http.ts';
import { convertSmsId, toWireChange, toWireSms } from './onence.convert.ts';
import type { OnenceActor, PaymentMethod, SimChange } from './onence.port.ts';
import type { OnenceCall, OnenceCaller, OnenceResponse } from './onence-caller.http.ts';
import { withContext } from './onence-failure.ts';
import { simPath } from './onence-paths.ts';

/** The provider names no limit; a call stays small enough to be told again when it fails. */
const CHUNK = 100;
const MAX_CHANGES = 1000;

/**
 * Throws SOURCE_UNAVAILABLE with `context.maybeDone` when the answer was lost, REQUEST_INVALID with the provider's sentence
 * when it refuses the change, NOT_FOUND for a SIM or message that it does not have, SOURCE_REJECTED when this user may not.
 */
export function openActor(caller: OnenceCaller): OnenceActor {
  const act = (call: OnenceCall): Promise<OnenceResponse> =>
    caller.call(call, (response) => accepted(caller, response));
  return {
    changeSim: async (change) => {
      const path = simPath(change.iccid);
      await act({ name: 'change', kind: 'change', method: 'PUT', path, body: toWireChange(change) });
    },
    changeSims: (changes) => changeSims(act, changes),
    resetConnectivity: async (iccid) => {
      await act({ name: 'reset', kind: 'reset', method: 'POST', path: simPath(iccid, 'reset') });
    },
    sendSms: async (iccid, draft) => {
      const path = simPath(iccid, 'sms');
      const sent = await act({ name: 'send SMS', kind: 'sendSms', method: 'POST', path, body: toWireSms(draft) });
      return smsIdOf(sent) ?? trailingId(sent);
    },
    cancelSms: async (iccid, id) => {
      const path = simPath(iccid, `sms/${encodeURIComponent(id)}`);
      await act({ name: 'cancel SMS', kind: 'cancelSms', method: 'DELETE', path });
    },
    setLimits: async (limits) => {
      await act({ name: 'set limits', kind: 'setLimits', method: 'POST', path: '/sims/limits', body: { ...limits } });
    },
    topUp: (iccids, payment) => topUp(act, iccids, payment),
    extend: async (iccids, payment, productId) => {
      const body = { iccids, ...(productId === undefined ? {} : { productId }) };
      const path = `/sims/extension${paidBy(payment)}`;
      return trailingId(await act({ name: 'extend', kind: 'extend', method: 'POST', path, body }));
    },
    setAutoTopUp: async (iccids, enabled) => {
      const body = { enabled, iccids };
      await act({ name: 'auto top-up', kind: 'autoTopUp', method: 'POST', path: '/sims/autoTopup', body });
    },
  };
}

type Act = (call: OnenceCall) => Promise<OnenceResponse>;

/** In chunks; a failure says in `context.doneCount` how many of the changes, from the first on, were accepted before it. */
async function changeSims(act: Act, changes: readonly SimChange[]): Promise<void> {
  if (changes.length > MAX_CHANGES) {
    const message = `at most ${MAX_CHANGES} SIMs can be changed at once`;
    throw new AppError('REQUEST_INVALID', message, { context: { issues: [{ path: '', message }] } });
  }
  for (let from = 0; from < changes.length; from += CHUNK) {
    const body = changes.slice(from, from + CHUNK).map(toWireChange);
    try {
      await act({ name: 'change many', kind: 'changeMany', method: 'POST', path: '/sims', body });
    } catch (error) {
      if (!isAppError(error)) throw error;
      throw withContext(error, { doneCount: from });
    }
  }
}

async function topUp(act: Act, iccids: readonly string[], payment: PaymentMethod): Promise<string | undefined> {
  const [only] = iccids;
  if (only === undefined) return undefined;
  const call: Pick<OnenceCall, 'kind' | 'path' | 'body'> =
    iccids.length === 1
      ? { kind: 'topUp', path: simPath(only, `topup${paidBy(payment)}`) }
      : { kind: 'topUpMany', path: `/sims/topup${paidBy(payment)}`, body: iccids };
  return trailingId(await act({ name: 'top-up', method: 'POST', ...call }));
}

function paidBy(payment: PaymentMethod): string {
  return `?payment_method=${encodeURIComponent(payment)}`;
}

const REFUSALS: Readonly<Record<number, ErrorCode>> = {
  400: 'REQUEST_INVALID',
  403: 'SOURCE_REJECTED',
  404: 'NOT_FOUND',
  405: 'REQUEST_INVALID',
  409: 'REQUEST_INVALID',
  410: 'REQUEST_INVALID',
  413: 'REQUEST_INVALID',
  415: 'REQUEST_INVALID',
  422: 'REQUEST_INVALID',
};

/** Whatever a 2xx carries, the change was accepted; it may take effect later. */
function accepted(caller: OnenceCaller, response: OnenceResponse): OnenceResponse {
  const { status } = response;
  if (status >= 200 && status < 300) return response;
  const code = REFUSALS[status];
  if (code === undefined) {
    throw withContext(caller.malformed(response, `unexpected status HTTP ${status}`), { maybeDone: true });
  }
  const reason = status === 422 ? 'the SIM has expired: only extensions are permitted' : caller.sentenceOf(response);
  const message = `1NCE refuses this: ${reason}`;
  const rawText = caller.clean(response.text);
  throw new AppError(code, message, {
    context: {
      status,
      rawText,
      maybeDone: false,
      ...(code === 'REQUEST_INVALID' ? { issues: [{ path: '', message }] } : {}),
    },
  });
}

function smsIdOf({ text }: OnenceResponse): string | undefined {
  const json = parseJson(text);
  return json.ok ? convertSmsId(json.value) : undefined;
}

/** The header points at a host inside the provider; only what stands last in it means something outside. */
function trailingId({ headers }: OnenceResponse): string | undefined {
  return /(?:^|\/)([\w-]{1,64})\/?(?:[?#].*)?$/.exec(headers.get('location')?.trim() ?? '')?.[1];
}
