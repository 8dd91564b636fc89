import { describe, expect, test } from 'vitest';
import { iccidAt } from './fleet-provider.ts';
import { connected, type FleetWorld } from './fleet-world.ts';

describe('who is gone', () => {
  test('is decided by a full walk only, and a SIM that is back lives again', async () => {
    const world = await connected(150);
    const gone = world.provider.at(3);
    world.provider.sims.delete(iccidAt(3));
    await world.nextSlot();
    expect(await world.living()).toHaveLength(150);
    // 02:00 in Nairobi is 23:00 UTC.
    world.clock.at = Date.parse('2030-03-15T23:00:00Z');
    await world.nextSlot();
    expect(await world.living()).toHaveLength(149);
    world.provider.sims.set(iccidAt(3), gone);
    await world.nextSlot();
    expect(await world.living()).toHaveLength(150);
  });

  test('is nobody that a later walk found, when an earlier one is only now worked off', async () => {
    const world = await connected(20);
    world.clock.advance(60_000);
    await world.deliver(world.message(world.clock.at, { boundary: false }));
    const held = world.queue.splice(0);
    expect(held[0]?.checkpoint).toMatchObject({ phase: 'absent' });
    world.provider.add(20);
    await world.nextSlot();
    for (const { delaySeconds: _, ...rest } of held) await world.run(rest);
    expect(await world.living()).toHaveLength(21);
  });

  test('is nobody, when a SIM slips from one page to the next during the walk', async () => {
    const world = await connected(150);
    world.clock.advance(60_000);
    const all = [...world.provider.sims.values()].map((sim) => sim.listed);
    world.provider.page = (page) => ({
      ...{ rejected: [], page, totalPages: 2, totalCount: 150 },
      sims: page === 1 ? all.slice(0, 100) : all.slice(99, 149),
    });
    await world.run(world.message(world.clock.at, { boundary: false }));
    expect(await world.living()).toHaveLength(150);
  });

  test('is not a SIM whose row cannot be read, nor one that the list forgets and the provider still has', async () => {
    const world = await connected(150);
    world.provider.sims.delete(iccidAt(0));
    const all = [...world.provider.sims.values()].map((sim) => sim.listed);
    const [, , ...others] = all;
    world.provider.page = (page) => ({
      ...{ sims: others.slice((page - 1) * 100, page * 100), page, totalPages: 2, totalCount: 148 },
      rejected: page === 1 ? [{ path: '[0]', message: 'iccid is not digits' }] : [],
    });
    world.clock.advance(60_000);
    await world.run(world.message(world.clock.at, { boundary: false }));
    expect(await world.living()).toHaveLength(149);
  });

  test('is nobody, when no header says how many there are', async () => {
    const world = await connected(150);
    const all = [...world.provider.sims.values()].map((sim) => sim.listed);
    world.provider.page = () => ({
      sims: all.slice(0, 100),
      rejected: [],
      page: 1,
      totalPages: 1,
      totalCount: undefined,
    });
    world.clock.advance(60_000);
    await world.run(world.message(world.clock.at, { boundary: false }));
    expect(await world.living()).toHaveLength(150);
  });

  test.each([
    ['a page repeats for ever', (world: FleetWorld) => repeatPage(world)],
    ['the total changes in mid-walk', (world: FleetWorld) => changeTotal(world)],
    ['a page in the middle is empty', (world: FleetWorld) => emptyPage(world)],
  ])('nobody is, when %s', async (_, disturb) => {
    const world = await connected(350);
    world.provider.sims.delete(iccidAt(0));
    disturb(world);
    const reports = await world.run(world.message(world.clock.advance(60_000) ?? world.clock.at, { boundary: false }));
    expect(reports.length).toBeLessThan(20);
    expect(await world.living()).toHaveLength(350);
  });
});

function pageOf(world: FleetWorld, page: number, totalPages = 4, totalCount = 349) {
  const all = [...world.provider.sims.values()].map((sim) => sim.listed);
  return { sims: all.slice((page - 1) * 100, page * 100), rejected: [], page, totalPages, totalCount };
}

function repeatPage(world: FleetWorld): void {
  world.provider.page = (page) => pageOf(world, Math.min(page, 2), page + 2);
}

function changeTotal(world: FleetWorld): void {
  world.provider.page = (page) => pageOf(world, page, 4, page < 3 ? 349 : 348);
}

function emptyPage(world: FleetWorld): void {
  world.provider.page = (page) => ({ ...pageOf(world, page), ...(page === 2 ? { sims: [] } : {}) });
}
