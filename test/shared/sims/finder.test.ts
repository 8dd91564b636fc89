import { expect, test } from 'vitest';
import { shardTarget } from '../../../shared/collect/source.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import { createSimFinder } from '../../../shared/sims/finder.query.ts';
import type { Fleet } from '../../../shared/sims/fleet.port.ts';
import { shardOf, simId } from '../../../shared/sims/shards.ts';
import { shownSim, simAccount } from '../../../shared/sims/shown-sim.ts';
import { MovableClock, NOON, tenantNamed } from '../collect/fakes.ts';

const iccidOf = (n: number) => `89880000000000${String(n).padStart(5, '0')}`;
const fleets = [
  { account: 'old', shards: 2 },
  { account: 'new', shards: 7 },
] as Fleet[];

function sim(n: number, account: string, over: Partial<Entity> = {}, attributes: Entity['attributes'] = {}): Entity {
  const { shards = 1 } = fleets.find((f) => f.account === account) ?? {};
  const iccid = iccidOf(n);
  return {
    ...{ tenant: 'demo', kind: 'sim', id: simId(account, shards, iccid), name: iccid, labels: {}, simulated: false },
    target: shardTarget(account, shardOf(iccid, shards)),
    attributes: { iccid, account, ...attributes },
    firstSeenAt: NOON,
    ...over,
  };
}

function finderOf(entities: readonly Entity[]) {
  let reads = 0;
  const accounts = new Map(fleets.map((f) => [f.account, simAccount(f.account, undefined, f)]));
  const finder = createSimFinder({
    fleets: { list: async () => fleets },
    entities: {
      read: async (_tenant, _kind, id) => {
        reads++;
        return entities.find((e) => e.id === id);
      },
      list: async () => [...entities],
    },
    sims: {
      list: async () => ({
        accounts,
        sims: entities.filter((e) => e.removedAt === undefined).map((e) => shownSim(e, undefined, accounts)),
      }),
    },
    clock: new MovableClock(),
  });
  return { finder, reads: () => reads };
}
const demo = tenantNamed('demo');

test('SIMs are found at whichever account has them, few one by one, many by one question', async () => {
  const all = Array.from({ length: 150 }, (_, n) => sim(n, n % 2 ? 'old' : 'new'));
  const { finder, reads } = finderOf(all);
  const few = await finder.byIccid(demo, [iccidOf(3), iccidOf(4), iccidOf(999)]);
  expect(few).toEqual([
    { iccid: iccidOf(3), account: 'old' },
    { iccid: iccidOf(4), account: 'new' },
  ]);
  const before = reads();
  const many = await finder.byIccid(
    demo,
    all.map((e) => e.name),
  );
  expect(many).toHaveLength(150);
  expect(reads()).toBe(before);
});

test('one that is gone is not found, and one that changed accounts belongs to the newer one', async () => {
  const { finder } = finderOf([
    sim(1, 'old', { removedAt: NOON }),
    sim(2, 'new', { firstSeenAt: NOON + 5 }, { label: 'here' }),
    sim(2, 'old', {}, { label: 'here' }),
  ]);
  const here = [{ iccid: iccidOf(2), account: 'new', label: 'here' }];
  expect(await finder.byIccid(demo, [iccidOf(1), iccidOf(2)])).toEqual(here);
  expect(await finder.byFilter(demo, { label: 'HERE' })).toEqual(here);
});

test('what is known of a SIM comes with it', async () => {
  const { finder } = finderOf([sim(1, 'old', {}, { label: 'x', enabled: false, imeiLock: true })]);
  const known = { iccid: iccidOf(1), account: 'old', label: 'x', enabled: false, imeiLock: true };
  expect(await finder.byIccid(demo, [iccidOf(1)])).toEqual([known]);
  expect(await finder.byFilter(demo, { status: 'disabled' })).toEqual([known]);
  expect(await finder.byFilter(demo, { status: 'enabled' })).toEqual([]);
  expect(await finder.accounts(demo)).toEqual(['old', 'new']);
});
