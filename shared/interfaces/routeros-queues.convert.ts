/** Simple queues of RouterOS made into queues of the house and back, and which of them are never reached. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import { rawTextOf } from '../collect/rejected.ts';
import type { Issue } from '../platform/errors.ts';
import { issuesOf } from '../platform/issues.ts';
import { canonicalTarget, type Limit, sameLimit } from './limits.ts';
import { NARROWING_FIELDS, routerosQueue } from './routeros-queues.wire.ts';
import { type LiveQueue, shadowed, TOP } from './routeros-queues-order.ts';
import { displayText } from './text.ts';

export interface QueuesRead {
  /** In the router's order. */
  readonly live: readonly LiveQueue[];
  readonly rejected: readonly Rejected[];
}

const MAX_NAME = 255;
const MAX_COMMENT = 255;
const MAX_TARGETS = 128;
/** 10 Tb/s, as for the speed of a port. */
const MAX_BITS_PER_SECOND = 10_000_000_000_000;
const NO_LIMIT: Limit = { fromTargetBitsPerSecond: undefined, toTargetBitsPerSecond: undefined };
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** A row that cannot be understood is rejected whole: half of a limit would be a wrong one. */
export function fromWireQueues(rows: readonly unknown[]): QueuesRead {
  const rejected: Rejected[] = [];
  const live = rows.flatMap((row, at) => {
    const one = fromWireQueue(row);
    if ('queue' in one) return [one];
    rejected.push({ path: `queue[${at}]${one.path}`, message: one.message, rawText: rawTextOf(row) });
    return [];
  });
  return { live, rejected: [...rejected, ...shadowed(live)] };
}

/** One queue, or what is wrong with its row. */
export function fromWireQueue(row: unknown): LiveQueue | Issue {
  const parsed = routerosQueue.safeParse(row);
  if (!parsed.success) {
    const [issue] = issuesOf(routerosQueue, row);
    return { path: issue === undefined ? '' : `.${issue.path}`, message: issue?.message ?? 'is no queue' };
  }
  const wire = parsed.data;
  const limit = limitOf(wire['max-limit']);
  if (limit === undefined) return { path: '.max-limit', message: 'is not two rates such as 50M/50M' };
  const octets = pairOf(wire.bytes ?? '', /^[0-9]{1,20}$/);
  const comment = displayText(wire.comment ?? '', MAX_COMMENT);
  return {
    id: wire['.id'],
    parent: wire.parent ?? TOP,
    narrowedBy: NARROWING_FIELDS.flatMap((field) =>
      wire[field] ? [`${field}=${displayText(wire[field], MAX_NAME)}`] : [],
    ),
    invalid: isTrue(wire.invalid),
    bursts: [wire['burst-limit'], wire['burst-threshold']].some(isBurst),
    queue: {
      name: displayText(wire.name, MAX_NAME),
      targets: targetsOf(wire.target),
      limit,
      dynamic: isTrue(wire.dynamic),
      disabled: isTrue(wire.disabled),
      ...(octets === undefined ? {} : { octetsFromTarget: BigInt(octets[0]), octetsToTarget: BigInt(octets[1]) }),
      ...(comment === '' ? {} : { comment }),
    },
  };
}

function isTrue(flag: string | boolean | undefined): boolean {
  return flag === true || flag === 'true';
}

/** What is not understood is taken for a burst: writing that there is none does no harm. */
function isBurst(text: string | undefined): boolean {
  if (text === undefined || text === '0/0') return false;
  const burst = limitOf(text);
  return burst === undefined || !sameLimit(burst, NO_LIMIT);
}

function targetsOf(text: string): string[] {
  const shown = text.split(',').map((part) => canonicalTarget(displayText(part, MAX_NAME)));
  return shown.filter((target) => target !== '');
}

/** `300M/1G`: what the target sends, then what it receives. 0 is no limit. Undefined for anything else. */
export function limitOf(text: string): Limit | undefined {
  const pair = pairOf(text, /^[0-9]{1,14}(?:\.[0-9]{1,9})?[kKMG]?$/);
  if (pair === undefined) return undefined;
  const [sent, received] = pair.map((rate) => {
    const [, amount, unit = ''] = /^([0-9.]+)([kKMG]?)$/.exec(rate) ?? [];
    return Math.round(Number(amount) * (UNITS[unit] ?? Number.NaN));
  });
  return { fromTargetBitsPerSecond: sent || undefined, toTargetBitsPerSecond: received || undefined };
}

/** Two texts with a slash between them, each of this form; undefined for anything else. */
export function pairOf(text: string, part: RegExp): [string, string] | undefined {
  const [first = '', second = '', ...more] = text.split('/').map((one) => one.trim());
  return more.length === 0 && part.test(first) && part.test(second) ? [first, second] : undefined;
}

/** Plain bits per second: what is read back is spelt the same. */
export function toWireLimit({ fromTargetBitsPerSecond: sent = 0, toTargetBitsPerSecond: received = 0 }: Limit): string {
  return `${sent}/${received}`;
}

/** What nobody may ask for; a limit of 0 would mean none at all to this router. */
export function wantedIssues(wanted: { name: string; targets: readonly string[]; limit: Limit }): Issue[] {
  const issues: Issue[] = [];
  const require = (holds: boolean, path: string, message: string) => {
    if (!holds) issues.push({ path, message });
  };
  const { name, targets, limit } = wanted;
  require(name !== '' && displayText(name, MAX_NAME) === name, 'name', `must be 1 to ${MAX_NAME} visible characters`);
  require(targets.length > 0 && targets.length <= MAX_TARGETS, 'targets', `must be 1 to ${MAX_TARGETS}`);
  targets.forEach((target, at) => {
    const isOne = target !== '' && !target.includes(',') && displayText(target, MAX_NAME) === target;
    require(isOne, `targets[${at}]`, 'must be one address, prefix or interface');
  });
  for (const field of ['fromTargetBitsPerSecond', 'toTargetBitsPerSecond'] as const) {
    const rate = limit[field];
    const isRate = rate === undefined || (Number.isInteger(rate) && rate > 0 && rate <= MAX_BITS_PER_SECOND);
    require(isRate, `limit.${field}`, `must be a whole number from 1 to ${MAX_BITS_PER_SECOND}; 0 would mean no limit`);
  }
  return issues;
}
