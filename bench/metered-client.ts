/** Counts what a DynamoDB client asks for, in requests and in the units that the emulator says they consumed. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Counts {
  calls: number;
  readUnits: number;
  /** Write units by shelf of the key; the lease and the names of a target count apart from its batches. */
  readonly writeUnits: Map<string, number>;
  reset(): void;
}

interface Input {
  readonly Item?: Record<string, unknown>;
  readonly Key?: Record<string, unknown>;
}

/** Real requests: every page of a query is one. A refused condition costs a unit, as it does in AWS. */
export function meterClient(client: DynamoDBClient): Counts {
  const counts: Counts = {
    calls: 0,
    readUnits: 0,
    writeUnits: new Map(),
    reset() {
      counts.calls = 0;
      counts.readUnits = 0;
      counts.writeUnits.clear();
    },
  };
  const write = (input: Input, units: number) => {
    const shelf = shelfOf(input.Item ?? input.Key ?? {});
    counts.writeUnits.set(shelf, (counts.writeUnits.get(shelf) ?? 0) + units);
  };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const isRead = /^(Get|Query)/.test(String(context.commandName));
      counts.calls++;
      try {
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
        const { ConsumedCapacity: consumed } = result.output as { ConsumedCapacity?: { CapacityUnits?: number } };
        const units = consumed?.CapacityUnits ?? 1;
        if (isRead) counts.readUnits += units;
        else write(args.input as Input, units);
        return result;
      } catch (error) {
        if (!isRead) write(args.input as Input, 1);
        throw error;
      }
    },
    { step: 'initialize', name: 'meter' },
  );
  return counts;
}

function shelfOf(key: Record<string, unknown>): string {
  const [pk, sk] = [textOf(key.pk), textOf(key.sk)];
  if (sk.startsWith('!')) return sk.startsWith('!lease') ? 'lease' : 'names';
  return pk.split('#')[1] ?? pk;
}

/** The client sees plain values or marshalled ones, as the order of its middlewares has it. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : String((value as { S?: string } | undefined)?.S ?? '');
}
