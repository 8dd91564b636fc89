/** Which rules hold for a tenant: the capability's defaults, changed, disabled or joined by what the tenant stored. Pure. */
import type { Rule, ThresholdRule } from './rule.ts';
import type { StoredRule } from './rules.port.ts';

/** For rules that no capability has a sentence for. */
export const GENERIC_MESSAGE = '{entity}: {value} {unit} (limit {threshold} {unit}).';

/**
 * Defaults in their order, then the tenant's own by id. A stored rule with a default's id takes its place and stays
 * built in; a tombstone leaves the default disabled, so that its open alerts end with that reason. A rule without a
 * message gets the one of its default, else of a default that judges the same, else the generic one; in the same way it
 * mutes what hangs on its entities, and is muted by their uplinks, or not.
 */
export function effectiveRules(defaults: readonly Rule[], stored: readonly StoredRule[]): Rule[] {
  const byId = new Map(stored.map((s) => [s.id, s]));
  const builtIn = defaults.map((rule): Rule => {
    const change = byId.get(rule.id);
    if (!change || change.kind !== rule.kind) return rule;
    if (change.rule === undefined) return { ...rule, enabled: false, version: change.version };
    return withInherited({ ...change.rule, ...own(rule, change.rule), builtIn: true }, defaults);
  });
  const names = new Set(defaults.map((rule) => rule.id));
  const theirs = stored.flatMap((s) => (s.rule === undefined || names.has(s.id) ? [] : [s.rule]));
  theirs.sort((a, b) => (a.id < b.id ? -1 : 1));
  return [...builtIn, ...theirs.map((rule) => withInherited({ ...rule, builtIn: false }, defaults))];
}

/** What a change leaves to the default: an entity's own thresholds stay its own. */
function own(rule: Rule, change: Rule): Pick<ThresholdRule, 'levelsFrom'> {
  if (rule.type !== 'threshold' || !rule.levelsFrom || !judgesTheSame(rule, change)) return {};
  return { levelsFrom: rule.levelsFrom };
}

/** What the rule leaves open: its sentence, and what it has to do with uplinks. */
function withInherited(rule: Rule, defaults: readonly Rule[]): Rule {
  const same = defaults.find((d) => d.id === rule.id) ?? defaults.find((d) => judgesTheSame(d, rule));
  const { mutesDependents = same?.mutesDependents, mutedByUplink = same?.mutedByUplink } = rule;
  return {
    ...rule,
    message: rule.message ?? same?.message ?? GENERIC_MESSAGE,
    ...(mutesDependents === undefined ? {} : { mutesDependents }),
    ...(mutedByUplink === undefined ? {} : { mutedByUplink }),
  };
}

function judgesTheSame(a: Rule, b: Rule): boolean {
  if (a.kind !== b.kind) return false;
  if (a.type === 'absence' || b.type === 'absence') return a.type === b.type;
  return a.metric === b.metric && a.comparison === b.comparison;
}
