import { beforeEach, describe, expect, test } from 'vitest';
import { resellerRoutes } from '../../../shared/resellers/resellers.contract.ts';
import { failing, saying } from '../../shared/resellers/memory-router.ts';
import { ResellersWorld } from '../resellers-world.ts';
import type { Api } from './asking.ts';

let world: ResellersWorld;
let ask: Api;
beforeEach(() => {
  world = new ResellersWorld();
  ask = world.api();
});

const R1 = {
  ...{ id: 'r1001', name: 'Corner Café', phone: '+447700900123', email: 'noc@example.test' },
  ...{ addresses: ['192.0.2.5'], routers: [{ router: 'core' }], plan: { name: 'Fast', downMbps: 100, upMbps: 20 } },
};
const id = 'r1001';
const params = { id };
const add = (over: Record<string, unknown> = {}) => ask('POST /v1/resellers', { body: { ...R1, ...over } });
const read = async () => (await ask('GET /v1/resellers/{id}', { params })).body;
const plan = (body: Record<string, unknown>, query: Record<string, string> = {}) =>
  ask('POST /v1/resellers/{id}/plan', { params, body, query });
const paths = (reply: { body: { errors: { path: string }[] } }) => reply.body.errors.map((e) => e.path).sort();
const queueOf = (name = 'reseller_r1001') => world.router().queues.get(name);
const limit = (to: number, from: number) => ({ toTargetBitsPerSecond: to * 1e6, fromTargetBitsPerSecond: from * 1e6 });

describe('adding one', () => {
  test('is accepted at once and done when the router was read back', async () => {
    const reply = await add();
    expect(reply.status).toBe(201);
    expect(reply.body).toMatchObject({
      ...{ id, version: 1, status: 'active', plan: { name: 'Fast', downMbps: 100, upMbps: 20 } },
      routers: [{ router: 'core', queue: 'reseller_r1001', targets: null, interfaces: [] }],
      addresses: ['192.0.2.5/32'],
      work: { action: 'create', phase: 'pending', attempts: 0, lastError: null },
      applied: [],
    });
    expect(world.router().calls).toEqual([]);
    expect(await world.workOff()).toEqual(['done']);
    expect(queueOf()).toMatchObject({ targets: ['192.0.2.5/32'], limit: limit(100, 20) });
    expect(await read()).toMatchObject({
      work: { phase: 'done' },
      applied: [{ router: 'core', limit: { downMbps: 100, upMbps: 20 }, cut: false, verifiedAt: expect.any(String) }],
    });
    expect(await world.auditRows()).toEqual([
      'resellers.create requested',
      'resellers.limit intent',
      'resellers.limit done',
      'resellers.create done',
    ]);
  });

  test('without anything to do on a router sends nobody there, and says that there is no work', async () => {
    const { body } = await add({ plan: undefined });
    expect(body.work).toBeNull();
    expect(world.queue.sent).toEqual([]);
    expect(await world.auditRows()).toEqual(['resellers.create intent', 'resellers.create done']);
  });

  test('tells everything that is wrong at once, with its place, and stores nothing', async () => {
    const reply = await add({
      id: 'R 1',
      name: ' ',
      phone: '07700 900123',
      email: 'nobody',
      addresses: ['192.0.2.5/24', '0.0.0.0/0', 'x'],
      routers: [
        { router: 'nowhere', targets: ['198.51.100.1'] },
        { router: 'core', queue: '*1', colour: 'red' },
      ],
      plan: { downMbps: 0, upMbps: 0.0001 },
      role: 'owner',
    });
    expect(reply.status).toBe(422);
    expect([...new Set(paths(reply))]).toEqual([
      ...[
        'addresses[0]',
        'addresses[1]',
        'addresses[2]',
        'email',
        'id',
        'name',
        'phone',
        'plan.downMbps',
        'plan.upMbps',
      ],
      ...['role', 'routers[1].colour', 'routers[1].queue'],
    ]);
    expect(world.table.dump()).toEqual([]);
    const judged = await add({ name: '', addresses: [], routers: [{ router: 'nowhere' }] });
    expect(paths(judged)).toEqual(['name', 'routers[0]', 'routers[0].router']);
  });

  test('twice is refused', async () => {
    await add();
    expect((await add()).status).toBe(409);
  });

  test.each([
    [
      'the same queue on the same router',
      { routers: [{ router: 'core', queue: 'reseller_r1001' }], addresses: ['192.0.2.9'] },
      ['routers[0].queue'],
    ],
    [
      'targets that somebody holds',
      { routers: [{ router: 'core', targets: ['192.0.2.0/29'] }], addresses: [] },
      ['routers[0].targets'],
    ],
    ['addresses that somebody holds', {}, ['addresses']],
    [
      'targets that overlap within',
      {
        routers: [
          { router: 'core', targets: ['198.51.100.0/30'] },
          { router: 'core', queue: 'b', targets: ['198.51.100.1'] },
        ],
      },
      ['routers[1].targets'],
    ],
    ['nothing to hold', { routers: [{ router: 'core' }], addresses: [] }, ['routers[0]']],
  ])('%s is refused', async (_, over, wrong) => {
    await add();
    const reply = await add({ id: 'r1002', ...over });
    expect([reply.status, paths(reply)]).toEqual([422, wrong]);
  });

  test('the same addresses on another router are no conflict', async () => {
    await add();
    world.addRouter('edge');
    expect((await add({ id: 'r1002', routers: [{ router: 'edge' }] })).status).toBe(201);
  });
});

describe('on routers that hold interfaces', () => {
  const on = (...targets: string[]) => ({ routers: [{ router: 'edge', targets }] });
  beforeEach(() => {
    world.addRouter('edge', 'junos');
    world.addRouter('asr', 'iosxe');
  });

  test.each([
    [
      'an address',
      on('198.51.100.7'),
      ['routers[0].targets'],
      /^198.51.100.7\/32 is an address.*give targets with the one/,
    ],
    ['the addresses, for want of targets', { routers: [{ router: 'asr' }] }, ['routers[0].targets'], /is an address/],
    ['two interfaces', on('ge-0/0/0.10', 'ge-0/0/0.20'), ['routers[0].targets'], /must be one interface/],
    ['a mistyped address', on('fe80:1:2/48'), ['routers[0].targets[0]'], /or the name of an interface/],
    ['markup', on('<ge-0/0/0.10>'), ['routers[0].targets[0]'], /or the name of an interface/],
    [
      'an interface on a router that holds addresses',
      { routers: [{ router: 'core', targets: ['ether1'] }] },
      ['routers[0].targets'],
      /hold addresses/,
    ],
  ])('%s is refused, with what to give', async (_, over, wrong, message) => {
    const reply = await add(over);
    expect([reply.status, paths(reply)]).toEqual([422, wrong]);
    expect(reply.body.errors[0].message).toMatch(message);
    expect(world.queue.sent).toEqual([]);
  });

  test.each([
    ['junos', 'edge', ['ge-0/0/0.10', 'xe-1/0/0:2.4094', 'ae0.100', 'irb.10']],
    ['iosxe', 'asr', ['GigabitEthernet0/0/0.10', 'TwentyFiveGigE1/0/1', 'Port-channel1.10', 'Vlan10']],
  ])('names of %s are taken as they are', async (_, router, names) => {
    for (const [i, name] of names.entries()) {
      const reply = await add({ id: `r${i}`, addresses: [], routers: [{ router, targets: [name] }] });
      expect([reply.status, reply.body.routers?.[0]?.targets]).toEqual([201, [name]]);
    }
  });

  test('one interface is one customer’s', async () => {
    expect((await add(on('ge-0/0/0.10'))).status).toBe(201);
    const reply = await add({ id: 'r1002', addresses: [], ...on('ge-0/0/0.10') });
    expect([reply.status, paths(reply)]).toEqual([422, ['routers[0].targets']]);
    expect((await add({ id: 'r1002', addresses: [], ...on('ge-0/0/0.1') })).status).toBe(201);
  });

  test('plan, suspension and restoring are about the interface', async () => {
    await add(on('ge-0/0/0.10'));
    await world.workOff();
    const edge = world.router('edge');
    expect(queueOf()).toBeUndefined();
    expect(edge.queues.get('reseller_r1001')).toMatchObject({ targets: ['ge-0/0/0.10'], limit: limit(100, 20) });
    const ask2 = async (what: 'suspend' | 'restore') =>
      ask(`POST /v1/resellers/{id}/${what}`, { params, body: { version: (await read()).version } });
    await ask2('suspend');
    await world.workOff();
    expect(edge.cutOff).toEqual(['ge-0/0/0.10']);
    await ask2('restore');
    await world.workOff();
    expect(edge.cutOff).toEqual([]);
    expect((await read()).work).toMatchObject({ phase: 'done' });
    // Somebody cuts it off by hand, in our way: an active one that is cut off differs.
    edge.cutOff = ['ge-0/0/0.10'];
    const dry = await plan({ downMbps: 100, upMbps: 20, version: (await read()).version }, { dryRun: 'true' });
    expect(dry.body).toMatchObject({ wouldChange: true, differences: [{ what: 'cut' }] });
  });
});

describe('a plan', () => {
  beforeEach(async () => {
    await add();
    await world.workOff();
  });

  test('is accepted, never called done before it is', async () => {
    const reply = await plan({ downMbps: 300, version: 1 });
    expect(reply).toMatchObject({ status: 202, body: { version: 2, work: { phase: 'pending', action: 'plan' } } });
    expect(queueOf()?.limit).toEqual(limit(100, 20));
    await world.workOff();
    expect(queueOf()?.limit).toEqual(limit(300, 300));
    expect((await read()).work.phase).toBe('done');
  });

  test('of an older version is refused, and nobody is sent', async () => {
    await plan({ downMbps: 300, version: 1 });
    world.queue.sent.length = 0;
    expect((await plan({ downMbps: 400, version: 1 })).status).toBe(409);
    expect(world.queue.sent).toEqual([]);
  });

  test('a dry run tells how the router differs, by reading only', async () => {
    const before = world.table.dump();
    world.router().calls.length = 0;
    const reply = await plan({ downMbps: 300, version: 1 }, { dryRun: 'true' });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        ...{ dryRun: true, wouldChange: true },
        differences: [
          { router: 'core', what: 'limit', wanted: 'down 300 Mb/s, up 300 Mb/s', found: 'down 100 Mb/s, up 20 Mb/s' },
        ],
      },
    });
    expect(world.router().writes()).toEqual([]);
    expect([world.table.dump(), world.queue.sent]).toEqual([before, []]);
    expect((await plan({ downMbps: 100, upMbps: 20, version: 1 }, { dryRun: 'true' })).body).toMatchObject({
      ...{ wouldChange: false, differences: [] },
    });
    expect(world.router().opened).toBe(world.router().closed);
  });

  test('a dry run that cannot read the router says so, and guesses nothing', async () => {
    failing(world.router(), 'readQueues', saying('SOURCE_UNAVAILABLE', 'the router does not answer'));
    const reply = await plan({ downMbps: 300, version: 1 }, { dryRun: 'true' });
    expect([reply.status, reply.body.detail]).toEqual([502, 'the router does not answer']);
    world.router().before = () => undefined;
    world.router().queues.clear();
    world.router().rejected = [{ path: '[0].max-limit', message: 'is no rate' }];
    expect((await plan({ downMbps: 300, version: 1 }, { dryRun: 'true' })).status).toBe(502);
  });
});

describe('suspend and restore', () => {
  beforeEach(async () => {
    await add();
    await world.workOff();
  });
  const suspend = (version: number) =>
    ask('POST /v1/resellers/{id}/suspend', { params, body: { version, reason: 'unpaid' } });
  const restore = (version: number) => ask('POST /v1/resellers/{id}/restore', { params, body: { version } });

  test('suspending cuts off, and leaves the queue on', async () => {
    expect((await suspend(1)).body).toMatchObject({ status: 'suspended', work: { phase: 'pending' } });
    await world.workOff();
    expect(world.router().cutOff).toEqual(['192.0.2.5/32']);
    expect(queueOf()).toMatchObject({ disabled: false, limit: limit(100, 20) });
    expect(await read()).toMatchObject({
      status: 'suspended',
      work: { phase: 'done' },
      applied: [{ cut: true, limit: null }],
    });
  });

  test('restoring writes the plan of now first, and lets pass then', async () => {
    await suspend(1);
    await plan({ downMbps: 50, version: 2 });
    await world.workOff();
    expect(queueOf()?.limit).toEqual(limit(100, 20));
    world.router().calls.length = 0;
    await restore(3);
    await world.workOff();
    expect(world.router().writes()).toEqual(['writeLimit', 'reconnect']);
    expect([world.router().cutOff, queueOf()?.limit]).toEqual([[], limit(50, 50)]);
    expect(await read()).toMatchObject({ status: 'active', work: { phase: 'done' } });
  });

  test('suspending somebody who hangs on no router would be a lie, and is refused', async () => {
    await add({ id: 'r1002', routers: [], addresses: [], plan: undefined });
    const reply = await ask('POST /v1/resellers/{id}/suspend', { params: { id: 'r1002' }, body: { version: 1 } });
    expect([reply.status, paths(reply)]).toEqual([422, ['routers']]);
  });
});

describe('changing and removing', () => {
  beforeEach(async () => {
    await add();
    await world.workOff();
  });
  const change = (body: Record<string, unknown>) => ask('PATCH /v1/resellers/{id}', { params, body });
  const remove = (query: Record<string, string>) => ask('DELETE /v1/resellers/{id}', { params, query });

  test('what routers need not know is changed without them; null takes a field away', async () => {
    world.router().calls.length = 0;
    const { body } = await change({ version: 1, name: 'New', phone: null, note: 'moved' });
    expect(body).toMatchObject({
      name: 'New',
      phone: null,
      email: R1.email,
      note: 'moved',
      version: 2,
      work: { phase: 'done' },
    });
    expect([world.queue.sent, world.router().calls]).toEqual([[], []]);
  });

  test('role, tenant, plan and status are no fields of a change', async () => {
    const reply = await change({ version: 1, tenant: 'other', plan: { downMbps: 1 }, status: 'active', places: [] });
    expect([reply.status, paths(reply)]).toEqual([422, ['places', 'plan', 'status', 'tenant']]);
  });

  test('a move to another router takes the queue off the former one', async () => {
    const edge = world.addRouter('edge');
    await change({ version: 1, routers: [{ router: 'edge', targets: ['198.51.100.7'] }] });
    await world.workOff();
    expect([queueOf(), edge.queues.get('reseller_r1001')?.targets]).toEqual([undefined, ['198.51.100.7/32']]);
    expect((await read()).applied.map((one: { router: string }) => one.router)).toEqual(['edge']);
  });

  test('a suspended one that moves is cut off there and not here', async () => {
    await ask('POST /v1/resellers/{id}/suspend', { params, body: { version: 1 } });
    await world.workOff();
    await change({ version: 2, addresses: ['192.0.2.77'] });
    await world.workOff();
    expect(world.router().cutOff).toEqual(['192.0.2.77/32']);
  });

  test('removing takes queue and cut away first, and is gone when nothing is left', async () => {
    await ask('POST /v1/resellers/{id}/suspend', { params, body: { version: 1 } });
    await world.workOff();
    expect(await remove({ version: '2' })).toMatchObject({
      status: 202,
      body: { status: 'removing', work: { phase: 'pending' } },
    });
    expect((await add({ id: 'r1002' })).status).toBe(422);
    expect((await plan({ downMbps: 1, version: 3 })).status).toBe(409);
    expect(await world.workOff()).toEqual(['done']);
    expect([queueOf(), world.router().cutOff]).toEqual([undefined, []]);
    expect((await ask('GET /v1/resellers/{id}', { params })).status).toBe(404);
    expect((await add({ id: 'r1002' })).status).toBe(201);
  });

  test('a router that refuses keeps it, with its words, and it can be removed again', async () => {
    failing(world.router(), 'removeQueue', saying('SOURCE_MALFORMED', 'not enough permissions (9)'), 1);
    await remove({ version: '1' });
    expect(await world.workOff()).toEqual(['failed']);
    expect((await read()).work).toMatchObject({ phase: 'failed', lastError: 'core: not enough permissions (9)' });
    await remove({ version: '2' });
    expect(await world.workOff()).toEqual(['done']);
  });

  test('leaving the routers as they are removes it at once, and the audit says what stays', async () => {
    world.router().calls.length = 0;
    expect((await remove({ version: '1', leaveRouters: 'true' })).body).toMatchObject({
      status: 'removing',
      work: null,
    });
    expect((await ask('GET /v1/resellers/{id}', { params })).status).toBe(404);
    expect([world.router().calls, queueOf() !== undefined]).toEqual([[], true]);
    const { body } = await ask('GET /v1/audit', { query: { limit: '1' } });
    expect(body.items[0]).toMatchObject({ action: 'resellers.remove', details: { left: 'core reseller_r1001' } });
    expect(body.verified).toBe(true);
  });
});

test('the list is in order, in pages, and filtered', async () => {
  for (const n of [3, 1, 2]) await add({ id: `r${n}`, addresses: [`198.51.100.${n}`] });
  await ask('POST /v1/resellers/{id}/suspend', { params: { id: 'r2' }, body: { version: 1 } });
  const list = async (query: Record<string, string>) => {
    const { body } = await ask('GET /v1/resellers', { query });
    return { ids: body.items.map((one: { id: string }) => one.id), next: body.nextCursor };
  };
  const first = await list({ limit: '2' });
  expect(first.ids).toEqual(['r1', 'r2']);
  expect((await list({ limit: '2', cursor: first.next })).ids).toEqual(['r3']);
  expect((await list({ status: 'suspended' })).ids).toEqual(['r2']);
  expect((await list({ phase: 'done' })).ids).toEqual([]);
  expect((await list({ router: 'core', drift: 'false' })).ids).toEqual(['r1', 'r2', 'r3']);
});

describe('the older route', () => {
  const older = (asked: { body?: unknown; query?: Record<string, string> }) =>
    ask('POST /router/update-bandwidth', asked);
  beforeEach(async () => {
    await add();
    await world.workOff();
  });

  test.each([
    ['JSON', { body: { reseller_id: id, new_plan_mbps: 500 } }],
    ['the query', { query: { reseller_id: id, new_plan_mbps: '500' } }],
    ['both alike', { body: { reseller_id: id }, query: { reseller_id: id, new_plan_mbps: '500' } }],
  ])('takes %s, and promises no more than it knows', async (_, asked) => {
    const reply = await older(asked);
    expect(reply).toMatchObject({
      status: 202,
      body: { success: true, status: 'accepted', reseller_id: id, new_plan_mbps: 500 },
    });
    expect(reply.body.message).toMatch(/accepted/);
    expect(queueOf()?.limit).toEqual(limit(100, 20));
    await world.workOff();
    expect(queueOf()?.limit).toEqual(limit(500, 500));
  });

  test('says what is missing, wrong or contradicts itself', async () => {
    expect(paths(await older({}))).toEqual(['new_plan_mbps', 'reseller_id']);
    expect(paths(await older({ body: { reseller_id: id, new_plan_mbps: 5 }, query: { new_plan_mbps: '6' } }))).toEqual([
      'new_plan_mbps',
    ]);
    expect(paths(await older({ body: { reseller_id: id, new_plan_mbps: -5 } }))).toEqual(['new_plan_mbps']);
    expect(paths(await older({ query: { reseller_id: id, new_plan_mbps: 'fast' } }))).toEqual(['query.new_plan_mbps']);
    expect((await older({ body: { reseller_id: 'r9', new_plan_mbps: 5 } })).status).toBe(404);
    expect((await older({ body: 'reseller_id=r1001' })).status).toBe(400);
  });
});

test('who may do what', async () => {
  await add();
  await world.workOff();
  const calls = {
    read: () => ask('GET /v1/resellers/{id}', { params }),
    usage: () => ask('GET /v1/resellers/{id}/usage', { params }),
    plan: () => plan({ downMbps: 1, version: 1 }, { dryRun: 'true' }),
    suspend: () => ask('POST /v1/resellers/{id}/suspend', { params, body: { version: 99 } }),
    remove: () => ask('DELETE /v1/resellers/{id}', { params, query: { version: '99' } }),
  };
  const allowed = async (role: typeof world.role) => {
    world.role = role;
    const replies = await Promise.all(
      Object.entries(calls).map(async ([name, call]) => [name, (await call()).status] as const),
    );
    return replies.filter(([, status]) => status !== 403).map(([name]) => name);
  };
  expect(await allowed('reseller')).toEqual([]);
  expect(await allowed('viewer')).toEqual(['read', 'usage']);
  expect(await allowed('operator')).toEqual(['read', 'usage', 'plan', 'suspend']);
  expect(await allowed('admin')).toEqual(Object.keys(calls));
});

test('every route of the contract has its endpoint, and ids that are none are not found', async () => {
  for (const { key, needs } of resellerRoutes) {
    expect((await ask(key, { params: { id: 'nobody' }, query: {} })).body?.detail, key).not.toBe(
      'there is no such route',
    );
    expect(needs).not.toBe('open');
  }
  for (const other of ['r9', '../x', 'x'.repeat(90), '__proto__']) {
    expect((await ask('GET /v1/resellers/{id}', { params: { id: other } })).status).toBe(404);
  }
});
