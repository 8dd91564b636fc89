/** What becomes of an open worry that no rule judged this time: gone for good, or only unknown for now. Pure. */

import type { Context } from './context.ts';
import type { Finding } from './finding.ts';
import { matches, type RuleIndex } from './selector.ts';

/** What is needed of an open alert. */
export interface Worry {
  readonly entity: string;
  readonly entityName: string;
  readonly rule: string;
}

/** `targetExists` is false when the source itself was removed. */
export function uncovered(worry: Worry, rules: RuleIndex, context: Context, targetExists: boolean): Finding {
  const { now } = context;
  const base = { entity: worry.entity, entityName: worry.entityName, rule: worry.rule, since: now, at: now };
  const gone = (reason: string): Finding => ({ ...base, state: 'gone', reason });
  const rule = rules.byId.get(worry.rule);
  if (!targetExists) return gone('entity removed');
  if (!rule) return gone('rule removed');
  if (!rule.enabled) return gone('rule disabled');
  // The absence rule of a source that is switched off, or that the rule no longer selects, watches nothing any more.
  if (rule.type === 'absence') return gone('rule disabled');
  const entity = context.window.entities.find((e) => e.id === worry.entity && e.removedAt === undefined);
  if (!entity) return gone('entity removed');
  if (!matches(rule, entity)) return gone('rule disabled');
  return { ...base, state: 'unknown', reason: 'not judged' };
}
