/** Visits to the built page in a real browser, under the very security policy of the template, with a fake API behind it. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';
import { buildPage } from '../../lib/page.ts';
import { DashboardStack } from '../../lib/stacks/dashboard-stack.ts';
import { stageNamed } from '../../lib/stages.ts';
import { type FakeSite, startFakeSite } from '../dashboard/fake-site.ts';
import { mixedWorld } from '../dashboard/world.ts';

const CHROMIUM = '/usr/bin/chromium';
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Empty, or why no browser can be driven here; part of the title of what is skipped. */
export const MISSING = existsSync(CHROMIUM) ? '' : ` (skipped: there is no browser at ${CHROMIUM})`;
/** Pictures for a person to look at. */
export const SCREENS = join(tmpdir(), 'headroom-screens');

export interface VisitOptions extends BrowserContextOptions {
  /** After the origin. */
  readonly path?: string;
  /** The page's clock stands still but for `page.clock.runFor`. */
  readonly ownClock?: boolean;
}

export interface Visit {
  readonly page: Page;
  /** Everything that the browser complained about: errors, warnings, refusals by the security policy. */
  readonly troubles: string[];
  /** The same without the requests that a test made fail: the browser reports each by itself. */
  ownTroubles(): string[];
  text(selector: string): Promise<string>;
  card(name: string): Locator;
  /** Looks at every card, as trends are read only for what is on the screen. */
  seeAll(): Promise<void>;
}

export interface Visits {
  readonly site: FakeSite;
  open(options?: VisitOptions): Promise<Visit>;
  /** Ends all visits and heals the site. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

export async function startVisits(): Promise<Visits> {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-page-'));
  mkdirSync(SCREENS, { recursive: true });
  buildPage(folder);
  const site = await startFakeSite(folder, policyOfTemplate(), mixedWorld);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS, timeout: 30_000 });
  return {
    site,
    async open({ path = '/', ownClock = false, ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        timezoneId: 'Africa/Nairobi',
        ...options,
      });
      context.setDefaultTimeout(8_000);
      const page = await context.newPage();
      const visit = visitOf(page);
      if (ownClock) await page.clock.install();
      await page.goto(`${site.url}${path}`, { waitUntil: 'domcontentloaded' });
      return visit;
    },
    async leave() {
      await Promise.all(browser.contexts().map((context) => context.close()));
      site.heal();
    },
    async close() {
      await browser.close();
      await site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function visitOf(page: Page): Visit {
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
  });
  const card = (name: string): Locator =>
    page.locator('.card', { has: page.getByRole('heading', { name, exact: true }) });
  return {
    page,
    troubles,
    ownTroubles: () => troubles.filter((t) => !t.startsWith('Failed to load resource')),
    text: (selector) => wordsOf(page.locator(selector)),
    card,
    async seeAll() {
      await card('Tower: 100 GB').waitFor();
      for (const one of await page.locator('.card:visible').all()) {
        await one.scrollIntoViewIfNeeded();
        await one.getByText('follows …').first().waitFor({ state: 'detached' });
      }
    },
  };
}

/** What a person reads there: not the text of what is hidden. */
export async function wordsOf(place: Locator): Promise<string> {
  return (await place.allInnerTexts()).join('\n');
}

interface HeadersPolicy {
  readonly SecurityHeadersConfig: {
    readonly ContentSecurityPolicy: {
      readonly ContentSecurityPolicy: { readonly 'Fn::Join': readonly [string, readonly unknown[]] };
    };
  };
}

/** What the distribution sends, with the sign-in page of the test in the place of Cognito's. */
function policyOfTemplate(): (loginUrl: string) => string {
  const template = Template.fromStack(new DashboardStack(new App(), 'page', { stage: stageNamed('dev') }));
  const [found] = Object.values(template.findResources('AWS::CloudFront::ResponseHeadersPolicy'));
  if (!found) throw new Error('the template has no security headers');
  const headers = found.Properties.ResponseHeadersPolicyConfig as HeadersPolicy;
  const [, parts] = headers.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy['Fn::Join'];
  const text = parts.map((part) => (typeof part === 'string' ? part : 'x')).join('');
  const cognito = /https:\/\/\S+amazoncognito\.com/;
  if (!cognito.test(text)) throw new Error(`the policy of the template lets nobody sign in: ${text}`);
  return (loginUrl) => text.replace(cognito, loginUrl);
}
