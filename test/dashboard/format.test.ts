import { describe, expect, it } from 'vitest';
import {
  aboutDays,
  age,
  bitsPerSecond,
  count,
  day,
  duration,
  instant,
  octets,
  percent,
  quantity,
  zoneName,
} from '../../dashboard/format.ts';

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
const NOW = Date.parse('2026-11-20T11:05:00Z');

describe('amounts', () => {
  it.each([
    ['0', '0 B'],
    ['999', '999 B'],
    ['1000', '1 kB'],
    ['120000000000', '120 GB'],
    ['12345000000', '12.3 GB'],
    ['19999999999', '19.9 GB'],
    ['999999999', '999.9 MB'],
    ['1200000000000', '1.2 TB'],
    ['1234567000000000', '1,234 TB'],
    ['-1500', '-1.5 kB'],
    // Beyond what a double holds exactly.
    ['9007199254740993000', '9,007,199 TB'],
  ])('%s octets read %s, never more than there is', (amount, words) => {
    expect(plain(octets(amount))).toBe(words);
  });

  it.each([
    [0, '0 b/s'],
    [949_200_000, '949.2 Mb/s'],
    [1_000_000_000, '1 Gb/s'],
    [1234.6, '1.2 kb/s'],
  ])('%d bits a second read %s', (rate, words) => {
    expect(plain(bitsPerSecond(rate))).toBe(words);
  });

  it.each([
    [19.96, '19.9 %'],
    [20, '20 %'],
    [4.35, '4.3 %'],
    [0.1 + 0.2, '0.3 %'],
    [4.1, '4.1 %'],
    [0, '0 %'],
  ])('%d percent reads %s, on the worse side of a limit', (value, words) => {
    expect(plain(percent(value))).toBe(words);
  });

  it.each([
    [12, '%', '12 %'],
    [5e10, 'bytes', '50 GB'],
    [259_200, 's', '3 days'],
    [8e8, 'bit/s', '800 Mb/s'],
    [3, 'readings', '3 readings'],
    [2.25, '', '2.3'],
  ])('%d in %s reads %s', (value, unit, words) => {
    expect(plain(quantity(value, unit))).toBe(words);
  });
});

describe('spans', () => {
  it.each([
    [-5, '0 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [3_600, '1 h'],
    [11_400, '3 h 10 min'],
    [86_400, '1 day'],
    [187_200, '2 days 4 h'],
    [86_400 * 17.9, '17 days'],
  ])('%d seconds last %s', (seconds, words) => {
    expect(plain(duration(seconds))).toBe(words);
  });

  it.each([
    [3, 'just now'],
    [30, '30 s ago'],
    [10_800, '3 h ago'],
  ])('%d seconds old is %s', (seconds, words) => {
    expect(plain(age(seconds))).toBe(words);
  });

  it.each([
    [0.01, 'less than an hour'],
    [0.79, 'about 18 h'],
    [1, 'about 1 day'],
    [3.29, 'about 3.2 days'],
    [17.9, 'about 17 days'],
  ])('%d days are %s', (days, words) => {
    expect(plain(aboutDays(days))).toBe(words);
  });

  it('counts one and many', () => {
    expect([count(1, 'alert'), count(0, 'alert')].map(plain)).toEqual(['1 alert', '0 alerts']);
  });
});

describe('instants', () => {
  it('are told in the zone, which is named', () => {
    expect(plain(instant(NOW, NOW, 'Africa/Nairobi'))).toBe('Fri 20 Nov, 14:05 GMT+3');
    expect(plain(instant(NOW, NOW, 'Asia/Dhaka'))).toBe('Fri 20 Nov, 17:05 GMT+6');
    expect(zoneName(NOW, 'Asia/Dhaka')).toBe('Asia/Dhaka (GMT+6)');
  });

  it('have a year only where it is not plain', () => {
    expect(plain(day(NOW, NOW, 'UTC'))).toBe('Fri 20 Nov');
    expect(plain(day(Date.parse('2025-01-02T00:00:00Z'), NOW, 'UTC'))).toBe('Thu 2 Jan 2025');
  });
});
