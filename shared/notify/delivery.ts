/** One message on its way to one person over one channel: what happened to it, in ranks that never go back. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Line } from './line.ts';
import type { ComposedMessage } from './message.ts';
import type { ChannelName } from './receiver.ts';

/** `accepted` means the provider took it, not that anybody has it. */
export type DeliveryStatus =
  | 'queued'
  | 'sending'
  | 'accepted'
  | 'sent'
  | 'undelivered'
  | 'failed'
  | 'delivered'
  | 'read';

const RANK: Readonly<Record<DeliveryStatus, number>> = {
  queued: 0,
  sending: 1,
  accepted: 2,
  sent: 3,
  undelivered: 4,
  failed: 4,
  // Above the failures: when a provider says both, somebody has the message.
  delivered: 5,
  read: 6,
};

/** How a delivery ended. `unconfirmed`: accepted, and no receipt came in time; `final`: accepted where no receipt exists. */
export type Outcome = 'delivered' | 'failed' | 'unconfirmed' | 'final';

export interface DeliveryRef {
  readonly tenant: string;
  /** UTC day on which the ladder began, `YYYY-MM-DD`; every step of one ladder has the same. */
  readonly day: string;
  readonly id: string;
}

export interface Delivery extends DeliveryRef {
  readonly recipient: string;
  readonly recipientName: string;
  /** E.164; masked wherever it is shown. */
  readonly to: string;
  readonly channel: ChannelName;
  readonly ladder: readonly ChannelName[];
  /** Index of `channel` in the ladder. */
  readonly step: number;
  /** Number of the mailbox claim that made it; with recipient and step it names the delivery for ever. */
  readonly claim: number;
  readonly status: DeliveryStatus;
  readonly lines: readonly Line[];
  readonly message: ComposedMessage;
  readonly zone: string;
  readonly tenantName: string;
  readonly simulated: boolean;
  readonly detectedAt: Instant;
  readonly queuedAt: Instant;
  readonly acceptedAt?: Instant;
  readonly deliveredAt?: Instant;
  readonly failedAt?: Instant;
  readonly providerId?: string;
  /** False where the channel gives no receipts: accepted is the last that can be known. */
  readonly receipts?: boolean;
  /** Provider's code and one sentence: why it failed, or why it has not gone yet. */
  readonly code?: string;
  readonly reason?: string;
  readonly attempts: number;
  /** Start of the newest attempt. */
  readonly attemptAt?: Instant;
  /** The newest attempt may have been accepted although no answer came: look before sending again. */
  readonly uncertain?: boolean;
  /** When something is to be done if nothing happens before; undefined once concluded. */
  readonly checkAt?: Instant;
  readonly concludedAt?: Instant;
  readonly concludedAs?: Outcome;
  /** Every write is conditional on it. */
  readonly version: number;
}

export function deliveryId(recipient: string, claim: number, step: number): string {
  return `${recipient}-${claim}-${step}`;
}

/** The status that stands after `next` is heard: the higher of both. */
export function furtherStatus(now: DeliveryStatus, next: DeliveryStatus): DeliveryStatus {
  return RANK[next] > RANK[now] ? next : now;
}

/** `+44*******123`: enough to recognise one's own number, not enough to call it. */
export function maskPhone(phone: string): string {
  return phone.length <= 6
    ? '*'.repeat(phone.length)
    : `${phone.slice(0, 3)}${'*'.repeat(phone.length - 6)}${phone.slice(-3)}`;
}

/** Fields of a new delivery that no step has touched yet. */
export type NewDelivery = Omit<Delivery, 'id' | 'status' | 'attempts' | 'version' | 'checkAt'>;

/** If its first message is lost, the minute check finds it after this. */
const PICK_UP_MS = 60_000;

export function newDelivery(fields: NewDelivery): Delivery {
  return {
    ...fields,
    id: deliveryId(fields.recipient, fields.claim, fields.step),
    status: 'queued',
    attempts: 0,
    checkAt: fields.queuedAt + PICK_UP_MS,
    version: 1,
  };
}
