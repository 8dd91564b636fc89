/** Sentences of RouterOS's API from the server's side: cut out of what a client sends, and packed for it. Pure but for its state. */

/** A sentence of these words; an empty word ends it. */
export function worded(words: readonly string[]): Buffer {
  return Buffer.concat([...words, ''].map(packed));
}

function packed(word: string): Buffer {
  const octets = Buffer.from(word);
  const { length } = octets;
  if (length < 0x80) return Buffer.from([length, ...octets]);
  const [width, mark] = length < 0x4000 ? [2, 0x80] : length < 0x20_0000 ? [3, 0xc0] : [4, 0xe0];
  const head = Buffer.alloc(width);
  head.writeUIntBE(length, 0, width);
  head.writeUInt8(head.readUInt8(0) | mark, 0);
  return Buffer.concat([head, octets]);
}

/** Takes octets, gives the words of whole sentences. A client is nobody to be afraid of here. */
export class Unworder {
  #held = Buffer.alloc(0);

  push(octets: Buffer): void {
    this.#held = Buffer.concat([this.#held, octets]);
  }

  next(): string[] | undefined {
    const words: string[] = [];
    for (let at = 0; at < this.#held.length; ) {
      const first = this.#held.readUInt8(at);
      const width = first < 0x80 ? 1 : first < 0xc0 ? 2 : first < 0xe0 ? 3 : 4;
      if (this.#held.length < at + width) return undefined;
      const marks = [0, 0, 0x80_00, 0xc0_00_00, 0xe0_00_00_00][width] ?? 0;
      const length = this.#held.readUIntBE(at, width) - marks;
      const end = at + width + length;
      if (length === 0) {
        this.#held = this.#held.subarray(end);
        return words;
      }
      if (this.#held.length < end) return undefined;
      words.push(this.#held.toString('utf8', at + width, end));
      at = end;
    }
    return undefined;
  }
}
