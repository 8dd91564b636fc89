import { beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../../shared/alerts/alert.ts';
import { createAlertStore } from '../../../shared/alerts/alerts.dynamodb.ts';
import { putHistory } from '../../../shared/alerts/history.dynamodb.ts';
import { fingerprintOf } from '../../../shared/alerts/keys.ts';
import { publicId } from '../../../shared/entities/public-id.ts';
import { createResellerStore } from '../../../shared/resellers/resellers.dynamodb.ts';
import { resellerEntity } from '../../../shared/resellers/watch.ts';
import { alertOf } from '../../shared/alerts/examples.ts';
import { NOON } from '../../shared/collect/fakes.ts';
import { recordOf } from '../../shared/resellers/watch-world.ts';
import { ResellersWorld } from '../resellers-world.ts';
import type { Api } from './asking.ts';

const KEY = 'GET /v1/resellers/{id}/alerts';
let world: ResellersWorld;
let ask: Api;

const alertOfReseller = (id: string, rule: string, over: Partial<Alert> = {}): Alert =>
  alertOf({
    ...{ kind: 'reseller', entity: resellerEntity(id), entityName: `Customer ${id} (${id})`, rule, activeAt: NOON },
    fingerprint: fingerprintOf(resellerEntity(id), rule),
    ...{ outbox: [], ...over },
  });
async function keep(alert: Alert): Promise<void> {
  if (alert.state === 'resolved') return putHistory(world.table, alert);
  const store = createAlertStore(world.table);
  expect(await store.apply(undefined, { change: 'created', alert, overflow: [] })).toBe(true);
}
const rules = async (query: Record<string, string> = {}, id = 'r1') =>
  (await ask(KEY, { params: { id }, query })).body.items.map((one: { rule: string }) => one.rule);

beforeEach(async () => {
  world = new ResellersWorld();
  ask = world.api();
  for (const id of ['r1', 'r10']) await createResellerStore(world.table).put(recordOf(id, { revision: 0 }));
  const said = { detail: 'Given up: core: the targets overlap', severity: 'critical' } as const;
  await keep(alertOfReseller('r1', 'reseller-limit-failed', said));
  await keep(alertOfReseller('r10', 'reseller-drift'));
});

describe('the alerts of a reseller', () => {
  test('are its open ones alone, with what the router said, unless history is asked for', async () => {
    const { status, body } = await ask(KEY, { params: { id: 'r1' } });
    expect([status, body.items.length]).toEqual([200, 1]);
    expect(body.items[0]).toMatchObject({
      ...{ rule: 'reseller-limit-failed', severity: 'critical', entityName: 'Customer r1 (r1)', kind: 'reseller' },
      ...{ entity: publicId(resellerEntity('r1')), detail: 'Given up: core: the targets overlap' },
    });
    const ended = { state: 'resolved', resolvedAt: NOON, resolvedReason: 'cleared', activeAt: NOON - 60_000 } as const;
    await keep(alertOfReseller('r1', 'reseller-plan', ended));
    await keep(alertOfReseller('r10', 'reseller-plan', ended));
    expect(await rules()).toEqual(['reseller-limit-failed']);
    expect(await rules({ state: 'history' })).toEqual(['reseller-plan']);
    expect(await rules({ state: 'all' })).toEqual(['reseller-limit-failed', 'reseller-plan']);
    const first = await ask(KEY, { params: { id: 'r1' }, query: { state: 'all', limit: '1' } });
    expect(first.body.items).toHaveLength(1);
    const cursor = first.body.nextCursor;
    expect(await rules({ state: 'all', cursor })).toEqual(['reseller-plan']);
    // A place in one reseller's list is none in another's.
    expect((await ask(KEY, { params: { id: 'r10' }, query: { state: 'all', cursor } })).status).toBe(422);
  });

  test('are told to viewers, and to nobody of less', async () => {
    world.role = 'viewer';
    expect((await ask(KEY, { params: { id: 'r1' } })).status).toBe(200);
    world.role = 'reseller';
    expect((await ask(KEY, { params: { id: 'r1' } })).status).toBe(403);
  });

  test.each(['r2', 'R1', '', 'x'.repeat(300), '__proto__', '../r1'])('of one called %j are 404', async (id) => {
    expect((await ask(KEY, { params: { id } })).status).toBe(404);
  });

  test('of another tenant are 404, and none of its rows is shown under the same name', async () => {
    const other = recordOf('theirs', { tenant: 'other', revision: 0 });
    await createResellerStore(world.table).put(other);
    await keep(alertOfReseller('theirs', 'reseller-plan', { tenant: 'other' }));
    await keep(alertOfReseller('r1', 'reseller-plan', { tenant: 'other' }));
    expect((await ask(KEY, { params: { id: 'theirs' }, query: { state: 'all' } })).status).toBe(404);
    expect(await rules({ state: 'all' })).toEqual(['reseller-limit-failed']);
  });

  test('what is asked wrongly is told at once', async () => {
    const answer = await ask(KEY, { params: { id: 'r1' }, query: { state: 'none', limit: '0', entity: 'x' } });
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map((e: { path: string }) => e.path).sort()).toEqual([
      'query.entity',
      'query.limit',
      'query.state',
    ]);
  });
});
