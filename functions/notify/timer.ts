/** A delivery's timer: a delayed message on the outbox queue; longer waits are cut and asked again. Pure. */
import type { DeliveryRef } from '../../shared/notify/delivery.ts';
import type { DeliveryCheckMessage } from '../../shared/notify/notify.contract.ts';
import type { Instant } from '../../shared/platform/clock.ts';
import { MAX_DELAY_SECONDS } from '../../shared/platform/queue.port.ts';

export function checkMessageOf({ tenant, day, id }: DeliveryRef): DeliveryCheckMessage {
  return { version: 1, tenant, day, delivery: id, check: true };
}

/** Rounded up, so that the message never arrives before its time. */
export function secondsUntil(until: Instant, now: Instant): number {
  return Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil((until - now) / 1000)));
}
