/** Takes the packs of sites: proved, checked, one per minute; each slot goes to the collect queue as a run of its own. */
import type { QueuedCollectMessage } from '../../shared/collect/collect.contract.ts';
import type { SiteKeyReader } from '../../shared/collect/site-keys.port.ts';
import { ingest, MAX_PACK_BYTES } from '../../shared/interfaces/push.contract.ts';
import { nextSlot, type PushedSlot, slotsOf, slotTexts } from '../../shared/interfaces/push-slots.ts';
import { type Clock, type Instant, isoInstant } from '../../shared/platform/clock.ts';
import { AppError, type Issue } from '../../shared/platform/errors.ts';
import type { Queue, QueueEntry } from '../../shared/platform/queue.port.ts';
import type { Endpoint } from './api.ts';
import type { Site } from './ingest-proof.ts';
import { siteEndpoint } from './site.ts';

export interface IngestDeps {
  readonly keys: Pick<SiteKeyReader, 'claim'>;
  readonly collectQueue: Queue<QueuedCollectMessage>;
  readonly clock: Clock;
}

const MINUTE_MS = 60_000;

export function createIngestEndpoints(deps: IngestDeps): Endpoint[] {
  return [
    siteEndpoint(ingest, async ({ body }, site: Site) => {
      const { source, receivedAt } = site;
      const { slots, issues } = slotsOf(body, receivedAt, source);
      const entries = slots.map((one, position) => entryOf(site, one, position));
      const all = [...issues, ...entries.flatMap(tooLarge)];
      if (all.length > 0) throw invalid(all);
      await claim(deps, site);
      await deps.collectQueue.sendMany(entries);
      const next = nextSlot(source, Math.max(receivedAt, slots.at(-1)?.slot ?? receivedAt));
      return {
        ...{ accepted: slots.length, slots: slotTexts(slots), nextSlot: isoInstant(next) },
        nextSlotInSeconds: Math.ceil((next - receivedAt) / 1000),
      };
    }),
  ];
}

/** The oldest at once and each that follows a second later: they share a lease. None before its slot. */
function entryOf({ source, receivedAt }: Site, { slot, reading }: PushedSlot, position: number): Sent {
  const untilSlot = Math.max(0, Math.ceil((slot - receivedAt) / 1000));
  return {
    message: {
      ...{ version: 1, tenant: source.tenant, source: source.id, slot: isoInstant(slot), part: 0, boundary: true },
      checkpoint: reading,
    },
    delaySeconds: Math.max(untilSlot, position),
  };
}
type Sent = QueueEntry<QueuedCollectMessage>;

/** Text that was no UTF-8 grows when it is read. */
function tooLarge({ message }: Sent): Issue[] {
  const bytes = Buffer.byteLength(JSON.stringify(message));
  return bytes <= MAX_PACK_BYTES + ENVELOPE_BYTES
    ? []
    : [{ path: 'readings', message: `the reading of slot ${message.slot} is too large: send fewer interfaces` }];
}
/** Names and instants around a reading; with it a message stays below the queue's limit. */
const ENVELOPE_BYTES = 1000;

/** Last before the queue: a pack that was refused for its content may be mended and sent in the same minute. */
async function claim({ keys, clock }: IngestDeps, { keyId, signedAt, source }: Site): Promise<void> {
  const now = clock.now();
  const taken = await keys.claim(keyId, Math.floor(now / MINUTE_MS), signedAt);
  if (taken === 'taken') return;
  if (taken === 'replayed') {
    throw new AppError(
      'STORE_CONFLICT',
      `a signature of source "${source.id}" of that second or later was seen already, so nothing was done: unless its pack was answered with 202, sign it anew and send it again`,
    );
  }
  throw new AppError('SOURCE_THROTTLED', `a pack of source "${source.id}" was taken in this minute: one a minute is`, {
    context: { retryAfterSeconds: secondsToNextMinute(now) },
  });
}

function secondsToNextMinute(now: Instant): number {
  return Math.max(1, Math.ceil((MINUTE_MS - (now % MINUTE_MS)) / 1000));
}

function invalid(issues: readonly Issue[]): AppError {
  return new AppError('REQUEST_INVALID', issues.map((i) => `${i.path}: ${i.message}`).join('; '), {
    context: { issues },
  });
}
