/** A tenant's rules as this function remembers them: at most 30 s old, indexed anew only when the set has changed. */
import type { Clock, Instant } from '../../shared/platform/clock.ts';
import { effectiveRules } from '../../shared/rules/effective.ts';
import type { Rule } from '../../shared/rules/rule.ts';
import type { RuleStore } from '../../shared/rules/rules.port.ts';
import { indexRules, type RuleIndex } from '../../shared/rules/selector.ts';

/** How long a change of a rule may take to be heeded where nothing is born or buried by it. */
export const MAX_AGE_MS = 30_000;
/** More tenants than one worker serves within that time; a bound, so that memory has one. */
const MAX_REMEMBERED = 500;

export interface RuleMemory {
  /** `fresh` = read just now. */
  recall(tenant: string, kind: string, defaults: readonly Rule[]): Promise<{ index: RuleIndex; fresh: boolean }>;
  reread(tenant: string, kind: string, defaults: readonly Rule[]): Promise<RuleIndex>;
}

interface Remembered {
  readonly readAt: Instant;
  readonly version: string;
  readonly index: RuleIndex;
}

export function createRuleMemory(deps: { rules: Pick<RuleStore, 'list'>; clock: Clock }): RuleMemory {
  const remembered = new Map<string, Remembered>();
  const memory: RuleMemory = {
    async recall(tenant, kind, defaults) {
      const known = remembered.get(`${tenant}#${kind}`);
      const ageMs = known ? deps.clock.now() - known.readAt : Number.POSITIVE_INFINITY;
      // A negative age is a clock that was set back: nothing is known about the time since.
      if (known && ageMs >= 0 && ageMs <= MAX_AGE_MS) return { index: known.index, fresh: false };
      return { index: await memory.reread(tenant, kind, defaults), fresh: true };
    },
    async reread(tenant, kind, defaults) {
      const key = `${tenant}#${kind}`;
      const readAt = deps.clock.now();
      const stored = (await deps.rules.list(tenant)).filter((rule) => rule.kind === kind);
      const version = JSON.stringify(stored.map((rule) => [rule.id, rule.version, rule.rule !== undefined]));
      const known = remembered.get(key);
      const index = known?.version === version ? known.index : indexRules(effectiveRules(defaults, stored));
      if (!known && remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(key, { readAt, version, index });
      return index;
    },
  };
  return memory;
}
