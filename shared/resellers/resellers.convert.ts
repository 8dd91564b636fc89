/** Between what the API takes and says of resellers and what they are here. Pure. */
import type { Limit } from '../interfaces/limits.ts';
import { type Instant, isoInstant } from '../platform/clock.ts';
import {
  bitsOfMbps,
  canonicalNetwork,
  defaultQueue,
  type Mapping,
  mbpsOfBits,
  type Plan,
  type Reseller,
} from './reseller.ts';
import type { Comparison } from './resellers.port.ts';
import type { NewReseller, ResellerChange } from './resellers-fields.contract.ts';
import type { ResellerRecord } from './work.ts';

type GivenMapping = NonNullable<NewReseller['routers']>[number];
interface GivenPlan {
  readonly name?: string | undefined;
  readonly downMbps: number;
  readonly upMbps?: number | undefined;
}

/** Before it is stored for the first time. */
export function toRecord(tenant: string, given: NewReseller, now: Instant): ResellerRecord {
  const { id, name, phone, email, plan, note } = given;
  return {
    ...{ tenant, id, name, status: 'active', createdAt: now, version: 0, revision: 0, asked: 0, places: [], drift: [] },
    addresses: toNetworks(given.addresses ?? []),
    routers: (given.routers ?? []).map((one) => toMapping(id, one)),
    ...(phone === undefined ? {} : { phone }),
    ...(email === undefined ? {} : { email }),
    ...(plan === undefined ? {} : { plan: toPlan(plan) }),
    ...(note === undefined ? {} : { note }),
  };
}

/** The record with the fields that were given; null takes one away. */
export function changed(record: ResellerRecord, change: Partial<ResellerChange>): ResellerRecord {
  const { phone, email, note, ...rest } = record;
  const kept = { phone, email, note };
  const texts = Object.entries(kept).flatMap(([field, before]) => {
    const given = change[field as keyof typeof kept];
    const value = given === undefined ? before : given;
    return value === undefined || value === null ? [] : [[field, value] as const];
  });
  return {
    ...rest,
    ...Object.fromEntries(texts),
    ...(change.name === undefined ? {} : { name: change.name }),
    ...(change.addresses === undefined ? {} : { addresses: toNetworks(change.addresses) }),
    ...(change.routers === undefined ? {} : { routers: change.routers.map((one) => toMapping(record.id, one)) }),
  };
}

export function toPlan({ name, downMbps, upMbps = downMbps }: GivenPlan): Plan {
  return {
    ...(name === undefined ? {} : { name }),
    toTargetBitsPerSecond: bitsOfMbps(downMbps),
    fromTargetBitsPerSecond: bitsOfMbps(upMbps),
  };
}

function toMapping(id: string, { router, queue = defaultQueue(id), targets, interfaces = [] }: GivenMapping): Mapping {
  return { router, queue, interfaces, ...(targets === undefined ? {} : { targets: toTargets(targets) }) };
}

/** Each once; names of interfaces as they are. */
function toTargets(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => canonicalNetwork(text) ?? text))];
}

/** Each once, as numbers say it; the contract has refused what is none. */
function toNetworks(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => canonicalNetwork(text) ?? []))];
}

export function statusOf({ status, removing }: ResellerRecord): Reseller['status'] | 'removing' {
  return removing ? 'removing' : status;
}

/** `comparisons` are the tenant's. */
export function resellerViewOf(record: ResellerRecord, comparisons: readonly Comparison[]) {
  const { id, name, phone = null, email = null, addresses, routers, note = null, version, work } = record;
  const used = new Set([...routers, ...record.places].map(({ router }) => router));
  return {
    ...{ id, name, phone, email, addresses: [...addresses], note, version },
    routers: routers.map(({ router, queue, targets, interfaces }) => ({
      ...{ router, queue, targets: targets ? [...targets] : null, interfaces: [...interfaces] },
    })),
    plan: record.plan ? { name: record.plan.name ?? null, ...planRates(record.plan) } : null,
    status: statusOf(record),
    createdAt: isoInstant(record.createdAt),
    work: work ? workView(work) : null,
    applied: record.places.flatMap(({ router, queue, applied }) => {
      if (!applied) return [];
      const { targets, cut, limit, at } = applied;
      const shown = { targets: [...targets], limit: limit ? rates(limit) : null, cut, verifiedAt: isoInstant(at) };
      return [{ router, queue, ...shown }];
    }),
    drift: record.drift.map(({ router, what, wanted, found, seenAt }) => ({
      ...{ router, what, wanted, found, seenAt: isoInstant(seenAt) },
    })),
    compared: [...used].sort().map((router) => comparedView(router, comparisons)),
  };
}

function workView({ action, phase, since, attempts, nextAt, lastError }: NonNullable<ResellerRecord['work']>) {
  return {
    ...{ action, phase, attempts, since: isoInstant(since), lastError: lastError ?? null },
    nextAttemptAt: nextAt === undefined ? null : isoInstant(nextAt),
  };
}

function comparedView(router: string, comparisons: readonly Comparison[]) {
  const found = comparisons.find((one) => one.router === router);
  return {
    router,
    comparedAt: found?.comparedAt === undefined ? null : isoInstant(found.comparedAt),
    error: found?.error ?? null,
  };
}

function planRates(plan: Plan): { downMbps: number; upMbps: number } {
  return { downMbps: mbpsOfBits(plan.toTargetBitsPerSecond), upMbps: mbpsOfBits(plan.fromTargetBitsPerSecond) };
}

function rates({ toTargetBitsPerSecond: to, fromTargetBitsPerSecond: from }: Limit) {
  return {
    downMbps: to === undefined ? null : mbpsOfBits(to),
    upMbps: from === undefined ? null : mbpsOfBits(from),
  };
}
