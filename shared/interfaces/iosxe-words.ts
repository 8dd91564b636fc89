/** IOS-XE's own words for instants and kinds of interfaces, made into numbers. Pure. */

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** Epoch ms of yang:date-and-time (RFC 6991), whatever its zone; undefined for anything else. */
export function instantOf(text: string): number | undefined {
  const at = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

const TYPES: Readonly<Record<string, number>> = {
  other: 1,
  ethernetcsmacd: 6,
  propp2pserial: 22,
  proppointtopointserial: 22,
  ppp: 23,
  swloopback: 24,
  softwareloopback: 24,
  propvirtual: 53,
  tunnel: 131,
  l2vlan: 135,
  l3ipvlan: 136,
  ieee8023adlag: 161,
  bridge: 209,
};

/** IANAifType of `iana-iftype-sw-loopback` or `iana-if-type:softwareLoopback`; undefined for one that is not known here. */
export function ifTypeOf(type: string): number | undefined {
  const word = type
    .replace(/^.*(?:iftype-|:)/, '')
    .replaceAll('-', '')
    .toLowerCase();
  return Object.hasOwn(TYPES, word) ? TYPES[word] : undefined;
}
