/** Limits of Junos as routers have them in their configuration (Junos XML protocol, RFC 6241): operations, elements, shapes. */
/** More customers than one router serves, each with two policers and a unit of a few elements. */
export const MAX_CONFIGURATION_ELEMENTS = 1_000_000;
/** Of `bandwidth-limit`, bits per second; some platforms end earlier, and say so. */
export const LEAST_BITS_PER_SECOND = 8_000;
export const MOST_BITS_PER_SECOND = 100_000_000_000;
/** Marks a unit that we have disabled: `apply-macro` holds whatever one likes and does nothing. */
export const CUT_MARK = 'headroom-cut';
/** Datum of the mark: what the unit was before. */
export const FOUND = 'found';
export const FOUND_DISABLED = 'disabled';

/** Families whose packets a policer of ours holds. */
export const HELD_FAMILIES = ['inet', 'inet6'] as const;
export type HeldFamily = (typeof HELD_FAMILIES)[number];
/** Whose packets pass by the policers of the others; `iso` carries no customer's. */
export const OTHER_FAMILIES = ['mpls', 'ccc', 'tcc', 'vpls', 'bridge', 'ethernet-switching', 'fibre-channel'] as const;

export const LOCK = '<lock><target><candidate/></target></lock>';
export const UNLOCK = '<unlock><target><candidate/></target></unlock>';
export const DISCARD = '<discard-changes/>';
export const COMMIT = '<commit/>';
/**
 * Junos's own operation and not `get-config`: it shows what is in force, groups and ranges of interfaces worked in, and
 * nothing that somebody edits just now.
 */
export const READ_LIMITS =
  '<get-configuration database="committed" inherit="inherit"><configuration><firewall><policer/></firewall><interfaces/></configuration></get-configuration>';

/** Merged into the candidate; what goes says so itself. Names and contents here are XML already. */
export function editOperation(configuration: string): string {
  return `<edit-config><target><candidate/></target><default-operation>merge</default-operation><config><configuration>${configuration}</configuration></config></edit-config>`;
}

/** Elements that hold what is used, by local name. */
export const LIMIT_ELEMENTS = [
  ...['rpc-reply', 'error-type', 'error-tag', 'error-severity', 'error-message', 'message', 'ok'],
  ...['commit-results', 'routing-engine'],
  ...['configuration', 'firewall', 'interfaces', 'name', 'disable', 'family', ...HELD_FAMILIES, ...OTHER_FAMILIES],
  ...['logical-interface-policer', 'shared-bandwidth-policer', 'if-exceeding', 'bandwidth-limit', 'burst-size-limit'],
  ...['then', 'discard', 'input', 'output', 'value'],
] as const;
export const LIMIT_LISTS = ['rpc-error', 'error', 'policer', 'interface', 'unit', 'apply-macro', 'data'] as const;

/** One policer, whole. `aggregated`: its unit is one of a bundle, whose cards would count each for itself. */
export function policerXml(policer: {
  readonly name: string;
  readonly bitsPerSecond: number;
  readonly burstOctets: number;
  readonly aggregated: boolean;
}): string {
  const { name, bitsPerSecond, burstOctets, aggregated } = policer;
  const shared = aggregated ? '<shared-bandwidth-policer/>' : '';
  // Without the first, each family would get the limit for itself.
  return `<policer><name>${name}</name><logical-interface-policer/>${shared}<if-exceeding><bandwidth-limit>${bitsPerSecond}</bandwidth-limit><burst-size-limit>${burstOctets}</burst-size-limit></if-exceeding><then><discard/></then></policer>`;
}

export function withoutPolicerXml(name: string): string {
  return `<policer operation="delete"><name>${name}</name></policer>`;
}

/** `port` and `unit` of `ge-0/0/0.10`, with what is to stand in the unit. */
export function unitXml({ port, unit }: { readonly port: string; readonly unit: string }, content: string): string {
  return `<interface><name>${port}</name><unit><name>${unit}</name>${content}</unit></interface>`;
}

export function markXml(wasDisabled: boolean): string {
  const found = `<data><name>${FOUND}</name><value>${FOUND_DISABLED}</value></data>`;
  return `<apply-macro><name>${CUT_MARK}</name>${wasDisabled ? found : ''}</apply-macro>`;
}

export const WITHOUT_MARK_XML = `<apply-macro operation="delete"><name>${CUT_MARK}</name></apply-macro>`;
export const DISABLE_XML = '<disable/>';
export const WITHOUT_DISABLE_XML = '<disable operation="delete"/>';
