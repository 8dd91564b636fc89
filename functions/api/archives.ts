/** The routes of the archive. A file is found by its name in the tenant's own list, and by nothing that a caller writes. */
import { publicId } from '../../shared/entities/public-id.ts';
import { isoInstant } from '../../shared/platform/clock.ts';
import { AppError } from '../../shared/platform/errors.ts';
import type { Archive, ArchivedMonth, ArchivePart } from '../../shared/samples/archive.port.ts';
import { listArchives, readArchive, readArchiveFile } from '../../shared/samples/archives.contract.ts';
import { inParallel } from '../../shared/samples/parallel.ts';
import { type Endpoint, endpoint } from './api.ts';
import { pageOf } from './page.ts';

export interface ArchiveApiDeps {
  readonly archive: Pick<Archive, 'months' | 'readMonth' | 'readFile'>;
}

/** A month of a large fleet is half a megabyte of names. */
const WIDTH = 4;

export function createArchiveEndpoints({ archive }: ArchiveApiDeps): Endpoint[] {
  const filesOf = async (tenant: string, month: string) => {
    const files = filesIn(await archive.readMonth(tenant, month));
    if (files.length === 0) throw new AppError('NOT_FOUND', `nothing is archived of ${month}`);
    return files;
  };
  return [
    endpoint(listArchives, async ({ query }, { tenant: { tenant } }) => {
      const months = await inParallel(await archive.months(tenant), WIDTH, async (month) => {
        const content = await archive.readMonth(tenant, month);
        const files = filesIn(content);
        // A month is listed when all of it stands there, and something does.
        const isListed = content !== undefined && files.length > 0;
        return isListed ? [{ month, ...sizeOf(files), archivedAt: isoInstant(content.startedAt) }] : [];
      });
      return pageOf(tenant, 'archives', query, months.flat(), ({ month }) => month);
    }),
    endpoint(readArchive, async ({ params: { month }, query }, { tenant: { tenant } }) => {
      const page = pageOf(tenant, `archive:${month}`, query, await filesOf(tenant, month), ({ file }) => file);
      const items = page.items.map(({ file, kind, target, part }) => ({
        ...{ file, kind, target },
        ...{ bytes: part.bytes, rows: part.rows },
      }));
      return { ...page, items };
    }),
    endpoint(readArchiveFile, async ({ params: { month, file } }, { tenant: { tenant } }) => {
      const found = (await filesOf(tenant, month)).find((one) => one.file === file);
      const bytes = found && (await archive.readFile(found.part));
      if (!bytes) throw new AppError('NOT_FOUND', `there is no such file in the archive of ${month}`);
      return { type: 'application/gzip' as const, fileName: `${month}.${file}`, pieces: [bytes] };
    }),
  ];
}

interface ArchivedFile {
  readonly file: string;
  readonly kind: string;
  readonly target: string;
  readonly part: ArchivePart;
}

/** In order of names, which no two share: no kind holds a dot, and numbers have four digits. */
function filesIn(content: ArchivedMonth | undefined): ArchivedFile[] {
  const files = (content?.targets ?? []).flatMap(({ kind, target, parts }) =>
    parts.map((part, at) => {
      const number = String(at + 1).padStart(4, '0');
      return { file: `${kind}.${publicId(target)}.${number}.csv.gz`, kind, target, part };
    }),
  );
  return files.sort((a, b) => (a.file < b.file ? -1 : 1));
}

function sizeOf(files: readonly ArchivedFile[]): { files: number; bytes: number; rows: number } {
  const sum = (of: (part: ArchivePart) => number) => files.reduce((total, { part }) => total + of(part), 0);
  return { files: files.length, bytes: sum(({ bytes }) => bytes), rows: sum(({ rows }) => rows) };
}
