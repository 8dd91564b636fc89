/** How the page lives with a person and a network: outages, sign-in, keyboard, small screens, day and night. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { keepForTab, lowContrast, overflowPx, pollNow, setHidden, stored, unseenFocus } from './page-checks.ts';
import { MISSING, SCREENS, startVisits, type Visits } from './page-visit.ts';

describe.skipIf(MISSING !== '')(`the page in use${MISSING}`, () => {
  let visits: Visits;

  beforeAll(async () => {
    visits = await startVisits();
  });
  afterAll(() => visits?.close());
  afterEach(() => visits.leave());

  it('keeps what it knows when the API is gone, says so, and goes on when it is back', async () => {
    const { page, ownTroubles, text, card } = await visits.open();
    await card('Tower: 100 GB').waitFor();
    for (const [fault, what] of [
      ['refusing', /Headroom answered 503: the table does not answer\. The page tries again by itself\./],
      ['down', /Headroom cannot be reached\. Check this device’s connection/],
    ] as const) {
      visits.site.fault(fault);
      await pollNow(page);
      await page.locator('#problem', { hasText: what }).waitFor();
      expect(await text('#fact-fresh .words')).toBe('Offline');
      expect(await text('#bundles .note')).toMatch(/^Shown is what was read at \d\d:\d\d\.$/);
      expect(await card('Tower: 100 GB').isVisible()).toBe(true);
      await page.screenshot({ path: join(SCREENS, `${fault}.png`) });
      visits.site.fault('none');
      await pollNow(page);
      await page.locator('#problem').waitFor({ state: 'hidden' });
    }
    expect(ownTroubles()).toEqual([]);
  });

  it('starts by itself once an API that was down is back', async () => {
    visits.site.fault('down');
    const { page, card } = await visits.open({ ownClock: true });
    await page.locator('#problem', { hasText: 'cannot be reached' }).waitFor();
    await page.waitForLoadState('networkidle');
    visits.site.fault('none');
    await page.clock.runFor(15_000);
    await card('Tower: 100 GB').waitFor();
    expect(await page.locator('#problem').isVisible()).toBe(false);
  });

  it('takes a new token when the old one is refused, once for all requests', async () => {
    const { page, text, seeAll } = await visits.open();
    await seeAll();
    const before = visits.site.tokensGiven();
    visits.site.fault('expired');
    await pollNow(page);
    await expect.poll(() => visits.site.tokensGiven()).toBeGreaterThan(before);
    // A request that was under way with the old token must not ask for another one.
    await pollNow(page);
    await page.waitForLoadState('networkidle');
    expect(visits.site.tokensGiven()).toBe(before + 1);
    expect(await page.locator('#problem').isVisible()).toBe(false);
    expect(await text('#fact-alerts .words')).toBe('2 critical, 1 warning');
  });

  it('polls every 15 s while somebody looks, and not while nobody does', async () => {
    const { page, card } = await visits.open({ ownClock: true });
    await card('Tower: 100 GB').waitFor();
    // A round that is still under way would seem to take as long as the clock is put on, and the next one wait for longer.
    await page.waitForLoadState('networkidle');
    const polls = (): number =>
      visits.site.asked.filter((path) => path.startsWith('/v1/alerts') && !path.includes('cursor')).length;
    const first = polls();
    await page.clock.runFor(61_000);
    await expect.poll(polls).toBeGreaterThan(first);
    await setHidden(page, true);
    await page.clock.runFor(61_000);
    const hidden = polls();
    await page.clock.runFor(300_000);
    expect(polls()).toBe(hidden);
    await setHidden(page, false);
    await expect.poll(polls).toBeGreaterThan(hidden);
  });

  it('signs in through the login page with a proof key, keeps the token out of every storage, and renews it', async () => {
    visits.site.mode = 'cognito';
    const { page, ownTroubles, card } = await visits.open();
    await card('Tower: 100 GB').waitFor();
    expect(page.url()).toBe(`${visits.site.url}/`);
    expect(await stored(page)).toEqual({ local: 0, session: 0, cookie: '' });
    expect(await page.locator('#local').isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(true);
    const before = visits.site.tokensGiven();
    visits.site.fault('expired');
    await pollNow(page);
    await expect.poll(() => visits.site.tokensGiven()).toBe(before + 1);
    expect(ownTroubles()).toEqual([]);
  });

  it('keeps what it shows when the session has ended, and offers to sign in again', async () => {
    visits.site.mode = 'cognito';
    const { page, card } = await visits.open();
    await card('Tower: 100 GB').waitFor();
    visits.site.fault('ended');
    await pollNow(page);
    await page.locator('#problem', { hasText: 'Your session has ended. Sign in again.' }).waitFor();
    expect(await card('Tower: 100 GB').isVisible()).toBe(true);
    visits.site.fault('none');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('#fact-fresh', { hasText: 'stale' }).waitFor();
    expect(await page.locator('#problem').isVisible()).toBe(false);
  });

  it('says why the login page let nobody in, and does not go there again by itself', async () => {
    visits.site.mode = 'cognito';
    const { page } = await visits.open({ path: '/?error=access_denied&error_description=User+is+disabled' });
    await page.locator('#problem', { hasText: 'The sign-in page said: User is disabled. Sign in again.' }).waitFor();
    expect(page.url()).toBe(`${visits.site.url}/`);
  });

  it('refuses an answer of the login page that it did not ask for', async () => {
    visits.site.mode = 'cognito';
    const { page, card } = await visits.open({ path: '/?code=code-1&state=forged' });
    await page.locator('#problem', { hasText: 'does not belong to a sign-in begun here. Sign in again.' }).waitFor();
    expect(page.url()).toBe(`${visits.site.url}/`);
    await keepForTab(page, 'headroom-sign-in', JSON.stringify({ state: 'ours', verifier: 'v'.repeat(43) }));
    await page.goto(`${visits.site.url}/?code=code-1&state=forged`);
    await page.locator('#problem', { hasText: 'does not belong to a sign-in begun here' }).waitFor();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await card('Tower: 100 GB').waitFor();
  });

  it('shows where the keyboard is on everything that can be reached by it', async () => {
    const { page } = await visits.open();
    await page.getByText(/2 more: quiet/).waitFor();
    await page.keyboard.press('Tab');
    const { seen, unseen } = await unseenFocus(page);
    expect(seen).toEqual([
      'Skip to alerts',
      'Local cloud',
      '2 critical, 1 warning',
      expect.stringMatching(/Runs out|Plan ends/),
      '1\u00a0bundle not in use',
      expect.stringMatching(/^2 more/),
    ]);
    expect(unseen).toEqual([]);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 390, 1280]) {
      it(`is legible and fits at ${width} px in ${colorScheme} colours`, async () => {
        const { page, troubles, seeAll } = await visits.open({
          colorScheme,
          viewport: { width, height: 844 },
          deviceScaleFactor: width < 1000 ? 2 : 1,
        });
        await seeAll();
        expect(await overflowPx(page)).toBe(0);
        expect(await lowContrast(page)).toEqual([]);
        await page.keyboard.press('Home');
        await page.screenshot({ path: join(SCREENS, `page-${width}-${colorScheme}.png`), fullPage: true });
        expect(troubles).toEqual([]);
      });
    }
  }
});
