/** Delayed messages under a virtual clock: held here until that clock says so, for the queues' own delays are real. */
import { createHash, randomUUID } from 'node:crypto';
import type { Answer } from '../gateway/gateway.ts';
import type { QueueService } from '../services/queues.ts';
import type { CloudClock } from './clock.ts';

interface Held {
  readonly queue: string;
  readonly body: string;
  readonly attributes: Attributes;
  readonly dueAt: number;
}

type Attributes = NonNullable<Parameters<QueueService['server']['sendMessage']>[2]>['messageAttributes'] & {};

interface Entry {
  readonly Id?: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
  readonly MessageAttributes?: Attributes;
}

export interface HeldMessages {
  /** Answers a SendMessage or SendMessageBatch; what has no delay goes on at once. */
  send(operation: string, input: Readonly<Record<string, unknown>>): Answer;
  /** Instant at which the next one is due; undefined when none is held. */
  nextDueAt(): number | undefined;
  /** Hands on what is due by now. */
  release(): void;
}

export function createHeldMessages(queues: QueueService, clock: CloudClock): HeldMessages {
  let held: Held[] = [];
  const take = (queue: string, entry: Entry): Record<string, unknown> => {
    const delayMs = (entry.DelaySeconds ?? 0) * 1000;
    const attributes = entry.MessageAttributes ?? {};
    if (delayMs > 0) held.push({ queue, body: entry.MessageBody, attributes, dueAt: clock.now() + delayMs });
    else queues.server.sendMessage(queue, entry.MessageBody, { messageAttributes: attributes });
    // The SDK checks the digest of what was accepted.
    const digest = createHash('md5').update(entry.MessageBody).digest('hex');
    return { MessageId: randomUUID(), MD5OfMessageBody: digest, ...(entry.Id ? { Id: entry.Id } : {}) };
  };
  return {
    send(operation, input) {
      const queue = String(input.QueueUrl).split('/').pop() ?? '';
      const body =
        operation === 'SendMessage'
          ? take(queue, input as unknown as Entry)
          : { Successful: (input.Entries as Entry[]).map((entry) => take(queue, entry)), Failed: [] };
      return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
    },
    nextDueAt: () => (held.length === 0 ? undefined : Math.min(...held.map((h) => h.dueAt))),
    release() {
      const now = clock.now();
      const due = held.filter((h) => h.dueAt <= now);
      held = held.filter((h) => h.dueAt > now);
      for (const { queue, body, attributes } of due)
        queues.server.sendMessage(queue, body, { messageAttributes: attributes });
    },
  };
}
