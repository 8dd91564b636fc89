/** What the page shows of many SIMs: in ten seconds, honest about what is not known, and without burying the rest. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { fleetWorld, type World } from '../dashboard/world.ts';
import { fleetOf, listedSim } from '../dashboard/world-sims.ts';
import { lowContrast, overflowPx, pollNow } from './page-checks.ts';
import { MISSING, SCREENS, startVisits, type Visits, wordsOf } from './page-visit.ts';

describe.skipIf(MISSING !== '')(`the page of a fleet${MISSING}`, () => {
  let visits: Visits;

  beforeAll(async () => {
    visits = await startVisits();
  });
  afterAll(() => visits?.close());
  afterEach(() => visits.leave());

  const firstLook = (now: number): World => {
    const sims = Array.from({ length: 240 }, (_, i) => listedSim(`8988000000000${String(i).padStart(6, '0')}`, now));
    const unknown = { megabytes: null, octets: null, simsKnown: 0, simsTotal: 240 };
    const fleet = fleetOf(now, sims, {
      usedToday: { day: '2026-11-20', ...unknown },
      usedThisMonth: { month: '2026-11', ...unknown },
    });
    const accounts = fleet.overview.accounts.map((a) => ({ ...a, detailsKnown: 12 }));
    return { ...fleetWorld(now), alerts: [], fleet: { ...fleet, overview: { ...fleet.overview, accounts } } };
  };

  it('tells in one look how many there are, what they lack, what was used, how complete and how old that is', async () => {
    visits.site.world = fleetWorld;
    const { page, troubles, text } = await visits.open();
    await page.locator('#sims .sim').first().waitFor();
    const panel = await text('#sims .fleet');
    expect(panel).toMatch(/240 SIMs, 12\sdisabled[\s\S]*Critical[\s\S]*simulated/);
    expect(panel).toContain('Need attention: 3\u00a0without data, 9\u00a0low on data, 2\u00a0silent.');
    expect(panel).toMatch(/Used today \(UTC\)\s+203\.1\sMB\s+This month\s+6\.7\sGB/);
    expect(panel).toMatch(/240 of 240 looked at, oldest look 40\smin ago; list read 3\smin ago\./);
    expect(await text('#fact-fresh .words')).toBe('Live');
    expect(troubles).toEqual([]);
  });

  it('shows the eight that need attention first with what they have left, and counts the others', async () => {
    visits.site.world = fleetWorld;
    const { page, card, text } = await visits.open();
    await page.locator('#sims .sim').nth(7).waitFor();
    expect(await page.locator('#sims .sim h3').allInnerTexts()).toEqual([
      'pump 1',
      ...[2, 3, 20, 21, 22, 23, 24].map((n) => `89880000000000${String(n).padStart(5, '0')}`),
    ]);
    expect(await wordsOf(card('pump 1'))).toMatch(
      /^pump 1\s+8988000000000000001\s+Critical[\s\S]*Used up 500\skB over its 500\sMB[\s\S]*Read 12\smin ago/,
    );
    const low = card('8988000000000000020');
    expect(await low.getAttribute('class')).toContain('warning');
    expect(await wordsOf(low)).toMatch(/30\sMB left, 6\s% of 500\sMB/);
    expect(await low.locator('svg.bar').getAttribute('aria-label')).toMatch(/^6\s% left/);
    // Of this one only the list has told anything: no amount, no bar, no colour without an alert.
    const listed = card('8988000000000000003');
    expect(await wordsOf(listed)).toMatch(/Used up as the list says; how much is not known yet[\s\S]*Never read\./);
    expect(await listed.locator('svg.bar').isVisible()).toBe(false);
    expect(await listed.getAttribute('class')).toContain('unknown');
    expect(await text('#sims .more')).toMatch(/^… and 4\smore low on data, 2\smore silent: the API lists them all\.$/);
  });

  it('lets alerts of SIMs bury no other alert, and has them all a tap away', async () => {
    visits.site.world = fleetWorld;
    const { page, text } = await visits.open();
    const shown = page.locator('#alerts .alert:visible');
    await page.getByText(/and 10 more of SIMs: 10\swarning/).waitFor();
    expect(await shown.count()).toBe(4);
    expect(await shown.locator('h3').allInnerTexts()).toContain('Shop: 1 Month Unlimited');
    expect(await text('#fact-alerts .words')).toMatch(/^2\scritical, 12\swarning$/);
    await page.getByText(/and 10 more of SIMs/).click();
    expect(await shown.count()).toBe(14);
  });

  it('shows a first look that is under way as such, and nothing of it as 0', async () => {
    visits.site.world = firstLook;
    const { page, text } = await visits.open();
    await page.locator('#sims .fleet').waitFor();
    const panel = await text('#sims .fleet');
    expect(panel).toMatch(/240 listed, 12 looked at so far/);
    expect(panel).toContain('What is left of their data is not known yet.');
    expect(panel).toMatch(/Used today \(UTC\)\s+unknown\s+This month\s+unknown/);
    expect(panel).toContain('simulated');
    expect(await page.locator('#sims .sim').count()).toBe(0);
  });

  it('says of an account that cannot be read why, and does not call its SIMs none', async () => {
    visits.site.world = (now) => {
      const { overview } = fleetOf(now, []);
      const accounts = overview.accounts.map((a) => ({
        ...a,
        account: 'core2',
        lastWalkAt: null,
        lastWalkAgeSeconds: null,
      }));
      return { ...fleetWorld(now), alerts: [], fleet: { sims: [], overview: { ...overview, accounts } } };
    };
    const { page, text } = await visits.open();
    await page.locator('#sims .trouble', { hasText: 'the router did not answer within 5 s' }).waitFor();
    expect(await text('#sims .fleet')).toMatch(
      /Unknown how many[\s\S]*No SIMs listed: the list was never read to its end\./,
    );
    expect(await text('#fact-fresh .words')).toMatch(/1 never read/);
  });

  it('says that SIMs cannot be read, and shows the rest', async () => {
    visits.site.world = fleetWorld;
    visits.site.fault('no-sims');
    const { page, card, text } = await visits.open();
    await page.locator('#sims .failure', { hasText: 'The SIMs are not known.' }).waitFor();
    await card('Shop: 1 Month Unlimited').waitFor();
    expect(await text('#fact-fresh')).toMatch(/Incomplete\s+not all could be read/);
    expect(await page.locator('#problem').isVisible()).toBe(false);
  });

  it('is not there for a tenant without SIMs', async () => {
    const { page, card } = await visits.open();
    await card('Tower: 100 GB').waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.locator('#sims').isVisible()).toBe(false);
    expect(visits.site.asked.filter((path) => path.startsWith('/v1/sims'))).toEqual(['/v1/sims/overview']);
  });

  it('is asked for once a minute by three questions, and less than the other lists', async () => {
    visits.site.world = fleetWorld;
    const { page } = await visits.open({ ownClock: true });
    await page.locator('#sims .sim').first().waitFor();
    const asked = (): number => visits.site.asked.filter((path) => path.startsWith('/v1/sims')).length;
    const bundles = (): number => visits.site.asked.filter((path) => path.startsWith('/v1/bundles?')).length;
    expect(asked()).toBe(3);
    const before = bundles();
    await pollNow(page);
    await expect.poll(bundles).toBeGreaterThan(before);
    expect(asked()).toBe(3);
    await page.waitForLoadState('networkidle');
    await page.clock.fastForward(61_000);
    await pollNow(page);
    await expect.poll(asked).toBe(6);
  });

  it('keeps what it knows when the API is gone, and says since when it is so', async () => {
    visits.site.world = fleetWorld;
    const { page, text } = await visits.open();
    await page.locator('#sims .sim').first().waitFor();
    visits.site.fault('refusing');
    await pollNow(page);
    await page.locator('#problem', { hasText: '503' }).waitFor();
    expect(await text('#fact-fresh .words')).toBe('Offline');
    expect(await text('#sims .note:not(.more)')).toMatch(/^Shown is what was read at \d\d:\d\d\.$/);
    expect(await page.locator('#sims .sim').count()).toBe(8);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      it(`is legible and fits at ${width} px in ${colorScheme} colours`, async () => {
        visits.site.world = fleetWorld;
        const { page, troubles } = await visits.open({ colorScheme, viewport: { width, height: 844 } });
        await page.locator('#sims .sim').nth(7).waitFor();
        expect(await overflowPx(page)).toBe(0);
        expect(await lowContrast(page)).toEqual([]);
        await page.screenshot({ path: join(SCREENS, `fleet-${width}-${colorScheme}.png`), fullPage: true });
        expect(troubles).toEqual([]);
      });
    }
  }
});
