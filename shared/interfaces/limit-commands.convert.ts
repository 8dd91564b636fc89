/** Results of commands of the kind `limits`, packed and unpacked: a list of thousands of queues must fit into one request. Pure. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Rejected } from '../collect/collector.port.ts';
import { AppError } from '../platform/errors.ts';
import {
  type CarriedQueue,
  type LimitOperation,
  type LimitResult,
  limitArguments,
  limitResults,
} from './limit-commands.contract.ts';
import type { Queue } from './limits.ts';

/** Unpacked. Some fifty thousand queues, which is more than a router is believed to have. */
const MAX_OCTETS = 16_000_000;

export function isLimitOperation(name: string): name is LimitOperation {
  return Object.hasOwn(limitArguments, name);
}

/** Gzip, in base64, of its JSON; a bigint becomes decimal text, nothing becomes null. */
export function toPackedResult(result: unknown): string {
  const text = JSON.stringify(result ?? null, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return gzipSync(text).toString('base64');
}

/** Throws SOURCE_MALFORMED for what is not such a result: the agent is another program, maybe of another year. */
export function fromPackedResult<O extends LimitOperation>(operation: O, packed: string): LimitResult<O> {
  const parsed = limitResults[operation].safeParse(unpacked(packed));
  if (parsed.success) return parsed.data as LimitResult<O>;
  throw malformed(`answered ${operation} with something else`);
}

function unpacked(packed: string): unknown {
  try {
    return JSON.parse(gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: MAX_OCTETS }).toString('utf8'));
  } catch (cause) {
    throw malformed('sent an answer that cannot be unpacked', cause);
  }
}

function malformed(what: string, cause?: unknown): AppError {
  return new AppError('SOURCE_MALFORMED', `the agent of the site ${what}: is it of this version?`, { cause });
}

export function fromCarriedQueue({ limit, octetsFromTarget, octetsToTarget, comment, ...rest }: CarriedQueue): Queue {
  return {
    ...rest,
    limit: {
      fromTargetBitsPerSecond: limit.fromTargetBitsPerSecond,
      toTargetBitsPerSecond: limit.toTargetBitsPerSecond,
    },
    ...(octetsFromTarget === undefined ? {} : { octetsFromTarget: BigInt(octetsFromTarget) }),
    ...(octetsToTarget === undefined ? {} : { octetsToTarget: BigInt(octetsToTarget) }),
    ...(comment === undefined ? {} : { comment }),
  };
}

export function fromCarriedQueues({ queues, rejected }: LimitResult<'readQueues'>): {
  queues: Queue[];
  rejected: Rejected[];
} {
  return { queues: queues.map(fromCarriedQueue), rejected: rejected.map(fromCarriedRejected) };
}

function fromCarriedRejected({
  path,
  message,
  rawText,
}: {
  path: string;
  message: string;
  rawText?: string | undefined;
}): Rejected {
  return { path, message, ...(rawText === undefined ? {} : { rawText }) };
}
