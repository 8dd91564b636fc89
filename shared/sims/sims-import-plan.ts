/** What an import would change: notes by storage target, labels for the provider, and both in words. Pure. */
import type { SimNote } from './note.ts';
import { IMPORT_FIELDS, type ImportField, type SimImportRow } from './sims-import-row.ts';

/** A SIM of the tenant, as far as an import must know it. */
export interface KnownSim {
  readonly iccid: string;
  /** Storage target that its note lies in. */
  readonly target: string;
  readonly label?: string | undefined;
}

/** As a person reads it: tags separated by commas; null = none. */
export interface SimChangeShown {
  readonly line: number;
  readonly iccid: string;
  readonly field: ImportField;
  readonly before: string | null;
  readonly after: string | null;
}

export interface SimImportPlan {
  /** By storage target: each note whole, as it will be. */
  readonly notes: ReadonlyMap<string, readonly SimNote[]>;
  /** '' removes the label. */
  readonly labels: readonly { readonly iccid: string; readonly label: string }[];
  readonly changes: readonly SimChangeShown[];
  /** SIMs with at least one change. */
  readonly changedSims: number;
}

/** Rows of known SIMs; what stays as it is is not written. */
export function planImport(
  rows: readonly SimImportRow[],
  knownSims: ReadonlyMap<string, KnownSim>,
  notes: ReadonlyMap<string, SimNote>,
): SimImportPlan {
  const byTarget = new Map<string, SimNote[]>();
  const labels: { iccid: string; label: string }[] = [];
  const changes: SimChangeShown[] = [];
  let changedSims = 0;
  for (const row of rows) {
    const known = knownSims.get(row.iccid);
    if (!known) continue;
    const note = notes.get(row.iccid);
    const changed = changesOf(row, known, note);
    if (changed.length > 0) changedSims++;
    changes.push(...changed);
    if (changed.some(({ field }) => field === 'label')) labels.push({ iccid: row.iccid, label: row.label ?? '' });
    if (changed.some(({ field }) => field !== 'label')) {
      const ofTarget = byTarget.get(known.target) ?? [];
      ofTarget.push(withRow(note, row));
      byTarget.set(known.target, ofTarget);
    }
  }
  return { notes: byTarget, labels, changes, changedSims };
}

/** As the fleet has it: as given, or without the check digit that is printed on the card; undefined for nobody's. */
export function ownIccid(given: string, known: ReadonlyMap<string, unknown>): string | undefined {
  if (known.has(given)) return given;
  const short = given.slice(0, -1);
  return given.length === LENGTH_WITH_CHECK && isLuhn(given) && known.has(short) ? short : undefined;
}

const LENGTH_WITH_CHECK = 20;

/** ISO/IEC 7812: every second digit from the right counts twice. */
function isLuhn(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** The note as it will be. */
export function withRow(note: SimNote | undefined, row: SimImportRow): SimNote {
  const group = row.group === undefined ? note?.group : (row.group ?? undefined);
  const threshold = row.thresholdPercent === undefined ? note?.thresholdPercent : (row.thresholdPercent ?? undefined);
  return {
    iccid: row.iccid,
    tags: row.tags === undefined ? (note?.tags ?? []) : (row.tags ?? []),
    ...(group === undefined ? {} : { group }),
    ...(threshold === undefined ? {} : { thresholdPercent: threshold }),
  };
}

function changesOf(row: SimImportRow, known: KnownSim, note: SimNote | undefined): SimChangeShown[] {
  const before = shownValues({ ...note, label: known.label });
  const after = shownValues(row);
  return IMPORT_FIELDS.filter((field) => row[field] !== undefined && before[field] !== after[field]).map((field) => ({
    line: row.line,
    iccid: row.iccid,
    field,
    before: before[field],
    after: after[field],
  }));
}

type Values = { readonly [field in ImportField]?: string | number | readonly string[] | null | undefined };

/** Spaces around a value and an empty one are not told from their absence, for no cell can hold them. */
function shownValues(values: Values): Record<ImportField, string | null> {
  const text = (field: ImportField): string | null => {
    const value = values[field];
    return (Array.isArray(value) ? value.join(', ') : String(value ?? '')).trim() || null;
  };
  return {
    label: text('label'),
    tags: text('tags'),
    group: text('group'),
    thresholdPercent: text('thresholdPercent'),
  };
}
