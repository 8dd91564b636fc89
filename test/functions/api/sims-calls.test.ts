/** A fleet of 10,000 SIMs in the real stores: what a question costs is counted in calls to the table. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createSimEndpoints } from '../../../functions/api/sims.ts';
import { shardTarget } from '../../../shared/collect/source.ts';
import { openSourceStore } from '../../../shared/collect/sources.dynamodb.ts';
import { createEntityStore } from '../../../shared/entities/entities.dynamodb.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import { entityKey } from '../../../shared/entities/keys.ts';
import { createTenantStore } from '../../../shared/entities/tenants.dynamodb.ts';
import { createSampleStore } from '../../../shared/samples/samples.dynamodb.ts';
import { createFleetStore } from '../../../shared/sims/fleet.dynamodb.ts';
import { createFleetQueries } from '../../../shared/sims/fleet.query.ts';
import { simMetrics } from '../../../shared/sims/metrics.ts';
import { shardOf, shardsFor } from '../../../shared/sims/shards.ts';
import { createSimLog } from '../../../shared/sims/simlog.dynamodb.ts';
import { createSimQueries } from '../../../shared/sims/sims.query.ts';
import { createUsageStore } from '../../../shared/sims/usage.dynamodb.ts';
import { tenantNamed } from '../../shared/collect/fakes.ts';
import { createFakeTable } from '../../shared/fake-table.ts';
import { meter } from '../../shared/meter.ts';
import { accountSource, iccidAt, MINUTE_MS, NOW } from '../../shared/sims/shown-world.ts';
import { anybody, apiOf } from './asking.ts';

const SIMS = 10_000;
/** One read unit buys 8 KB where consistency is not asked for; a page of a query holds 1 MB. */
const KB_OF_UNIT = 8;
const PAGE_KB = 1024;
const SHARDS = shardsFor(SIMS);
const DEMO = tenantNamed('demo');
const clock = { now: () => NOW };
const inner = createFakeTable();
const metered = meter(inner);
const { table } = metered;
const stores = {
  samples: createSampleStore(table, () => simMetrics),
  entities: createEntityStore(table),
  fleets: createFleetStore(table),
  sources: openSourceStore({ table, tenants: createTenantStore(table) }),
  usage: createUsageStore({ table, clock }),
  log: createSimLog({ table, clock }),
};
const queries = createSimQueries({ ...stores, clock });
const fleet = createFleetQueries({ sims: queries, usage: stores.usage, clock });
const ask = apiOf(createSimEndpoints({ queries, fleet, clock }), anybody(DEMO));

beforeAll(async () => {
  await createTenantStore(table).addTenant(DEMO);
  await stores.sources.put(accountSource('fleet'));
  await stores.fleets.create('demo', 'fleet', SHARDS);
  const byTarget = new Map<string, string[]>();
  for (let n = 0; n < SIMS; n++) {
    const target = shardTarget('fleet', shardOf(iccidAt(n), SHARDS));
    byTarget.set(target, [...(byTarget.get(target) ?? []), iccidAt(n)]);
  }
  for (const [target, iccids] of byTarget) await fill(target, iccids);
  await stores.usage.record(
    { tenant: 'demo', account: 'fleet', iccid: iccidAt(0) },
    [{ day: '2026-11-20', dataTotal: 7_000_000n }],
    NOW,
    '2026-11-20',
  );
  metered.reset();
});

/** Entities are put as their store does, without its query of the target: the table in memory sorts all it holds for each. */
async function fill(target: string, iccids: readonly string[]): Promise<void> {
  for (const iccid of iccids) {
    const id = `${target}/${iccid}`;
    const attributes = { account: 'fleet', iccid, enabled: true, label: `Unit ${iccid}`, msisdn: '882000000000001' };
    const entity: Entity = {
      ...{ tenant: 'demo', kind: 'sim', id, target, name: iccid, attributes, labels: {} },
      ...{ simulated: true, firstSeenAt: NOW },
    };
    await inner.put({ ...entityKey('demo', 'sim', id), ...entity });
  }
  const ref = { tenant: 'demo', kind: 'sim', target };
  const slot = NOW - 15 * MINUTE_MS;
  const readings = iccids.map((iccid) => ({
    ...{ entity: `${target}/${iccid}`, receivedAt: slot },
    values: { dataRemaining: BigInt(iccid.slice(-4)), dataTotal: 500_000_000n, lastSeen: BigInt(slot / 1000) },
  }));
  const lease = await stores.samples.acquireLease(ref, slot, MINUTE_MS);
  if (!lease) throw new Error('nobody else holds it');
  const batch = { ...ref, slot, part: 0, receivedAt: slot, periodSeconds: 900, boundary: true, readings };
  await stores.samples.advanceHead(lease, batch, { slot, at: slot, ok: true, failures: 0 });
}

async function callsOf(key: string, asked: Parameters<typeof ask>[1] = {}) {
  metered.reset();
  const { status, body } = await ask(key, asked);
  expect(status).toBe(200);
  return { calls: metered.calls, body };
}

describe('10,000 SIMs', () => {
  test('are listed from one query each of entities, heads, accounts and sources, in any order and from any page', async () => {
    const first = await callsOf('GET /v1/sims', { query: { limit: '500', sort: '-remaining' } });
    expect(first.calls).toBe(4);
    expect(first.body.items[0].data.remainingMegabytes).toBe('0.009999');
    const next = await callsOf('GET /v1/sims', {
      query: { limit: '500', sort: '-remaining', cursor: first.body.nextCursor },
    });
    expect(next.calls).toBe(4);
    expect(next.body.items[0].iccid).toBe(iccidAt(9499));
  });

  test('are so few bytes that a handful of pages hold them', async () => {
    await callsOf('GET /v1/sims');
    expect(metered.reads * KB_OF_UNIT).toBeLessThan(6 * PAGE_KB);
  });

  test('are summed up and ranked with one query more for each month', async () => {
    const overview = await callsOf('GET /v1/sims/overview');
    expect(overview.calls).toBe(5);
    expect(overview.body).toMatchObject({
      total: SIMS,
      enabled: SIMS,
      usedThisMonth: { megabytes: '7', simsKnown: 1 },
    });
    expect(overview.body.accounts).toMatchObject([{ simsListed: SIMS, detailsKnown: SIMS }]);
    const top = await callsOf('GET /v1/sims/top', { query: { days: '180' } });
    expect(top.calls).toBe(4 + 7);
    expect(top.body.items).toMatchObject([{ iccid: iccidAt(0), dataMegabytes: '7', sharePercent: 100, listed: true }]);
  });

  test('cost no more than one of them when one is asked for', async () => {
    const params = { iccid: iccidAt(1234) };
    const one = await callsOf('GET /v1/sims/{iccid}', { params });
    expect(one.calls).toBe(5);
    expect(one.body).toMatchObject({ label: `Unit ${iccidAt(1234)}`, data: { remainingMegabytes: '0.001234' } });
    expect((await callsOf('GET /v1/sims/{iccid}/usage', { params })).calls).toBe(7);
  });
});
