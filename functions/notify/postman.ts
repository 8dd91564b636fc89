/** Empties mailboxes: claims the lines of the next message, writes its delivery, hands it to its channel. */
import type { AlertStore } from '../../shared/alerts/alerts.port.ts';
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import type { DeliveryStore } from '../../shared/notify/deliveries.port.ts';
import { type Delivery, newDelivery } from '../../shared/notify/delivery.ts';
import type { DeliveryTopic } from '../../shared/notify/delivery-topic.port.ts';
import { dayOf } from '../../shared/notify/keys.ts';
import type { Line } from '../../shared/notify/line.ts';
import type { MailboxStore } from '../../shared/notify/mailbox.port.ts';
import { type Claim, decideClaim, isRise } from '../../shared/notify/mailbox.ts';
import { composeMessage } from '../../shared/notify/message.ts';
import type { OutboxMessage } from '../../shared/notify/notify.contract.ts';
import type { ChannelName, Receiver } from '../../shared/notify/receiver.ts';
import type { ReceiverStore } from '../../shared/notify/receivers.port.ts';
import type { Clock, Instant } from '../../shared/platform/clock.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import { secondsUntil } from './timer.ts';

export interface PostmanDeps {
  readonly alerts: Pick<AlertStore, 'putRows'>;
  readonly mailbox: MailboxStore;
  readonly deliveries: Pick<DeliveryStore, 'create' | 'read'>;
  readonly receivers: Pick<ReceiverStore, 'read'>;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly topic: DeliveryTopic;
  readonly outbox: Queue<OutboxMessage>;
  readonly clock: Clock;
}

export interface Postman {
  /** Sends what may go now and plans the wake-up for the rest; `wokenFor` = the instant a wake-up was planned for. */
  deliver(tenant: string, recipient: string, wokenFor?: Instant): Promise<void>;
  /** The same after these lines were written; a crowded mailbox is not read through for each of them. */
  deliverNews(tenant: string, recipient: string, lines: readonly Line[]): Promise<void>;
}

/** One look claims up to 200 outrun lines; more rounds than this come back as a message of their own. */
const ROUNDS = 10;

export function createPostman(deps: PostmanDeps): Postman {
  const postman: Postman = {
    async deliver(tenant, recipient, wokenFor) {
      for (let round = 0; round < ROUNDS; round++) {
        const view = await deps.mailbox.read(tenant, recipient);
        const now = deps.clock.now();
        if (view.head.claim) {
          await carryOut(deps, tenant, recipient, view.head.claim);
          continue;
        }
        const decision = decideClaim(view.head, view.lines, view.told, now);
        if (decision.kind === 'idle') return await deps.mailbox.rest(tenant, recipient, view);
        if (decision.kind === 'wait') {
          // Woken early by a clock that differs: the wake-up of that very instant is spent, so the next is later.
          const until = Math.max(decision.until, wokenFor === undefined ? 0 : wokenFor + 1);
          return await planWake(deps, tenant, recipient, until, now);
        }
        const { claim, nextSendAt } = decision;
        const ours = await deps.mailbox.claim(tenant, recipient, view.head, claim, nextSendAt);
        if (ours) await carryOut(deps, tenant, recipient, claim);
      }
      // Never at once: a mailbox that cannot be emptied must not keep a queue spinning.
      await deps.outbox.send({ version: 1, tenant, recipient }, { delaySeconds: 1 });
    },
    async deliverNews(tenant, recipient, lines) {
      const head = await deps.mailbox.readHead(tenant, recipient);
      const now = deps.clock.now();
      if (head.nextSendAt > now) {
        const told = await deps.mailbox.readTold(tenant, recipient, [...new Set(lines.map((line) => line.episode))]);
        if (!lines.some((line) => isRise(line, told))) {
          return await planWake(deps, tenant, recipient, head.nextSendAt, now);
        }
      }
      await postman.deliver(tenant, recipient);
    },
  };
  return postman;
}

async function planWake(deps: PostmanDeps, tenant: string, recipient: string, until: Instant, now: Instant) {
  // Without this a thousand alerts would keep a thousand wake-ups circling.
  if (!(await deps.mailbox.planWake(tenant, recipient, until))) return;
  await deps.outbox.send({ version: 1, tenant, recipient, at: until }, { delaySeconds: secondsUntil(until, now) });
}

/** Row, publication, then the claim is settled: whoever finds the claim later begins again at the row. */
async function carryOut(deps: PostmanDeps, tenant: string, recipient: string, claim: Claim): Promise<void> {
  if (claim.send.length > 0) {
    const receiver = await deps.receivers.read(tenant, recipient);
    const [channel] = receiver?.enabled ? receiver.channels : [];
    if (receiver && channel) await dispatch(deps, tenant, receiver, channel, claim);
    else await noteNobody(deps, tenant, recipient, claim);
  }
  await deps.mailbox.settle(tenant, recipient, claim);
}

async function dispatch(
  deps: PostmanDeps,
  tenant: string,
  receiver: Receiver,
  channel: ChannelName,
  claim: Claim,
): Promise<void> {
  const owner = await deps.tenants.readTenant(tenant);
  if (!owner) return;
  const context = { zone: owner.zone, tenantName: owner.name, simulated: owner.simulated };
  const row: Delivery = newDelivery({
    ...context,
    tenant,
    day: dayOf(claim.at),
    recipient: receiver.id,
    recipientName: receiver.name,
    to: receiver.phone,
    channel,
    ladder: receiver.channels,
    step: 0,
    claim: claim.number,
    lines: claim.send,
    message: composeMessage(claim.send, channel, context),
    detectedAt: Math.min(...claim.send.map((line) => line.detectedAt)),
    queuedAt: claim.at,
  });
  const existed = !(await deps.deliveries.create(row));
  // The receiver may have been edited between two tries: what was written first is what goes.
  const stored = existed ? await deps.deliveries.read(row) : row;
  if (stored?.status === 'queued') await deps.topic.publish(stored);
}

/** Whoever was removed or switched off after the alert fired is told nothing, and the alert says so. */
async function noteNobody(deps: PostmanDeps, tenant: string, recipient: string, claim: Claim): Promise<void> {
  for (const line of claim.send) {
    const row = { at: claim.at, event: 'undelivered' as const, text: `${recipient} is no longer to be told` };
    await deps.alerts.putRows(tenant, line.fingerprint, line.activeAt, [row]);
  }
}
