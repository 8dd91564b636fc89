/** How many messages a text becomes on the air: 3GPP TS 23.038 alphabet, or UCS-2 where a character is not in it. Pure. */

export interface SmsSize {
  readonly encoding: 'gsm7' | 'ucs2';
  readonly parts: number;
}

const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Each takes two places: an escape stands in front. */
const EXTENSION = '^{}\\[~]|€\f';

/** Characters of one message alone, and of each part of a longer one, which gives some room to its header. */
const ROOM = { gsm7: { alone: 160, part: 153 }, ucs2: { alone: 70, part: 67 } } as const;

export function smsSize(text: string): SmsSize {
  const characters = [...text];
  const encoding = characters.every((c) => BASIC.includes(c) || EXTENSION.includes(c)) ? 'gsm7' : 'ucs2';
  const widths = characters.map((c) => (encoding === 'ucs2' ? c.length : EXTENSION.includes(c) ? 2 : 1));
  const room = ROOM[encoding];
  if (widths.reduce((sum, w) => sum + w, 0) <= room.alone) return { encoding, parts: 1 };
  let parts = 1;
  let used = 0;
  for (const width of widths) {
    // No character is cut in two.
    if (used + width > room.part) {
      parts++;
      used = 0;
    }
    used += width;
  }
  return { encoding, parts };
}
