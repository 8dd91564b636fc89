import { beforeEach, describe, expect, test } from 'vitest';
import { failing, type MemoryRouter, saying } from '../../shared/resellers/memory-router.ts';
import type { Api } from '../api/asking.ts';
import { ResellersWorld } from '../resellers-world.ts';

let world: ResellersWorld;
let ask: Api;
const params = { id: 'r1001' };
const CALL_MS = 65_000;
const DAY_MS = 86_400_000;

beforeEach(() => {
  world = new ResellersWorld();
  ask = world.api();
});

const read = async () => (await ask('GET /v1/resellers/{id}', { params })).body;
const add = (routers: { router: string; queue?: string; targets?: string[] }[]) => {
  const body = { id: 'r1001', name: 'One', addresses: ['192.0.2.5'], routers, plan: { downMbps: 100 } };
  return ask('POST /v1/resellers', { body });
};

/** Every call to it takes most of an invocation, and fails. */
function dead(router: MemoryRouter): MemoryRouter {
  router.before = () => {
    world.clock.advance(CALL_MS);
    throw saying('SOURCE_UNAVAILABLE', 'the router does not answer');
  };
  return router;
}

describe('a router that takes all the time of an invocation', () => {
  test('does not starve the others, and is waited for', async () => {
    dead(world.router());
    const edge = world.addRouter('edge');
    await add([{ router: 'core' }, { router: 'edge' }]);
    expect(await world.workOff(2)).toEqual(['put back', 'put back']);
    expect(edge.queues.size).toBe(1);
    const { work } = await read();
    expect(work).toMatchObject({ phase: 'pending', attempts: 1, lastError: 'core: the router does not answer' });
    expect(Date.parse(work.nextAttemptAt) - world.clock.now()).toBe(60_000);
    expect(world.queue.sent.map((one) => one.delaySeconds)).toEqual([60]);
  });

  test.each([
    ['two such routers', [{ router: 'core' }, { router: 'edge' }]],
    ['two places on one', [{ router: 'core' }, { router: 'core', queue: 'b', targets: ['198.51.100.1'] }]],
  ])('is a failure after a day: %s', async (_, routers) => {
    dead(world.router());
    dead(world.addRouter('edge'));
    await add(routers);
    const from = world.clock.now();
    const reports = await world.workOff(500);
    expect(reports.at(-1)).toBe('failed');
    expect(reports.length).toBeLessThan(120);
    expect(world.clock.now() - from).toBeGreaterThanOrEqual(DAY_MS);
    expect(world.clock.now() - from).toBeLessThan(DAY_MS + 2 * 3_600_000);
    expect((await read()).work.lastError).toContain('core: the router does not answer');
    expect(world.queue.sent).toEqual([]);
  });

  test('that somebody else has for long does not make the work forgotten while its message comes', async () => {
    await add([{ router: 'core' }]);
    const hold = { tenant: 'demo', router: 'core', holder: 'somebody', until: world.clock.now() + DAY_MS };
    await world.deps().resellers.holdRouter(hold, world.clock.now());
    const from = world.clock.now();
    while (world.clock.now() - from < 2 * 3_600_000) await world.workOff(1);
    expect((await world.compareAll()).forgotten).toBe(0);
    world.queue.sent.length = 0;
    world.clock.advance(3_600_000);
    expect((await world.compareAll()).forgotten).toBe(1);
  });

  test('is not called failed for what another router refused of an older wish', async () => {
    const edge = world.addRouter('edge');
    failing(world.router(), 'writeLimit', saying('SOURCE_MALFORMED', 'no'), 1);
    await add([{ router: 'core' }, { router: 'edge' }]);
    expect(await world.workOff()).toEqual(['failed']);
    let isSlow = true;
    for (const router of [edge, world.router()]) {
      router.before = () => {
        if (isSlow) world.clock.advance(CALL_MS);
        isSlow = false;
      };
    }
    await ask('POST /v1/resellers/{id}/plan', { params, body: { downMbps: 200, version: 1 } });
    expect(await world.workOff()).toEqual(['put back', 'done']);
    expect(world.router().queues.get('reseller_r1001')?.limit.toTargetBitsPerSecond).toBe(200_000_000);
  });
});
