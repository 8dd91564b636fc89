/** How a delivery's end reads in the timeline of the alerts it told of. Pure. */
import type { TimelineEntry } from '../alerts/alert.ts';
import type { Instant } from '../platform/clock.ts';
import type { Delivery, Outcome } from './delivery.ts';
import { RECEIPT_MS } from './ladder.ts';
import type { ChannelName } from './receiver.ts';

const CHANNEL_WORDS: Readonly<Record<ChannelName, string>> = { whatsapp: 'WhatsApp', sms: 'SMS' };

/** Made of the row alone where the row knows its instants, so that a repetition is the same entry. */
export function outcomeRow(row: Delivery, outcome: Outcome, now: Instant): TimelineEntry {
  const way = `${CHANNEL_WORDS[row.channel]}${row.simulated ? ' (simulated)' : ''} to ${row.recipientName}`;
  const next = row.ladder[row.step + 1];
  const follows = next === undefined ? 'no channel is left' : `${CHANNEL_WORDS[next]} follows`;
  switch (outcome) {
    case 'delivered':
      return { at: row.deliveredAt ?? now, event: 'delivered', text: `${way}: delivered` };
    case 'final':
      return { at: row.acceptedAt ?? now, event: 'told', text: `${way}: accepted; this channel gives no receipts` };
    case 'unconfirmed':
      return {
        at: (row.acceptedAt ?? row.queuedAt) + RECEIPT_MS,
        event: 'told',
        text: `${way}: ${row.status}, no receipt within ${RECEIPT_MS / 1000} s; ${follows}`,
      };
    case 'failed':
      return {
        at: row.failedAt ?? now,
        event: 'undelivered',
        text: `${way} failed: ${row.reason ?? 'no reason given'}; ${follows}`,
      };
  }
}
