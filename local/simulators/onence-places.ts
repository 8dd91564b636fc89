/** Where simulated SIMs are and what the network last heard of them: countries, operators, cells, sessions. Pure. */
import { isEnabled, isExpired } from './onence-account.ts';
import { dataQuotaAt, type Sim, segmentAt } from './onence-curve.ts';
import { draw, turningPoint } from './onence-fleet.ts';

export interface Country {
  readonly id: number;
  readonly name: string;
  /** Lower case, as the service spells it. */
  readonly isoCode: string;
  readonly callingCode: string;
  readonly mcc: string;
  readonly mnc: string;
  readonly latitude: string;
  readonly longitude: string;
  readonly operatorId: number;
  readonly operatorName: string;
}

const ROWS = [
  [157, 'Poland', 'pl', '48', '260', '3', '52.0', '20.0'],
  [68, 'Germany', 'de', '49', '262', '1', '51.0', '9.0'],
  [137, 'Netherlands', 'nl', '31', '204', '8', '52.5', '5.75'],
  [186, 'Spain', 'es', '34', '214', '7', '40.0', '-4.0'],
  [213, 'United Kingdom', 'gb', '44', '234', '15', '54.0', '-2.0'],
  [98, 'Kenya', 'ke', '254', '639', '2', '1.0', '38.0'],
] as const;

export const COUNTRIES: readonly Country[] = ROWS.map(
  ([id, name, isoCode, callingCode, mcc, mnc, latitude, longitude], place) => ({
    id,
    name,
    isoCode,
    callingCode,
    mcc,
    mnc,
    latitude,
    longitude,
    operatorId: 90 + place,
    operatorName: `ExampleTel ${isoCode.toUpperCase()}`,
  }),
);

function countryOf(place: number): Country {
  const found = COUNTRIES[place % COUNTRIES.length];
  if (!found) throw new Error('there are countries');
  return found;
}

/** Moves that have happened by `now`, oldest first; the first is where it began. */
export function stations({ plan, touched }: Sim, now: number): readonly { at: number; country: Country }[] {
  const turned = turningPoint(plan);
  const own = [
    { at: plan.activatedAt, country: plan.country },
    ...(plan.role === 'roamer' ? [{ at: turned, country: plan.country + 1 }] : []),
  ];
  return [...own, ...(touched?.moves ?? [])]
    .filter((move) => move.at <= now)
    .sort((a, b) => a.at - b.at)
    .map(({ at, country }) => ({ at, country: countryOf(country) }));
}

export function placeAt(sim: Sim, now: number): Country {
  return stations(sim, now).at(-1)?.country ?? countryOf(sim.plan.country);
}

/** Instants by `now` at which the SIM was put into another device. */
export function deviceChanges({ plan, touched }: Sim, now: number): number[] {
  const turned = turningPoint(plan);
  return [...(plan.role === 'changed-device' ? [turned] : []), ...(touched?.swaps ?? [])].filter((at) => at <= now);
}

export type Presence = 'ONLINE' | 'ATTACHED' | 'OFFLINE';

export interface Contact {
  readonly presence: Presence;
  /** When the network last heard of it. */
  readonly lastSeenAt: number;
  /** Of the session under way. */
  readonly sessionSince: number | undefined;
}

const QUARTER_MS = 15 * 60_000;

/** Changes with each quarter of an hour; who may not or does not send is not seen. */
export function contactAt(sim: Sim, now: number): Contact {
  const { plan } = sim;
  const quarter = Math.floor(now / QUARTER_MS);
  const luck = draw(plan.fleet.seed, plan.index, quarter);
  const segment = segmentAt(sim, now);
  if (!segment.flowing || !isEnabled(sim) || isExpired(sim, now)) {
    return { presence: 'OFFLINE', lastSeenAt: segment.at, sessionSince: undefined };
  }
  const lastSeenAt = (quarter - 1) * QUARTER_MS + (luck % 900) * 1000;
  const percent = luck % 100;
  if (percent < 60 && dataQuotaAt(sim, now).volume > 0) {
    return { presence: 'ONLINE', lastSeenAt, sessionSince: lastSeenAt - (luck % 7200) * 1000 };
  }
  return { presence: percent < 95 ? 'ATTACHED' : 'OFFLINE', lastSeenAt, sessionSince: undefined };
}

export interface Cell {
  readonly mcc: string;
  readonly mnc: string;
  readonly lac: number;
  readonly cid: number;
  readonly ageMinutes: number;
}

/** Undefined on 4G, of which the service knows no cell, and where the SIM is not seen. */
export function cellAt(sim: Sim, now: number): Cell | undefined {
  const { plan } = sim;
  const contact = contactAt(sim, now);
  if (plan.radio === 'LTE' || contact.presence === 'OFFLINE') return undefined;
  const { mcc, mnc } = placeAt(sim, now);
  const place = draw(plan.fleet.seed, plan.index, Number(mcc));
  return {
    mcc,
    mnc,
    lac: 10_001 + (place % 50),
    cid: 20_002 + (place % 2000),
    ageMinutes: Math.floor((now - contact.lastSeenAt) / 60_000),
  };
}
