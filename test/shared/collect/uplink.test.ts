import { describe, expect, test } from 'vitest';
import { MOST_UPLINKS, parseUplink, type Uplink, uplinkOver, uplinksAbove } from '../../../shared/collect/uplink.ts';
import { linkEntity } from '../../../shared/links/link.ts';

describe('an uplink is', () => {
  test.each([
    ['reach:core/gw', { kind: 'reach', source: 'core', name: 'gw', entity: 'core/gw' }],
    ['reach:core~gw', { kind: 'reach', source: 'core', name: 'gw', entity: 'core/gw' }],
    ['reach:core~Gate=20way', { kind: 'reach', source: 'core', name: 'Gate way', entity: 'core/Gate way' }],
    ['reach:core/Gate way', { kind: 'reach', source: 'core', name: 'Gate way', entity: 'core/Gate way' }],
    ['link:nttn', { kind: 'link', source: 'nttn', entity: linkEntity('nttn') }],
    ['router:core1', { kind: 'router', source: 'core1', entity: 'core1' }],
    ['interface:core1/sfp1', { kind: 'interface', source: 'core1', name: 'sfp1', entity: 'core1/sfp1' }],
    [
      'interface:core1/ge-0/0/0.10',
      { kind: 'interface', source: 'core1', name: 'ge-0/0/0.10', entity: 'core1/ge-0/0/0.10' },
    ],
  ])('%s', (text, uplink) => {
    expect(parseUplink(text)).toEqual(uplink);
  });

  test.each([
    '',
    'core',
    'core/gw',
    'reach:core',
    'reach:core/',
    'link:nttn/total',
    'router:core1/sfp1',
    'bundle:home/a',
    'reach:Core/gw',
    'router:',
    `reach:core/${'x'.repeat(300)}`,
  ])('not %j', (text) => {
    expect(parseUplink(text)).toBeUndefined();
  });
});

/** What hangs on what, by the entity that hangs. */
function above(from: string, first: string, over: Record<string, string> = {}) {
  return uplinksAbove(from, first, async ({ entity }: Uplink) => over[entity]);
}
const entities = async (way: ReturnType<typeof above>) => (await way)?.map((one) => one.entity);

describe('the way up', () => {
  test('names all uplinks, the nearest first', async () => {
    const over = { 'core/gw': 'router:core1', core1: 'link:nttn' };
    expect(await entities(above('core/cpe', 'reach:core/gw', over))).toEqual(['core/gw', 'core1', 'nttn/total']);
  });
  test('ends where something hangs on nothing, or on what is no uplink', async () => {
    expect(await entities(above('core/cpe', 'reach:core/gw'))).toEqual(['core/gw']);
    expect(await entities(above('core/cpe', 'reach:core/gw', { 'core/gw': 'nonsense' }))).toEqual(['core/gw']);
  });
  test('is unknown when it leads back, to its beginning or to itself', async () => {
    expect(await above('core/cpe', 'reach:core/cpe')).toBeUndefined();
    expect(await above('core/cpe', 'reach:core/gw', { 'core/gw': 'reach:core/cpe' })).toBeUndefined();
    expect(await above('core/cpe', 'reach:core/gw', { 'core/gw': 'router:a', a: 'reach:core/gw' })).toBeUndefined();
  });
  test('ends somewhere', async () => {
    const over = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`r${i}`, `router:r${i + 1}`]));
    expect(await entities(above('core/cpe', 'router:r0', over))).toHaveLength(MOST_UPLINKS + 1);
  });
});

describe('what is over an uplink', () => {
  const own = (_: unknown, name: string) => (name === 'gw' ? 'link:nttn' : undefined);
  const over = (text: string, uplink?: string) => {
    const parsed = parseUplink(text);
    return (
      parsed && uplinkOver(parsed, { type: 'ping', settings: {}, ...(uplink === undefined ? {} : { uplink }) }, own)
    );
  };

  test('of a port is its router', () => {
    expect(over('interface:core1/sfp1', 'link:x')).toBe('router:core1');
  });
  test('of a device is what it names itself, else what its source names', () => {
    expect(over('reach:core/gw', 'link:x')).toBe('link:nttn');
    expect(over('reach:core/cpe', 'link:x')).toBe('link:x');
  });
  test('of the very device that its source names is nothing', () => {
    expect(over('reach:core/cpe', 'reach:core~cpe')).toBeUndefined();
  });
  test('of what is no more is nothing', () => {
    expect(uplinkOver({ kind: 'router', source: 'gone', entity: 'gone' }, undefined, own)).toBeUndefined();
  });
});
