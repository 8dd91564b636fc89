/** What is done and looked at inside the browser: events, colours, focus. Starts from an element, as no DOM types exist here. */
import type { Page } from 'playwright-core';

/** The network is back: the page polls at once. */
export async function pollNow(page: Page): Promise<void> {
  await page.locator(':root').evaluate((root) => {
    const view = root.ownerDocument.defaultView;
    view?.dispatchEvent(new view.Event('online'));
  });
}

/** Makes the page believe that it is in a hidden tab, or in front again. */
export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.locator(':root').evaluate((root, value) => {
    const { ownerDocument: document } = root;
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

/** How far the page is wider than the screen, px. */
export function overflowPx(page: Page): Promise<number> {
  return page.locator(':root').evaluate((root) => root.scrollWidth - root.clientWidth);
}

/** Everything that a page may keep beyond its life. */
export function stored(page: Page): Promise<{ local: number; session: number; cookie: string }> {
  return page.locator(':root').evaluate((root) => {
    const { ownerDocument: document } = root;
    const view = document.defaultView;
    return {
      local: view?.localStorage.length ?? -1,
      session: view?.sessionStorage.length ?? -1,
      cookie: document.cookie,
    };
  });
}

/** As if the page had kept it in this tab before. */
export async function keepForTab(page: Page, key: string, value: string): Promise<void> {
  await page
    .locator(':root')
    .evaluate((root, entry) => root.ownerDocument.defaultView?.sessionStorage.setItem(entry.key, entry.value), {
      key,
      value,
    });
}

/** Text whose colour stands out from its background by less than 4.5 to 1 (WCAG AA). */
export function lowContrast(page: Page): Promise<string[]> {
  return page.locator('body').evaluate((body) => {
    const view = body.ownerDocument.defaultView;
    const channels = (color = ''): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
    const light = ([r = 0, g = 0, b = 0]: number[]): number => {
      const [x = 0, y = 0, z = 0] = [r, g, b].map((c) =>
        c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const backgroundOf = (node: typeof body): number[] => {
      const color = channels(view?.getComputedStyle(node).backgroundColor);
      if ((color[3] ?? 1) === 1) return color;
      return node.parentElement ? backgroundOf(node.parentElement) : [255, 255, 255];
    };
    const weak: string[] = [];
    for (const node of body.querySelectorAll('*')) {
      const texts = [...node.childNodes].filter((c) => c.nodeType === 3 && (c.textContent ?? '').trim() !== '');
      if (texts.length === 0 || !node.checkVisibility() || node.closest('svg, .spoken, .skip')) continue;
      const [a, b] = [light(channels(view?.getComputedStyle(node).color)), light(backgroundOf(node as typeof body))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) weak.push(`${ratio.toFixed(2)} ${node.textContent?.slice(0, 60)}`);
    }
    return weak;
  });
}

/** Walks by Tab from the focused element to the end of the page; `unseen` had no outline, or no size. */
export async function unseenFocus(page: Page): Promise<{ seen: string[]; unseen: string[] }> {
  const seen: string[] = [];
  const unseen: string[] = [];
  for (let steps = 0; steps < 30; steps++) {
    const focus = await page.locator('body').evaluate((body) => {
      const node = body.ownerDocument.activeElement;
      const style = node && body.ownerDocument.defaultView?.getComputedStyle(node);
      if (!node || !style || node === body) return undefined;
      const { width, height } = node.getBoundingClientRect();
      const visible =
        style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2 && width > 1 && height > 1;
      return { name: (node.textContent ?? '').trim(), visible };
    });
    if (!focus) break;
    seen.push(focus.name);
    if (!focus.visible) unseen.push(focus.name);
    await page.keyboard.press('Tab');
  }
  return { seen, unseen };
}
