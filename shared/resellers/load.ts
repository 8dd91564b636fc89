/** What a customer's ports carried at one slot, against the plan. A sum with an unknown part is unknown. Pure. */
import { type InterfaceAt, sumOfRates, unknownReason } from '../interfaces/rates.ts';
import type { Reseller } from './reseller.ts';

/** A port that faces the customer, at one slot. */
export interface PortAt extends InterfaceAt {
  /** The router has it, and was not read for the slot. */
  readonly isRouterSilent: boolean;
}

export interface Load {
  /** Bits per second; undefined = unknown, or there is nothing to read. */
  readonly toTarget: bigint | undefined;
  readonly fromTarget: bigint | undefined;
  /** Hundredths of a percent of the plan, of the direction that is fuller. */
  readonly planUse: bigint | undefined;
  /** Ports that make it unknown, each with its reason. */
  readonly unknown: readonly { readonly interface: string; readonly reason: string }[];
  /** Those of them that no silence of their router explains: that alerts by itself. */
  readonly missing: readonly string[];
}

/** The port sends to the customer what its router calls out. */
export function loadOf(reseller: Pick<Reseller, 'plan' | 'status'>, ports: readonly PortAt[]): Load {
  const [toTarget, fromTarget] =
    ports.length === 0
      ? [undefined, undefined]
      : [sumOfRates(ports.map((port) => port.out)), sumOfRates(ports.map((port) => port.in))];
  const unknown = ports.flatMap((port) => {
    const reason = unknownReason(port);
    return reason === undefined ? [] : [{ interface: port.interface, reason, isRouterSilent: port.isRouterSilent }];
  });
  return {
    ...{ toTarget, fromTarget, planUse: planUseOf(reseller, toTarget, fromTarget) },
    unknown: unknown.map(({ interface: id, reason }) => ({ interface: id, reason })),
    missing: unknown.filter(({ isRouterSilent }) => !isRouterSilent).map((port) => port.interface),
  };
}

function planUseOf(
  { plan, status }: Pick<Reseller, 'plan' | 'status'>,
  toTarget: bigint | undefined,
  fromTarget: bigint | undefined,
): bigint | undefined {
  if (!plan || status !== 'active' || toTarget === undefined || fromTarget === undefined) return undefined;
  const used = (rate: bigint, of: number) => Math.round((Number(rate) / of) * 10_000);
  return BigInt(Math.max(used(toTarget, plan.toTargetBitsPerSecond), used(fromTarget, plan.fromTargetBitsPerSecond)));
}
