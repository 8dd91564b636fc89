/** Keys of what happened to a SIM in the one table. Pure. */
import { type Instant, isoInstant } from '../platform/clock.ts';
import { joinKey, tenantKey } from '../platform/key.ts';
import type { Key } from '../platform/table.dynamodb.ts';
import type { SimRef } from './usage.port.ts';
import { simName } from './usage-keys.ts';

/** First part of a row's sort key. */
export type SimLogKind = 'event' | 'cell';

export function simLogPk(ref: SimRef): string {
  return tenantKey(ref.tenant, 'L', 'sim', simName(ref));
}

export function simLogPrefix(kind: SimLogKind): string {
  return `${kind}#`;
}

/** By the provider's instant and a hash of the content, so an event seen before has its place already. */
export function eventKey(ref: SimRef, at: Instant, hash: string): Key {
  return { pk: simLogPk(ref), sk: joinKey('event', isoInstant(at), hash) };
}

/** Sort keys of the events in [first, last], both included; BETWEEN wants both ends. `~` sorts behind every hash. */
export function eventRange(first: Instant, last: Instant): { first: string; last: string } {
  return { first: joinKey('event', isoInstant(first)), last: joinKey('event', isoInstant(last), '~') };
}

export function cellKey(ref: SimRef, at: Instant): Key {
  return { pk: simLogPk(ref), sk: joinKey('cell', isoInstant(at)) };
}

const ISO = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z';
const SK: Readonly<Record<SimLogKind, RegExp>> = {
  event: new RegExp(`^event#${ISO}#[0-9a-f]{32}$`),
  cell: new RegExp(`^cell#${ISO}$`),
};

/** True for a sort key that this log could have given out as a place to go on from. */
export function isSimLogSk(kind: SimLogKind, sk: string): boolean {
  return SK[kind].test(sk);
}
