/** Which alerts mute another one right now: walks up what it hangs on, and asks for the open alerts about each. */
import type { Alert } from '../../shared/alerts/alert.ts';
import type { AlertStore } from '../../shared/alerts/alerts.port.ts';
import { type Muter, mutersOf, UPLINK_WAIT_MS } from '../../shared/alerts/muting.ts';
import { readAfterSeconds } from '../../shared/collect/schedule.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import { type OwnUplink, type Uplink, uplinkOver, uplinksAbove } from '../../shared/collect/uplink.ts';
import type { Clock } from '../../shared/platform/clock.ts';

export interface MuterDeps {
  readonly alerts: Pick<AlertStore, 'openOfEntity' | 'readFinished'>;
  readonly sources: Pick<SourceStore, 'read'>;
  readonly ownUplink: OwnUplink;
  readonly clock: Clock;
}

export interface Above {
  /** Nearest first. */
  readonly muters: readonly Muter[];
  /** How long a first word waits until everything above can have been judged. */
  readonly waitMs: number;
}

const NOTHING: Above = { muters: [], waitMs: UPLINK_WAIT_MS };

/** For one message of one tenant: whatever many alerts hang on is read once. */
export function createMuterReader(deps: MuterDeps, tenant: string): (alert: Alert) => Promise<Above> {
  const over = remembered(
    (uplink: Uplink) => overOf(deps, tenant, uplink),
    ({ entity }) => entity,
  );
  const at = remembered(
    (entity: string) => mutersAt(deps, tenant, entity),
    (entity) => entity,
  );
  return async (alert) => {
    if (!alert.behind) return NOTHING;
    const above = await uplinksAbove(alert.entity, alert.behind.uplink, over);
    // A way that leads back would have two alerts mute each other, and nobody would hear of either.
    if (above === undefined) return NOTHING;
    const open = (await Promise.all(above.map(({ entity }) => at(entity)))).flat();
    const known = open.some((one) => isNoted(alert, one)) ? [] : await notedMuter(deps, tenant, alert);
    return { muters: [...open, ...known], waitMs: Math.max(...above.map(waitMsOf), UPLINK_WAIT_MS) };
  };
}

function remembered<K, V>(read: (key: K) => Promise<V>, nameOf: (key: K) => string): (key: K) => Promise<V> {
  const known = new Map<string, Promise<V>>();
  return (key) => {
    const value = known.get(nameOf(key)) ?? read(key);
    known.set(nameOf(key), value);
    return value;
  };
}

async function overOf(deps: MuterDeps, tenant: string, uplink: Uplink): Promise<string | undefined> {
  const source = uplink.kind === 'interface' ? undefined : await deps.sources.read(tenant, uplink.source);
  return uplinkOver(uplink, source, deps.ownUplink);
}

async function mutersAt({ alerts, clock }: MuterDeps, tenant: string, entity: string): Promise<Muter[]> {
  return (await alerts.openOfEntity(tenant, entity)).flatMap((item) => mutersOf(item, clock.now()));
}

function isNoted({ muted }: Alert, one: Muter): boolean {
  return one.by === muted?.by && one.episode === muted.episode;
}

/** The one that held its words back when somebody last looked, and that is over since. */
async function notedMuter({ alerts, clock }: MuterDeps, tenant: string, { muted }: Alert): Promise<Muter[]> {
  const finished = muted && (await alerts.readFinished(tenant, muted.by, muted.episode));
  return finished ? mutersOf(finished, clock.now()) : [];
}

/** What is made of other readings of a slot is judged that much later than these. */
function waitMsOf({ kind }: Uplink): number {
  return UPLINK_WAIT_MS + (kind === 'link' ? readAfterSeconds('link') * 1000 : 0);
}
