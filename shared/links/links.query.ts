/** Answers questions about links from sources, heads and series; knows ports only. */
import type { Source } from '../collect/source.ts';
import { SOURCE_ID_PATTERN } from '../collect/source-rules.ts';
import type { SourceStore } from '../collect/sources.port.ts';
import { publicId } from '../entities/public-id.ts';
import type { Tenant } from '../entities/tenant.ts';
import { OPER_STATUS } from '../interfaces/interface.ts';
import type { InterfaceAt } from '../interfaces/rates.ts';
import { type Clock, type Instant, isoInstant } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import { freshness } from '../samples/freshness.ts';
import type { Head } from '../samples/sample.ts';
import type { SeriesResponse } from '../samples/samples.contract.ts';
import type { SampleStore } from '../samples/samples.port.ts';
import { answerSeries, type SeriesQuery } from '../samples/series-answer.ts';
import { type Link, linkEntity, linkOf } from './link.ts';
import { inRate, LINK_KIND, linkMetrics, maxRate, membersDown, membersKnown, outRate } from './metrics.ts';
import { type LinkReadDeps, readLink } from './read-link.ts';
import { totalOf } from './total.ts';

export interface LinkQueryDeps {
  readonly sources: Pick<SourceStore, 'list' | 'read'>;
  readonly samples: LinkReadDeps['samples'] & Pick<SampleStore, 'readHeads' | 'readSeries' | 'readIncreases'>;
  readonly entities: LinkReadDeps['entities'];
  readonly clock: Clock;
}

/** Older than this many periods, a slot is no present. */
const LATELY_PERIODS = 2.5;

export function createLinkQueries(deps: LinkQueryDeps) {
  const { sources, samples, clock } = deps;
  async function find(tenant: Tenant, id: string): Promise<Source> {
    const source = SOURCE_ID_PATTERN.test(id) ? await sources.read(tenant.tenant, id) : undefined;
    if (source?.type !== 'link') throw new AppError('NOT_FOUND', `there is no link "${id}"`);
    return source;
  }
  const headOf = ({ tenant, id }: Source) => samples.readHead({ tenant, kind: LINK_KIND, target: id });
  return {
    find,
    async list(tenant: Tenant) {
      const [all, heads] = await Promise.all([
        sources.list(tenant.tenant),
        samples.readHeads(tenant.tenant, LINK_KIND),
      ]);
      const byTarget = new Map(heads.map((head) => [head.target, head]));
      return all
        .filter((source) => source.type === 'link')
        .map((source) => viewOf(source, byTarget.get(source.id), clock.now()))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    view: async (source: Source) => viewOf(source, await headOf(source), clock.now()),
    async read(tenant: Tenant, id: string) {
      const source = await find(tenant, id);
      return viewOf(source, await headOf(source), clock.now());
    },
    async status(tenant: Tenant, id: string) {
      const source = await find(tenant, id);
      const link = linkOf(source.settings);
      const since = clock.now() - LATELY_PERIODS * source.periodSeconds * 1000;
      return statusOf(source, link, await readLink(deps, tenant.tenant, link, { since }));
    },
    async samples(tenant: Tenant, id: string, query: SeriesQuery): Promise<SeriesResponse> {
      const source = await find(tenant, id);
      const metric = linkMetrics.find((one) => one.id === query.metric) ?? maxRate;
      const ref = { tenant: tenant.tenant, kind: LINK_KIND, target: source.id, entity: linkEntity(source.id) };
      return answerSeries(samples, { ref, metric, zone: tenant.zone, id, query, now: clock.now() });
    },
  };
}

export type LinkQueries = ReturnType<typeof createLinkQueries>;

export function viewOf(source: Source, head: Head | undefined, now: Instant) {
  const { id, name, enabled, simulated, periodSeconds, version } = source;
  const { members, committedBitsPerSecond: committed, ...rest } = linkOf(source.settings);
  const newest = head?.entities.find((one) => one.entity === linkEntity(id));
  const known = (metric: string): number | null => numberOf(newest?.values[metric]);
  const larger = known(maxRate.id);
  return {
    ...{ id, name, enabled, simulated, periodSeconds, version },
    members: members.map((one) => ({ ...one, interface: publicId(one.interface) })),
    ...rest,
    committedBitsPerSecond: committed ?? null,
    inBitsPerSecond: known(inRate.id),
    outBitsPerSecond: known(outRate.id),
    maxBitsPerSecond: larger,
    utilisationPercent: percent(larger, rest.capacityBitsPerSecond),
    membersKnown: known(membersKnown.id),
    membersDown: known(membersDown.id),
    ...freshness(newest?.receivedAt, periodSeconds, now),
    uplink: source.uplink ?? null,
  };
}
export type LinkView = ReturnType<typeof viewOf>;

export type LinkState = 'ok' | 'warning' | 'critical' | 'unknown';

/** A total that is old says nothing of now. */
export function stateOf(view: Pick<LinkView, 'maxBitsPerSecond' | 'stale'> & Pick<Link, Thresholds>): LinkState {
  if (view.maxBitsPerSecond === null || view.stale) return 'unknown';
  if (view.maxBitsPerSecond > view.thresholdBitsPerSecond) return 'critical';
  return view.maxBitsPerSecond > view.clearBitsPerSecond ? 'warning' : 'ok';
}
type Thresholds = 'thresholdBitsPerSecond' | 'clearBitsPerSecond';

function statusOf(
  { id, name }: Source,
  link: Link,
  { slot, members }: { readonly slot: Instant | undefined; readonly members: readonly InterfaceAt[] },
) {
  const { values } = totalOf(members);
  const larger = numberOf(values[maxRate.id]);
  const { capacityBitsPerSecond, thresholdBitsPerSecond } = link;
  return {
    ...{ id, name, capacityBitsPerSecond, thresholdBitsPerSecond },
    status: stateOf({ ...link, maxBitsPerSecond: larger, stale: slot === undefined }),
    slot: slot === undefined ? null : isoInstant(slot),
    inBitsPerSecond: numberOf(values[inRate.id]),
    outBitsPerSecond: numberOf(values[outRate.id]),
    maxBitsPerSecond: larger,
    utilisationPercent: percent(larger, capacityBitsPerSecond),
    members: members.map((one, i) => memberView(one, link.members[i]?.capacityBitsPerSecond ?? 0)),
  };
}

function memberView(member: InterfaceAt, capacityBitsPerSecond: number) {
  const { in: received, out: sent, operStatus } = member;
  const [i, o] = [received.value ?? null, sent.value ?? null];
  const reason = received.reason ?? sent.reason;
  return {
    interface: publicId(member.interface),
    capacityBitsPerSecond,
    inBitsPerSecond: i,
    outBitsPerSecond: o,
    utilisationPercent: i === null || o === null ? null : percent(Math.max(i, o), capacityBitsPerSecond),
    operStatus: operStatus === undefined ? null : (OPER_STATUS.get(Number(operStatus)) ?? null),
    ...(reason === undefined ? {} : { reason }),
  };
}

function numberOf(value: bigint | undefined): number | null {
  return value === undefined ? null : Number(value);
}

/** In hundredths; not cut at 100, for a full link must show that it is. */
function percent(value: number | null, whole: number): number | null {
  return value === null || whole <= 0 ? null : Math.round((value / whole) * 10_000) / 100;
}
