/** What every driver that reads a router's interfaces must do, however it speaks to the router. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CollectJob, Collector, Page } from '../../shared/collect/collector.port.ts';
import { inOctets, interfaceMetrics } from '../../shared/interfaces/metrics.ts';
import type { AppError, ErrorCode } from '../../shared/platform/errors.ts';
import { nextIncrease } from '../../shared/samples/increase.ts';
import type { Reading } from '../../shared/samples/sample.ts';

/** A port as a router is asked to have it; `sent` undefined = the router does not count it. */
export interface DriverPort {
  readonly name: string;
  readonly index: number;
  readonly received: bigint;
  readonly sent: bigint | undefined;
  readonly isUp: boolean;
}

/** A queue of a customer, for routers whose queues count: what the customer sent and received. */
export interface DriverQueue {
  readonly name: string;
  readonly number: number;
  readonly sent: bigint;
  readonly received: bigint;
  readonly limitMbps: number;
}

/** What the router has and does, read at each call. */
export interface DriverRouter {
  ports: readonly DriverPort[];
  /** Undefined = it does not let anybody see them. */
  queues: readonly DriverQueue[] | undefined;
  uptimeMs: number;
  mood: 'well' | 'garbage' | 'silent';
}

export interface OpenDriver {
  readonly collector: Collector;
  /** A job that reads the router. */
  job(overrides?: {
    readonly secret?: Readonly<Record<string, string>>;
    readonly allowedNetworks?: readonly string[];
    readonly timeMs?: number;
  }): CollectJob;
  /** Requests that reached the router, whatever became of them. */
  reached(): number;
  close(): unknown;
}

export interface DriverTraits {
  /** Credentials that the router does not take, and every text in them that nobody may see. */
  readonly wrongSecret: Readonly<Record<string, string>>;
  /** SOURCE_REJECTED but for a protocol in which a wrong secret is silence. */
  readonly wrongSecretCode: ErrorCode;
  /** False for a protocol in which garbage is no answer, and silence is tested already. */
  readonly canAnswerGarbage: boolean;
  /** True for a driver that reads what lasting queues carried. */
  readonly countsQueues?: boolean;
}

const MAX = 2n ** 64n - 1n;
const PORTS: readonly DriverPort[] = [
  { name: 'uplink', index: 1, received: MAX, sent: 9_007_199_254_740_993n, isUp: true },
  { name: 'uplink.10', index: 20, received: 2n ** 63n, sent: 0n, isUp: true },
  { name: 'spare', index: 3, received: 0n, sent: 1n, isUp: false },
];
const QUEUES: readonly DriverQueue[] = [
  { name: 'reseller_r1001', number: 1, sent: MAX, received: 9_007_199_254_740_993n, limitMbps: 50 },
  { name: 'reseller_r1002', number: 12, sent: 0n, received: 7n, limitMbps: 10 },
];
const HOUR_MS = 3_600_000;
const PERIOD_SECONDS = 300;

export function interfaceDriverContract(
  name: string,
  open: (router: DriverRouter) => Promise<OpenDriver>,
  traits: DriverTraits,
): void {
  describe(`the driver of ${name}`, () => {
    let router: DriverRouter;
    let driver: OpenDriver;
    beforeEach(async () => {
      router = { ports: PORTS, queues: QUEUES, uptimeMs: HOUR_MS, mood: 'well' };
      driver = await open(router);
    });
    afterEach(() => driver.close());

    const read = (job = driver.job()): Promise<Page> => driver.collector.read(job);
    const portOf = ({ readings }: Page, port: string) => readings.find(({ entity }) => entity === `core1/${port}`);

    async function failureOf(job = driver.job()): Promise<AppError> {
      const error: unknown = await read(job).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: expect.stringMatching(/^SOURCE_/) as string });
      return error as AppError;
    }

    const queueOf = ({ fed = [] }: Page, queue: string) =>
      fed.flatMap(({ readings }) => readings).find(({ entity }) => entity === `core1/${queue}`);

    /** The increase that the second page brings over the first, of what a port or a queue received. */
    function increaseOf(first: Page, second: Page, name: string, readingOf = portOf) {
      const pointOf = (reading: Reading | undefined, slot: number) => {
        const [value, life] = [reading?.values[inOctets.id], reading?.lives?.[inOctets.id]];
        if (!reading || value === undefined || !life) throw new Error(`${name} has no counter`);
        return { slot, receivedAt: reading.receivedAt, value, boundary: true, life };
      };
      // Two runs in one millisecond would be one instant.
      const later = pointOf(readingOf(second, name), 2);
      const earlier = pointOf(readingOf(first, name), 1);
      const receivedAt = Math.max(later.receivedAt, earlier.receivedAt + 1);
      return nextIncrease(inOctets, earlier, { ...later, receivedAt }, PERIOD_SECONDS).increase;
    }

    test('brings every port under its name, its counters to the last digit, and nothing else', async () => {
      const page = await read();
      expect(page.complete).toBe(true);
      expect(page.rejected).toEqual([]);
      expect(page.entities.map(({ id }) => id).sort()).toEqual(PORTS.map((port) => `core1/${port.name}`).sort());
      const known = interfaceMetrics.map(({ id }) => id as string);
      for (const port of PORTS) {
        const reading = portOf(page, port.name);
        expect(reading?.values).toMatchObject({
          ifHCInOctets: port.received,
          ifHCOutOctets: port.sent,
          ifOperStatus: port.isUp ? 1n : 2n,
        });
        expect(known).toEqual(expect.arrayContaining(Object.keys(reading?.values ?? {})));
        for (const metric of ['ifHCInOctets', 'ifHCOutOctets']) expect(reading?.lives?.[metric]?.bits).toBe(64);
      }
    });

    test('lets a counter that the router does not give be absent, and never 0', async () => {
      router.ports = PORTS.map((port) => ({ ...port, sent: undefined }));
      for (const { values, lives } of (await read()).readings) {
        expect(values).not.toHaveProperty('ifHCOutOctets');
        expect(lives).not.toHaveProperty('ifHCOutOctets');
        expect(values).toHaveProperty('ifHCInOctets');
      }
    });

    test('does not bring a port that is gone, and says that the list was whole', async () => {
      const before = await read();
      router.ports = PORTS.slice(1);
      const after = await read();
      expect([before.entities.length, after.entities.length, after.complete]).toEqual([3, 2, true]);
      expect(portOf(after, 'uplink')).toBeUndefined();
      expect(portOf(after, 'uplink.10')?.values).toEqual(portOf(before, 'uplink.10')?.values);
    });

    test('counts on while the router runs', async () => {
      const first = await read();
      router.ports = PORTS.map((port) => ({ ...port, received: port.name === 'spare' ? 1500n : port.received }));
      const increase = increaseOf(first, await read(), 'spare');
      expect([increase.amount, increase.reason]).toEqual([1500n, undefined]);
    });

    test('begins a new life with the router, even when the counter stands higher than before', async () => {
      const first = await read();
      router.uptimeMs = 60_000;
      router.ports = PORTS.map((port) => ({ ...port, received: port.name === 'spare' ? 1500n : port.received }));
      const increase = increaseOf(first, await read(), 'spare');
      expect([increase.amount, increase.reason]).toEqual([undefined, 'reset']);
    });

    test('says that credentials were refused, and repeats nothing of them', async () => {
      const error = await failureOf(driver.job({ secret: traits.wrongSecret, timeMs: 1_500 }));
      expect(error.code).toBe(traits.wrongSecretCode);
      const told = JSON.stringify([error, error.message, error.context, String(error.cause)]);
      for (const secret of Object.values(traits.wrongSecret)) expect(told).not.toContain(secret);
      expect(error.context.operations).toContainEqual(expect.objectContaining({ ok: false }));
    });

    test('names what is missing in a secret before any packet leaves', async () => {
      const error = await failureOf(driver.job({ secret: {} }));
      expect([error.code, error.message]).toEqual(['SOURCE_REJECTED', expect.stringMatching(/^the secret of this/)]);
      expect(driver.reached()).toBe(0);
    });

    test('refuses an address that the tenant may not call before any packet leaves', async () => {
      const error = await failureOf(driver.job({ allowedNetworks: [] }));
      expect([error.code, error.message]).toEqual(['SOURCE_REJECTED', expect.stringMatching(/loopback address/)]);
      expect(error.context.operations).toMatchObject([{ name: 'resolve', ok: false }]);
      expect(driver.reached()).toBe(0);
    });

    test('ends at its deadline when the router says nothing, and writes down what it asked', async () => {
      router.mood = 'silent';
      const startedAt = performance.now();
      const error = await failureOf(driver.job({ timeMs: 150 }));
      expect([error.code, error.retryable]).toEqual(['SOURCE_UNAVAILABLE', true]);
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      expect(error.context.operations).toMatchObject([{ name: 'resolve', ok: true }, { ok: false }]);
    });

    if (traits.canAnswerGarbage) {
      test('takes garbage for no reading at all', async () => {
        router.mood = 'garbage';
        expect((await failureOf()).code).toBe('SOURCE_MALFORMED');
      });
    }

    test('takes a router without a port for one that shows this user nothing', async () => {
      router.ports = [];
      expect((await failureOf()).message).toMatch(/see no interface/);
    });

    if (traits.countsQueues) queueContract();

    function queueContract(): void {
      test('brings every lasting queue beside the ports, as a port that faces the customer would count', async () => {
        const { fed = [], readings } = await read();
        expect(fed).toMatchObject([{ kind: 'queue', target: 'core1', complete: true }]);
        expect(fed[0]?.entities.map(({ id }) => id)).toEqual(['core1/reseller_r1001', 'core1/reseller_r1002']);
        expect(fed[0]?.readings.map(({ values }) => values)).toEqual(
          QUEUES.map(({ sent, received }) => ({ ifHCInOctets: sent, ifHCOutOctets: received, ifOperStatus: 1n })),
        );
        expect(readings).toHaveLength(PORTS.length);
      });

      test('reads the ports as well where queues cannot be read, and leaves queues unknown and not gone', async () => {
        router.queues = undefined;
        const { readings, complete, rejected, fed = [] } = await read();
        expect([readings.length, complete, rejected.length]).toEqual([PORTS.length, true, 1]);
        expect(fed.map((one) => [one.readings, one.entities, one.complete])).toEqual([[[], [], undefined]]);
      });

      test('does not bring a queue that is gone, and says that the list was whole', async () => {
        router.queues = QUEUES.slice(1);
        const { fed = [] } = await read();
        expect([fed[0]?.entities.length, fed[0]?.complete]).toEqual([1, true]);
      });

      test('counts a queue on, and anew when it was made anew under its name or the router began anew', async () => {
        const first = await read();
        const more = QUEUES.map((queue) => ({ ...queue, sent: queue.sent === 0n ? 15n : queue.sent }));
        const increase = async () => {
          const { amount, reason } = increaseOf(first, await read(), 'reseller_r1002', queueOf);
          return [amount, reason];
        };
        router.queues = more;
        expect(await increase()).toEqual([15n, undefined]);
        router.queues = more.map((queue) => ({ ...queue, number: queue.number + 1 }));
        expect(await increase()).toEqual([undefined, 'reset']);
        router.queues = more;
        router.uptimeMs = 60_000;
        expect(await increase()).toEqual([undefined, 'reset']);
      });

      test('refuses more queues than are believed in words, and reads the ports', async () => {
        const one = QUEUES[0] as DriverQueue;
        router.queues = Array.from({ length: 5_001 }, (_, i) => ({ ...one, name: `q${i}`, number: i + 1 }));
        const { readings, rejected, fed = [] } = await read();
        expect([readings.length, fed[0]?.readings.length]).toEqual([PORTS.length, 0]);
        expect(rejected[0]?.message).toMatch(/5001 queues; at most 5000/);
      });
    }

    test('writes down each call of a good run', async () => {
      const { operations } = await read();
      expect(operations[0]).toMatchObject({ name: 'resolve', ok: true });
      expect(operations.length).toBeGreaterThan(1);
      for (const { ok, name, responseMs } of operations) {
        expect([ok, name.length > 0, responseMs >= 0]).toEqual([true, true, true]);
      }
    });
  });
}
