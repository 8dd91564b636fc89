/** What the stages need of the archive: the months of a tenant, their files, and series out of them. */
import type { Instant } from '../platform/clock.ts';
import type { ArchivedPoint } from './archive-csv.ts';
import type { ArchiveTarget } from './archive-months.ts';
import type { RawPoint } from './sample.ts';
import type { SeriesRef } from './samples.port.ts';

/** One file of a target, complete in itself. */
export interface ArchivePart {
  /** Key of the object. */
  readonly name: string;
  /** In the order of keys, the first and the last entity that it holds rows of. */
  readonly first: string;
  readonly last: string;
  readonly bytes: number;
  readonly rows: number;
}

/** A target whose month is archived. */
export interface ArchivedTarget {
  /** Nothing that was stored before is missing. */
  readonly startedAt: Instant;
  readonly parts: readonly ArchivePart[];
}

export interface ArchivedMonth {
  readonly startedAt: Instant;
  readonly targets: readonly (Pick<ArchiveTarget, 'kind' | 'target'> & { readonly parts: readonly ArchivePart[] })[];
}

/** Where one series stands in a part: rows without a header, gzipped by themselves. */
export interface ArchivedSeriesPlace {
  readonly entity: string;
  readonly metric: string;
  readonly offset: number;
  readonly bytes: number;
  readonly rows: number;
  /** What the first increase of the month starts from. */
  readonly previous?: RawPoint;
}

/** An archive under way; what comes next is `skip` pieces into the entity `from`, or the first entity of all. */
export interface ArchiveDraft extends ArchivedTarget {
  readonly next: { readonly from: string; readonly skip: number };
}

export interface Archive {
  /** Months (`YYYY-MM`) of which anything stands there, oldest first. */
  months(tenant: string): Promise<string[]>;
  readMonth(tenant: string, month: string): Promise<ArchivedMonth | undefined>;
  writeMonth(tenant: string, month: string, content: ArchivedMonth): Promise<void>;
  readTarget(ref: ArchiveTarget): Promise<ArchivedTarget | undefined>;
  writeTarget(ref: ArchiveTarget, content: ArchivedTarget): Promise<void>;
  readDraft(ref: ArchiveTarget): Promise<ArchiveDraft | undefined>;
  writeDraft(ref: ArchiveTarget, content: ArchiveDraft): Promise<void>;
  /** The number begins with 1. Twice the same content is one object. */
  writePart(
    ref: ArchiveTarget,
    number: number,
    file: Uint8Array,
    places: readonly ArchivedSeriesPlace[],
  ): Promise<string>;
  readPlaces(part: ArchivePart): Promise<readonly ArchivedSeriesPlace[]>;
  readRows(part: ArchivePart, place: ArchivedSeriesPlace): Promise<ArchivedPoint[]>;
  /** The whole file, gzipped. Undefined when it is not there. */
  readFile(part: ArchivePart): Promise<Uint8Array | undefined>;
}

/** Series of months whose chunks are gone. */
export interface ArchiveReader {
  /** Points whose slot lies in [from, to), oldest first. Throws REQUEST_INVALID for more than a request may ask of it. */
  points(series: SeriesRef, from: Instant, to: Instant): Promise<ArchivedPoint[]>;
  /** What the first increase from `at` on starts from: the newest stretch of points before it, oldest first. */
  before(series: SeriesRef, at: Instant): Promise<RawPoint[]>;
}
