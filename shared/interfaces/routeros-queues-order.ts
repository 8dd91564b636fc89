/** The order of simple queues: the first one that matches holds a packet, so a later one over the same target is idle. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import { type Network, parseNetwork } from '../platform/ip.ts';
import type { Queue } from './limits.ts';

/** A queue with what only this driver needs of it. */
export interface LiveQueue {
  readonly id: string;
  readonly queue: Queue;
  /** Name of the queue inside which it stands. */
  readonly parent: string;
  /** What narrows it to some of its targets' packets, such as `time=8h-9h,mon`; empty = it takes them all. */
  readonly narrowedBy: readonly string[];
  /** The router itself says that it holds nothing. */
  readonly invalid: boolean;
  /** Lets more than its limit pass for a while. */
  readonly bursts: boolean;
}

/** Where a queue stands that is inside of no other. */
export const TOP = 'none';

export interface Shadow {
  readonly target: string;
  readonly by: Queue;
}

/** Queues by what they hold, so that thousands of them are compared in the time that reading them takes. */
class Holders {
  readonly #byTarget = new Map<string, Queue>();
  /** `4/24` for each family and length of a prefix that some queue holds. */
  readonly #lengths = new Map<string, Pick<Network, 'family' | 'prefix'>>();
  #everything: Queue | undefined;

  add(queue: Queue): void {
    if (queue.targets.length === 0) this.#everything ??= queue;
    for (const target of queue.targets) {
      const network = parseNetwork(target);
      if (network) this.#lengths.set(`${network.family}/${network.prefix}`, network);
      const key = network === undefined ? target : keyOf(network, network.prefix);
      if (!this.#byTarget.has(key)) this.#byTarget.set(key, queue);
    }
  }

  holderOf(target: string): Queue | undefined {
    if (this.#everything) return this.#everything;
    const network = parseNetwork(target);
    if (network === undefined) return this.#byTarget.get(target);
    for (const { family, prefix } of this.#lengths.values()) {
      const isWider = family === network.family && prefix <= network.prefix;
      const holder = isWider ? this.#byTarget.get(keyOf(network, prefix)) : undefined;
      if (holder) return holder;
    }
    return undefined;
  }
}

function keyOf({ family, value }: Network, prefix: number): string {
  return `${family}/${prefix}/${value >> BigInt((family === 4 ? 32 : 128) - prefix)}`;
}

/** The queue among `before` that takes all packets of one of these targets, so that one behind it never sees them. */
export function shadowOf(before: readonly LiveQueue[], targets: readonly string[], parent = TOP): Shadow | undefined {
  const holders = new Holders();
  for (const one of before) if (one.parent === parent && isHolding(one)) holders.add(one.queue);
  return shadowAmong(holders, targets);
}

function shadowAmong(holders: Holders, targets: readonly string[]): Shadow | undefined {
  for (const target of targets) {
    const by = holders.holderOf(target);
    if (by) return { target, by };
  }
  return undefined;
}

/** A queue that is off, or narrowed, lets packets of its targets go on to the next one. */
function isHolding({ queue, narrowedBy, invalid }: LiveQueue): boolean {
  return narrowedBy.length === 0 && !invalid && !queue.disabled;
}

export function shadowSentence({ target, by }: Shadow): string {
  const how = by.dynamic ? `the dynamic queue "${by.name}" of a session` : `the earlier queue "${by.name}"`;
  return `does not hold ${target}: ${how} takes its packets first`;
}

/** Each queue that is on and never sees some of its targets. */
export function shadowed(live: readonly LiveQueue[]): Rejected[] {
  const byParent = new Map<string, Holders>();
  return live.flatMap((one) => {
    const { queue, parent } = one;
    const holders = byParent.get(parent) ?? new Holders();
    byParent.set(parent, holders);
    const shadow = queue.disabled ? undefined : shadowAmong(holders, queue.targets);
    if (isHolding(one)) holders.add(queue);
    return shadow === undefined ? [] : [{ path: `queue ${queue.name}`, message: shadowSentence(shadow) }];
  });
}
