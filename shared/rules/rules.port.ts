/** Where a tenant's own rules, and its changes to the defaults, are kept. */
import type { Rule } from './rule.ts';

/** What a tenant says about one rule id; without `rule` it is a tombstone, which disables a default. */
export interface StoredRule {
  readonly id: string;
  readonly kind: string;
  /** Of the stored item; rises with every write, also over a tombstone. */
  readonly version: number;
  readonly rule?: Rule;
}

export interface RuleStore {
  /** In order of id, consistent. */
  list(tenant: string): Promise<StoredRule[]>;
  read(tenant: string, id: string): Promise<StoredRule | undefined>;
  /**
   * `expectedVersion` is the version it was read with, 0 for what is not stored yet (a new rule, an untouched default).
   * Resolves to the rule as stored, with its new version. Throws STORE_CONFLICT when that version has passed.
   */
  put(tenant: string, rule: Rule, expectedVersion: number): Promise<Rule>;
  /** Leaves a tombstone over a default; any other rule is gone. Throws STORE_CONFLICT like `put`. */
  remove(tenant: string, rule: Pick<Rule, 'id' | 'kind' | 'builtIn'>, expectedVersion: number): Promise<void>;
}
