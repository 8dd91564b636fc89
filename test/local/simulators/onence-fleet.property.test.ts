import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addedAt,
  dataOfDay,
  dataQuotaAt,
  reachedAt,
  type Sim,
  segmentsOf,
  wantedUntil,
} from '../../../local/simulators/onence-curve.ts';
import { DATA_QUOTA, DAY_MS, iccidAt, identityOf, indexOf, simPlan } from '../../../local/simulators/onence-fleet.ts';
import { NOW } from './onence-world.ts';

const fleetOf = (seed: number, position = 0) => ({ position, seed, anchorAt: NOW });
const index = fc.integer({ min: 0, max: 99_999 });
const seed = fc.integer({ min: 0, max: 2 ** 31 });
const laterMs = fc.integer({ min: 0, max: 90 * DAY_MS });

function simOf(seedOf: number, indexOf: number): Sim {
  return { plan: simPlan(fleetOf(seedOf), indexOf), touched: undefined };
}

test('what is left is what was bought less the sum of all days, to the last millionth', () => {
  fc.assert(
    fc.property(seed, index, laterMs, (s, i, later) => {
      const sim = simOf(s, i);
      const now = NOW + later;
      let used = 0;
      for (let day = Math.floor(sim.plan.activatedAt / DAY_MS); day * DAY_MS <= now; day++)
        used += dataOfDay(sim, day, now);
      const quota = dataQuotaAt(sim, now);
      expect(quota.volume).toBe(quota.accumulated - used);
      expect(quota.accumulated % DATA_QUOTA).toBe(0);
    }),
    { numRuns: 60 },
  );
});

test('the use of a day only grows through the day, and a day that is over does not change any more', () => {
  fc.assert(
    fc.property(seed, index, laterMs, fc.integer({ min: 1, max: DAY_MS }), (s, i, later, step) => {
      const sim = simOf(s, i);
      const now = NOW + later;
      const today = Math.floor(now / DAY_MS);
      expect(dataOfDay(sim, today, now + step)).toBeGreaterThanOrEqual(dataOfDay(sim, today, now));
      expect(dataOfDay(sim, today - 1, now + step)).toBe(dataOfDay(sim, today - 1, now));
      expect(Number.isInteger(dataOfDay(sim, today, now))).toBe(true);
    }),
  );
});

test('when a SIM got low, or volume was added, is the same instant whenever it is asked for', () => {
  fc.assert(
    fc.property(seed, index, laterMs, fc.integer({ min: 1, max: 3600_000 }), (s, i, later, step) => {
      const sim = simOf(s, i);
      const now = NOW + later;
      const level = reachedAt(sim, 1, now);
      if (level !== undefined) expect(reachedAt(sim, 1, now + step) ?? level).toBe(level);
      if (dataQuotaAt(sim, now).accumulated === dataQuotaAt(sim, now + step).accumulated) {
        expect(addedAt(sim, now + step)).toBe(addedAt(sim, now));
      }
    }),
  );
});

test('a SIM without hindrance uses something on every day', () => {
  fc.assert(
    fc.property(seed, index, fc.integer({ min: 0, max: 1000 }), (s, i, days) => {
      const { plan } = simOf(s, i);
      const at = NOW + days * DAY_MS;
      expect(wantedUntil(plan, at + DAY_MS)).toBeGreaterThan(wantedUntil(plan, at));
    }),
  );
});

test('a SIM is the same whenever it is asked for, and another one with another seed', () => {
  fc.assert(
    fc.property(seed, index, (s, i) => {
      expect(simPlan(fleetOf(s), i)).toEqual(simPlan(fleetOf(s), i));
      expect(simPlan(fleetOf(s), i).level).toBeGreaterThanOrEqual(20_000);
      expect(simPlan(fleetOf(s), i).level).toBeLessThan(41_000_000);
    }),
  );
  const levels = new Set([1, 2, 3, 4, 5].map((s) => simPlan(fleetOf(s), 50).level));
  expect(levels.size).toBe(5);
});

test('numbers hold the index, and those of two accounts never meet', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9 }), index, (position, i) => {
      const iccid = iccidAt(fleetOf(1, position), i);
      expect(iccid).toMatch(/^8988\d{15}$/);
      expect(indexOf(fleetOf(1, position), iccid)).toBe(i);
      expect(indexOf(fleetOf(1, position + 1), iccid)).toBeUndefined();
      const { imsi, msisdn, iccidWithLuhn } = identityOf(simPlan(fleetOf(1, position), i));
      expect([imsi, msisdn, iccidWithLuhn]).toEqual([
        expect.stringMatching(/^901\d{12}$/),
        expect.stringMatching(/^882\d{12}$/),
        expect.stringMatching(/^8988\d{16}$/),
      ]);
    }),
  );
});

test('among 1000 SIMs some are low, and few are exhausted, expired or off', () => {
  const sims = Array.from({ length: 1000 }, (_, i) => simOf(1, i));
  const share = (sim: Sim): number => {
    const { volume, total } = dataQuotaAt(sim, NOW);
    return volume / total;
  };
  const count = (holds: (sim: Sim) => boolean): number => sims.filter(holds).length;
  expect(count((sim) => share(sim) <= 0)).toBe(2);
  const low = count((sim) => share(sim) > 0 && share(sim) < 0.2);
  expect(low).toBeGreaterThan(15);
  expect(low).toBeLessThan(60);
  expect(sims.filter((sim) => sim.plan.role === 'low').every((sim) => share(sim) > 0 && share(sim) < 0.2)).toBe(true);
  for (const role of ['silent', 'disabled', 'expired']) {
    const found = count((sim) => sim.plan.role === role);
    expect(found).toBeGreaterThan(2);
    expect(found).toBeLessThan(60);
  }
  expect(sims.every((sim) => segmentsOf(sim).every((segment) => segment.at < NOW))).toBe(true);
});
