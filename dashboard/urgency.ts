/** What comes first: which alerts, bundles, SIMs and interfaces a person should see before others, and how fresh it all is. Pure. */
import type { Alert, Bundle, BundleStats, Interface, Sim } from './contract.ts';

export type Severity = Alert['severity'];

const RANK: Readonly<Record<Severity, number>> = { critical: 3, warning: 2, info: 1 };

/** Open ones only: firing before pending, the worst first, then the oldest. */
export function openAlerts(alerts: readonly Alert[]): Alert[] {
  return alerts
    .filter((a) => a.state !== 'resolved')
    .sort(
      (a, b) =>
        Number(b.state === 'firing') - Number(a.state === 'firing') ||
        RANK[b.severity] - RANK[a.severity] ||
        Date.parse(a.activeAt) - Date.parse(b.activeAt),
    );
}

/** The first few of each kind where they stand, and what is left: a fleet of SIMs must not bury the one router. */
export function leadAlerts(open: readonly Alert[], mostOf: (kind: string) => number): { lead: Alert[]; rest: Alert[] } {
  const seen = new Map<string, number>();
  const [lead, rest]: [Alert[], Alert[]] = [[], []];
  for (const alert of open) {
    const before = seen.get(alert.kind) ?? 0;
    seen.set(alert.kind, before + 1);
    (before < mostOf(alert.kind) ? lead : rest).push(alert);
  }
  return { lead, rest };
}

/** By which a SIM and its alerts find each other. */
export function simKey({ account, iccid }: Pick<Sim, 'account' | 'iccid'>): string {
  return `${account}~${iccid}`;
}

/** The id in an alert also names the part of the account that the SIM is kept in, which the list of SIMs does not tell. */
function simKeyOf(entity: string): string {
  return entity.replace(/\.\d+~/, '~');
}

/** The limit in seconds that each SIM with an open alert of silence has passed, by its key. */
export function silentAlerts(alerts: readonly Alert[]): Map<string, number> {
  return new Map(
    alerts.flatMap(({ rule, state, entity, threshold }) =>
      rule === 'sim-silent' && state === 'firing' && threshold !== null ? [[simKeyOf(entity), threshold] as const] : [],
    ),
  );
}

/** Of any SIM, or of a whole account of them. */
export function worstOfFleets(worst: ReadonlyMap<string, Severity>): Severity | undefined {
  const found = [...worst].flatMap(([key, severity]) => (/^(sim|fleet):/.test(key) ? [severity] : []));
  return found.sort((a, b) => RANK[b] - RANK[a])[0];
}

/** The worst firing alert by entity id, of a SIM by its key; an alert about a whole account or router stands under its source's id. */
export function worstByEntity(alerts: readonly Alert[] | undefined): Map<string, Severity> {
  const worst = new Map<string, Severity>();
  for (const { entity, severity, state, kind } of alerts ?? []) {
    if (state !== 'firing') continue;
    const key = `${kind}:${kind === 'sim' ? simKeyOf(entity) : entity}`;
    const known = worst.get(key);
    if (known === undefined || RANK[severity] > RANK[known]) worst.set(key, severity);
  }
  return worst;
}

/** Of the entity itself, or of the source it is read from. */
export function severityOf(
  worst: ReadonlyMap<string, Severity>,
  kind: string,
  id: string,
  source: string,
): Severity | undefined {
  const [own, whole] = [worst.get(`${kind}:${id}`), worst.get(`${kind}:${source}`)];
  if (own === undefined || whole === undefined) return own ?? whole;
  return RANK[own] >= RANK[whole] ? own : whole;
}

/** In use before waiting, alerting before quiet, least left first; what is unknown stands before what is plenty. */
export function sortBundles(bundles: readonly Bundle[], worst: ReadonlyMap<string, Severity>): Bundle[] {
  const rank = (b: Bundle): number => RANK[severityOf(worst, 'bundle', b.id, b.account) ?? 'info'];
  return [...bundles].sort(
    (a, b) =>
      Number(a.active === false) - Number(b.active === false) ||
      rank(b) - rank(a) ||
      percentForOrder(a) - percentForOrder(b) ||
      compareNames(a.name, b.name),
  );
}

function percentForOrder(b: Bundle): number {
  if (b.unlimited) return 200;
  return b.remainingPercent ?? (b.remainingOctets === null ? 30 : 60);
}

/** Interfaces that machines make for themselves: loopback, bridges of containers, tunnels' ends. */
const MADE_BY_MACHINES =
  /^(lo\d*$|loopback|null|veth|docker|br-|virbr|dummy|ifb|tunl|gre|sit|ip6tnl|erspan|cali|cni|flannel|kube|podman|lxc|vnet)/i;
/** From here on even such an interface is worth a look, bits per second. */
const BUSY = 1_000_000;

export function isQuiet(i: Interface, worst: ReadonlyMap<string, Severity>): boolean {
  if (worst.has(`interface:${i.id}`) || !MADE_BY_MACHINES.test(i.ifName)) return false;
  return Math.max(i.inBitsPerSecond ?? 0, i.outBitsPerSecond ?? 0) < BUSY;
}

/** Alerting ones, then those that are up, then by name. */
export function sortInterfaces(interfaces: readonly Interface[], worst: ReadonlyMap<string, Severity>): Interface[] {
  const rank = (i: Interface): number => {
    const own = worst.get(`interface:${i.id}`);
    return own === undefined ? Number(i.operStatus === 'up') : 1 + RANK[own];
  };
  return [...interfaces].sort((a, b) => rank(b) - rank(a) || busyness(b) - busyness(a) || compareNames(a.name, b.name));
}

/** In powers of two, so that cards do not change places at every reading; unknown comes last. */
function busyness({ inBitsPerSecond, outBitsPerSecond }: Interface): number {
  const most = Math.max(inBitsPerSecond ?? 0, outBitsPerSecond ?? 0);
  return most < 1 ? 0 : Math.floor(Math.log2(most));
}

function compareNames(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

export interface NextEnd {
  readonly bundle: Bundle;
  readonly days: number;
  readonly limitedBy: 'use' | 'expiry';
}

/** Which bundle in use ends first, by its forecast where one was read, else by the end of its plan. */
export function runsOutNext(
  bundles: readonly Bundle[],
  stats: ReadonlyMap<string, BundleStats>,
  now: number,
): NextEnd | undefined {
  const ends = bundles.flatMap((bundle): NextEnd[] => {
    if (bundle.active === false) return [];
    const forecast = stats.get(bundle.id);
    if (forecast && forecast.daysRemaining !== null) {
      return [{ bundle, days: forecast.daysRemaining, limitedBy: forecast.limitedBy ?? 'use' }];
    }
    if (bundle.expiresAt === null) return [];
    return [{ bundle, days: Math.max(0, Date.parse(bundle.expiresAt) - now) / 86_400_000, limitedBy: 'expiry' }];
  });
  return ends.sort((a, b) => a.days - b.days)[0];
}

export interface Freshness {
  readonly total: number;
  readonly stale: number;
  readonly never: number;
  /** Age of the newest and the oldest reading, seconds; undefined when nothing was ever read. */
  readonly newestSeconds: number | undefined;
  readonly oldestSeconds: number | undefined;
}

type Aged = Pick<Bundle, 'dataAgeSeconds' | 'stale'>;

/** `sinceSeconds`: how long ago the API said so. */
export function freshnessOf(all: readonly { readonly entity: Aged; readonly sinceSeconds: number }[]): Freshness {
  const ages = all.flatMap(({ entity, sinceSeconds }) =>
    entity.dataAgeSeconds === null ? [] : [entity.dataAgeSeconds + sinceSeconds],
  );
  return {
    total: all.length,
    stale: all.filter(({ entity }) => entity.stale && entity.dataAgeSeconds !== null).length,
    never: all.filter(({ entity }) => entity.dataAgeSeconds === null).length,
    newestSeconds: ages.length > 0 ? Math.min(...ages) : undefined,
    oldestSeconds: ages.length > 0 ? Math.max(...ages) : undefined,
  };
}
