/** What happened to a simulated SIM, newest first: its activation, its sessions of the last days, moves, changes. Pure. */
import { dataOfDay, type Sim } from './onence-curve.ts';
import { DAY_MS, draw, imeiAt } from './onence-fleet.ts';
import { type Country, deviceChanges, placeAt, stations } from './onence-places.ts';

export interface SimulatedEvent {
  /** Epoch ms. */
  readonly at: number;
  readonly text: string;
  readonly severity: 'Info' | 'Warn';
  readonly alert: boolean;
  readonly country?: Country;
  readonly imei?: string;
}

const SESSION_DAYS = 7;

export function eventsOf(sim: Sim, now: number): SimulatedEvent[] {
  const { plan, touched } = sim;
  const all: SimulatedEvent[] = [
    info(plan.activatedAt, "Status of SIM changed from 'Issued' to 'Activated'"),
    ...sessions(sim, now),
    ...stations(sim, now)
      .slice(1)
      .map(({ at, country }) => ({ ...warn(at, `Country changed to ${country.name}`), country })),
    ...deviceChanges(sim, now).map((at, index) => ({ ...warn(at, 'IMEI changed'), imei: imeiAt(plan, index + 1) })),
    ...(touched?.log ?? []).map(({ at, text }) => info(at, text)),
  ];
  return all.filter((event) => event.at <= now).sort((a, b) => b.at - a.at);
}

function sessions(sim: Sim, now: number): SimulatedEvent[] {
  const { plan } = sim;
  const today = Math.floor(now / DAY_MS);
  return Array.from({ length: SESSION_DAYS }, (_, ago) => today - ago).flatMap((day) => {
    const begunAt = day * DAY_MS + (draw(plan.fleet.seed, plan.index, day) % 3600) * 1000;
    if (dataOfDay(sim, day, now) <= 0 || begunAt > now) return [];
    const country = placeAt(sim, begunAt);
    const endedAt = begunAt + 20 * 3_600_000;
    return [
      { ...info(begunAt, 'Create PDP Context'), country },
      { ...info(endedAt, 'Delete PDP Context'), country },
    ];
  });
}

function info(at: number, text: string): SimulatedEvent {
  return { at, text, severity: 'Info', alert: false };
}

function warn(at: number, text: string): SimulatedEvent {
  return { at, text, severity: 'Warn', alert: true };
}
