/** How simulated 1NCE SIMs are changed, by calls and by faults; every change is kept and none forgets what was before. */
import { findSim, iccidOf, isEnabled, type LiveAccount, simAt } from './onence-account.ts';
import { dataOfDay, dataQuotaAt, follow, type Sim, segmentAt } from './onence-curve.ts';
import { DATA_QUOTA, DAY_MS, iccidAt, MB } from './onence-fleet.ts';
import { type KeptOrder, type Segment, type SimUpdate, type Touched, untouched } from './onence-kept.ts';

/** Usage is told for six months, so older stretches of a SIM's life are of no more use. */
const FORGET_MS = 220 * DAY_MS;
const LOG_LENGTH = 50;
const KEPT_ORDERS = 1000;
const EXTENSION_DAYS = 1825;
const TOP_UP_CENTS = 1000;
const EXTENSION_CENTS = 1000;
/** Bulk updates are queued; the service works them off a little later. */
export const BULK_DELAY_MS = 2000;

export function touch(one: LiveAccount, { plan }: Sim): Touched {
  const kept = one.kept.sims[plan.index] ?? untouched();
  one.kept.sims[plan.index] = kept;
  return kept;
}

function log(kept: Touched, at: number, text: string): void {
  kept.log.push({ at, text });
  kept.log.splice(0, kept.log.length - LOG_LENGTH);
}

/** A new stretch of the SIM's life, with what it has left by now but for what `over` says. */
function goOn(one: LiveAccount, sim: Sim, now: number, over: Partial<Segment>): void {
  const next = follow(sim.plan, segmentAt(sim, now), now, over);
  const kept = touch(one, sim);
  // The newest old one stays: it says what there was before the first that is kept.
  const stale = kept.segments.findLastIndex((segment) => segment.at < now - FORGET_MS);
  kept.segments.splice(0, Math.max(0, stale));
  kept.segments.push(next);
}

export function updateSim(one: LiveAccount, sim: Sim, update: Omit<SimUpdate, 'iccid'>, now: number): void {
  const { enabled, label, imeiLock } = update;
  if (enabled !== undefined && enabled !== isEnabled(sim)) {
    goOn(one, sim, now, { flowing: enabled && !(sim.touched?.silenced ?? false) });
    const kept = touch(one, sim);
    const [before, after] = enabled ? ['Disabled', 'Enabled'] : ['Enabled', 'Disabled'];
    log(kept, now, `Status of SIM changed from '${before}' to '${after}'`);
    kept.enabled = enabled;
  }
  if (label !== undefined) touch(one, sim).label = label;
  if (imeiLock !== undefined) touch(one, sim).imeiLock = imeiLock;
}

/** Works off what is due of the queue. */
export function settle(one: LiveAccount, now: number): void {
  const due = one.kept.queue.filter((entry) => entry.at <= now);
  if (due.length === 0) return;
  one.kept.queue = one.kept.queue.filter((entry) => entry.at > now);
  for (const { at, change } of due) {
    const sim = findSim(one, change.iccid);
    if (sim) updateSim(one, sim, change, at);
  }
  one.save();
}

/** Millionths of a MB; one top-up unless told. */
export function addVolume(one: LiveAccount, sim: Sim, now: number, volume: number = DATA_QUOTA): void {
  const quota = dataQuotaAt(sim, now);
  const remaining = quota.volume + volume;
  const accumulated = quota.accumulated + volume;
  goOn(one, sim, now, { remaining, total: remaining, accumulated, lastAdded: volume });
  log(touch(one, sim), now, 'Data volume was added to the SIM');
}

/** As a top-up of just so much that this share of the total is there; throws RangeError where more is. */
export function fillTo(one: LiveAccount, sim: Sim, percent: number, now: number): void {
  const { volume, total } = dataQuotaAt(sim, now);
  const wanted = share(total, percent);
  if (wanted <= volume) throw new RangeError(`SIM ${iccidOf(sim)} has more than ${percent} % already`);
  addVolume(one, sim, now, wanted - volume);
}

/** What goes was used today, and the usage says so; throws RangeError where less is left. */
export function drainTo(one: LiveAccount, sim: Sim, percent: number, now: number): void {
  const { volume, total } = dataQuotaAt(sim, now);
  const wanted = share(total, percent);
  if (wanted > volume) throw new RangeError(`SIM ${iccidOf(sim)} has less than ${percent} % already`);
  // An automatic top-up would undo it.
  goOn(one, sim, now, { remaining: wanted, auto: false });
  addExtra(touch(one, sim), Math.floor(now / DAY_MS), volume - wanted);
}

function share(total: number, percent: number): number {
  return Math.floor((total * percent) / 100);
}

/** Sets what a past day (days since 1970) used; what is left changes with it. */
export function restate(one: LiveAccount, sim: Sim, day: number, volume: number, now: number): void {
  const more = volume - dataOfDay(sim, day, now);
  goOn(one, sim, now, { remaining: dataQuotaAt(sim, now).volume - more });
  addExtra(touch(one, sim), day, more);
}

function addExtra(kept: Touched, day: number, volume: number): void {
  kept.extras[day] = (kept.extras[day] ?? 0) + volume;
}

export function silence(one: LiveAccount, sim: Sim, now: number, silenced: boolean): void {
  goOn(one, sim, now, { flowing: !silenced && isEnabled(sim) });
  touch(one, sim).silenced = silenced;
}

export function swapDevice(one: LiveAccount, sim: Sim, now: number): void {
  touch(one, sim).swaps.push(now);
}

export function moveTo(one: LiveAccount, sim: Sim, country: number, now: number): void {
  touch(one, sim).moves.push({ at: now, country });
}

export function logReset(one: LiveAccount, sim: Sim, now: number): void {
  log(touch(one, sim), now, 'Connectivity reset was requested');
}

export function setAutoTopUp(one: LiveAccount, sim: Sim, now: number, auto: boolean): void {
  if (segmentAt(sim, now).auto !== auto) goOn(one, sim, now, { auto });
}

export function placeOrder(one: LiveAccount, order: Omit<KeptOrder, 'number'>): number {
  const number = (one.kept.orders.at(-1)?.number ?? 100_000) + 1;
  one.kept.orders.push({ number, ...order });
  one.kept.spentCents += order.amountCents;
  one.kept.orders.splice(0, one.kept.orders.length - KEPT_ORDERS);
  return number;
}

export function orderTopUp(one: LiveAccount, sims: readonly Sim[], now: number): number {
  for (const sim of sims) addVolume(one, simAt(one, sim.plan.index), now);
  const type = sims.length === 1 ? 'TOPUP' : 'BULK_TOPUP';
  return placeOrder(one, {
    type,
    at: now,
    amountCents: sims.length * TOP_UP_CENTS,
    iccids: sims.map(iccidOf),
    products: [{ productId: 2, quantity: sims.length }],
  });
}

export function orderExtension(one: LiveAccount, sims: readonly Sim[], productId: number, now: number): number {
  for (const sim of sims) {
    goOn(one, sim, now, { flowing: isEnabled(sim) && !(sim.touched?.silenced ?? false) });
    const kept = touch(one, sim);
    kept.expiresAt = Math.max(now, kept.expiresAt ?? sim.plan.expiresAt) + EXTENSION_DAYS * DAY_MS;
  }
  return placeOrder(one, {
    type: 'TARIFF_CHANGE',
    at: now,
    amountCents: sims.length * EXTENSION_CENTS,
    iccids: sims.map(iccidOf),
    products: [{ productId, quantity: sims.length }],
  });
}

export function hide(one: LiveAccount, sim: Sim): void {
  one.kept.hidden.push(sim.plan.index);
}

/** Brings back what left and what fell silent by a fault. */
export function undoFaults(one: LiveAccount, now: number): void {
  one.kept.hidden.splice(0);
  for (const [index, kept] of Object.entries(one.kept.sims)) {
    if (!kept.silenced) continue;
    const sim = findSim(one, iccidAt(one.fleet, Number(index)));
    if (sim) silence(one, sim, now, false);
  }
}

export const megabytes = (amount: number): number => Math.round(amount * MB);
