/** What becomes of a record whose time, dimensions and measure name are stored already. Pure. */
import type { Measures } from './timestream-records.ts';

/** A stored record, as far as the rules of versions ask for it. */
export interface Stored {
  readonly version: number;
  readonly measures: Measures;
}

export type Verdict =
  | { readonly kind: 'insert' | 'replace' | 'keep' }
  | { readonly kind: 'reject'; readonly reason: string; readonly existingVersion: number };

/** A higher version replaces; equal values are welcome at any version; other values need a higher version. */
export function judgeVersion(stored: Stored | undefined, version: number, measures: Measures): Verdict {
  if (!stored) return { kind: 'insert' };
  if (version > stored.version) return { kind: 'replace' };
  if (sameMeasures(stored.measures, measures)) return { kind: 'keep' };
  const reason =
    version < stored.version
      ? `The record version ${version} is lower than the existing version ${stored.version}. A higher version is required to update the measure value.`
      : 'A record already exists with the same time, dimensions, measure name, and record version. A higher record version must be specified in order to update the measure value.';
  return { kind: 'reject', reason, existingVersion: stored.version };
}

function sameMeasures(a: Measures, b: Measures): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([name, { type, value }]) => b.get(name)?.type === type && Object.is(b.get(name)?.value, value));
}
