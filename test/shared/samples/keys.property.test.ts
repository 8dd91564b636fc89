import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  batchKey,
  batchRange,
  chunkKey,
  decodeBatchSk,
  decodeChunkSk,
  decodeRollupSk,
  dictionaryKey,
  dictionaryRange,
  headKey,
  leaseKey,
  rollupKey,
  runningDayKey,
  topKey,
} from '../../../shared/samples/keys.ts';

const name = fc.string({
  minLength: 1,
  maxLength: 10,
  unit: fc.constantFrom('#', '%', '@', '!', '/', '0', '2', '5', 'a', 'Z', ' ', 'é'),
});
const at = fc.integer({ min: Date.parse('1970-01-01'), max: Date.parse('2200-01-01') });
const part = fc.integer({ min: 0, max: 9999 });
const ref = (target: string) => ({ tenant: 'demo', kind: 'interface', target });

test('slot and part come back from a batch key as they went in', () => {
  fc.assert(
    fc.property(name, at, part, (target, slot, p) => {
      expect(decodeBatchSk(batchKey(ref(target), slot, p).sk)).toEqual({ slot, part: p });
    }),
  );
});

test('batch keys sort by slot, then by part, and after lease and names', () => {
  fc.assert(
    fc.property(name, at, part, at, part, (target, a, p, b, q) => {
      const [first, second] = [batchKey(ref(target), a, p).sk, batchKey(ref(target), b, q).sk];
      expect(Math.sign(first < second ? -1 : first > second ? 1 : 0)).toBe(Math.sign(a - b || p - q));
      expect(leaseKey(ref(target)).sk < first && dictionaryKey(ref(target), p).sk < first).toBe(true);
      expect(dictionaryRange().last < first).toBe(true);
    }),
  );
});

test('a range of slots holds exactly the batches from its first instant to before its last', () => {
  fc.assert(
    fc.property(at, fc.integer({ min: 1, max: 1e9 }), at, part, (from, length, slot, p) => {
      const { first, last } = batchRange(from, from + length);
      const { sk } = batchKey(ref('r'), slot, p);
      expect(sk >= first && sk <= last).toBe(slot >= from && slot < from + length);
    }),
  );
});

test('an entity comes back from a rollup key, and a running day is never taken for an entity', () => {
  fc.assert(
    fc.property(name, name, (entity, target) => {
      expect(decodeRollupSk(rollupKey('demo', 'ifHCInOctets', '2026-11', entity).sk)).toBe(entity);
      expect(decodeRollupSk(runningDayKey(ref(target), 'ifHCInOctets', '2026-11').sk)).toBeUndefined();
    }),
  );
});

test('the start of a chunk comes back from its key', () => {
  fc.assert(
    fc.property(name, at, (entity, start) => {
      expect(decodeChunkSk(chunkKey({ tenant: 'demo', kind: 'interface', entity }, start).sk)).toBe(start);
    }),
  );
});

test('keys of different shelves never share a partition, whatever the names hold', () => {
  fc.assert(
    fc.property(name, name, (a, b) => {
      const pks = [
        headKey({ tenant: 'demo', kind: a, target: b }).pk,
        batchKey({ tenant: 'demo', kind: a, target: b }, 0, 0).pk,
        chunkKey({ tenant: 'demo', kind: a, entity: b }, 0).pk,
        rollupKey('demo', a, '2026-11', b).pk,
        topKey('demo', a, '2026-11', b).pk,
      ];
      expect(new Set(pks).size).toBe(5);
      expect(pks.every((pk) => pk.startsWith('demo#'))).toBe(true);
    }),
  );
});

test.each([-1, 1.5, 10_000])('%d is refused as a part', (p) => {
  expect(() => batchKey(ref('r'), 0, p)).toThrow(/not a part/);
});
