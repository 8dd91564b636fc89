/** SMS of simulated SIMs: those sent to one are kept, those it sent follow from its curve. Pure. */
import { type Sim, smsSentBetween } from './onence-curve.ts';
import { DAY_MS } from './onence-fleet.ts';
import type { KeptMessage } from './onence-kept.ts';
import { contactAt } from './onence-places.ts';

export type MessageState = 'DELIVERED' | 'PENDING' | 'EXPIRED';

export interface SimulatedMessage extends KeptMessage {
  readonly direction: 'MT' | 'MO';
  readonly state: MessageState;
}

const DELIVERY_MS = 5000;
/** Sent messages are listed for so long. */
const LISTED_DAYS = 30;
/** Above every id of a kept message. */
const SENT_IDS = 10_000_000_000;

/** Newest first. */
export function messagesOf(sim: Sim, now: number): SimulatedMessage[] {
  const received = (sim.touched?.messages ?? []).map((message) => deliver(sim, message, now));
  return [...received, ...sentBy(sim, now)].sort((a, b) => b.submittedAt - a.submittedAt);
}

function deliver(sim: Sim, message: KeptMessage, now: number): SimulatedMessage {
  const dueAt = message.submittedAt + DELIVERY_MS;
  const reachable = contactAt(sim, dueAt).presence !== 'OFFLINE';
  const state = reachable && dueAt <= now ? 'DELIVERED' : message.expiresAt <= now ? 'EXPIRED' : 'PENDING';
  return { ...message, direction: 'MT', state, ...(state === 'DELIVERED' ? { deliveredAt: dueAt } : {}) };
}

function sentBy(sim: Sim, now: number): SimulatedMessage[] {
  const today = Math.floor(now / DAY_MS);
  return Array.from({ length: LISTED_DAYS }, (_, ago) => today - ago).flatMap((day) => {
    const submittedAt = Math.min(day * DAY_MS + DAY_MS - 1000, now);
    const count = smsSentBetween(sim, day * DAY_MS, submittedAt);
    return Array.from(
      { length: count },
      (_, nth): SimulatedMessage => ({
        id: SENT_IDS + (sim.plan.index * 100_000 + day) * 10 + nth,
        submittedAt,
        deliveredAt: submittedAt,
        expiresAt: submittedAt + DAY_MS,
        sourceAddress: `882${String(sim.plan.index + 1).padStart(12, '0')}`,
        sourceAddressType: 145,
        payload: 'status ok',
        udh: '',
        dcs: 0,
        direction: 'MO',
        state: 'DELIVERED',
      }),
    );
  });
}
