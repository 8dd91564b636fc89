import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { phaseSeconds, slotInMinute } from '../../../shared/collect/schedule.ts';
import type { PushPack } from '../../../shared/interfaces/push.contract.ts';
import { nextSlot, slotOf, slotsOf } from '../../../shared/interfaces/push-slots.ts';
import { isoInstant } from '../../../shared/platform/clock.ts';
import { NOON } from '../collect/fakes.ts';

const GRID = { tenant: 'demo', periodSeconds: 300 };
const PERIOD = 300_000;
/** A slot of the grid. */
const SLOT = Math.floor(NOON / PERIOD) * PERIOD + phaseSeconds('demo', 300) * 1000;
const PORTS = [{ name: 'ether1', inOctets: '1', outOctets: '2' }];
const pack = (
  readings: Omit<PushPack['readings'][number], 'interfaces'>[],
  over: Partial<PushPack> = {},
): PushPack => ({
  version: 1,
  readings: readings.map((reading) => ({ ...reading, interfaces: PORTS })),
  ...over,
});
const ago = (ms: number) => isoInstant(SLOT - ms);

describe('the slot of a reading', () => {
  test.each([
    [0, 0],
    [PERIOD - 60_001, 0],
    [PERIOD - 60_000, 1],
    [-60_000, 0],
    [-60_001, -1],
  ])('read %i ms after a slot it stands for the one %i periods on', (after, periods) => {
    expect(slotOf(GRID, SLOT + after) - SLOT).toBe(periods * PERIOD);
  });

  test('a source of every minute is early by half of one at most', () => {
    const grid = { tenant: 'demo', periodSeconds: 60 };
    const slot = slotOf(grid, SLOT);
    expect(slotOf(grid, slot + 29_999)).toBe(slot);
    expect(slotOf(grid, slot + 30_000)).toBe(slot + 60_000);
  });

  test('is one that the dispatcher knows, never more than a minute ahead or a period behind, and the next one follows', () => {
    const periods = fc.integer({ min: 1, max: 1440 }).map((minutes) => minutes * 60);
    fc.assert(
      fc.property(
        fc.constantFrom('demo', 'aaa', 'zz9'),
        periods,
        fc.integer({ min: 0, max: 4e12 }),
        (tenant, periodSeconds, at) => {
          const slot = slotOf({ tenant, periodSeconds }, at);
          const target = {
            type: 'push',
            tenant,
            source: 's',
            kind: 'interface',
            periodSeconds,
            enabled: true,
            paused: false,
          } as const;
          expect(slotInMinute(target, slot)).toBe(slot);
          expect(slot - at).toBeLessThanOrEqual(60_000);
          expect(at - slot).toBeLessThan(periodSeconds * 1000);
          const next = nextSlot({ tenant, periodSeconds }, at);
          expect(next).toBeGreaterThan(at);
          expect(next - at).toBeLessThanOrEqual(periodSeconds * 1000);
        },
      ),
    );
  });
});

describe('the times of a pack', () => {
  test('are anchored at receipt by the uptime of the machine, whatever its clock says', () => {
    const sent = pack([{ uptimeSeconds: 1000.25, at: '1970-01-01T00:00:00Z' }, { uptimeSeconds: 1300.25 }], {
      uptimeSeconds: 1302.25,
      sentAt: '1970-01-01T00:10:00Z',
    });
    const { slots, issues } = slotsOf(sent, SLOT + 2000, GRID);
    expect(issues).toEqual([]);
    expect(slots.map(({ slot, reading }) => [slot - SLOT, reading.receivedAt - SLOT, reading.uptimeMs])).toEqual([
      [-PERIOD, -PERIOD, 1_000_250],
      [0, 0, 1_300_250],
    ]);
  });

  test('without uptime follow the site’s clock, of which only the distance counts', () => {
    const offset = 600_000;
    const sent = pack([{ at: isoInstant(SLOT + offset) }, { at: isoInstant(SLOT - PERIOD + offset) }], {
      sentAt: isoInstant(SLOT + offset + 1000),
    });
    const { slots, issues } = slotsOf(sent, SLOT + 1500, GRID);
    expect(issues).toEqual([]);
    expect(slots.map(({ slot, reading }) => [slot - SLOT, reading.receivedAt - SLOT, reading.uptimeMs])).toEqual([
      [-PERIOD, -PERIOD + 500, undefined],
      [0, 500, undefined],
    ]);
  });

  test('of a reading without any are now, with RouterOS’s uptime for a clock of whole seconds', () => {
    const { slots, issues } = slotsOf(pack([{}], { uptime: '1w2d03:04:05' }), SLOT, GRID);
    expect(issues).toEqual([]);
    expect(slots[0]?.reading).toEqual({ receivedAt: SLOT, uptimeMs: 788_645_000, isCoarse: true, interfaces: PORTS });
  });

  test('a reading from before the machine was up, by the clock that was set since, has no uptime', () => {
    const sent = pack([{ at: ago(PERIOD) }], { sentAt: ago(0), uptimeSeconds: 10 });
    expect(slotsOf(sent, SLOT, GRID).slots[0]?.reading.uptimeMs).toBeUndefined();
  });

  test('of two readings of one slot the earlier goes, in whichever order they stand', () => {
    const sent = pack([{ uptimeSeconds: 1150 }, { uptimeSeconds: 1100 }], { uptimeSeconds: 1150 });
    const { slots } = slotsOf(sent, SLOT + 100_000, GRID);
    expect(slots.map(({ slot, reading }) => [slot - SLOT, reading.uptimeMs])).toEqual([[0, 1_100_000]]);
  });

  test('all that is wrong with them is told at once, and where', () => {
    const sent = pack([{ uptimeSeconds: 2000 }, { at: ago(-5000) }, { at: ago(14 * PERIOD) }, {}, {}], {
      uptimeSeconds: 1000,
      sentAt: ago(0),
      uptime: 'yesterday',
    });
    const { issues } = slotsOf(sent, SLOT, GRID);
    expect(issues.map(({ path, message }) => `${path} ${message}`)).toEqual([
      expect.stringMatching(/^uptime is no time/),
      expect.stringMatching(/^readings\[0\] was read after the pack was sent/),
      expect.stringMatching(/^readings\[1\] lies 5 s in the future/),
      expect.stringMatching(/^readings\[2\] was read 4200 s ago: nothing older than 13 periods/),
      expect.stringMatching(/^readings several have neither/),
    ]);
  });

  test('that cannot be measured against anything are refused', () => {
    expect(slotsOf(pack([{ at: ago(0) }]), SLOT, GRID).issues).toMatchObject([{ path: 'readings[0]' }]);
    expect(slotsOf(pack([{ uptimeSeconds: 5 }]), SLOT, GRID).issues).toMatchObject([{ path: 'readings[0]' }]);
  });
});
