/** The links: load of the busier direction against the alarm, interface by interface, the last day, and the age of all that. */
import { type CardDeps, createCard, type Moment } from './card.ts';
import type { Link, LinkStatus, Loaded, SeriesResponse } from './contract.ts';
import { createRows, element, type Row, setText } from './dom.ts';
import { bitsPerSecond } from './format.ts';
import { createRates } from './rates.ts';
import { createSection } from './section.ts';
import type { SparklineInput } from './sparkline.ts';
import { trendOf } from './trend.ts';
import { severityOf } from './urgency.ts';
import { linkWords, memberWords } from './words-links.ts';

interface ShownLink {
  readonly link: Link;
  readonly moment: Moment;
}

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;

/** A tenant without links sees nothing of them: most have none. */
export function createLinksView(
  deps: CardDeps,
  place: HTMLElement,
): { show(loaded: Loaded<Link>, moment: Moment): void } {
  const section = createSection('links', { plural: 'links', empty: () => '' });
  const list = element('ul', 'cards');
  list.setAttribute('role', 'list');
  section.body.append(list);
  const rows = createRows<ShownLink>(
    list,
    ({ link }) => link.id,
    () => createLinkCard(deps),
  );
  return {
    show(loaded, moment) {
      const links = loaded.items ?? [];
      place.hidden = links.length === 0 && loaded.failure === undefined;
      section.show(loaded, links.length);
      rows(links.map((link) => ({ link, moment })));
    },
  };
}

function createLinkCard(deps: CardDeps): Row<ShownLink> {
  const rates = createRates();
  const load = element('p', 'share');
  const members = element('ul', 'quiet members');
  const card = createCard<Link>(deps, {
    body: [rates.node, load, members],
    sourceOf: (link) => link.id,
    trend: (link) => readTrend(deps, link),
    more: async (link) => {
      const status: LinkStatus = await deps.api.get(`/v1/links/${encodeURIComponent(link.id)}/status`);
      members.replaceChildren(...status.members.map((one) => element('li', '', memberWords(one))));
    },
  });
  return {
    node: card.node,
    leave: card.leave,
    update({ link, moment }) {
      const severity = severityOf(moment.worst, 'link', `${link.id}~total`, link.id);
      const isGood = link.maxBitsPerSecond !== null && link.maxBitsPerSecond <= link.clearBitsPerSecond;
      card.update(link, moment, { severity, tone: isGood ? 'good' : 'unknown' });
      rates.set(link.inBitsPerSecond, link.outBitsPerSecond);
      setText(load, linkWords(link));
    },
  };
}

async function readTrend({ api }: CardDeps, link: Link): Promise<SparklineInput> {
  const from = encodeURIComponent(new Date(api.now() - DAY_MS).toISOString());
  const series: SeriesResponse = await api.get(
    `/v1/links/${encodeURIComponent(link.id)}/samples?metric=maxBitsPerSecond&step=15m&from=${from}`,
  );
  return {
    title: 'Busier direction, 24 hours',
    span: '24 h',
    lines: [{ name: 'load', trend: trendOf(series, 'value', QUARTER_MS) }],
    threshold: { value: link.thresholdBitsPerSecond, name: `alarm at ${bitsPerSecond(link.thresholdBitsPerSecond)}` },
    text: bitsPerSecond,
  };
}
