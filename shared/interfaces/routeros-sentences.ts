/** Sentences of RouterOS's API cut out of the octets of a connection, and packed into them (help.mikrotik.com, API). Pure. */
import { isUtf8 } from 'node:buffer';
import { AppError } from '../platform/errors.ts';

/** A comment has a few thousand octets; a longer word is a length that was made up. */
export const MAX_WORD_BYTES = 65_536;
/** Menus have a few dozen fields. */
export const MAX_WORDS = 512;
/** What every word of a reply begins with that opens a sentence. */
const OPENING = 0x21;

/** The words, each behind its length, and the empty one that ends them. */
export function toSentence(words: readonly string[]): Buffer {
  const parts = words.flatMap((word) => {
    const octets = Buffer.from(word, 'utf8');
    return [lengthOctets(octets.length), octets];
  });
  return Buffer.concat([...parts, Buffer.of(0)]);
}

/** In one to five octets: as many ones as octets follow begin the first of them. */
export function lengthOctets(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  if (length < 0x4000) return Buffer.of(0x80 | (length >> 8), length & 0xff);
  const octets = Buffer.alloc(5);
  octets.writeUInt32BE(length, 1);
  if (length < 0x200000) {
    octets.writeUInt8(octets.readUInt8(2) | 0xc0, 2);
    return octets.subarray(2);
  }
  if (length < 0x10000000) {
    octets.writeUInt8(octets.readUInt8(1) | 0xe0, 1);
    return octets.subarray(1);
  }
  octets.writeUInt8(0xf0, 0);
  return octets;
}

/** Takes octets as packets bring them and gives whole replies; where packets end makes no difference. */
export class SentenceReader {
  /** Packets that are not read to their end, from `#first` on; the first of them from `#at` on. */
  #packets: Buffer[] = [];
  #first = 0;
  #at = 0;
  #held = 0;
  /** Length of the word that is being waited for. */
  #wanted: number | undefined;
  #words: string[] = [];

  push(octets: Uint8Array): void {
    if (octets.length === 0) return;
    this.#packets.push(Buffer.from(octets.buffer, octets.byteOffset, octets.length));
    this.#held += octets.length;
  }

  /** The words of the next whole reply, undefined until there is one. Throws SOURCE_MALFORMED for what is none. */
  next(): readonly string[] | undefined {
    for (;;) {
      this.#wanted ??= this.#takeLength();
      if (this.#wanted === undefined) return undefined;
      this.#refuse(this.#wanted);
      if (this.#held < this.#wanted) return undefined;
      const word = this.#take(this.#wanted);
      this.#wanted = undefined;
      if (word.length > 0) this.#words.push(textOf(word));
      // An empty sentence is none.
      else if (this.#words.length > 0) return this.#words.splice(0);
    }
  }

  /** Before the word is there: whoever speaks another protocol may send nothing more. */
  #refuse(length: number): void {
    if (length > MAX_WORD_BYTES) throw malformed(`announced a word of ${length} octets`);
    if (this.#words.length >= MAX_WORDS) throw malformed(`sent a reply of more than ${MAX_WORDS} words`);
    const isOpening = this.#words.length === 0 && length > 0;
    if (isOpening && this.#held > 0 && this.#octet(0) !== OPENING) {
      throw malformed('does not speak its API here: is this port its api-ssl?');
    }
  }

  #takeLength(): number | undefined {
    if (this.#held === 0) return undefined;
    const first = this.#octet(0);
    if (first >= 0xf8) throw malformed('does not speak its API here: is this port its api-ssl?');
    const more = first < 0x80 ? 0 : first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (this.#held <= more) return undefined;
    const octets = this.#take(more + 1);
    // The ones at the beginning say how many follow; of the longest form they are all that the first octet holds.
    const start = more === 4 ? 0 : first & (0xff >> (more + 1));
    return octets.subarray(1).reduce((length, octet) => length * 256 + octet, start);
  }

  #octet(offset: number): number {
    return this.#packets[this.#first]?.[this.#at + offset] ?? 0;
  }

  /** So many of the octets that are held, each copied once at most. */
  #take(length: number): Buffer {
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const packet = this.#packets[this.#first] ?? Buffer.alloc(0);
      const part = packet.subarray(this.#at, this.#at + left);
      parts.push(part);
      left -= part.length;
      this.#at += part.length;
      if (this.#at === packet.length) this.#drop();
    }
    this.#held -= length;
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** The list is cut only when half of it is read, so that no packet moves it all. */
  #drop(): void {
    this.#at = 0;
    this.#first++;
    if (this.#first * 2 < this.#packets.length) return;
    this.#packets = this.#packets.slice(this.#first);
    this.#first = 0;
  }
}

/** WinBox writes names in whatever code page its Windows has: then each octet is a character, so that two stay two. */
function textOf(word: Buffer): string {
  return word.toString(isUtf8(word) ? 'utf8' : 'latin1');
}

function malformed(what: string): AppError {
  return new AppError('SOURCE_MALFORMED', `the router ${what}`);
}
