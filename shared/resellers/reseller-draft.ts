/** The entity that a reseller is to rules and messages: its plan, and what routers said last of it. Pure. */
import type { EntityDraft } from '../entities/entities.port.ts';
import { displayText } from '../interfaces/text.ts';
import type { Load } from './load.ts';
import type { Reseller } from './reseller.ts';
import type { Standing } from './standing.ts';
import { resellerEntity, targetOfReseller } from './watch.ts';

export interface Found {
  /** Ports that are mapped to it. */
  readonly interfaces: number;
  readonly load: Pick<Load, 'missing'>;
  readonly limit: Standing<boolean>;
  readonly drift: Standing<number>;
}

const MAX_NAMES = 200;

/** Rates in bits per second. Who is to open it needs its id as well as its name. */
export function resellerDraft(
  { id, name, plan }: Pick<Reseller, 'id' | 'name' | 'plan'>,
  { simulated }: { readonly simulated: boolean },
  { interfaces, load, limit, drift }: Found,
): EntityDraft {
  return {
    id: resellerEntity(id),
    target: targetOfReseller(id),
    name: `${name} (${id})`,
    attributes: {
      interfaces,
      ...(plan && {
        planToTargetBitsPerSecond: plan.toTargetBitsPerSecond,
        planFromTargetBitsPerSecond: plan.fromTargetBitsPerSecond,
      }),
      ...(limit.says === undefined ? {} : { limitSays: limit.says }),
      ...(drift.says === undefined ? {} : { driftSays: drift.says }),
      ...(load.missing.length === 0 ? {} : { missing: displayText(load.missing.join(', '), MAX_NAMES) }),
    },
    labels: {},
    simulated,
  };
}
