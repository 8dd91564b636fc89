/** What can be done to SIMs: which actions there are, what each needs, what it would change and what it would cost. Pure. */
import type { Issue } from '../platform/errors.ts';
import type { FoundSim } from './finder.port.ts';
import type { PaymentMethod, SimChange } from './onence.port.ts';
import type { SimFilter } from './sims-list.ts';
import { smsSize } from './sms-text.ts';

export const ACTIONS = [
  'label',
  'enable',
  'disable',
  'imei-lock',
  'imei-unlock',
  'reset',
  'sms',
  'topup',
  'auto-topup',
  'extend',
  'limits',
] as const;
export type ActionName = (typeof ACTIONS)[number];

export interface ActionParameters {
  readonly label?: string;
  readonly payload?: string;
  readonly sourceAddress?: string;
  readonly payment?: PaymentMethod;
  readonly productId?: number;
  readonly enabled?: boolean;
  readonly dataLimitId?: number;
  readonly smsMtLimitId?: number;
  readonly smsMoLimitId?: number;
}
type Parameter = keyof ActionParameters;

export interface ActionRequest {
  readonly action: ActionName;
  /** For `limits`, which are an account's; the other actions follow from their SIMs. */
  readonly account?: string;
  readonly iccids?: readonly string[];
  readonly filter?: SimFilter;
  /** A label for each. */
  readonly items?: readonly { readonly iccid: string; readonly label: string }[];
  readonly parameters: ActionParameters;
}

export const MAX_SIMS = 10_000;
const MAX_SMS_PARTS = 10;

/** `needed` must be said, `taken` may be; anything else is refused. */
const FORMS: Readonly<Record<ActionName, { needed: readonly Parameter[]; taken: readonly Parameter[] }>> = {
  label: { needed: ['label'], taken: [] },
  enable: { needed: [], taken: [] },
  disable: { needed: [], taken: [] },
  'imei-lock': { needed: [], taken: [] },
  'imei-unlock': { needed: [], taken: [] },
  reset: { needed: [], taken: [] },
  sms: { needed: ['payload'], taken: ['sourceAddress'] },
  topup: { needed: [], taken: ['payment'] },
  'auto-topup': { needed: ['enabled'], taken: [] },
  extend: { needed: [], taken: ['payment', 'productId'] },
  limits: { needed: ['dataLimitId', 'smsMtLimitId', 'smsMoLimitId'], taken: [] },
};

/** True where the provider will send an invoice for it. */
export function costsMoney(action: ActionName, parameters: ActionParameters): boolean {
  return action === 'topup' || action === 'extend' || (action === 'auto-topup' && parameters.enabled === true);
}

/** True where doing it twice does no more than doing it once, so that a lost answer may be asked for again. */
export function isRepeatable(action: ActionName, parameters: ActionParameters): boolean {
  return action !== 'sms' && !costsMoney(action, parameters);
}

/** The change of one SIM that an action is; undefined for actions of another kind. */
export function changeOf(action: ActionName, iccid: string, label: string | undefined): SimChange | undefined {
  switch (action) {
    case 'label':
      return { iccid, label: label ?? '' };
    case 'enable':
    case 'disable':
      return { iccid, enabled: action === 'enable' };
    case 'imei-lock':
    case 'imei-unlock':
      return { iccid, imeiLock: action === 'imei-lock' };
    default:
      return undefined;
  }
}

/** Everything that is wrong with a request by itself, whichever SIMs there are. Of a request in parts, only of those. */
export function requestIssues(request: Partial<ActionRequest>): Issue[] {
  const { action, parameters } = request;
  return [
    ...selectionIssues(request),
    ...(action && parameters ? parameterIssues(action, parameters, request.items !== undefined) : []),
    ...(parameters?.payload === undefined ? [] : payloadIssues(parameters.payload)),
  ];
}

function selectionIssues({ action, account, iccids, filter, items }: Partial<ActionRequest>): Issue[] {
  const issues: Issue[] = [];
  const given = Object.entries({ iccids, filter, items }).filter(([, value]) => value !== undefined);
  if (action === 'limits') {
    issues.push(...given.map(([path]) => ({ path, message: 'limits are of a whole account: name it in "account"' })));
    if (account === undefined) issues.push({ path: 'account', message: 'must be the id of a 1NCE source' });
  } else {
    if (given.length !== 1)
      issues.push({
        path: '',
        message: `must have exactly one of iccids, filter and items, not ${given.length === 0 ? 'none' : given.map(([name]) => name).join(' and ')}`,
      });
    if (account !== undefined)
      issues.push({ path: 'account', message: 'belongs to limits only: the SIMs tell whose they are' });
  }
  if (items !== undefined && action !== undefined && action !== 'label')
    issues.push({ path: 'items', message: 'carries labels: use iccids or filter' });
  if (filter !== undefined && Object.values(filter).every((value) => value === undefined))
    issues.push({ path: 'filter', message: 'is empty: to mean all SIMs of an account, name that in "account" here' });
  issues.push(
    ...listIssues('iccids', iccids),
    ...listIssues(
      'items',
      items?.map((i) => i.iccid),
      '.iccid',
    ),
  );
  return issues;
}

function listIssues(path: string, iccids: readonly string[] | undefined, below = ''): Issue[] {
  if (iccids === undefined) return [];
  if (iccids.length === 0) return [{ path, message: 'is empty: name at least one SIM' }];
  if (iccids.length > MAX_SIMS) return [{ path, message: `has ${iccids.length} SIMs: at most ${MAX_SIMS} at once` }];
  const first = new Map<string, number>();
  return iccids.flatMap((iccid, at) => {
    const place = `${path}[${at}]${below}`;
    if (!ICCID.test(iccid)) return [{ path: place, message: 'is no ICCID: send its 18 to 20 digits' }];
    const earlier = first.get(iccid);
    if (earlier !== undefined) return [{ path: place, message: `is the same SIM as ${path}[${earlier}]` }];
    first.set(iccid, at);
    return [];
  });
}

export const ICCID = /^\d{18,20}$/;

function parameterIssues(action: ActionName, parameters: ActionParameters, hasItems: boolean): Issue[] {
  const { needed, taken } = FORMS[action];
  // Labels come with the items.
  const required = hasItems && action === 'label' ? [] : needed;
  const names = Object.keys(parameters) as Parameter[];
  const missing = required.filter((name) => parameters[name] === undefined);
  const foreign = names.filter((name) => parameters[name] !== undefined && ![...required, ...taken].includes(name));
  return [
    ...missing.map((name) => ({ path: `parameters.${name}`, message: `is needed by ${action}` })),
    ...foreign.map((name) => ({
      path: `parameters.${name}`,
      message:
        hasItems && name === 'label' ? 'stands in the items already: remove it' : `is not used by ${action}: remove it`,
    })),
  ];
}

export function payloadIssues(payload: string, path = 'parameters.payload'): Issue[] {
  if (payload === '') return [{ path, message: 'is empty: write something' }];
  const { parts, encoding } = smsSize(payload);
  if (parts <= MAX_SMS_PARTS) return [];
  const why = encoding === 'ucs2' ? '; it has characters for which a message holds only 70' : '';
  return [{ path, message: `becomes ${parts} messages, at most ${MAX_SMS_PARTS} may be sent: shorten it${why}` }];
}

/** What an action would do to one SIM, by what is known of it now. */
export interface PlannedItem {
  /** Absent for `limits`. */
  readonly iccid?: string;
  readonly account: string;
  readonly label?: string;
  readonly enabled?: boolean;
  /** Null where nothing is known, or where the action changes no state. */
  readonly before: string | null;
  readonly after: string;
  readonly changes: boolean;
}

/** In order of account and ICCID, so that the same request makes the same plan. */
export function planOf(request: ActionRequest, sims: readonly FoundSim[]): PlannedItem[] {
  const { action, account, parameters, items } = request;
  if (action === 'limits') {
    const { dataLimitId, smsMtLimitId, smsMoLimitId } = parameters;
    const after = `data ${dataLimitId}, SMS to the SIM ${smsMtLimitId}, SMS from the SIM ${smsMoLimitId}`;
    return [{ account: account ?? '', before: null, after, changes: true }];
  }
  const labels = new Map(items?.map((i) => [i.iccid, i.label]));
  return [...sims].sort(byAccountAndIccid).map((sim) => {
    const label = action === 'label' ? (labels.get(sim.iccid) ?? parameters.label) : undefined;
    const { before, after } = effectOf(action, parameters, sim, label);
    const { iccid, account: own, enabled } = sim;
    const place = {
      ...{ iccid, account: own },
      ...(label === undefined ? {} : { label }),
      ...(enabled === undefined ? {} : { enabled }),
    };
    return { ...place, before, after, changes: before !== after };
  });
}

function effectOf(
  action: ActionName,
  parameters: ActionParameters,
  sim: FoundSim,
  label: string | undefined,
): { before: string | null; after: string } {
  const word = (flag: boolean | undefined, yes: string, no: string) => (flag === undefined ? null : flag ? yes : no);
  switch (action) {
    case 'label':
      return { before: sim.label ?? null, after: label ?? '' };
    case 'enable':
    case 'disable':
      return { before: word(sim.enabled, 'enabled', 'disabled'), after: `${action}d` };
    case 'imei-lock':
    case 'imei-unlock':
      return {
        before: word(sim.imeiLock, 'locked', 'unlocked'),
        after: action === 'imei-lock' ? 'locked' : 'unlocked',
      };
    case 'sms':
      return { before: null, after: `${smsSize(parameters.payload ?? '').parts} SMS sent` };
    case 'auto-topup':
      return { before: null, after: parameters.enabled ? 'topped up automatically' : 'not topped up automatically' };
    case 'topup':
      return { before: null, after: 'topped up' };
    case 'extend':
      return { before: null, after: 'extended' };
    default:
      return { before: null, after: 'connection reset' };
  }
}

function byAccountAndIccid(a: FoundSim, b: FoundSim): number {
  if (a.account !== b.account) return a.account < b.account ? -1 : 1;
  return a.iccid < b.iccid ? -1 : a.iccid > b.iccid ? 1 : 0;
}

/** ICCIDs that were named and not found, each with its place in the request. */
export function unknownIssues(request: ActionRequest, found: readonly FoundSim[]): Issue[] {
  const known = new Set(found.map((sim) => sim.iccid));
  const named = request.iccids ?? request.items?.map((i) => i.iccid) ?? [];
  return named.flatMap((iccid, at) => {
    // What is no ICCID is told already.
    if (known.has(iccid) || !ICCID.test(iccid)) return [];
    const path = request.iccids ? `iccids[${at}]` : `items[${at}].iccid`;
    return [{ path, message: 'is no SIM of this tenant: look it up in GET /v1/sims' }];
  });
}
