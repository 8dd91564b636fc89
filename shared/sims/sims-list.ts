/** Which SIMs a list holds, in which order, and where its pages are cut. Pure. */
import * as z from 'zod/mini';
import type { Instant } from '../platform/clock.ts';
import {
  newestValue,
  presenceOf,
  quotaLevelOf,
  remainingParts,
  type ShownSim,
  silentSecondsOf,
  usedToday,
} from './shown-sim.ts';
import type { Presence, QuotaLevel } from './sim.ts';

/** All that is given must hold. `unknown` asks for what is not known; nothing else ever matches it. */
export interface SimFilter {
  readonly status?: 'enabled' | 'disabled' | 'unknown' | undefined;
  /** Of data. */
  readonly quota?: QuotaLevel | 'unknown' | undefined;
  /** Part of the label; upper and lower case are one. */
  readonly label?: string | undefined;
  /** Part of the label, ICCID, MSISDN, IMEI or IMSI. */
  readonly search?: string | undefined;
  /** ISO 3166 alpha-2. */
  readonly country?: string | undefined;
  readonly tag?: string | undefined;
  readonly group?: string | undefined;
  readonly account?: string | undefined;
  readonly presence?: Presence | 'unknown' | undefined;
  /** Not seen for at least so long; one of which nothing is known does not match. */
  readonly silentSeconds?: number | undefined;
}

export function filterSims(sims: readonly ShownSim[], filter: SimFilter, now: Instant): ShownSim[] {
  const tests = testsOf(filter, now);
  return sims.filter((sim) => tests.every((holds) => holds(sim)));
}

type SimTest = (sim: ShownSim) => boolean;

function testsOf(filter: SimFilter, now: Instant): SimTest[] {
  const { status, quota, label, search, country, tag, group, account, presence, silentSeconds } = filter;
  const tests: SimTest[] = [];
  if (status !== undefined) tests.push((sim) => statusOf(sim) === status);
  if (quota !== undefined) tests.push((sim) => (quotaLevelOf(sim, 'data') ?? 'unknown') === quota);
  if (label !== undefined) tests.push(({ attributes }) => includes(attributes.label, label));
  if (search !== undefined) tests.push((sim) => searchable(sim).some((text) => includes(text, search)));
  if (country !== undefined) tests.push(({ attributes }) => attributes.countryCode === country.toUpperCase());
  if (tag !== undefined) tests.push(({ note }) => note.tags.includes(tag));
  if (group !== undefined) tests.push(({ note }) => note.group === group);
  if (account !== undefined) tests.push((sim) => sim.account.id === account);
  if (presence !== undefined) tests.push((sim) => (presenceOf(sim)?.state ?? 'unknown') === presence);
  if (silentSeconds !== undefined) tests.push((sim) => (silentSecondsOf(sim, now) ?? -1) >= silentSeconds);
  return tests;
}

export function statusOf({ attributes }: ShownSim): 'enabled' | 'disabled' | 'unknown' {
  return attributes.enabled === undefined ? 'unknown' : attributes.enabled ? 'enabled' : 'disabled';
}

function searchable({ iccid, attributes }: ShownSim): (string | undefined)[] {
  const { label, msisdn, imei, imsi, imsi2, currentImsi, iccidWithLuhn } = attributes;
  return [label, iccid, iccidWithLuhn, msisdn, imei, imsi, imsi2, currentImsi];
}

function includes(text: string | undefined, part: string): boolean {
  return text?.toLowerCase().includes(part.toLowerCase()) === true;
}

export type SimSort = 'iccid' | 'label' | 'remaining' | 'remainingPercent' | 'usageToday' | 'lastSeen' | 'expires';

export interface SimOrder {
  readonly by: SimSort;
  readonly descending: boolean;
}

/** `remaining` or `-remaining`. */
export function simOrder(text: SimSort | `-${SimSort}`): SimOrder {
  const descending = text.startsWith('-');
  return { by: (descending ? text.slice(1) : text) as SimSort, descending };
}

/** Where a SIM stands in an order. */
interface Place {
  /** Undefined = unknown: last in both directions. */
  readonly key: string | bigint | undefined;
  /** Total and always ascending: an ICCID that moves between accounts is in both for a while. */
  readonly tie: string;
}

/** Longer labels are in order of their beginnings: a place has to fit into a cursor. */
const LABEL_KEY_LENGTH = 100;

function keyOf(sim: ShownSim, by: SimSort, now: Instant): string | bigint | undefined {
  switch (by) {
    case 'iccid':
      return sim.iccid;
    case 'label':
      return sim.attributes.label?.toLowerCase().slice(0, LABEL_KEY_LENGTH);
    case 'remaining':
      return newestValue(sim, 'dataRemaining')?.value;
    case 'remainingPercent':
      return remainingParts(sim, 'data');
    case 'usageToday':
      return usedToday(sim, now)?.value;
    case 'lastSeen':
      return newestValue(sim, 'lastSeen')?.value;
    case 'expires':
      return newestValue(sim, 'dataExpires')?.value;
  }
}

function compare(a: Place, b: Place, descending: boolean): number {
  if (a.key !== b.key) {
    if (a.key === undefined) return 1;
    if (b.key === undefined) return -1;
    return a.key < b.key === descending ? 1 : -1;
  }
  return a.tie < b.tie ? -1 : Number(a.tie > b.tie);
}

export interface SimPage {
  readonly sims: readonly ShownSim[];
  /** Place of the last one given, for the next page; undefined at the end. */
  readonly next: string | undefined;
}

/**
 * One page of SIMs in any order. It begins behind the place that the last page ended at, wherever its SIM stands by now:
 * one whose value changed meanwhile may be given twice or not at all, all others once. Undefined when `after` is no place.
 */
export function simPage(
  sims: readonly ShownSim[],
  { by, descending }: SimOrder,
  options: { readonly limit: number; readonly after: string | undefined; readonly now: Instant },
): SimPage | undefined {
  const { limit, after, now } = options;
  const from = after === undefined ? undefined : placeOf(after, by);
  if (after !== undefined && from === undefined) return undefined;
  const rest = sims
    .map((sim) => ({ sim, key: keyOf(sim, by, now), tie: `${sim.iccid} ${sim.account.id}` }))
    .filter((place) => from === undefined || compare(place, from, descending) > 0)
    .sort((a, b) => compare(a, b, descending));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return { sims: page.map(({ sim }) => sim), next: rest.length > limit && last ? placeText(last) : undefined };
}

function placeText({ key, tie }: Place): string {
  return JSON.stringify([key === undefined ? null : String(key), tie]);
}

const TEXT_SORTS: readonly SimSort[] = ['iccid', 'label'];
const placeShape = z.tuple([z.nullable(z.string()), z.string()]);

function placeOf(text: string, by: SimSort): Place | undefined {
  const [key, tie] = placeShape.safeParse(parseJson(text)).data ?? [];
  if (key === undefined || tie === undefined) return undefined;
  if (key === null) return { key: undefined, tie };
  if (TEXT_SORTS.includes(by)) return { key, tie };
  return /^-?\d{1,40}$/.test(key) ? { key: BigInt(key), tie } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
