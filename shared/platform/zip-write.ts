/** Writes a ZIP archive piece by piece, so that no part of it is ever whole in memory. Pure. */
import { crc32, deflateRawSync, constants as zlib } from 'node:zlib';

interface Written {
  readonly name: Buffer;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

export interface ZipWriter {
  /** One part; its content comes in pieces of text. */
  part(name: string, pieces: Iterable<string>): Generator<Uint8Array, undefined, undefined>;
  /** The directory; nothing comes after it. */
  end(): Generator<Uint8Array, undefined, undefined>;
}

/** Small pieces pack badly, for each is packed for itself. */
const PIECE_CHARACTERS = 256 * 1024;
/** XML packs nearly as well as by level 6, in a fraction of the time. */
const LEVEL = 3;
/** Sizes stand behind the content, and names are UTF-8. */
const FLAGS = 0x0808;
const VERSION = 20;
/** 1 January 1980, the first day that the format knows: what is written depends on the content alone. */
const FIRST_DAY = 0x0021;

export function createZipWriter(): ZipWriter {
  const written: Written[] = [];
  let offset = 0;
  return {
    *part(name, pieces) {
      const nameBytes = Buffer.from(name, 'utf8');
      const start = offset;
      const local = localHeader(nameBytes);
      offset += local.length;
      yield local;
      let [crc, packedBytes, bytes] = [0, 0, 0];
      for (const piece of gathered(pieces)) {
        const plain = Buffer.from(piece, 'utf8');
        crc = crc32(plain, crc);
        bytes += plain.length;
        // Ends on a whole octet and is no last block: such pieces in a row are one deflated stream.
        const packed = deflateRawSync(plain, { level: LEVEL, finishFlush: zlib.Z_SYNC_FLUSH });
        packedBytes += packed.length;
        yield packed;
      }
      const last = deflateRawSync(Buffer.alloc(0));
      packedBytes += last.length;
      yield last;
      yield sizes(0x08074b50, [crc, packedBytes, bytes]);
      offset += packedBytes + 16;
      written.push({ name: nameBytes, crc, packedBytes, bytes, offset: start });
      return undefined;
    },
    *end() {
      const directory = Buffer.concat(written.map(centralHeader));
      yield directory;
      yield endRecord(written.length, directory.length, offset);
      return undefined;
    },
  };
}

function* gathered(pieces: Iterable<string>): Generator<string, undefined, undefined> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < PIECE_CHARACTERS) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
  return undefined;
}

function sizes(signature: number, values: readonly number[]): Buffer {
  const record = Buffer.alloc(4 + values.length * 4);
  record.writeUInt32LE(signature, 0);
  for (const [i, value] of values.entries()) record.writeUInt32LE(value, 4 + i * 4);
  return record;
}

function localHeader(name: Buffer): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(FLAGS, 6);
  header.writeUInt16LE(8, 8);
  header.writeUInt16LE(FIRST_DAY, 12);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function centralHeader({ name, crc, packedBytes, bytes, offset }: Written): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(VERSION, 4);
  header.writeUInt16LE(VERSION, 6);
  header.writeUInt16LE(FLAGS, 8);
  header.writeUInt16LE(8, 10);
  header.writeUInt16LE(FIRST_DAY, 14);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(packedBytes, 20);
  header.writeUInt32LE(bytes, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name]);
}

function endRecord(count: number, directoryBytes: number, offset: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(directoryBytes, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}
