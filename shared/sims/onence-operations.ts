/** Thousands of calls as a few lines of the run log: one per name and outcome. Pure. */
import type { Operation } from '../collect/collector.port.ts';

export interface OperationTally {
  add(operation: Operation): void;
  /** In the order in which outcomes first occurred; `responseMs` is the mean. */
  lines(): Operation[];
}

/** A person reads them; with generations and outcomes a run has about ten. */
const MAX_LINES = 20;
/** A provider that words every failure anew must not fill the memory; what comes after these is one line. */
const MAX_OUTCOMES = 500;
const MAX_SENTENCE = 160;

interface Line {
  readonly first: Operation;
  readonly calls: number;
  readonly totalMs: number;
}

const OTHERS: Line = { first: { name: 'other calls', ok: false, responseMs: 0 }, calls: 0, totalMs: 0 };

export function openOperationTally(): OperationTally {
  const lines = new Map<string, Line>();
  return {
    add(operation) {
      const { error, ...rest } = operation;
      const first = error === undefined ? rest : { ...rest, error: firstSentence(error) };
      const outcome = JSON.stringify([first.name, first.ok, first.status, error && firstSentence(error)]);
      const id = lines.has(outcome) || lines.size < MAX_OUTCOMES ? outcome : 'others';
      lines.set(
        id,
        joined(lines.get(id) ?? (id === 'others' ? OTHERS : { ...OTHERS, first }), { first, ...one(operation) }),
      );
    },
    lines() {
      const all = [...lines.values()];
      if (all.length <= MAX_LINES) return all.map(toOperation);
      const shown = all.slice(0, MAX_LINES - 1);
      return [...shown, all.slice(MAX_LINES - 1).reduce(joined, OTHERS)].map(toOperation);
    },
  };
}

function one({ responseMs }: Operation): Pick<Line, 'calls' | 'totalMs'> {
  return { calls: 1, totalMs: responseMs };
}

function joined(line: Line, other: Line): Line {
  return { first: line.first, calls: line.calls + other.calls, totalMs: line.totalMs + other.totalMs };
}

function toOperation({ first, calls, totalMs }: Line): Operation {
  const name = calls === 1 ? first.name : `${first.name} (${calls} calls)`;
  return { ...first, name, responseMs: Math.round(totalMs / calls) };
}

function firstSentence(text: string): string {
  return (text.split(/(?<=[.!?])\s|\n/)[0] ?? '').slice(0, MAX_SENTENCE);
}
