import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Fault } from '../../shared/alerts/memory-alerts.ts';
import { fingerprintOf, idOf, MutingWorld, type Name, PEOPLE } from './muting-world.ts';

const RUNS = process.env.HEADROOM_LONG ? 10_000 : 300;

const bad = fc.constantFrom(true, true, false, undefined);
const command = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('slot' as const),
      gw: bad,
      cpe: bad,
      first: fc.constantFrom<Name>('gw', 'cpe'),
      gapSeconds: fc.constantFrom(0, 1, 60, 100),
      fault: fc.option(fc.constantFrom<Fault>('before write', 'after history', 'after write'), {
        nil: undefined,
        freq: 6,
      }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      pick: fc.nat(5),
      lives: fc.option(fc.nat(4), { nil: undefined, freq: 3 }),
      keep: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), pick: fc.nat(5) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(10, 60, 90, 200) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('toggle' as const) }) },
);
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

async function act(world: MutingWorld, c: Command): Promise<void> {
  if (c.do === 'slot') await world.slot({ gw: c.gw, cpe: c.cpe }, c.first, c.gapSeconds, c.fault);
  if (c.do === 'deliver') {
    await world.deliver(c.pick, { keep: c.keep, ...(c.lives === undefined ? {} : { lives: c.lives }) });
  }
  if (c.do === 'lose') await world.deliver(c.pick, { lose: true });
  if (c.do === 'sweep') await world.sweep();
  if (c.do === 'wait') world.now += c.seconds * 1000;
  if (c.do === 'toggle') {
    world.enabled = !world.enabled;
    await world.judge('gw');
  }
}

/** While the gateway is well and the device is not, everybody hears of the device in the end. */
async function isToldInTheEnd(world: MutingWorld): Promise<void> {
  world.enabled = true;
  await world.steady(6, { gw: false, cpe: true });
  const alert = world.memory.open.get(fingerprintOf('cpe'));
  expect(alert, 'the device is still down').toMatchObject({ state: 'firing', severity: 'critical', outbox: [] });
  for (const { id } of PEOPLE) expect(alert?.told[id], 'nothing is lost').toBe('firing-critical');
  expect(alert?.muted, 'and nothing mutes it any more').toBeUndefined();
}

function judgeTheEnd(world: MutingWorld): void {
  expect([...world.memory.open.keys()], 'nothing stays open').toEqual([]);
  for (const past of world.memory.history.values()) {
    for (const { id } of PEOPLE) {
      const words = world.wordsOf(id, past);
      const isTold = words.some((stage) => stage !== 'resolved');
      expect(words.filter((stage) => stage === 'resolved').length, 'one last word for whoever heard a first').toBe(
        isTold ? 1 : 0,
      );
      if (isTold) expect(words.at(-1), 'the last word is the last').toBe('resolved');
      if (!isTold && (id === 'amina' || past.severity === 'critical')) {
        expect(
          past.entity === idOf('cpe') && past.muted,
          'what is told to nobody was muted, and shows it',
        ).toBeTruthy();
      }
    }
  }
}

test('whatever happens in whatever order: muted words are never told, none is lost, one last word follows a first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40 }), async (commands) => {
      const world = new MutingWorld();
      for (const c of commands) await act(world, c);
      await isToldInTheEnd(world);
      await world.steady(3, { gw: false, cpe: false });
      judgeTheEnd(world);
    }),
    { numRuns: RUNS },
  );
}, 600_000);

test('a gateway that stays down mutes the device for good, first and last', async () => {
  const world = new MutingWorld();
  await world.steady(3, { gw: true, cpe: true });
  await world.steady(3, { gw: true, cpe: false });
  const [past] = [...world.memory.history.values()];
  expect(past).toMatchObject({ entity: idOf('cpe'), told: {}, muted: { by: fingerprintOf('gw') } });
  expect([...world.told.keys()].filter((key) => key.includes(idOf('cpe')))).toEqual([]);
});
