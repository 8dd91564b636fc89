/** What every reader of raw samples must answer, whatever stands behind it: the truth in DynamoDB, the copy in Timestream. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { SampleReader } from '../../shared/samples/copies.port.ts';
import type { Batch, RawPoint } from '../../shared/samples/sample.ts';
import { batch, REF, SLOT_MS } from '../shared/samples/router.ts';

export interface OpenReader {
  readonly reader: SampleReader;
  /** Brings parts in, in the order in which they came; resolves when they can be read. */
  bring(...batches: Batch[]): Promise<void>;
}

/** A slot of the past hour for tests whose clock stands at it. */
export const START = Date.parse('2026-11-20T06:00:00Z');
const slot = (n: number) => START + n * SLOT_MS;
const series = (entity = 'core1/ether1', metric = 'ifHCInOctets') => ({ ...REF, entity, metric });
const values = (points: readonly RawPoint[]) => points.map(({ slot: at, value }) => [(at - START) / SLOT_MS, value]);
const port = (n: number, entity = 'core1/ether1') => ({ entity, input: BigInt(n) * 1000n, output: 7n });

export function sampleReaderContract(name: string, open: () => Promise<OpenReader>): void {
  describe(name, () => {
    let reader: SampleReader;
    let bring: OpenReader['bring'];
    beforeEach(async () => {
      ({ reader, bring } = await open());
    });

    test('a series that was never written is empty', async () => {
      expect(await reader.readSeries(series(), slot(0), slot(9))).toEqual([]);
      await bring(batch(slot(0), [port(1)]));
      expect(await reader.readSeries(series('core1/ether9'), slot(0), slot(9))).toEqual([]);
      expect(await reader.readSeries(series('core1/ether1', 'ifOperStatus'), slot(0), slot(9))).toEqual([]);
    });

    test('points come oldest first, the beginning included and the end not', async () => {
      await bring(...[3, 0, 2, 1, 4].map((n) => batch(slot(n), [port(n), port(2 * n, 'core1/ether2')])));
      const points = await reader.readSeries(series(), slot(1), slot(4));
      expect(values(points)).toEqual([
        [1, 1000n],
        [2, 2000n],
        [3, 3000n],
      ]);
      expect(points[0]).toMatchObject({ receivedAt: slot(1) + 1200, boundary: true });
      expect(await reader.readSeries(series(), slot(4), slot(4))).toEqual([]);
      expect(await reader.readSeries(series(), slot(4), slot(1))).toEqual([]);
      expect(values(await reader.readSeries(series('core1/ether2'), slot(3), slot(9)))).toEqual([
        [3, 6000n],
        [4, 8000n],
      ]);
    });

    test('tenants and kinds are worlds of their own', async () => {
      await bring(
        batch(slot(0), [port(1)]),
        batch(slot(0), [port(2)], { ref: { ...REF, tenant: 'other' } }),
        batch(slot(0), [port(3)], { ref: { ...REF, kind: 'link', target: 'core2' } }),
      );
      expect(values(await reader.readSeries(series(), slot(0), slot(1)))).toEqual([[0, 1000n]]);
      const other = { ...series(), tenant: 'other' };
      expect(values(await reader.readSeries(other, slot(0), slot(1)))).toEqual([[0, 2000n]]);
    });

    test('names that mean something to a query are names', async () => {
      const entity = 'core1/eth\'er"0;--#%_é';
      await bring(batch(slot(0), [port(1, entity), port(2)]));
      expect(values(await reader.readSeries(series(entity), slot(0), slot(1)))).toEqual([[0, 1000n]]);
    });

    test('F15: a part that restates a slot replaces what it names, and takes nothing from the rest', async () => {
      const restated = batch(slot(1), [{ entity: 'core1/ether1', input: 1500n }], { part: 1 });
      await bring(...[0, 1, 2].map((n) => batch(slot(n), [port(n), port(n, 'core1/ether2')])), restated);
      const read = async (...of: Parameters<typeof series>) =>
        (await reader.readSeries(series(...of), slot(0), slot(3))).map((p) => p.value);
      expect(await read()).toEqual([0n, 1500n, 2000n]);
      expect(await read('core1/ether1', 'ifHCOutOctets')).toEqual([7n, 7n, 7n]);
      expect(await read('core1/ether2')).toEqual([0n, 1000n, 2000n]);
    });

    test.each([0n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n])(
      'the counter %s comes back exactly',
      async (input) => {
        await bring(batch(slot(0), [{ entity: 'core1/ether1', input }]));
        expect(values(await reader.readSeries(series(), slot(0), slot(1)))).toEqual([[0, input]]);
      },
    );

    test('a reading off the boundary says so', async () => {
      await bring({ ...batch(slot(0), [port(1)]), boundary: false });
      expect(await reader.readSeries(series(), slot(0), slot(1))).toMatchObject([{ boundary: false }]);
    });

    test('a day of one series is read whole', async () => {
      const many = Array.from({ length: 288 }, (_, n) => batch(slot(n) - 86_400_000, [port(n)]));
      await bring(...many);
      const points = await reader.readSeries(series(), slot(0) - 86_400_000, slot(0));
      expect(points.map((p) => p.value)).toEqual(many.map((_, n) => BigInt(n) * 1000n));
    });
  });
}
