/** Junos's own words for speed, state and kinds of interfaces, made into numbers. Pure. */

const SPEED = /^(\d{1,6}(?:\.\d{1,2})?) ?([kmgt])bps$/i;
const UNITS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** `10Gbps` or `800mbps` in bits per second, decimal; undefined for `Auto`, `Unspecified`, `Unlimited` and the like. */
export function speedBitsPerSecond(text: string): number | undefined {
  const [, amount, unit = ''] = SPEED.exec(text) ?? [];
  const speed = Math.round(Number(amount) * (UNITS[unit.toLowerCase()] ?? Number.NaN));
  return speed > 0 ? speed : undefined;
}

const STATES: ReadonlyMap<string, bigint> = new Map([
  ['up', 1n],
  ['down', 2n],
  ['testing', 3n],
  ['unknown', 4n],
  ['dormant', 5n],
  ['notpresent', 6n],
  ['lowerlayerdown', 7n],
]);

/** ifOperStatus (RFC 2863) of Junos's word, hyphens or not; undefined for one that is not known here. */
export function operStatusOf(word: string): bigint | undefined {
  return STATES.get(word.toLowerCase().replace(/[^a-z]/g, ''));
}

const ETHERNET = 6;
const LAG = 161;
/** l2vlan: a unit of an Ethernet port. */
const VLAN = 135;
const VIRTUAL = 53;
const KINDS: readonly (readonly [RegExp, number | undefined])[] = [
  [/^(ge|xe|et|fe|fxp|em|me|vme|mge|xle|fte)[-\d.]/, ETHERNET],
  [/^(ae|reth)\d/, LAG],
  [/^lo\d/, 24],
  [/^(gr|gre|ip|ipip|lt|vt|st|fti)[-\d.]/, 131],
  // Lines of their own speed, of kinds that nothing here asks for.
  [/^(so|t1|t3|e1|e3|at)-/, undefined],
];

/**
 * IANAifType by the name's beginning. Whatever is no line (irb, pfe-, lc-, demux …) is virtual: what Junos calls its speed
 * is made up. Undefined for serial lines.
 */
export function ifTypeOf(name: string, isUnit: boolean): number | undefined {
  const kind = KINDS.find(([pattern]) => pattern.test(name));
  const type = kind === undefined ? VIRTUAL : kind[1];
  return isUnit && (type === ETHERNET || type === LAG) ? VLAN : type;
}

/** `2026-03-02 10:07:14 UTC (03:25:56 ago)` without the part that changes from answer to answer. */
export function withoutAge(text: string): string {
  return text.replace(/\s*\([^)]*\)\s*$/, '');
}
