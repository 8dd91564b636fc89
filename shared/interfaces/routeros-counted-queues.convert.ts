/** What the simple queues of a run have counted, made into readings and entities of the kind `queue`. Pure. */
import type { FedTarget, Rejected, TargetName } from '../collect/collector.port.ts';
import type { EntityDraft } from '../entities/entities.port.ts';
import type { Instant } from '../platform/clock.ts';
import type { CounterLife, Reading } from '../samples/sample.ts';
import { NAME_LIMIT } from './interface.ts';
import { DOWN, inOctets, operStatus, outOctets, QUEUE_KIND, UP } from './metrics.ts';
import { agedLife, type RowReader, readersOf } from './rest-rows.ts';
import { limitOf, pairOf } from './routeros-queues.convert.ts';
import { routerosQueue } from './routeros-queues.wire.ts';
import { ifIndexOf } from './routeros-words.ts';
import type { Router } from './snmp.convert.ts';
import { displayText } from './text.ts';

export interface CountedQueues {
  readonly fed: FedTarget;
  readonly rejected: readonly Rejected[];
}

/** A queue whose name and number are its own. */
interface CountedQueue {
  readonly fields: RowReader;
  readonly name: string;
  readonly number: number;
}

const WIRE = routerosQueue.shape;
const MAX_OCTETS = 2n ** 64n - 1n;

/** What a router's queues are stored as: a target of their own, beside its ports. */
export function queuesOfRouter(router: string): TargetName {
  return { kind: QUEUE_KIND, target: router };
}

/**
 * Queues of sessions are left out: they come and go with them. `bootAt` undefined = unknown. Nobody is gone where a row
 * could not be told from another.
 */
export function fromWireCountedQueues(
  { rows, receivedAt }: { readonly rows: readonly unknown[]; readonly receivedAt: Instant },
  bootAt: Instant | undefined,
  router: Pick<Router, 'id' | 'name' | 'simulated'>,
): CountedQueues {
  const rejected: Rejected[] = [];
  const readers = readersOf(rows, 'queue', rejected);
  const lasting = readers.filter((fields) => flagOf(fields, 'dynamic') !== true);
  const queues = ownOnly(lasting.flatMap(countedQueue));
  const readings = queues.map((queue) => readingOf(`${router.id}/${queue.name}`, queue, bootAt, receivedAt));
  const complete = readers.length === rows.length && queues.length === lasting.length;
  const entities = queues.map(({ name }) => draftOf(router, name));
  return { fed: { ...queuesOfRouter(router.id), readings, entities, complete }, rejected };
}

function countedQueue(fields: RowReader): CountedQueue[] {
  const name = fields.take('name', WIRE.name, 'is not text');
  const id = fields.take('.id', WIRE['.id'], 'is not what RouterOS sends here');
  if (id === undefined || name === undefined) return none(fields, 'has no name or no .id');
  // A name that looks like another one is not that one.
  if (name === '' || name !== displayText(name, NAME_LIMIT)) return none(fields, 'has a name that cannot be shown');
  return [{ fields, name, number: ifIndexOf(id) }];
}

function none(fields: RowReader, message: string): [] {
  fields.reject('', message);
  return [];
}

/** The router lets no two bear one name or number; where two do, nobody knows whose octets are whose. */
function ownOnly(queues: readonly CountedQueue[]): CountedQueue[] {
  const bearers = new Map<string | number, number>();
  for (const key of queues.flatMap(({ name, number }) => [name, number])) {
    bearers.set(key, (bearers.get(key) ?? 0) + 1);
  }
  return queues.filter(({ fields, name, number }) => {
    const isOwn = bearers.get(name) === 1 && bearers.get(number) === 1;
    if (!isOwn) fields.reject('', 'has the name or the .id of another queue');
    return isOwn;
  });
}

/** What the router did not give is not there. The first of each pair is what the target sends. */
function readingOf(entity: string, queue: CountedQueue, bootAt: Instant | undefined, receivedAt: Instant): Reading {
  const { fields, number } = queue;
  const octets = octetsOf(fields);
  const limits = limitsOf(fields);
  const status = statusOf(flagOf(fields, 'disabled'), flagOf(fields, 'invalid'));
  const lifeOf = (at: 0 | 1): CounterLife => ({
    ...agedLife(bootAt, receivedAt),
    // A queue that is removed and made anew has another number, whatever its name.
    ifIndex: number,
    ...(limits[at] === undefined ? {} : { speedBitsPerSecond: limits[at] }),
    ...{ bits: 64, column: 'routeros:queue-bytes' },
  });
  const counted = octets === undefined ? {} : { [inOctets.id]: octets[0], [outOctets.id]: octets[1] };
  return {
    entity,
    receivedAt,
    values: { ...counted, ...(status === undefined ? {} : { [operStatus.id]: status }) },
    ...(octets === undefined ? {} : { lives: { [inOctets.id]: lifeOf(0), [outOctets.id]: lifeOf(1) } }),
  };
}

function octetsOf(fields: RowReader): readonly [bigint, bigint] | undefined {
  const text = fields.take('bytes', WIRE.bytes, 'is not text');
  if (text === undefined) return undefined;
  const pair = pairOf(text, /^[0-9]{1,20}$/)?.map(BigInt);
  const [sent, received] = pair ?? [];
  if (sent === undefined || received === undefined || sent > MAX_OCTETS || received > MAX_OCTETS) {
    return fields.reject('bytes', 'is not two whole numbers of octets');
  }
  return [sent, received];
}

/** By direction; none where bursts may pass it, and none where there is none. */
function limitsOf(fields: RowReader): readonly [number | undefined, number | undefined] {
  const [limit, burst] = (['max-limit', 'burst-limit'] as const).map((field) => {
    const text = fields.take(field, WIRE[field], 'is not text');
    if (text === undefined) return undefined;
    return limitOf(text) ?? fields.reject(field, 'is not two rates such as 50M/50M');
  });
  const without = (direction: 'fromTargetBitsPerSecond' | 'toTargetBitsPerSecond') =>
    burst?.[direction] === undefined ? limit?.[direction] : undefined;
  return [without('fromTargetBitsPerSecond'), without('toTargetBitsPerSecond')];
}

function flagOf(fields: RowReader, field: 'dynamic' | 'disabled' | 'invalid'): boolean | undefined {
  const value = fields.take(field, WIRE[field], 'is neither true nor false');
  return value === undefined ? undefined : value === true || value === 'true';
}

/** A queue that is off, or that the router calls invalid, holds nothing. */
function statusOf(isDisabled: boolean | undefined, isInvalid: boolean | undefined): bigint | undefined {
  if (isDisabled === true || isInvalid === true) return DOWN;
  return isDisabled === undefined ? undefined : UP;
}

function draftOf({ id, name, simulated }: Pick<Router, 'id' | 'name' | 'simulated'>, queue: string): EntityDraft {
  return {
    ...{ id: `${id}/${queue}`, target: id, name: `${name} queue ${queue}`, simulated },
    attributes: { queue },
    labels: { router: id },
  };
}
