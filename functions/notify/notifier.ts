/** Brings one delivery to its end: sends, asks, concludes, and moves down the ladder. The same for every channel. */
import type { AlertStore } from '../../shared/alerts/alerts.port.ts';
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import { reachableCallback } from '../../shared/notify/callback.ts';
import type { OutgoingMessage, SendResult } from '../../shared/notify/channel.port.ts';
import type { DeliveryStore } from '../../shared/notify/deliveries.port.ts';
import type { Delivery, DeliveryRef, Outcome } from '../../shared/notify/delivery.ts';
import type { DeliveryTopic } from '../../shared/notify/delivery-topic.port.ts';
import {
  afterSend,
  afterSilence,
  afterStatus,
  beginAttempt,
  conclude,
  type Need,
  needOf,
  nextStep,
} from '../../shared/notify/ladder.ts';
import { deliveryMessage, type OutboxMessage } from '../../shared/notify/notify.contract.ts';
import { outcomeRow } from '../../shared/notify/outcome.ts';
import type { TrackedChannel } from '../../shared/notify/tracked-channel.port.ts';
import type { Clock, Instant } from '../../shared/platform/clock.ts';
import { isAppError } from '../../shared/platform/errors.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import { parseMessage } from './message-body.ts';
import { checkMessageOf, secondsUntil } from './timer.ts';

export interface NotifierDeps {
  readonly channel: TrackedChannel;
  readonly deliveries: DeliveryStore;
  readonly alerts: Pick<AlertStore, 'putRows'>;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly topic: DeliveryTopic;
  readonly outbox: Queue<OutboxMessage>;
  readonly clock: Clock;
  readonly publicUrl?: string | undefined;
  /** A number in [0, 1): spreads retries. */
  readonly spread: () => number;
  /** Hears how each step of a ladder ended, once or (after a crash) twice. */
  readonly concluded?: (row: Delivery, outcome: Outcome) => void;
}

/** Send, hear the answer, conclude, and one more should a callback come in between. */
const ROUNDS = 4;

/** Handles the body of one message of a channel's queue. Throws only when it must be tried again unchanged. */
export function createNotifier(deps: NotifierDeps): (body: string) => Promise<void> {
  return async (body) => {
    const { tenant, day, delivery } = parseMessage(deliveryMessage, body);
    const owner = await deps.tenants.readTenant(tenant);
    if (!owner || owner.removedAt !== undefined) return;
    const ref: DeliveryRef = { tenant, day, id: delivery };
    for (let round = 0; round < ROUNDS; round++) {
      const row = await deps.deliveries.read(ref);
      if (!row) return;
      const need = needOf(row, deps.clock.now());
      if (need.kind === 'nothing') return;
      if (need.kind === 'wait') return await setTimer(deps, row, need.until);
      await meet(deps, row, need);
    }
  };
}

async function meet(deps: NotifierDeps, row: Delivery, need: Exclude<Need, { kind: 'nothing' | 'wait' }>) {
  if (need.kind === 'conclude') return await finish(deps, row, need.outcome);
  if (need.kind === 'ask status') return await askStatus(deps, row);
  const begun = await begin(deps, row);
  if (begun) await send(deps, begun, need.kind === 'find, then send');
}

async function setTimer(deps: NotifierDeps, row: Delivery, until: Instant): Promise<void> {
  await deps.outbox.send(checkMessageOf(row), { delaySeconds: secondsUntil(until, deps.clock.now()) });
}

/** Only one of several that read the same row may go on: the others find it changed. */
async function begin(deps: NotifierDeps, row: Delivery): Promise<Delivery | undefined> {
  let ours = false;
  const begun = await deps.deliveries.change(row, (current) => {
    ours = current.version === row.version;
    return ours ? beginAttempt(current, deps.clock.now()) : undefined;
  });
  return ours ? begun : undefined;
}

async function send(deps: NotifierDeps, row: Delivery, findFirst: boolean): Promise<void> {
  const message = outgoing(deps, row);
  const found = findFirst ? await deps.channel.find(message, row.queuedAt) : undefined;
  const result =
    found === undefined
      ? await sendOnce(deps.channel, message)
      : ({ outcome: 'accepted', providerId: found, receipts: true } as const);
  const asks = message.callbackUrl === undefined;
  const spread = deps.spread();
  await deps.deliveries.change(row, (current) => afterSend(current, result, deps.clock.now(), asks, spread));
}

/** Whatever fails before the provider is called (the secret store, say) is a failed attempt, not a lost message. */
async function sendOnce(channel: TrackedChannel, message: OutgoingMessage): Promise<SendResult> {
  try {
    return await channel.send(message);
  } catch (error) {
    if (isAppError(error) && error.retryable) return { outcome: 'retryable', reason: error.message };
    throw error;
  }
}

function outgoing(deps: NotifierDeps, row: Delivery): OutgoingMessage {
  const callbackUrl = reachableCallback(deps.publicUrl, row, row.simulated);
  return {
    tenant: row.tenant,
    deliveryId: row.id,
    to: row.to,
    text: row.message.text,
    template: row.message.template,
    simulated: row.simulated,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
  };
}

/** A callback may have been lost: before the next channel is tried, the provider itself is asked. */
async function askStatus(deps: NotifierDeps, row: Delivery): Promise<void> {
  const report = row.providerId === undefined ? undefined : await deps.channel.status(row.providerId, row.simulated);
  const now = deps.clock.now();
  const heard = report && afterStatus(row, report, now);
  const silence = heard ? undefined : afterSilence(row, now);
  if (silence && 'outcome' in silence) return await finish(deps, row, silence.outcome);
  await deps.deliveries.change(row, (current) => {
    if (report && afterStatus(current, report, now)) return withNextLook(afterStatus(current, report, now), now);
    return current.version === row.version ? silence?.row : undefined;
  });
}

/** News that end nothing (sent, not yet delivered) are followed by another look. */
function withNextLook(row: Delivery | undefined, now: Instant): Delivery | undefined {
  const next = row && afterSilence(row, now);
  return next && 'row' in next ? next.row : row;
}

/** Next channel, then the alerts' timelines, then the row: repeated after a crash, each of them changes nothing twice. */
async function finish(deps: NotifierDeps, row: Delivery, outcome: Outcome): Promise<void> {
  const next = nextStep(row, outcome, deps.clock.now());
  if (next) {
    await deps.deliveries.create(next);
    await deps.topic.publish(next);
  }
  const entry = outcomeRow(row, outcome, deps.clock.now());
  for (const line of row.lines) await deps.alerts.putRows(row.tenant, line.fingerprint, line.activeAt, [entry]);
  await deps.deliveries.change(row, (current) =>
    current.concludedAs === outcome ? undefined : conclude(current, outcome, deps.clock.now()),
  );
  deps.concluded?.(row, outcome);
}
