/** The functions of the archive without their surroundings: who is asked, what is sent on, what is refused. */
import { expect, test } from 'vitest';
import type { ArchiveMessage } from '../../../functions/archive/archive.contract.ts';
import { createArchiveHandler } from '../../../functions/archive/archive.ts';
import { createArchivePlanner } from '../../../functions/archive/plan.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import type { ArchiveStep } from '../../../shared/samples/archive-writer.ts';
import { tenantNamed } from '../../shared/collect/fakes.ts';
import { archiveWorld, DAY_MS } from '../../shared/samples/archive-world.ts';
import { batch } from '../../shared/samples/router.ts';

const MESSAGE: ArchiveMessage = {
  ...{ version: 1, tenant: 'demo', month: '2025-03', kind: 'interface', target: 'core1' },
  notBefore: 0,
};
const BODY = JSON.stringify({ ...MESSAGE, fromTheFuture: true });

function queueOf() {
  const sent: ArchiveMessage[] = [];
  return {
    sent,
    send: async (message: ArchiveMessage) => void sent.push(message),
    sendMany: async (entries: readonly { message: ArchiveMessage }[]) =>
      void sent.push(...entries.map((e) => e.message)),
  };
}

function handlerOf(step: () => Promise<ArchiveStep>, removedAt?: number) {
  const queue = queueOf();
  const owner = { ...tenantNamed('demo'), ...(removedAt === undefined ? {} : { removedAt }) };
  const tenants = { readTenant: async (name: string) => (name === 'demo' ? owner : undefined) };
  return { queue, handle: createArchiveHandler({ tenants, step, queue }) };
}

test('a step that leaves something sends the same message on, and the last one sends none', async () => {
  const states: ArchiveStep['state'][] = ['part', 'part', 'done'];
  const { handle, queue } = handlerOf(async () => ({ state: states.shift() ?? 'there', rows: 5, bytes: 100 }));
  for (let n = 0; n < 3; n++) await handle(BODY);
  expect(queue.sent).toEqual([MESSAGE, MESSAGE]);
});

test('F24: nothing is archived for a tenant that is unknown or removed', async () => {
  const step = async (): Promise<ArchiveStep> => {
    throw new Error('it was asked');
  };
  expect(await handlerOf(step, 5).handle(BODY)).toBeUndefined();
  expect(await handlerOf(step).handle(JSON.stringify({ ...MESSAGE, tenant: 'other' }))).toBeUndefined();
});

test('an archive that does not answer is thrown on, so that the queue tries again, and nothing is sent', async () => {
  const { handle, queue } = handlerOf(async () => {
    throw new AppError('STORE_UNAVAILABLE', 'busy');
  });
  await expect(handle(BODY)).rejects.toThrow('busy');
  expect(queue.sent).toEqual([]);
});

test.each([
  ['', 'nothing'],
  ['null', 'null'],
  [JSON.stringify({ ...MESSAGE, version: 2 }), 'another version'],
  [JSON.stringify({ ...MESSAGE, tenant: '../other' }), 'a path for a tenant'],
  [JSON.stringify({ ...MESSAGE, month: '2025-13' }), 'a month that is none'],
  [JSON.stringify({ ...MESSAGE, target: '' }), 'no target'],
  [JSON.stringify({ ...MESSAGE, notBefore: -1 }), 'an instant before time'],
])('F21: %j is refused, so that it ends in the dead-letter queue (%s)', async (body) => {
  await expect(handlerOf(async () => ({ state: 'done', rows: 0, bytes: 0 })).handle(body)).rejects.toThrow();
});

test('planner and worker, message by message, end with the month whole', async () => {
  const world = archiveWorld();
  world.time.now = Date.parse('2025-03-20T00:00:00Z');
  await world.bring([batch(Date.parse('2025-03-10T00:00:00Z'), [{ entity: 'core1/a', input: 1n }])]);
  world.time.now = Date.parse('2025-03-01T00:00:00Z') + 381 * DAY_MS;
  const queue = queueOf();
  const tenants = { listTenants: async () => [tenantNamed('demo')], readTenant: async () => tenantNamed('demo') };
  const plan = createArchivePlanner({ tenants, planOf: world.plan, queue });
  const handle = createArchiveHandler({ tenants, step: world.step, queue });
  const first = await plan();
  expect(first).toMatchObject({ tenants: 1, closed: 0 });
  // Of the months that are due the first one has waited longest, though nothing stands in it.
  expect(first.unarchivedSeconds).toBeGreaterThanOrEqual((21 * DAY_MS) / 1000);
  for (let message = queue.sent.shift(); message; message = queue.sent.shift()) await handle(JSON.stringify(message));
  expect(await plan()).toMatchObject({ tasks: 0, closed: first.tasks, unarchivedSeconds: 0 });
  expect(await plan()).toEqual({ tenants: 1, tasks: 0, closed: 0, unarchivedSeconds: 0 });
});

test('a tenant whose plan fails stops the round, which is tried again whole', async () => {
  const queue = queueOf();
  const tenants = { listTenants: async () => [tenantNamed('demo'), tenantNamed('next')] };
  const planOf = async () => {
    throw new AppError('STORE_UNAVAILABLE', 'busy');
  };
  await expect(createArchivePlanner({ tenants, planOf, queue })()).rejects.toThrow('busy');
});
