/** Series out of the archive: which files, which rows of them, and what stood before. */
import type { Clock, Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { Archive, ArchivedSeriesPlace, ArchivedTarget, ArchivePart, ArchiveReader } from './archive.port.ts';
import type { ArchivedPoint } from './archive-csv.ts';
import { archiveMonthOf, monthSpan, monthsWithin } from './archive-months.ts';
import { compareEntities } from './archive-order.ts';
import { plainPoint } from './archive-store.ts';
import { chunkStart } from './packing.ts';
import { inParallel } from './parallel.ts';
import type { RawPoint } from './sample.ts';
import type { SeriesRef } from './samples.port.ts';

const DAY_MS = 86_400_000;
/** A quarter of a year and some days: five months of files at most, which a person can wait for. */
export const MAX_ARCHIVED_DAYS = 100;
/** A baseline reaches back up to twelve hours before what was asked for. */
const MARGIN_MS = DAY_MS;
/** The month that is asked about and two before it. As from chunks, a hole of months is a new beginning. */
const MONTHS_BACK = 3;
const WIDTH = 8;

interface Found {
  readonly part: ArchivePart;
  readonly place: ArchivedSeriesPlace;
}

/** Charts of one router ask for the same lists again and again. The files that an old list names stay as they are. */
const REMEMBERED = 64;
const REMEMBERED_MS = 60_000;

export function createArchiveReader(archive: Archive, clock: Clock): ArchiveReader {
  const targets = remembered<ArchivedTarget>(clock);
  const contents = remembered<readonly ArchivedSeriesPlace[]>(clock);
  const find = async ({ metric, entity, tenant, kind, target: id }: SeriesRef, month: string): Promise<Found[]> => {
    const ref = { tenant, month, kind, target: id };
    const target = await targets(JSON.stringify(ref), () => archive.readTarget(ref));
    const holding = (target?.parts ?? []).filter(
      ({ first, last }) => compareEntities(first, entity) <= 0 && compareEntities(entity, last) <= 0,
    );
    const found = await inParallel(holding, WIDTH, async (part) => {
      const places = await contents(part.name, () => archive.readPlaces(part));
      return (places ?? []).filter((place) => place.entity === entity && place.metric === metric);
    });
    return found.flatMap((places, at) => places.map((place) => ({ part: holding[at] as ArchivePart, place })));
  };
  const rowsOf = async (found: readonly Found[]): Promise<ArchivedPoint[]> =>
    (await inParallel(found, WIDTH, ({ part, place }) => archive.readRows(part, place))).flat();
  return {
    async points(series, from, to) {
      if (to - from > MAX_ARCHIVED_DAYS * DAY_MS + MARGIN_MS) throw tooLong();
      const months = await inParallel(monthsWithin(from, to), WIDTH, async (month) =>
        rowsOf(await find(series, month)),
      );
      return months.flat().filter(({ slot }) => slot >= from && slot < to);
    },
    async before(series, at) {
      let month = archiveMonthOf(at);
      for (let back = 0; back < MONTHS_BACK; back++) {
        const found = await find(series, month);
        const earlier = (await rowsOf(found)).filter(({ slot }) => slot < at);
        const last = earlier.at(-1);
        // From chunks it is the newest one that holds any: so here, or the increases would differ.
        if (last) return earlier.filter(({ slot }) => slot >= chunkStart(last.slot)).map(plainPoint);
        const previous: RawPoint | undefined = found[0]?.place.previous;
        if (previous) return [previous];
        month = archiveMonthOf(monthSpan(month).from - 1);
      }
      return [];
    },
  };
}

/** Answers by key for a minute. What is not there yet, or failed, is asked for anew. */
function remembered<T>(clock: Clock): (key: string, read: () => Promise<T | undefined>) => Promise<T | undefined> {
  const known = new Map<string, { readonly at: Instant; readonly answer: Promise<T | undefined> }>();
  return async (key, read) => {
    const there = known.get(key);
    if (there && clock.now() - there.at < REMEMBERED_MS) return there.answer;
    const [oldest] = known.keys();
    if (oldest !== undefined && known.size >= REMEMBERED) known.delete(oldest);
    const asked = { at: clock.now(), answer: read() };
    known.set(key, asked);
    const forget = () => void (known.get(key) === asked && known.delete(key));
    const answer = await asked.answer.catch((error: unknown) => {
      forget();
      throw error;
    });
    if (answer === undefined) forget();
    return answer;
  };
}

function tooLong(): AppError {
  const message = `readings of more than 400 days ago come from the archive, ${MAX_ARCHIVED_DAYS} days at once: ask for a shorter time, or take the files of GET /v1/archives`;
  return new AppError('REQUEST_INVALID', `query.from: ${message}`, {
    context: { issues: [{ path: 'query.from', message }] },
  });
}
