import { beforeEach, describe, expect, test } from 'vitest';
import { uncut } from '../../../shared/resellers/compare.ts';
import { failing, saying } from '../../shared/resellers/memory-router.ts';
import type { Api } from '../api/asking.ts';
import { ResellersWorld } from '../resellers-world.ts';

let world: ResellersWorld;
let ask: Api;
const params = { id: 'r1001' };
const MAPPINGS = [{ router: 'core', queue: 'q1', targets: ['192.0.2.0/24'] }];

beforeEach(() => {
  world = new ResellersWorld();
  ask = world.api();
});

const add = (routers: unknown = MAPPINGS) =>
  ask('POST /v1/resellers', { body: { id: 'r1001', name: 'One', routers, plan: { downMbps: 100 } } });
const suspend = (version: number) => ask('POST /v1/resellers/{id}/suspend', { params, body: { version } });
const move = (version: number, routers: unknown) =>
  ask('PATCH /v1/resellers/{id}', { params, body: { version, routers } });
const read = async () => (await ask('GET /v1/resellers/{id}', { params })).body;
const cutOff = () => [...world.router().cutOff].sort();

/** Added and cut off, with nothing left to do. */
async function suspended(routers: unknown = MAPPINGS): Promise<void> {
  await add(routers);
  await suspend(1);
  await world.workOff();
  world.router().calls.length = 0;
}

describe('a suspension', () => {
  test('that broke off after its entries were written is told to the router again', async () => {
    await add();
    await world.workOff();
    await suspend(1);
    let lost = 1;
    world.router().after = (call) => {
      if (call === 'cut' && lost-- > 0) throw saying('SOURCE_UNAVAILABLE', 'time is up');
    };
    world.router().calls.length = 0;
    await world.workOff();
    // What passes by FastTrack is ended by the call, and by nothing else.
    expect(world.router().writes()).toEqual(['cut', 'cut']);
    const { body } = await ask('GET /v1/audit', { query: { limit: '2' } });
    expect(body.items[1]).toMatchObject({
      ...{ action: 'resellers.cut', outcome: 'done' },
      details: { targets: '192.0.2.0/24', notListed: 'none' },
    });
    expect((await read()).work.phase).toBe('done');
  });

  test('that is narrowed keeps those off who stay, and lets the others pass', async () => {
    await suspended();
    await move(2, [{ router: 'core', queue: 'q1', targets: ['192.0.2.0/25'] }]);
    await world.workOff();
    expect([cutOff(), world.router().writes()]).toEqual([['192.0.2.0/25'], ['cut', 'reconnect']]);
    expect((await read()).work.phase).toBe('done');
  });
});

describe('another place of the same reseller', () => {
  const hold = (seconds: number) =>
    world
      .deps()
      .resellers.holdRouter(
        { tenant: 'demo', router: 'core', holder: 'somebody', until: world.clock.now() + seconds * 1000 },
        world.clock.now(),
      );

  test.each([
    ['is refused once', () => failing(world.router(), 'readCut', saying('SOURCE_UNAVAILABLE'), 1)],
    ['finds the router taken', () => hold(40)],
    ['goes on at once', () => undefined],
  ])('that takes the queue over keeps them off, where the former one %s', async (_, hindered) => {
    await suspended();
    await move(2, [{ router: 'core', queue: 'q2', targets: ['192.0.2.0/24'] }]);
    await hindered();
    await world.workOff();
    expect([cutOff(), (await read()).work.phase]).toEqual([['192.0.2.0/24'], 'done']);
    await restored(3);
  });

  test('that swaps targets with it keeps both off at every moment', async () => {
    const [a, b] = [['192.0.2.1'], ['192.0.2.2']];
    const mapped = (first: string[], second: string[]) => [
      { router: 'core', queue: 'q1', targets: first },
      { router: 'core', queue: 'q2', targets: second },
    ];
    await suspended(mapped(a, b));
    const seen = new Set<string>();
    world.router().after = () => void seen.add(cutOff().join(' '));
    await move(2, mapped(b, a));
    await world.workOff();
    expect([[...seen], (await read()).work.phase]).toEqual([['192.0.2.1/32 192.0.2.2/32'], 'done']);
    await restored(3);
  });

  test.each([
    ['wider', '192.0.2.0/25', '192.0.2.0/24', []],
    ['narrower', '192.0.2.0/24', '192.0.2.0/25', [{ router: 'core', queue: 'q1', targets: ['198.51.100.0/24'] }]],
  ])(
    'with %s targets keeps them off at every moment, and leaves nothing when they are restored',
    async (_, from, to, first) => {
      await suspended([{ router: 'core', queue: 'q1', targets: [from] }]);
      const passing: string[] = [];
      world.router().after = () => void passing.push(...uncut(['192.0.2.0/25'], cutOff()));
      await move(2, [...first, { router: 'core', queue: 'q2', targets: [to] }]);
      await world.workOff();
      expect([passing, uncut([to], cutOff()), (await read()).work.phase]).toEqual([[], [], 'done']);
      world.router().after = () => undefined;
      await restored(3);
    },
  );

  async function restored(version: number): Promise<void> {
    await ask('POST /v1/resellers/{id}/restore', { params, body: { version } });
    await world.workOff();
    expect([cutOff(), (await read()).work.phase]).toEqual([[], 'done']);
  }
});

describe('entries on a router whose rules somebody moved', () => {
  const asked = {
    'a restore': () => ask('POST /v1/resellers/{id}/restore', { params, body: { version: 2 } }),
    'a removal': () => ask('DELETE /v1/resellers/{id}', { params, query: { version: '2' } }),
    'other targets': () => move(2, [{ router: 'core', queue: 'q1', targets: ['192.0.2.7'] }]),
  };

  test.each(Object.entries(asked))('are taken away by %s', async (_, change) => {
    await suspended();
    world.router().isWithoutRules = true;
    await change();
    expect(await world.workOff()).toEqual(['done']);
    expect(cutOff()).not.toContain('192.0.2.0/24');
  });
});
