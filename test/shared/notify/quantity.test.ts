import { expect, it } from 'vitest';
import { formatQuantity } from '../../../shared/notify/quantity.ts';

it.each([
  [12, '%', '12.0 %'],
  [120_000_000_000, 'bytes', '120.0 GB'],
  [1_000_000_000_000, 'bytes', '1.0 TB'],
  [1_234_500_000_000_000, 'bytes', '1,234.5 TB'],
  [999, 'bytes', '999 B'],
  [999_960, 'bytes', '1.0 MB'],
  [949_200_000, 'bit/s', '949.2 Mb/s'],
  [0, 'bit/s', '0 b/s'],
  [-1_500, 'bytes', '-1.5 kB'],
  [259_200, 's', '3 days'],
  [3_600, 's', '1 hour'],
  [0, 's', '0 seconds'],
  [3, 'count', '3 count'],
  [2.25, '', '2.3'],
  [undefined, '%', 'unknown'],
  [Number.NaN, '%', 'unknown'],
])('%s %s reads "%s"', (value, unit, text) => {
  expect(formatQuantity(value, unit)).toBe(text);
});
