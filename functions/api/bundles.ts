/** The routes of bundles: `/v1/bundles`, and those of the older Taara monitor. */
import {
  bundleSamples,
  listBundles,
  olderHistory,
  olderRecords,
  olderStats,
  olderZone,
  readBundle,
  readBundleStats,
} from '../../shared/bundles/bundles.contract.ts';
import { type BundleQueries, bundleView, type ShownBundle } from '../../shared/bundles/bundles.query.ts';
import { BUNDLE_KIND } from '../../shared/bundles/metrics.ts';
import {
  gigabytes,
  localTimestamp,
  type OlderReading,
  offsetMinutes,
  offsetText,
  olderReadings,
  olderTimestamp,
  shortZoneName,
} from '../../shared/bundles/older.ts';
import { publicId } from '../../shared/entities/public-id.ts';
import type { Tenant } from '../../shared/entities/tenant.ts';
import { type Clock, isoInstant } from '../../shared/platform/clock.ts';
import { AppError } from '../../shared/platform/errors.ts';
import type { SampleStore } from '../../shared/samples/samples.port.ts';
import { type Endpoint, endpoint } from './api.ts';
import { pageOf } from './page.ts';

export interface BundleApiDeps {
  readonly queries: BundleQueries;
  readonly samples: Pick<SampleStore, 'readSeries'>;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;
/** As the older monitor looked back for its newest records. */
const NEWEST_RECORDS = 5;

export function createBundleEndpoints(deps: BundleApiDeps): Endpoint[] {
  const { queries, clock } = deps;
  return [
    endpoint(listBundles, async ({ query }, { tenant }) => {
      const all = await queries.list(tenant);
      const wanted =
        query.active === undefined ? all : all.filter((b) => String(b.bundle.isActive === true) === query.active);
      const page = pageOf(tenant.tenant, 'bundles', query, wanted, (b) => b.bundle.id);
      return { ...page, items: page.items.map((b) => bundleView(b, clock.now())) };
    }),
    endpoint(readBundle, async ({ params }, { tenant }) =>
      bundleView(await queries.read(tenant, params.id), clock.now()),
    ),
    endpoint(bundleSamples, async ({ params, query }, { tenant }) => queries.samples(tenant, params.id, query)),
    endpoint(readBundleStats, async ({ params, query }, { tenant }) => {
      const stats = await queries.stats(tenant, params.id, query.from, query.to);
      return {
        id: params.id,
        remainingOctets: stats.bundle.remainingOctets?.toString() ?? null,
        averageOctetsPerDay: stats.averagePerDay?.toString() ?? null,
        daysRemaining: stats.daysRemaining ?? null,
        limitedBy: stats.limitedBy ?? null,
        usedOctets: stats.used.toString(),
        validSlots: stats.validSlots,
        expectedSlots: stats.expectedSlots,
        from: isoInstant(stats.from),
        to: isoInstant(stats.to),
      };
    }),
    ...olderEndpoints(deps),
  ];
}

function olderEndpoints(deps: BundleApiDeps): Endpoint[] {
  const { queries, clock } = deps;
  return [
    endpoint(olderRecords, async (_, { tenant }) => {
      const newest = numbered(await readingsOf(deps, tenant, DAY_MS))
        .slice(-NEWEST_RECORDS)
        .reverse();
      if (newest.length === 0) throw new AppError('NOT_FOUND', 'No data available');
      return newest.map((r) => ({
        id: r.id,
        timestamp: olderTimestamp(r.receivedAt),
        timestamp_local: localTimestamp(r.receivedAt, tenant.zone),
        plan_name: r.planName,
        remaining_balance_gb: gigabytes(r.remainingOctets),
        expires_in_days: r.expiresInDays,
        is_active: true,
      }));
    }),
    endpoint(olderHistory, async ({ query }, { tenant }) => {
      const readings = await readingsOf(deps, tenant, Number(query.days ?? 7) * DAY_MS);
      if (readings.length === 0) throw new AppError('NOT_FOUND', 'No data available');
      return readings
        .sort((a, b) => a.receivedAt - b.receivedAt)
        .map((r) => ({
          timestamp: olderTimestamp(r.receivedAt),
          remaining_balance_gb: gigabytes(r.remainingOctets),
          plan_name: r.planName,
        }));
    }),
    endpoint(olderStats, async (_, { tenant }) => {
      const newest = newestActive(await queries.list(tenant));
      const { remainingOctets, receivedAt } = newest?.bundle ?? {};
      if (!newest || remainingOctets === undefined || receivedAt === undefined)
        throw new AppError('NOT_FOUND', 'No data available');
      const now = clock.now();
      const stats = await queries.stats(tenant, publicId(newest.bundle.id), now - 7 * DAY_MS, now);
      const { expiresAt } = newest.bundle;
      return {
        current_balance_gb: gigabytes(remainingOctets),
        // As it was read: "8 days" stays 8 until the next reading says otherwise.
        expires_in_days: expiresAt === undefined ? null : Math.floor((expiresAt - receivedAt) / DAY_MS),
        avg_daily_usage_gb: stats.averagePerDay === undefined ? null : gigabytes(stats.averagePerDay),
        predicted_days_remaining: stats.daysRemaining ?? null,
        plan_name: newest.bundle.planName,
        last_updated: olderTimestamp(receivedAt),
      };
    }),
    endpoint(olderZone, async (_, { tenant }) => {
      const now = clock.now();
      const minutes = offsetMinutes(now, tenant.zone);
      return {
        timezone: tenant.zone,
        timezone_name: shortZoneName(now, tenant.zone),
        utc_offset: offsetText(minutes),
        utc_offset_hours: minutes / 60,
        current_local_time: localTimestamp(now, tenant.zone).slice(0, 19),
        current_utc_time: olderTimestamp(now),
      };
    }),
  ];
}

/** Oldest first. The older ids were numbers that rose with time; a record keeps its own, and two plans of one reading differ. */
function numbered(readings: readonly OlderReading[]): (OlderReading & { readonly id: number })[] {
  let previous = 0;
  return [...readings]
    .sort((a, b) => a.receivedAt - b.receivedAt || (a.planName < b.planName ? -1 : 1))
    .map((r) => {
      previous = Math.max(r.receivedAt, previous + 1);
      return { ...r, id: previous };
    });
}

/** The home plan first where two were read at the same instant. */
function newestActive(all: readonly ShownBundle[]): ShownBundle | undefined {
  return all
    .filter((b) => b.bundle.isActive === true)
    .sort(
      (a, b) =>
        (b.bundle.receivedAt ?? 0) - (a.bundle.receivedAt ?? 0) ||
        Number(b.bundle.isHomePlan === true) - Number(a.bundle.isHomePlan === true),
    )[0];
}

async function readingsOf(deps: BundleApiDeps, tenant: Tenant, spanMs: number): Promise<OlderReading[]> {
  const to = deps.clock.now();
  const from = to - spanMs;
  const readings: OlderReading[] = [];
  for (const { bundle } of await deps.queries.list(tenant)) {
    const ref = { tenant: tenant.tenant, kind: BUNDLE_KIND, target: bundle.account, entity: bundle.id };
    const [remaining, active, expiry] = await Promise.all(
      ['remaining', 'active', 'expiresIn'].map((metric) => deps.samples.readSeries({ ...ref, metric }, from, to)),
    );
    readings.push(...olderReadings(bundle.planName, remaining ?? [], active ?? [], expiry ?? []));
  }
  return readings;
}
