/** Strings of a router made fit for keys and screens. Pure. */

/** Control, format (invisible, direction-changing), surrogate and line-breaking characters. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const utf8 = new TextDecoder('utf-8');

/** Octets (or text) without what nobody can see, trimmed, and cut to `limit` characters. */
export function displayText(value: Uint8Array | string, limit: number): string {
  const text = typeof value === 'string' ? value : utf8.decode(value);
  const shown = text.replace(UNSHOWN, '').trim();
  // Cut between characters, of two units at most, and only where it must be: this runs for every row of every walk.
  return shown.length <= limit ? shown : [...shown.slice(0, 2 * limit)].slice(0, limit).join('').trim();
}
