/** Limits of IOS-XE as routers have them in their configuration (Cisco-IOS-XE-native and -policy): paths, bodies, rates. */

/** Of a policer; a shaper begins below. Bits per second. */
export const LEAST_BITS_PER_SECOND = 8_000;
export const MOST_BITS_PER_SECOND = 100_000_000_000;
/** Of a policy map. */
export const MAX_POLICY_NAME = 40;
/** Stands before the description of an interface that we have shut. */
export const CUT_MARK = '[headroom-cut]';
/** The same for one that somebody else had shut before. */
export const CUT_MARK_FOUND = '[headroom-cut, found shut]';
export const CLASS_DEFAULT = 'class-default';

const NATIVE = '/Cisco-IOS-XE-native:native';

/** Where an interface stands in the configuration: `GigabitEthernet` and `0/0/0.10`; sub-interfaces of bundles stand apart. */
export interface InterfacePlace {
  /** Such as `GigabitEthernet` or `Port-channel-subinterface/Port-channel`. */
  readonly list: string;
  readonly number: string;
}

/** Relative to `/restconf/data`. */
export const LIMIT_PATHS = {
  policies: `${NATIVE}/policy`,
  policy: (name: string) => `${NATIVE}/policy/Cisco-IOS-XE-policy:policy-map=${encodeURIComponent(name)}`,
  interfaces: `${NATIVE}/interface`,
  interface: ({ list, number }: InterfacePlace) => `${NATIVE}/interface/${list}=${encodeURIComponent(number)}`,
  attachment: (place: InterfacePlace, direction: 'input' | 'output') =>
    `${LIMIT_PATHS.interface(place)}/Cisco-IOS-XE-policy:service-policy/${direction}`,
  shutdown: (place: InterfacePlace) => `${LIMIT_PATHS.interface(place)}/shutdown`,
  description: (place: InterfacePlace) => `${LIMIT_PATHS.interface(place)}/description`,
} as const;

/** Relative to `/restconf/operations`. */
export const SAVE_PATH = '/cisco-ia:save-config';

/** What customers send cannot wait in a queue: it is policed, and what they receive is shaped. */
export type Limiter = 'police' | 'shape';

export interface PolicyRate {
  readonly name: string;
  readonly limiter: Limiter;
  readonly bitsPerSecond: number;
}

/** Merged: a policer without actions transmits what conforms and drops the rest. */
export function policiesBody(rates: readonly PolicyRate[]): string {
  const policies = rates.map(({ name, limiter, bitsPerSecond }) => {
    const rate =
      limiter === 'police'
        ? { 'police-target-bitrate': { police: { 'bit-rate': bitsPerSecond } } }
        : { shape: { average: { 'bit-rate': bitsPerSecond } } };
    return { name, class: [{ name: CLASS_DEFAULT, 'action-list': [{ 'action-type': limiter, ...rate }] }] };
  });
  return JSON.stringify({ 'Cisco-IOS-XE-native:policy': { 'Cisco-IOS-XE-policy:policy-map': policies } });
}

/** Merged into an interface that is there; one that is not stays so. */
export function interfaceBody({ list, number }: InterfacePlace, content: Readonly<Record<string, unknown>>): string {
  const name = list.split('/').at(-1) ?? list;
  return JSON.stringify({ [`Cisco-IOS-XE-native:${name}`]: [{ name: number, ...content }] });
}

export function attachBody(
  place: InterfacePlace,
  policies: { readonly input?: string; readonly output?: string },
): string {
  return interfaceBody(place, { 'Cisco-IOS-XE-policy:service-policy': policies });
}

/** RFC 7951: a leaf without a value. */
const FLAG = [null];

export function shutBody(place: InterfacePlace, description: string): string {
  return interfaceBody(place, { description, shutdown: FLAG });
}
