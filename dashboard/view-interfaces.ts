/** The interfaces: state, rates of both directions, load of the line, the last day, and the age of all that. */
import { type CardDeps, createCard, type Moment } from './card.ts';
import type { Interface, Loaded, SeriesResponse } from './contract.ts';
import { chip, createRows, element, type Row, type Shape, setText } from './dom.ts';
import { bitsPerSecond } from './format.ts';
import { createRates } from './rates.ts';
import { createSection } from './section.ts';
import type { SparklineInput } from './sparkline.ts';
import { trendOf } from './trend.ts';
import { isQuiet, severityOf, sortInterfaces } from './urgency.ts';
import { loadWords, rateReason, stateWords } from './words.ts';

interface ShownInterface {
  readonly port: Interface;
  readonly moment: Moment;
}

const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;
/** From this part of the line's speed on the default rules worry. */
const BUSY_PART = 0.8;

export function createInterfacesView(deps: CardDeps): { show(loaded: Loaded<Interface>, moment: Moment): void } {
  const section = createSection('interfaces', {
    plural: 'interfaces',
    empty: () =>
      'No interfaces yet. Add a router with POST /v1/sources, type snmp, routeros, iosxe, junos or push; its ports stand here after its first reading.',
  });
  const [list, moreList] = [element('ul', 'cards'), element('ul', 'cards')];
  for (const ul of [list, moreList]) ul.setAttribute('role', 'list');
  const summary = element('summary');
  const more = element('details', '', summary, moreList);
  section.body.append(list, more);
  const rowsIn = (ul: HTMLElement) =>
    createRows<ShownInterface>(
      ul,
      ({ port }) => port.id,
      () => createInterfaceCard(deps),
    );
  const [rows, moreRows] = [rowsIn(list), rowsIn(moreList)];
  return {
    show(loaded, moment) {
      const shown = sortInterfaces(loaded.items ?? [], moment.worst).map((port) => ({ port, moment }));
      const quiet = new Set(shown.filter(({ port }) => isQuiet(port, moment.worst)));
      const busy = shown.filter((s) => !quiet.has(s));
      section.show(loaded, shown.length);
      rows(busy.slice(0, SHOWN_FIRST));
      const rest = [...busy.slice(SHOWN_FIRST), ...quiet];
      more.hidden = rest.length === 0;
      setText(summary, moreWords(rest.length - quiet.size, quiet.size));
      moreRows(rest);
    },
  };
}

/** A router with forty resellers must not push everything else off a phone. */
const SHOWN_FIRST = 9;

function moreWords(others: number, quiet: number): string {
  const words = [
    ...(others > 0 ? [`${others} that come after these`] : []),
    ...(quiet > 0
      ? [`${others > 0 ? `${quiet} ` : ''}quiet, and made by the machine itself (loopback, bridges, tunnels)`]
      : []),
  ];
  return `${others + quiet} more: ${words.join('; ')}`;
}

function createInterfaceCard(deps: CardDeps): Row<ShownInterface> {
  const rates = createRates();
  const [load, reason] = [element('p', 'share'), element('p', 'quiet')];
  const state = chip();
  const card = createCard<Interface>(deps, {
    body: [rates.node, load, reason],
    sourceOf: (i) => i.router,
    trend: (i) => readTrend(deps, i),
  });
  card.tags.prepend(state.node);
  return {
    node: card.node,
    leave: card.leave,
    update({ port: i, moment }) {
      const severity = severityOf(moment.worst, 'interface', i.id, i.router);
      card.update(i, moment, { severity, tone: i.operStatus === 'up' ? 'good' : 'unknown' });
      state.set(stateShape(i), stateWords(i));
      rates.set(i.inBitsPerSecond, i.outBitsPerSecond);
      setText(load, loadWords(i));
      const isUnknown = i.inBitsPerSecond === null || i.outBitsPerSecond === null;
      setText(reason, isUnknown ? `Rate unknown: ${rateReason(i)}.` : '');
    },
  };
}

function stateShape({ operStatus, stale }: Interface): Shape {
  if (stale) return 'unknown';
  if (operStatus === 'up') return 'good';
  return operStatus === null || operStatus === 'unknown' ? 'unknown' : 'down';
}

async function readTrend({ api }: CardDeps, i: Interface): Promise<SparklineInput> {
  const from = encodeURIComponent(new Date(api.now() - DAY_MS).toISOString());
  const read = (metric: string): Promise<SeriesResponse> =>
    api.get(`/v1/interfaces/${encodeURIComponent(i.id)}/samples?metric=${metric}&step=15m&from=${from}`);
  const [received, sent] = await Promise.all([read('ifHCInOctets'), read('ifHCOutOctets')]);
  const speed = i.speedBitsPerSecond;
  return {
    title: 'Rates, 24 hours',
    span: '24 h',
    lines: [
      { name: 'in', trend: trendOf(received, 'rate', QUARTER_MS, 8) },
      { name: 'out', trend: trendOf(sent, 'rate', QUARTER_MS, 8) },
    ],
    ...(speed === null ? {} : { threshold: { value: speed * BUSY_PART, name: '80 % of the line' } }),
    text: bitsPerSecond,
  };
}
