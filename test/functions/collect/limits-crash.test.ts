import { expect, test } from 'vitest';
import { createLimits } from '../../../functions/collect/limits.ts';
import type { OpenRouter } from '../../../shared/interfaces/router-limits.ts';
import type { LimitsMessage } from '../../../shared/resellers/resellers.contract.ts';
import { INVOCATION_MS, ResellersWorld } from '../resellers-world.ts';

class Killed extends Error {}

type Deps = ReturnType<ResellersWorld['deps']>;

/** Ports of a process that dies right after its k-th step: nothing it does afterwards has an effect. */
function killedAfter(deps: Deps, k: number): { deps: Deps; names: string[] } {
  const names: string[] = [];
  const wrap = <T extends object>(port: T, label: string): T =>
    new Proxy(port, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function' || name === 'close') return value;
        return async (...args: unknown[]) => {
          if (names.length >= k) throw new Killed();
          names.push(`${label}.${String(name)}`);
          const mine = names.length;
          const result: unknown = await Reflect.apply(value, target, args);
          if (mine >= k) throw new Killed();
          return result;
        };
      },
    });
  const openRouter: OpenRouter = async (...args) => {
    const router = await deps.openRouter(...args);
    return wrap(router, 'router');
  };
  const ports = { resellers: wrap(deps.resellers, 'resellers'), audit: wrap(deps.audit, 'audit') };
  return { deps: { ...deps, ...ports, queue: wrap(deps.queue, 'queue'), openRouter }, names };
}

let holders = 0;

/** The queue delivers until somebody acknowledges; in between the dead process's hold runs out. */
async function deliver(world: ResellersWorld, message: LimitsMessage, kills: readonly number[]): Promise<string[]> {
  let names: string[] = [];
  for (const k of [...kills, Number.POSITIVE_INFINITY]) {
    const attempt = killedAfter(world.deps(), k);
    const options = { deadline: world.clock.now() + INVOCATION_MS, holder: `holder-${++holders}`, isAgain: false };
    try {
      await createLimits(attempt.deps)(message, options);
      return attempt.names;
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      names = attempt.names;
    }
    world.clock.advance(INVOCATION_MS * 6);
  }
  return names;
}

/** Works off what waits; the first message meets the deaths, in its own turn. */
async function workOff(world: ResellersWorld, kills: readonly number[]): Promise<string[]> {
  let names: string[] = [];
  for (let entry = world.queue.sent.shift(), first = true; entry; entry = world.queue.sent.shift(), first = false) {
    world.clock.advance((entry.delaySeconds ?? 0) * 1000);
    const done = await deliver(world, entry.message, first ? kills : []);
    if (first) names = done;
  }
  return names;
}

const params = { id: 'r1001' };
const R1 = {
  ...{ id: 'r1001', name: 'One', addresses: ['192.0.2.5'], plan: { downMbps: 100 } },
  routers: [{ router: 'core' }, { router: 'edge' }],
};
type Ask = ReturnType<ResellersWorld['api']>;

async function added(world: ResellersWorld): Promise<Ask> {
  world.addRouter('edge');
  const ask = world.api();
  await ask('POST /v1/resellers', { body: R1 });
  await workOff(world, []);
  return ask;
}

const STORIES: readonly [string, (ask: Ask) => Promise<unknown>][] = [
  ['a plan', (ask) => ask('POST /v1/resellers/{id}/plan', { params, body: { downMbps: 300, version: 1 } })],
  ['a suspension', (ask) => ask('POST /v1/resellers/{id}/suspend', { params, body: { version: 1 } })],
  [
    'a move',
    (ask) =>
      ask('PATCH /v1/resellers/{id}', {
        ...{ params, body: { version: 1, routers: [{ router: 'edge', targets: ['198.51.100.1'] }] } },
      }),
  ],
  ['a removal', (ask) => ask('DELETE /v1/resellers/{id}', { params, query: { version: '1' } })],
];

/** What the routers have and what is told of them; instants and the number of tries may differ. */
async function traceOf(world: ResellersWorld, ask: Ask) {
  const { body, status } = await ask('GET /v1/resellers/{id}', { params });
  return {
    routers: [...world.routers.values()].map(({ queues, cutOff }) => [[...queues.values()], cutOff]),
    status,
    shown: [body.status, body.work?.phase, body.work?.lastError, body.version],
    applied: body.applied?.map(({ verifiedAt: _, ...one }: { verifiedAt: string }) => one),
    waiting: world.queue.sent,
  };
}

test.each(STORIES)('F1: %s ends the same after a crash behind any step and a second delivery', async (_, story) => {
  const calm = new ResellersWorld();
  const ask = await added(calm);
  await story(ask);
  const names = await workOff(calm, []);
  const expected = await traceOf(calm, ask);
  expect(names.length).toBeGreaterThan(12);
  for (let k = 1; k <= names.length; k++) {
    const world = new ResellersWorld();
    const askAgain = await added(world);
    await story(askAgain);
    await workOff(world, [k]);
    expect(await traceOf(world, askAgain), `killed after step ${k}, ${names[k - 1]}`).toEqual(expected);
  }
});

test('F1: a second crash, behind any step of the recovery, heals too', async () => {
  const story = async (kills: number[]) => {
    const world = new ResellersWorld();
    const ask = await added(world);
    await ask('POST /v1/resellers/{id}/suspend', { params, body: { version: 1 } });
    const names = await workOff(world, kills);
    return { names, trace: await traceOf(world, ask) };
  };
  const calm = await story([]);
  for (let first = 3; first <= calm.names.length; first += 4) {
    for (let second = 1; second <= calm.names.length; second += 3) {
      const where = `killed after ${first}, then after ${second}`;
      expect((await story([first, second])).trace, where).toEqual(calm.trace);
    }
  }
});

test('F1: nothing is changed on a router without a row of the audit before it', async () => {
  const calm = new ResellersWorld();
  const ask = await added(calm);
  await ask('POST /v1/resellers/{id}/plan', { params, body: { downMbps: 300, version: 1 } });
  const names = await workOff(calm, []);
  names.forEach((name, i) => {
    if (name === 'router.writeLimit') expect(names[i - 1]).toBe('audit.append');
  });
  expect(names.filter((name) => name === 'router.writeLimit')).toHaveLength(2);
  const { rows, broken } = await calm.deps().audit.verify('demo');
  expect([rows > 5, broken]).toEqual([true, undefined]);
});
