/** From alerts to messages: outboxes into mailboxes, mailboxes into deliveries, timers back to their notifier. */
import type { Alert, OutboxEntry } from '../../shared/alerts/alert.ts';
import type { AlertStore } from '../../shared/alerts/alerts.port.ts';
import { isSameMute, sortWords } from '../../shared/alerts/muting.ts';
import type { SourceStore } from '../../shared/collect/sources.port.ts';
import type { OwnUplink } from '../../shared/collect/uplink.ts';
import type { TenantStore } from '../../shared/entities/entities.port.ts';
import type { DeliveryStore } from '../../shared/notify/deliveries.port.ts';
import type { DeliveryTopic } from '../../shared/notify/delivery-topic.port.ts';
import { needOf } from '../../shared/notify/ladder.ts';
import { type Line, lineOf } from '../../shared/notify/line.ts';
import type { MailboxStore } from '../../shared/notify/mailbox.port.ts';
import {
  type DeliveryCheckMessage,
  type OutboxAlertsMessage,
  type OutboxMessage,
  outboxMessage,
} from '../../shared/notify/notify.contract.ts';
import type { ReceiverStore } from '../../shared/notify/receivers.port.ts';
import type { Clock, Instant } from '../../shared/platform/clock.ts';
import type { Queue } from '../../shared/platform/queue.port.ts';
import { parseMessage } from './message-body.ts';
import { createMuterReader } from './muters.ts';
import { createPostman, type Postman } from './postman.ts';
import { checkMessageOf, secondsUntil } from './timer.ts';

export interface RelayDeps {
  readonly alerts: Pick<AlertStore, 'readOpen' | 'openOfEntity' | 'readFinished' | 'clearOutbox' | 'putRows'>;
  readonly sources: Pick<SourceStore, 'read'>;
  readonly ownUplink: OwnUplink;
  readonly mailbox: MailboxStore;
  readonly deliveries: DeliveryStore;
  readonly receivers: Pick<ReceiverStore, 'read'>;
  readonly tenants: Pick<TenantStore, 'readTenant'>;
  readonly topic: DeliveryTopic;
  readonly outbox: Queue<OutboxMessage>;
  readonly clock: Clock;
}

/** An episode that began while its predecessor's last word was owed brings words of its own, and rarely a third one. */
const ROUNDS = 5;

/** Handles the body of one message of the outbox queue. Every step may be repeated; throws when it must be. */
export function createRelay(deps: RelayDeps): (body: string) => Promise<void> {
  const postman = createPostman(deps);
  return async (body) => {
    const message = parseMessage(outboxMessage, body);
    const tenant = await deps.tenants.readTenant(message.tenant);
    // A removed tenant owes nobody anything, and nothing may be written for it.
    if (!tenant || tenant.removedAt !== undefined) return;
    if ('fingerprints' in message) await relayAlerts(deps, postman, message);
    else if ('recipient' in message) await postman.deliver(message.tenant, message.recipient, message.at);
    else await wakeDelivery(deps, message);
  };
}

async function relayAlerts(deps: RelayDeps, postman: Postman, message: OutboxAlertsMessage): Promise<void> {
  const written = new Map<string, Line[]>();
  const empty = createEmptier(deps, message.tenant);
  const waiting: { fingerprint: string; until: Instant }[] = [];
  for (const fingerprint of new Set(message.fingerprints)) {
    const emptied = await empty(fingerprint);
    for (const [recipient, line] of emptied.written) {
      written.set(recipient, [...(written.get(recipient) ?? []), line]);
    }
    if (emptied.waitUntil !== undefined) waiting.push({ fingerprint, until: emptied.waitUntil });
  }
  for (const [recipient, lines] of written) await postman.deliverNews(message.tenant, recipient, lines);
  await planLook(deps, message.tenant, waiting);
}

/** All of them when the first is due: it is looked at which are, and the rest waits on. */
async function planLook(
  deps: RelayDeps,
  tenant: string,
  waiting: readonly { readonly fingerprint: string; readonly until: Instant }[],
): Promise<void> {
  if (waiting.length === 0) return;
  const until = Math.min(...waiting.map((one) => one.until));
  const fingerprints = waiting.map((one) => one.fingerprint);
  await deps.outbox.send({ version: 1, tenant, fingerprints }, { delaySeconds: secondsUntil(until, deps.clock.now()) });
}

interface Emptied {
  readonly written: [string, Line][];
  /** When to look again at words that wait for the judgement of what they hang on. */
  readonly waitUntil: Instant | undefined;
}

/** Lines first, then the list of waiting mailboxes, then the outbox: a crash in between repeats, and loses nothing. */
function createEmptier(deps: RelayDeps, tenant: string): (fingerprint: string) => Promise<Emptied> {
  const readAbove = createMuterReader(deps, tenant);
  return async (fingerprint) => {
    const written: [string, Line][] = [];
    let alert = await deps.alerts.readOpen(tenant, fingerprint);
    for (let round = 0; alert && alert.outbox.length > 0 && round < ROUNDS; round++) {
      const above = await readAbove(alert);
      const now = deps.clock.now();
      const { deliver, drop, muted, waitUntil } = sortWords(alert, above.muters, now, above.waitMs);
      const isSettled = deliver.length + drop.length === 0;
      if (isSettled && isSameMute(muted, alert.muted)) return { written, waitUntil };
      const isLetGo = !alert.behind || deliver.every((entry) => entry.released);
      // Whoever may have heard the first word is owed the last one: so it is noted before anybody can.
      const handed = isLetGo ? deliver : [];
      written.push(...(await writeLines(deps, tenant, alert, handed, now)));
      const holding = { dropped: drop, muted, released: deliver };
      alert = await deps.alerts.clearOutbox(tenant, fingerprint, alert.activeAt, handed, now, holding);
      if (isSettled) return { written, waitUntil };
    }
    return { written, waitUntil: undefined };
  };
}

async function writeLines(
  deps: RelayDeps,
  tenant: string,
  alert: Alert,
  entries: readonly OutboxEntry[],
  now: Instant,
): Promise<[string, Line][]> {
  const written: [string, Line][] = [];
  for (const entry of entries) {
    const line = lineOf(alert, entry);
    await deps.mailbox.addLine(tenant, entry.recipient, line);
    written.push([entry.recipient, line]);
  }
  for (const recipient of new Set(entries.map((entry) => entry.recipient))) {
    await deps.mailbox.announce(tenant, recipient, now);
  }
  return written;
}

async function wakeDelivery(deps: RelayDeps, message: DeliveryCheckMessage): Promise<void> {
  const row = await deps.deliveries.read({ tenant: message.tenant, day: message.day, id: message.delivery });
  if (!row) return;
  const now = deps.clock.now();
  const need = needOf(row, now);
  if (need.kind === 'nothing') return;
  if (need.kind !== 'wait') return await deps.topic.publish(row);
  await deps.outbox.send(checkMessageOf(row), { delaySeconds: secondsUntil(need.until, now) });
}
