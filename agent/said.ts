/** What the house says in an answer that may be anything, made fit for a line of the log. Pure. */

const MAX_WORDS = 300;

export function detailOf(text: string): string {
  const detail = fieldOf(text, 'detail');
  return typeof detail === 'string' ? oneLine(detail) : 'no words';
}

/** Without what would begin a line of its own. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').slice(0, MAX_WORDS);
}

/** A field of a JSON object; undefined where there is none. */
export function fieldOf(text: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  } catch {
    return undefined;
  }
}
