/** Asks a MikroTik router what its simple queues have carried: one more call of a run, which takes nothing from its ports. */
import type { CollectJob, FedTarget, Rejected } from '../collect/collector.port.ts';
import type { Instant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { chunkStart } from '../samples/packing.ts';
import type { HeadEntity } from '../samples/sample.ts';
import { ALL_FAILURES, unless } from './rest-page.ts';
import type { RouterosCaller } from './routeros-call.ts';
import { fromWireCountedQueues, queuesOfRouter } from './routeros-counted-queues.convert.ts';
import { LIMIT_PRINTS, MAX_COUNTED_QUEUES } from './routeros-queues.wire.ts';
import type { Router } from './snmp.convert.ts';

/** A list that takes longer is too long for a router to be asked for it in each run. */
const QUEUES_TIMEOUT_MS = 15_000;

export interface CountedQueuesOptions {
  /** The tenant's setting. */
  readonly isWanted: boolean;
  readonly router: Router;
  /** Undefined = unknown. */
  readonly bootAt: Instant | undefined;
}

export interface CountedQueuesPage {
  readonly fed: FedTarget;
  readonly rejected: readonly Rejected[];
  /** The answer that held what was rejected. */
  readonly text: string;
}

/** The ports are read already: whatever becomes of this call, it takes nothing from them. */
export async function readCountedQueues(
  caller: Pick<RouterosCaller, 'call'>,
  { source, slot, known }: Pick<CollectJob, 'source' | 'slot' | 'known'>,
  { isWanted, router, bootAt }: CountedQueuesOptions,
): Promise<CountedQueuesPage> {
  const foldDue = beginsStretch(known?.newest ?? [], slot, source.periodSeconds) ? { foldDue: true } : {};
  const nothing = { ...queuesOfRouter(source.id), ...foldDue, readings: [], entities: [] };
  // Where nobody wants them any more, those of before are gone.
  if (!isWanted) return { fed: { ...nothing, complete: true }, rejected: [], text: '' };
  const rejected: Rejected[] = [];
  const { countedQueues: request } = LIMIT_PRINTS;
  const call = { name: 'read queue counters', request, timeoutMs: QUEUES_TIMEOUT_MS, accept: acceptQueues };
  const answer = await unless(
    ALL_FAILURES,
    () => caller.call(call),
    ({ message }) => rejected.push({ path: call.name, message }),
  );
  if (answer === undefined) return { fed: nothing, rejected, text: '' };
  const converted = fromWireCountedQueues(
    { rows: answer.value as readonly unknown[], receivedAt: answer.receivedAt },
    bootAt,
    router,
  );
  const text = converted.rejected.length === 0 ? '' : `\n${answer.text}`;
  return { fed: { ...converted.fed, ...foldDue }, rejected: converted.rejected, text };
}

function acceptQueues(value: unknown): void {
  if (!Array.isArray(value)) throw new AppError('SOURCE_MALFORMED', 'the router sent no list of queues');
  if (value.length <= MAX_COUNTED_QUEUES) return;
  const text = `the router has ${value.length} queues; at most ${MAX_COUNTED_QUEUES} are read, so none of them is`;
  throw new AppError('SOURCE_MALFORMED', text);
}

/** Whether what was read before lies in an earlier stretch of six hours; the dispatcher sees to the ports' own only. */
function beginsStretch(newest: readonly HeadEntity[], slot: Instant, periodSeconds: number): boolean {
  const read = newest.reduce((most, one) => Math.max(most, one.slot), 0);
  // A run that is repeated after a crash finds itself the newest.
  const before = Math.min(read === 0 ? slot : read, slot - periodSeconds * 1000);
  return chunkStart(before) < chunkStart(slot);
}
