import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Flow, startFlow } from './flow.ts';
import { HOME, iso, MINUTE_MS, pointsOf, runsOf, totalOf } from './story.ts';

let flow: Flow;
/** Functions whose table is out of order. */
let broken: readonly string[] = [];

beforeEach(async () => {
  broken = [];
  flow = await startFlow({
    disturb: (owner, _, { service }) =>
      broken.includes(owner) && service === 'dynamodb'
        ? { status: 500, body: JSON.stringify({ __type: 'InternalServerError', message: 'injected' }) }
        : undefined,
  });
  await flow.addTenant('demo');
  await flow.addTaara('demo');
}, 120_000);

afterEach(() => flow.stop());

const DELIVERIES = 6;

interface Ways {
  readonly consumer: string;
  readonly queue: string;
  readonly letters: string;
  /** Deliveries after which a message is a dead letter. */
  readonly deliveries: number;
}

/** Every queue that a function works on, with the queue of its dead letters. */
function waysOf(): Ways[] {
  const { model } = flow.cloud;
  return model.eventSources.map((mapping) => {
    const queue = model.queues.find((q) => q.arn === mapping.queueArn);
    const policy = JSON.parse(queue?.attributes.RedrivePolicy ?? '{}') as {
      deadLetterTargetArn?: string;
      maxReceiveCount?: number | string;
    };
    return {
      consumer: model.functions.find((f) => f.arn === mapping.functionArn)?.shortName ?? '',
      queue: queue?.name ?? '',
      letters: policy.deadLetterTargetArn?.split(':').pop() ?? '',
      deliveries: Number(policy.maxReceiveCount),
    };
  });
}

function wayOf(consumer: string): Ways {
  const way = waysOf().find((w) => w.consumer === consumer);
  if (!way) throw new Error(`${consumer} has no queue`);
  return way;
}

function send(queue: string, body: unknown): void {
  flow.cloud.queues.server.sendMessage(queue, typeof body === 'string' ? body : JSON.stringify(body));
}

const lettersIn = (queue: string): string[] =>
  (flow.cloud.queues.server.inspectQueue(queue)?.messages.ready ?? []).map((m) => m.body);

/** Of those that give a message up while a test lasts: copies for SQL are tried for days. */
const impatient = (): Ways[] => waysOf().filter((w) => w.deliveries <= DELIVERIES);

/** Until nothing comes back any more: as often as the template allows, and once for the way to the dead letters. */
async function wearOut(): Promise<void> {
  for (let delivery = 0; delivery < DELIVERIES + 2; delivery += 1) {
    await flow.settle();
    await flow.redeliver();
  }
}

const poolOf = (name: string) => [...flow.cloud.pools.values()].find((p) => p.model.shortName === name);

const collectMessage = (slot: number) => ({
  ...{ version: 1, tenant: 'demo', source: 'home', slot: iso(slot), part: 0, boundary: false },
});

describe('fault 21: a poison message', () => {
  test('goes to the dead letters of every queue with its cause in the log, and its batch mates are processed', async () => {
    const ways = impatient();
    expect(ways.length).toBeGreaterThanOrEqual(7);
    const slot = flow.clock.now();
    send(wayOf('collect-taara').queue, collectMessage(slot));
    for (const { queue } of ways) for (const poison of ['{ not json', '{"version":1}']) send(queue, poison);
    send(wayOf('collect-taara').queue, { ...collectMessage(slot), source: 'office' });
    send(wayOf('evaluate').queue, { version: 1, tenant: 'demo', kind: 'bundle', target: 'office' });
    await wearOut();
    for (const { consumer, letters } of ways) {
      expect([consumer, lettersIn(letters).sort()]).toEqual([consumer, ['{ not json', '{"version":1}']]);
      const lines = poolOf(consumer)?.log.newestLines().join('\n') ?? '';
      expect(lines, consumer).toMatch(/a message (cannot be read|was not handled)/);
      expect(lines, consumer).toMatch(/JSON/);
      expect([consumer, poolOf(consumer)?.log.errors]).toEqual([consumer, 0]);
    }
    expect(await runsOf(flow)).toMatchObject([{ slot: iso(slot), status: 'success' }]);
    expect(await runsOf(flow, 'office')).toMatchObject([{ slot: iso(slot), status: 'success' }]);
    expect((await flow.messages()).filter((m) => /Office link/.test(m.body))).toHaveLength(1);
  }, 170_000);

  test('redriven it is a dead letter again; a good one, redriven twice, has its effect once', async () => {
    broken = ['collect-taara'];
    const { queue, letters } = wayOf('collect-taara');
    const slot = flow.clock.now();
    send(queue, collectMessage(slot));
    send(queue, 'poison');
    await wearOut();
    expect(lettersIn(letters)).toHaveLength(2);
    expect(await runsOf(flow)).toEqual([]);

    broken = [];
    const redrive = async () => {
      const response = await fetch(`${flow.cloud.publicUrl}/_local/queues/${letters}/redrive`, {
        method: 'POST',
        signal: AbortSignal.timeout(10_000),
      });
      return { status: response.status, body: await response.json() };
    };
    expect(await redrive()).toMatchObject({ status: 200, body: { from: letters, to: queue, moved: 2 } });
    await wearOut();
    expect(lettersIn(letters)).toEqual(['poison']);
    const runs = await runsOf(flow);
    expect(runs).toMatchObject([{ slot: iso(slot), status: 'success' }]);
    send(letters, collectMessage(slot));
    expect(await redrive()).toMatchObject({ body: { moved: 2 } });
    await wearOut();
    expect(await runsOf(flow)).toEqual(runs);
    expect(await pointsOf(flow)).toHaveLength(1);

    const other = await fetch(`${flow.cloud.publicUrl}/_local/queues/${queue}/redrive`, { method: 'POST' });
    expect(other.status).toBe(404);
  }, 170_000);
});

describe('fault 26: versions during a deploy', () => {
  test('fields that a newer version adds are let pass by every reader', async () => {
    const more = { hint: { deep: [1, 2] }, priority: 'high', traceparent: '00-0-0-01' };
    const slot = flow.clock.now();
    send(wayOf('collect-taara').queue, { ...collectMessage(slot), source: 'office', ...more });
    await flow.settle();
    send(wayOf('evaluate').queue, { version: 1, tenant: 'demo', kind: 'bundle', target: 'office', ...more });
    send(wayOf('fold').queue, { version: 1, tenant: 'demo', kind: 'bundle', target: 'office', ...more });
    send(wayOf('notify-relay').queue, { version: 1, tenant: 'demo', recipient: 'on-call', ...more });
    send(wayOf('timestream-write').queue, {
      ...{ version: 1, tenant: 'demo', kind: 'bundle', target: 'office', slot: iso(slot), part: 0, ...more },
    });
    await wearOut();
    for (const { letters } of waysOf()) expect([letters, lettersIn(letters)]).toEqual([letters, []]);
    expect(await runsOf(flow, 'office')).toMatchObject([{ status: 'success' }]);
    expect((await flow.messages()).filter((m) => /Office link/.test(m.body))).toHaveLength(1);
  }, 120_000);

  test('a version that is not known yet waits among the dead letters and changes nothing', async () => {
    const ways = impatient();
    for (const { queue } of ways) {
      send(queue, {
        ...collectMessage(flow.clock.now()),
        version: 2,
        kind: 'bundle',
        target: 'home',
        recipient: 'on-call',
      });
    }
    await wearOut();
    for (const { consumer, letters } of ways) expect([consumer, lettersIn(letters).length]).toEqual([consumer, 1]);
    expect(await runsOf(flow)).toEqual([]);
    expect(await flow.messages()).toEqual([]);
  }, 150_000);
});

describe('fault 19: samples late, twice and out of order', () => {
  test('through the import, whatever the order: days add up to the raw readings, before and after the fold', async () => {
    const days = 3;
    const to = Math.floor(flow.clock.now() / (15 * MINUTE_MS)) * 15 * MINUTE_MS - 15 * MINUTE_MS;
    const count = days * 96;
    const at = (i: number): string => iso(to - (count - i) * 15 * MINUTE_MS);
    const left = (i: number): bigint => 990_000_000_000n - BigInt(i) * 700_000_001n - BigInt((i * 7919) % 500_000);
    const rows = Array.from({ length: count }, (_, i) => `${at(i)},0000000000000000000000a1,${left(i)}`);
    const csv = (some: readonly string[]): string => ['at,entity,remaining', ...some].join('\n');
    const shuffled = rows.map((row, i) => [(i * 7919) % count, row] as const).sort((a, b) => a[0] - b[0]);
    const late = (i: number): boolean => i % 10 === 3;
    const early = shuffled.map(([, row]) => row).filter((row) => !late(rows.indexOf(row)));
    const importCsv = (some: readonly string[]) => flow.call('POST', '/v1/sources/home/history', { csv: csv(some) });

    expect(await importCsv(early)).toMatchObject({ status: 200, body: { rows: early.length, entities: 1 } });
    await flow.settle();
    expect(await importCsv([...rows.filter((_, i) => late(i)), ...early.slice(0, 50)])).toMatchObject({ status: 200 });
    await flow.runNow('collect-taara');
    await flow.settle();
    const query = `from=${at(0)}&to=${iso(flow.clock.now() + MINUTE_MS)}`;
    const once = (await flow.call('GET', `/v1/bundles/${HOME}/samples?step=raw&${query}`)).body.points;
    expect(once.map((p: { value: string }) => p.value).slice(0, count)).toEqual(rows.map((_, i) => left(i).toString()));
    const { told, gone } = totalOf(once.slice(0, count));
    expect(told).toBe(gone);

    expect(await importCsv(rows)).toMatchObject({ status: 200 });
    for (const target of ['home', 'home']) {
      send(wayOf('fold').queue, { version: 1, tenant: 'demo', kind: 'bundle', target });
    }
    await wearOut();
    const again = (await flow.call('GET', `/v1/bundles/${HOME}/samples?step=raw&${query}`)).body.points;
    expect(again.map((p: { value: string }) => p.value)).toEqual(once.map((p: { value: string }) => p.value));
    const byDay = (await flow.call('GET', `/v1/bundles/${HOME}/samples?step=1d&${query}`)).body.points;
    const sum = (points: { increase: string | null }[]) =>
      points.reduce((total, p) => total + BigInt(p.increase ?? 0), 0n);
    expect(byDay.length).toBeGreaterThanOrEqual(days);
    expect(sum(byDay)).toBe(sum(again));
    const stats = (await flow.call('GET', `/v1/bundles/${HOME}/stats?${query}`)).body;
    expect(stats.usedOctets).toBe(sum(again).toString());
  }, 120_000);
});
