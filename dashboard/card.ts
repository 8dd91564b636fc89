/** What the cards of a bundle, of an interface and of a link have in common: name, tags, trend, age, and why its data is old. */
import type { Api } from './api.ts';
import type { Bundle, Interface, Link } from './contract.ts';
import { chip, element, setClass, setText } from './dom.ts';
import { messageOf } from './failure.ts';
import { instant } from './format.ts';
import type { Lazy } from './lazy.ts';
import { createSparkline, type SparklineInput } from './sparkline.ts';
import type { Troubles } from './troubles.ts';
import type { Severity } from './urgency.ts';
import { ageWords, SEVERITY_WORDS } from './words.ts';

export interface CardDeps {
  readonly api: Api;
  readonly lazy: Lazy;
  readonly troubles: Troubles;
}

/** What holds for all cards of a list while it is shown. */
export interface Moment {
  readonly now: number;
  /** How long ago the list was read. */
  readonly sinceSeconds: number;
  readonly worst: ReadonlyMap<string, Severity>;
  readonly local: boolean;
}

export interface CardState {
  readonly severity: Severity | undefined;
  /** Colour of the card where no alert gives it one and its data is not old. */
  readonly tone: 'good' | 'unknown';
  /** Loads its trend also while it is off the screen. */
  readonly eager?: boolean;
}

export interface Card<T> {
  readonly node: HTMLElement;
  /** Place for tags of its own. */
  readonly tags: HTMLElement;
  update(item: T, moment: Moment, state: CardState): void;
  leave(): void;
}

export interface CardWants<T> {
  /** Between the name and the trend. */
  readonly body: readonly Element[];
  sourceOf(item: T): string;
  /** Asks the API; a sentence where there is nothing to draw. Throws Failure. */
  trend(item: T): Promise<SparklineInput | string>;
  /** Anything else that is loaded with the trend. */
  more?(item: T): Promise<void>;
}

export function createCard<T extends Bundle | Interface | Link>(
  { lazy, troubles }: CardDeps,
  wants: CardWants<T>,
): Card<T> {
  const name = element('h3');
  const [severity, stale] = [chip(), chip()];
  const simulated = element('span', 'tag', 'simulated');
  const tags = element('div', 'tags', severity.node, stale.node, simulated);
  const trend = createSparkline();
  const [age, trouble] = [element('p', 'quiet'), element('p', 'trouble')];
  const node = element('li', 'card', element('div', 'head', name, tags), ...wants.body, trend.node, age, trouble);
  let shown: T | undefined;
  trend.say('Trend follows …');
  setText(trouble, '');

  async function loadTrend(item: T): Promise<boolean> {
    try {
      const found = await wants.trend(item);
      if (typeof found !== 'string') return trend.draw(found);
      trend.say(found);
      return true;
    } catch (error) {
      trend.say(`Trend not known. ${messageOf(error)}`);
      throw error;
    }
  }

  lazy.watch(node, async () => {
    if (!shown) return false;
    const item = shown;
    const explain = async (): Promise<void> =>
      setText(trouble, item.stale ? await troubles.of(wants.sourceOf(item)) : '');
    const [isDrawn] = await Promise.all([loadTrend(item), wants.more?.(item), explain()]);
    return isDrawn;
  });

  return {
    node,
    tags,
    leave: () => lazy.forget(node),
    update(item, moment, state) {
      // Fresh again or silent since: what was loaded before says nothing about that.
      if (shown && shown.stale !== item.stale) lazy.refresh(node);
      shown = item;
      lazy.setEager(node, state.eager ?? false);
      const tone = item.stale ? 'unknown' : state.tone;
      setClass(node, `card ${state.severity ?? tone}${item.stale ? ' old' : ''}`);
      setText(name, item.name);
      severity.set(state.severity ?? 'info', state.severity ? SEVERITY_WORDS[state.severity] : '');
      stale.set('unknown', item.readAt === null ? 'Never read' : item.stale ? 'Stale' : '');
      simulated.hidden = !item.simulated;
      const ageSeconds = item.dataAgeSeconds === null ? undefined : item.dataAgeSeconds + moment.sinceSeconds;
      const exact = item.stale && item.readAt !== null ? `, ${instant(Date.parse(item.readAt), moment.now)}` : '';
      setText(age, `${ageWords(ageSeconds, item.stale)}${exact}`);
    },
  };
}
