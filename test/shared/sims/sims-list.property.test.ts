import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ShownSim, shownSim, simAccount } from '../../../shared/sims/shown-sim.ts';
import { filterSims, type SimFilter, type SimSort, simOrder, simPage } from '../../../shared/sims/sims-list.ts';
import { entityOf, headEntityOf, iccidAt, NOW } from './shown-world.ts';

const SORTS: readonly SimSort[] = [
  'iccid',
  'label',
  'remaining',
  'remainingPercent',
  'usageToday',
  'lastSeen',
  'expires',
];
const ACCOUNTS = new Map(['fleet', 'other'].map((id) => [id, simAccount(id, undefined, undefined)] as const));

/** Few different values, so that equal ones and unknown ones are many. */
const amount = fc.option(fc.bigInt({ min: -3n, max: 3n }), { nil: undefined });
const known = (values: Record<string, bigint | undefined>) =>
  Object.fromEntries(Object.entries(values).filter((e): e is [string, bigint] => e[1] !== undefined));
const sim = fc
  .record({
    n: fc.nat(40),
    account: fc.constantFrom('fleet', 'other'),
    label: fc.option(fc.constantFrom('a', 'A', 'b', '', '"\\', '🙂', '\u0000'), { nil: undefined }),
    enabled: fc.option(fc.boolean(), { nil: undefined }),
    tags: fc.constantFrom([], ['x'], ['x', 'y']),
    dataRemaining: amount,
    dataTotal: amount,
    usageToday: amount,
    dataExpires: amount,
    lastSeen: fc.option(fc.bigInt({ min: 0n, max: BigInt(NOW / 1000) }), { nil: undefined }),
    presence: fc.option(fc.bigInt({ min: 0n, max: 3n }), { nil: undefined }),
  })
  .map(({ n, account, label, enabled, tags, ...values }): ShownSim => {
    const spec = {
      iccid: iccidAt(n),
      account,
      attributes: { ...(label === undefined ? {} : { label }), ...(enabled === undefined ? {} : { enabled }) },
      note: { tags },
      values: known(values),
    };
    return shownSim(entityOf(spec), headEntityOf(spec), ACCOUNTS);
  });
const nameOf = (s: ShownSim) => `${s.iccid} ${s.account.id}`;
const fleet = fc.uniqueArray(sim, { selector: nameOf, maxLength: 60 });
const order = fc.tuple(fc.constantFrom(...SORTS), fc.boolean()).map(([by, down]) => simOrder(down ? `-${by}` : by));
const filter: fc.Arbitrary<SimFilter> = fc.record(
  {
    status: fc.constantFrom('enabled', 'disabled', 'unknown'),
    quota: fc.constantFrom('sufficient', 'low', 'exhausted', 'unknown'),
    label: fc.constantFrom('a', 'B'),
    tag: fc.constantFrom('x', 'y'),
    account: fc.constantFrom('fleet', 'other'),
    presence: fc.constantFrom('online', 'unknown'),
    silentSeconds: fc.nat(NOW / 1000),
  },
  { requiredKeys: [] },
);

function allPages(sims: readonly ShownSim[], by: ReturnType<typeof simOrder>, limit: number): ShownSim[][] {
  const pages: ShownSim[][] = [];
  let after: string | undefined;
  do {
    const page = simPage(sims, by, { limit, after, now: NOW });
    if (!page) throw new Error('a place that was given out was refused');
    pages.push([...page.sims]);
    after = page.next;
  } while (after !== undefined && pages.length <= sims.length + 1);
  return pages;
}

test('paging through any order and filter with any limit gives every matching SIM exactly once, in the order of one page', () => {
  fc.assert(
    fc.property(fleet, order, filter, fc.integer({ min: 1, max: 70 }), (sims, by, wanted, limit) => {
      const matching = filterSims(sims, wanted, NOW);
      const pages = allPages(matching, by, limit);
      const given = pages.flat().map(nameOf);
      expect([...given].sort()).toEqual(matching.map(nameOf).sort());
      expect(given).toEqual(allPages(matching, by, 100).flat().map(nameOf));
      expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    }),
  );
});

test('the status of a SIM is exactly one of three, its quota one of four: filters cut the fleet without gap or overlap', () => {
  fc.assert(
    fc.property(fleet, (sims) => {
      const count = (wanted: SimFilter) => filterSims(sims, wanted, NOW).length;
      const statuses = (['enabled', 'disabled', 'unknown'] as const).map((status) => count({ status }));
      const quotas = (['sufficient', 'low', 'exhausted', 'unknown'] as const).map((quota) => count({ quota }));
      for (const parts of [statuses, quotas]) expect(parts.reduce((a, b) => a + b)).toBe(sims.length);
    }),
  );
});

test('what comes, goes or changes behind the place moves nothing that stood still', () => {
  fc.assert(
    fc.property(fleet, fleet, order, fc.integer({ min: 1, max: 20 }), (before, changes, by, limit) => {
      const changed = new Set(changes.map(nameOf));
      const after = [...before.filter((s) => !changed.has(nameOf(s))), ...changes];
      const first = simPage(before, by, { limit, after: undefined, now: NOW });
      if (first?.next === undefined) return;
      const rest: string[] = [];
      for (let place: string | undefined = first.next; place !== undefined && rest.length <= after.length; ) {
        const page = simPage(after, by, { limit, after: place, now: NOW });
        rest.push(...(page?.sims ?? []).map(nameOf));
        place = page?.next;
      }
      const given = [...first.sims.map(nameOf), ...rest];
      const still = before.map(nameOf).filter((name) => !changed.has(name));
      for (const name of still) expect(given.filter((g) => g === name)).toEqual([name]);
    }),
  );
});
