/** Environment -> the archive, for functions that read it. */
import { systemClock } from '../shared/platform/clock.ts';
import { openObjects } from '../shared/platform/objects.s3.ts';
import type { ArchiveReader } from '../shared/samples/archive.port.ts';
import { createArchiveReader } from '../shared/samples/archive-reader.ts';
import { createArchive } from '../shared/samples/archive-store.ts';

export function openArchiveReader(bucket: string): ArchiveReader {
  return createArchiveReader(createArchive(openObjects(bucket)), systemClock);
}
