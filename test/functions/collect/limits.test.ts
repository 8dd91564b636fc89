import { beforeEach, describe, expect, test } from 'vitest';
import { createLimits } from '../../../functions/collect/limits.ts';
import type { Source } from '../../../shared/collect/source.ts';
import { AppError } from '../../../shared/platform/errors.ts';
import type { LimitsMessage } from '../../../shared/resellers/resellers.contract.ts';
import { WATCH_SOURCE } from '../../../shared/resellers/watch.ts';
import { sourceNamed, tenantNamed } from '../../shared/collect/fakes.ts';
import { failing, saying } from '../../shared/resellers/memory-router.ts';
import type { Api } from '../api/asking.ts';
import { ResellersWorld } from '../resellers-world.ts';

let world: ResellersWorld;
let ask: Api;
const params = { id: 'r1001' };
const DAY_MS = 86_400_000;

beforeEach(() => {
  world = new ResellersWorld();
  ask = world.api();
});

const add = (over: Record<string, unknown> = {}) =>
  ask('POST /v1/resellers', {
    body: {
      ...{ id: 'r1001', name: 'One', addresses: ['192.0.2.5'], routers: [{ router: 'core' }], plan: { downMbps: 100 } },
      ...over,
    },
  });
const plan = (downMbps: number, version: number) =>
  ask('POST /v1/resellers/{id}/plan', { params, body: { downMbps, version } });
const suspend = (version: number) => ask('POST /v1/resellers/{id}/suspend', { params, body: { version } });
const read = async () => (await ask('GET /v1/resellers/{id}', { params })).body;
const take = (): LimitsMessage => {
  const entry = world.queue.sent.shift();
  if (!entry) throw new Error('no message waits');
  return entry.message;
};
const rateOf = (router = world.router()) => router.queues.get('reseller_r1001')?.limit.toTargetBitsPerSecond;

describe('a router that does not answer', () => {
  test('is tried again after 1, 2, 4 … 30 minutes, and done when it is back', async () => {
    failing(world.router(), 'writeLimit', saying('SOURCE_UNAVAILABLE', 'the router does not answer'), 7);
    await add();
    const waits: number[] = [];
    for (let tries = 0; tries < 7; tries++) {
      const from = world.clock.now();
      while ((await read()).work.attempts === tries) await world.workOff(1);
      const { work } = await read();
      expect(work).toMatchObject({ phase: 'pending', lastError: 'core: the router does not answer' });
      waits.push((Date.parse(work.nextAttemptAt) - Math.max(from, world.clock.now())) / 60_000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect((await world.workOff()).at(-1)).toBe('done');
    expect([rateOf(), (await read()).work.lastError]).toEqual([100_000_000, null]);
  });

  test('for a day is a failure that everybody can see', async () => {
    failing(world.router(), 'writeLimit', saying('SOURCE_UNAVAILABLE', 'the router does not answer'));
    await add();
    const from = world.clock.now();
    const reports = await world.workOff(500);
    expect(reports.at(-1)).toBe('failed');
    expect(world.clock.now() - from).toBeGreaterThanOrEqual(DAY_MS);
    expect(world.clock.now() - from).toBeLessThan(DAY_MS + 3_600_000);
    expect((await read()).work).toMatchObject({ phase: 'failed', lastError: 'core: the router does not answer' });
    expect(world.queue.sent).toEqual([]);
    expect((await world.auditRows()).at(-1)).toBe('resellers.create failed');
  });

  test('that asks to wait longer is given that', async () => {
    failing(world.router(), 'writeLimit', saying('SOURCE_THROTTLED', 'busy', { retryAfterSeconds: 700 }), 1);
    await add();
    await world.workOff(1);
    expect(world.queue.sent[0]?.delaySeconds).toBe(700);
  });

  test('does not keep another router of the same reseller waiting', async () => {
    const edge = world.addRouter('edge');
    failing(world.router(), 'writeLimit', saying('SOURCE_UNAVAILABLE'));
    await add({ routers: [{ router: 'core' }, { router: 'edge' }] });
    await world.workOff(1);
    expect([rateOf(), rateOf(edge)]).toEqual([undefined, 100_000_000]);
    edge.calls.length = 0;
    await world.workOff(1);
    expect(edge.calls).toEqual([]);
    expect((await read()).applied.map((one: { router: string }) => one.router)).toEqual(['edge']);
  });
});

describe('a router that refuses', () => {
  test.each([
    ['SOURCE_REJECTED', 'the router refused the user or its password'],
    ['SOURCE_MALFORMED', 'the queue reseller_r1001 is dynamic'],
  ] as const)('%s fails at once, in its own words', async (code, words) => {
    failing(world.router(), 'writeLimit', saying(code, words));
    await add();
    expect(await world.workOff()).toEqual(['failed']);
    expect(await read()).toMatchObject({ work: { phase: 'failed', lastError: `core: ${words}` }, applied: [] });
    expect(world.router().opened).toBe(world.router().closed);
  });

  test('one that is gone fails with that', async () => {
    await add();
    world.routers.clear();
    expect(await world.workOff()).toEqual(['failed']);
    expect((await read()).work.lastError).toBe('core: there is no router "core"');
  });

  test('an answer that is not what was written is never called done', async () => {
    world.router().bends = (queue) => ({ ...queue, limit: { ...queue.limit, toTargetBitsPerSecond: 10_000_000 } });
    await add();
    expect(await world.workOff()).toEqual(['failed']);
    expect((await read()).work.lastError).toContain('limit: wanted down 100 Mb/s, up 100 Mb/s, found down 10 Mb/s');
    world.router().bends = (queue) => ({ ...queue, disabled: true });
    await plan(100, 1);
    expect(await world.workOff()).toEqual(['failed']);
    expect((await read()).work.lastError).toContain('disabled');
  });

  test('a cut that does not hold is never called a suspension', async () => {
    await add();
    await world.workOff();
    world.router().after = (call) => {
      if (call === 'cut') world.router().cutOff = ['192.0.2.6/32'];
    };
    await suspend(1);
    expect(await world.workOff()).toEqual(['failed']);
    expect((await read()).work.lastError).toContain('not cut off: 192.0.2.5/32');
    expect((await read()).applied).toEqual([]);
  });

  test('somebody whom a wider entry of others still cuts off is not called restored', async () => {
    await add();
    await world.workOff();
    world.router().cutOff = ['192.0.2.0/24'];
    await plan(100, 1);
    expect(await world.workOff()).toEqual(['failed']);
    expect((await read()).work.lastError).toContain('cut off: 192.0.2.0/24');
    expect(world.router().cutOff).toEqual(['192.0.2.0/24']);
  });

  test('an answer that was lost stands in the audit as unknown', async () => {
    world.router().after = (call) => {
      if (call === 'writeLimit') throw saying('SOURCE_UNAVAILABLE', 'time is up');
    };
    await add();
    await world.workOff(1);
    expect((await world.auditRows()).slice(-2)).toEqual(['resellers.limit intent', 'resellers.limit unknown']);
    // It may be there: whoever removes the reseller now takes it away.
    world.router().after = () => undefined;
    await ask('DELETE /v1/resellers/{id}', { params, query: { version: '1' } });
    await world.workOff();
    expect([...world.router().queues.keys()]).toEqual([]);
  });
});

describe('messages', () => {
  test('twice have no second effect', async () => {
    await add();
    const message = take();
    expect(await world.work(message)).toBe('done');
    const [table, writes] = [world.table.dump(), world.router().writes()];
    expect(await world.work(message)).toBe('nothing to do');
    expect([world.table.dump(), world.router().writes(), world.queue.sent]).toEqual([table, writes, []]);
  });

  test('of an older wish change nothing, whenever they come', async () => {
    await add();
    const first = take();
    await plan(200, 1);
    const second = take();
    expect(await world.work(first)).toBe('nothing to do');
    expect(rateOf()).toBeUndefined();
    expect(await world.work(second)).toBe('done');
    expect(await world.work(first)).toBe('nothing to do');
    expect(rateOf()).toBe(200_000_000);
  });

  test('that come before their reseller wait for it, and not for ever', async () => {
    const message: LimitsMessage = { version: 1, work: 'apply', tenant: 'demo', reseller: 'r1001', number: 1 };
    world.queue.sent.push({ message });
    expect(await world.workOff()).toEqual([...Array(5).fill('put back'), 'nothing to do']);
  });

  test('wait while somebody else works on the router', async () => {
    await add();
    const hold = { tenant: 'demo', router: 'core', holder: 'somebody', until: world.clock.now() + 40_000 };
    await world.deps().resellers.holdRouter(hold, world.clock.now());
    expect(await world.workOff()).toEqual(['put back', 'put back', 'put back', 'done']);
  });

  test('of a tenant that is gone touch nothing', async () => {
    await add();
    world.tenants.set(tenantNamed('demo', { removedAt: 1 }));
    expect(await world.workOff()).toEqual(['nothing to do']);
    expect(world.router().calls).toEqual([]);
  });

  test('with too little time left begin no router', async () => {
    await add();
    const message = take();
    const options = { deadline: world.clock.now() + 30_000, holder: 'late', isAgain: false };
    expect(await createLimits(world.deps())(message, options)).toBe('put back');
    expect([world.router().opened, world.queue.sent.length]).toEqual([0, 1]);
  });

  test('whose table fails come back to the queue, and no router is changed unseen', async () => {
    await add();
    const message = take();
    const audit = { append: () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'gone')) };
    await expect(world.work(message, { audit } as never)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(world.router().writes()).toEqual([]);
    expect(await world.work(message)).toBe('done');
  });
});

describe('the hourly comparison', () => {
  beforeEach(async () => {
    await add();
    await world.workOff();
    world.router().calls.length = 0;
  });
  const compare = async () => {
    const report = await world.compareAll();
    return { report, reports: await world.workOff() };
  };

  test('finds nothing where nothing differs, and writes nothing but when it looked', async () => {
    const before = world.table.dump();
    const { report, reports } = await compare();
    expect([report, reports]).toEqual([{ tenants: 1, routers: 1, forgotten: 0, unwatched: 0 }, ['compared']]);
    expect(world.table.dump()).toHaveLength(before.length + 1);
    expect(await read()).toMatchObject({ drift: [], compared: [{ router: 'core', error: null }], version: 1 });
    expect(world.router().writes()).toEqual([]);
  });

  test('makes the source that looks at resellers where there is none from before, and says where it cannot', async () => {
    const made = () => world.sources.filter(({ id }) => id === WATCH_SOURCE);
    expect(made()).toMatchObject([{ type: 'resellers' }]);
    world.sources.splice(world.sources.indexOf(made()[0] as Source), 1);
    await compare();
    expect(made()).toMatchObject([{ type: 'resellers', kind: 'resellers', enabled: true }]);
    await compare();
    expect(made()).toHaveLength(1);
    world.sources.splice(world.sources.indexOf(made()[0] as Source), 1, sourceNamed(WATCH_SOURCE, { type: 'snmp' }));
    expect((await compare()).report).toMatchObject({ unwatched: 1, routers: 1 });
  });

  test('makes no source for a tenant without resellers', async () => {
    const other = new ResellersWorld();
    expect(await other.compareAll()).toMatchObject({ unwatched: 0 });
    expect(other.sources.map(({ id }) => id)).toEqual(['core']);
  });

  test('shows each difference since it was seen first, changes nothing, and forgets it when it is mended', async () => {
    const { queues } = world.router();
    const queue = queues.get('reseller_r1001');
    if (!queue) throw new Error('no queue');
    queues.set(queue.name, { ...queue, targets: ['192.0.2.99/32'], disabled: true });
    world.router().cutOff = ['192.0.2.5'];
    await compare();
    const seenAt = new Date(world.clock.now()).toISOString();
    world.clock.advance(3_600_000);
    await compare();
    expect((await read()).drift).toEqual([
      { router: 'core', what: 'disabled', wanted: 'on', found: 'off: its targets are without a limit', seenAt },
      { router: 'core', what: 'targets', wanted: '192.0.2.5/32', found: '192.0.2.99/32', seenAt },
      { router: 'core', what: 'cut', wanted: 'none', found: 'cut off: 192.0.2.5', seenAt },
    ]);
    expect(world.router().writes()).toEqual([]);
    await plan(100, 1);
    world.router().cutOff = [];
    await world.workOff();
    await compare();
    expect((await read()).drift).toEqual([]);
  });

  test('names a missing queue, and a dynamic one that only RADIUS can change', async () => {
    const { queues } = world.router();
    const queue = queues.get('reseller_r1001');
    if (!queue) throw new Error('no queue');
    queues.clear();
    await compare();
    expect((await read()).drift).toMatchObject([{ what: 'queue', wanted: 'reseller_r1001', found: 'none' }]);
    queues.set(queue.name, { ...queue, dynamic: true });
    await compare();
    expect((await read()).drift).toMatchObject([{ what: 'dynamic' }]);
  });

  test('sees that a suspended reseller passes', async () => {
    await suspend(1);
    await world.workOff();
    world.router().cutOff = [];
    await compare();
    expect((await read()).drift).toMatchObject([{ what: 'cut', found: 'not cut off: 192.0.2.5/32' }]);
  });

  test('of a router that cannot be read leaves what was seen, says since when, and never calls it fine', async () => {
    world.router().queues.clear();
    await compare();
    const { drift, compared } = await read();
    failing(world.router(), 'readQueues', saying('SOURCE_UNAVAILABLE', 'the router does not answer'));
    world.clock.advance(3_600_000);
    expect((await compare()).reports).toEqual(['not compared']);
    expect(await read()).toMatchObject({
      drift,
      compared: [{ comparedAt: compared[0].comparedAt, error: expect.stringContaining('the router does not answer') }],
    });
  });

  test('does not take a queue for missing that could not be understood', async () => {
    world.router().queues.clear();
    world.router().rejected = [{ path: '[0].max-limit', message: 'is no rate' }];
    expect((await compare()).reports).toEqual(['not compared']);
    expect(await read()).toMatchObject({
      drift: [],
      compared: [{ comparedAt: null, error: expect.stringContaining('could not be understood') }],
    });
  });

  test('says nothing of work that is under way, and wakes work that was forgotten', async () => {
    await plan(200, 1);
    world.queue.sent.length = 0;
    await compare();
    expect((await read()).drift).toEqual([]);
    world.clock.advance(3_600_000);
    const { report, reports } = await compare();
    expect(report.forgotten).toBe(1);
    expect(reports.sort()).toEqual(['compared', 'done']);
    expect(rateOf()).toBe(200_000_000);
  });

  test('what a hostile router calls its things is shown short and clean', async () => {
    const queue = world.router().queues.get('reseller_r1001');
    if (!queue) throw new Error('no queue');
    world
      .router()
      .queues.set(queue.name, { ...queue, targets: [`\u202e${'x'.repeat(10_000)}`, ...Array(500).fill('y')] });
    await compare();
    const [drift] = (await read()).drift;
    expect(drift.found.length).toBeLessThan(300);
    expect(drift.found).not.toMatch(/\p{Cf}/u);
    expect(drift.found).toContain('more');
  });
});
