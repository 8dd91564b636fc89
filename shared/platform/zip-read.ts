/** Reads a ZIP archive of a stranger within hard bounds; only what is asked for is unpacked. Pure. */
import { crc32, inflateRawSync } from 'node:zlib';

/** Why the file cannot be taken, in a sentence for whoever sent it. */
export class FileRefusal extends Error {}

export interface ZipBounds {
  readonly maxEntries: number;
  /** Of all entries together, as declared and as unpacked. */
  readonly maxInflatedBytes: number;
  /** Unpacked size by packed size of one entry. */
  readonly maxRatio: number;
}

export interface ZipArchive {
  /** Unpacked content; undefined where there is no such entry. Throws FileRefusal. */
  read(name: string): Buffer | undefined;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly offset: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const END64 = 0x07064b50;
const END64_BYTES = 20;
const MAX_COMMENT = 0xffff;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const OLE = 0xe011cfd0;
const ENCRYPTED = 0x2041;
const STORED = 0;
const DEFLATED = 8;
/** A few hundred equal octets pack well and harm nobody. */
const SMALL_BYTES = 100_000;
const DAMAGED = 'the file is damaged, or no .xlsx at all: save it again as an Excel workbook (.xlsx)';

/** Throws FileRefusal for anything but a plain archive of one part that keeps to the bounds. */
export function openZip(file: Uint8Array, bounds: ZipBounds): ZipArchive {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length >= 8 && bytes.readUInt32LE(0) === OLE) {
    throw new FileRefusal('the file is protected by a password, or an old .xls: save it as .xlsx without a password');
  }
  const entries = readDirectory(bytes, bounds);
  let left = bounds.maxInflatedBytes;
  return {
    read(name) {
      const entry = entries.get(name.toLowerCase());
      if (!entry) return undefined;
      const content = unpack(bytes, entry, left, bounds);
      left -= content.length;
      return content;
    },
  };
}

/** By lower-case name: names that differ in case only are the same file for half of the world's readers. */
function readDirectory(bytes: Buffer, bounds: ZipBounds): Map<string, Entry> {
  const end = findEnd(bytes);
  const count = bytes.readUInt16LE(end + 10);
  const size = bytes.readUInt32LE(end + 12);
  const start = bytes.readUInt32LE(end + 16);
  const is64 =
    (end >= END64_BYTES && bytes.readUInt32LE(end - END64_BYTES) === END64) ||
    [count === 0xffff, size === 0xffffffff, start === 0xffffffff].includes(true);
  if (is64) throw new FileRefusal('the file is a ZIP64 archive, which no sheet of this size needs: save it again');
  if (bytes.readUInt32LE(end + 4) !== 0 || bytes.readUInt16LE(end + 8) !== count || start + size !== end) {
    throw new FileRefusal(DAMAGED);
  }
  if (count > bounds.maxEntries) throw new FileRefusal(`the file holds more than ${bounds.maxEntries} parts`);
  const entries = new Map<string, Entry>();
  let at = start;
  let declared = 0;
  for (let i = 0; i < count; i++) {
    const { entry, next } = readEntry(bytes, at, end);
    if (entries.has(entry.name.toLowerCase())) throw new FileRefusal(`the file holds a part twice: ${shown(entry)}`);
    entries.set(entry.name.toLowerCase(), entry);
    declared += entry.bytes;
    at = next;
  }
  if (at !== end) throw new FileRefusal(DAMAGED);
  if (declared > bounds.maxInflatedBytes) throw tooLarge(bounds);
  return entries;
}

/** Position of the end record, which the file's last octet belongs to. */
function findEnd(bytes: Buffer): number {
  const lowest = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT);
  for (let at = bytes.length - END_BYTES; at >= lowest; at--) {
    if (bytes.readUInt32LE(at) === END && at + END_BYTES + bytes.readUInt16LE(at + 20) === bytes.length) return at;
  }
  throw new FileRefusal(DAMAGED);
}

function readEntry(bytes: Buffer, at: number, end: number): { entry: Entry; next: number } {
  if (at + CENTRAL_BYTES > end || bytes.readUInt32LE(at) !== CENTRAL) throw new FileRefusal(DAMAGED);
  const nameEnd = at + CENTRAL_BYTES + bytes.readUInt16LE(at + 28);
  const next = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  if (next > end) throw new FileRefusal(DAMAGED);
  const entry = {
    name: bytes.toString('utf8', at + CENTRAL_BYTES, nameEnd),
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    packedBytes: bytes.readUInt32LE(at + 20),
    bytes: bytes.readUInt32LE(at + 24),
    offset: bytes.readUInt32LE(at + 42),
  };
  if ((bytes.readUInt16LE(at + 8) & ENCRYPTED) !== 0) {
    throw new FileRefusal('the file is encrypted: save it without a password');
  }
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw new FileRefusal(`the part ${shown(entry)} is packed in a way that no .xlsx uses: save the file again`);
  }
  if (!isPlainName(entry.name)) throw new FileRefusal(`the file holds a part of a forbidden name: ${shown(entry)}`);
  return { entry, next };
}

/** Nothing is ever written to a path, but a name that tries to leave its folder is not of a spreadsheet. */
function isPlainName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (name === '' || /^\/|[\\:\0-\x1f\uFFFD]/.test(name)) return false;
  return !name.split('/').some((part) => part === '..' || part === '.');
}

function unpack(bytes: Buffer, entry: Entry, leftBytes: number, bounds: ZipBounds): Buffer {
  const { offset, packedBytes } = entry;
  if (offset + LOCAL_BYTES > bytes.length || bytes.readUInt32LE(offset) !== LOCAL) throw new FileRefusal(DAMAGED);
  const start = offset + LOCAL_BYTES + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  if (start + packedBytes > bytes.length) throw new FileRefusal(DAMAGED);
  const packed = bytes.subarray(start, start + packedBytes);
  const most = Math.min(leftBytes, Math.max(SMALL_BYTES, packedBytes * bounds.maxRatio));
  const content = entry.method === STORED ? packed : inflate(packed, most, bounds);
  if (content.length !== entry.bytes || crc32(content) !== entry.crc) throw new FileRefusal(DAMAGED);
  return content;
}

function inflate(packed: Buffer, most: number, bounds: ZipBounds): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, most) });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge(bounds)
      : new FileRefusal(DAMAGED);
  }
}

function tooLarge({ maxInflatedBytes, maxRatio }: ZipBounds): FileRefusal {
  return new FileRefusal(
    `unpacked, the file is larger than ${maxInflatedBytes / 1_000_000} MB or than ${maxRatio} times its packed size: split it, or send CSV`,
  );
}

function shown({ name }: { name: string }): string {
  return JSON.stringify(name.slice(0, 60));
}
