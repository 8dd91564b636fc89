import { beforeEach, describe, expect, test } from 'vitest';
import { createHistoryEndpoints } from '../../../functions/api/history.ts';
import { bundleMetrics } from '../../../shared/bundles/metrics.ts';
import type { FoldMessage, Source } from '../../../shared/collect/source.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import { interfaceMetrics } from '../../../shared/interfaces/metrics.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import type { Batch, TargetRef } from '../../../shared/samples/sample.ts';
import { MovableClock, memoryQueue, NOON, sourceNamed } from '../../shared/collect/fakes.ts';
import { type Api, apiOf, type Reply } from './asking.ts';

let clock: MovableClock;
let source: Source;
let entities: Entity[];
let stored: { ref: TargetRef; batches: readonly Batch[] }[];
let storeFails: boolean;
let fold: ReturnType<typeof memoryQueue<FoldMessage>>;
let ask: Api;

const entity = (planId: string, planName: string, target = 'home'): Entity => ({
  ...{ tenant: 'demo', kind: 'bundle', id: `${target}/${planId}`, target, name: `${target} ${planName}` },
  ...{ attributes: { planId, planName }, labels: {}, simulated: false, firstSeenAt: 1 },
});

beforeEach(() => {
  clock = new MovableClock();
  source = sourceNamed('home');
  entities = [entity('a1', 'Month'), entity('b2', 'Trial')];
  stored = [];
  storeFails = false;
  fold = memoryQueue();
  ask = apiOf(
    createHistoryEndpoints({
      clock,
      foldQueue: fold,
      sources: { read: async (_, id) => (id === source.id ? source : undefined) },
      entities: { listOfTarget: async () => entities },
      metricsOf: (kind) => (kind === 'bundle' ? bundleMetrics : interfaceMetrics),
      history: {
        importPoints: async (ref, batches) => {
          if (storeFails) throw new AppError('STORE_UNAVAILABLE', 'the table did not answer');
          stored.push({ ref, batches });
        },
      },
    }),
  );
});

const send = (csv: string): Promise<Reply> =>
  ask('POST /v1/sources/{id}/history', { params: { id: source.id }, body: csv });
const readings = () => stored.flatMap((s) => s.batches.flatMap((b) => b.readings.map((r) => [r.entity, r.values])));
const nothingStored = () => expect([stored, fold.sent]).toEqual([[], []]);
const told = (answer: Reply): string[] =>
  answer.body.errors.map((e: { path: string; message: string }) => `${e.path}: ${e.message}`);

describe("Headroom's own columns", () => {
  test('become batches of the source, and one message to fold them', async () => {
    const answer = await send(
      'at,entity,remaining,active\n2029-12-31T10:00:00Z,home~a1,500,1\n2029-12-31T10:15:00Z,home~a1,400,1\n2029-12-31T10:15:00Z,home/b2,7,0',
    );
    expect(answer).toMatchObject({
      status: 200,
      body: { rows: 3, entities: 2, from: '2029-12-31T10:00:00.000Z', to: '2029-12-31T10:15:00.000Z' },
    });
    expect(stored[0]?.ref).toEqual({ tenant: 'demo', kind: 'bundle', target: 'home' });
    expect(stored[0]?.batches.map((b) => [b.slot, b.periodSeconds, b.receivedAt, b.boundary])).toEqual([
      [Date.parse('2029-12-31T10:00:00Z'), 900, NOON, true],
      [Date.parse('2029-12-31T10:15:00Z'), 900, NOON, true],
    ]);
    expect(readings()).toEqual([
      ['home/a1', { remaining: 500n, active: 1n }],
      ['home/a1', { remaining: 400n, active: 1n }],
      ['home/b2', { remaining: 7n, active: 0n }],
    ]);
    expect(fold.sent.map((s) => s.message)).toEqual([{ version: 1, tenant: 'demo', kind: 'bundle', target: 'home' }]);
  });

  test('may name a plan of the past by its own id, which gets this source in front', async () => {
    expect((await send('at,entity,remaining\n2029-12-31T10:00:00Z,gone9,1')).status).toBe(200);
    expect(readings()).toEqual([['home/gone9', { remaining: 1n }]]);
  });

  test.each(['office~a1', 'office/a1', 'home~nothing', 'home/nothing'])(
    'may not name %s, which this source does not have',
    async (name) => {
      const answer = await send(`at,entity,remaining\n2029-12-31T10:00:00Z,home~a1,1\n2029-12-31T10:15:00Z,${name},1`);
      expect(answer.status).toBe(422);
      expect(told(answer)).toEqual([expect.stringMatching(/^line 3, entity: ".*" is nothing that this source has/)]);
      nothingStored();
    },
  );

  test('may name a plan by its name where that is one plan', async () => {
    expect((await send('at,plan_name,remaining\n2029-12-31T10:00:00Z,Trial,1')).status).toBe(200);
    expect(readings()).toEqual([['home/b2', { remaining: 1n }]]);
    const unknown = await send('at,plan_name,remaining\n2029-12-31T10:00:00Z,trial,1');
    expect(told(unknown)).toEqual([expect.stringContaining('line 2, plan_name')]);
  });

  test('a name that two plans bear is refused, not guessed', async () => {
    entities = [entity('a1', 'Month'), entity('c3', 'Month')];
    const answer = await send('at,plan_name,remaining\n2029-12-31T10:00:00Z,Month,1');
    expect(answer.status).toBe(422);
    expect(told(answer)).toEqual(['line 2, plan_name: is the name of several plans here: name them by plan_id']);
    nothingStored();
  });

  test('every bad row is told at once, and nothing of the good ones is stored', async () => {
    const answer = await send(
      'at,entity,remaining\n2029-12-31T10:00:00Z,home~a1,1\nyesterday,home~a1,1\n2029-12-31T10:15:00Z,home~a1,much\n2031-01-01T00:00:00Z,home~a1,1',
    );
    expect(answer).toMatchObject({
      status: 422,
      body: {
        code: 'REQUEST_INVALID',
        detail: expect.stringMatching(/^3 rows are wrong, and nothing was stored: line 3/),
      },
    });
    expect(told(answer).map((t) => t.split(':')[0])).toEqual(['line 3, at', 'line 4, remaining', 'line 5, at']);
    nothingStored();
  });

  test.each([
    ['an unknown column', 'at,entity,remaning\n2029-12-31T10:00:00Z,home~a1,1', 'line 1'],
    ['no rows of use', 'nonsense', 'line 1'],
  ])('%s is refused', async (_, csv, place) => {
    const answer = await send(csv);
    expect(answer.status).toBe(422);
    expect(told(answer)[0]).toContain(place);
    nothingStored();
  });
});

describe("the older monitor's export", () => {
  const HEADER =
    'id,timestamp,subscriber_id,plan_name,plan_id,remaining_balance_gb,expires_in_days,is_active,total_data_usage_bytes';

  test('becomes readings in octets and seconds', async () => {
    const answer = await send(
      `${HEADER}\n1,2029-12-31 10:00:00,s,Month,a1,1.5,3,1,0\n2,2029-12-31 10:15:00,s,Trial,b2,2.5,1,0,0`,
    );
    expect(answer).toMatchObject({ status: 200, body: { rows: 2, entities: 2 } });
    expect(readings()).toEqual([
      ['home/a1', expect.objectContaining({ remaining: 1_500_000_000n, active: 1n })],
      ['home/b2', expect.objectContaining({ remaining: 2_500_000_000n, active: 0n })],
    ]);
  });

  test('is no history of a router: its columns are judged as those of one', async () => {
    source = sourceNamed('core1', { type: 'snmp', kind: 'interface' });
    entities = [];
    const answer = await send(`${HEADER}\n1,2029-12-31 10:00:00,s,Month,a1,1.5,3,1,0`);
    expect(answer.status).toBe(422);
    nothingStored();
  });
});

test('an unknown source is 404, before the file is looked at', async () => {
  expect((await ask('POST /v1/sources/{id}/history', { params: { id: 'nobody' }, body: 'x' })).status).toBe(404);
});

test('where the table fails, nothing is folded, and the same file may be sent again', async () => {
  storeFails = true;
  const csv = 'at,entity,remaining\n2029-12-31T10:00:00Z,home~a1,1';
  expect((await send(csv)).status).toBe(503);
  expect(fold.sent).toEqual([]);
  storeFails = false;
  expect((await send(csv)).status).toBe(200);
});
