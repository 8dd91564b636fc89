/** The configuration of an IOS-XE made into what it limits and cuts off: policy maps, and interfaces that they are attached to. Pure. */
import type { Rejected } from '../collect/collector.port.ts';
import { AppError } from '../platform/errors.ts';
import { CLASS_DEFAULT, CUT_MARK, CUT_MARK_FOUND, type InterfacePlace, type Limiter } from './iosxe-limits.wire.ts';
import type { Queue } from './limits.ts';
import { isObject } from './rest-rows.ts';
import { displayText } from './text.ts';

export const DIRECTIONS = ['input', 'output'] as const;
export type Direction = (typeof DIRECTIONS)[number];
/** What a customer sends comes in. */
export const SUFFIX = { input: '-in', output: '-out' } as const;
const MAX_NAME = 255;
/** More customers than one router serves. */
const MAX_ROWS = 20_000;

export interface PolicyMap {
  readonly name: string;
  /** Undefined where it is anything but one rate for all that passes. */
  readonly held: { readonly limiter: Limiter; readonly bitsPerSecond: number } | undefined;
}

export interface ConfiguredInterface {
  /** Such as `GigabitEthernet0/0/0.10`. */
  readonly name: string;
  readonly place: InterfacePlace;
  /** Names of policy maps. */
  readonly attached: { readonly [direction in Direction]?: string };
  readonly isShut: boolean;
  /** Without our mark. */
  readonly description: string;
  readonly mark: { readonly wasShut: boolean } | undefined;
  /** It has sub-interfaces. */
  readonly isCarrier: boolean;
}

export interface IosxeLimits {
  readonly policies: ReadonlyMap<string, PolicyMap>;
  readonly interfaces: ReadonlyMap<string, ConfiguredInterface>;
}

/** Of the answers to both questions; undefined where the router has nothing of it. Throws SOURCE_MALFORMED. */
export function fromWireLimits(policy: unknown, interfaces: unknown): IosxeLimits {
  const policies = policiesIn(policy).map(policyOf);
  const rows = interfacesIn(interfaces);
  if (policies.length > MAX_ROWS || rows.length > MAX_ROWS) {
    throw new AppError('SOURCE_MALFORMED', `the router sent more than the ${MAX_ROWS} rows that are read`);
  }
  // It is reached by one of them.
  if (rows.length === 0)
    throw new AppError('SOURCE_MALFORMED', 'the router lets this user see no configured interface');
  const carriers = new Set(rows.flatMap(({ name }) => (name.includes('.') ? [name.split('.', 1)[0] ?? ''] : [])));
  return {
    policies: new Map(policies.map((one) => [one.name, one])),
    interfaces: new Map(rows.map((one) => [one.name, { ...one, isCarrier: carriers.has(one.name) }])),
  };
}

/** Queues are pairs of policy maps, `<queue>-in` and `<queue>-out`; one that is not attached limits nothing, and says so. */
export function queuesIn({ policies, interfaces }: IosxeLimits): {
  readonly queues: readonly Queue[];
  readonly notes: readonly Rejected[];
} {
  const notes: Rejected[] = [];
  const byQueue = new Map<string, ConfiguredInterface[]>();
  for (const one of interfaces.values()) {
    for (const name of queuesAt(one)) byQueue.set(name, [...(byQueue.get(name) ?? []), one]);
  }
  const names = new Set([...policies.keys()].flatMap((name) => queueOf(name) ?? []));
  const queues = [...names].map((name): Queue => {
    const note = (message: string) => notes.push({ path: `queue ${displayText(name, MAX_NAME)}`, message });
    const rate = (direction: Direction) => rateOf(policies.get(`${name}${SUFFIX[direction]}`), note);
    const limit = { fromTargetBitsPerSecond: rate('input'), toTargetBitsPerSecond: rate('output') };
    const hanging = byQueue.get(name) ?? [];
    if (hanging.length === 0) note('is attached to no interface: it limits nothing');
    const targets = hanging.flatMap((one) => {
      const shown = displayText(one.name, MAX_NAME);
      const open = DIRECTIONS.filter(
        (direction) =>
          policies.has(`${name}${SUFFIX[direction]}`) && one.attached[direction] !== `${name}${SUFFIX[direction]}`,
      );
      if (open.length > 0) note(`does not hold all that passes ${shown}: ${open.join(' and ')} is without it`);
      return open.length > 0 ? [] : [shown];
    });
    return { name: displayText(name, MAX_NAME), targets, limit, dynamic: false, disabled: false };
  });
  return { queues, notes };
}

/** Interfaces that we have shut, and that still are. */
export function cutIn({ interfaces }: IosxeLimits): string[] {
  return [...interfaces.values()].filter(isCut).map(({ name }) => displayText(name, MAX_NAME));
}

export function isCut({ isShut, mark }: ConfiguredInterface): boolean {
  return isShut && mark !== undefined;
}

/** The queue that a policy map belongs to, by its name. */
export function queueOf(policy: string): string | undefined {
  const suffix = DIRECTIONS.map((direction) => SUFFIX[direction]).find((one) => policy.endsWith(one));
  return suffix === undefined || policy.length === suffix.length ? undefined : policy.slice(0, -suffix.length);
}

function queuesAt({ attached }: ConfiguredInterface): Set<string> {
  return new Set(DIRECTIONS.flatMap((direction) => queueOf(attached[direction] ?? '') ?? []));
}

function rateOf(policy: PolicyMap | undefined, note: (message: string) => void): number | undefined {
  if (policy !== undefined && policy.held === undefined) {
    note(`its policy-map ${displayText(policy.name, MAX_NAME)} is not one rate in bits per second for all that passes`);
  }
  return policy?.held?.bitsPerSecond;
}

function policiesIn(value: unknown): Readonly<Record<string, unknown>>[] {
  if (value === undefined) return [];
  const policy = isObject(value) ? member(value, 'policy') : undefined;
  if (!isObject(policy)) throw new AppError('SOURCE_MALFORMED', 'the router sent what is no list of policies');
  return listOf(member(policy, 'policy-map')).filter(({ name }) => typeof name === 'string');
}

function policyOf(row: Readonly<Record<string, unknown>>): PolicyMap {
  const classes = listOf(member(row, 'class'));
  const [first] = classes;
  // A class of its own may be let pass beside the limit.
  const isWhole = classes.length === 1 && first?.name === CLASS_DEFAULT;
  const held = isWhole ? heldOf(listOf(member(first, 'action-list'))) : undefined;
  return { name: String(row.name), held };
}

/** More than one action is more than one rate, or a rate that another word passes by. */
function heldOf(actions: readonly Readonly<Record<string, unknown>>[]): PolicyMap['held'] {
  const [action] = actions;
  if (action === undefined || actions.length > 1) return undefined;
  const limiter = action['action-type'];
  if (limiter !== 'police' && limiter !== 'shape') return undefined;
  const rate = limiter === 'police' ? policedRate(action) : shapedRate(action);
  return rate === undefined ? undefined : { limiter, bitsPerSecond: rate };
}

function shapedRate(action: Readonly<Record<string, unknown>>): number | undefined {
  return numberOf(under(action, 'shape', 'average')?.['bit-rate']);
}

/** Without actions, what exceeds is dropped. */
function policedRate(action: Readonly<Record<string, unknown>>): number | undefined {
  const around = under(action, 'police-target-bitrate');
  const police = under(action, 'police-target-bitrate', 'police');
  const actions = police?.actions ?? around?.actions;
  const words = isObject(actions) ? Object.keys(actions) : [];
  const drops = words.every((word) => !/^(exceed|violate)-/.test(word) || /^(exceed|violate)-drop$/.test(word));
  return drops ? numberOf(police?.['bit-rate']) : undefined;
}

function interfacesIn(value: unknown): Omit<ConfiguredInterface, 'isCarrier'>[] {
  if (value === undefined) return [];
  const lists = isObject(value) ? member(value, 'interface') : undefined;
  if (!isObject(lists)) throw new AppError('SOURCE_MALFORMED', 'the router sent what is no list of interfaces');
  return Object.entries(lists).flatMap(([key, held]) => {
    const list = withoutModule(key);
    if (Array.isArray(held)) return listOf(held).flatMap((row) => interfaceOf(list, row));
    // Sub-interfaces of bundles stand one step below.
    return Object.entries(isObject(held) ? held : {}).flatMap(([inner, rows]) =>
      listOf(rows).flatMap((row) => interfaceOf(`${list}/${withoutModule(inner)}`, row)),
    );
  });
}

/** Parts of paths are made of it. */
const LIST = /^[A-Za-z][A-Za-z0-9_-]{0,40}(\/[A-Za-z][A-Za-z0-9_-]{0,40})?$/;

function interfaceOf(list: string, row: Readonly<Record<string, unknown>>): Omit<ConfiguredInterface, 'isCarrier'>[] {
  if (!LIST.test(list)) return [];
  if (typeof row.name !== 'string' && typeof row.name !== 'number') return [];
  const number = String(row.name);
  const policies = member(row, 'service-policy');
  const attached = Object.fromEntries(
    DIRECTIONS.flatMap((direction) => {
      const name = policyName(isObject(policies) ? member(policies, direction) : undefined);
      return name === undefined ? [] : [[direction, name] as const];
    }),
  );
  const described = typeof row.description === 'string' ? row.description : '';
  const mark = [CUT_MARK, CUT_MARK_FOUND].find((one) => described.startsWith(one));
  return [
    {
      ...{ name: `${list.split('/').at(-1)}${number}`, place: { list, number }, attached },
      isShut: row.shutdown !== undefined && row.shutdown !== false,
      description: described.slice(mark?.length ?? 0).trimStart(),
      mark: mark === undefined ? undefined : { wasShut: mark === CUT_MARK_FOUND },
    },
  ];
}

/** Some releases keep the name one step below. */
function policyName(value: unknown): string | undefined {
  const name = isObject(value) ? (value.name ?? value['policy-map-name']) : value;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function under(row: Readonly<Record<string, unknown>>, ...path: readonly string[]) {
  let at: unknown = row;
  for (const name of path) at = isObject(at) ? member(at, name) : undefined;
  return isObject(at) ? at : undefined;
}

/** By its local name: which module stands before it depends on where one asks. */
function member(row: Readonly<Record<string, unknown>> | undefined, name: string): unknown {
  const key = Object.keys(row ?? {}).find((one) => withoutModule(one) === name);
  return key === undefined ? undefined : row?.[key];
}

function withoutModule(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

function listOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** Numbers of 64 bits come as text. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
