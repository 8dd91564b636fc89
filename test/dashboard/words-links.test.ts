import { expect, test } from 'vitest';
import { linkWords, memberWords } from '../../dashboard/words-links.ts';
import { troubledLinks } from './world-links.ts';

const { links, status } = troubledLinks(Date.UTC(2026, 10, 20));
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

test('a link says its load against its alarm, and why there is none', () => {
  const [full, blind] = links;
  if (!full || !blind) throw new Error('there are two links');
  expect(plain(linkWords(full))).toBe('Busier direction: 98 % of 1 Gb/s; alarm at 950 Mb/s');
  expect(plain(linkWords(blind))).toBe('Load unknown: 1 interface of 5 without a reading; alarm at 950 Mb/s');
  expect(plain(linkWords({ ...blind, readAt: null }))).toMatch(/^Load unknown: it follows some minutes after/);
});

test('an interface of a link says what it carries of what it may, its state when it is not up, and why it is unknown', () => {
  const words = status('nttn-2').members.map((one) => plain(memberWords(one)));
  expect(words[0]).toBe('core/vlan10: 196 Mb/s of 200 Mb/s');
  expect(words[2]).toBe('core/vlan30 (down): load unknown, the router did not give the counter');
});
