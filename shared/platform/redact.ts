/** Takes secrets out of text that is about to be kept, logged or shown. Pure; works on broken and truncated text too. */

/** Stands where a secret stood. No secret holds this character, so masking never makes a new one appear. */
export const MASK = '•••';

export interface Redaction {
  /** Names whose values are masked wherever they stand before `:` or `=`, in any case, quoted or not. */
  readonly keys?: readonly string[];
  /** Values that are masked wherever they stand, also JSON-escaped, percent-encoded or (long numbers) spaced. */
  readonly secrets?: readonly string[];
}

/** Shorter values are masked only where they stand alone: "44" is in every second number. */
const SHORT_SECRET = 4;
/** Numbers at least this long (telephone numbers) are recognised with separators between their digits. */
const SPACED_DIGITS = 8;
/** JSON web tokens and bearer tokens give themselves away by their shape, whole or cut. */
const TOKEN_SHAPES = /\beyJ[\w-]{6,}(?:\.[\w-]*)*|(?<=\bbearer\s+)[\w.~+/=-]+/gi;

/** The text without the values of the named keys, the given secrets, and anything shaped like a token. */
export function redact(text: string, redaction: Redaction): string {
  const withoutTokens = text.replace(TOKEN_SHAPES, MASK);
  return maskSecrets(maskKeys(withoutTokens, redaction.keys ?? []), redaction.secrets ?? []);
}

/** At most `limit` characters, saying how much was cut. Redact first: a cut may leave half a secret. */
export function cutText(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}… (${text.length - limit} more characters)`;
}

function maskKeys(text: string, keys: readonly string[]): string {
  if (keys.length === 0) return text;
  const start = new RegExp(`(?<![A-Za-z0-9_])(?:${keys.map(escapeRegExp).join('|')})(\\\\*["'])?\\s*[:=]\\s*`, 'gi');
  let out = '';
  let from = 0;
  for (let match = start.exec(text); match; match = start.exec(text)) {
    const valueAt = match.index + match[0].length;
    const end = endOfValue(text, valueAt);
    const quote = match[1] ?? '';
    out += `${text.slice(from, valueAt)}${quote}${MASK}${quote}`;
    from = end;
    start.lastIndex = end;
  }
  return out + text.slice(from);
}

/** Index after the value that begins at `at`: a string, an object or list, or a bare word; the end when it was cut. */
function endOfValue(text: string, at: number): number {
  const quoted = /\\*["']/y;
  quoted.lastIndex = at;
  const opening = quoted.exec(text)?.[0];
  if (opening !== undefined) return endOfString(text, at + opening.length, opening);
  const first = text[at];
  if (first === '{' || first === '[') return endOfBrackets(text, at);
  const bare = /[^,;&}\]\s]*/y;
  bare.lastIndex = at;
  return at + (bare.exec(text)?.[0].length ?? 0);
}

/** A quote closes the string when it is escaped exactly as deeply as the one that opened it. */
function endOfString(text: string, at: number, opening: string): number {
  const depth = opening.length - 1;
  const quote = opening.slice(-1);
  let backslashes = 0;
  for (let i = at; i < text.length; i++) {
    const c = text[i];
    if (c === quote && (depth === 0 ? backslashes % 2 === 0 : backslashes === depth)) return i + 1;
    backslashes = c === '\\' ? backslashes + 1 : 0;
  }
  return text.length;
}

function endOfBrackets(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const c = text[i];
    if (c === '"') i = endOfString(text, i + 1, '"') - 1;
    else if (c === '{' || c === '[') depth++;
    else if ((c === '}' || c === ']') && --depth === 0) return i + 1;
  }
  return text.length;
}

function maskSecrets(text: string, secrets: readonly string[]): string {
  const patterns = [...new Set(secrets.flatMap(spellings))]
    .filter((spelling) => spelling.length > 0)
    .sort((a, b) => b.length - a.length)
    .map(secretPattern);
  return patterns.length === 0 ? text : text.replace(new RegExp(patterns.join('|'), 'g'), MASK);
}

function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const wellFormed = secret.replace(/\p{Cs}/gu, '\uFFFD');
  const form = new URLSearchParams([['', wellFormed]]).toString().slice(1);
  return [secret, json, json.replaceAll('/', '\\/'), encodeURIComponent(wellFormed), form];
}

function secretPattern(spelling: string): string {
  if (spelling.length < SHORT_SECRET) return `(?<![A-Za-z0-9])${escapeRegExp(spelling)}(?![A-Za-z0-9])`;
  const digits = new RegExp(`^\\d{${SPACED_DIGITS},}$`).test(spelling);
  return digits ? [...spelling].join('[ ().-]{0,2}') : escapeRegExp(spelling);
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
