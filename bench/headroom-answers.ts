/** How Headroom answers the seven questions: through the API of the local cloud where a route exists, else through its store. */
import { createEntityStore } from '../shared/entities/entities.dynamodb.ts';
import { publicId } from '../shared/entities/public-id.ts';
import { createInterfaceQueries } from '../shared/interfaces/interfaces.query.ts';
import { inOctets } from '../shared/interfaces/metrics.ts';
import type { Table } from '../shared/platform/table.dynamodb.ts';
import { pointOf } from '../shared/samples/head.ts';
import { increases } from '../shared/samples/increase.ts';
import { rollupKey, topKey } from '../shared/samples/keys.ts';
import { createMonthStore } from '../shared/samples/months.dynamodb.ts';
import { inParallel } from '../shared/samples/parallel.ts';
import { percentile95, unpackTops } from '../shared/samples/percentile.ts';
import { sumOver, unpackRollup } from '../shared/samples/rollup.ts';
import { createSampleStore } from '../shared/samples/samples.dynamodb.ts';
import type { DayRollup } from '../shared/samples/samples.port.ts';
import { readJson } from './cloud.ts';
import { metricsOf, ZONE } from './generate.ts';
import { type Question, type Subject, sum } from './questions.ts';
import * as set from './series.ts';

/** So many requests a browser has under way to one host. */
const REQUESTS = 6;
const DAY_MS = 86_400_000;

type Ask = () => Promise<number>;

interface Span {
  readonly from: number;
  readonly to: number;
  readonly step: string;
}

export function spansOf(about: Subject): Record<'Q1a' | 'Q1b' | 'Q5', Span> {
  const [week, day, to] = [set.slotAt(about.weekFrom), set.slotAt(about.dayFrom), set.slotAt(about.end)];
  return {
    Q1a: { from: week, to, step: '1h' },
    Q1b: { from: week, to, step: 'raw' },
    Q5: { from: day, to, step: '5m' },
  };
}

/** Over HTTP: gateway, roles, worker thread, handler and table, as a browser meets them. */
export function answersOfApi(base: string, token: string, data: set.DataSet, about: Subject) {
  const spans = spansOf(about);
  const samples = async (subscriber: number, span: Span): Promise<number> => {
    const id = publicId(set.entityName(subscriber));
    const query = new URLSearchParams({
      ...{ metric: inOctets.id, step: span.step },
      ...{ from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() },
    });
    const body = await readJson(`${base}/v1/interfaces/${id}/samples?${query}`, token);
    return sum((body as { points: { increase: string | null }[] }).points.map((p) => Number(p.increase)));
  };
  const subscribers = Array.from({ length: set.subscribersOf(data) }, (_, subscriber) => subscriber);
  return {
    Q1a: () => samples(about.subscriber, spans.Q1a),
    Q1b: () => samples(about.subscriber, spans.Q1b),
    async Q4() {
      const body = await readJson(`${base}/v1/interfaces?limit=50`, token);
      return sum((body as { items: { inBitsPerSecond: number }[] }).items.map((i) => i.inBitsPerSecond / 8));
    },
    Q5: async () => sum(await inParallel(subscribers, REQUESTS, (subscriber) => samples(subscriber, spans.Q5))),
  } satisfies Partial<Record<Question, Ask>>;
}

/** The same as the handlers ask, over a table whose calls are counted. */
export function answersOfHandlers(table: Table, about: Subject, now: number) {
  const clock = { now: () => now };
  const samples = createSampleStore(table, metricsOf, clock);
  const queries = createInterfaceQueries({ samples, entities: createEntityStore(table), clock });
  const name = set.tenantName(about.tenant);
  const tenant = { tenant: name, name, zone: ZONE, simulated: true, allowedNetworks: [], createdAt: set.START };
  const id = publicId(set.entityName(about.subscriber));
  const spans = spansOf(about);
  return {
    Q1a: () => queries.samples(tenant, id, { metric: inOctets.id, ...spans.Q1a }),
    Q1b: () => queries.samples(tenant, id, { metric: inOctets.id, ...spans.Q1b }),
    Q4: () => queries.list(tenant, undefined),
    Q5: () => queries.samples(tenant, id, { metric: inOctets.id, ...spans.Q5 }),
  };
}

/** Events of the handlers themselves, to measure their processor time. */
export function eventsOf(token: string, about: Subject) {
  const id = publicId(set.entityName(about.subscriber));
  const headers = { authorization: `Bearer ${token}` };
  const samples = ({ from, to, step }: Span) => ({
    routeKey: 'GET /v1/interfaces/{id}/samples',
    headers,
    pathParameters: { id },
    queryStringParameters: {
      ...{ metric: inOctets.id, step },
      ...{ from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    },
  });
  const spans = spansOf(about);
  return {
    Q1a: samples(spans.Q1a),
    Q1b: samples(spans.Q1b),
    Q4: { routeKey: 'GET /v1/interfaces', headers, queryStringParameters: { limit: '50' } },
    Q5: samples(spans.Q5),
  };
}

/** Straight through the store, for what has no route yet; `tenants` are all whose subscribers are asked about. */
export function answersOfStore(table: Table, tenants: readonly string[], about: Subject, now: number) {
  const store = createSampleStore(table, metricsOf, { now: () => now });
  const months = createMonthStore(table, { now: () => now });
  const lastDay = new Date(set.slotAt(about.monthEnd) - DAY_MS).toISOString().slice(0, 10);
  const closed = (days: readonly DayRollup[]) => days.filter(({ day }) => day <= lastDay);
  const rollups = async () => {
    const all = await inParallel(tenants, tenants.length, (name) => store.readRollups(name, inOctets.id, set.MONTH));
    return all.flatMap((byEntity) => [...byEntity].map(([entity, days]) => ({ entity, days: closed(days) })));
  };
  return {
    async Q2() {
      const totals = (await rollups()).map(({ days }) => Number(sumOver(days).total ?? 0n));
      return sum(totals.sort((a, b) => b - a).slice(0, 10));
    },
    async Q3() {
      const byDay = new Map<string, bigint>();
      for (const { days } of await rollups()) {
        for (const { day, total } of days) byDay.set(day, (byDay.get(day) ?? 0n) + (total ?? 0n));
      }
      return sum([...byDay.values()].map(Number));
    },
    async Q5() {
      const ref = set.refOf(about.tenant);
      const batches = await store.newestBatches(ref, about.end - about.dayFrom + 1);
      const points = new Map<string, NonNullable<ReturnType<typeof pointOf>>[]>();
      for (const batch of batches.reverse()) {
        for (const reading of batch.readings) {
          const point = pointOf(reading, inOctets.id, batch);
          const list = points.get(reading.entity) ?? [];
          if (point) points.set(reading.entity, list);
          if (point) list.push(point);
        }
      }
      const known = [...points.values()].flatMap((own) =>
        increases(inOctets, own, { periodSeconds: set.PERIOD_SECONDS }),
      );
      return sum(known.map(({ amount }) => Number(amount ?? 0n)));
    },
    async Q6() {
      const [name, entity] = [set.tenantName(about.tenant), set.entityName(about.subscriber)];
      const [rollup, top] = await Promise.all([
        months.read(rollupKey(name, inOctets.id, set.MONTH, entity)),
        months.read(topKey(name, inOctets.id, set.MONTH, entity)),
      ]);
      if (!rollup.bytes || !top.bytes) throw new Error('the month is not there');
      const { validSlots, expectedSlots } = sumOver(closed(unpackRollup(rollup.bytes).days));
      return Number(percentile95({ tops: unpackTops(top.bytes), validSlots, expectedSlots }).value);
    },
    async Q7() {
      const percentiles = await inParallel(tenants, tenants.length, async (name) => {
        const [byEntity, tops] = await Promise.all([
          store.readRollups(name, inOctets.id, set.MONTH),
          store.readTops(name, inOctets.id, set.MONTH),
        ]);
        return [...byEntity].map(([entity, days]) => {
          const { validSlots, expectedSlots } = sumOver(closed(days));
          return Number(percentile95({ tops: tops.get(entity) ?? [], validSlots, expectedSlots }).value);
        });
      });
      return sum(percentiles.flat());
    },
  };
}
