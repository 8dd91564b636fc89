/** Sentences about what is known, what is not and why. Pure. */
import type { Alert, Bundle, BundleStats, Interface, Run, Sim, SimsOverview } from './contract.ts';
import {
  aboutDays,
  age,
  bitsPerSecond,
  clockTime,
  count,
  day,
  duration,
  instant,
  octets,
  percent,
  quantity,
} from './format.ts';
import { simKey } from './urgency.ts';

export const SEVERITY_WORDS = { critical: 'Critical', warning: 'Warning', info: 'Info' } as const;

const RATE_REASONS: ReadonlyMap<string, string> = new Map([
  ['first', 'a rate needs two readings, and there is one so far'],
  ['reset', 'the router began to count anew'],
  ['narrow', 'its 32-bit counter may have wrapped unseen: use 64-bit counters or read it more often'],
  ['implausible', 'it counted more than the line can carry'],
  ['gap', 'readings are missing in between'],
  ['stale', 'the readings came out of order'],
  ['jitter', 'the counter went back a little'],
]);

/** Why a rate is unknown. */
export function rateReason(i: Interface): string {
  if (i.readAt === null) return 'it was never read';
  if (i.rateReason === undefined) return 'the router did not give the counter';
  return RATE_REASONS.get(i.rateReason) ?? i.rateReason;
}

const STATES: ReadonlyMap<string | null, string> = new Map([
  [null, 'State unknown'],
  ['unknown', 'State unknown'],
  ['up', 'Up'],
  ['down', 'Down'],
  ['testing', 'Testing'],
  ['dormant', 'Dormant'],
  ['notPresent', 'Not present'],
  ['lowerLayerDown', 'Down: layer below'],
]);

/** A state that was read long ago is a state of the past. */
export function stateWords({ operStatus, stale }: Interface): string {
  const state = STATES.get(operStatus) ?? operStatus ?? '';
  return stale && operStatus !== null ? `Was ${state.toLowerCase()}` : state;
}

/** Full duplex: the busier direction fills the line. */
export function loadWords(i: Interface): string {
  if (i.speedBitsPerSecond === null) return 'Load unknown: the line speed is not known, or means nothing.';
  const line = bitsPerSecond(i.speedBitsPerSecond);
  const known = [i.inUtilisationPercent, i.outUtilisationPercent].filter((p) => p !== null);
  return known.length < 2
    ? `Load of the ${line} line unknown`
    : `Busier direction: ${percent(Math.max(...known))} of ${line}`;
}

/** Why it is not known what is left; undefined when it is known. */
export function remainingReason(b: Bundle): string | undefined {
  if (b.unlimited || b.remainingOctets !== null) return undefined;
  return b.readAt === null ? 'it was never read' : 'the newest reading did not say what is left';
}

/** `12 % of 1,000 GB`, or why there is no percentage. */
export function shareWords(b: Bundle): string {
  if (b.unlimited) return 'This plan has no limit.';
  const origin = b.allocationOrigin === 'most seen since top-up' ? ' (most seen since the last top-up)' : '';
  const size = b.allocationOctets === null ? undefined : `${octets(b.allocationOctets)}${origin}`;
  if (b.remainingPercent !== null) return `${percent(b.remainingPercent)} of ${size ?? 'the plan'}`;
  if (size !== undefined) return `Of ${size}.`;
  return b.readAt === null ? '' : 'Percentage unknown: set the size of the plan in its source.';
}

const DAYS_MS = 2 * 86_400_000;

export function planEndWords(b: Bundle, now: number): string {
  if (b.expiresAt === null) return b.readAt === null ? '' : 'Plan end unknown: the newest reading did not say.';
  const at = Date.parse(b.expiresAt);
  if (at <= now) return `Plan ended ${instant(at, now)}.`;
  // The source tells days: far from the end an hour would only seem exact.
  const when = at - now > DAYS_MS ? day(at, now) : instant(at, now);
  return `Plan ends ${when}, in ${duration((at - now) / 1000)}.`;
}

/** Below this part of the slots a forecast stands on thin ground, and says so. */
const ENOUGH = 0.8;

/** Empty where a forecast means nothing. */
export function forecastWords(b: Bundle, stats: BundleStats): string {
  if (b.unlimited || b.active === false || b.readAt === null) return '';
  const { averageOctetsPerDay: average, daysRemaining: days, limitedBy, validSlots, expectedSlots } = stats;
  if (average === null) return `Use a day unknown: ${count(validSlots, 'usable reading')} in 7 days.`;
  const thin = validSlots < expectedSlots * ENOUGH ? `, from ${validSlots} of ${expectedSlots} readings` : '';
  const use = `${octets(average)} a day${thin}`;
  if (days === null)
    return BigInt(average) === 0n ? 'Nothing used in 7 days, so no forecast.' : `Uses ${use}; forecast unknown.`;
  if (limitedBy === 'expiry') return `Lasts until the plan ends, ${aboutDays(days)}, at ${use}.`;
  return days === 0 ? `Used up; was used at ${use}.` : `Lasts ${aboutDays(days)} at ${use}.`;
}

export function ageWords(seconds: number | undefined, stale: boolean): string {
  if (seconds === undefined) return 'Never read.';
  return stale ? `Stale: read ${age(seconds)}` : `Read ${age(seconds)}`;
}

/** What the newest run of a source says when its data is old; empty when it says nothing bad. */
export function runWords(run: Run | undefined): string {
  if (!run || run.status === 'success') return '';
  const what = run.error ?? run.rejections[0]?.message ?? run.errorCode ?? 'no reason was recorded';
  return `Its newest run (${clockTime(Date.parse(run.endedAt))}) ${run.status === 'failed' ? 'failed' : 'was incomplete'}: ${what}.`.replace(
    /\.\.$/,
    '.',
  );
}

/** Limit of what is either 1 or 0: the name of the rule says all. */
const YES_OR_NO = 0.5;

/** `12 % (limit 20 %)`; the rule of silence has no unit and counts readings that did not come. */
export function alertValueWords({ value, threshold, unit }: Alert): string {
  if (value === null || (unit === '' && threshold === YES_OR_NO)) return '';
  if (unit === null) return `${count(value, 'reading')} missed in a row`;
  return `${quantity(value, unit)}${threshold === null ? '' : ` (limit\u00a0${quantity(threshold, unit)})`}`;
}

/** What is wrong, how far, and what was said of it, such as a router's own words. */
export function alertWords(alert: Alert): string {
  const more = [alertValueWords(alert), alert.detail ?? ''].filter((words) => words !== '');
  return more.length === 0 ? alert.ruleName : `${alert.ruleName}: ${more.join('; ')}`;
}

export function alertSinceWords(a: Alert, now: number): string {
  const at = Date.parse(a.activeAt);
  const held = a.state === 'pending' ? ', waiting whether it lasts' : mutedWords(a);
  return `since ${instant(at, now)}, for ${duration((now - at) / 1000)}${held}`;
}

/** Why nobody was told of it. */
function mutedWords({ mutedBy }: Alert): string {
  if (!mutedBy) return '';
  return `; not told, for ${mutedBy.entityName} ${mutedBy.until === null ? 'is' : 'was'} down`;
}

/** `2 critical, 1 warning`, and `1 pending` where there are such. */
export function severityCounts(alerts: readonly Alert[]): string {
  const firing = alerts.filter((a) => a.state === 'firing');
  const parts = (['critical', 'warning', 'info'] as const).map(
    (severity) => [firing.filter((a) => a.severity === severity).length, severity] as const,
  );
  // The title of the page is of it, and a title has no lines.
  return counted([...parts, [alerts.length - firing.length, 'pending']], ' ');
}

function counted(parts: readonly (readonly [number, string])[], space = '\u00a0'): string {
  return parts
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${n}${space}${what}`)
    .join(', ');
}

/** `SIMs, 12 disabled`, behind the number. */
export function simCountWords({ total, disabled, statusUnknown }: SimsOverview): string {
  const apart = counted([
    [disabled, 'disabled'],
    [statusUnknown, 'of unknown status'],
  ]);
  return `${total === 1 ? 'SIM' : 'SIMs'}${apart && `, ${apart}`}`;
}

/** `silent` of undefined = not known. */
export function attentionWords({ total, quotaAlerts }: SimsOverview, silent: number | undefined): string {
  if (total === 0) return '';
  const { dataExhausted, dataLow, dataUnknown } = quotaAlerts;
  const parts = counted([
    [dataExhausted, 'without data'],
    [dataLow, 'low on data'],
    [silent ?? 0, 'silent'],
  ]);
  if (dataUnknown === total && !parts) return 'What is left of their data is not known yet.';
  const unknown = dataUnknown > 0 ? ` What is left is unknown of ${dataUnknown}.` : '';
  const known = silent === undefined ? 'None is low on data' : 'None is low on data or silent';
  return `${parts ? `Need attention: ${parts}` : known}.${unknown}`;
}

/** A sum, and of how many SIMs it is where some are unknown. */
export function usedVolumeWords(used: SimsOverview['usedToday' | 'usedThisMonth']): { amount: string; part: string } {
  const { octets: sum, simsKnown, simsTotal } = used;
  if (sum === null) return { amount: 'unknown', part: '' };
  return { amount: octets(sum), part: simsKnown < simsTotal ? `by ${simsKnown} of ${count(simsTotal, 'SIM')}` : '' };
}

/** How much of an account is known, and how old that is; `sinceSeconds` = since the API said so. */
export function walkWords(account: SimsOverview['accounts'][number], sinceSeconds: number): string {
  const { simsListed: listed, detailsKnown: known } = account;
  const oldest = account.oldestDetailsAgeSeconds;
  const list =
    account.lastWalkAgeSeconds === null
      ? 'the list was never read to its end'
      : `list read ${age(account.lastWalkAgeSeconds + sinceSeconds)}`;
  if (listed === 0) return `No SIMs listed: ${list}.`;
  const looked = known < listed ? `${listed} listed, ${known} looked at so far` : `${known} of ${listed} looked at`;
  return `${looked}${oldest === null ? '' : `, oldest look ${age(oldest + sinceSeconds)}`}; ${list}.`;
}

/** What is left of a SIM's data, or what its account's list says while the SIM itself was not read. */
export function simAmountWords({ data }: Sim): { amount: string; more: string } {
  const { remainingOctets: left, totalOctets: total, remainingPercent: share, level } = data;
  const size = total === null ? '' : octets(total);
  if (left === null) {
    if (level === null) return { amount: 'Unknown', more: 'because it was not read yet' };
    const word = { exhausted: 'Used up', low: 'Low', sufficient: 'Enough' }[level];
    return { amount: word, more: 'as the list says; how much is not known yet' };
  }
  const amount = BigInt(left);
  if (amount <= 0n) {
    const over = amount < 0n ? `${octets(-amount)} over` : '';
    return { amount: 'Used up', more: over && size ? `${over} its ${size}` : over || (size && `all of ${size}`) };
  }
  const of = share === null ? size && `of ${size}` : `${percent(share)}${size && ` of ${size}`}`;
  return {
    amount: octets(amount),
    more: `left${of && `, ${of}`}${level === 'exhausted' ? '; used up, the list says' : ''}`,
  };
}

/** What the few that are shown leave out; a SIM may be in both numbers. */
export function moreSimsWords(
  { quotaAlerts }: SimsOverview,
  shown: readonly Sim[],
  silent: ReadonlySet<string> | undefined,
): string {
  const shownAt = (level: 'exhausted' | 'low'): number => shown.filter((s) => s.data.level === level).length;
  const shownSilent = shown.filter((s) => silent?.has(simKey(s))).length;
  const parts = counted([
    [quotaAlerts.dataExhausted - shownAt('exhausted'), 'more without data'],
    [quotaAlerts.dataLow - shownAt('low'), 'more low on data'],
    [(silent?.size ?? 0) - shownSilent, 'more silent'],
  ]);
  return parts && `… and ${parts}: the API lists them all.`;
}
