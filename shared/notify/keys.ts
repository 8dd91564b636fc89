/** Keys of the room: receivers, mailboxes, deliveries. Pure. */
import { type Instant, isoInstant } from '../platform/clock.ts';
import { keyPart, splitKey, tenantKey, unkeyPart } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';

export function receiversPartition(tenant: string): string {
  return tenantKey(tenant, 'C', 'receiver');
}

export function receiverKey(tenant: string, id: string): Key {
  return { pk: receiversPartition(tenant), sk: keyPart(id) };
}

/** Everything of one recipient's mailbox stands in one partition, so one consistent query sees it. */
export function mailboxPartition(tenant: string, recipient: string): string {
  return tenantKey(tenant, 'M', recipient);
}

export function mailboxHeadKey(tenant: string, recipient: string): Key {
  return { pk: mailboxPartition(tenant, recipient), sk: 'head' };
}

/** Prefix of the lines that wait; a line leaves when its claim is settled. */
export const LINE_PREFIX = 'line#';

export function mailboxLineKey(tenant: string, recipient: string, line: string): Key {
  return { pk: mailboxPartition(tenant, recipient), sk: `${LINE_PREFIX}${line}` };
}

/** What the recipient was last told about an episode; it outlives the lines. */
export function mailboxToldKey(tenant: string, recipient: string, episode: string): Key {
  return { pk: mailboxPartition(tenant, recipient), sk: `told#${episode}` };
}

/** One small partition per tenant lists the recipients that have lines waiting. */
export function waitingPartition(tenant: string): string {
  return tenantKey(tenant, 'M');
}

export function waitingKey(tenant: string, recipient: string): Key {
  return { pk: waitingPartition(tenant), sk: keyPart(recipient) };
}

export function recipientOfWaitingKey(sk: string): string {
  return unkeyPart(sk);
}

export function deliveriesPartition(tenant: string, day: string): string {
  return tenantKey(tenant, 'D', day);
}

export function deliveryKey(tenant: string, day: string, id: string): Key {
  return { pk: deliveriesPartition(tenant, day), sk: keyPart(id) };
}

/** Partition of the index that holds deliveries still waiting for something. */
export function openDeliveriesPartition(tenant: string): string {
  return tenantKey(tenant, 'D', 'open');
}

/** Day and id from a delivery's own key, as the index projects it. */
export function deliveryOfKey(key: Key): { day: string; id: string } | undefined {
  const [, , day] = splitKey(key.pk);
  return day === undefined ? undefined : { day, id: unkeyPart(key.sk) };
}

/** UTC day of a delivery's partition, `YYYY-MM-DD`. */
export function dayOf(at: Instant): string {
  return isoInstant(at).slice(0, 10);
}
