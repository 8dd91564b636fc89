/** A small world around relay and notifiers: real stores on a table in memory, queues in virtual time, a crash on demand. */

import { outboxMessages } from '../../../functions/evaluate/sweep-due.ts';
import { createNotifier } from '../../../functions/notify/notifier.ts';
import { createRelay } from '../../../functions/notify/relay.ts';
import type { Alert, AlertStage } from '../../../shared/alerts/alert.ts';
import { createAlertStore } from '../../../shared/alerts/alerts.dynamodb.ts';
import { alertId } from '../../../shared/alerts/keys.ts';
import { ownUplink } from '../../../shared/capabilities.ts';
import type { Source } from '../../../shared/collect/source.ts';
import type { Tenant } from '../../../shared/entities/tenant.ts';
import type { OutgoingMessage, SendResult } from '../../../shared/notify/channel.port.ts';
import { createDeliveryStore } from '../../../shared/notify/deliveries.dynamodb.ts';
import type { Delivery } from '../../../shared/notify/delivery.ts';
import type { StatusReport } from '../../../shared/notify/ladder.ts';
import { createMailboxStore } from '../../../shared/notify/mailbox.dynamodb.ts';
import type { OutboxMessage } from '../../../shared/notify/notify.contract.ts';
import type { ChannelName, Receiver } from '../../../shared/notify/receiver.ts';
import { createReceiverStore } from '../../../shared/notify/receivers.dynamodb.ts';
import type { TrackedChannel } from '../../../shared/notify/tracked-channel.port.ts';
import type { Queue } from '../../../shared/platform/queue.port.ts';
import { alertOf } from '../../shared/alerts/examples.ts';
import { createFakeTable } from '../../shared/fake-table.ts';
import { desk, T0 } from '../../shared/notify/examples.ts';

/** Seconds until a message whose handler failed is seen again. */
const VISIBILITY_MS = 180_000;

export const tenant: Tenant = {
  tenant: 'demo',
  name: 'Demo Networks',
  zone: 'Africa/Nairobi',
  simulated: false,
  allowedNetworks: [],
  createdAt: T0,
};

export interface SentMessage {
  readonly at: number;
  readonly channel: ChannelName;
  readonly message: OutgoingMessage;
}

/** The process dies here: nothing after it runs, and the message comes again later. */
export class Crash extends Error {}

interface Queued {
  readonly at: number;
  readonly to: 'relay' | ChannelName;
  readonly body: string;
}

/** What the provider answers to the n-th message of a channel (from 0). */
export type Answers = (channel: ChannelName, n: number) => SendResult;

export const acceptAll: Answers = (channel, n) => ({
  outcome: 'accepted',
  providerId: `SM-${channel}-${n}`,
  receipts: true,
});

export function createWorld(options: { answers?: Answers; receivers?: readonly Receiver[]; tenant?: Tenant } = {}) {
  const answers = options.answers ?? acceptAll;
  const owner = { current: options.tenant ?? tenant };
  const state = { now: T0, steps: 0, crashAt: -1, crashes: 0, dead: false };
  const queue: Queued[] = [];
  const sent: SentMessage[] = [];
  const statuses = new Map<string, StatusReport>();
  /** Every effect is a step; at the chosen one the process dies, before or after it took place. */
  const step = (when: 'before' | 'after'): void => {
    if (state.dead) throw new Crash('already dead');
    if (when === 'before') state.steps++;
    if (state.crashAt === state.steps * 2 + (when === 'after' ? 1 : 0)) {
      state.dead = true;
      throw new Crash(`step ${state.steps}`);
    }
  };
  const effect = async <T>(run: () => Promise<T> | T): Promise<T> => {
    step('before');
    const result = await run();
    step('after');
    return result;
  };
  const bare = createFakeTable();
  const table: typeof bare = {
    ...bare,
    put: (...args) => effect(() => bare.put(...args)),
    update: (...args) => effect(() => bare.update(...args)),
    delete: (...args) => effect(() => bare.delete(...args)),
  };
  const clock = { now: () => state.now };
  const push = (to: Queued['to'], message: unknown, delayMs = 0) =>
    effect(() => void queue.push({ at: state.now + delayMs, to, body: JSON.stringify(message) }));
  const outbox: Queue<OutboxMessage> = {
    send: async (message, { delaySeconds = 0 } = {}) => push('relay', message, delaySeconds * 1000),
    async sendMany(entries) {
      for (const { message, delaySeconds = 0 } of entries) await push('relay', message, delaySeconds * 1000);
    },
  };
  const topic = {
    publish: (row: Pick<Delivery, 'tenant' | 'day' | 'id' | 'channel'>) =>
      push(row.channel, { version: 1, tenant: row.tenant, day: row.day, delivery: row.id }),
  };
  const tenants = { readTenant: async (name: string) => (name === owner.current.tenant ? owner.current : undefined) };
  const stores = {
    alerts: createAlertStore(table),
    mailbox: createMailboxStore(table),
    deliveries: createDeliveryStore(table),
    receivers: createReceiverStore(table),
  };
  const channelOf = (name: ChannelName): TrackedChannel => ({
    name,
    send: (message) =>
      effect(() => {
        const result = answers(name, sent.filter((s) => s.channel === name).length);
        // An uncertain answer is one that the provider did accept: the harder case.
        if (result.outcome === 'accepted' || (result.outcome === 'retryable' && result.uncertain)) {
          sent.push({ at: state.now, channel: name, message });
        }
        return result;
      }),
    async find(message) {
      const found = sent.findIndex((s) => s.channel === name && s.message.text === message.text);
      return found < 0 ? undefined : `SM-${name}-${found}`;
    },
    status: async (providerId) => statuses.get(providerId),
  });
  const sources = new Map<string, Source>();
  const shared = {
    ...{ ...stores, tenants, topic, outbox, clock, ownUplink },
    sources: { read: async (_tenant: string, id: string) => sources.get(id) },
  };
  const relay = createRelay(shared);
  const notifierOf = (name: ChannelName) =>
    createNotifier({
      ...shared,
      channel: channelOf(name),
      publicUrl: 'https://headroom.example.net',
      spread: () => 0.5,
    });
  const handlers = { relay, whatsapp: notifierOf('whatsapp'), sms: notifierOf('sms') };

  /** What the minute sweep does for this room. */
  async function sweep(): Promise<void> {
    const [open, recipients, overdue] = await Promise.all([
      stores.alerts.listOpen('demo'),
      stores.mailbox.due('demo', state.now),
      stores.deliveries.overdue('demo', state.now, 100),
    ]);
    for (const message of outboxMessages('demo', open, recipients, overdue, state.now)) await outbox.send(message);
  }

  /** Handles everything that is due until that instant, in order of time; sweeps each minute if asked to. */
  async function run(untilMs: number, sweeping = false): Promise<void> {
    let nextSweep = sweeping ? state.now + 60_000 : Number.POSITIVE_INFINITY;
    for (;;) {
      queue.sort((a, b) => a.at - b.at);
      const next = queue[0];
      if (Math.min(next?.at ?? Number.POSITIVE_INFINITY, nextSweep) > T0 + untilMs) break;
      if (next && next.at <= nextSweep) {
        queue.shift();
        state.now = Math.max(state.now, next.at);
        await handle(next);
      } else {
        state.now = nextSweep;
        nextSweep += 60_000;
        // Whoever dies looks again a minute later.
        if (!(await survives(sweep))) state.crashes++;
      }
    }
    state.now = Math.max(state.now, T0 + untilMs);
  }

  async function handle(message: Queued): Promise<void> {
    if (await survives(() => handlers[message.to](message.body))) return;
    // A new process takes over; the message is seen again after its visibility.
    state.crashes++;
    queue.push({ ...message, at: state.now + VISIBILITY_MS });
  }

  async function survives(run: () => Promise<void>): Promise<boolean> {
    try {
      await run();
      return true;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      state.dead = false;
      state.crashAt = -1;
      return false;
    }
  }

  /** An open alert with words owed to the receivers, and the message that says so. */
  async function owe(n: number, stage: AlertStage, part: Partial<Alert> = {}): Promise<Alert> {
    const resolved = stage === 'resolved';
    const alert = alertOf({
      fingerprint: `core1/ether${n}#low`,
      entity: `core1/ether${n}`,
      entityName: `Core 1, port ${n}`,
      simulated: false,
      state: resolved ? 'resolved' : 'firing',
      severity: resolved ? 'warning' : (stage.slice('firing-'.length) as 'warning'),
      ...(resolved ? { resolvedAt: state.now, resolvedReason: 'cleared' as const } : {}),
      outbox: (options.receivers ?? [desk]).map((r) => ({ recipient: r.id, stage, detectedAt: state.now })),
      ...part,
    });
    const open = await stores.alerts.readOpen('demo', alert.fingerprint);
    const version = (open?.version ?? 0) + 1;
    const stored = { ...alert, told: open?.told ?? {}, version };
    if (!(await stores.alerts.apply(open, { change: 'updated', alert: stored, overflow: [] }))) {
      throw new Error('the alert was not written');
    }
    queue.push({
      at: state.now,
      to: 'relay',
      body: JSON.stringify({ version: 1, tenant: 'demo', fingerprints: [alert.fingerprint] }),
    });
    return stored;
  }

  async function start(): Promise<void> {
    for (const receiver of options.receivers ?? [desk]) await stores.receivers.put('demo', receiver);
  }

  const day = new Date(T0).toISOString().slice(0, 10);
  return {
    ...stores,
    state,
    queue,
    sent,
    statuses,
    handlers,
    owner,
    sources,
    start,
    owe,
    run,
    dump: bare.dump,
    /** Texts of what happened to an alert, oldest first. */
    async timeline(alert: Alert): Promise<string[]> {
      const episode = await stores.alerts.readEpisode('demo', alertId(alert));
      return (episode?.timeline ?? []).map((row) => `${row.event}: ${row.text}`);
    },
    rows: () => stores.deliveries.list('demo', day),
  };
}

export type World = ReturnType<typeof createWorld>;
