/** Resellers and what their routers brought, as tests of the collector, observations and rules need them. */
import type { CollectJob } from '../../../shared/collect/collector.port.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import { createResellerCollector } from '../../../shared/resellers/collector.ts';
import type { Comparison } from '../../../shared/resellers/resellers.port.ts';
import { WATCH_SOURCE } from '../../../shared/resellers/watch.ts';
import type { ResellerRecord, Work } from '../../../shared/resellers/work.ts';
import type { Batch, CounterLife, Head, Reading } from '../../../shared/samples/sample.ts';
import { sourceNamed } from '../collect/fakes.ts';

export const PERIOD = 300_000;
export const START = Date.UTC(2026, 10, 20);
export const MINUTE = 60_000;
/** One Mb/s for five minutes, in octets. */
export const MEGABIT = 37_500_000;
export const MBPS = 1_000_000;
const LIFE: CounterLife = { bootAt: START - 9e8, column: 'snmp:ifHCInOctets', bits: 64, ifIndex: 1 };

export function recordOf(id: string, over: Partial<ResellerRecord> = {}): ResellerRecord {
  return {
    ...{ tenant: 'demo', id, name: `Customer ${id}`, addresses: ['192.0.2.5/32'], status: 'active' },
    routers: [{ router: 'core1', queue: `reseller_${id}`, targets: [], interfaces: ['ether5'] }],
    plan: { toTargetBitsPerSecond: 100 * MBPS, fromTargetBitsPerSecond: 20 * MBPS },
    ...{ createdAt: START, version: 1, revision: 1, asked: 0, places: [], drift: [] },
    ...over,
  };
}

export function workOf(over: Partial<Work> = {}): Work {
  return {
    ...{ number: 1, phase: 'pending', since: START, askedBy: 'local:test', action: 'plan', attempts: 1 },
    ...over,
  };
}

/** Octets since boot at a slot: what the router sent to the customer, and what it received. */
export interface Counted {
  readonly slot: number;
  readonly octets: Readonly<Record<string, readonly [sent: number, received: number]>>;
  readonly router?: string;
  /** Of what counts: `interface` unless told. */
  readonly kind?: string;
  readonly boundary?: boolean;
  readonly periodSeconds?: number;
  readonly bootAt?: number;
}

export function batchOf({
  slot,
  octets,
  router = 'core1',
  kind = 'interface',
  boundary = true,
  periodSeconds = 300,
  bootAt = LIFE.bootAt,
}: Counted): Batch {
  const at = START + slot * PERIOD;
  const life = { ...LIFE, bootAt, uptimeMs: at - bootAt };
  const readings = Object.entries(octets).map(
    ([name, [sent, received]]): Reading => ({
      entity: `${router}/${name}`,
      receivedAt: at + 2000,
      values: { ifHCInOctets: BigInt(received), ifHCOutOctets: BigInt(sent), ifOperStatus: 1n },
      lives: { ifHCInOctets: life, ifHCOutOctets: life },
    }),
  );
  const ref = { tenant: 'demo', kind, target: router };
  return { ...ref, slot: at, part: 0, receivedAt: at + 2000, periodSeconds, boundary, readings };
}

export interface Run {
  readonly records: readonly ResellerRecord[];
  readonly batches?: readonly Batch[];
  /** Of the interfaces that routers have. */
  readonly interfaces?: readonly string[];
  /** Of the queues that they tell of. */
  readonly queues?: readonly string[];
  readonly comparisons?: readonly Comparison[];
  /** Entities of resellers that the house knows. */
  readonly known?: readonly Entity[];
  readonly head?: Head;
  readonly slot?: number;
  readonly manual?: boolean;
}

const entity = (kind: string, id: string): Entity => ({
  ...{ tenant: 'demo', kind, id, target: id.split('/')[0] ?? '', name: id, attributes: {}, labels: {} },
  ...{ simulated: false, firstSeenAt: START },
});

export const interfaceEntity = (id: string) => entity('interface', id);
export const resellerEntityNamed = (id: string) => entity('reseller', id);

/** Calls of the stores that a run made, by name and target. */
export const calls: string[] = [];

export function runCollector(run: Run) {
  const {
    records,
    batches = [],
    interfaces = ['core1/ether5'],
    queues = [],
    comparisons = [],
    known = [],
    slot = 1,
  } = run;
  calls.length = 0;
  const collector = createResellerCollector({
    clock: { now: () => START + slot * PERIOD + 90_000 },
    resellers: { list: async () => [...records], listComparisons: async () => [...comparisons] },
    samples: {
      readHead: async ({ kind, target }) => (kind === 'reseller' && target === run.head?.target ? run.head : undefined),
      newestBatches: async ({ kind, target }) => {
        calls.push(`newestBatches ${target}`);
        return batches.filter((one) => one.kind === kind && one.target === target).reverse();
      },
    },
    entities: {
      listOfTarget: async (_, kind, target) => {
        const counting = kind === 'queue' ? queues.map((id) => entity('queue', id)) : interfaces.map(interfaceEntity);
        return (kind === 'reseller' ? known : counting).filter((one) => one.target === target);
      },
    },
  });
  const source = sourceNamed(WATCH_SOURCE, { type: 'resellers', kind: 'resellers', periodSeconds: 300 });
  const job = { source, slot: START + slot * PERIOD, manual: run.manual ?? false } as unknown as CollectJob;
  return collector.read(job);
}
