import { describe, expect, test } from 'vitest';
import { iccidAt } from './fleet-provider.ts';
import { connected, fleetOf, openFleetWorld } from './fleet-world.ts';
import { Killed } from './stores.ts';

const HOUR_MS = 3_600_000;

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

  test('a start of the whole house walks through the list, and looks only at those whose values have become old', async () => {
    const world = await connected(30);
    world.provider.sims.delete(iccidAt(3));
    world.clock.advance(20 * 60_000);
    await world.run(world.message(world.clock.at, { boundary: false }));
    expect(world.provider.count('usage')).toBe(0);
    expect(await world.living()).toHaveLength(29);
    world.clock.advance(HOUR_MS);
    await world.run(world.message(world.clock.at, { boundary: false }));
    expect(world.provider.count('usage')).toBe(29);
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
