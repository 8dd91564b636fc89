/** The 95th percentile of a link's month, out of its raw slots; knows ports only. */
import type { Source } from '../collect/source.ts';
import type { Tenant } from '../entities/tenant.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { type PercentileMode, percentile95, type SlotValue, tops } from '../samples/percentile.ts';
import type { RawPoint } from '../samples/sample.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { dayOf, dayStart, daysOfMonth, expectedSlots, monthOf, nextDay } from '../samples/zone.ts';
import { linkEntity, linkOf } from './link.ts';
import { inRate, LINK_KIND, maxRate, outRate, sumRate } from './metrics.ts';

/** The series that each way of counting charges: computed slot by slot when the slot was, never from two percentiles. */
const METRIC_OF: Readonly<Record<PercentileMode, string>> = {
  in: inRate.id,
  out: outRate.id,
  max: maxRate.id,
  sum: sumRate.id,
};

export interface PercentileQuestion {
  readonly month?: string | undefined;
  readonly mode?: PercentileMode | undefined;
}

/** Throws REQUEST_INVALID for a month that has not begun. Raw slots of more than 400 days ago come from the archive. */
export async function linkPercentile(
  { samples, clock }: { readonly samples: Pick<SampleStore, 'readSeries'>; readonly clock: Clock },
  { zone }: Pick<Tenant, 'zone'>,
  source: Source,
  { month: asked, mode = 'max' }: PercentileQuestion,
) {
  const now = clock.now();
  const month = asked ?? monthOf(dayOf(now, zone));
  const days = daysOfMonth(month);
  const [first = `${month}-01`, last = first] = [days[0], days.at(-1)];
  const [from, to] = [dayStart(first, zone), dayStart(nextDay(last), zone)];
  if (from > now) throw inTheFuture(month);
  const ref = { tenant: source.tenant, kind: LINK_KIND, target: source.id, entity: linkEntity(source.id) };
  const points = await samples.readSeries({ ...ref, metric: METRIC_OF[mode] }, from, Math.min(to, now + 1));
  const slots = slotsOf(points);
  const ofMonth = days.reduce((sum, day) => sum + expectedSlots(day, zone, source.periodSeconds), 0);
  const soFar = now >= to ? ofMonth : Math.ceil((now - from) / (source.periodSeconds * 1000));
  const committed = linkOf(source.settings).committedBitsPerSecond;
  const figure = percentile95({ tops: tops(slots, slots.length), validSlots: slots.length, expectedSlots: soFar });
  return {
    id: source.id,
    ...{ month, zone, mode },
    closed: now >= to,
    valueBitsPerSecond: figure.value === undefined ? null : Number(figure.value),
    validSlots: figure.validSlots,
    expectedSlots: figure.expectedSlots,
    expectedSlotsOfMonth: ofMonth,
    coveragePercent: figure.coveragePercent,
    flagged: figure.flagged,
    committedBitsPerSecond: committed ?? null,
    slotsLeft: committed === undefined ? null : slotsLeft(slots, slots.length + ofMonth - soFar, committed),
  };
}

/** Only readings on the boundary are slots, and each slot counts once. */
function slotsOf(points: readonly RawPoint[]): SlotValue[] {
  const bySlot = new Map(points.filter((point) => point.boundary).map(({ slot, value }) => [slot, { slot, value }]));
  return [...bySlot.values()];
}

/** `expected`: what the month will have had: a slot that is lost allows for none, as the rank knows only those that were read. */
function slotsLeft(slots: readonly SlotValue[], expected: number, committed: number): number | null {
  const tolerated = { tops: slots, validSlots: slots.length, expectedSlots: expected, commitment: BigInt(committed) };
  return percentile95(tolerated).slotsLeft ?? null;
}

function inTheFuture(month: string): AppError {
  const message = `${month} has not begun yet`;
  return new AppError('REQUEST_INVALID', `query.month: ${message}`, {
    context: { issues: [{ path: 'query.month', message }] },
  });
}
