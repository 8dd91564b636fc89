/** A queue that is there already: what on it would keep a limit from holding, and what is done about that. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRouterosLimits } from '../../../shared/interfaces/routeros-limits.http.ts';
import { systemClock } from '../../../shared/platform/clock.ts';
import { limit } from '../../contract/router-limits.ts';
import { failureOf, LimitsWorld } from './limits-world.ts';
import { routerosJob, startRouter } from './routeros-router.ts';

let world: LimitsWorld;
const toClose: { close(): unknown }[] = [];
beforeEach(() => {
  world = new LimitsWorld();
});
afterEach(async () => {
  await Promise.all(toClose.splice(0).map((open) => open.close()));
  await world.close();
});

const write = { name: 'reseller_r1001', targets: ['198.51.100.1'], limit: limit(20) };

describe('a limit', () => {
  test.each([
    ['to some hours', { time: '8h-9h,mon' }, 'time=8h-9h,mon'],
    ['to some destinations', { dst: '192.0.2.0/24' }, 'dst=192.0.2.0/24'],
    ['to some marks', { 'packet-marks': 'voip' }, 'packet-marks=voip'],
    ['to what its parent leaves', { parent: 'all' }, 'inside the queue "all"'],
  ])('of a queue that is narrowed %s is refused before anything is written', async (_, narrowed, said) => {
    const limits = await (await world.start()).limits();
    await world.change('/rest/queue/simple/*1', 'PATCH', narrowed);
    for (const wanted of [write, { ...write, limit: limit(50) }]) {
      const { code, message } = await failureOf(limits.writeLimit(wanted));
      expect([code, message]).toEqual(['SOURCE_MALFORMED', expect.stringContaining(said)]);
      expect(message).toContain('nothing was changed');
    }
    expect((await limits.readQueues()).queues[0]?.limit).toEqual(limit(50));
  });

  test('leaves no burst above it, also where the limit itself is so already', async () => {
    const limits = await (await world.start()).limits();
    const burst = { 'burst-limit': '100M/100M', 'burst-threshold': '40M/40M', 'burst-time': '16s/16s' };
    const without = { 'burst-limit': '0/0', 'burst-threshold': '0/0', 'burst-time': '0s/0s' };
    for (const megabit of [20, 20]) {
      await world.change('/rest/queue/simple/*1', 'PATCH', burst);
      expect((await limits.writeLimit({ ...write, limit: limit(megabit) })).limit).toEqual(limit(20));
      expect((await world.rows('/rest/queue/simple'))[0]).toMatchObject(without);
    }
  });

  test('is not said to hold while the burst stays', async () => {
    const limits = await (await world.start()).limits();
    await world.change('/rest/queue/simple/*1', 'PATCH', { 'burst-limit': '100M/100M' });
    world.simulator.inject({ fault: 'lost-write' });
    expect((await failureOf(limits.writeLimit({ ...write, limit: limit(50) }))).message).toContain('bursts');
  });

  test('is not said to hold by a queue that the router calls invalid', async () => {
    const row = { '.id': '*1', name: write.name, target: 'gone', 'max-limit': '50M/50M', invalid: 'true' };
    const server = await startRouter(({ url }) => ({ body: url.includes('/simple?') ? [row] : row }));
    toClose.push(server);
    const job = { ...routerosJob(server.port), deadline: systemClock.now() + 20_000 };
    const limits = await openRouterosLimits({ clock: systemClock }, job);
    toClose.push(limits);
    const wanted = { ...write, targets: ['gone'], limit: limit(50) };
    expect((await failureOf(limits.writeLimit(wanted))).message).toContain('invalid');
  });
});
