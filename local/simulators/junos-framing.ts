/** RFC 6242 from the server's side: messages cut out of what a client sends, and packed for it. Pure but for its state. */

const END_MARK = ']]>]]>';

/** Octets as text of one character each, so that lengths are octets; a message comes out as the text that it is. */
export class Unframer {
  isChunked = false;
  #held = '';
  #chunks = '';

  push(octets: Buffer): void {
    this.#held += octets.toString('latin1');
  }

  /** Throws Error for what is no framing. */
  next(): string | undefined {
    return this.isChunked ? this.#ofChunks() : this.#byEndMark();
  }

  #byEndMark(): string | undefined {
    const at = this.#held.indexOf(END_MARK);
    if (at === -1) return undefined;
    const message = this.#held.slice(0, at);
    this.#held = this.#held.slice(at + END_MARK.length);
    return textOf(message);
  }

  #ofChunks(): string | undefined {
    for (;;) {
      const header = /^\n#(#|[1-9]\d{0,9})\n/.exec(this.#held);
      if (header === null) {
        if (this.#held.length > 13) throw new Error('that is no chunk');
        return undefined;
      }
      const [whole, size] = header;
      if (size === '#') {
        this.#held = this.#held.slice(whole.length);
        const message = this.#chunks;
        this.#chunks = '';
        return textOf(message);
      }
      const end = whole.length + Number(size);
      if (this.#held.length < end) return undefined;
      this.#chunks += this.#held.slice(whole.length, end);
      this.#held = this.#held.slice(end);
    }
  }
}

function textOf(octets: string): string {
  return Buffer.from(octets, 'latin1').toString('utf8');
}

/** Junos sends chunks of a few kilobytes, wherever a character ends. */
const CHUNK_BYTES = 4096;

export function framed(message: string, isChunked: boolean): Buffer {
  const octets = Buffer.from(message);
  if (!isChunked) return Buffer.concat([octets, Buffer.from(`${END_MARK}\n`)]);
  const parts: Buffer[] = [];
  for (let at = 0; at < octets.length; at += CHUNK_BYTES) {
    const chunk = octets.subarray(at, at + CHUNK_BYTES);
    parts.push(Buffer.from(`\n#${chunk.length}\n`), chunk);
  }
  return Buffer.concat([...parts, Buffer.from('\n##\n')]);
}
