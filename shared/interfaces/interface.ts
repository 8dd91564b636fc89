/** What an interface is: a port of a router, known by its name, with the speed of its line. Pure. */
import type { EntityDraft } from '../entities/entities.port.ts';
import type { Entity } from '../entities/entity.ts';
import { displayText } from './text.ts';

/** As the router describes it now, in the words of RFC 2863. */
export interface Interface {
  readonly ifIndex: number;
  /** Clean text; empty when the router gives no name. */
  readonly ifName: string;
  readonly ifAlias?: string;
  /** IANAifType, such as 6 for Ethernet. */
  readonly ifType?: number;
  /** What the router says, meaningful or not. */
  readonly speedBitsPerSecond?: number;
  /** What the tenant says; 0 = means nothing. */
  readonly configuredSpeedBitsPerSecond?: number;
}

/** The longest name or alias that is kept, in characters: names become keys, and real ones are far shorter. */
export const NAME_LIMIT = 128;

/** What a router said of a port, as far as it said it. */
interface ToldPort {
  readonly ifIndex: number;
  readonly ifName: string | undefined;
  readonly ifAlias: string | undefined;
  readonly ifType?: number | undefined;
  readonly speedBitsPerSecond: number | undefined;
}

/** The port with clean texts and what the tenant says of its speed; what nobody said is not there. */
export function interfaceOf(told: ToldPort, configuredSpeed: (ifName: string) => number | undefined): Interface {
  const { ifIndex, ifType, speedBitsPerSecond } = told;
  const ifName = displayText(told.ifName ?? '', NAME_LIMIT);
  const ifAlias = displayText(told.ifAlias ?? '', NAME_LIMIT);
  const configured = configuredSpeed(ifName);
  return {
    ifIndex,
    ifName,
    ...(ifAlias === '' ? {} : { ifAlias }),
    ...(ifType === undefined ? {} : { ifType }),
    ...(speedBitsPerSecond === undefined ? {} : { speedBitsPerSecond }),
    ...(configured === undefined ? {} : { configuredSpeedBitsPerSecond: configured }),
  };
}

/** ifOperStatus in words, by its number. */
export const OPER_STATUS: ReadonlyMap<number, string> = new Map([
  [1, 'up'],
  [2, 'down'],
  [3, 'testing'],
  [4, 'unknown'],
  [5, 'dormant'],
  [6, 'notPresent'],
  [7, 'lowerLayerDown'],
]);

/** other, ppp, softwareLoopback, propVirtual, tunnel, bridge: what they call a speed is made up. */
const TYPES_WITHOUT_SPEED: ReadonlySet<number> = new Set([1, 23, 24, 53, 131, 209]);
/** RouterOS gives dynamic PPP interfaces such names, and some versions the type of Ethernet. */
const DYNAMIC_PPP = /^<.+>$/;

/** Bits per second to judge a load by: the tenant's word, else the router's where it means something. */
export function judgedSpeed(port: Interface): number | undefined {
  const speed = port.configuredSpeedBitsPerSecond ?? reportedSpeed(port);
  return speed === 0 ? undefined : speed;
}

/** Bits per second that the line can surely carry: the larger of both words, so a plan on a faster port limits nothing. */
export function limitSpeed(port: Interface): number | undefined {
  const speed = Math.max(port.configuredSpeedBitsPerSecond ?? 0, reportedSpeed(port) ?? 0);
  return speed === 0 ? undefined : speed;
}

function reportedSpeed({ ifType, ifName, speedBitsPerSecond }: Interface): number | undefined {
  const meaningless = (ifType !== undefined && TYPES_WITHOUT_SPEED.has(ifType)) || DYNAMIC_PPP.test(ifName);
  return meaningless ? undefined : speedBitsPerSecond;
}

/**
 * Ids by ifIndex, `<router>/<ifName>`. A name that is empty, stands twice, or itself ends in `#` and digits gets
 * `#<ifIndex>`, all of its bearers alike: so no two ids are equal, and none depends on the order of the walk.
 */
export function interfaceIds(router: string, ports: readonly Interface[]): Map<number, string> {
  const bearers = new Map<string, number>();
  for (const { ifName } of ports) bearers.set(ifName, (bearers.get(ifName) ?? 0) + 1);
  return new Map(
    ports.map(({ ifIndex, ifName }) => {
      const ambiguous = ifName === '' || (bearers.get(ifName) ?? 0) > 1 || /#\d+$/.test(ifName);
      return [ifIndex, `${router}/${ifName}${ambiguous ? `#${ifIndex}` : ''}`];
    }),
  );
}

/** `router` is the source: its id is the target, its name stands before the interface's. */
export function interfaceDraft(
  router: { readonly id: string; readonly name: string; readonly simulated: boolean },
  id: string,
  port: Interface,
): EntityDraft {
  const speed = judgedSpeed(port);
  const label = id.slice(router.id.length + 1);
  return {
    id,
    target: router.id,
    name: `${router.name} ${label}${port.ifAlias === undefined ? '' : ` (${port.ifAlias})`}`,
    attributes: {
      ifName: port.ifName,
      ifIndex: port.ifIndex,
      ...(port.ifAlias === undefined ? {} : { ifAlias: port.ifAlias }),
      ...(port.ifType === undefined ? {} : { ifType: port.ifType }),
      ...(port.speedBitsPerSecond === undefined ? {} : { ifHighSpeedMbps: port.speedBitsPerSecond / 1_000_000 }),
      ...(speed === undefined ? {} : { speedBitsPerSecond: speed }),
      ...(port.configuredSpeedBitsPerSecond === undefined ? {} : { speedConfigured: true }),
    },
    labels: { router: router.id },
    simulated: router.simulated,
  };
}

/** What of the attributes the observations need, read back from a stored entity. */
export function judgedSpeedOf(entity: Entity): { bitsPerSecond: number; configured: boolean } | undefined {
  const { speedBitsPerSecond: speed, speedConfigured } = entity.attributes;
  return typeof speed === 'number' && speed > 0
    ? { bitsPerSecond: speed, configured: speedConfigured === true }
    : undefined;
}
