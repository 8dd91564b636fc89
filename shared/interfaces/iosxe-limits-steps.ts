/** Which calls bring an IOS-XE to a limit or a cut, in which order, and what is refused. Pure. */
import { AppError } from '../platform/errors.ts';
import type { InterfaceHolder, WantedLimit } from './interface-targets.ts';
import {
  type ConfiguredInterface,
  DIRECTIONS,
  type Direction,
  type IosxeLimits,
  isCut,
  SUFFIX,
} from './iosxe-limits.convert.ts';
import {
  attachBody,
  CUT_MARK,
  CUT_MARK_FOUND,
  interfaceBody,
  LEAST_BITS_PER_SECOND,
  LIMIT_PATHS,
  type Limiter,
  MAX_POLICY_NAME,
  MOST_BITS_PER_SECOND,
  type PolicyRate,
  policiesBody,
  shutBody,
} from './iosxe-limits.wire.ts';
import type { Limit } from './limits.ts';
import type { RestCall } from './rest-caller.http.ts';
import { displayText } from './text.ts';

/** `unless404`: what is gone already needs no removing. */
export type Step = RestCall & { readonly method: 'PATCH' | 'DELETE'; readonly unless404?: true };

/** None of them is a customer's; GigabitEthernet0 is the port by which the router itself is reached. */
const OWN = /^(Loopback|Null)\d|^GigabitEthernet0$/;
const INTERFACE = /^[A-Z][A-Za-z]{1,30}(-channel)?\d{1,4}(\/\d{1,4}){0,3}(\.\d{1,10})?$/;
const LIMITERS: Readonly<Record<Direction, Limiter>> = { input: 'police', output: 'shape' };
const SHOWN = 100;

export const IOSXE_HOLDER: InterfaceHolder = {
  isInterface: (name) => INTERFACE.test(name) && !OWN.test(name),
  example: 'GigabitEthernet0/0/0.10',
  leastBitsPerSecond: LEAST_BITS_PER_SECOND,
  mostBitsPerSecond: MOST_BITS_PER_SECOND,
  longestName: MAX_POLICY_NAME - SUFFIX.output.length,
};

export function malformed(what: string): AppError {
  return new AppError('SOURCE_MALFORMED', `the router ${what}`);
}

/**
 * The rates first, then the interface, then whatever else hung there: nobody passes without a limit in between. Throws
 * SOURCE_MALFORMED where the queue would hold nothing, or take the place of somebody else's.
 */
export function limitSteps(limits: IosxeLimits, wanted: WantedLimit): Step[] {
  const { name, limit } = wanted;
  const target = fittingInterface(limits, wanted);
  const held = DIRECTIONS.filter((direction) => rateOf(limit, direction) !== undefined);
  const rates = held.flatMap((direction) => rateToWrite(limits, wanted, direction));
  const missing = held.filter((direction) => target.attached[direction] !== policyOf(name, direction));
  const policies = Object.fromEntries(missing.map((direction) => [direction, policyOf(name, direction)] as const));
  const write: Step = {
    ...{ name: 'write policies', method: 'PATCH', path: LIMIT_PATHS.policies },
    body: policiesBody(rates),
  };
  const attach: Step = {
    ...{ name: 'attach policies', method: 'PATCH', path: LIMIT_PATHS.interface(target.place) },
    body: attachBody(target.place, policies),
  };
  return [
    ...(rates.length > 0 ? [write] : []),
    ...(missing.length > 0 ? [attach] : []),
    ...detachSteps(limits, name, (one, direction) => one !== target || !held.includes(direction)),
    ...removeSteps(
      limits,
      name,
      DIRECTIONS.filter((direction) => !held.includes(direction)),
    ),
  ];
}

export function withoutQueue(limits: IosxeLimits, name: string): Step[] {
  return [...detachSteps(limits, name, () => true), ...removeSteps(limits, name, DIRECTIONS)];
}

/** Throws SOURCE_MALFORMED for an interface that is not there, or on which others hang. */
export function cutSteps(limits: IosxeLimits, targets: readonly string[]): Step[] {
  return targets
    .map((target) => ownInterface(limits, target))
    .filter((one) => !isCut(one))
    .map(({ place, isShut, description }): Step => {
      const mark = isShut ? CUT_MARK_FOUND : CUT_MARK;
      const body = shutBody(place, `${mark} ${description}`.trim());
      return { name: 'shut interface', method: 'PATCH', path: LIMIT_PATHS.interface(place), body };
    });
}

/** The mark goes last: until then whatever broke off is known as ours. */
export function reconnectSteps(limits: IosxeLimits, targets: readonly string[]): Step[] {
  return targets.flatMap((target): Step[] => {
    const one = limits.interfaces.get(target);
    if (one?.mark === undefined) return [];
    const { place, description } = one;
    const open = one.isShut && !one.mark.wasShut;
    const described: Step =
      description === ''
        ? { name: 'remove mark', method: 'DELETE', path: LIMIT_PATHS.description(place), unless404: true }
        : {
            ...{ name: 'remove mark', method: 'PATCH', path: LIMIT_PATHS.interface(place) },
            body: interfaceBody(place, { description }),
          };
    const opened: Step = {
      name: 'open interface',
      method: 'DELETE',
      path: LIMIT_PATHS.shutdown(place),
      unless404: true,
    };
    return [...(open ? [opened] : []), described];
  });
}

/** Throws SOURCE_MALFORMED where somebody else's word keeps one of them off. */
export function refuseStillOff({ interfaces }: IosxeLimits, targets: readonly string[]): void {
  for (const target of targets) {
    const carrier = target.includes('.') ? target.split('.', 1)[0] : undefined;
    for (const name of [target, ...(carrier === undefined ? [] : [carrier])]) {
      if (!interfaces.get(name)?.isShut) continue;
      throw malformed(`still cuts off ${target}: ${name} is shut down; open it at the router`);
    }
  }
}

function rateOf(limit: Limit, direction: Direction): number | undefined {
  return direction === 'input' ? limit.fromTargetBitsPerSecond : limit.toTargetBitsPerSecond;
}

function policyOf(name: string, direction: Direction): string {
  return `${name}${SUFFIX[direction]}`;
}

function rateToWrite({ policies }: IosxeLimits, { name, limit }: WantedLimit, direction: Direction): PolicyRate[] {
  const policy = policyOf(name, direction);
  const found = policies.get(policy);
  const rate = rateOf(limit, direction) ?? 0;
  if (found !== undefined && found.held === undefined) {
    const why = `its policy-map ${shown(policy)} is not one rate for all that passes`;
    throw malformed(`would not limit by the queue "${name}", so nothing was changed: ${why}; remove it at the router`);
  }
  if (found?.held?.bitsPerSecond === rate) return [];
  // Whoever polices where we would shape keeps doing so: two actions would be two rates.
  return [{ name: policy, limiter: found?.held?.limiter ?? LIMITERS[direction], bitsPerSecond: rate }];
}

function detachSteps(
  { interfaces }: IosxeLimits,
  name: string,
  goes: (one: ConfiguredInterface, direction: Direction) => boolean,
): Step[] {
  return [...interfaces.values()].flatMap((one) =>
    DIRECTIONS.filter((direction) => one.attached[direction] === policyOf(name, direction) && goes(one, direction)).map(
      (direction): Step => ({
        ...{ name: 'detach policy', method: 'DELETE', path: LIMIT_PATHS.attachment(one.place, direction) },
        unless404: true,
      }),
    ),
  );
}

function removeSteps({ policies }: IosxeLimits, name: string, directions: readonly Direction[]): Step[] {
  return directions
    .map((direction) => policyOf(name, direction))
    .filter((policy) => policies.has(policy))
    .map((policy) => ({
      ...{ name: 'remove policy', method: 'DELETE', path: LIMIT_PATHS.policy(policy) },
      unless404: true,
    }));
}

/** There, and nobody else's. */
function ownInterface({ interfaces }: IosxeLimits, target: string): ConfiguredInterface {
  const one = interfaces.get(target);
  if (one === undefined) throw malformed(`has no interface ${shown(target)} configured, so nothing was changed`);
  if (!one.isCarrier) return one;
  throw malformed(`has sub-interfaces on ${shown(target)}, so nothing was changed: name the customer's own`);
}

/** Before anything is changed: it is there, and the place for our policies is free. */
function fittingInterface(limits: IosxeLimits, { name, targets, limit }: WantedLimit): ConfiguredInterface {
  const one = ownInterface(limits, targets[0] ?? '');
  for (const direction of DIRECTIONS) {
    const there = one.attached[direction];
    if (there === undefined || there === policyOf(name, direction) || rateOf(limit, direction) === undefined) continue;
    const why = `${one.name} has the service-policy ${direction} ${shown(there)}; take that off the interface`;
    throw malformed(`would not limit ${one.name} by the queue "${name}", so nothing was changed: ${why}`);
  }
  return one;
}

function shown(text: string): string {
  return displayText(text, SHOWN);
}
