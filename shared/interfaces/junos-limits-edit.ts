/** What has to change in a Junos's configuration for a limit or a cut: what goes, then what comes, and what is refused. Pure. */
import { AppError, type ErrorContext } from '../platform/errors.ts';
import type { InterfaceHolder, WantedLimit } from './interface-targets.ts';
import {
  type Attachment,
  DIRECTIONS,
  type Direction,
  isAttached,
  isCut,
  type JunosLimits,
  type JunosUnit,
  queueOf,
  SUFFIX,
  unitsOfQueue,
} from './junos-limits.convert.ts';
import {
  DISABLE_XML,
  LEAST_BITS_PER_SECOND,
  MOST_BITS_PER_SECOND,
  markXml,
  policerXml,
  WITHOUT_DISABLE_XML,
  WITHOUT_MARK_XML,
  unitXml as wireUnitXml,
  withoutPolicerXml,
} from './junos-limits.wire.ts';
import type { Limit } from './limits.ts';
import { displayText } from './text.ts';
import { encoded } from './xml.ts';

/** Contents of `configuration`, loaded in this order and committed as one. Empty = nothing has to change. */
export type Edits = readonly string[];

/** None of them is a customer's: loopback, and the ports by which the router itself is reached. */
const OWN_PORT = /^(lo|fxp|em|me|vme)\d/;
const UNIT = /^([a-z][a-z0-9]{0,15}(?:-\d{1,3}(?:\/\d{1,3}){0,3})?(?::\d{1,3})?)\.(\d{1,10})$/;
const SHOWN = 100;
/** A tenth of a second of the limit, and ten packets at least: with less, TCP does not come near it. */
const BURST_SECONDS = 0.1;
const LEAST_BURST_OCTETS = 15_000;

export const JUNOS_HOLDER: InterfaceHolder = {
  isInterface: (name) => UNIT.test(name) && !OWN_PORT.test(name),
  example: 'ge-0/0/0.10',
  leastBitsPerSecond: LEAST_BITS_PER_SECOND,
  mostBitsPerSecond: MOST_BITS_PER_SECOND,
  // Of a policer, 64.
  longestName: 60,
};

export function malformed(what: string, context: ErrorContext = {}): AppError {
  return new AppError('SOURCE_MALFORMED', `the router ${what}`, { context });
}

/** Throws SOURCE_MALFORMED where the queue would hold nothing, or only some of what passes. */
export function limitEdits(limits: JunosLimits, wanted: WantedLimit): Edits {
  const unit = fittingUnit(limits, wanted);
  if (isHeld(limits, wanted, unit)) return [];
  const policers = directionsOf(wanted).map((direction) => policerXml(policerOf(wanted, direction, unit)));
  const attached = unitXml(unit, attachXml(wanted, unit));
  const added = `<firewall>${policers.join('')}</firewall><interfaces>${attached}</interfaces>`;
  // A statement that is deactivated stays so when another is merged into it: what is there goes first.
  return [...withoutQueue(limits, wanted.name), added];
}

export function withoutQueue(limits: JunosLimits, name: string): Edits {
  const policers = DIRECTIONS.map((direction) => `${name}${SUFFIX[direction]}`)
    .filter((one) => limits.policers.has(one))
    .map(withoutPolicerXml);
  const units = unitsOfQueue(limits, name).map((unit) => unitXml(unit, detachXml(unit, name)));
  const firewall = policers.length === 0 ? '' : `<firewall>${policers.join('')}</firewall>`;
  const interfaces = units.length === 0 ? '' : `<interfaces>${units.join('')}</interfaces>`;
  return firewall + interfaces === '' ? [] : [firewall + interfaces];
}

/** Throws SOURCE_MALFORMED for a unit that is not there: nobody could be told to be cut off by it. */
export function cutEdits(limits: JunosLimits, targets: readonly string[]): Edits {
  const open = targets.map((target) => unitNamed(limits, target)).filter((unit) => !isCut(unit));
  if (open.length === 0) return [];
  const stale = open.map((unit) => {
    const mark = unit.mark === undefined ? '' : WITHOUT_MARK_XML;
    const disable = unit.hasDisable && !unit.isDisabled ? WITHOUT_DISABLE_XML : '';
    return mark + disable === '' ? '' : unitXml(unit, mark + disable);
  });
  const fresh = open.map((unit) => unitXml(unit, `${unit.isDisabled ? '' : DISABLE_XML}${markXml(unit.isDisabled)}`));
  return [stale.join(''), fresh.join('')].filter((one) => one !== '').map((one) => `<interfaces>${one}</interfaces>`);
}

/** Takes our mark away, and the cut with it unless the unit was disabled before. */
export function reconnectEdits(limits: JunosLimits, targets: readonly string[]): Edits {
  const units = targets.flatMap((target) => {
    const unit = limits.units.get(target);
    if (unit?.mark === undefined) return [];
    const isOurs = unit.hasDisable && !unit.mark.wasDisabled;
    return [unitXml(unit, `${isOurs ? WITHOUT_DISABLE_XML : ''}${WITHOUT_MARK_XML}`)];
  });
  return units.length === 0 ? [] : [`<interfaces>${units.join('')}</interfaces>`];
}

/** Throws SOURCE_MALFORMED where somebody else's word keeps one of them off. */
export function refuseStillOff(limits: JunosLimits, targets: readonly string[]): void {
  for (const target of targets) {
    const unit = limits.units.get(target);
    if (unit?.isDisabled) throw malformed(`still cuts off ${target}: the unit is disabled; enable it at the router`);
    if (unit?.isPortDisabled)
      throw malformed(`still cuts off ${target}: its port ${shown(unit.port)} is disabled there`);
  }
}

function directionsOf({ limit }: WantedLimit): Direction[] {
  return DIRECTIONS.filter((direction) => rateOf(limit, direction) !== undefined);
}

function rateOf(limit: Limit, direction: Direction): number | undefined {
  return direction === 'input' ? limit.fromTargetBitsPerSecond : limit.toTargetBitsPerSecond;
}

function policerOf({ name, limit }: WantedLimit, direction: Direction, { port }: JunosUnit) {
  const bitsPerSecond = rateOf(limit, direction) ?? 0;
  const burstOctets = Math.max(LEAST_BURST_OCTETS, Math.ceil((bitsPerSecond / 8) * BURST_SECONDS));
  return { name: `${name}${SUFFIX[direction]}`, bitsPerSecond, burstOctets, aggregated: /^ae\d/.test(port) };
}

function unitNamed(limits: JunosLimits, target: string): JunosUnit {
  const unit = limits.units.get(target);
  if (unit !== undefined) return unit;
  throw malformed(`has no unit ${shown(target)} in its configuration, so nothing was changed`);
}

/** Before anything is changed: the unit is there, ours to limit, and everything that passes it can be held. */
function fittingUnit(limits: JunosLimits, { name, targets, limit }: WantedLimit): JunosUnit {
  const unit = unitNamed(limits, targets[0] ?? '');
  const unless = (why: string) =>
    malformed(`would not limit ${unit.name} by the queue "${name}", so nothing was changed: ${why}`);
  if (unit.families.length === 0) throw unless('the unit has neither family inet nor inet6');
  if (unit.others.length > 0) throw unless(`its family ${unit.others.join(', ')} would pass without a limit`);
  const foreign = unit.attachments.find(
    (one) => queueOf(one.policer) !== name && rateOf(limit, one.direction) !== undefined,
  );
  if (foreign === undefined) return unit;
  const { family, direction, policer } = foreign;
  throw unless(`it has the policer ${shown(policer)} at family ${family} ${direction}; take that off the unit`);
}

/** Whether all of it stands there, and nothing else by that name. */
function isHeld(limits: JunosLimits, wanted: WantedLimit, unit: JunosUnit): boolean {
  const { name } = wanted;
  const hanging = unitsOfQueue(limits, name);
  if (hanging.length !== 1 || hanging[0] !== unit) return false;
  const mine = unit.attachments.filter(({ policer }) => queueOf(policer) === name);
  const needed = neededAt(wanted, unit);
  return (
    mine.length === needed.length &&
    needed.every((one) => isAttached(unit, one)) &&
    DIRECTIONS.every((direction) => isPolicerHeld(limits, wanted, direction, unit))
  );
}

function neededAt(wanted: WantedLimit, { families }: JunosUnit): Omit<Attachment, 'isActive'>[] {
  return directionsOf(wanted).flatMap((direction) =>
    families.map((family) => ({ family, direction, policer: `${wanted.name}${SUFFIX[direction]}` })),
  );
}

function isPolicerHeld(limits: JunosLimits, wanted: WantedLimit, direction: Direction, unit: JunosUnit): boolean {
  const found = limits.policers.get(`${wanted.name}${SUFFIX[direction]}`);
  if (rateOf(wanted.limit, direction) === undefined) return found === undefined;
  const { bitsPerSecond, burstOctets, aggregated } = policerOf(wanted, direction, unit);
  return (
    found?.isActive === true &&
    found.isOfUnit &&
    (found.isShared || !aggregated) &&
    found.bitsPerSecond === bitsPerSecond &&
    found.burstOctets === burstOctets
  );
}

function attachXml(wanted: WantedLimit, unit: JunosUnit): string {
  const directions = directionsOf(wanted)
    .map((direction) => `<${direction}>${wanted.name}${SUFFIX[direction]}</${direction}>`)
    .join('');
  return `<family>${unit.families.map((one) => `<${one}><policer>${directions}</policer></${one}>`).join('')}</family>`;
}

function detachXml({ attachments }: JunosUnit, name: string): string {
  const mine = attachments.filter(({ policer }) => queueOf(policer) === name);
  const families = [...new Set(mine.map(({ family }) => family))].map((family) => {
    const own = mine.filter((one) => one.family === family);
    const gone = own.map(({ direction }) => `<${direction} operation="delete"/>`).join('');
    return `<${family}><policer>${gone}</policer></${family}>`;
  });
  return `<family>${families.join('')}</family>`;
}

/** The name may be any that the router told. */
function unitXml({ port, unit }: JunosUnit, content: string): string {
  return wireUnitXml({ port: encoded(port), unit: encoded(unit) }, content);
}

function shown(text: string): string {
  return displayText(text, SHOWN);
}
