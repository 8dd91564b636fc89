import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSpendingStore } from '../../../shared/sims/spending.dynamodb.ts';
import { startDynalite } from '../dynalite.ts';
import { createFakeTable } from '../fake-table.ts';

const MONTH = { tenant: 'demo', account: 'fleet', month: '2030-01' };
const eur = (amountMinor: bigint) => ({ amountMinor, currency: 'EUR' });

/** A table whose every call waits its turn, in an order that the test draws. */
function shuffledTable(turns: readonly number[]) {
  let at = 0;
  return createFakeTable({
    before: async () => {
      for (let n = turns[at++ % turns.length] ?? 0; n > 0; n--) await Promise.resolve();
    },
  });
}

const end = fc.constantFrom('keep', 'release', 'crash', 'twice');
const call = fc.record({ amount: fc.bigInt({ min: 1n, max: 40n }), end });

test('whoever asks at once, in whatever order: what was let through never exceeds the cap', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.bigInt({ min: 0n, max: 150n }),
      fc.array(call, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 40 }),
      async (cap, calls, turns) => {
        const table = shuffledTable(turns);
        // The month is under way: the race is for its item as it stands, not for being the first.
        await openSpendingStore(table).reserve(MONTH, 'seed', eur(0n), cap);
        let standing = 0n;
        let highest = 0n;
        const one = async ({ amount, end: how }: (typeof calls)[number], id: number): Promise<void> => {
          const store = openSpendingStore(table);
          const reserved = await store.reserve(MONTH, `call-${id}`, eur(amount), cap);
          if (!reserved.granted) return;
          standing += amount;
          if (standing > highest) highest = standing;
          // A step that is taken again counts once.
          if (how === 'twice')
            expect(await store.reserve(MONTH, `call-${id}`, eur(amount), cap)).toEqual({ granted: true });
          if (how === 'release') {
            // Before it is given back: from then on others may have it.
            standing -= amount;
            await store.release(MONTH, `call-${id}`);
            await store.release(MONTH, `call-${id}`);
          } else if (how !== 'crash') await store.keep(MONTH, `call-${id}`);
        };
        await Promise.all(calls.map(one));
        expect(highest <= cap).toBe(true);
        expect((await openSpendingStore(table).read(MONTH))?.amountMinor ?? 0n).toBe(standing);
      },
    ),
    { numRuns: 150 },
  );
});

describe('on a real table', () => {
  test('many at once, exact amounts, and nothing beyond the cap', async () => {
    const database = await startDynalite();
    try {
      const stores = [1, 2, 3, 4].map(() => openSpendingStore(database.table));
      const amount = 900_719_925_474_099_3n;
      const asked = await Promise.all(stores.map((s, i) => s.reserve(MONTH, `c${i}`, eur(amount), amount * 3n)));
      expect(asked.filter((r) => r.granted)).toHaveLength(3);
      expect(asked.find((r) => !r.granted)).toEqual({ granted: false, spentMinor: amount * 3n, currency: 'EUR' });
      expect(await stores[0]?.read(MONTH)).toEqual(eur(amount * 3n));
      expect(await stores[0]?.read({ ...MONTH, month: '2030-02' })).toBeUndefined();
    } finally {
      await database.close();
    }
  });
});

test('a month that was counted in one currency takes no other, unless nothing was spent', async () => {
  const store = openSpendingStore(createFakeTable());
  const usd = { amountMinor: 1n, currency: 'USD' };
  await store.reserve(MONTH, 'a', eur(5n), 100n);
  expect(await store.reserve(MONTH, 'b', usd, 100n)).toEqual({ granted: false, spentMinor: 5n, currency: 'EUR' });
  await store.release(MONTH, 'a');
  expect(await store.reserve(MONTH, 'b', usd, 100n)).toEqual({ granted: true });
});

test('what was kept is not given back afterwards', async () => {
  const store = openSpendingStore(createFakeTable());
  await store.reserve(MONTH, 'a', eur(5n), 100n);
  await store.keep(MONTH, 'a');
  await store.release(MONTH, 'a');
  expect(await store.read(MONTH)).toEqual(eur(5n));
});
