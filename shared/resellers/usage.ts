/** What a customer used, by the counters of the ports that face them or of their queues: parts, and their sum. Pure. */
import type { Instant } from '../platform/clock.ts';
import type { Increase } from '../samples/sample.ts';

/** Of one direction; undefined = unknown. */
interface Flow {
  readonly octets: bigint | undefined;
  readonly averageBitsPerSecond: number | undefined;
  /** Bits per second by slot. */
  readonly rates: ReadonlyMap<Instant, number>;
}

/** One port or queue, or several as one. */
export interface Usage {
  readonly toTarget: Flow;
  readonly fromTarget: Flow;
  readonly expectedSlots: number;
}

/** The router sends to the customer what the port's counter of sent octets counts. */
export function usageOf(sent: readonly Increase[], received: readonly Increase[], expectedSlots: number): Usage {
  return { toTarget: flowOf(sent), fromTarget: flowOf(received), expectedSlots };
}

export function isUnknown({ toTarget, fromTarget }: Usage): boolean {
  return toTarget.octets === undefined || fromTarget.octets === undefined;
}

/** With an unknown part the sum is unknown; in a slot that one of them lacks, it has no rate. */
export function sumOfUsage(parts: readonly Usage[]): Usage {
  return {
    toTarget: sumOfFlows(parts.map((part) => part.toTarget)),
    fromTarget: sumOfFlows(parts.map((part) => part.fromTarget)),
    expectedSlots: parts.reduce((most, part) => Math.max(most, part.expectedSlots), 0),
  };
}

/** As the API says it. */
export function usageFieldsOf({ toTarget, fromTarget, expectedSlots }: Usage) {
  return {
    toTargetOctets: toTarget.octets?.toString() ?? null,
    fromTargetOctets: fromTarget.octets?.toString() ?? null,
    toTargetPeakBitsPerSecond: peakOf(toTarget),
    fromTargetPeakBitsPerSecond: peakOf(fromTarget),
    toTargetAverageBitsPerSecond: toTarget.averageBitsPerSecond ?? null,
    fromTargetAverageBitsPerSecond: fromTarget.averageBitsPerSecond ?? null,
    validSlots: [...toTarget.rates.keys()].filter((slot) => fromTarget.rates.has(slot)).length,
    expectedSlots,
  };
}

/** Totals count every known increase; only what spans one period is a rate. */
function flowOf(increases: readonly Increase[]): Flow {
  const known = increases.filter(({ amount }) => amount !== undefined);
  const octets = known.reduce((sum, { amount = 0n }) => sum + amount, 0n);
  const elapsedMs = known.reduce((sum, increase) => sum + increase.elapsedMs, 0);
  const rateable = known.filter((increase) => increase.rateable);
  return {
    octets: known.length > 0 ? octets : undefined,
    averageBitsPerSecond: elapsedMs > 0 ? bitsPerSecond(octets, elapsedMs) : undefined,
    rates: new Map(rateable.map(({ slot, amount = 0n, elapsedMs: ms }) => [slot, bitsPerSecond(amount, ms)])),
  };
}

function sumOfFlows(flows: readonly Flow[]): Flow {
  const [first, ...others] = flows;
  const slots = [...(first?.rates.keys() ?? [])].filter((slot) => others.every(({ rates }) => rates.has(slot)));
  return {
    octets: sumOfKnown(
      flows.map((flow) => flow.octets),
      0n,
      (a, b) => a + b,
    ),
    averageBitsPerSecond: sumOfKnown(
      flows.map((flow) => flow.averageBitsPerSecond),
      0,
      (a, b) => a + b,
    ),
    rates: new Map(slots.map((slot) => [slot, flows.reduce((sum, { rates }) => sum + (rates.get(slot) ?? 0), 0)])),
  };
}

function sumOfKnown<T>(values: readonly (T | undefined)[], zero: T, add: (a: T, b: T) => T): T | undefined {
  const known = values.filter((value) => value !== undefined);
  return values.length > 0 && known.length === values.length ? known.reduce(add, zero) : undefined;
}

function peakOf({ rates }: Flow): number | null {
  // A year of slots is more than a call can take as arguments.
  return rates.size === 0 ? null : [...rates.values()].reduce((most, rate) => Math.max(most, rate), 0);
}

function bitsPerSecond(octets: bigint, elapsedMs: number): number {
  return (Number(octets) * 8000) / elapsedMs;
}
