import { expect, test } from 'vitest';
import { taaraHistory } from '../../../local/simulators/taara.ts';
import { balanceText, expiryText } from '../../../local/simulators/taara-answers.ts';
import { taaraBundleResponse } from '../../../shared/bundles/taara.wire.ts';
import { DAY_MS, HOUR_MS, home, NOW, office, useWorld } from './taara-world.ts';

const world = useWorld();

test('it answers on loopback under its name', () => {
  expect(world.taara.name).toBe('taara');
  expect(world.taara.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('a login brings a token whose subject is the subscriber', async () => {
  const { status, body } = await world.logIn(home);
  expect(status).toBe(200);
  const [, payload = ''] = (body as { accessToken: string }).accessToken.split('.');
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
    sub: home.subscriberId,
    exp: NOW / 1000 + 3600,
  });
});

test.each([
  ['a wrong passcode', { passcode: '000000' }, 401, 'Incorrect username or password'],
  ['a wrong partner', { partnerId: '1' }, 401, 'Incorrect username or password'],
  ['an unknown number', { phoneNumber: { countryCode: '44', nationalNumber: '7700900999' } }, 404, 'User Not Found'],
  ['a passcode of null', { passcode: null }, 404, 'User Not Found'],
  ['a phone number of null', { phoneNumber: { countryCode: null, nationalNumber: null } }, 404, 'User Not Found'],
])('%s is refused as recorded', async (_, over, status, message) => {
  expect(await world.logIn(home, over)).toMatchObject({ status, body: { message } });
});

test('the bundles have the documented shape, to the last field', async () => {
  const { status, body } = await world.read(home, await world.tokenOf(home));
  expect(status).toBe(200);
  expect(taaraBundleResponse.safeParse(body).success).toBe(true);
  expect(body).toEqual({
    message: 'List Customers Bundles',
    data: {
      notificationToastType: '',
      subscriberId: home.subscriberId,
      subscriberUsername: '',
      balanceSummary: {
        balanceSummaryHeadline: { headLineText: '1 Month Unlimited', prefixMaterialIconName: 'home' },
        balanceSummaryByLine: '16 days',
        remainingBalance: 0,
      },
      hasCallToAction: false,
      ctaDetails: { ctaType: 'CTA_UNKNOWN', ctaMessage: '' },
      showUnusedBundles: true,
      showConnectButton: true,
      subscriberActiveAndUnusedPlans: [
        {
          isActive: true,
          planId: '0000000000000000000000a1',
          planName: '1 Month Unlimited',
          planIconName: 'home',
          remainingBalance: '620.0 GB',
          expiresIn: '16 days',
          isHomePlan: true,
        },
        {
          isActive: false,
          planId: '0000000000000000000000b2',
          planName: '500 MB Free Trial',
          planIconName: '',
          remainingBalance: '500.0 MB',
          expiresIn: '27 days',
          isHomePlan: false,
        },
      ],
      purchasedHistory: [
        {
          purchasedAt: '11/17/2026',
          historyDate: '11/17/2026',
          purchasedHistoryPlans: [expect.objectContaining({ dataUsage: { totalDataUsage: 500_000_000 } })],
        },
        {
          purchasedAt: '11/06/2026',
          historyDate: '11/06/2026',
          purchasedHistoryPlans: [
            {
              _id: 'c000000000000000000000a1',
              hotspotName: 'Example Hotspot',
              planDisplayName: '1 Month Unlimited',
              resellerPrice: { currencyCode: 'KES', units: 1000, nanos: 0 },
              isRewardPlan: false,
              dataUsage: { totalDataUsage: expect.any(Number) },
              historyType: 'HISTORY_TYPE_PURCHASED_PLAN',
            },
          ],
        },
      ],
    },
  });
});

test('bundles need a token that was issued, has not ended and was not logged out', async () => {
  expect((await world.read(home)).status).toBe(401);
  expect((await world.read(home, 'a.b.c')).status).toBe(401);
  const token = await world.tokenOf(home);
  world.now += HOUR_MS + 1000;
  expect((await world.read(home, token)).status).toBe(401);
  const next = await world.tokenOf(home);
  expect((await world.read(home, next)).status).toBe(200);
  expect((await world.call(`/v1/users/subscriber/logout/${home.subscriberId}`)).status).toBe(200);
  expect((await world.read(home, next)).status).toBe(401);
});

test('tokens without an end exist too', async () => {
  await world.taara.close();
  await world.start({ tokenSeconds: undefined });
  const token = await world.tokenOf(home);
  expect(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).not.toContain('exp');
  world.now += 300 * HOUR_MS;
  expect((await world.read(home, token)).status).toBe(200);
});

test('anything else is 404', async () => {
  expect((await world.call('/v1/hotspot/GetHotspotConfig')).status).toBe(404);
  expect((await world.call('/v1/users/subscriber/login')).status).toBe(404);
});

test('the demo begins with one healthy account and one at 12 %, neither about to expire', () => {
  expect([world.percentOf(0), world.percentOf(1)]).toEqual([expect.closeTo(62, 3), expect.closeTo(12, 3)]);
  expect(world.taara.state()).toMatchObject({
    accounts: [{ plans: [{ expiresIn: '16 days' }, {}] }, { plans: [{ expiresIn: '9 days' }] }],
  });
});

test('balances fall all the time, more in the evening than at night, and the trial stays untouched', () => {
  const rows = taaraHistory(home, NOW, NOW + 10 * DAY_MS, 15 * 60_000);
  const active = rows.filter((r) => r.planId === '0000000000000000000000a1').map((r) => r.remainingOctets);
  active.slice(1).forEach((octets, i) => void expect(octets < (active[i] ?? 0n)).toBe(true));
  const used = (from: string, to: string) => {
    const [a, b] = [from, to].map(
      (t) => taaraHistory(home, Date.parse(t), Date.parse(t) + 1, 1)[0]?.remainingOctets ?? 0n,
    );
    return Number((a ?? 0n) - (b ?? 0n));
  };
  // 20:00-22:00 against 02:00-04:00 in Nairobi.
  expect(used('2026-11-21T17:00:00Z', '2026-11-21T19:00:00Z')).toBeGreaterThan(
    5 * used('2026-11-20T23:00:00Z', '2026-11-21T01:00:00Z'),
  );
  expect(new Set(rows.filter((r) => r.planName === '500 MB Free Trial').map((r) => r.remainingOctets))).toEqual(
    new Set([500_000_000n]),
  );
});

test('the history runs into the live value without a step, and shows the renewal', async () => {
  for (const account of [home, office]) {
    const rows = taaraHistory(account, NOW - 30 * DAY_MS, NOW + 1, 15 * 60_000).filter(
      (r) => r.planName === '1 Month Unlimited',
    );
    expect(rows).toHaveLength(2881);
    expect(Number(rows.at(-1)?.remainingOctets)).toBe(await world.usage(account));
    const rises = rows.slice(1).filter((row, i) => row.remainingOctets > (rows[i]?.remainingOctets ?? 0n));
    expect(rises).toHaveLength(1);
    expect(rises[0]?.remainingOctets).toBe(1_000_000_000_000n);
    expect(rows.every((r) => r.remainingOctets >= 0n)).toBe(true);
  }
});

test('a step that is none is refused', () => {
  expect(() => taaraHistory(home, 0, 1, 0)).toThrow(RangeError);
});

test.each([
  [0n, '0 KB'],
  [12_345n, '12.3 KB'],
  [500_000_000n, '500.0 MB'],
  [900_549_999_999n, '900.5 GB'],
  [900_550_000_000n, '900.6 GB'],
  [1_200_000_000_000n, '1.2 TB'],
])('%d octets are shown as %s', (octets, text) => {
  expect(balanceText(octets)).toBe(text);
});

test.each([
  [28 * DAY_MS, '28 days'],
  [DAY_MS * 2 - 1, '1 day'],
  [5 * HOUR_MS, '5 hours'],
  [HOUR_MS, '1 hour'],
  [30 * 60_000, '30 minutes'],
  [59_999, 'Expired'],
  [-1, 'Expired'],
])('%d ms are shown as %s', (ms, text) => {
  expect(expiryText(ms)).toBe(text);
});
