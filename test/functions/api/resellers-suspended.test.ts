import { beforeEach, expect, test } from 'vitest';
import { ResellersWorld } from '../resellers-world.ts';
import type { Api } from './asking.ts';

let world: ResellersWorld;
let ask: Api;
const params = { id: 'r1001' };
const A = { router: 'core', queue: 'a' };
const B = { router: 'edge', queue: 'b', targets: ['198.51.100.0/28'] };

beforeEach(async () => {
  world = new ResellersWorld();
  world.addRouter('edge');
  ask = world.api();
  const body = { id: 'r1001', name: 'One', addresses: ['192.0.2.5'], routers: [A, B], plan: { downMbps: 100 } };
  await ask('POST /v1/resellers', { body });
  await ask('POST /v1/resellers/{id}/suspend', { params, body: { version: 1 } });
  await world.workOff();
});
const change = (fields: Record<string, unknown>, version = 2) =>
  ask('PATCH /v1/resellers/{id}', { params, body: { version, ...fields } });
const ports = { router: 'core', queue: 'a', interfaces: ['ether5'] };

test.each([
  ['no routers', { routers: [] }, 'routers'],
  ['only ports', { routers: [ports] }, 'routers'],
  ['only ports where one is cut off', { routers: [ports, B] }, 'routers'],
  ['one mapping less', { routers: [B] }, 'routers'],
  ['another router', { routers: [B, { router: 'edge', queue: 'a' }] }, 'routers'],
  ['another queue that holds less', { routers: [A, { ...B, queue: 'c', targets: ['198.51.100.0/29'] }] }, 'routers'],
])('a suspended reseller is not let pass by a change to %s', async (_, fields, path) => {
  const before = [world.table.dump(), world.router().writes(), world.router('edge').writes()];
  const reply = await change(fields);
  expect(reply.status).toBe(422);
  expect(reply.body.errors).toMatchObject([{ path, message: expect.stringContaining('restore first') }]);
  expect([world.table.dump(), world.router().writes(), world.router('edge').writes()]).toEqual(before);
  expect(world.queue.sent).toEqual([]);
});

test('taking the addresses of a suspended reseller away names the addresses', async () => {
  const reply = await change({ addresses: [] });
  expect(reply.status).toBe(422);
  expect(reply.body.errors).toContainEqual({ path: 'addresses', message: expect.stringContaining('192.0.2.5/32') });
});

test.each([
  ['another queue of the same router', { routers: [A, { ...B, queue: 'c' }] }],
  ['wider targets', { routers: [A, { ...B, targets: ['198.51.100.0/27'] }] }],
  ['one more mapping', { routers: [A, B, { router: 'core', queue: 'd', targets: ['198.51.100.200'] }] }],
  ['other addresses', { addresses: ['192.0.2.77'] }],
])('a suspended reseller may be given %s, and stays cut off', async (_, fields) => {
  expect((await change(fields)).status).toBe(200);
  await world.workOff();
  const { body } = await ask('GET /v1/resellers/{id}', { params });
  expect([body.status, body.work.phase, body.applied.every((one: { cut: boolean }) => one.cut)]).toEqual([
    ...['suspended', 'done', true],
  ]);
});

test('a restored reseller may be given up to no router', async () => {
  await ask('POST /v1/resellers/{id}/restore', { params, body: { version: 2 } });
  await world.workOff();
  expect((await change({ routers: [] }, 3)).status).toBe(200);
  await world.workOff();
  expect([world.router().cutOff, world.router('edge').cutOff]).toEqual([[], []]);
});
