import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  await flow.addTaara('demo');
}, 120_000);

afterAll(() => flow.stop());

/** Rows that SQL sees, over all pages. */
async function rows(): Promise<number> {
  const [table] = flow.cloud.model.timestream.tables;
  const sql = `SELECT * FROM "${table?.database}"."${table?.name}" WHERE tenant = 'demo' ORDER BY time`;
  let count = 0;
  let NextToken: string | undefined;
  do {
    const { body } = await flow.cloud.timestream.handle('Query', {
      QueryString: sql,
      ...(NextToken ? { NextToken } : {}),
    });
    count += ((body.Rows as unknown[] | undefined) ?? []).length;
    NextToken = body.NextToken as string | undefined;
  } while (NextToken);
  return count;
}

test('every reading reaches SQL beside the table', async () => {
  await flow.runNow('collect-taara');
  await flow.settle();
  // Two accounts: a home plan each, and an untouched trial.
  await expect.poll(rows, { timeout: 15_000, interval: 300 }).toBe(3);
});

test('fault 7: while Timestream is down nothing else is late, and afterwards nothing is missing', async () => {
  const service = flow.cloud.timestream as { handle: typeof flow.cloud.timestream.handle };
  const working = service.handle;
  service.handle = async () => ({ status: 503, body: { __type: 'InternalServerException', message: 'down' } });
  await flow.pass(60);
  const { body } = await flow.call('GET', '/v1/bundles', { role: 'viewer' });
  expect(body.items.every((b: { stale: boolean }) => !b.stale)).toBe(true);
  const runs = await flow.call('GET', '/v1/runs?limit=100', { role: 'viewer' });
  expect(runs.body.items.every((r: { status: string }) => r.status === 'success')).toBe(true);
  const expected = runs.body.items.reduce((n: number, r: { accepted: number }) => n + r.accepted, 0);

  service.handle = working;
  await flow.redeliver();
  await expect.poll(rows, { timeout: 40_000, interval: 500 }).toBe(expected);
}, 90_000);
