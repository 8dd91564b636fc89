/** The configuration of a Junos made into what it limits and cuts off: policers, and the units that they are attached to. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import { AppError } from '../platform/errors.ts';
import {
  CUT_MARK,
  FOUND,
  FOUND_DISABLED,
  HELD_FAMILIES,
  type HeldFamily,
  OTHER_FAMILIES,
} from './junos-limits.wire.ts';
import type { Queue } from './limits.ts';
import { isObject } from './rest-rows.ts';
import { displayText } from './text.ts';
import { decoded } from './xml.ts';

export const DIRECTIONS = ['input', 'output'] as const;
export type Direction = (typeof DIRECTIONS)[number];
/** What a customer sends comes in. */
export const SUFFIX = { input: '-in', output: '-out' } as const;
const MAX_NAME = 255;
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

export interface JunosPolicer {
  readonly name: string;
  /** Undefined where it does not say so in bits per second, or does not discard what is more. */
  readonly bitsPerSecond: number | undefined;
  readonly burstOctets: number | undefined;
  /** One count for all families of a unit. */
  readonly isOfUnit: boolean;
  /** One count for all cards of a bundle. */
  readonly isShared: boolean;
  readonly isActive: boolean;
}

export interface Attachment {
  readonly family: HeldFamily;
  readonly direction: Direction;
  readonly policer: string;
  readonly isActive: boolean;
}

export interface JunosUnit {
  /** Such as `ge-0/0/0.10`. */
  readonly name: string;
  readonly port: string;
  readonly unit: string;
  readonly families: readonly HeldFamily[];
  /** Whose packets pass by any policer of ours. */
  readonly others: readonly string[];
  readonly attachments: readonly Attachment[];
  readonly isDisabled: boolean;
  /** The statement stands there, in force or not. */
  readonly hasDisable: boolean;
  readonly isPortDisabled: boolean;
  readonly mark: { readonly wasDisabled: boolean; readonly isActive: boolean } | undefined;
}

export interface JunosLimits {
  readonly policers: ReadonlyMap<string, JunosPolicer>;
  readonly units: ReadonlyMap<string, JunosUnit>;
}

/** Of the content of an `rpc-reply`. Throws SOURCE_MALFORMED for what is no configuration. */
export function fromWireLimits(reply: Readonly<Record<string, unknown>>): JunosLimits {
  const { configuration } = reply;
  if (configuration === undefined) throw new AppError('SOURCE_MALFORMED', 'the router sent no configuration');
  const held = isObject(configuration) ? configuration : {};
  const policers = listOf(child(held, 'firewall')?.policer).map(policerOf);
  const units = listOf(child(held, 'interfaces')?.interface).filter(isActive).flatMap(unitsOf);
  const limits = {
    policers: new Map(policers.filter(({ name }) => name !== '').map((one) => [one.name, one])),
    units: new Map(units.map((one) => [one.name, one])),
  };
  refuseHidden(limits);
  return limits;
}

/** Of what a user may not see, Junos says nothing: then what is missing is not the same as what is not there. */
function refuseHidden({ policers, units }: JunosLimits): void {
  const advice = 'does its class have view-configuration?';
  const unseen = (what: string) =>
    new AppError('SOURCE_MALFORMED', `the router does not let this user see ${what}: ${advice}`);
  if (units.size === 0) throw unseen('its interfaces');
  for (const { attachments } of units.values()) {
    const hidden = attachments.find(({ policer, isActive: holds }) => holds && !policers.has(policer));
    // Nothing is committed that is attached and not defined.
    if (hidden) throw unseen(`the policer ${displayText(hidden.policer, MAX_NAME)}, which is attached`);
  }
}

/** Queues are pairs of policers, named `<queue>-in` and `<queue>-out`; one that is not attached limits nothing, and says so. */
export function queuesIn(limits: JunosLimits): {
  readonly queues: readonly Queue[];
  readonly notes: readonly Rejected[];
} {
  const notes: Rejected[] = [];
  const attached = unitsByQueue(limits);
  const queues = [...queueNames(limits)].map((name): Queue => {
    const note = (message: string) => notes.push({ path: `queue ${displayText(name, MAX_NAME)}`, message });
    const rate = (direction: Direction) => rateOf(limits.policers.get(`${name}${SUFFIX[direction]}`), note);
    const limit = { fromTargetBitsPerSecond: rate('input'), toTargetBitsPerSecond: rate('output') };
    const units = attached.get(name) ?? [];
    if (units.length === 0) note('is attached to no unit: it limits nothing');
    const targets = units.flatMap((unit) => {
      const gaps = gapsOf(limits, unit, name);
      if (gaps.length > 0)
        note(`does not hold all that passes ${displayText(unit.name, MAX_NAME)}: ${gaps.join(', ')}`);
      return gaps.length === 0 ? [displayText(unit.name, MAX_NAME)] : [];
    });
    return { name: displayText(name, MAX_NAME), targets, limit, dynamic: false, disabled: false };
  });
  return { queues, notes };
}

/** Units that we have disabled, and that still are. */
export function cutIn({ units }: JunosLimits): string[] {
  return [...units.values()].filter(isCut).map(({ name }) => displayText(name, MAX_NAME));
}

export function isCut({ isDisabled, mark }: JunosUnit): boolean {
  return isDisabled && mark?.isActive === true;
}

/** Units to which a policer of this queue is attached, in force or not. */
export function unitsOfQueue({ units }: JunosLimits, name: string): JunosUnit[] {
  return [...units.values()].filter(({ attachments }) => attachments.some(({ policer }) => queueOf(policer) === name));
}

/** The queue that a policer belongs to, by its name. */
export function queueOf(policer: string): string | undefined {
  const suffix = DIRECTIONS.map((direction) => SUFFIX[direction]).find((one) => policer.endsWith(one));
  return suffix === undefined || policer.length === suffix.length ? undefined : policer.slice(0, -suffix.length);
}

function queueNames({ policers }: JunosLimits): Set<string> {
  return new Set([...policers.values()].filter((one) => one.isActive).flatMap(({ name }) => queueOf(name) ?? []));
}

function unitsByQueue({ units }: JunosLimits): Map<string, JunosUnit[]> {
  const out = new Map<string, JunosUnit[]>();
  for (const unit of units.values()) {
    for (const name of new Set(unit.attachments.flatMap(({ policer }) => queueOf(policer) ?? []))) {
      out.set(name, [...(out.get(name) ?? []), unit]);
    }
  }
  return out;
}

function rateOf(policer: JunosPolicer | undefined, note: (message: string) => void): number | undefined {
  if (policer === undefined || !policer.isActive) return undefined;
  if (policer.bitsPerSecond === undefined) {
    note(
      `its policer ${displayText(policer.name, MAX_NAME)} has no bandwidth-limit in bits per second with "then discard"`,
    );
  }
  return policer.bitsPerSecond;
}

/** What of this unit's traffic passes without the queue, in words. */
function gapsOf({ policers }: JunosLimits, unit: JunosUnit, name: string): string[] {
  const held = DIRECTIONS.filter((direction) => policers.get(`${name}${SUFFIX[direction]}`)?.isActive);
  const open = held.flatMap((direction) =>
    unit.families
      .filter((family) => !isAttached(unit, { family, direction, policer: `${name}${SUFFIX[direction]}` }))
      .map((family) => `${family} ${direction} is without it`),
  );
  const isCountedTwice =
    unit.families.length > 1 && held.some((one) => policers.get(`${name}${SUFFIX[one]}`)?.isOfUnit === false);
  return [
    ...open,
    ...unit.others.map((family) => `family ${family} is without it`),
    ...(isCountedTwice ? ['each family gets the limit for itself, without logical-interface-policer'] : []),
  ];
}

export function isAttached(unit: JunosUnit, wanted: Omit<Attachment, 'isActive'>): boolean {
  return unit.attachments.some(
    ({ family, direction, policer, isActive: holds }) =>
      holds && family === wanted.family && direction === wanted.direction && policer === wanted.policer,
  );
}

function policerOf(policer: Record<string, unknown>): JunosPolicer {
  const exceeding = child(policer, 'if-exceeding');
  const discards = has(child(policer, 'then'), 'discard');
  return {
    name: textOf(policer.name),
    bitsPerSecond: discards ? numberOf(exceeding?.['bandwidth-limit']) : undefined,
    burstOctets: numberOf(exceeding?.['burst-size-limit']),
    isOfUnit: has(policer, 'logical-interface-policer'),
    isShared: has(policer, 'shared-bandwidth-policer'),
    isActive: isActive(policer),
  };
}

function unitsOf(port: Record<string, unknown>): JunosUnit[] {
  const isPortDisabled = has(port, 'disable');
  return listOf(port.unit)
    .filter(isActive)
    .map((unit) => {
      const family = child(unit, 'family') ?? {};
      const [portName, unitName] = [textOf(port.name), textOf(unit.name)];
      return {
        ...{ name: `${portName}.${unitName}`, port: portName, unit: unitName, isPortDisabled },
        families: HELD_FAMILIES.filter((one) => has(family, one)),
        others: OTHER_FAMILIES.filter((one) => has(family, one)),
        attachments: HELD_FAMILIES.flatMap((one) => attachmentsOf(family, one)),
        isDisabled: has(unit, 'disable'),
        hasDisable: unit.disable !== undefined,
        mark: markOf(unit),
      };
    });
}

function attachmentsOf(family: Readonly<Record<string, unknown>>, name: HeldFamily): Attachment[] {
  const around = isObject(family[name]) ? family[name] : {};
  const [policer = {}] = listOf(around.policer);
  return DIRECTIONS.flatMap((direction) => {
    const given = policer[direction];
    const holds = isActive(around) && isActive(policer) && isActive(given);
    return given === undefined ? [] : [{ family: name, direction, policer: textOf(given), isActive: holds }];
  });
}

function markOf(unit: Record<string, unknown>): JunosUnit['mark'] {
  const mark = listOf(unit['apply-macro']).find((one) => textOf(one.name) === CUT_MARK);
  if (mark === undefined) return undefined;
  const wasDisabled = listOf(mark.data).some(
    (one) => textOf(one.name) === FOUND && textOf(one.value) === FOUND_DISABLED,
  );
  return { wasDisabled, isActive: isActive(mark) };
}

/** Somebody may deactivate any statement: it stands there, and does nothing. */
function isActive(element: unknown): boolean {
  return !isObject(element) || element['@inactive'] === undefined;
}

function has(element: Readonly<Record<string, unknown>> | undefined, name: string): boolean {
  return element?.[name] !== undefined && isActive(element[name]);
}

/** An element of which there is one, in force. */
function child(element: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> | undefined {
  const found = element[name];
  return isObject(found) && isActive(found) ? found : undefined;
}

/** An empty one comes as text. */
function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function textOf(value: unknown): string {
  const text = isObject(value) ? value['#text'] : value;
  return typeof text === 'string' ? decoded(text).trim() : '';
}

/** `10m`, `1g` or `32000`: decimal, as Junos counts. */
function numberOf(value: unknown): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,15})([kmg])?$/i.exec(textOf(value)) ?? [];
  const number = Number(amount) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  return Number.isSafeInteger(number) && isActive(value) ? number : undefined;
}
