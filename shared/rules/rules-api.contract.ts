/** What the API says and takes of rules. */
import * as z from 'zod/mini';
import { idParams, listOf, listQuery, route } from '../platform/route.ts';

const severity = z.enum(['info', 'warning', 'critical'], 'must be info, warning or critical');
const level = z.strictObject({ severity, fire: z.number(), clear: z.number() });
const selector = z.strictObject({
  /** Ids as the API gives them. */
  entities: z.optional(z.array(z.string())),
  labels: z.optional(z.record(z.string(), z.string())),
});

const common = {
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  enabled: z.optional(z.boolean()),
  selector: z.optional(selector),
  holdSeconds: z.optional(z.number()),
  clearSeconds: z.optional(z.number()),
  message: z.optional(z.string()),
  /** Left out, they are as those of the built-in rule that judges the same; where there is none, false. */
  mutesDependents: z.optional(z.boolean()),
  mutedByUplink: z.optional(z.boolean()),
} as const;

const thresholdFields = {
  type: z.literal('threshold'),
  metric: z.string(),
  comparison: z.enum(['below', 'above'], 'must be below or above'),
  /** Mildest first. */
  levels: z.array(level),
} as const;
const absenceFields = { type: z.literal('absence'), slots: z.number(), severity } as const;

/** What every new rule has, whatever its type. */
export const ruleFields = z.object(common);

export const newRule = z.discriminatedUnion('type', [
  z.strictObject({ ...common, ...thresholdFields }),
  z.strictObject({ ...common, ...absenceFields }),
]);

/** Any field but id, kind and type; `version` is the one that was read. */
export const ruleChange = z.strictObject({
  version: z.int(),
  name: z.optional(z.string()),
  enabled: z.optional(z.boolean()),
  selector: z.optional(selector),
  holdSeconds: z.optional(z.number()),
  clearSeconds: z.optional(z.number()),
  message: z.optional(z.string()),
  mutesDependents: z.optional(z.boolean()),
  mutedByUplink: z.optional(z.boolean()),
  metric: z.optional(z.string()),
  comparison: z.optional(z.enum(['below', 'above'], 'must be below or above')),
  levels: z.optional(z.array(level)),
  slots: z.optional(z.number()),
  severity: z.optional(severity),
});

const shown = {
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  builtIn: z.boolean(),
  selector,
  holdSeconds: z.number(),
  clearSeconds: z.number(),
  message: z.optional(z.string()),
  /** Its alerts mean that the entity is down: they mute those of whatever names it as its uplink. */
  mutesDependents: z.optional(z.boolean()),
  /** While an uplink of the entity is down, its alerts are listed and not told. */
  mutedByUplink: z.optional(z.boolean()),
  /** Send it back with a change: one of another version is refused. */
  version: z.int(),
} as const;

export const ruleView = z.discriminatedUnion('type', [
  /** `levelsFrom`: attributes of the entity that hold thresholds of its own, in place of the levels. */
  z.object({ ...shown, ...thresholdFields, levelsFrom: z.optional(z.object({ fire: z.string(), clear: z.string() })) }),
  z.object({ ...shown, ...absenceFields }),
]);

export const listRules = route({
  key: 'GET /v1/rules',
  summary: 'The rules that hold: defaults, changed ones and own ones',
  needs: 'viewer',
  query: z.strictObject({ ...listQuery, kind: z.optional(z.string()) }),
  response: listOf(ruleView),
});
export const readRule = route({
  key: 'GET /v1/rules/{id}',
  summary: 'One rule',
  needs: 'viewer',
  params: idParams,
  response: ruleView,
});
export const addRule = route({
  key: 'POST /v1/rules',
  summary: 'Adds a rule',
  needs: 'operator',
  body: newRule,
  response: ruleView,
  status: 201,
});
export const changeRule = route({
  key: 'PATCH /v1/rules/{id}',
  summary: 'Changes a rule, a default one too',
  needs: 'operator',
  params: idParams,
  body: ruleChange,
  response: ruleView,
});
export const removeRule = route({
  key: 'DELETE /v1/rules/{id}',
  summary: 'Removes a rule; a default one is disabled',
  needs: 'operator',
  params: idParams,
  response: z.null(),
  status: 204,
});

export const ruleRoutes = [listRules, readRule, addRule, changeRule, removeRule];
