/** The total of a link at one slot, from what its interfaces brought for it. A sum with an unknown part is unknown. Pure. */
import { isPortDown } from '../interfaces/metrics.ts';
import { type InterfaceAt, sumOfRates, unknownReason } from '../interfaces/rates.ts';
import { inRate, maxRate, members, membersDown, membersKnown, membersUp, outRate, sumRate } from './metrics.ts';

export interface Total {
  /** By metric id; a rate that is absent is unknown. */
  readonly values: Readonly<Record<string, bigint>>;
  /** Interfaces that make a rate unknown, each with its reason. */
  readonly unknown: readonly { readonly interface: string; readonly reason: string }[];
}

export function totalOf(all: readonly InterfaceAt[]): Total {
  const received = sumOfRates(all.map((one) => one.in));
  const sent = sumOfRates(all.map((one) => one.out));
  const larger = largerOf(received, sent);
  const counted = (isDown: boolean): bigint =>
    BigInt(all.filter(({ operStatus }) => operStatus !== undefined && isPortDown(operStatus) === isDown).length);
  return {
    values: {
      ...(received === undefined ? {} : { [inRate.id]: received }),
      ...(sent === undefined ? {} : { [outRate.id]: sent }),
      ...(larger === undefined ? {} : { [maxRate.id]: larger, [sumRate.id]: (received ?? 0n) + (sent ?? 0n) }),
      [members.id]: BigInt(all.length),
      [membersKnown.id]: BigInt(all.filter((one) => unknownReason(one) === undefined).length),
      // Of nobody a state: that is not known, and not "none is down".
      ...(all.every(({ operStatus }) => operStatus === undefined)
        ? {}
        : {
            [membersUp.id]: counted(false),
            [membersDown.id]: counted(true),
          }),
    },
    unknown: all.flatMap((one) => {
      const reason = unknownReason(one);
      return reason === undefined ? [] : [{ interface: one.interface, reason }];
    }),
  };
}

/** With one of them unknown nobody knows which is larger. */
function largerOf(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined || b === undefined) return undefined;
  return a > b ? a : b;
}
