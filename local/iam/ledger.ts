/** Counts what was allowed and denied per function, and lists the grants that no request used. Pure but for its own counts. */
import type { CompiledPolicy, Decision } from './evaluate.ts';

/** One line of the report. */
export interface LedgerRow {
  readonly function: string;
  readonly action: string;
  readonly resource: string;
  readonly count: number;
}
/** What happened so far; the lists are copies. */
export interface LedgerReport {
  readonly allowed: LedgerRow[];
  readonly denied: LedgerRow[];
  /** Patterns as the policies write them, count 0. */
  readonly unused: LedgerRow[];
}
/** The account book of decisions. */
export interface Ledger {
  /** Makes the Allow statements of these policies grants of `owner` (a function's name). */
  grant(owner: string, policies: readonly CompiledPolicy[]): void;
  record(
    entry: { readonly function: string; readonly action: string; readonly resource: string },
    decision: Decision,
  ): void;
  /** The answer of `GET /_local/iam`. */
  report(): LedgerReport;
}

/** Object keys and connection ids have no end; beyond this many rows the rest is counted under one resource. */
const MAX_ROWS = 5_000;
const OTHERS = '(others)';

type Counted = { function: string; action: string; resource: string; count: number };

function count(rows: Map<string, Counted>, owner: string, action: string, resource: string): void {
  const key = JSON.stringify([owner, action, resource]);
  const row = rows.get(key);
  if (row !== undefined) row.count++;
  else if (rows.size >= MAX_ROWS && resource !== OTHERS) count(rows, owner, action, OTHERS);
  else rows.set(key, { function: owner, action, resource, count: 1 });
}

/** An empty one; it lives as long as the process. */
export function createLedger(): Ledger {
  const allowed = new Map<string, Counted>();
  const denied = new Map<string, Counted>();
  const granted = new Map<string, LedgerRow>();
  const used = new Set<string>();
  return {
    grant(owner, policies) {
      for (const statement of policies.flatMap((policy) => policy.statements)) {
        if (statement.effect !== 'Allow') continue;
        for (const { action, resource } of statement.grants) {
          granted.set(JSON.stringify([owner, action, resource]), { function: owner, action, resource, count: 0 });
        }
      }
    },
    record(entry, decision) {
      count(decision.allowed ? allowed : denied, entry.function, entry.action, entry.resource);
      if (!decision.allowed) return;
      for (const { grant } of decision.matchedStatements) {
        used.add(JSON.stringify([entry.function, grant.action, grant.resource]));
      }
    },
    report: () => ({
      allowed: [...allowed.values()].map((row) => ({ ...row })),
      denied: [...denied.values()].map((row) => ({ ...row })),
      unused: [...granted].filter(([key]) => !used.has(key)).map(([, row]) => row),
    }),
  };
}
