/** What is wrong with where a reseller hangs: routers that are none, and places that are taken already. Pure. */
import type { SourceType } from '../collect/source.ts';
import { coversTarget } from '../interfaces/limits.ts';
import { targetsRefusal } from '../interfaces/router-limits.ts';
import type { Issue } from '../platform/errors.ts';
import { type Mapping, overlap, type Reseller, targetsOf } from './reseller.ts';
import { placeId, type ResellerRecord } from './work.ts';

/** What somebody has on a router, wanted or left over. */
interface Taken {
  readonly owner: string;
  readonly router: string;
  readonly queue: string;
  readonly targets: readonly string[];
}

type Hanging = Pick<Reseller, 'id' | 'addresses' | 'routers'>;

/** `routers`: the tenant's sources that are routers, by id, with their type; `others`: all resellers of the tenant. */
export function mappingIssues(
  reseller: Hanging,
  routers: ReadonlyMap<string, SourceType>,
  others: readonly ResellerRecord[],
): Issue[] {
  const taken = others.filter(({ id }) => id !== reseller.id).flatMap(takenBy);
  return reseller.routers.flatMap((mapping, i) => {
    const path = `routers[${i}]`;
    const before = reseller.routers.slice(0, i).map((one) => wantedBy(reseller, one, 'this reseller'));
    const issues: Issue[] = [];
    const type = routers.get(mapping.router);
    if (type === undefined) {
      issues.push({ path: `${path}.router`, message: 'is not a router here: add it with POST /v1/sources' });
    }
    const wanted = wantedBy(reseller, mapping, reseller.id);
    if (wanted.targets.length === 0 && mapping.interfaces.length === 0) {
      issues.push({ path, message: 'has nothing to hold: give targets or interfaces, or the reseller addresses' });
    }
    const refusal = type && targetsRefusal(type, wanted.targets);
    if (refusal !== undefined) issues.push({ path: `${path}.targets`, message: refusal });
    return [...issues, ...conflicts(path, mapping, wanted, [...before, ...taken])];
  });
}

/**
 * What a change would let pass of somebody who stays suspended. Who is cut off may hang elsewhere on the same router, or
 * under other targets of the same queue; nothing else ends a suspension than to restore.
 */
export function suspensionIssues(before: Hanging & Pick<Reseller, 'status'>, after: Hanging): Issue[] {
  if (before.status !== 'suspended') return [];
  const held = after.routers
    .map((mapping) => wantedBy(after, mapping, after.id))
    .filter(({ targets }) => targets.length > 0);
  const path = after.routers === before.routers ? 'addresses' : 'routers';
  if (held.length === 0)
    return [{ path, message: 'would leave nothing that cuts this suspended reseller off: restore first' }];
  return before.routers.flatMap((mapping) => {
    const { targets, router, queue } = wantedBy(before, mapping, before.id);
    const there = held.filter((one) => one.router === router);
    const stays = there.some((one) => one.queue === queue);
    const open = targets.filter(
      (target) => !there.some((one) => one.targets.some((wide) => coversTarget(wide, target))),
    );
    if (stays || open.length === 0) return [];
    const message = `would reconnect ${open[0]} on ${router}, where queue ${queue} holds it, while the reseller is suspended: restore first`;
    return [{ path, message }];
  });
}

function conflicts(path: string, mapping: Mapping, wanted: Taken, taken: readonly Taken[]): Issue[] {
  const sameRouter = taken.filter(({ router }) => router === mapping.router);
  const queue = sameRouter.find((one) => placeId(one) === placeId(mapping));
  const field = mapping.targets ? `${path}.targets` : 'addresses';
  const met = wanted.targets.flatMap((target) => {
    const owner = sameRouter.find(({ targets }) => targets.some((one) => overlap(one, target)))?.owner;
    return owner === undefined
      ? []
      : [{ path: field, message: `${target} is held on this router by ${owner} already` }];
  });
  return [
    ...(queue ? [{ path: `${path}.queue`, message: `is the queue of ${queue.owner} on this router` }] : []),
    ...met,
  ];
}

function takenBy(record: ResellerRecord): Taken[] {
  const owner = `reseller ${record.id}`;
  const wanted = record.removing ? [] : record.routers.map((mapping) => wantedBy(record, mapping, owner));
  // What is still to be taken away would be taken from whoever gets it meanwhile.
  const left = record.places.map(({ router, queue, mayCut, applied }) => ({
    ...{ owner, router, queue, targets: [...mayCut, ...(applied?.targets ?? [])] },
  }));
  return [...wanted, ...left];
}

function wantedBy(reseller: Hanging, mapping: Mapping, owner: string): Taken {
  return { owner, router: mapping.router, queue: mapping.queue, targets: targetsOf(reseller, mapping) };
}
