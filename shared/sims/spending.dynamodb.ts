/** Spending on the one table: one item per account and month, each change of it on condition that nobody changed it meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../platform/errors.ts';
import { joinKey, tenantKey } from '../platform/key.ts';
import type { Key, Table } from '../platform/table.dynamodb.ts';
import type { SpendingMonth, SpendingStore } from './spending.port.ts';

/** An account has one worker and a few people: whoever loses this often is in no ordinary crowd. */
const ATTEMPTS = 30;
const PAUSE_MS = 5;

interface Spent {
  readonly currency: string;
  readonly spentMinor: bigint;
  /** Reservations whose call has no end yet, id -> amount. */
  readonly open: Readonly<Record<string, string>>;
  readonly revision: number;
}

export function openSpendingStore(table: Table): SpendingStore {
  const change = async (month: SpendingMonth, next: (spent: Spent | undefined) => Spent | undefined): Promise<void> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await sleep(PAUSE_MS * attempt * Math.random());
      const before = await read(table, month);
      const after = next(before);
      if (after === undefined || (await write(table, month, after))) return;
    }
    throw new AppError('STORE_UNAVAILABLE', 'the spending of the month is being changed by too many at once');
  };
  const end = (month: SpendingMonth, id: string, isGivenBack: boolean): Promise<void> =>
    change(month, (spent) => {
      const amount = spent?.open[id];
      if (!spent || amount === undefined) return undefined;
      const { [id]: _, ...open } = spent.open;
      const spentMinor = isGivenBack ? spent.spentMinor - BigInt(amount) : spent.spentMinor;
      return { ...spent, open, spentMinor, revision: spent.revision + 1 };
    });
  return {
    async read(month) {
      const spent = await read(table, month);
      return spent && { amountMinor: spent.spentMinor, currency: spent.currency };
    },
    async reserve(month, id, amount, capMinor) {
      let refused: Spent | undefined;
      await change(month, (spent = { currency: amount.currency, spentMinor: 0n, open: {}, revision: 0 }) => {
        refused = undefined;
        if (id in spent.open) return undefined;
        const spentMinor = spent.spentMinor + amount.amountMinor;
        const isOther = spent.currency !== amount.currency && spent.spentMinor > 0n;
        if (isOther || spentMinor > capMinor || amount.amountMinor < 0n) {
          refused = spent;
          return undefined;
        }
        const open = { ...spent.open, [id]: String(amount.amountMinor) };
        return { currency: amount.currency, spentMinor, open, revision: spent.revision + 1 };
      });
      const { spentMinor, currency } = (refused ?? {}) as Partial<Spent>;
      return spentMinor === undefined || currency === undefined
        ? { granted: true }
        : { granted: false, spentMinor, currency };
    },
    keep: (month, id) => end(month, id, false),
    release: (month, id) => end(month, id, true),
  };
}

function keyOf({ tenant, account, month }: SpendingMonth): Key {
  return { pk: tenantKey(tenant, 'C', 'spending'), sk: joinKey(account, month) };
}

async function read(table: Table, month: SpendingMonth): Promise<Spent | undefined> {
  const item = await table.get(keyOf(month), { consistent: true });
  if (!item) return undefined;
  return {
    currency: String(item.currency),
    spentMinor: BigInt(String(item.spentMinor)),
    open: item.open as Spent['open'],
    revision: Number(item.revision),
  };
}

/** Amounts as text: exact, however the table's client reads numbers. */
function write(table: Table, month: SpendingMonth, spent: Spent): Promise<boolean> {
  return table.put(
    { ...keyOf(month), ...spent, spentMinor: String(spent.spentMinor) },
    {
      ConditionExpression: spent.revision === 1 ? 'attribute_not_exists(pk)' : '#revision = :before',
      ...(spent.revision === 1
        ? {}
        : {
            ExpressionAttributeNames: { '#revision': 'revision' },
            ExpressionAttributeValues: { ':before': spent.revision - 1 },
          }),
    },
    // Holds the ids of its reservations, and no two callers open the same one for different calls.
    { recognise: true },
  );
}
