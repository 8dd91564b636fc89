/** What the page shows of links. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { linkWorld } from '../dashboard/world.ts';
import { MISSING, SCREENS, startVisits, type Visits, wordsOf } from './page-visit.ts';

describe.skipIf(MISSING !== '')(`links in a browser${MISSING}`, () => {
  let visits: Visits;

  beforeAll(async () => {
    visits = await startVisits();
  });
  afterAll(() => visits?.close());
  afterEach(() => visits.leave());

  it('tells the busier direction against the alarm, and what each interface carries', async () => {
    visits.site.world = linkWorld;
    const { page, card, troubles } = await visits.open();
    const one = card('NTTN one');
    await one.getByText('core/vlan30').waitFor();
    const words = await wordsOf(one);
    expect(words).toMatch(/980\sMb\/s[\s\S]*245\sMb\/s[\s\S]*98\s% of 1\sGb\/s; alarm at 950\sMb\/s/);
    expect(words).toMatch(/core\/vlan30: 196\sMb\/s of 200\sMb\/s/);
    expect(await page.locator('#links').isVisible()).toBe(true);
    expect(troubles).toEqual([]);
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: join(SCREENS, `links-${width}.png`), fullPage: true });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  });

  it('calls a load unknown when one interface is, and names it with its reason', async () => {
    visits.site.world = linkWorld;
    const { card } = await visits.open();
    const two = card('NTTN two');
    await two.getByText('core/vlan30').waitFor();
    const words = await wordsOf(two);
    expect(words).toMatch(/In\s*unknown/);
    expect(words).toMatch(/Load unknown: 1\sinterface of 5 without a reading/);
    expect(words).toContain('core/vlan30 (down): load unknown, the router did not give the counter');
  });

  it('says nothing of links where there are none', async () => {
    const { page } = await visits.open();
    await page.locator('#interfaces .card').first().waitFor();
    expect(await page.locator('#links').isVisible()).toBe(false);
  });
});
