/** A SIM as it is shown: what its account and its tenant say of it, and its newest values with the age of each. Pure. */
import type { Source } from '../collect/source.ts';
import type { Entity } from '../entities/entity.ts';
import type { Instant } from '../platform/clock.ts';
import type { HeadEntity } from '../samples/sample.ts';
import { dayOf } from '../samples/zone.ts';
import { type SimAttributes, simAttributesOf } from './attributes.ts';
import type { Fleet } from './fleet.port.ts';
import type { simMetrics } from './metrics.ts';
import type { SimNote } from './note.ts';
import { onenceSettings } from './settings.ts';
import { accountOf, iccidOf } from './shards.ts';
import { PRESENCES, type Presence, type QuotaLevel, type Service } from './sim.ts';

/** The provider counts days in UTC, whatever the tenant's zone. */
export const PROVIDER_ZONE = 'UTC';

/** What of an account concerns each of its SIMs. */
export interface SimAccount {
  /** Id of the source. */
  readonly id: string;
  readonly name: string;
  readonly octetsPerMegabyte: number;
  /** When the list of its SIMs was last seen whole. */
  readonly walkedAt: Instant | undefined;
}

export interface ShownSim {
  readonly iccid: string;
  readonly account: SimAccount;
  readonly attributes: SimAttributes;
  readonly note: SimNote;
  readonly simulated: boolean;
  readonly firstSeenAt: Instant;
  readonly newest: HeadEntity | undefined;
}

/** A value and when the answer that held it arrived. */
export interface Known {
  readonly value: bigint;
  readonly receivedAt: Instant;
}

export type SimMetricId = (typeof simMetrics)[number]['id'];

export function shownSim(
  entity: Entity,
  newest: HeadEntity | undefined,
  accounts: ReadonlyMap<string, SimAccount>,
): ShownSim {
  const account = accountOf(entity.id);
  return {
    iccid: iccidOf(entity.id),
    account: accounts.get(account) ?? simAccount(account, undefined, undefined),
    attributes: simAttributesOf(entity),
    note: noteOf(entity),
    simulated: entity.simulated,
    firstSeenAt: entity.firstSeenAt,
    newest,
  };
}

/** Of a source that may be gone, or has not been walked yet. */
export function simAccount(
  id: string,
  source: Pick<Source, 'name' | 'settings'> | undefined,
  fleet: Pick<Fleet, 'walkedAt'> | undefined,
): SimAccount {
  return {
    id,
    name: source?.name ?? id,
    octetsPerMegabyte: factor.safeParse(source?.settings.octetsPerMegabyte).data ?? factor.parse(undefined),
    walkedAt: fleet?.walkedAt,
  };
}

/** Other settings may be wrong, or of a later version: the factor is read for itself. */
const factor = onenceSettings.shape.octetsPerMegabyte;

const TAG = 'tag:';

/** The tenant's words as the collector wrote them into the labels, see `labelsOf`. */
function noteOf({ id, labels }: Entity): SimNote {
  const threshold = labels.thresholdPercent;
  return {
    iccid: iccidOf(id),
    tags: Object.keys(labels)
      .filter((name) => name.startsWith(TAG))
      .map((name) => name.slice(TAG.length))
      .sort(),
    ...(labels.group === undefined ? {} : { group: labels.group }),
    ...(threshold === undefined ? {} : { thresholdPercent: Number(threshold) }),
  };
}

/** The newest value of a metric, be it of the newest run or of an earlier one; undefined = unknown. */
export function newestValue({ newest }: ShownSim, metric: SimMetricId): Known | undefined {
  const value = newest?.values[metric];
  if (newest !== undefined && value !== undefined) return { value, receivedAt: newest.receivedAt };
  return newest?.earlier?.[metric];
}

/** What was used on the provider's present day: a value that was read on an earlier day is of that day, and not of this. */
export function usedToday(sim: ShownSim, now: Instant): Known | undefined {
  const used = newestValue(sim, 'usageToday');
  const isOfToday = used && dayOf(used.receivedAt, PROVIDER_ZONE) === dayOf(now, PROVIDER_ZONE);
  return isOfToday ? used : undefined;
}

export function presenceOf(sim: ShownSim): { readonly state: Presence; readonly receivedAt: Instant } | undefined {
  const known = newestValue(sim, 'presence');
  const state = known && PRESENCES[Number(known.value)];
  return state && { state, receivedAt: known.receivedAt };
}

/** What the list says, for it is read of all SIMs and often; where it says nothing, what the newest quota comes to. */
export function quotaLevelOf(sim: ShownSim, service: Service): QuotaLevel | undefined {
  const listed = sim.attributes[`${service}Level`];
  if (listed !== undefined) return listed;
  const remaining = newestValue(sim, `${service}Remaining`)?.value;
  if (remaining !== undefined && remaining <= 0n) return 'exhausted';
  const share = percentParts(remaining, newestValue(sim, `${service}Total`)?.value);
  if (share === undefined) return undefined;
  return share < LOW_PARTS ? 'low' : 'sufficient';
}

const PARTS_PER_PERCENT = 10_000n;
/** As 1NCE draws the line: 20 %. */
const LOW_PARTS = 20n * PARTS_PER_PERCENT;

/** Share in ten-thousandths of a percent, rounded down, also below 0; undefined = unknown. */
export function percentParts(part: bigint | undefined, whole: bigint | undefined): bigint | undefined {
  if (part === undefined || whole === undefined || whole <= 0n) return undefined;
  const scaled = part * 100n * PARTS_PER_PERCENT;
  const cut = scaled / whole;
  return scaled < 0n && cut * whole !== scaled ? cut - 1n : cut;
}

/** Percent with four decimals, rounded down, so that it is never shown on the better side of a threshold. */
export function percentOf(part: bigint | undefined, whole: bigint | undefined): number | undefined {
  const parts = percentParts(part, whole);
  return parts === undefined ? undefined : Number(parts) / Number(PARTS_PER_PERCENT);
}

export function remainingParts(sim: ShownSim, service: Service): bigint | undefined {
  return percentParts(newestValue(sim, `${service}Remaining`)?.value, newestValue(sim, `${service}Total`)?.value);
}

/** When the network last saw it, as far as known. */
export function lastSeenOf(sim: ShownSim): Instant | undefined {
  const known = newestValue(sim, 'lastSeen');
  return known && Number(known.value) * 1000;
}

/** Never below 0: the provider's clock may go before ours. */
export function silentSecondsOf(sim: ShownSim, now: Instant): number | undefined {
  const seenAt = lastSeenOf(sim);
  return seenAt === undefined ? undefined : Math.max(0, Math.floor((now - seenAt) / 1000));
}
