/** Which built-in rules have to do with uplinks: read as one list, so that a new rule has to say. */
import { expect, test } from 'vitest';
import { CAPABILITIES } from '../../../shared/capabilities.ts';

const rules = CAPABILITIES.flatMap((one) => one.defaultRules);
const ids = (flag: 'mutesDependents' | 'mutedByUplink') => rules.filter((r) => r[flag] === true).map((r) => r.id);

test('those that say "down" mute what hangs on it', () => {
  expect(ids('mutesDependents')).toEqual([
    'interface-down',
    'interface-no-data',
    'link-down',
    'reach-down',
    'reach-flapping',
  ]);
});

test('those that may follow from an uplink that is down are muted by it: never money, a quota or a load', () => {
  expect(ids('mutedByUplink').sort()).toEqual([
    'bundle-no-data',
    'fleet-no-data',
    'interface-down',
    'interface-no-data',
    'link-down',
    'link-no-data',
    'link-unknown',
    'reach-degraded',
    'reach-down',
    'reach-flapping',
    'reach-no-data',
    'reach-slow',
    'reach-unknown',
  ]);
});
