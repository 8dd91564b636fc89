/** What a valid source is: checks shared by the API and by whoever else writes one. Pure. */
import type { Issue } from '../platform/errors.ts';
import type { Source, SourceType } from './source.ts';

/** Ids stand in keys, entity ids and URLs, and name a field of the tenant's secret, where `_` leads our own entries. */
export const SOURCE_ID_PATTERN = /^[a-z0-9][a-z0-9-]{0,47}$/;
/** One minute is the clock's grain; a day is the longest that the day's numbers can bear. */
export const MIN_PERIOD_SECONDS = 60;
export const MAX_PERIOD_SECONDS = 86_400;
const MAX_NAME_LENGTH = 80;
/** Item size and screen both end somewhere; settings are a handful of short fields. */
const MAX_SETTINGS_BYTES = 16_384;

/** Kind of entity that each type of source feeds. */
export const KIND_OF_TYPE: Readonly<Record<SourceType, string>> = {
  taara: 'bundle',
  snmp: 'interface',
  routeros: 'interface',
  junos: 'interface',
  iosxe: 'interface',
  push: 'interface',
  'site-router': 'interface',
  ping: 'reach',
  onence: 'fleet',
  link: 'link',
  resellers: 'resellers',
};
export const SOURCE_TYPES = Object.keys(KIND_OF_TYPE) as SourceType[];

/** False where there is nothing to call, on no schedule and by no hand: the source sends by itself, or only a site reaches it. */
export function isCalled(type: SourceType): boolean {
  return type !== 'push' && type !== 'site-router';
}

/** Sources that the house makes and keeps by itself, by type: their ids. Nobody else makes, changes or removes one. */
export const OWN_SOURCES = { resellers: 'headroom-resellers' } as const satisfies Partial<Record<SourceType, string>>;

export function isOwnSource({ type }: Pick<Source, 'type'>): boolean {
  return type in OWN_SOURCES;
}

export type SourceDraft = Pick<
  Source,
  'id' | 'type' | 'name' | 'enabled' | 'periodSeconds' | 'settings' | 'uplink' | 'simulated'
>;

/** A capability's judgement of its own settings; paths are relative to `settings`. */
export type CheckSettings = (settings: Readonly<Record<string, unknown>>) => readonly Issue[];

/** A capability's judgement of what its sources are configured with. */
export interface SourceKind {
  readonly defaultPeriodSeconds: number;
  /** True where a source of a simulated tenant is itself a simulator: an account always, a router where its settings say so. */
  isSimulated(settings: Readonly<Record<string, unknown>>): boolean;
  settingsIssues(settings: Readonly<Record<string, unknown>>): Issue[];
  /** The uplink that one of its things has of its own, by its name; absent = none has. */
  ownUplink?(settings: Readonly<Record<string, unknown>>, name: string): string | undefined;
  secretIssues(secret: Readonly<Record<string, unknown>>, settings: Readonly<Record<string, unknown>>): Issue[];
}

/** Why it is as it is, and what to do instead. */
export const KEPT_BY_ITSELF =
  'is kept by Headroom itself, as long as there is something to look at: to be told less, change its rules';

/** Everything that is wrong with a draft, at once; empty when it may be stored. */
export function sourceIssues(
  draft: SourceDraft,
  tenant: { simulated: boolean },
  checkSettings: CheckSettings,
): Issue[] {
  const issues: Issue[] = [];
  const require = (holds: boolean, path: string, message: string) => {
    if (!holds) issues.push({ path, message });
  };
  require(SOURCE_ID_PATTERN.test(
    draft.id,
  ), 'id', 'must be 1 to 48 lower-case letters, digits and hyphens, and not begin with a hyphen');
  require(!isOwnSource(draft), 'type', KEPT_BY_ITSELF);
  const isTaken = !isOwnSource(draft) && (Object.values(OWN_SOURCES) as string[]).includes(draft.id);
  require(!isTaken, 'id', 'is kept for a source that Headroom makes by itself: choose another');
  require(draft.name.trim().length > 0 &&
    draft.name.length <= MAX_NAME_LENGTH &&
    !hasControlCharacter(draft.name), 'name', `must be 1 to ${MAX_NAME_LENGTH} characters, without control characters`);
  require(isPeriod(
    draft.periodSeconds,
  ), 'periodSeconds', `must be a multiple of 60 from ${MIN_PERIOD_SECONDS} to ${MAX_PERIOD_SECONDS}`);
  require(draft.simulated === tenant.simulated, 'simulated', tenant.simulated
    ? 'must be true: this tenant holds simulated sources only'
    : 'must be false: simulated sources need a tenant of their own');
  require(JSON.stringify(draft.settings).length <=
    MAX_SETTINGS_BYTES, 'settings', `must be shorter than ${MAX_SETTINGS_BYTES} characters as JSON`);
  for (const { path, message } of checkSettings(draft.settings)) {
    issues.push({ path: path === '' ? 'settings' : `settings.${path}`, message });
  }
  return issues;
}

export function isPeriod(seconds: number): boolean {
  return seconds >= MIN_PERIOD_SECONDS && seconds <= MAX_PERIOD_SECONDS && seconds % MIN_PERIOD_SECONDS === 0;
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
