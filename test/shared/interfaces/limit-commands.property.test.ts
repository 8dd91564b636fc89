/** What a router has comes out of its packing as it went in, whatever it is called and however far it has counted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LimitOperation } from '../../../shared/interfaces/limit-commands.contract.ts';
import {
  fromCarriedQueues,
  fromPackedResult,
  isLimitOperation,
  toPackedResult,
} from '../../../shared/interfaces/limit-commands.convert.ts';
import type { Queue } from '../../../shared/interfaces/limits.ts';
import { AppError } from '../../../shared/platform/errors.ts';

const rate = fc.option(fc.integer({ min: 1, max: 1e13 }), { nil: undefined });
const octets = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const queue: fc.Arbitrary<Queue> = fc.record(
  {
    name: fc.string({ unit: 'grapheme' }),
    targets: fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())),
    limit: fc.record({ fromTargetBitsPerSecond: rate, toTargetBitsPerSecond: rate }),
    ...{ dynamic: fc.boolean(), disabled: fc.boolean() },
    ...{ octetsFromTarget: octets, octetsToTarget: octets, comment: fc.string() },
  },
  { requiredKeys: ['name', 'targets', 'limit', 'dynamic', 'disabled'] },
);
const rejected = fc.record(
  { path: fc.string(), message: fc.string(), rawText: fc.string() },
  { requiredKeys: ['path', 'message'] },
);

test('queues', () => {
  fc.assert(
    fc.property(fc.array(queue), fc.array(rejected), (queues, rows) => {
      const packed = toPackedResult({ queues, rejected: rows });
      expect(fromCarriedQueues(fromPackedResult('readQueues', packed))).toEqual({ queues, rejected: rows });
    }),
  );
});

const OPERATIONS: readonly LimitOperation[] = [
  'readQueues',
  'writeLimit',
  'removeQueue',
  'readCut',
  'cut',
  'reconnect',
];

test('anything else is a failure in words, and never a crash or a value', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...OPERATIONS),
      fc.oneof(fc.string(), fc.base64String(), fc.jsonValue().map(toPackedResult)),
      (operation, text) => {
        try {
          const value: unknown = fromPackedResult(operation, text);
          expect(value === null || typeof value === 'object').toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect((error as AppError).code).toBe('SOURCE_MALFORMED');
        }
      },
    ),
  );
});

test('names that every object has are no operations', () => {
  expect(['constructor', '__proto__', 'toString', 'close', 'operations', ''].filter(isLimitOperation)).toEqual([]);
  expect(OPERATIONS.every(isLimitOperation)).toBe(true);
});
