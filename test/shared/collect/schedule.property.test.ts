import fc from 'fast-check';
import { expect, test } from 'vitest';
import { due, phaseSeconds } from '../../../shared/collect/schedule.ts';
import type { Target } from '../../../shared/collect/sources.port.ts';

const MINUTE = 60_000;
const numRuns = process.env.HEADROOM_LONG ? 5000 : 200;

const tenant = fc.stringMatching(/^[a-z][a-z0-9-]{1,31}$/);
const period = fc.integer({ min: 1, max: 240 }).map((minutes) => minutes * 60);
const startMinute = fc.integer({ min: 0, max: 60_000_000 });

function target(name: string, periodSeconds: number): Target {
  return { type: 'snmp', tenant: name, source: 'r1', kind: 'interface', periodSeconds, enabled: true, paused: false };
}

test('whatever the tenant, a target is due exactly once in every period, one period apart, at its tenant’s phase', () => {
  fc.assert(
    fc.property(tenant, period, startMinute, fc.integer({ min: 2, max: 5 }), (name, seconds, start, periods) => {
      const minutes = Array.from({ length: (periods * seconds) / 60 }, (_, i) => (start + i) * MINUTE);
      const slots = minutes.flatMap((at) => due([target(name, seconds)], at, at)).map((d) => d.slot);
      expect(slots).toHaveLength(periods);
      for (const [i, slot] of slots.entries()) {
        expect((slot / 1000) % seconds).toBe(phaseSeconds(name, seconds));
        if (i > 0) expect(slot - (slots[i - 1] ?? 0)).toBe(seconds * 1000);
      }
    }),
    { numRuns },
  );
});

test('a delay stays within the minute, however late or early the tick is handled', () => {
  fc.assert(
    fc.property(tenant, startMinute, fc.integer({ min: -3_600_000, max: 3_600_000 }), (name, start, skew) => {
      for (const found of due([target(name, 60)], start * MINUTE, start * MINUTE + skew)) {
        expect(Number.isInteger(found.delaySeconds)).toBe(true);
        expect(found.delaySeconds).toBeGreaterThanOrEqual(0);
        expect(found.delaySeconds).toBeLessThan(60);
      }
    }),
    { numRuns },
  );
});

test.each([300, 900])('F27: of 1000 tenants with a period of %i s, no minute has twice the mean', (seconds) => {
  const targets = Array.from({ length: 1000 }, (_, i) => target(`tenant-${i}`, seconds));
  const minutes = Array.from({ length: seconds / 60 }, (_, i) => due(targets, i * MINUTE, i * MINUTE).length);
  expect(minutes.reduce((a, b) => a + b, 0)).toBe(1000);
  expect(Math.max(...minutes)).toBeLessThan((2 * 1000) / (seconds / 60));
});

test('F27: within the minute the seconds are spread too', () => {
  const targets = Array.from({ length: 1000 }, (_, i) => target(`tenant-${i}`, 60));
  const seconds = new Map<number, number>();
  for (const d of due(targets, 0, 0)) seconds.set(d.delaySeconds, (seconds.get(d.delaySeconds) ?? 0) + 1);
  expect(Math.max(...seconds.values())).toBeLessThan((2.5 * 1000) / 60);
});
