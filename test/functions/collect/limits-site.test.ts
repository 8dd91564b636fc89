/** Plans on a router behind a site: carried out by its agent, read back, told once, whoever is away, killed or late. */
import { beforeEach, describe, expect, test } from 'vitest';
import { SITE } from '../../agent/site-world.ts';
import { MemoryRouter, saying } from '../../shared/resellers/memory-router.ts';
import { Killed, SiteResellersWorld } from '../site-resellers-world.ts';

const PLAN = { downMbps: 100, upMbps: 20 };
const HELD = '198.51.100.7';

let world: SiteResellersWorld;
beforeEach(async () => {
  world = await new SiteResellersWorld().start();
  // It has asked before.
  await world.run(16);
});

const add = (id = 'r1', target = HELD, router = 'core') =>
  world.api()('POST /v1/resellers', {
    body: { id, name: id, routers: [{ router, targets: [target] }], plan: PLAN },
  });
const shown = async (id = 'r1') => (await world.api()('GET /v1/resellers/{id}', { params: { id } })).body;
const ask = async (what: string, body: Record<string, unknown> = {}, id = 'r1') =>
  world.api()(`POST /v1/resellers/{id}/${what}`, {
    params: { id },
    body: { version: (await shown(id)).version, ...body },
  });
const rate = (queue = 'reseller_r1') => world.router().queues.get(queue)?.limit.toTargetBitsPerSecond;
const conversation = () => world.site.store.read(SITE, 'core');

describe('a plan behind a site', () => {
  test('is written by the agent, read back and done; the audit names who asked and the site, each step once', async () => {
    expect((await add()).status).toBe(201);
    await world.run(20);
    expect(await shown()).toMatchObject({ work: { phase: 'done' }, applied: [{ router: 'core' }] });
    expect(rate()).toBe(100e6);
    expect(world.router().calls).toEqual(['writeLimit', 'readCut', 'readCut']);
    expect(await world.auditRows()).toEqual([
      'resellers.create requested',
      'resellers.limit intent',
      'resellers.limit done',
      'resellers.create done',
    ]);
    const { entries } = await world.deps().audit.list('demo', 10);
    expect(entries.find(({ action }) => action === 'resellers.limit')).toMatchObject({
      subject: 'local:test',
      details: { router: 'core', site: 'branch' },
    });
    expect(await conversation()).toBeUndefined();
    expect(world.site.said.filter((line) => line.includes('writeLimit on core'))).toHaveLength(1);
  });

  test('is suspended, restored and taken away, each cut and reconnection told once', async () => {
    await add();
    await world.run(20);
    await ask('suspend');
    await world.run(20);
    expect(world.router().cutOff).toEqual([`${HELD}/32`]);
    await ask('restore');
    await world.run(20);
    expect([await shown(), world.router().cutOff]).toMatchObject([{ status: 'active', work: { phase: 'done' } }, []]);
    const { version } = await shown();
    await world.api()('DELETE /v1/resellers/{id}', { params: { id: 'r1' }, query: { version: String(version) } });
    await world.run(20);
    expect([world.router().queues.size, (await world.api()('GET /v1/resellers', {})).body.items]).toEqual([0, []]);
    const steps = (await world.auditRows()).filter((row) => / (intent|done)$/.test(row));
    expect(steps).toEqual([
      ...['resellers.limit intent', 'resellers.limit done', 'resellers.create done'],
      ...['resellers.cut intent', 'resellers.cut done', 'resellers.suspend done'],
      ...['resellers.limit intent', 'resellers.limit done', 'resellers.reconnect intent', 'resellers.reconnect done'],
      'resellers.restore done',
      ...['resellers.unlimit intent', 'resellers.unlimit done', 'resellers.remove done'],
    ]);
  });

  test('that the router refuses is failed in the router’s words', async () => {
    world.router().before = (call) => {
      if (call === 'writeLimit') throw saying('SOURCE_MALFORMED', 'the queue is narrowed by time');
    };
    await add();
    await world.run(20);
    expect((await shown()).work).toMatchObject({ phase: 'failed', lastError: 'core: the queue is narrowed by time' });
    expect((await world.auditRows()).slice(1)).toEqual([
      'resellers.limit intent',
      'resellers.limit failed',
      'resellers.create failed',
    ]);
  });

  test('fails in words where the site takes no commands, is no site, or is disabled', async () => {
    for (const [settings, words] of [
      [{ commands: false }, 'settings.commands'],
      [{ commands: true, bearer: true }, 'settings.commands'],
    ] as const) {
      world.site.putSite('demo', settings);
      await (words && (await shown()).work ? ask('plan', PLAN) : add());
      await world.run(20);
      expect((await shown()).work).toMatchObject({ phase: 'failed', lastError: expect.stringContaining(words) });
    }
  });

  test('of two resellers of one router comes one after the other, and both are done', async () => {
    await add('r1', HELD);
    await add('r2', '198.51.100.8');
    await world.run(60);
    expect([(await shown('r1')).work.phase, (await shown('r2')).work.phase]).toEqual(['done', 'done']);
    // Three calls each, and never one of the other's in between.
    expect(world.router().calls).toEqual(['writeLimit', 'readCut', 'readCut', 'writeLimit', 'readCut', 'readCut']);
    expect(world.reports).toContain('put back');
  });

  test('on two routers, of which one is dead, is done on the other, and the dead one is not asked with each answer', async () => {
    const dead = new MemoryRouter();
    dead.before = () => {
      throw saying('SOURCE_UNAVAILABLE', 'no answer');
    };
    world.addRouter('edge');
    world.addSiteRouter('edge', dead);
    const routers = ['edge', 'core'].map((router) => ({ router, targets: [HELD] }));
    await world.api()('POST /v1/resellers', { body: { id: 'r1', name: 'One', routers, plan: PLAN } });
    await world.run(30);
    expect(rate()).toBe(100e6);
    expect((await shown()).work).toMatchObject({ phase: 'pending', lastError: 'edge: no answer' });
    // Once when it was its turn, and once more when the other was done.
    expect(dead.calls).toEqual(['writeLimit', 'writeLimit']);
  });
});

describe('a newer wish', () => {
  test('that comes while a command is on its way is on the router in the end, half a minute later at most', async () => {
    await add();
    await world.run(20);
    await ask('plan', { downMbps: 200, upMbps: 20 });
    world.isAgentOn = false;
    await world.run(3);
    expect((await conversation())?.open?.operation).toBe('writeLimit');
    await ask('plan', { downMbps: 300, upMbps: 20 });
    world.isAgentOn = true;
    await world.run(35);
    expect([rate(), (await shown()).work.phase]).toEqual([300e6, 'done']);
  });

  test('waits for the old command to be over, and is not mixed up with its answer', async () => {
    await add();
    await world.run(20);
    world.isAgentOn = false;
    await ask('plan', { downMbps: 200, upMbps: 20 });
    await world.run(3);
    const old = (await conversation())?.open;
    await ask('plan', { downMbps: 300, upMbps: 20 });
    await world.run(30);
    expect(old).toMatchObject({ arguments: { limit: { toTargetBitsPerSecond: 200e6 } } });
    expect((await conversation())?.open).toEqual(old);
    world.restartAgent();
    await world.run(60);
    expect([rate(), (await shown()).work.phase]).toEqual([300e6, 'done']);
  });
});

test('a reseller that was removed and made anew builds on nothing that was asked for the one before', async () => {
  await add();
  await world.run(3);
  for (let i = 0; i < 3; i++) await world.site.ask();
  await world.dropMessages();
  expect((await conversation())?.answered).toHaveLength(1);
  const { version } = await shown();
  const query = { version: String(version), leaveRouters: 'true' };
  await world.api()('DELETE /v1/resellers/{id}', { params: { id: 'r1' }, query });
  world.router().queues.clear();
  await add();
  await world.run(40);
  expect([(await shown()).work.phase, rate()]).toEqual(['done', 100e6]);
});

describe('a site that is away', () => {
  test('from the beginning is told so, and the plan is done once it has come', async () => {
    world = await new SiteResellersWorld().start();
    world.isAgentOn = false;
    await add();
    await world.run(5);
    expect((await shown()).work).toMatchObject({
      ...{ phase: 'pending', attempts: 1 },
      lastError: 'core: the agent of site branch has never asked for work: start it with --routers',
    });
    expect(world.site.requests).toEqual([]);
    world.restartAgent();
    await world.run(90);
    expect([rate(), (await shown()).work.phase]).toEqual([100e6, 'done']);
  });

  test('since a while is named with that time, and no command waits for it', async () => {
    world.isAgentOn = false;
    await world.run(300);
    await add();
    await world.run(5);
    expect((await shown()).work.lastError).toMatch(
      /^core: the agent of site branch has not asked for work since 20.*Z$/,
    );
    expect((await conversation())?.open).toBeUndefined();
  });

  test('since just now is waited for, then the work fails like any other and is tried again', async () => {
    world.isAgentOn = false;
    await add();
    await world.run(100);
    expect(world.reports).toEqual(['waiting for a site']);
    await world.run(5);
    expect((await shown()).work).toMatchObject({
      ...{ phase: 'pending', attempts: 1 },
      lastError: expect.stringContaining('has not asked for work since'),
    });
    expect((await world.auditRows()).slice(1)).toEqual(['resellers.limit intent', 'resellers.limit unknown']);
    expect(world.router().calls).toEqual([]);
    world.restartAgent();
    await world.run(10);
    // What was asked too long ago is not carried out any more.
    expect(world.router().calls).toEqual([]);
    await world.run(90);
    expect([rate(), (await shown()).work.phase]).toEqual([100e6, 'done']);
  });

  test('is looked for again where the look came too early', async () => {
    world.isAgentOn = false;
    await add();
    await world.run(3);
    const command = (await conversation())?.open?.id ?? '';
    await world.dropMessages();
    const look = { version: 1, work: 'apply', tenant: 'demo', reseller: 'r1', number: 1 } as const;
    expect(await world.work({ ...look, awaited: { site: 'branch', router: 'core', command } })).toBe('put back');
    await world.run(110);
    expect((await shown()).work).toMatchObject({ attempts: 1, lastError: expect.stringContaining('has not asked') });
  });

  test('for a day is a failure that everybody can see', async () => {
    world.isAgentOn = false;
    await add();
    await world.run(2 * 86_400);
    expect((await shown()).work).toMatchObject({ phase: 'failed' });
  });
});

describe('an agent that is killed', () => {
  test('over a command is given it again: what was done is done once more, and that is once', async () => {
    world.site.isPatient = false;
    // It writes, and dies before it can say so.
    let kills = 1;
    world.router().after = (call) => {
      if (call === 'writeLimit' && kills-- > 0) world.isAgentOn = false;
    };
    await add();
    await world.run(20);
    expect([world.isAgentOn, rate(), (await shown()).work.phase]).toEqual([false, 100e6, 'pending']);
    world.site.isPatient = true;
    world.restartAgent();
    await world.run(20);
    expect([rate(), (await shown()).work.phase]).toEqual([100e6, 'done']);
    expect(world.router().calls).toEqual(['writeLimit', 'writeLimit', 'readCut', 'readCut']);
    expect((await world.auditRows()).filter((row) => row.startsWith('resellers.limit'))).toEqual([
      'resellers.limit intent',
      'resellers.limit done',
    ]);
  });
});

describe('a worker whose messages are lost', () => {
  test('begins anew with what the router has now, not with what was read an hour ago', async () => {
    await add();
    await world.run(20);
    await world.work({ version: 1, work: 'compare', tenant: 'demo', router: 'core' });
    await world.dropMessages();
    await world.site.ask();
    await world.site.ask();
    await world.dropMessages();
    expect((await conversation())?.answered).toHaveLength(1);
    world.router().queues.clear();
    await world.run(3600);
    expect((await shown()).drift).toEqual([]);
    await world.compareAll();
    await world.run(20);
    expect((await shown()).drift).toMatchObject([{ what: 'queue', found: 'none' }]);
  });

  test('keeps no other work off the router for long', async () => {
    await world.work({ version: 1, work: 'compare', tenant: 'demo', router: 'core' });
    await world.dropMessages();
    await add();
    await world.run(300);
    expect((await shown()).work.phase).toBe('done');
  });
});

test('a worker that is killed at any step leaves the router with the plan, and the audit without a gap', async () => {
  let steps = 0;
  for (let kill = 1; kill === 1 || steps >= kill - 1; kill++) {
    world = await new SiteResellersWorld().start();
    await world.run(16);
    steps = 0;
    world.beforeStep = () => {
      if (++steps === kill) throw new Killed();
    };
    await add();
    await world.run(1500);
    expect([kill, rate(), (await shown()).work.phase]).toEqual([kill, 100e6, 'done']);
    expect(await conversation(), `killed at ${kill}`).toBeUndefined();
    const rows = (await world.auditRows()).map((row) => row.replace('resellers.', ''));
    expect([...new Set(rows)], `killed at ${kill}`).toEqual([
      'create requested',
      'limit intent',
      'limit done',
      'create done',
    ]);
    if (kill > 100) throw new Error('it never ends');
  }
  expect(steps).toBeGreaterThan(20);
}, 60_000);

test('a comparison behind a site finds what was changed by hand, and mends nothing', async () => {
  await add();
  await world.run(20);
  const queue = world.router().queues.get('reseller_r1');
  if (queue) world.router().queues.set('reseller_r1', { ...queue, disabled: true });
  await world.compareAll();
  await world.run(20);
  expect(await shown()).toMatchObject({ drift: [{ what: 'disabled' }], compared: [{ router: 'core', error: null }] });
  expect(world.router().queues.get('reseller_r1')?.disabled).toBe(true);
});

test('what cannot wait for a site is refused with a sentence that names it', async () => {
  await add();
  await world.run(20);
  const { version } = await shown();
  const dry = await world.api()('POST /v1/resellers/{id}/plan', {
    ...{ params: { id: 'r1' }, query: { dryRun: 'true' } },
    body: { ...PLAN, version },
  });
  expect([dry.status, dry.body.detail]).toEqual([422, expect.stringContaining('reached by site "branch" alone')]);
});
