/** Which rules concern which entity, found without trying every rule on every entity. Pure. */
import type { Entity } from '../entities/entity.ts';
import type { AbsenceRule, Rule, ThresholdRule } from './rule.ts';

/** Rules of one tenant, indexed once per version of the set; disabled ones are only in `byId`. */
export interface RuleIndex {
  readonly byId: ReadonlyMap<string, Rule>;
  readonly kinds: ReadonlyMap<string, KindIndex>;
}

interface KindIndex {
  readonly absence: AbsenceRule[];
  readonly anywhere: ThresholdRule[];
  readonly byEntity: Map<string, ThresholdRule[]>;
  readonly byLabel: Map<string, ThresholdRule[]>;
}

export function indexRules(rules: readonly Rule[]): RuleIndex {
  const kinds = new Map<string, KindIndex>();
  for (const rule of rules) {
    if (!rule.enabled) continue;
    const kind: KindIndex = kinds.get(rule.kind) ?? emptyKind();
    kinds.set(rule.kind, kind);
    if (rule.type === 'absence') kind.absence.push(rule);
    else place(kind, rule);
  }
  return { byId: new Map(rules.map((rule) => [rule.id, rule])), kinds };
}

function emptyKind(): KindIndex {
  return { absence: [], anywhere: [], byEntity: new Map(), byLabel: new Map() };
}

/** Under its narrowest part; the other parts are tried when it is found. */
function place(kind: KindIndex, rule: ThresholdRule): void {
  const { entities, labels } = rule.selector;
  const [label] = Object.entries(labels ?? {});
  if (entities) for (const id of new Set(entities)) push(kind.byEntity, id, rule);
  else if (label) push(kind.byLabel, labelKey(...label), rule);
  else kind.anywhere.push(rule);
}

function push(map: Map<string, ThresholdRule[]>, key: string, rule: ThresholdRule): void {
  const list = map.get(key);
  if (list) list.push(rule);
  else map.set(key, [rule]);
}

function labelKey(name: string, value: string): string {
  return JSON.stringify([name, value]);
}

export function matches({ selector }: Rule, entity: Pick<Entity, 'id' | 'labels'>): boolean {
  if (selector.entities && !selector.entities.includes(entity.id)) return false;
  return Object.entries(selector.labels ?? {}).every(([name, value]) => entity.labels[name] === value);
}

/** Enabled threshold rules that select this entity. */
export function rulesFor(index: RuleIndex, entity: Pick<Entity, 'kind' | 'id' | 'labels'>): ThresholdRule[] {
  const kind = index.kinds.get(entity.kind);
  if (!kind) return [];
  const labelled = Object.entries(entity.labels).flatMap((label) => kind.byLabel.get(labelKey(...label)) ?? []);
  const candidates = [...kind.anywhere, ...(kind.byEntity.get(entity.id) ?? []), ...labelled];
  return candidates.filter((rule) => matches(rule, entity));
}

/** Enabled absence rules that select a target, by its own id or through any of its entities. */
export function absenceRulesFor(
  index: RuleIndex,
  kind: string,
  target: string,
  entities: readonly Pick<Entity, 'id' | 'labels'>[],
): AbsenceRule[] {
  const rules = index.kinds.get(kind)?.absence ?? [];
  return rules.filter(
    (rule) => matches(rule, { id: target, labels: {} }) || entities.some((entity) => matches(rule, entity)),
  );
}

/** The longest time that a run must last by any enabled threshold rule of the kind. */
export function longestHoldSeconds(index: RuleIndex, kind: string): number {
  const found = index.kinds.get(kind);
  if (!found) return 0;
  const rules = [...found.anywhere, ...[...found.byEntity.values(), ...found.byLabel.values()].flat()];
  return Math.max(0, ...rules.map((rule) => Math.max(rule.holdSeconds, rule.clearSeconds)));
}
