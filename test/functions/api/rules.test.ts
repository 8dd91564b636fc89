import { beforeEach, describe, expect, test } from 'vitest';
import { createRuleEndpoints } from '../../../functions/api/rules.ts';
import { CAPABILITIES } from '../../../shared/capabilities.ts';
import type { Rule } from '../../../shared/rules/rule.ts';
import { createRuleStore } from '../../../shared/rules/rules.dynamodb.ts';
import { createFakeTable, type FakeTable } from '../../shared/fake-table.ts';
import { type Api, apiOf } from './asking.ts';

let table: FakeTable;
let ask: Api;
beforeEach(() => {
  table = createFakeTable();
  ask = open(table);
});
const open = (on: FakeTable): Api =>
  apiOf(
    createRuleEndpoints({
      rules: createRuleStore(on),
      kinds: CAPABILITIES,
      entityIds: async () => new Set(['home/a1']),
    }),
  );

const OWN = {
  id: 'own',
  kind: 'bundle',
  name: 'Own rule',
  type: 'threshold',
  metric: 'remainingPercent',
  comparison: 'below',
  levels: [{ severity: 'warning', fire: 50, clear: 55 }],
};
const list = async (): Promise<(Rule & { id: string })[]> =>
  (await ask('GET /v1/rules', { query: { limit: '500' } })).body.items;
const one = (id: string) => ask('GET /v1/rules/{id}', { params: { id } });
const change = (id: string, body: object, api = ask) => api('PATCH /v1/rules/{id}', { params: { id }, body });
const paths = (answer: { body: { errors: { path: string }[] } }) => answer.body.errors.map((e) => e.path);

test('the rules that hold are the defaults of every kind, in order, at version 0', async () => {
  const rules = await list();
  expect(rules.map((r) => r.id)).toEqual(CAPABILITIES.flatMap((c) => c.defaultRules.map((r) => r.id)).sort());
  expect(rules.every((r) => r.builtIn && r.version === 0)).toBe(true);
  expect(
    (await ask('GET /v1/rules', { query: { kind: 'bundle' } })).body.items.every((r: Rule) => r.kind === 'bundle'),
  ).toBe(true);
});

test('no two defaults share an id: one page after the other gives each once', async () => {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await ask('GET /v1/rules', { query: { limit: '2', ...(cursor ? { cursor } : {}) } });
    ids.push(...body.items.map((r: Rule) => r.id));
    cursor = body.nextCursor;
  } while (cursor);
  expect(ids).toEqual((await list()).map((r) => r.id));
});

describe('adding', () => {
  test('fills in what is not said, and names entities as the API gave them', async () => {
    const answer = await ask('POST /v1/rules', { body: { ...OWN, selector: { entities: ['home~a1'] } } });
    expect(answer).toMatchObject({
      status: 201,
      body: {
        ...OWN,
        enabled: true,
        holdSeconds: 0,
        clearSeconds: 0,
        builtIn: false,
        version: 1,
        selector: { entities: ['home~a1'] },
      },
    });
    expect((await one('own')).body).toMatchObject({ selector: { entities: ['home~a1'] } });
  });

  test('an id that is taken, by a default too, is 409', async () => {
    await ask('POST /v1/rules', { body: OWN });
    expect((await ask('POST /v1/rules', { body: OWN })).status).toBe(409);
    expect(await ask('POST /v1/rules', { body: { ...OWN, id: 'bundle-remaining' } })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('PATCH /v1/rules/bundle-remaining') },
    });
  });

  test('all that is wrong is told at once, and nothing is stored', async () => {
    const wrong = { ...OWN, id: 'Own!', name: '', kind: 'nothing', holdSeconds: -1, levels: [], message: '{nobody}' };
    const answer = await ask('POST /v1/rules', { body: wrong });
    expect(answer.status).toBe(422);
    expect(paths(answer).sort()).toEqual(['holdSeconds', 'id', 'kind', 'levels', 'message', 'name']);
    expect(table.dump()).toEqual([]);
  });

  test('an unknown type is told with those there are', async () => {
    const answer = await ask('POST /v1/rules', { body: { ...OWN, type: 'guess' } });
    expect(answer.body.errors).toEqual([{ path: 'type', message: 'must be one of threshold, absence' }]);
  });

  test.each(['home~nobody', 'home/a1', '=FF'])('the entity %s that the tenant does not have is refused', async (id) => {
    expect(paths(await ask('POST /v1/rules', { body: { ...OWN, selector: { entities: [id] } } }))[0]).toBe(
      'selector.entities[0]',
    );
  });

  test.each(['builtIn', 'version', 'tenant'])('%s is not the caller’s to set', async (field) => {
    expect(paths(await ask('POST /v1/rules', { body: { ...OWN, [field]: true } }))).toEqual([field]);
  });
});

describe('changing', () => {
  test('a default keeps its name and goes on to version 1', async () => {
    expect((await change('bundle-no-data', { version: 0, enabled: false })).body).toMatchObject({
      id: 'bundle-no-data',
      enabled: false,
      builtIn: true,
      version: 1,
    });
    expect((await one('bundle-no-data')).body).toMatchObject({ enabled: false, version: 1 });
  });

  test('of two who read the same version the second is told, also at the first change of a default', async () => {
    const { version } = (await one('bundle-no-data')).body;
    expect((await change('bundle-no-data', { version, slots: 5 })).status).toBe(200);
    expect(await change('bundle-no-data', { version, enabled: false })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('read it again') },
    });
    expect((await one('bundle-no-data')).body).toMatchObject({ slots: 5, enabled: true });
  });

  test('a change that came between the reading and the writing is not overwritten', async () => {
    await ask('POST /v1/rules', { body: OWN });
    let raced = false;
    const late = table.view(async (step) => {
      if (!step.write || raced) return;
      raced = true;
      expect((await change('own', { version: 1, name: 'First' })).status).toBe(200);
    });
    const answer = await change('own', { version: 1, name: 'Second' }, open(late as FakeTable));
    expect(answer.status).toBe(409);
    expect((await one('own')).body).toMatchObject({ name: 'First', version: 2 });
  });

  test('fields of the other type of rule are refused', async () => {
    expect(paths(await change('bundle-no-data', { version: 0, metric: 'remaining', levels: [] })).sort()).toEqual([
      'levels',
      'metric',
    ]);
    expect(paths(await change('bundle-remaining', { version: 0, slots: 3 }))).toEqual(['slots']);
  });

  test('an impossible whole is refused, though each field is right', async () => {
    const answer = await change('bundle-remaining', { version: 0, comparison: 'above' });
    expect(answer.status).toBe(422);
    expect(paths(answer).length).toBeGreaterThan(0);
    expect(table.dump()).toEqual([]);
  });

  test('a rule that nobody has is 404', async () => {
    for (const id of ['nothing', '__proto__', '']) expect((await change(id, { version: 0 })).status).toBe(404);
  });
});

describe('removing', () => {
  const remove = (id: string) => ask('DELETE /v1/rules/{id}', { params: { id } });

  test('an own rule is gone, and its id is free again', async () => {
    await ask('POST /v1/rules', { body: OWN });
    expect((await remove('own')).status).toBe(204);
    expect((await one('own')).status).toBe(404);
    expect((await ask('POST /v1/rules', { body: OWN })).status).toBe(201);
  });

  test('a default is disabled, and can be enabled again', async () => {
    expect((await remove('bundle-no-data')).status).toBe(204);
    const { body } = await one('bundle-no-data');
    expect(body).toMatchObject({ enabled: false, builtIn: true, version: 1 });
    expect((await change('bundle-no-data', { version: body.version, enabled: true })).body).toMatchObject({
      enabled: true,
      version: 2,
    });
  });
});

test('a rule whose thresholds stand with each entity takes none of its own, and says where they are', async () => {
  const answer = await change('link-load', {
    version: 0,
    metric: 'utilisationPercent',
    levels: [{ severity: 'critical', fire: 80, clear: 70 }],
  });
  expect([answer.status, paths(answer)]).toEqual([422, ['metric', 'levels']]);
  expect(answer.body.errors[0].message).toContain('thresholdMbps');
  expect(await change('link-load', { version: 0, holdSeconds: 600 })).toMatchObject({
    status: 200,
    body: { holdSeconds: 600, levelsFrom: { fire: 'thresholdBitsPerSecond' } },
  });
});
