/** Entity ids as they stand in URLs: every character safe in a path, and still readable. Pure. */

/** Entity ids use `/` between source and name, and may hold whatever a router calls its interfaces. */
export function publicId(id: string): string {
  return id.replace(/[^A-Za-z0-9._:-]/gu, (c) => (c === '/' ? '~' : escapeBytes(c)));
}

/** Undefined when the text is no id that we gave out. */
export function fromPublicId(text: string): string | undefined {
  if (!/^([A-Za-z0-9._:~-]|=[0-9A-F]{2})+$/.test(text)) return undefined;
  const escaped = text.replace(/~/g, '/').replace(/=([0-9A-F]{2})/g, (_, hex: string) => `%${hex}`);
  try {
    const id = decodeURIComponent(escaped);
    return publicId(id) === text ? id : undefined;
  } catch {
    return undefined;
  }
}

function escapeBytes(character: string): string {
  return [...Buffer.from(character, 'utf8')]
    .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('');
}
