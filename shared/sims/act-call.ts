/** One call to the provider for some items of a job, and what its failure means for them. Pure but for the client it is given. */
import { isAppError } from '../platform/errors.ts';
import { cutText } from '../platform/redact.ts';
import { changeOf, costsMoney, isRepeatable } from './action.ts';
import type { ItemState, Job, JobItem } from './jobs.port.ts';
import type { OnenceActor, PaymentMethod, SimChange } from './onence.port.ts';

/** The provider works off up to 1000 at once; one part of a job is one call. */
export const PART_SIMS = 100;
/** Up to so many changes go one by one, for then each of them is answered. */
const FEW_CHANGES = 20;

/**
 * Places of items that one call is about, of those that are pending: paid calls and many changes together, for one order
 * and one turn; everything else one by one.
 */
export function groupsOf(
  job: Pick<Job, 'action' | 'parameters'>,
  items: readonly JobItem[],
  states: readonly ItemState[],
): number[][] {
  const pending = items.map((_, at) => at).filter((at) => states[at] === 'pending');
  if (pending.length === 0) return [];
  const change = changeOf(job.action, '', '');
  // Many at once have to say whether each is enabled: where that is not known, they go one by one.
  const inBulk =
    change !== undefined &&
    items.length > FEW_CHANGES &&
    (change.enabled !== undefined || items.every((item) => item.enabled !== undefined));
  const together = costsMoney(job.action, job.parameters) || job.action === 'auto-topup' || inBulk;
  return together ? [pending] : pending.map((at) => [at]);
}

/** Resolves to the number of the order or the message, where the provider tells one. */
export async function callProvider(
  client: OnenceActor,
  { action, parameters }: Pick<Job, 'action' | 'parameters'>,
  items: readonly JobItem[],
): Promise<string | undefined> {
  const iccids = items.map((item) => item.iccid ?? '');
  const [iccid = ''] = iccids;
  const payment: PaymentMethod = parameters.payment ?? 'banktransfer';
  switch (action) {
    case 'reset':
      await client.resetConnectivity(iccid);
      return undefined;
    case 'sms': {
      const { payload = '', sourceAddress } = parameters;
      return client.sendSms(iccid, { payload, ...(sourceAddress === undefined ? {} : { sourceAddress }) });
    }
    case 'topup':
      return client.topUp(iccids, payment);
    case 'extend':
      return client.extend(iccids, payment, parameters.productId);
    case 'auto-topup':
      await client.setAutoTopUp(iccids, parameters.enabled === true);
      return undefined;
    case 'limits': {
      const { dataLimitId = 0, smsMtLimitId = 0, smsMoLimitId = 0 } = parameters;
      await client.setLimits({ dataLimitId, smsMtLimitId, smsMoLimitId });
      return undefined;
    }
    default: {
      const changes = items
        .map((item) => changeOf(action, item.iccid ?? '', item.label ?? parameters.label))
        .filter((change): change is SimChange => change !== undefined);
      const [first] = changes;
      if (first && changes.length === 1) await client.changeSim(first);
      else await client.changeSims(changes.map((change, at) => withStatus(change, items[at])));
      return undefined;
    }
  }
}

/** The provider wants the status in every change of many; one that the action does not set stays as it was. */
function withStatus(change: SimChange, item: JobItem | undefined): SimChange {
  return change.enabled === undefined && item?.enabled !== undefined ? { ...change, enabled: item.enabled } : change;
}

/**
 * What a failed call means: not made and to be tried later (`wait`, `again`), refused, refused whatever is asked of the
 * account (`stopped`), or lost: it may have been done, and is not to be asked again.
 */
export type Verdict =
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'again' | 'refused' | 'stopped' | 'lost'; readonly reason: string };

const MAX_REASON = 200;
const DEFAULT_WAIT_SECONDS = 60;

/** Throws what is no failure of the provider: the step is then taken again, and finds how far this one came. */
export function verdictOf(error: unknown, { action, parameters }: Pick<Job, 'action' | 'parameters'>): Verdict {
  if (!isAppError(error)) throw error;
  const reason = cutText(error.message, MAX_REASON);
  const { maybeDone, status, retryAfterSeconds } = error.context;
  switch (error.code) {
    case 'SOURCE_THROTTLED':
      return { kind: 'wait', seconds: retryAfterSeconds ?? DEFAULT_WAIT_SECONDS };
    case 'SOURCE_REJECTED':
      return { kind: 'stopped', reason };
    case 'REQUEST_INVALID':
    case 'NOT_FOUND':
    case 'FORBIDDEN':
      return { kind: 'refused', reason };
    case 'SOURCE_UNAVAILABLE':
    case 'SOURCE_MALFORMED':
      if (maybeDone === undefined && isRefusal(status)) return { kind: 'refused', reason };
      // The client says false only where no octet of the request was sent.
      return { kind: maybeDone === false || isRepeatable(action, parameters) ? 'again' : 'lost', reason };
    default:
      throw error;
  }
}

function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 408;
}
