/** Reads records from outside member by member: what does not fit is left out and told, the rest is kept. Pure. */
import type * as z from 'zod/mini';
import type { Rejected } from '../collect/collector.port.ts';
import { rawTextOf, rejectIssues, rejectText } from '../collect/rejected.ts';
import { pathText } from '../platform/issues.ts';
import { cleanText } from './onence-texts.ts';

/** `value` undefined: nothing of the answer could be used. */
export interface Converted<T> {
  readonly value: T | undefined;
  readonly rejected: readonly Rejected[];
}

/** A record that is being read: where it stands, and what of it could not be used so far. */
export interface Place {
  readonly path: string;
  readonly rejected: Rejected[];
}

/** The path of an answer as a whole. */
export const WHOLE = 'answer';
/** More than any page that is asked for; whoever sends more does not keep to pages. */
const MAX_MEMBERS = 10_000;

/** Runs one conversion with its own list of what it could not use. */
export function converted<T>(read: (place: Place) => T | undefined): Converted<T> {
  const rejected: Rejected[] = [];
  return { value: read({ path: '', rejected }), rejected };
}

export function within(place: Place, ...names: readonly PropertyKey[]): Place {
  return { path: pathText(place.path, names), rejected: place.rejected };
}

export function reject(place: Place, message: string, raw: unknown): undefined {
  place.rejected.push(rejectText(place.path || WHOLE, message, raw === undefined ? undefined : rawTextOf(raw)));
  return undefined;
}

/** What the schema makes of the record without the members that do not fit; undefined when too little is left. */
export function readRecord<S extends z.ZodMiniType>(place: Place, schema: S, raw: unknown): z.output<S> | undefined {
  let rest = raw;
  for (;;) {
    const parsed = schema.safeParse(rest);
    if (parsed.success) return parsed.data;
    const { issues } = parsed.error;
    // Whatever is wrong after something was left out follows from that.
    if (rest === raw) place.rejected.push(...rejectIssues(place.path, issues, raw).map(named));
    const paths = new Map(issues.map((issue) => [pathText('', issue.path), issue.path]));
    for (const path of paths.values()) rest = without(rest, path);
    if (rest === undefined) return undefined;
  }
}

function named(rejection: Rejected): Rejected {
  return rejection.path === '' ? { ...rejection, path: WHOLE } : rejection;
}

export function isRecord(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without the member; where it is missing already, its owner cannot stand without it and goes as well. */
function without(value: unknown, path: readonly PropertyKey[]): unknown {
  const [name, ...deeper] = path;
  if (name === undefined || !isRecord(value) || !Object.hasOwn(value, name)) return undefined;
  const inner = without(value[name], deeper);
  const { [name]: _, ...others } = value;
  return inner === undefined ? others : { ...others, [name]: inner };
}

/** The members of a list that stands bare or under one of `names`, each with its place; undefined when there is none. */
export function membersOf(
  place: Place,
  json: unknown,
  ...names: readonly string[]
): readonly (readonly [raw: unknown, place: Place])[] | undefined {
  const name = isRecord(json) ? names.find((n) => Object.hasOwn(json, n)) : undefined;
  const list = name !== undefined && isRecord(json) ? json[name] : json;
  const at = name === undefined ? place : within(place, name);
  if (!Array.isArray(list)) return reject(at, 'must be a list', list);
  if (list.length > MAX_MEMBERS)
    at.rejected.push({ path: at.path || WHOLE, message: `only the first ${MAX_MEMBERS} of ${list.length} are read` });
  return list.slice(0, MAX_MEMBERS).map((raw: unknown, index) => [raw, within(at, index)] as const);
}

/** The member as `parse` understands it; absent and null are unknown and nothing to tell, what is not understood is told. */
export function member<U, T>(
  place: Place,
  name: string,
  given: U | null | undefined,
  parse: (given: U) => T | undefined,
  message = 'is not understood',
): T | undefined {
  if (given === undefined || given === null) return undefined;
  return parse(given) ?? reject(within(place, name), message, given);
}

/** Free text, cleaned; that it had to be is told. Empty is absent. */
export function prose(
  place: Place,
  name: string,
  given: string | null | undefined,
  limit: number,
  keptControls?: RegExp,
): string | undefined {
  if (given === undefined || given === null) return undefined;
  const text = cleanText(given, limit, keptControls);
  if (text !== given) reject(within(place, name), `is kept without control characters, ${limit} long at most`, given);
  return filled(text);
}

/** Empty texts stand for what is unset. */
export function filled(text: string | null | undefined): string | undefined {
  return text === undefined || text === null || text.trim() === '' ? undefined : text;
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that are known. */
export function known<T extends object>(fields: T): Known<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Known<T>;
}
