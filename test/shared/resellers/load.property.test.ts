import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Rate } from '../../../shared/interfaces/rates.ts';
import { loadOf, type PortAt } from '../../../shared/resellers/load.ts';

const rate: fc.Arbitrary<Rate> = fc.oneof(
  fc.record({ value: fc.integer({ min: 0, max: 1e11 }) }),
  fc.constant({ value: undefined, reason: 'the counter began anew' }),
);
const port: fc.Arbitrary<Omit<PortAt, 'interface'>> = fc.record({
  ...{ in: rate, out: rate, isRouterSilent: fc.boolean() },
  ...{ operStatus: fc.constant(undefined), receivedAt: fc.constant(undefined) },
});
const ports = fc
  .array(port, { maxLength: 8 })
  .map((all) => all.map((one, i) => ({ ...one, interface: `core1/p${i}` })));
const plan = { toTargetBitsPerSecond: 100_000_000, fromTargetBitsPerSecond: 20_000_000 };

test('each direction is the exact sum of its ports, or unknown with every unknown port named, and never in between', () => {
  fc.assert(
    fc.property(ports, (all) => {
      const load = loadOf({ plan, status: 'active' }, all);
      for (const [sum, parts] of [
        [load.toTarget, all.map((one) => one.out.value)],
        [load.fromTarget, all.map((one) => one.in.value)],
      ] as const) {
        const isKnown = parts.length > 0 && parts.every((part) => part !== undefined);
        expect(sum).toBe(isKnown ? parts.reduce((total, part) => total + BigInt(part ?? 0), 0n) : undefined);
      }
      const unknown = all.filter((one) => one.in.value === undefined || one.out.value === undefined);
      expect(load.unknown.map((one) => one.interface)).toEqual(unknown.map((one) => one.interface));
      expect(load.missing).toEqual(unknown.filter((one) => !one.isRouterSilent).map((one) => one.interface));
    }),
  );
});

test('the plan is used as far as its fuller direction, and not at all while anything of it is unknown', () => {
  fc.assert(
    fc.property(
      ports,
      fc.constantFrom('active' as const, 'suspended' as const),
      fc.boolean(),
      (all, status, hasPlan) => {
        const { toTarget, fromTarget, planUse } = loadOf({ status, ...(hasPlan ? { plan } : {}) }, all);
        const isKnown = hasPlan && status === 'active' && toTarget !== undefined && fromTarget !== undefined;
        expect(planUse !== undefined).toBe(isKnown);
        if (planUse === undefined || toTarget === undefined || fromTarget === undefined) return;
        const percents = [
          Number(toTarget) / plan.toTargetBitsPerSecond,
          Number(fromTarget) / plan.fromTargetBitsPerSecond,
        ];
        expect(Math.abs(Number(planUse) - Math.max(...percents) * 10_000)).toBeLessThanOrEqual(0.5 + 1e-6);
      },
    ),
  );
});
