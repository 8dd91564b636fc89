/** What the page shows of a tenant in every state that it must be honest about. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { emptyWorld, healthyWorld } from '../dashboard/world.ts';
import { pollNow } from './page-checks.ts';
import { MISSING, startVisits, type Visits, wordsOf } from './page-visit.ts';

describe.skipIf(MISSING !== '')(`the page in a browser${MISSING}`, () => {
  let visits: Visits;

  beforeAll(async () => {
    visits = await startVisits();
  });
  afterAll(() => visits?.close());
  afterEach(() => visits.leave());

  it('tells in the first lines what is red, what ends next and how fresh it is', async () => {
    const { page, troubles, text } = await visits.open();
    await page.locator('#fact-next .words', { hasText: 'about' }).waitFor();
    expect(await text('#fact-alerts .words')).toBe('2 critical, 1 warning');
    await page.locator('#fact-next .detail', { hasText: 'Tower: 100 GB' }).waitFor();
    expect(await text('#fact-next .words')).toBe('Runs out in about 18\u00a0h');
    expect(await text('#fact-fresh')).toMatch(/2 stale, 2 never read, of 15\s+oldest reading 3\sh ago/);
    expect(await text('#tenant')).toBe('demo');
    expect(await text('#zone')).toBe('Times in Africa/Nairobi (GMT+3).');
    expect(await page.title()).toMatch(/^2 critical, 1 warning/);
    expect(troubles).toEqual([]);
  });

  it('lists open alerts worst first, with severity in words, value and limit with units', async () => {
    const { page } = await visits.open();
    const rows = page.locator('.alert');
    await rows.nth(3).waitFor();
    const texts = await rows.allInnerTexts();
    expect(texts[0]).toMatch(
      /Critical[\s\S]*Tower: 100 GB[\s\S]*Bundle running low: 3\.2\s%\s\(limit\s5\s%\)[\s\S]*since \w+\s\d+\s\w+, \d\d:\d\d\s\S+, for 3\sh/,
    );
    expect(texts[1]).toContain('No answer from the router: 3\u00a0readings missed in a row');
    expect(texts[2]).toMatch(/Warning[\s\S]*simulated/);
    expect(texts[3]).toMatch(/Pending warning[\s\S]*83\.5\s% \(limit\s80\s%\)[\s\S]*waiting whether it lasts/);
  });

  it('shows what is left with its share, its forecast and the end of its plan, the most urgent first', async () => {
    const { page, card } = await visits.open();
    const shop = card('Shop: 1 Month Unlimited');
    await shop.getByText('Lasts about').waitFor();
    const words = await wordsOf(shop);
    expect(words).toMatch(/Warning[\s\S]*simulated[\s\S]*120\sGB left[\s\S]*12\s% of 1\sTB/);
    expect(words).toMatch(/Lasts about 3\.2\sdays at 37\.5\sGB a day\./);
    expect(words).toMatch(/Plan ends .+, in (9\sdays|8\sdays 23\sh)/u);
    expect(words).toMatch(/Read 4\smin ago/);
    expect(await shop.locator('svg.bar').getAttribute('aria-label')).toBe(
      '12\u00a0% left; marks at 5\u00a0% and 20\u00a0%',
    );
    const names = await page.locator('#bundles .cards').first().getByRole('heading').allInnerTexts();
    expect(names.slice(0, 2)).toEqual(['Tower: 100 GB', 'Shop: 1 Month Unlimited']);
    await page.getByText('1\u00a0bundle not in use').waitFor();
  });

  it('shows what is unknown as unknown with its reason, and never as 0', async () => {
    const { page, card } = await visits.open();
    const farm = page.locator('#bundles .card', { hasText: 'onerror' });
    await farm.getByText('the newest reading did not say what is left').waitFor();
    const clinic = card('Clinic: 500 GB');
    await clinic.getByText('it was never read').waitFor();
    for (const unknown of [farm, clinic]) {
      expect(await wordsOf(unknown.locator('.amount'))).toMatch(/^Unknown/);
      expect(await unknown.locator('svg.bar').isVisible()).toBe(false);
      expect(await wordsOf(unknown)).not.toMatch(/(^|\s)0\s?(B|%)/m);
    }
    const down = card('core1 ether3');
    expect(await wordsOf(down)).toMatch(/Down[\s\S]*In\s+unknown[\s\S]*Rate unknown: the router began to count anew/);
    expect(await wordsOf(card('core1 ether2'))).toMatch(/In\s+0\sb\/s/);
  });

  it('says of old data since when it is old and what the newest run met', async () => {
    const { card } = await visits.open();
    const port = card('core2 sfp1');
    await port.scrollIntoViewIfNeeded();
    await port.getByText('the router did not answer within 5 s').waitFor();
    expect(await wordsOf(port)).toMatch(/Stale: read 3\sh ago, \w+\s\d+\s\w+, \d\d:\d\d/);
    expect(await port.getAttribute('class')).toMatch(/critical old/);
  });

  it('draws a gap as a gap and says it', async () => {
    const { card } = await visits.open();
    const chart = card('Shop: 1 Month Unlimited').locator('.chart svg');
    await chart.waitFor();
    expect(await chart.locator('.gap').count()).toBe(1);
    expect((await chart.locator('.line').getAttribute('d'))?.match(/M/g)).toHaveLength(2);
    expect(await chart.getAttribute('aria-label')).toMatch(
      /What was left, 7 days\. left: first .+ newest .+ One gap without data\./,
    );
  });

  it('keeps what machines made for themselves folded away', async () => {
    const { page, card, seeAll } = await visits.open();
    const more = page.getByText(/2 more: quiet/);
    await more.waitFor();
    await seeAll();
    expect(await card('core1 lo').isVisible()).toBe(false);
    expect(visits.site.asked.some((path) => path.includes('core1~lo'))).toBe(false);
    await more.click();
    await card('core1 lo').locator('.caption', { hasText: '24 h' }).waitFor();
  });

  it('leaves a script in a name inert', async () => {
    const { page, troubles, seeAll } = await visits.open();
    await page.locator('#bundles h3', { hasText: '<img src=x' }).waitFor();
    await seeAll();
    expect(await page.locator('main img, main script').count()).toBe(0);
    expect(await page.title()).toContain('Headroom');
    expect(troubles).toEqual([]);
  });

  it('says that all is well in a healthy world, and what to do next in an empty one', async () => {
    visits.site.world = healthyWorld;
    const { page, troubles, text } = await visits.open();
    await page.locator('#fact-fresh', { hasText: 'Live' }).waitFor();
    expect(await text('#fact-alerts .words')).toBe('No open alerts');
    expect(await text('#alerts')).toMatch(/No open alerts, as of \d\d:\d\d\./);
    visits.site.world = emptyWorld;
    await pollNow(page);
    await page.getByText('No bundles yet. Add a Taara account').waitFor();
    await page.getByText('No interfaces yet. Add a router').waitFor();
    expect(await text('#fact-fresh .words')).toBe('No data yet');
    expect(troubles).toEqual([]);
  });
});
