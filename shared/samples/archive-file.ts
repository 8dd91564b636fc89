/** One file of the archive as it grows: each series a gzip member of its own, so that one can be read without the rest. Pure. */
import { gzipSync } from 'node:zlib';
import type { ArchivedSeriesPlace } from './archive.port.ts';
import { ARCHIVE_HEADER } from './archive-csv.ts';
import type { RawPoint } from './sample.ts';

/** A month of a series read each minute is 44,640 rows; what an import made denser is cut. */
export const MAX_PIECE_ROWS = 50_000;
/** With one more piece it still passes as one answer of the API, which holds 6 MB of base64. */
const FULL_BYTES = 3_000_000;

/** Rows of one series, in their order. */
export interface ArchivePiece {
  readonly entity: string;
  readonly metric: string;
  readonly text: string;
  readonly rows: number;
  /** What the month's first increase starts from. */
  readonly previous?: RawPoint;
}

export interface ArchiveFile {
  add(piece: ArchivePiece): void;
  isFull(): boolean;
  finish(): { readonly bytes: Uint8Array; readonly places: readonly ArchivedSeriesPlace[] };
}

/** Begins with a header; gzip members in a row are one file to every program. */
export function archiveFile(fullBytes = FULL_BYTES): ArchiveFile {
  const members: Uint8Array[] = [gzipSync(ARCHIVE_HEADER)];
  const places: ArchivedSeriesPlace[] = [];
  let size = members[0]?.length ?? 0;
  return {
    add({ entity, metric, text, rows, previous }) {
      const member = gzipSync(text);
      places.push({ entity, metric, offset: size, bytes: member.length, rows, ...(previous ? { previous } : {}) });
      members.push(member);
      size += member.length;
    },
    isFull: () => size >= fullBytes,
    finish: () => ({ bytes: Buffer.concat(members), places }),
  };
}
