/** What is wrong with a value, in sentences with a place: zod/mini brings neither. Pure. */
import type * as z from 'zod/mini';
import type { Issue } from './errors.ts';

/** What is used of zod's issues. */
type SchemaIssue = Pick<z.core.$ZodIssue, 'path' | 'message'> & Partial<z.core.$ZodIssue>;

/** Everything that is wrong with a value; paths begin with `start`. Empty when it fits. Never repeats the value. */
export function issuesOf(schema: z.ZodMiniType, value: unknown, start = ''): Issue[] {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : issuesOfError(parsed.error, start);
}

export function issuesOfError(error: z.core.$ZodError, start: string): Issue[] {
  return error.issues.flatMap((issue) => {
    const path = pathText(start, issue.path);
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issueText(issue) }];
    return issue.keys.map((key) => ({ path: pathText(path, [key]), message: 'is not a field here: remove it' }));
  });
}

/** `data.list[0].name`, without a dot in front. */
export function pathText(start: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`,
    start,
  );
}

/** A schema's own message wins; zod's bare "Invalid input" becomes what was expected. */
export function issueText(issue: SchemaIssue): string {
  if (issue.message !== 'Invalid input') return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'must be a whole number' : `must be of type ${String(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values?.length === 1 ? '' : 'one of '}${(issue.values ?? []).map(String).join(', ')}`;
    case 'too_small':
      return `must be at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
    case 'invalid_union':
      // Of a choice by one field, the schema knows what that field may hold.
      return 'options' in issue && Array.isArray(issue.options)
        ? `must be one of ${issue.options.map(String).join(', ')}`
        : 'is not what is expected here';
    default:
      return 'is not what is expected here';
  }
}

function unitOf(origin: unknown): string {
  return origin === 'string' ? ' characters long' : origin === 'array' ? ' entries' : '';
}

/** Names that are not known; a misspelt setting must not be silently no setting. */
export function unknownNames(known: readonly string[], given: Readonly<Record<string, unknown>>): Issue[] {
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: name, message: `is not known; known are ${known.join(', ')}` }));
}
