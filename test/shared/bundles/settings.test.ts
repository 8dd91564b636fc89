import { expect, test } from 'vitest';
import { configuredAllocation, taaraSecretIssues, taaraSettingsIssues } from '../../../shared/bundles/settings.ts';

const secret = { countryCode: '44', phoneNumber: '7700900001', passcode: '000000', partnerId: '100000001' };

test('complete settings and a complete secret have no issues', () => {
  const settings = { hotspotId: '200000001', logoutEachCycle: true, allocationBytes: { A: 1, B: '1000000000000' } };
  expect(taaraSettingsIssues(settings)).toEqual([]);
  expect(taaraSettingsIssues({})).toEqual([]);
  expect(taaraSecretIssues(secret)).toEqual([]);
});

test('everything that is wrong with settings is told at once, with its path', () => {
  const issues = taaraSettingsIssues({
    hotspotId: 'a/b',
    logoutEachCycle: 'yes',
    allocationBytes: { A: -1, B: '1 TB', C: 1.5 },
    colour: 1,
  });
  expect(issues.map((issue) => issue.path)).toEqual([
    'hotspotId',
    'logoutEachCycle',
    'allocationBytes.A',
    'allocationBytes.B',
    'allocationBytes.C',
    'colour',
  ]);
  for (const issue of issues) expect(issue.message).toMatch(/\w{4,}/);
});

test.each([
  ['countryCode', '+44'],
  ['countryCode', ''],
  ['phoneNumber', '07700 900001'],
  ['passcode', ''],
  ['partnerId', ''],
  ['hotspotId', 'a b'],
])('the secret field %s is told when it is %j, and its value is not repeated', (field, value) => {
  const issues = taaraSecretIssues({ ...secret, [field]: value });
  expect(issues.map((issue) => issue.path)).toEqual([field]);
  if (value !== '') expect(JSON.stringify(issues)).not.toContain(value);
});

test('every missing field of a secret is told', () => {
  expect(taaraSecretIssues({}).map((issue) => issue.path)).toEqual([
    'countryCode',
    'phoneNumber',
    'passcode',
    'partnerId',
  ]);
});

test('the size of a plan is found by id before name, and by own names only', () => {
  const settings = { allocationBytes: { p1: '2000', 'Plan A': 1000 } };
  expect(configuredAllocation(settings, 'p1', 'Plan A')).toBe(2000n);
  expect(configuredAllocation(settings, 'p2', 'Plan A')).toBe(1000n);
  expect(configuredAllocation(settings, 'p2', 'Plan B')).toBeUndefined();
  expect(configuredAllocation(settings, '__proto__', 'constructor')).toBeUndefined();
  expect(configuredAllocation({}, 'p1', 'Plan A')).toBeUndefined();
});
