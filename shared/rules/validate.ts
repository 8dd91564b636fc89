/** Everything that is wrong with a rule, at once, each with a way to mend it. Pure. */
import type { Issue } from '../platform/errors.ts';
import { type AbsenceRule, type Level, type Rule, SEVERITIES, type ThresholdRule } from './rule.ts';

/** What may be named by a rule of one kind. */
export interface RuleScope {
  /** Names of the observations that the kind has. */
  readonly metrics: readonly string[];
  /** Why the kind has no absence rules, and what to use instead; absent = it has. */
  readonly noAbsence?: string;
  /** Ids of the tenant's entities of the kind; absent = not checked. */
  readonly entities?: ReadonlySet<string>;
}

/** A day: what lasts longer is a report and no alert. */
export const MAX_HOLD_SECONDS = 86_400;
export const MAX_SLOTS = 1_000;
const RULE_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;
const MAX_NAME = 80;
const MAX_MESSAGE = 300;
const MAX_SELECTED = 500;
const MAX_LABELS = 10;
const MAX_LABEL = 200;
/** From a bit to the capacity of every line there is; a table holds no number far beyond. */
const SMALLEST = 1e-9;
const LARGEST = 1e18;
const PLACEHOLDERS = ['entity', 'value', 'threshold', 'unit', 'detail'];

/** `scope` is undefined when the kind is unknown; `kinds` are those that exist. Empty = the rule may be stored. */
export function validateRule(rule: Rule, scope: RuleScope | undefined, kinds: readonly string[]): Issue[] {
  return [
    ...named(rule),
    ...(scope ? [] : [issue('kind', `is not known: use one of ${kinds.join(', ')}`)]),
    ...seconds('holdSeconds', rule.holdSeconds),
    ...seconds('clearSeconds', rule.clearSeconds),
    ...selector(rule, scope?.entities),
    ...message(rule.message),
    ...(rule.type === 'absence' && scope?.noAbsence ? [issue('type', scope.noAbsence)] : []),
    ...(rule.type === 'threshold' ? threshold(rule, scope?.metrics) : absence(rule)),
  ];
}

function issue(path: string, message: string): Issue {
  return { path, message };
}

function named({ id, name }: Rule): Issue[] {
  const issues: Issue[] = [];
  if (!RULE_ID.test(id)) issues.push(issue('id', 'use 1-63 lower case letters, digits and dashes, no dash in front'));
  if (name.trim() === '') issues.push(issue('name', 'is empty: say in a few words what the rule watches'));
  if (name.length > MAX_NAME) issues.push(issue('name', `is too long: use at most ${MAX_NAME} characters`));
  if (hasControl(name)) issues.push(issue('name', 'holds control characters: use plain text'));
  return issues;
}

function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function seconds(path: string, value: number): Issue[] {
  if (Number.isInteger(value) && value >= 0 && value <= MAX_HOLD_SECONDS) return [];
  return [issue(path, `must be whole seconds from 0 (at once) to ${MAX_HOLD_SECONDS} (a day)`)];
}

function selector({ selector: { entities, labels } }: Rule, known: ReadonlySet<string> | undefined): Issue[] {
  const issues: Issue[] = [];
  if (entities?.length === 0) issues.push(issue('selector.entities', 'is empty: leave it out to select every entity'));
  if (entities && entities.length > MAX_SELECTED) {
    issues.push(issue('selector.entities', `names more than ${MAX_SELECTED}: select by label instead`));
  }
  entities?.slice(0, MAX_SELECTED).forEach((id, at) => {
    if (known && !known.has(id)) issues.push(issue(`selector.entities[${at}]`, 'is not an entity of this kind'));
    if (entities.indexOf(id) < at) issues.push(issue(`selector.entities[${at}]`, 'is named twice: name it once'));
  });
  const names = Object.keys(labels ?? {});
  if (names.length > MAX_LABELS) issues.push(issue('selector.labels', `has more than ${MAX_LABELS}: use fewer`));
  if (names.includes(''))
    issues.push(issue('selector.labels', 'has a label without a name: give it one or leave it out'));
  if (Object.entries(labels ?? {}).some(([name, value]) => Math.max(name.length, value.length) > MAX_LABEL))
    issues.push(issue('selector.labels', `has a name or value of more than ${MAX_LABEL} characters`));
  return issues;
}

function message(text: string | undefined): Issue[] {
  if (text === undefined) return [];
  const issues: Issue[] = [];
  const allowed = PLACEHOLDERS.map((name) => `{${name}}`).join(' ');
  if (text.trim() === '') issues.push(issue('message', "is empty: leave it out to use the kind's own text"));
  if (text.length > MAX_MESSAGE) issues.push(issue('message', `is too long: use at most ${MAX_MESSAGE} characters`));
  if (hasControl(text)) issues.push(issue('message', 'holds control characters or line breaks: use one line of text'));
  for (const [whole, name] of text.matchAll(/\{([^{}]*)\}/g)) {
    if (!PLACEHOLDERS.includes(name ?? '')) issues.push(issue('message', `${whole} is not filled in: use ${allowed}`));
  }
  if (/[{}]/.test(text.replace(/\{[^{}]*\}/g, ''))) {
    issues.push(issue('message', `has a brace without its partner: braces only enclose ${allowed}`));
  }
  return issues;
}

function absence({ slots, severity }: AbsenceRule): Issue[] {
  const issues = SEVERITIES.includes(severity) ? [] : [severityIssue('severity')];
  if (!Number.isInteger(slots) || slots < 1 || slots > MAX_SLOTS) {
    issues.push(issue('slots', `must be a whole number of missed readings from 1 to ${MAX_SLOTS}`));
  }
  return issues;
}

function severityIssue(path: string): Issue {
  return issue(path, `use one of ${SEVERITIES.join(', ')}`);
}

function threshold(rule: ThresholdRule, metrics: readonly string[] | undefined): Issue[] {
  const issues: Issue[] = [];
  if (metrics && !metrics.includes(rule.metric)) {
    issues.push(issue('metric', `is not observed for this kind: use one of ${metrics.join(', ')}`));
  }
  if (rule.levels.length === 0) issues.push(issue('levels', 'is empty: give at least one level'));
  if (rule.levels.length > SEVERITIES.length) {
    issues.push(issue('levels', `has more than ${SEVERITIES.length}: give each severity one level at most`));
  }
  rule.levels.slice(0, SEVERITIES.length).forEach((level, at) => {
    issues.push(...levelIssues(rule, level, at));
  });
  return issues;
}

function isMeasurable(value: number): boolean {
  const size = Math.abs(value);
  return value === 0 || (size >= SMALLEST && size <= LARGEST);
}

function levelIssues({ comparison, levels }: ThresholdRule, level: Level, at: number): Issue[] {
  const path = `levels[${at}]`;
  const below = comparison === 'below';
  const issues = SEVERITIES.includes(level.severity) ? [] : [severityIssue(`${path}.severity`)];
  for (const side of ['fire', 'clear'] as const) {
    if (!isMeasurable(level[side]))
      issues.push(issue(`${path}.${side}`, `must be 0 or a number of a size from ${SMALLEST} to ${LARGEST}`));
  }
  if (below ? level.clear < level.fire : level.clear > level.fire) {
    const side = below ? 'at or above' : 'at or below';
    issues.push(
      issue(`${path}.clear`, `lies on the wrong side: a value fires ${comparison} ${level.fire}, so clear ${side} it`),
    );
  }
  const milder = levels[at - 1];
  if (!milder) return issues;
  if (SEVERITIES.indexOf(level.severity) <= SEVERITIES.indexOf(milder.severity)) {
    issues.push(
      issue(`${path}.severity`, `must be worse than ${milder.severity} before it: order levels from mild to severe`),
    );
  }
  if (below ? level.fire >= milder.fire : level.fire <= milder.fire) {
    issues.push(issue(`${path}.fire`, `must be ${comparison} the milder level's ${milder.fire}`));
  }
  if (below ? level.clear > milder.clear : level.clear < milder.clear) {
    issues.push(
      issue(`${path}.clear`, `must not lie beyond the milder level's ${milder.clear}, or the mild one clears first`),
    );
  }
  return issues;
}
