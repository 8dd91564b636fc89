/** What a link is: interfaces that carry one bought connection together, what they may carry and when to worry. Pure. */
import * as z from 'zod/mini';
import { LINK_TOTAL } from '../collect/uplink.ts';
import type { EntityDraft } from '../entities/entities.port.ts';
import type { Issue } from '../platform/errors.ts';
import { issuesOf, unknownNames } from '../platform/issues.ts';

/** VLANs of the usual NTTN link, and what each carries. */
export const USUAL_VLANS: readonly number[] = [10, 20, 30, 40, 50];
const USUAL_MEMBER_MBPS = 200;
/** Of the capacity, where nothing else is said: 950 and 900 of 1000 Mb/s. */
const THRESHOLD_PERCENT = 95;
const CLEAR_PERCENT = 90;
/** The status of a link reads them all. */
export const MOST_MEMBERS = 64;
/** 10 Tb/s: no line is faster, and every sum of them is exact. */
const MOST_MBPS = 10_000_000;
const MEGABIT = 1_000_000;
/** `<router>/<ifName>`, as `/v1/interfaces` knows it. */
const MAX_ID = 300;

const mbps = z
  .number()
  .check(z.gte(0.001, 'must be at least 0.001 (1 kb/s)'), z.lte(MOST_MBPS, `must be at most ${MOST_MBPS}`));

const member = z.strictObject({
  /** Id of an interface, `<router>/<ifName>`. */
  interface: z.string().check(z.minLength(3), z.maxLength(MAX_ID)),
  capacityMbps: z._default(mbps, USUAL_MEMBER_MBPS),
});

const shape = z.object({
  members: z
    .array(member)
    .check(
      z.minLength(1, 'must name at least one interface'),
      z.maxLength(MOST_MEMBERS, `must be at most ${MOST_MEMBERS}`),
    ),
  /** Load of the busier direction above which the alarm sounds; 95 % of the capacity unless told. */
  thresholdMbps: z.optional(mbps),
  /** At or below it the alarm ends; 90 % of the capacity unless told, and never above the threshold. */
  clearMbps: z.optional(mbps),
  /** What the contract commits to, for the 95th percentile. */
  committedMbps: z.optional(mbps),
});

const settings = shape.check(
  z.refine((s) => new Set(s.members.map((m) => m.interface)).size === s.members.length, {
    path: ['members'],
    error: 'must not name an interface twice: its traffic would count twice',
  }),
  z.refine((s) => s.clearMbps === undefined || s.clearMbps <= thresholdMbpsOf(s), {
    path: ['clearMbps'],
    error: 'must not lie above thresholdMbps: the alarm would end while it is still true',
  }),
);
type Settings = z.infer<typeof settings>;

/** All rates in bits per second. */
export interface Link {
  readonly members: readonly { readonly interface: string; readonly capacityBitsPerSecond: number }[];
  readonly capacityBitsPerSecond: number;
  readonly thresholdBitsPerSecond: number;
  readonly clearBitsPerSecond: number;
  readonly committedBitsPerSecond: number | undefined;
}

function capacityMbpsOf({ members }: Pick<Settings, 'members'>): number {
  return members.reduce((sum, one) => sum + one.capacityMbps, 0);
}

function thresholdMbpsOf(s: Settings): number {
  return s.thresholdMbps ?? (capacityMbpsOf(s) * THRESHOLD_PERCENT) / 100;
}

/** Of settings that were found valid. */
export function linkOf(given: Readonly<Record<string, unknown>>): Link {
  const s = settings.parse(given);
  const bits = (value: number): number => Math.round(value * MEGABIT);
  const threshold = thresholdMbpsOf(s);
  return {
    members: s.members.map((one) => ({ interface: one.interface, capacityBitsPerSecond: bits(one.capacityMbps) })),
    capacityBitsPerSecond: bits(capacityMbpsOf(s)),
    thresholdBitsPerSecond: bits(threshold),
    clearBitsPerSecond: bits(s.clearMbps ?? Math.min(threshold, (capacityMbpsOf(s) * CLEAR_PERCENT) / 100)),
    committedBitsPerSecond: s.committedMbps === undefined ? undefined : bits(s.committedMbps),
  };
}

/** The members of a link over the usual VLANs of one router. */
export function usualMembers(router: string): { interface: string; capacityMbps: number }[] {
  return USUAL_VLANS.map((vlan) => ({ interface: `${router}/vlan${vlan}`, capacityMbps: USUAL_MEMBER_MBPS }));
}

/** Its only entity: ids of entities begin with their source. */
export function linkEntity(link: string): string {
  return `${link}/${LINK_TOTAL}`;
}

export function linkDraft(source: { id: string; name: string; simulated: boolean }, link: Link): EntityDraft {
  return {
    id: linkEntity(source.id),
    target: source.id,
    name: source.name,
    attributes: {
      members: link.members.length,
      capacityBitsPerSecond: link.capacityBitsPerSecond,
      thresholdBitsPerSecond: link.thresholdBitsPerSecond,
      clearBitsPerSecond: link.clearBitsPerSecond,
      ...(link.committedBitsPerSecond === undefined ? {} : { committedBitsPerSecond: link.committedBitsPerSecond }),
    },
    labels: {},
    simulated: source.simulated,
  };
}

/** Everything wrong with settings that somebody wants to store, unknown names included; paths relative to `settings`. */
export function linkSettingsIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return [...issuesOf(settings, given), ...unknownNames(Object.keys(shape.shape), given)];
}

/** A link signs in nowhere. */
export function linkSecretIssues(given: Readonly<Record<string, unknown>>): Issue[] {
  return unknownNames([], given);
}
