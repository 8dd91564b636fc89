import { describe, expect, test } from 'vitest';
import { uplinkIssues } from '../../../functions/api/source-uplinks.ts';
import { ownUplink } from '../../../shared/capabilities.ts';
import type { Source } from '../../../shared/collect/source.ts';
import { sourceNamed } from '../../shared/collect/fakes.ts';

const device = (name: string, uplink?: string) => ({
  ...{ name, host: '192.0.2.1', method: 'tcp', port: 80 },
  ...(uplink === undefined ? {} : { uplink }),
});
const ping = (id: string, targets: object[], over: Partial<Source> = {}): Source =>
  sourceNamed(id, { type: 'ping', kind: 'reach', settings: { targets }, ...over });
const router = (id: string, uplink?: string): Source =>
  sourceNamed(id, { type: 'routeros', kind: 'interface', ...(uplink === undefined ? {} : { uplink }) });
const link = (id: string, uplink?: string): Source =>
  sourceNamed(id, { type: 'link', kind: 'link', ...(uplink === undefined ? {} : { uplink }) });

const HOUSE = [
  router('core1', 'link:nttn'),
  link('nttn'),
  ping('core', [device('gw', 'router:core1'), device('cpe')], { uplink: 'reach:core~gw' }),
  sourceNamed('home', { type: 'taara' }),
];
const PORTS = new Map([
  ['core1/sfp1', {}],
  ['core1/old', { removedAt: 1 }],
]);

async function issuesOf(draft: Source, stored: readonly Source[] = HOUSE, before?: Source): Promise<string[]> {
  const deps = {
    sources: { read: async (_: string, id: string) => stored.find((one) => one.id === id) },
    entities: { read: async (_: string, __: string, id: string) => PORTS.get(id) as never },
    ownUplink,
  };
  return (await uplinkIssues(deps, 'demo', draft, before)).map(({ path, message }) => `${path} ${message}`);
}

describe('an uplink that is there is taken', () => {
  test.each(['reach:core~gw', 'reach:core/gw', 'link:nttn', 'router:core1', 'interface:core1~sfp1'])(
    '%s',
    async (uplink) => {
      expect(await issuesOf(router('site1', uplink))).toEqual([]);
    },
  );
  test('also a device of the same source, for all others of it', async () => {
    expect(await issuesOf(ping('dhaka', [device('gw'), device('cpe')], { uplink: 'reach:dhaka~gw' }), [])).toEqual([]);
  });
});

describe('one that is not there is refused, with where to find one', () => {
  test.each([
    ['core1', 'must be of the form reach:<source>/<device>, link:<id>, router:<id> or interface:<router>/<port>'],
    [
      'bundle:home/a',
      'must be of the form reach:<source>/<device>, link:<id>, router:<id> or interface:<router>/<port>',
    ],
    ['reach:core~none', 'there is no device "reach:core~none": take an id that GET /v1/reach lists'],
    ['reach:core1~gw', 'there is no device "reach:core1~gw": take an id that GET /v1/reach lists'],
    ['link:core1', 'there is no link "link:core1": take an id that GET /v1/links lists'],
    ['router:nttn', 'there is no router "router:nttn": take an id that GET /v1/routers lists'],
    ['router:gone', 'there is no router "router:gone": take an id that GET /v1/routers lists'],
    ['interface:core1~old', 'there is no interface "interface:core1~old": take an id that GET /v1/interfaces lists'],
    ['interface:home~a', 'there is no interface "interface:home~a": take an id that GET /v1/interfaces lists'],
  ])('%s', async (uplink, message) => {
    expect(await issuesOf(router('site1', uplink))).toEqual([`uplink ${message}`]);
  });

  test('each under its own path', async () => {
    const draft = ping('dhaka', [device('a'), device('b', 'router:gone')], { uplink: 'link:none' });
    expect((await issuesOf(draft)).map((text) => text.split(' ')[0])).toEqual(['uplink', 'settings.targets[1].uplink']);
  });
});

describe('a way that leads back is refused', () => {
  test('to the source itself', async () => {
    expect(await issuesOf(router('a', 'router:a'))).toEqual([
      'uplink leads back to itself: router:a hangs on it already',
    ]);
    expect(await issuesOf(link('a', 'link:a'))).toHaveLength(1);
    expect(await issuesOf(ping('a', [device('x', 'reach:a~x')]))).toHaveLength(1);
    expect(await issuesOf(router('a', 'interface:a~sfp1'), [...HOUSE, router('a')])).toHaveLength(1);
  });
  test('through others', async () => {
    const [issue] = await issuesOf(link('nttn', 'reach:core~gw'));
    expect(issue).toBe('uplink leads back to itself: reach:core~gw hangs on it already');
  });
  test('through a device that names it', async () => {
    const draft = ping('core', [device('gw', 'router:core1'), device('cpe')]);
    expect(await issuesOf(draft, [router('core1', 'reach:core~gw')])).toEqual([
      'settings.targets[0].uplink leads back to itself: router:core1 hangs on it already',
    ]);
  });
  test('among the devices of one source', async () => {
    const draft = ping('ring', [device('a', 'reach:ring~b'), device('b', 'reach:ring~a')]);
    expect((await issuesOf(draft)).map((text) => text.split(' ')[0])).toEqual([
      'settings.targets[0].uplink',
      'settings.targets[1].uplink',
    ]);
  });
  test('and one that is longer than anybody builds', async () => {
    const chain = Array.from({ length: 8 }, (_, i) => router(`r${i}`, i === 0 ? undefined : `router:r${i - 1}`));
    expect(await issuesOf(router('r8', 'router:r4'), chain)).toEqual([]);
    expect(await issuesOf(router('r8', 'router:r7'), chain)).toEqual([
      'uplink has more than 5 uplinks above it: leave some between out',
    ]);
  });
});

test('an uplink that is gone since keeps nobody from a change of something else', async () => {
  const before = router('site1', 'router:gone');
  expect(await issuesOf({ ...before, name: 'Renamed' }, HOUSE, before)).toEqual([]);
  expect(await issuesOf({ ...before, uplink: 'link:gone' }, HOUSE, before)).toHaveLength(1);
});
