/** The speeds that a tenant says ports have: one field of settings, whatever the router. Pure. */
import * as z from 'zod/mini';

/** 10 Tb/s: no port is faster, and every product with it is exact. */
const MAX_SPEED = 10_000_000_000_000;

/** By ifName, where the router's word is wrong or a plan is slower than the port; 0 = the speed means nothing. */
export const speedsField = z.optional(z.record(z.string(), z.int().check(z.gte(0), z.lte(MAX_SPEED))));

/** Bits per second that the tenant says a port has; undefined where nothing is said. */
export function configuredSpeed(
  { speedsBitsPerSecond: speeds }: { readonly speedsBitsPerSecond?: z.infer<typeof speedsField> },
  ifName: string,
): number | undefined {
  return speeds !== undefined && Object.hasOwn(speeds, ifName) ? speeds[ifName] : undefined;
}
