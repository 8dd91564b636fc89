import { expect, test } from 'vitest';
import { linkDraft, linkOf, linkSecretIssues, linkSettingsIssues, usualMembers } from '../../../shared/links/link.ts';

const members = usualMembers('core1');
const pathsOf = (settings: Record<string, unknown>) => linkSettingsIssues(settings).map(({ path }) => path);

test('the usual link is five VLANs of 200 Mb/s with its alarm at 950 and its end at 900', () => {
  expect(linkOf({ members })).toEqual({
    members: [10, 20, 30, 40, 50].map((vlan) => ({
      interface: `core1/vlan${vlan}`,
      capacityBitsPerSecond: 200_000_000,
    })),
    capacityBitsPerSecond: 1_000_000_000,
    thresholdBitsPerSecond: 950_000_000,
    clearBitsPerSecond: 900_000_000,
    committedBitsPerSecond: undefined,
  });
});

test('thresholds follow the capacity unless they are said', () => {
  const small = [{ interface: 'core1/vlan10', capacityMbps: 100 }];
  expect(linkOf({ members: small })).toMatchObject({ thresholdBitsPerSecond: 95e6, clearBitsPerSecond: 90e6 });
  // A threshold below the usual end of the alarm takes that end along.
  expect(linkOf({ members: small, thresholdMbps: 50 })).toMatchObject({
    thresholdBitsPerSecond: 50e6,
    clearBitsPerSecond: 50e6,
  });
  expect(linkOf({ members: small, thresholdMbps: 50, clearMbps: 40, committedMbps: 30.5 })).toMatchObject({
    clearBitsPerSecond: 40e6,
    committedBitsPerSecond: 30_500_000,
  });
});

test.each([
  ['no members', {}, ['members']],
  ['an empty list', { members: [] }, ['members']],
  ['an interface that stands twice', { members: [...members, members[0]] }, ['members']],
  ['an end above the threshold', { members, thresholdMbps: 500, clearMbps: 501 }, ['clearMbps']],
  ['rates that are none', { members, thresholdMbps: 0, committedMbps: -1 }, ['thresholdMbps', 'committedMbps']],
  ['a capacity of nothing', { members: [{ interface: 'core1/vlan10', capacityMbps: 0 }] }, ['members[0].capacityMbps']],
  ['a misspelt name', { members, threshold: 950 }, ['threshold']],
  ['a misspelt name within', { members: [{ interface: 'core1/vlan10', capacity: 1 }] }, ['members[0].capacity']],
])('%s is refused where it is wrong', (_, settings, paths) => {
  expect(pathsOf(settings)).toEqual(paths);
});

test('a link has no secret', () => {
  expect(linkSecretIssues({ password: 'x' })).toHaveLength(1);
  expect(linkSecretIssues({})).toEqual([]);
});

test('its entity carries the thresholds that the built-in rule judges by', () => {
  const draft = linkDraft({ id: 'nttn', name: 'NTTN', simulated: true }, linkOf({ members, thresholdMbps: 700 }));
  expect(draft).toMatchObject({
    id: 'nttn/total',
    target: 'nttn',
    name: 'NTTN',
    simulated: true,
    attributes: { members: 5, thresholdBitsPerSecond: 700e6, clearBitsPerSecond: 700e6 },
  });
});
