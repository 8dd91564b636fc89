/** Faults of an agent's counters: a restart, a wrap, new indexes; pure over what the kernel counts. */
import type { KernelCounters, KernelInterface } from '../../agent/kernel.ts';

type Direction = 'received' | 'sent';

/** Added to what the kernel counts, by interface and direction; negative after a restart. */
type Offsets = ReadonlyMap<string, Readonly<Record<Direction, KernelCounters>>>;

export interface CounterFaults {
  readonly offsets: Offsets;
  /** How often the indexes were handed on. */
  readonly rotations: number;
}

export const NO_FAULTS: CounterFaults = { offsets: new Map(), rotations: 0 };

const ZERO: KernelCounters = { octets: 0n, packets: 0n, errors: 0n, drops: 0n };

/** All counters begin at 0 with what the kernel shows now. */
export function restarted(faults: CounterFaults, now: readonly KernelInterface[]): CounterFaults {
  return { ...faults, offsets: offsetsOf(now, negative) };
}

/** Octets of every interface stand `left` before the end of a counter of that many bits. */
export function nearWrap(
  faults: CounterFaults,
  now: readonly KernelInterface[],
  bits: 32 | 64,
  left: bigint,
): CounterFaults {
  const end = 2n ** BigInt(bits);
  // The smallest jump ahead: what lies above a 32-bit column goes on as it was.
  const jump = ({ octets }: KernelCounters) => (((end - left - octets) % end) + end) % end;
  return { ...faults, offsets: offsetsOf(now, (counters) => ({ ...ZERO, octets: jump(counters) })) };
}

function offsetsOf(now: readonly KernelInterface[], offset: (counters: KernelCounters) => KernelCounters): Offsets {
  return new Map(now.map(({ name, received, sent }) => [name, { received: offset(received), sent: offset(sent) }]));
}

/** Every interface gets the index of its neighbour; an only one gets a new index. */
export function renumbered(faults: CounterFaults): CounterFaults {
  return { ...faults, rotations: faults.rotations + 1 };
}

/** What the agent shows, in order of the index it shows. */
export function withFaults(
  { offsets, rotations }: CounterFaults,
  kernel: readonly KernelInterface[],
): KernelInterface[] {
  const indexes = kernel.map(({ index }) => index);
  const shown = kernel.map((port, position) => {
    const offset = offsets.get(port.name);
    const neighbour = indexes[(position + rotations) % indexes.length] ?? port.index;
    return {
      ...port,
      index: indexes.length === 1 ? port.index + 1000 * rotations : neighbour,
      received: shifted(port.received, offset?.received ?? ZERO),
      sent: shifted(port.sent, offset?.sent ?? ZERO),
    };
  });
  return shown.sort((a, b) => a.index - b.index);
}

function negative({ octets, packets, errors, drops }: KernelCounters): KernelCounters {
  return { octets: -octets, packets: -packets, errors: -errors, drops: -drops };
}

function shifted(counters: KernelCounters, by: KernelCounters): KernelCounters {
  return {
    octets: notNegative(counters.octets, by.octets),
    packets: notNegative(counters.packets, by.packets),
    errors: notNegative(counters.errors, by.errors),
    drops: notNegative(counters.drops, by.drops),
  };
}

/** An interface that was made anew since the fault counts from 0 by itself. */
function notNegative(value: bigint, by: bigint): bigint {
  return value + by < 0n ? value : value + by;
}
