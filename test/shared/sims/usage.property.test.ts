import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayName, dayNumber } from '../../../shared/samples/zone.ts';
import type { DayUsage } from '../../../shared/sims/sim.ts';
import { USAGE_FIELDS } from '../../../shared/sims/sim.ts';
import {
  byMonth,
  byWeek,
  mergeUsage,
  type StatedDay,
  type Statement,
  sumUsage,
  type UsageSum,
} from '../../../shared/sims/usage.ts';
import { packUsage, unpackUsage } from '../../../shared/sims/usage-packing.ts';
import { runs } from '../samples/runs.ts';

const amount = fc.option(
  fc.oneof(fc.bigInt({ min: 0n, max: 500n }), fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.bigInt({ min: 0n })),
  { nil: undefined },
);
const values = fc.record(Object.fromEntries(USAGE_FIELDS.map((field) => [field, amount])));

function usageOf(day: string, fields: Readonly<Record<string, bigint | undefined>>): DayUsage {
  return { day, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) };
}

const FIRST = dayNumber('2026-01-01');
/** Each day at most once, in order. */
const someDays = fc
  .uniqueArray(fc.tuple(fc.nat(800), values), { maxLength: 60, selector: ([n]) => n })
  .map((list) => list.sort(([a], [b]) => a - b).map(([n, fields]) => usageOf(dayName(FIRST + n), fields)));

test('any month comes back from its bytes', () => {
  const instant = fc.integer({ min: 0, max: Date.UTC(9999, 0, 1) });
  const month = someDays.chain((days) =>
    fc.tuple(
      ...days.map((usage) =>
        fc
          .tuple(fc.constant(usage), instant, fc.boolean())
          .map(([u, statedAt, closed]) => ({ usage: u, statedAt, closed })),
      ),
    ),
  );
  fc.assert(
    fc.property(month, (days: StatedDay[]) => {
      expect(unpackUsage(packUsage(days))).toStrictEqual(days);
    }),
    runs(200),
  );
});

const START = Date.UTC(2026, 10, 1);

/**
 * What a provider says of three days at rising instants: a value stands for a while, then gives way to one that it never
 * had before. Each statement tells some of the days.
 */
const history = fc
  .array(
    fc.record({
      hours: fc.integer({ min: 1, max: 30 }),
      told: fc.subarray([0, 1, 2], { minLength: 1 }),
      grows: fc.subarray([0, 1, 2]),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((steps) => {
    let at = START;
    const current = [0n, 0n, 0n];
    return steps.map(({ hours, told, grows }): Statement => {
      at += hours * 3_600_000;
      for (const i of grows) current[i] = (current[i] ?? 0n) + 1n;
      const days = told.map((i) => usageOf(`2026-11-0${i + 1}`, { dataTotal: current[i], smsMo: 1n }));
      return { days, at, closedBefore: new Date(at).toISOString().slice(0, 10) };
    });
  });

const merged = (statements: readonly Statement[]): readonly StatedDay[] =>
  statements.reduce<readonly StatedDay[]>((days, statement) => mergeUsage(days, statement).days, []);
const usages = (days: readonly StatedDay[]): DayUsage[] => days.map(({ usage }) => usage);

function newestOf(statements: readonly Statement[]): DayUsage[] {
  const newest = new Map<string, DayUsage>();
  for (const { days } of [...statements].sort((a, b) => a.at - b.at))
    for (const usage of days) newest.set(usage.day, usage);
  return [...newest.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

test('the newest statement of each day wins, whatever the order of arrival and however often it arrives', () => {
  const arrivals = history.chain((statements) =>
    fc.record({
      statements: fc.constant(statements),
      order: fc.shuffledSubarray(statements, { minLength: statements.length, maxLength: statements.length }),
      again: fc.array(fc.constantFrom(...statements), { maxLength: 5 }),
    }),
  );
  fc.assert(
    fc.property(arrivals, ({ statements, order, again }) => {
      expect(usages(merged([...order, ...again]))).toEqual(newestOf(statements));
    }),
    runs(500),
  );
});

test('a statement that was merged changes nothing any more', () => {
  fc.assert(
    fc.property(history, fc.nat(), (statements, n) => {
      const days = merged(statements);
      const again = statements[n % statements.length];
      if (again === undefined) throw new Error('no statement');
      const once = mergeUsage(days, again);
      expect(once.days).toBe(days);
      expect(once.corrections).toEqual([]);
    }),
    runs(300),
  );
});

test('each change of a day that was over when it was last stated is one correction, and nothing else is', () => {
  fc.assert(
    fc.property(history, (statements) => {
      const expected: string[] = [];
      const last = new Map<string, { total: bigint | undefined; closed: boolean }>();
      for (const { days, closedBefore } of statements) {
        for (const { day, dataTotal: total } of days) {
          const before = last.get(day);
          if (before?.closed && before.total !== total) expected.push(`${day} ${before.total} ${total}`);
          last.set(day, { total, closed: day < closedBefore });
        }
      }
      let known: readonly StatedDay[] = [];
      const found = statements.flatMap((statement) => {
        const { days, corrections } = mergeUsage(known, statement);
        known = days;
        return corrections.map(({ day, before, after }) => `${day} ${before.dataTotal} ${after.dataTotal}`);
      });
      expect(found).toEqual(expected);
    }),
    runs(500),
  );
});

const SUMS = ['total', 'rx', 'tx', 'smsTotal', 'smsMo', 'smsMt'] as const;

/** Sums of sums: unknown and unknown stay unknown. */
function added(parts: readonly UsageSum[]) {
  const entries = SUMS.map((name) => {
    const known = parts.map((part) => part[name]).filter((value) => value !== undefined);
    return [name, known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0n)];
  });
  return { ...Object.fromEntries(entries), knownDays: parts.reduce((sum, { knownDays }) => sum + knownDays, 0) };
}

test('weeks, months and any split add up to the sum over the days', () => {
  fc.assert(
    fc.property(someDays, fc.array(fc.nat(60), { maxLength: 4 }), (days, cuts) => {
      const { days: _days, from: _from, to: _to, ...whole } = sumUsage(days);
      expect(added(byWeek(days))).toEqual(whole);
      expect(added(byMonth(days))).toEqual(whole);
      const marks = [0, ...cuts.sort((a, b) => a - b), days.length];
      const pieces = marks.slice(1).map((to, i) => sumUsage(days.slice(marks[i], to)));
      expect(added(pieces)).toEqual(whole);
    }),
    runs(300),
  );
});

test('each day lies in exactly one week and one month, whose bounds touch and never overlap', () => {
  fc.assert(
    fc.property(someDays, (days) => {
      for (const periods of [byWeek(days), byMonth(days)]) {
        for (const { day } of days) expect(periods.filter(({ from, to }) => from <= day && day <= to)).toHaveLength(1);
        for (const [i, { from }] of periods.entries()) expect(from > (periods[i - 1]?.to ?? '')).toBe(true);
      }
    }),
    runs(200),
  );
});
