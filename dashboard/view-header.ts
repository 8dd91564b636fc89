/** The first ten seconds: what is red, what ends next, whether the data is fresh. */
import type { Alert, Bundle, BundleStats, Interface, Loaded, LoadedSims } from './contract.ts';
import { byId, mark, type Shape, setText } from './dom.ts';
import { aboutDays, age, clockTime, count, zoneName } from './format.ts';
import { freshnessOf, openAlerts, runsOutNext, worstByEntity } from './urgency.ts';
import { severityCounts } from './words.ts';

export interface HeaderInput {
  readonly alerts: Loaded<Alert>;
  readonly bundles: Loaded<Bundle>;
  readonly sims: LoadedSims;
  readonly interfaces: Loaded<Interface>;
  readonly stats: ReadonlyMap<string, BundleStats>;
  readonly now: number;
  readonly tenant: string | undefined;
}

interface Fact {
  readonly shape: Shape;
  readonly words: string;
  readonly detail: string;
}

export function createHeaderView(): { show(input: HeaderInput): void } {
  const facts = ['fact-alerts', 'fact-next', 'fact-fresh'].map(createFact);
  const announcement = byId('announcement');
  let said = '';
  return {
    show(input) {
      const [alerts, next, fresh] = [alertsFact(input.alerts), nextFact(input), freshFact(input)];
      for (const [i, fact] of [alerts, next, fresh].entries()) facts[i]?.(fact);
      setText(byId('tenant'), input.tenant ?? '');
      setText(byId('zone'), `Times in ${zoneName(input.now)}.`);
      document.title = `${alerts.shape === 'good' ? '' : `${alerts.words} · `}Headroom`;
      // Ages change by the minute: only what a listener must know is spoken.
      const news = `${alerts.words}. ${fresh.words}.`;
      if (news !== said) announcement.textContent = news;
      said = news;
    },
  };
}

function createFact(id: string): (fact: Fact) => void {
  const node = byId(id);
  const [words, detail] = ['.words', '.detail'].map((selector) => node.querySelector<HTMLElement>(selector));
  const symbol = mark('unknown');
  node.prepend(symbol.node);
  return (fact) => {
    symbol.set(fact.shape);
    if (node.dataset.shape !== fact.shape) node.dataset.shape = fact.shape;
    if (words) setText(words, fact.words);
    if (detail) setText(detail, fact.detail);
  };
}

function alertsFact({ items, failure, readAt }: Loaded<Alert>): Fact {
  if (items === undefined) return { shape: 'unknown', words: failure ? 'Alerts unknown' : 'Loading …', detail: '' };
  const open = openAlerts(items);
  const firing = open.filter((a) => a.state === 'firing');
  const detail =
    failure && readAt !== undefined
      ? `as of ${clockTime(readAt)}`
      : firing[0]
        ? named(firing[0].entityName, firing[0].simulated)
        : '';
  const worst = firing[0]?.severity;
  if (worst) return { shape: worst, words: severityCounts(firing), detail };
  const pending = open.length > 0 ? `${open.length} pending` : '';
  return failure
    ? { shape: 'unknown', words: 'No open alerts', detail }
    : { shape: 'good', words: 'No open alerts', detail: pending };
}

function nextFact({ bundles, stats, now }: HeaderInput): Fact {
  const { items } = bundles;
  if (items === undefined)
    return { shape: 'unknown', words: bundles.failure ? 'What ends next is unknown' : 'Loading …', detail: '' };
  if (items.length === 0) return { shape: 'info', words: 'No bundles yet', detail: '' };
  const next = runsOutNext(items, stats, now);
  if (!next) return { shape: 'unknown', words: 'What ends next is unknown', detail: 'too few readings for a forecast' };
  const byUse = next.limitedBy === 'use';
  const over = byUse ? 'Used up' : 'Plan ended';
  const words = next.days === 0 ? over : `${byUse ? 'Runs out' : 'Plan ends'} in ${aboutDays(next.days)}`;
  return { shape: 'clock', words, detail: named(next.bundle.name, next.bundle.simulated) };
}

function named(name: string, simulated: boolean): string {
  return simulated ? `${name} (simulated)` : name;
}

function freshFact({ alerts, bundles, sims, interfaces, now }: HeaderInput): Fact {
  const lists = [bundles, interfaces, sims];
  const sinceSeconds = ({ readAt = now }: Loaded<unknown>): number => Math.max(0, now - readAt) / 1000;
  const entities = [
    ...[bundles, interfaces].flatMap((l: Loaded<Bundle | Interface>) =>
      (l.items ?? []).map((entity) => ({ entity, sinceSeconds: sinceSeconds(l) })),
    ),
    ...fleetsOf(sims, alerts).map((entity) => ({ entity, sinceSeconds: sinceSeconds(sims) })),
  ];
  const f = freshnessOf(entities);
  const oldest = f.oldestSeconds === undefined ? '' : `oldest reading ${age(f.oldestSeconds)}`;
  const failed = lists.filter((l) => l.failure !== undefined);
  if (failed.length > 0) {
    const readAt = Math.min(...failed.map((l) => l.readAt ?? Infinity));
    const never = lists.every((l) => l.readAt === undefined) ? 'nothing could be read' : 'not all could be read';
    return {
      shape: 'critical',
      // SIMs are asked for less often than the others.
      words: bundles.failure !== undefined && interfaces.failure !== undefined ? 'Offline' : 'Incomplete',
      detail: Number.isFinite(readAt) ? `shown as of ${clockTime(readAt)}; ${oldest}` : never,
    };
  }
  if (lists.some((l) => l.items === undefined)) return { shape: 'unknown', words: 'Loading …', detail: '' };
  if (f.total === 0) return { shape: 'info', words: 'No data yet', detail: 'add a source' };
  if (f.stale + f.never > 0) {
    const parts = [f.stale > 0 ? `${f.stale} stale` : '', f.never > 0 ? `${f.never} never read` : ''].filter(Boolean);
    return { shape: 'warning', words: `${parts.join(', ')}, of ${f.total}`, detail: oldest };
  }
  return { shape: 'good', words: 'Live', detail: `all ${count(f.total, 'reading')} fresh; ${oldest}` };
}

/** The list of each account's SIMs counts as one reading; whether it is old is the alerts' to say. */
function fleetsOf(
  { overview }: LoadedSims,
  alerts: Loaded<Alert>,
): { dataAgeSeconds: number | null; stale: boolean }[] {
  const worst = worstByEntity(alerts.items);
  return (overview?.accounts ?? []).map(({ account, lastWalkAgeSeconds }) => ({
    dataAgeSeconds: lastWalkAgeSeconds,
    stale: worst.has(`fleet:${account}`),
  }));
}
