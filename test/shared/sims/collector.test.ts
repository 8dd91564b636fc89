import { describe, expect, test } from 'vitest';
import { AppError, type ErrorCode } from '../../../shared/platform/errors.ts';
import { iccidAt } from './fleet-provider.ts';
import { FIRST_SLOT, type FleetWorld, openFleetWorld } from './fleet-world.ts';
import { dyingView, Killed } from './stores.ts';

const HOUR_MS = 3_600_000;
const failing = (code: ErrorCode, context = {}) => new AppError(code, 'the provider says so', { context });

async function connected(sims: number, settings = {}): Promise<FleetWorld> {
  const world = await openFleetWorld(sims, settings);
  await world.run(world.message());
  world.provider.calls.length = 0;
  return world;
}

const fleetOf = (world: FleetWorld) => world.samples.readHead({ tenant: 'demo', kind: 'fleet', target: 'fleet' });

describe('first connect', () => {
  test('every SIM is listed and looked at, whatever the number of pages', async () => {
    const world = await openFleetWorld(310);
    const reports = await world.run(world.message());
    expect(reports.every((report) => report.outcome === 'success')).toBe(true);
    expect(await world.living()).toHaveLength(310);
    const newest = await world.newest();
    expect(newest.size).toBe(310);
    expect(newest.get(iccidAt(7))?.values).toMatchObject({
      ...{ dataRemaining: 400_000_000n, dataTotal: 500_000_000n, smsRemaining: 240n, presence: 2n },
      usageToday: 1_000_007n,
    });
    expect((await fleetOf(world))?.entities[0]?.values).toEqual({
      ...{ simsTotal: 310n, simsEnabled: 310n, simsLow: 0n, simsExhausted: 0n },
    });
    expect(world.provider.count('list')).toBe(4);
    expect(world.provider.count('usage')).toBe(310);
  });

  test('a SIM seen for the first time brings the days of half a year, later only those that may be restated', async () => {
    const world = await openFleetWorld(1);
    const asked: string[] = [];
    const readUsage = world.provider.readUsage;
    world.provider.readUsage = (iccid, from, to) => {
      asked.push(`${from} ${to}`);
      return readUsage(iccid, from, to);
    };
    await world.run(world.message());
    for (let i = 0; i < 4; i++) await world.nextSlot();
    expect(asked).toEqual(['2029-09-17 2030-03-15', '2030-03-13 2030-03-15']);
  });

  test('every shard that was written is judged, and named once', async () => {
    const world = await openFleetWorld(250);
    await world.run(world.message());
    const targets = new Set(world.evaluated.sent.map(({ message }) => message.target));
    expect([...targets].sort()).toEqual([
      'fleet',
      ...Array.from({ length: 16 }, (_, shard) => `fleet.${String(shard).padStart(4, '0')}`),
    ]);
  });
});

describe('later runs', () => {
  test('the list is read in every slot, a SIM itself once an hour, its SMS and status every six', async () => {
    const world = await connected(20);
    for (let i = 0; i < 3; i++) await world.nextSlot();
    expect(world.provider.count('list')).toBe(3);
    expect(world.provider.count('quota-data')).toBe(0);
    await world.nextSlot();
    expect(world.provider.count('quota-data')).toBe(20);
    expect(world.provider.count('quota-sms')).toBe(0);
    world.clock.advance(6 * HOUR_MS);
    await world.nextSlot();
    expect(world.provider.count('quota-sms')).toBe(20);
    expect(world.provider.count('status')).toBe(20);
  });

  test('what was not read this time is still known, with the instant it is of', async () => {
    const world = await connected(1);
    for (let i = 0; i < 4; i++) await world.nextSlot();
    const newest = (await world.newest()).get(iccidAt(0));
    expect(newest?.values.smsRemaining).toBeUndefined();
    expect(newest?.earlier).toMatchObject({
      smsRemaining: { value: 240n },
      presence: { value: 2n },
      smsTotal: { value: 250n },
    });
    expect(newest?.earlier?.smsRemaining?.receivedAt).toBeLessThan(newest?.receivedAt ?? 0);
  });

  test('a SIM that is nearly used up is looked at in every slot, and before the others', async () => {
    const world = await connected(20);
    const low = world.provider.at(5);
    low.listed = { ...low.listed, dataLevel: 'low' };
    low.data = { service: 'data', remaining: 50_000_000n, total: 500_000_000n };
    for (let i = 0; i < 2; i++) await world.nextSlot();
    expect(world.provider.calls.filter((call) => call.startsWith('quota-data'))).toEqual([
      `quota-data ${iccidAt(5)}`,
      `quota-data ${iccidAt(5)}`,
    ]);
    await world.nextSlot();
    await world.nextSlot();
    const data = world.provider.calls.filter((call) => call.startsWith('quota-data'));
    expect(data[3]).toBe(`quota-data ${iccidAt(5)}`);
    expect(data).toHaveLength(4 + 19);
    expect((await fleetOf(world))?.entities[0]?.values.simsLow).toBe(1n);
  });

  test('another device, another country and another label are noticed, with what was before', async () => {
    const world = await connected(1);
    const sim = world.provider.at(0);
    sim.listed = { ...sim.listed, imei: '0000000000000018', label: 'pump' };
    await world.nextSlot();
    expect((await world.entityOf(iccidAt(0)))?.attributes.imeiBefore).toBeUndefined();
    sim.listed = { ...sim.listed, imei: '0000000000000026' };
    sim.status = { presence: 'online', presenceText: 'ONLINE', countryCode: 'UG', operatorName: 'OtherTel' };
    world.clock.advance(6 * HOUR_MS);
    await world.nextSlot();
    const entity = await world.entityOf(iccidAt(0));
    expect(entity?.name).toBe('pump');
    expect(entity?.attributes).toMatchObject({
      ...{ imei: '0000000000000026', imeiBefore: '0000000000000018', countryCode: 'UG' },
      ...{ countryCodeBefore: 'KE', operatorNameBefore: 'ExampleTel' },
    });
  });

  test('a new stretch of six hours asks for the fold of what is finished, once per shard, whoever is looked at first', async () => {
    const world = await connected(150);
    expect(world.folds.sent).toEqual([]);
    const low = world.provider.at(1);
    low.listed = { ...low.listed, dataLevel: 'low' };
    low.data = { service: 'data', remaining: 50_000_000n, total: 500_000_000n };
    await world.nextSlot();
    world.clock.advance(6 * HOUR_MS);
    await world.nextSlot();
    const folded = world.folds.sent.map(({ message }) => message.target);
    expect(new Set(folded).size).toBe(16);
    expect(folded).toHaveLength(16);
  });

  test('a run by hand that lasts longer than a period goes on behind the slots that came between', async () => {
    const world = await connected(160);
    world.clock.advance(60_000);
    const asked = world.message(world.clock.at, { boundary: false, checkpoint: { phase: 'begin', days: 30 } });
    await world.deliver(asked);
    const held = world.queue.splice(0);
    world.clock.advance(HOUR_MS);
    await world.nextSlot();
    world.provider.calls.length = 0;
    for (const { delaySeconds: _, ...rest } of held) await world.run(rest);
    expect(world.provider.count('usage')).toBe(160);
  });

  test('a run by hand looks at everybody, and may ask for days of the past', async () => {
    const world = await connected(30);
    world.clock.advance(60_000);
    await world.run(world.message(world.clock.at, { boundary: false, checkpoint: { phase: 'begin', days: 7 } }));
    expect(world.provider.count('usage')).toBe(30);
    expect(world.provider.count('quota-data')).toBe(30);
  });
});

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

describe('trouble', () => {
  test('a few SIMs that always fail cost neither the run nor the others', async () => {
    const world = await openFleetWorld(60);
    const bad = new Set([3, 8, 13, 21, 34, 40, 50, 55].map(iccidAt));
    world.provider.failure = (call, iccid) =>
      call === 'quota-data' && bad.has(iccid ?? '') ? failing('SOURCE_UNAVAILABLE') : undefined;
    for (let i = 0; i < 3; i++) {
      const reports = i === 0 ? await world.run(world.message()) : await world.nextSlot();
      expect(reports.map(({ outcome }) => outcome)).not.toContain(i === 0 ? 'failed' : 'deferred');
    }
    expect((await world.newest()).size).toBe(52);
  });

  test('days that passed while the provider could not be asked are fetched afterwards', async () => {
    const world = await connected(1);
    const sim = world.provider.at(0);
    world.clock.advance(8 * 24 * HOUR_MS);
    sim.days = Array.from({ length: 9 }, (_, i) => ({ day: `2030-03-${15 + i}`, dataTotal: 1_000_000n }));
    await world.nextSlot();
    const days = await world.usage.read(
      { tenant: 'demo', account: 'fleet', iccid: iccidAt(0) },
      '2030-03-01',
      '2030-03-31',
    );
    expect(days.map(({ day }) => Number(day.slice(8)))).toEqual([15, 16, 17, 18, 19, 20, 21, 22, 23]);
  });

  test('the past is fetched again until it was stated once', async () => {
    const world = await openFleetWorld(1);
    world.provider.at(0).days = [{ day: '2029-12-01', dataTotal: 5n }];
    world.provider.failure = (call) => (call === 'usage' ? failing('SOURCE_MALFORMED') : undefined);
    await world.run(world.message());
    world.provider.failure = () => undefined;
    for (let i = 0; i < 4; i++) await world.nextSlot();
    const days = await world.usage.read(
      { tenant: 'demo', account: 'fleet', iccid: iccidAt(0) },
      '2029-12-01',
      '2029-12-31',
    );
    expect(days).toHaveLength(1);
  });

  test('a SIM that answers nothing is asked no more often than the others', async () => {
    const world = await openFleetWorld(2);
    Object.assign(world.provider.at(0), { data: undefined, sms: undefined, status: undefined });
    world.provider.sims.get(iccidAt(0))?.days.splice(0);
    await world.run(world.message());
    world.provider.calls.length = 0;
    for (let i = 0; i < 12; i++) await world.nextSlot();
    const callsOf = (index: number) => world.provider.calls.filter((call) => call.endsWith(iccidAt(index))).length;
    expect(callsOf(0)).toBe(callsOf(1));
  });

  test('a 429 in mid-round: the rest comes after the wait, and nothing is asked twice', async () => {
    const world = await openFleetWorld(100);
    let asked = 0;
    world.provider.failure = (call) =>
      call === 'quota-data' && ++asked === 40 ? failing('SOURCE_THROTTLED', { retryAfterSeconds: 30 }) : undefined;
    const before = world.clock.at;
    await world.run(world.message());
    expect((await world.newest()).size).toBe(100);
    expect(world.clock.at - before).toBeGreaterThanOrEqual(30_000);
    expect(world.provider.count('quota-data')).toBeLessThanOrEqual(100 + 8);
  });

  test.each(['list 2', 'quota-data', 'usage'])(
    'a 429 of a second (%s) is waited for within the part, and only that call is made again',
    async (name) => {
      const undisturbed = await openFleetWorld(200);
      const parts = (await undisturbed.run(undisturbed.message())).length;
      const world = await openFleetWorld(200);
      let asked = 0;
      world.provider.failure = (call) =>
        call === name && ++asked === 1 ? failing('SOURCE_THROTTLED', { status: 429, retryAfterSeconds: 1 }) : undefined;
      expect(await world.run(world.message())).toHaveLength(parts);
      expect((await world.newest()).size).toBe(200);
      expect(world.provider.calls).toHaveLength(undisturbed.provider.calls.length + 1);
    },
  );

  test('a second 429 in a row for one call ends the part, and the queue waits', async () => {
    const world = await openFleetWorld(20);
    let asked = 0;
    world.provider.failure = (call, iccid) =>
      call === 'usage' && iccid === iccidAt(3) && ++asked <= 2
        ? failing('SOURCE_THROTTLED', { status: 429, retryAfterSeconds: 1 })
        : undefined;
    await world.deliver(world.message());
    const waits: (number | undefined)[] = [];
    for (let next = world.queue.shift(); next; next = world.queue.shift()) {
      const { delaySeconds, ...rest } = next;
      waits.push(delaySeconds);
      await world.deliver(rest);
    }
    expect(waits.filter((wait) => wait !== undefined)).toEqual([1]);
    expect((await world.newest()).size).toBe(20);
    expect(world.provider.count('quota-data')).toBe(21);
  });

  test('a wait beyond what a queue can hold is left to the breaker', async () => {
    const world = await openFleetWorld(5);
    world.provider.failure = () => failing('SOURCE_THROTTLED', { retryAfterSeconds: 3600 });
    const [report] = await world.run(world.message());
    expect(report).toMatchObject({ outcome: 'failed', errorCode: 'SOURCE_THROTTLED' });
    world.provider.calls.length = 0;
    await world.nextSlot();
    expect(world.provider.calls).toEqual([]);
  });

  test('one answer that cannot be used is told, and takes neither other values nor other SIMs along', async () => {
    const world = await openFleetWorld(50);
    world.provider.failure = (call, iccid) =>
      call === 'usage' && iccid === iccidAt(9) ? failing('SOURCE_MALFORMED', { rawText: '<html>' }) : undefined;
    const reports = await world.run(world.message());
    expect(reports.map((report) => report.rejected).reduce((a, b) => a + b)).toBe(1);
    const newest = await world.newest();
    expect(newest.size).toBe(50);
    const odd = newest.get(iccidAt(9))?.values;
    expect([odd?.dataRemaining, odd?.usageToday]).toEqual([400_000_000n, undefined]);
  });

  test('a provider that is down fails the run, and the next slot goes on', async () => {
    const world = await openFleetWorld(50);
    world.provider.failure = () => failing('SOURCE_UNAVAILABLE');
    expect(await world.run(world.message())).toMatchObject([{ outcome: 'failed', errorCode: 'SOURCE_UNAVAILABLE' }]);
    world.provider.failure = () => undefined;
    await world.nextSlot();
    expect((await world.newest()).size).toBe(50);
  });

  test('trouble after the list: what was read is kept, and the others follow a minute later', async () => {
    const world = await openFleetWorld(60);
    let calls = 0;
    world.provider.failure = (call) => {
      if (call !== 'quota-data') return undefined;
      calls++;
      return calls > 20 && calls <= 33 ? failing('SOURCE_UNAVAILABLE') : undefined;
    };
    await world.run(world.message());
    const first = (await world.newest()).size;
    expect(first).toBeGreaterThanOrEqual(40);
    await world.nextSlot();
    expect((await world.newest()).size).toBe(60);
  });

  test('refused credentials pause the account after the second time', async () => {
    const world = await openFleetWorld(5);
    world.provider.failure = () => failing('SOURCE_REJECTED');
    await world.run(world.message());
    await world.nextSlot();
    const report = await world.nextSlot();
    expect(report[0]).toMatchObject({ outcome: 'failed', errorCode: 'SOURCE_REJECTED' });
    expect(world.provider.calls).toHaveLength(2);
  });

  test('a round that lasts longer than its period ends before the next one, which goes on where it stopped', async () => {
    const world = await openFleetWorld(200);
    // A full round would take almost half an hour.
    world.provider.failure = () => {
      world.clock.advance(2000);
      return undefined;
    };
    await world.run(world.message());
    const first = (await world.newest()).size;
    expect(first).toBeGreaterThan(40);
    expect(first).toBeLessThan(200);
    expect(world.clock.at - FIRST_SLOT).toBeLessThan(960_000);
    const seen = new Set(world.provider.calls.filter((call) => call.startsWith('usage')));
    await world.nextSlot();
    await world.nextSlot();
    expect((await world.newest()).size).toBe(200);
    expect(seen.size).toBe(first);
  });
});

test('a crash after any write and a second delivery end in the same state', async () => {
  const settle = async (kill: number | undefined) => {
    const world = await openFleetWorld(12);
    world.provider.at(2).listed = { ...world.provider.at(2).listed, dataLevel: 'low' };
    const queue = [world.message()];
    let writes = 0;
    for (let delivered = 0; queue.length > 0 && delivered < 50; delivered++) {
      const message = queue[0];
      if (!message) break;
      const left = kill === undefined ? Number.POSITIVE_INFINITY : kill - writes;
      const dying = dyingView(world.memory, left);
      try {
        await world.deliver(message, (step) => {
          if (!step.write) return;
          if (writes++ === kill) throw new Killed();
        });
        queue.shift();
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
        // The lease of the dead runs out.
        world.clock.advance(130_000);
      }
      void dying;
      queue.push(...world.queue.splice(0));
    }
    const newest = await world.newest();
    const usage = await world.usage.read(
      { tenant: 'demo', account: 'fleet', iccid: iccidAt(4) },
      '2030-03-01',
      '2030-03-31',
    );
    return {
      writes,
      state: {
        living: (await world.living()).sort(),
        newest: [...newest].map(([iccid, one]) => [iccid, one.values.dataRemaining, one.values.usageToday]).sort(),
        usage,
        fleet: (await fleetOf(world))?.entities.map((one) => one.values),
      },
    };
  };
  const whole = await settle(undefined);
  expect(whole.state.newest).toHaveLength(12);
  for (let kill = 0; kill < whole.writes; kill++) {
    expect((await settle(kill)).state, `killed at write ${kill}`).toEqual(whole.state);
  }
}, 60_000);
