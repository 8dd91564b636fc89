/** Which targets hold which: addresses, prefixes, ranges, and names of which nobody knows. */
import { expect, test } from 'vitest';
import { coversTarget, isAddresses, mayTouchTarget } from '../../../shared/interfaces/limits.ts';

test.each<[string, string, boolean, boolean]>([
  ['192.0.2.1-192.0.2.9', '192.0.2.5', true, true],
  ['192.0.2.1 - 192.0.2.9', '192.0.2.9', true, true],
  ['192.0.2.1-192.0.2.9', '192.0.2.10', false, false],
  ['192.0.2.1-192.0.2.9', '192.0.2.8/30', false, true],
  ['192.0.2.0-192.0.2.15', '192.0.2.0/28', true, true],
  ['192.0.2.0/28', '192.0.2.1-192.0.2.9', true, true],
  ['192.0.2.5', '192.0.2.0/28', false, true],
  ['0.0.0.0/0', '192.0.2.1', true, true],
  ['0.0.0.0/0', '2001:db8::1', false, false],
  ['2001:db8::1-2001:db8::9', '2001:db8::5', true, true],
  ['2001:db8::1-2001:db8::9', '192.0.2.5', false, false],
  ['192.0.2.9-192.0.2.1', '192.0.2.5', false, true],
  ['192.0.2.1-2001:db8::9', '192.0.2.5', false, true],
  ['192.0.2.0/28-192.0.2.40', '192.0.2.5', false, true],
  ['192.0.2.1-', '192.0.2.1', false, true],
  ['192.0.2.1-192.0.2.2-192.0.2.3', '192.0.2.1', false, true],
  ['customer.example', '192.0.2.5', false, true],
  ['ether1', 'ether1', true, true],
])('%s and %s: all of it %s, something of it %s', (wide, narrow, covers, touches) => {
  expect([coversTarget(wide, narrow), mayTouchTarget(wide, narrow)]).toEqual([covers, touches]);
});

test.each(['192.0.2.1', '192.0.2.0/24', '192.0.2.1-192.0.2.9', '2001:db8::/32'])('%s is addresses', (text) => {
  expect(isAddresses(text)).toBe(true);
});

test.each(['customer.example', '192.0.2.9-192.0.2.1', '', '-', 'ether1-ether2'])('"%s" is none', (text) => {
  expect(isAddresses(text)).toBe(false);
});
