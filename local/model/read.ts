/** Reads fields of resolved properties; a missing required one is a sentence, not a crash three services later. Pure. */

export type Fields = Readonly<Record<string, unknown>>;

export function text(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value.length > 0) return value;
  throw new Error(`${name} must be a text, not ${JSON.stringify(value)}`);
}

export function optionalText(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined ? undefined : text(fields, name);
}

export function number(fields: Fields, name: string, fallback: number): number {
  const value = fields[name];
  if (value === undefined) return fallback;
  const parsed = typeof value === 'string' ? Number(value) : value;
  if (typeof parsed === 'number' && Number.isFinite(parsed)) return parsed;
  throw new Error(`${name} must be a number, not ${JSON.stringify(value)}`);
}

/** An absent object reads as an empty one. */
export function object(fields: Fields, name: string): Fields {
  const value = fields[name] ?? {};
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error(`${name} must be an object, not ${JSON.stringify(value)}`);
}

/** An absent list reads as an empty one. */
export function array(fields: Fields, name: string): Fields[] {
  const value = fields[name] ?? [];
  if (Array.isArray(value)) return value as Fields[];
  throw new Error(`${name} must be a list, not ${JSON.stringify(value)}`);
}
