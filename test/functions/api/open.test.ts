import { expect, test } from 'vitest';
import { createOpenEndpoints, type OpenDeps } from '../../../functions/api/open.ts';
import { ALL_ROUTES, openApiDocument } from '../../../functions/api/openapi.ts';
import { FUNCTIONS } from '../../../functions/manifest.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import { MovableClock, NOON, tenantNamed } from '../../shared/collect/fakes.ts';
import { apiOf } from './asking.ts';

const health = async (over: Partial<OpenDeps>) => {
  const deps: OpenDeps = {
    tenants: { listTenants: async () => [tenantNamed('demo')] },
    watches: { read: async () => ({ tickAt: NOON - 30_000 }) as never },
    clock: new MovableClock(),
    stage: 'local',
    document: openApiDocument,
    ...over,
  };
  return (await apiOf(createOpenEndpoints(deps), undefined)('GET /health')).body;
};

test('all is well while the table answers and the minute sweep ran', async () => {
  expect(await health({})).toEqual({
    status: 'ok',
    stage: 'local',
    checks: {
      api: { ok: true },
      table: { ok: true, milliseconds: 0 },
      schedules: { ok: true, detail: 'the minute sweep ran 30 s ago' },
    },
  });
});

test.each<[string, Partial<OpenDeps>, object]>([
  [
    'the table does not answer',
    { tenants: { listTenants: () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'no')) } },
    { table: { ok: false }, schedules: { ok: false } },
  ],
  [
    'the sweep has never run',
    { watches: { read: async () => undefined } },
    { schedules: { ok: false, detail: 'the minute sweep has not run yet' } },
  ],
  [
    'the sweep stands still',
    { watches: { read: async () => ({ tickAt: NOON - 180_000 }) as never } },
    { schedules: { ok: false, detail: 'the minute sweep ran 180 s ago' } },
  ],
])('when %s, it is said, with a 200 that names nobody', async (_, over, checks) => {
  const body = await health(over);
  expect(body).toMatchObject({ status: 'degraded', checks });
  expect(JSON.stringify(body)).not.toContain('demo');
});

test('before the first tenant nothing is wrong', async () => {
  expect(await health({ tenants: { listTenants: async () => [] } })).toMatchObject({
    status: 'ok',
    checks: { schedules: { detail: 'there is no tenant yet' } },
  });
});

test('the description has every route of the manifest but the callback, each once', () => {
  const { paths } = openApiDocument() as { paths: Record<string, Record<string, unknown>> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((m) => `${m.toUpperCase()} ${path}`),
  );
  const answered = FUNCTIONS.flatMap((f) => (f.trigger.on === 'http' ? f.trigger.routes : [])).filter(
    (r) => !r.includes('/callbacks/'),
  );
  expect(described.sort()).toEqual([...answered].sort());
  expect(new Set(ALL_ROUTES.map((r) => r.key)).size).toBe(ALL_ROUTES.length);
});
