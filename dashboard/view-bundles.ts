/** The bundles: what is left, of how much, how long it lasts, its last seven days, and the age of all that. */
import { createBar } from './bar.ts';
import { type CardDeps, createCard, type Moment } from './card.ts';
import type { Bundle, BundleStats, Loaded, SeriesResponse } from './contract.ts';
import { createRows, element, type Row, setText } from './dom.ts';
import { messageOf } from './failure.ts';
import { count, octets } from './format.ts';
import { createSection } from './section.ts';
import type { SparklineInput } from './sparkline.ts';
import { trendOf } from './trend.ts';
import { severityOf, sortBundles } from './urgency.ts';
import { forecastWords, planEndWords, remainingReason, shareWords } from './words.ts';

export interface BundleDeps extends CardDeps {
  /** By bundle id, as they are read. */
  readonly stats: Map<string, BundleStats>;
  /** Something that the header shows has changed. */
  changed(): void;
}

interface ShownBundle {
  readonly bundle: Bundle;
  readonly eager: boolean;
  readonly moment: Moment;
}

/** Forecasts of so many of the most urgent are read at once: the header names the one that ends first. */
const EAGER = 8;
const HOUR_MS = 3_600_000;
/** Where bundles usually begin to warn; drawn into the trend when the size of the plan is known. */
const LOW_PART = 0.2;

export function createBundlesView(deps: BundleDeps): { show(loaded: Loaded<Bundle>, moment: Moment): void } {
  let local = false;
  const section = createSection('bundles', { plural: 'bundles', empty: () => emptyWords(local) });
  const [list, waitingList] = [element('ul', 'cards'), element('ul', 'cards')];
  for (const ul of [list, waitingList]) ul.setAttribute('role', 'list');
  const summary = element('summary');
  const waiting = element('details', '', summary, waitingList);
  section.body.append(list, waiting);
  const rowsIn = (ul: HTMLElement) =>
    createRows<ShownBundle>(
      ul,
      ({ bundle }) => bundle.id,
      () => createBundleCard(deps),
    );
  const [rows, waitingRows] = [rowsIn(list), rowsIn(waitingList)];
  return {
    show(loaded, moment) {
      local = moment.local;
      const sorted = sortBundles(loaded.items ?? [], moment.worst);
      section.show(loaded, sorted.length);
      const shown = sorted.map((bundle, i) => ({ bundle, moment, eager: i < EAGER && bundle.active !== false }));
      const unused = shown.filter(({ bundle }) => bundle.active === false);
      rows(shown.filter(({ bundle }) => bundle.active !== false));
      waiting.hidden = unused.length === 0;
      setText(summary, `${count(unused.length, 'bundle')} not in use`);
      waitingRows(unused);
    },
  };
}

function emptyWords(local: boolean): string {
  const file = local ? 'by its TAARA_ values in the file .env (then start again), or ' : '';
  return `No bundles yet. Add a Taara account ${file}with POST /v1/sources; its first reading then stands here.`;
}

function createBundleCard(deps: BundleDeps): Row<ShownBundle> {
  const [amount, left] = [element('strong'), element('span')];
  const bar = createBar();
  const [share, forecast, end] = [element('p', 'share'), element('p'), element('p')];
  const card = createCard<Bundle>(deps, {
    body: [element('p', 'amount', amount, ' ', left), bar.node, share, forecast, end],
    sourceOf: (b) => b.account,
    trend: (b) => readTrend(deps, b),
    more: (b) => loadForecast(deps, b, forecast),
  });
  setText(forecast, 'Forecast follows …');
  return {
    node: card.node,
    leave: card.leave,
    update({ bundle: b, moment, eager }) {
      const unknown = remainingReason(b);
      const severity = severityOf(moment.worst, 'bundle', b.id, b.account);
      card.update(b, moment, { severity, tone: unknown === undefined ? 'good' : 'unknown', eager });
      setText(amount, unknown !== undefined ? 'Unknown' : b.unlimited ? 'Unlimited' : octets(b.remainingOctets ?? '0'));
      setText(left, unknown === undefined ? (b.unlimited ? '' : 'left') : `because ${unknown}`);
      bar.update(b.remainingPercent ?? undefined);
      setText(share, shareWords(b));
      setText(end, planEndWords(b, moment.now));
    },
  };
}

async function loadForecast({ api, stats, changed }: BundleDeps, b: Bundle, node: HTMLElement): Promise<void> {
  try {
    const answer = await api.get<BundleStats>(`/v1/bundles/${encodeURIComponent(b.id)}/stats`);
    stats.set(b.id, answer);
    setText(node, forecastWords(b, answer));
    changed();
  } catch (error) {
    setText(node, `Forecast not known. ${messageOf(error)}`);
    throw error;
  }
}

async function readTrend({ api }: BundleDeps, b: Bundle): Promise<SparklineInput | string> {
  if (b.unlimited) return 'No trend: nothing is counted down in a plan without limit.';
  const series = await api.get<SeriesResponse>(
    `/v1/bundles/${encodeURIComponent(b.id)}/samples?metric=remaining&step=1h`,
  );
  const size = b.allocationOctets === null ? undefined : Number(b.allocationOctets);
  return {
    title: 'What was left, 7 days',
    span: '7 days',
    lines: [{ name: 'left', trend: trendOf(series, 'value', HOUR_MS) }],
    ...(size === undefined ? {} : { top: size, threshold: { value: size * LOW_PART, name: '20 %' } }),
    text: octets,
  };
}
