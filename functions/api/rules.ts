/** The routes of rules: read, add, change, remove; every change is judged whole before it is stored. */
import { fromPublicId, publicId } from '../../shared/entities/public-id.ts';
import type { Tenant } from '../../shared/entities/tenant.ts';
import { AppError, type Issue } from '../../shared/platform/errors.ts';
import { issuesOf } from '../../shared/platform/issues.ts';
import { effectiveRules } from '../../shared/rules/effective.ts';
import type { Rule } from '../../shared/rules/rule.ts';
import type { RuleStore } from '../../shared/rules/rules.port.ts';
import {
  addRule,
  changeRule,
  listRules,
  readRule,
  removeRule,
  ruleFields,
} from '../../shared/rules/rules-api.contract.ts';
import { type RuleScope, validateRule } from '../../shared/rules/validate.ts';
import { type Endpoint, endpoint, fieldOf, type GivenFields, withoutFields } from './api.ts';
import { pageOf } from './page.ts';

/** What the registry of capabilities says about rules. */
export interface RuleKind {
  readonly kind: string;
  readonly defaultRules: readonly Rule[];
  readonly observed: readonly string[];
  readonly noAbsence?: string;
}

export interface RuleApiDeps {
  readonly rules: RuleStore;
  readonly kinds: readonly RuleKind[];
  /** Ids of the tenant's entities of a kind. */
  entityIds(tenant: string, kind: string): Promise<ReadonlySet<string>>;
}

export function createRuleEndpoints(deps: RuleApiDeps): Endpoint[] {
  return [
    endpoint(listRules, async ({ query }, { tenant }) => {
      const all = (await effective(deps, tenant)).filter((r) => query.kind === undefined || r.kind === query.kind);
      const ordered = all.sort((a, b) => (a.id < b.id ? -1 : 1));
      const page = pageOf(tenant.tenant, `rules:${query.kind ?? ''}`, query, ordered, (r) => r.id);
      return { ...page, items: page.items.map(view) };
    }),
    endpoint(readRule, async ({ params }, { tenant }) => view(await find(deps, tenant, params.id))),
    endpoint(
      addRule,
      async ({ body }, { tenant }) => {
        const known = await effective(deps, tenant);
        if (known.some((r) => r.id === body.id)) {
          throw new AppError(
            'STORE_CONFLICT',
            `there is a rule "${body.id}" already: change it with PATCH /v1/rules/${body.id}`,
          );
        }
        const defaults = { enabled: true, holdSeconds: 0, clearSeconds: 0, builtIn: false, version: 0 };
        const rule = { ...defaults, ...body, selector: internalSelector(body.selector ?? {}) } as unknown as Rule;
        await refuse(deps, tenant, rule);
        const stored = await deps.rules.read(tenant.tenant, rule.id);
        return view(await deps.rules.put(tenant.tenant, rule, stored?.version ?? 0));
      },
      async (given, _, { tenant }) => {
        if ('type' in given) return issuesOfFields(deps, tenant, UNSAID, given);
        // Without its type a rule's own fields cannot be judged, those of every rule can.
        const form = issuesOf(ruleFields, given);
        return [...form, ...(await issuesOfFields(deps, tenant, UNSAID, withoutFields(given, form)))];
      },
    ),
    endpoint(
      changeRule,
      async ({ params, body }, { tenant }) => {
        const before = await find(deps, tenant, params.id);
        const { version, selector, ...fields } = body;
        if (version !== before.version) {
          throw new AppError(
            'STORE_CONFLICT',
            `rule "${before.id}" is at version ${before.version}, not ${version}: read it again`,
          );
        }
        const rule = {
          ...before,
          ...fields,
          ...(selector ? { selector: internalSelector(selector) } : {}),
        } as unknown as Rule;
        await refuse(deps, tenant, rule, unusable(rule, Object.keys(fields)));
        // What the caller has read is what may be replaced: a default that nobody has changed yet is at version 0.
        return view(await deps.rules.put(tenant.tenant, rule, version));
      },
      async (given, params, { tenant }) => {
        const before = (await effective(deps, tenant)).find((r) => r.id === params.id);
        return before ? issuesOfFields(deps, tenant, before, given) : [];
      },
    ),
    endpoint(removeRule, async ({ params }, { tenant }) => {
      const rule = await find(deps, tenant, params.id);
      await deps.rules.remove(tenant.tenant, rule, rule.version);
      return null;
    }),
  ];
}

async function effective(deps: RuleApiDeps, tenant: Tenant): Promise<Rule[]> {
  const stored = await deps.rules.list(tenant.tenant);
  return deps.kinds.flatMap((k) => [
    ...effectiveRules(
      k.defaultRules,
      stored.filter((s) => s.kind === k.kind),
    ),
  ]);
}

async function find(deps: RuleApiDeps, tenant: Tenant, id: string): Promise<Rule> {
  const rule = (await effective(deps, tenant)).find((r) => r.id === id);
  if (!rule) throw new AppError('NOT_FOUND', `there is no rule "${id}"`);
  return rule;
}

/** Throws REQUEST_INVALID with everything that is wrong. */
async function refuse(deps: RuleApiDeps, tenant: Tenant, rule: Rule, more: readonly Issue[] = []): Promise<void> {
  const issues = [...(await issuesOfRule(deps, tenant, rule)), ...more];
  if (issues.length === 0) return;
  throw new AppError('REQUEST_INVALID', issues.map((i) => `${i.path}: ${i.message}`).join('; '), {
    context: { issues },
  });
}

async function issuesOfRule(deps: RuleApiDeps, tenant: Tenant, rule: Rule): Promise<Issue[]> {
  const kind = deps.kinds.find((k) => k.kind === rule.kind);
  const scope: RuleScope | undefined = kind && {
    metrics: kind.observed,
    ...(kind.noAbsence === undefined ? {} : { noAbsence: kind.noAbsence }),
    ...(rule.selector.entities ? { entities: await deps.entityIds(tenant.tenant, rule.kind) } : {}),
  };
  const kinds = deps.kinds.map((k) => k.kind);
  return validateRule(rule, scope, kinds);
}

/** Stands for the fields of a new rule that were not said, or not in their form. */
const UNSAID = {
  ...{ id: 'new', kind: '', name: 'New', enabled: true, selector: {}, holdSeconds: 0, clearSeconds: 0 },
  ...{ type: 'absence', slots: 1, severity: 'info', metric: '', comparison: 'below', levels: [] },
  ...{ builtIn: false, version: 0 },
} as unknown as Rule;

/** Of fields that have the right form; what hangs on a field that has not waits for it. */
async function issuesOfFields(deps: RuleApiDeps, tenant: Tenant, before: Rule, given: GivenFields): Promise<Issue[]> {
  const { selector, ...fields } = given;
  const rule = {
    ...before,
    ...fields,
    ...(selector ? { selector: internalSelector(selector as Rule['selector']) } : {}),
  } as Rule;
  const isNew = before === UNSAID;
  const told = new Set(Object.keys(given));
  if (isNew && !told.has('kind')) for (const name of ['kind', 'metric', 'selector']) told.delete(name);
  if (isNew && !told.has('comparison')) told.delete('levels');
  const issues = [...(await issuesOfRule(deps, tenant, rule)), ...unusable(rule, isNew ? [] : Object.keys(fields))];
  return issues.filter((i) => told.has(fieldOf(i)));
}

const OWN_THRESHOLDS =
  'stands with each entity that this rule judges (thresholdMbps and clearMbps of a link): change it there, or add a rule of your own';

/** Fields of the other type of rule would be stored and never heeded. */
function unusable(rule: Rule, given: readonly string[]): Issue[] {
  const judged = ['metric', 'comparison', 'levels'];
  const others = rule.type === 'threshold' ? ['slots', 'severity'] : judged;
  const ofEntities = rule.type === 'threshold' && rule.levelsFrom ? judged : [];
  return [
    ...given
      .filter((f) => others.includes(f))
      .map((path) => ({ path, message: `is not a field of ${rule.type} rules: leave it out` })),
    ...given.filter((f) => ofEntities.includes(f)).map((path) => ({ path, message: OWN_THRESHOLDS })),
  ];
}

/** An id that we never gave out becomes one that no entity has, and is then refused as unknown: ids begin with a source's. */
function internalSelector(selector: {
  entities?: readonly string[] | undefined;
  labels?: Readonly<Record<string, string>> | undefined;
}): Rule['selector'] {
  const { entities, labels } = selector;
  return {
    ...(entities ? { entities: entities.map((id) => fromPublicId(id) ?? `?${id}`) } : {}),
    ...(labels ? { labels } : {}),
  };
}

function view(rule: Rule) {
  const { entities, labels } = rule.selector;
  return {
    ...rule,
    selector: {
      ...(entities ? { entities: entities.map(publicId) } : {}),
      ...(labels ? { labels: { ...labels } } : {}),
    },
    ...(rule.type === 'threshold' ? { levels: rule.levels.map((l) => ({ ...l })) } : {}),
  } as never;
}
