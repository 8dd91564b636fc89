/** The configuration of a simulated IOS-XE as RESTCONF shows and changes it: policy maps and interfaces, running and startup. */
import { answered, NO_CONTENT, NOT_THERE, refused } from './iosxe-answers.ts';
import type { SimulatedIosxePort } from './iosxe-ports.ts';
import type { SimulatedRequest, SimulatedResponse } from './simulator.ts';

type Json = Readonly<Record<string, unknown>>;

interface Running {
  /** By name. */
  readonly policies: Readonly<Record<string, Json>>;
  /** By list and number, such as `GigabitEthernet=0/0/0.10`. */
  readonly interfaces: Readonly<Record<string, Json>>;
}

export interface LiveIosxeConfiguration {
  running: Running;
  startup: Running;
}

/** What an interface may carry at most, bits per second; Infinity without a limit. */
export interface Bounds {
  readonly in: number;
  readonly out: number;
}

const ROOT = '/restconf/data/Cisco-IOS-XE-native:native';
const SAVE = '/restconf/operations/cisco-ia:save-config';
const POLICY = 'Cisco-IOS-XE-policy:policy-map';
const SERVICE = 'Cisco-IOS-XE-policy:service-policy';
const LEAST_RATE = 8_000;

/** As somebody set the ports up. */
export function liveIosxeConfiguration(ports: readonly SimulatedIosxePort[]): LiveIosxeConfiguration {
  const interfaces = Object.fromEntries(
    ports.flatMap(({ name, description }) => {
      const place = placeOf(name);
      if (place === undefined) return [];
      const encapsulation = name.includes('.')
        ? { encapsulation: { dot1Q: { 'vlan-id': Number(name.split('.')[1]) } } }
        : {};
      return [
        [keyOf(place), { name: place.number, ...(description ? { description } : {}), ...encapsulation }],
      ] as const;
    }),
  );
  const running = { policies: {}, interfaces };
  return { running, startup: running };
}

/** Undefined where the path is none of these. `keep` false: answers as ever, and changes nothing. */
export function answerConfiguration(
  live: LiveIosxeConfiguration,
  { method, path, body }: SimulatedRequest,
  keep: boolean,
): SimulatedResponse | undefined {
  if (path === SAVE && method === 'POST') {
    if (keep) live.startup = live.running;
    return answered({ 'cisco-ia:output': { result: 'Save running-config successful' } });
  }
  if (!path.startsWith(`${ROOT}/`)) return undefined;
  const below = path.slice(ROOT.length + 1);
  const outcome = method === 'GET' ? shown(live.running, below) : changed(live.running, method, below, body);
  if (!('running' in outcome)) return outcome;
  if (keep) live.running = outcome.running;
  return NO_CONTENT;
}

/** `GigabitEthernet0/0/0.10` as it runs: what it may carry, and whether somebody shut it or its port. */
export function interfaceState({ running }: LiveIosxeConfiguration, name: string): { most: Bounds; isShut: boolean } {
  const entry = (one: string) => {
    const place = placeOf(one);
    return place && running.interfaces[keyOf(place)];
  };
  const own = entry(name);
  const service = (own?.[SERVICE] ?? {}) as { input?: string; output?: string };
  const isShut = [own, entry(name.split('.')[0] ?? '')].some((one) => one?.shutdown !== undefined);
  return { most: { in: rateOf(running, service.input), out: rateOf(running, service.output) }, isShut };
}

function rateOf({ policies }: Running, name: string | undefined): number {
  const rates = actionsOf(policies[name ?? '']).map(bitRate);
  return Math.min(Number.POSITIVE_INFINITY, ...rates.filter((rate) => rate !== undefined));
}

function actionsOf(policy: Json | undefined): Json[] {
  const classes = (policy?.class ?? []) as { 'action-list'?: Json[] }[];
  return classes.flatMap((one) => one['action-list'] ?? []);
}

interface Action {
  readonly shape?: { readonly average?: { readonly 'bit-rate'?: number } };
  readonly 'police-target-bitrate'?: { readonly police?: { readonly 'bit-rate'?: number } };
}

function bitRate(action: Json): number | undefined {
  const { shape, 'police-target-bitrate': police } = action as Action;
  return shape?.average?.['bit-rate'] ?? police?.police?.['bit-rate'];
}

type Outcome = SimulatedResponse | { readonly running: Running };

function shown({ policies, interfaces }: Running, below: string): SimulatedResponse {
  if (below === 'policy') {
    const all = Object.values(policies);
    return all.length === 0 ? NOT_THERE : answered({ 'Cisco-IOS-XE-native:policy': { [POLICY]: all } });
  }
  if (below !== 'interface') return NOT_THERE;
  const lists: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(interfaces)) {
    const [list = ''] = key.split('=');
    const [outer = '', inner] = list.split('/');
    if (inner === undefined) lists[outer] = [...((lists[outer] ?? []) as Json[]), entry];
    else {
      const held = (lists[outer] ?? {}) as Record<string, Json[]>;
      lists[outer] = { ...held, [inner]: [...(held[inner] ?? []), entry] };
    }
  }
  return answered({ 'Cisco-IOS-XE-native:interface': lists });
}

function changed(running: Running, method: string, below: string, body: string): Outcome {
  if (below === 'policy' && method === 'PATCH') return mergePolicies(running, body);
  const policy = new RegExp(`^policy/${POLICY}=([^/]+)$`).exec(below)?.[1];
  if (policy !== undefined && method === 'DELETE') return removePolicy(running, decodeURIComponent(policy));
  const [, list, number, rest] = /^interface\/((?:[\w-]+\/)?[\w-]+)=([^/]+)(?:\/(.+))?$/.exec(below) ?? [];
  if (list === undefined || number === undefined) return refused(405, 'operation-not-supported');
  const key = `${list}=${decodeURIComponent(number)}`;
  const entry = running.interfaces[key];
  if (entry === undefined) return NOT_THERE;
  if (method === 'PATCH' && rest === undefined) return mergeInterface(running, key, entry, body);
  if (method !== 'DELETE' || rest === undefined) return refused(405, 'operation-not-supported');
  const next = without(entry, rest.split('/'));
  return next === undefined ? NOT_THERE : { running: withInterface(running, key, next) };
}

function mergePolicies(running: Running, body: string): Outcome {
  const given = JSON.parse(body) as Record<string, Record<string, Json[]>>;
  const policies = { ...running.policies };
  for (const policy of given['Cisco-IOS-XE-native:policy']?.[POLICY] ?? []) {
    const name = String(policy.name);
    if (name.length > 40) return refused(400, 'invalid-value', `invalid value for: name in ${POLICY}`);
    if (actionsOf(policy).some((action) => (bitRate(action) ?? LEAST_RATE) < LEAST_RATE)) {
      return refused(400, 'invalid-value', 'invalid value for: bit-rate, is out of range');
    }
    policies[name] = mergePolicy(policies[name], policy);
  }
  return { running: { ...running, policies } };
}

/** Classes by their names, and in each its actions by their types. */
function mergePolicy(before: Json | undefined, given: Json): Json {
  const merged = mergeList(before?.class as Json[] | undefined, given.class as Json[], 'name', (old, one) => ({
    ...old,
    ...one,
    'action-list': mergeList(
      old['action-list'] as Json[],
      one['action-list'] as Json[],
      'action-type',
      (_, action) => action,
    ),
  }));
  return { ...before, ...given, class: merged };
}

function mergeList(
  before: readonly Json[] = [],
  given: readonly Json[] = [],
  key: string,
  merge: (old: Json, one: Json) => Json,
): Json[] {
  const kept = before.map((old) => {
    const one = given.find((candidate) => candidate[key] === old[key]);
    return one === undefined ? old : merge(old, one);
  });
  return [...kept, ...given.filter((one) => !before.some((old) => old[key] === one[key]))];
}

function removePolicy(running: Running, name: string): Outcome {
  if (running.policies[name] === undefined) return NOT_THERE;
  const isAttached = Object.values(running.interfaces).some((entry) =>
    Object.values((entry[SERVICE] ?? {}) as Json).includes(name),
  );
  if (isAttached) return refused(409, 'in-use', `policy-map ${name} is in use`);
  const { [name]: _gone, ...policies } = running.policies;
  return { running: { ...running, policies } };
}

function mergeInterface(running: Running, key: string, entry: Json, body: string): Outcome {
  const [given = {}] = (Object.values(JSON.parse(body) as Record<string, Json[]>)[0] ?? []) as Json[];
  const service = { ...(entry[SERVICE] as Json | undefined), ...(given[SERVICE] as Json | undefined) };
  const missing = Object.values(service).find((name) => running.policies[String(name)] === undefined);
  if (missing !== undefined) return refused(400, 'invalid-value', `policy-map ${String(missing)} does not exist`);
  const merged = { ...entry, ...given, ...(Object.keys(service).length > 0 ? { [SERVICE]: service } : {}) };
  return { running: withInterface(running, key, merged) };
}

/** Undefined where there is nothing of it; a container goes with its last leaf. */
function without(entry: Json, [name = '', ...rest]: readonly string[]): Json | undefined {
  const { [name]: held, ...others } = entry;
  if (held === undefined) return undefined;
  if (rest.length === 0) return others;
  const inner = without(held as Json, rest);
  if (inner === undefined) return undefined;
  return Object.keys(inner).length === 0 ? others : { ...others, [name]: inner };
}

function withInterface(running: Running, key: string, entry: Json): Running {
  return { ...running, interfaces: { ...running.interfaces, [key]: entry } };
}

interface Place {
  readonly list: string;
  readonly number: string;
}

/** Undefined for what is configured nowhere, such as the control plane. */
function placeOf(name: string): Place | undefined {
  const [, type, number] = /^([A-Za-z-]+)(\d[\d/.]*)$/.exec(name) ?? [];
  if (type === undefined || number === undefined) return undefined;
  const isBundled = type === 'Port-channel' && number.includes('.');
  return { list: isBundled ? `Port-channel-subinterface/${type}` : type, number };
}

function keyOf({ list, number }: Place): string {
  return `${list}=${number}`;
}
