/** What the cells of an import say of one SIM: each value read, or a sentence why not. Pure. */

/** Undefined: leave as it is. Null: remove. */
export interface SimImportRow {
  readonly line: number;
  readonly iccid: string;
  readonly label?: string | null;
  readonly tags?: readonly string[] | null;
  readonly group?: string | null;
  readonly thresholdPercent?: number | null;
}

export type ImportField = 'label' | 'tags' | 'group' | 'thresholdPercent';
export const IMPORT_FIELDS: readonly ImportField[] = ['label', 'tags', 'group', 'thresholdPercent'];

export type Read<T> = { readonly value: T } | { readonly message: string };

const MAX_TAGS = 20;
const TAG = /^[a-z0-9_-]{1,40}$/;
const MAX_GROUP_CHARACTERS = 60;
const MAX_LABEL_CHARACTERS = 255;
const LONGEST_SHOWN = 40;
const REMOVE = '-';

/** 18 to 20 digits; without spaces, and without what people add to keep it text. */
export function readIccid(cell: string): Read<string> {
  const text = cell
    .trim()
    .replace(/^="(.*)"$/, '$1')
    .replace(/^'/, '')
    .replace(/[\s-]/g, '');
  if (text === '') return { message: 'is empty: whose row is this?' };
  if (/^\d+([.,]\d+)?E\+?\d+$/i.test(text)) {
    return {
      message: `${shown(cell)} is what a spreadsheet makes of a long number, and its last digits are lost: format the column as text, paste the ICCIDs again, and save as .xlsx`,
    };
  }
  if (/^\d{18,20}$/.test(text)) return { value: text };
  return { message: `${shown(cell)} is no ICCID: send its 18 to 20 digits` };
}

/** A cell that says something; undefined leaves the value as it is. */
export function readField(
  field: ImportField,
  cell: string,
): Read<string | readonly string[] | number | null> | undefined {
  const text = cell.trim();
  if (text === '') return undefined;
  if (text === REMOVE) return { value: null };
  return READERS[field](literal(text));
}

const READERS: Readonly<Record<ImportField, (text: string) => Read<string | readonly string[] | number>>> = {
  label: (text) => readText(text, MAX_LABEL_CHARACTERS),
  group: (text) => readText(text, MAX_GROUP_CHARACTERS),
  tags: readTags,
  thresholdPercent: readPercent,
};

/** The value is a dash: an export wrote an apostrophe before it. */
function literal(text: string): string {
  return /^'+-$/.test(text) ? text.slice(1) : text;
}

function readText(text: string, most: number): Read<string> {
  if (/[\p{Cc}\p{Cs}]/u.test(text))
    return { message: `${shown(text)} holds a line break or another control character` };
  return text.length > most ? { message: `has more than ${most} characters` } : { value: text };
}

/** Separated by commas or semicolons, in any order and case. */
function readTags(text: string): Read<readonly string[]> {
  const given = text.split(/[,;]/).map((tag) => tag.trim().toLowerCase());
  const tags = [...new Set(given.filter((tag) => tag !== ''))].sort();
  const wrong = tags.find((tag) => !TAG.test(tag));
  if (wrong !== undefined) {
    return { message: `${shown(wrong)} is no tag: 1 to 40 letters a-z, digits, - and _, separated by commas` };
  }
  if (tags.length > MAX_TAGS) return { message: `more than ${MAX_TAGS} tags` };
  return tags.length === 0 ? { message: 'names no tag: to remove all of them, write -' } : { value: tags };
}

function readPercent(text: string): Read<number> {
  const number = /^(\d{1,3}(?:[.,]\d{1,4})?)\s*%?$/.exec(text)?.[1]?.replace(',', '.');
  const value = Number(number ?? Number.NaN);
  return value >= 0 && value <= 100 ? { value } : { message: `${shown(text)} is no percentage from 0 to 100` };
}

/** Text of a stranger in a message: short, and quoted. */
function shown(text: string): string {
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
}
