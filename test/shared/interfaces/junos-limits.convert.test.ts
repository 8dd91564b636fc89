/** What a Junos's configuration says of limits, and what is sent to change it: hostile names, hidden parts, short rates. */
import { describe, expect, test } from 'vitest';
import { fromWireLimits, queuesIn } from '../../../shared/interfaces/junos-limits.convert.ts';
import { LIMIT_ELEMENTS, LIMIT_LISTS } from '../../../shared/interfaces/junos-limits.wire.ts';
import { limitEdits, withoutQueue } from '../../../shared/interfaces/junos-limits-edit.ts';
import { xmlParser } from '../../../shared/interfaces/xml.ts';
import { limit } from '../../contract/router-limits.ts';
import { attached, policer, unit } from './junos-limits-world.ts';

const parse = xmlParser(LIMIT_ELEMENTS, LIMIT_LISTS, 10_000);
const limitsOf = (configuration: string) =>
  fromWireLimits(parse(`<rpc-reply>${configuration}</rpc-reply>`)['rpc-reply'] as Readonly<Record<string, unknown>>);
const read = (content: string) => limitsOf(`<configuration>${content}</configuration>`);
const FAMILIES = unit(10, '<family><inet/><inet6/></family>');

describe('what is not seen is not called missing', () => {
  test.each([
    ['no configuration', '<ok/>', 'sent no configuration'],
    ['nothing in it', '<configuration/>', 'does not let this user see its interfaces'],
    [
      'policers alone',
      `<configuration><firewall>${policer('a-in', '1m')}</firewall></configuration>`,
      'its interfaces',
    ],
    ['interfaces alone', `<configuration>${attached(10, 'a')}</configuration>`, 'the policer a-in, which is attached'],
  ])('%s is an error', (_, xml, message) => {
    expect(() => limitsOf(xml)).toThrow(message);
  });
});

test.each([
  ['10m', 10e6],
  ['1g', 1e9],
  ['32k', 32_000],
  ['250000', 250_000],
  ['\n  5m\n', 5e6],
  ['10 m', undefined],
  ['10t', undefined],
  ['-5m', undefined],
  ['99999999999999999', undefined],
])('a bandwidth-limit of %j is %s bits per second', (text, bits) => {
  const { queues } = queuesIn(read(`<firewall>${policer('a-in', text)}</firewall>${FAMILIES}`));
  expect(queues[0]?.limit.fromTargetBitsPerSecond).toBe(bits);
});

test('names of a router stay text in what is sent back to it', () => {
  const name = '0/0/0&lt;/name&gt;&lt;unit operation=&quot;delete&quot;/&gt;';
  const hostile = attached(10, 'a').replace('<name>ge-0/0/0</name>', `<name>${name}</name>`);
  const [edit = ''] = withoutQueue(
    read(`<firewall>${policer('a-in', '1m')}${policer('a-out', '1m')}</firewall>${hostile}`),
    'a',
  );
  expect(edit).toContain(name);
  expect(edit).not.toContain('</name><unit operation');
});

test('what is written is read as what was wanted, and needs no further change', () => {
  const wanted = { name: 'a', targets: ['ge-0/0/0.10'], limit: limit(10, 30) };
  const [added = '', ...more] = limitEdits(read(FAMILIES), wanted);
  expect(more).toEqual([]);
  const families = FAMILIES.replace(/<family>.*<\/family>/, /<family>.*<\/family>/.exec(added)?.[0] ?? '');
  const after = read(`${/<firewall>.*<\/firewall>/.exec(added)?.[0]}${families}`);
  expect(queuesIn(after)).toMatchObject({ queues: [{ ...wanted, disabled: false }], notes: [] });
  expect(limitEdits(after, wanted)).toEqual([]);
});

test('names that stand in every object are names like others', () => {
  const names = ['__proto__', 'constructor', 'toString'];
  const policers = names.map((name) => policer(`${name}-in`, '1m')).join('');
  expect(queuesIn(read(`<firewall>${policers}</firewall>${FAMILIES}`)).queues.map(({ name }) => name)).toEqual(names);
});
