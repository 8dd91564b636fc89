/** Lets a fault that was asked for happen to a simulated 1NCE account: at once where it changes a SIM, else later. */
import { countSims, findSim, type LiveAccount, listSims, MAX_SIMS } from './onence-account.ts';
import {
  addVolume,
  drainTo,
  fillTo,
  hide,
  megabytes,
  moveTo,
  restate,
  silence,
  swapDevice,
  undoFaults,
} from './onence-changes.ts';
import type { Sim } from './onence-curve.ts';
import type { ParsedFault } from './onence-faults.ts';
import { DAY_MS } from './onence-fleet.ts';
import { COUNTRIES, placeAt } from './onence-places.ts';

/** Throws RangeError with one sentence when the account cannot do so. */
export function injectFault(one: LiveAccount, parsed: ParsedFault, now: number): void {
  const { account: _, sim: __, ...fault } = parsed;
  switch (parsed.fault) {
    case 'unauthorized':
      one.tokens.clear();
      one.refusals += parsed.times;
      return;
    case 'recover':
      one.pending.length = 0;
      one.refusals = 0;
      undoFaults(one, now);
      break;
    case 'add-sims':
      addSims(one, parsed.count ?? 0);
      break;
    case 'missing-sim':
    case 'restate':
    case 'drain':
    case 'topup':
    case 'silence':
    case 'swap-imei':
    case 'move':
      changeSim(one, parsed, now);
      break;
    default:
      one.pending.push(fault);
      return;
  }
  one.save();
}

function addSims(one: LiveAccount, count: number): void {
  if (one.account.sims + one.kept.added + count > MAX_SIMS) {
    throw new RangeError(`an account can have ${MAX_SIMS} SIMs at most`);
  }
  one.kept.added += count;
}

function changeSim(one: LiveAccount, fault: ParsedFault, now: number): void {
  const sim = simOf(one, fault.sim);
  switch (fault.fault) {
    case 'missing-sim':
      hide(one, sim);
      break;
    case 'restate':
      restate(one, sim, pastDay(fault.day, now), megabytes(fault.megabytes ?? 0), now);
      break;
    case 'drain':
      drainTo(one, sim, fault.remainingPercent ?? 0, now);
      break;
    case 'topup':
      if (fault.remainingPercent === undefined) addVolume(one, sim, now);
      else fillTo(one, sim, fault.remainingPercent, now);
      break;
    case 'silence':
      silence(one, sim, now, true);
      break;
    case 'swap-imei':
      swapDevice(one, sim, now);
      break;
    default:
      moveTo(one, sim, fault.country ?? COUNTRIES.indexOf(placeAt(sim, now)) + 1, now);
  }
}

function simOf(one: LiveAccount, wanted: string | undefined): Sim {
  const place = wanted === undefined ? 1 : /^\d{1,6}$/.test(wanted) ? Number(wanted) : undefined;
  const found =
    place === undefined ? findSim(one, wanted ?? '') : place > 0 ? listSims(one, place - 1, 1)[0] : undefined;
  if (!found) throw new RangeError(`iccid must be the ICCID of a SIM of the account, or 1 to ${countSims(one)}`);
  return found;
}

function pastDay(day: number | undefined, now: number): number {
  const today = Math.floor(now / DAY_MS);
  const chosen = day ?? today - 1;
  if (chosen >= today) throw new RangeError('day must be before today');
  return chosen;
}
