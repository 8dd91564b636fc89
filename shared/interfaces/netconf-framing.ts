/** NETCONF messages cut out of the octets of an SSH channel, and packed into them: both framings of RFC 6242. Pure. */
import { AppError } from '../platform/errors.ts';

/** Ends every hello, and every message where not both sides know chunks. */
const END_MARK = Buffer.from(']]>]]>');
const FIRST_ROOM = 65_536;
/** `#`, ten digits, LF; in front of it LF and whatever white space a router leaves behind a message. */
const MAX_HEADER = 64;
/** Routers put thousands of octets into each, so the longest message has a few thousand; each takes memory of its own. */
const MAX_CHUNKS = 100_000;
const LF = 10;
const HASH = 35;

export function framedByEndMark(xml: string): Buffer {
  return Buffer.concat([Buffer.from(xml), END_MARK]);
}

export function framedInChunks(xml: string): Buffer {
  const octets = Buffer.from(xml);
  return Buffer.concat([Buffer.from(`\n#${octets.length}\n`), octets, Buffer.from('\n##\n')]);
}

/** Takes octets as packets bring them and gives whole messages; where packets end makes no difference. */
export class MessageReader {
  readonly #maxBytes: number;
  #held: Buffer = Buffer.allocUnsafe(FIRST_ROOM);
  #length = 0;
  /** No end mark begins before it. */
  #searched = 0;
  #isChunked = false;
  #chunks: Buffer[] = [];
  #chunkBytes = 0;

  /** A message of more octets is refused. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** All after the hello, where both sides know chunks. */
  expectChunks(): void {
    this.#isChunked = true;
    this.#searched = 0;
  }

  push(octets: Uint8Array): void {
    const length = this.#length + octets.length;
    if (length > this.#held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#held.length * 2));
      this.#held.copy(larger, 0, 0, this.#length);
      this.#held = larger;
    }
    this.#held.set(octets, this.#length);
    this.#length = length;
  }

  /** The next whole message, undefined until there is one. Throws SOURCE_MALFORMED for what is no framing, or too long. */
  next(): string | undefined {
    return this.#isChunked ? this.#nextOfChunks() : this.#nextByEndMark();
  }

  #nextByEndMark(): string | undefined {
    const at = this.#held.subarray(0, this.#length).indexOf(END_MARK, this.#searched);
    if (at === -1) {
      this.#refuseLong(this.#length);
      // The mark may begin in this packet and end in the next.
      this.#searched = Math.max(0, this.#length - END_MARK.length + 1);
      return undefined;
    }
    this.#refuseLong(at);
    const message = this.#held.toString('utf8', 0, at);
    this.#drop(at + END_MARK.length);
    this.#searched = 0;
    return message;
  }

  #nextOfChunks(): string | undefined {
    for (;;) {
      const header = this.#header();
      if (header === undefined) return undefined;
      if (header.size === undefined) {
        this.#drop(header.end);
        const message = Buffer.concat(this.#chunks).toString('utf8');
        this.#chunks = [];
        this.#chunkBytes = 0;
        return message;
      }
      this.#refuseLong(this.#chunkBytes + header.size);
      if (this.#chunks.length >= MAX_CHUNKS) refuseOversized(`cut a message into more than ${MAX_CHUNKS} chunks`);
      if (this.#length < header.end + header.size) return undefined;
      this.#chunks.push(Buffer.from(this.#held.subarray(header.end, header.end + header.size)));
      this.#chunkBytes += header.size;
      this.#drop(header.end + header.size);
    }
  }

  /** Of a chunk, or without a size the end of a message; undefined until it is whole. */
  #header(): { readonly size: number | undefined; readonly end: number } | undefined {
    const start = this.#held.subarray(0, Math.min(this.#length, MAX_HEADER));
    const hash = start.findIndex((octet) => octet > 32);
    const end = hash === -1 ? -1 : start.indexOf(LF, hash);
    if (end === -1) {
      const isPossible = start.length < MAX_HEADER && (hash === -1 || start[hash] === HASH);
      return isPossible ? undefined : this.#refuseHeader(start);
    }
    const text = start.toString('latin1', hash, end);
    if (text === '##' && this.#chunks.length > 0) return { size: undefined, end: end + 1 };
    if (!/^#[1-9][0-9]{0,9}$/.test(text)) return this.#refuseHeader(start);
    return { size: Number(text.slice(1)), end: end + 1 };
  }

  #refuseHeader(start: Buffer): never {
    const rawText = start.toString('latin1').replace(/[^ -~]/g, ' ');
    throw new AppError('SOURCE_MALFORMED', 'the router sent what is no NETCONF chunk (RFC 6242)', {
      context: { rawText },
    });
  }

  #refuseLong(bytes: number): void {
    if (bytes <= this.#maxBytes) return;
    const most = Math.floor(this.#maxBytes / 1_000_000);
    refuseOversized(`sent more than the ${most} MB that are read`);
  }

  #drop(octets: number): void {
    this.#held.copyWithin(0, octets, this.#length);
    this.#length -= octets;
  }
}

function refuseOversized(what: string): never {
  throw new AppError('SOURCE_MALFORMED', `the router ${what}`, { context: { failure: 'oversized' } });
}
