/** One first look at every SIM of an account: delivers its messages as the queue would, and notes where time and memory go. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { QueuedCollectMessage } from '../shared/collect/collect.contract.ts';
import { isoInstant } from '../shared/platform/clock.ts';
import { DEFAULT_RETRY_AFTER_SECONDS } from '../shared/platform/http.ts';
import type { Queue } from '../shared/platform/queue.port.ts';
import { type Counts, PERIOD_SECONDS } from './fleet-outside.ts';
import { type BenchTime, realTime, VirtualTime } from './fleet-time.ts';
import { ACCOUNT, INVOCATION_MS, Outside, openWorld, tenantAt, type Worker, type World } from './fleet-world.ts';
import { expectSame } from './measure.ts';

export interface Plan {
  readonly sims: number;
  readonly virtual: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of an answer of the API; of an answer of the table and of a message's way, on the virtual clock. */
  readonly latencyMs: number;
  readonly tableMs: number;
  readonly handOverMs: number;
  /** 0 = a 429 does not say. */
  readonly retryAfterSeconds: number;
  /** Ends after so many slots, however many SIMs were seen. */
  readonly slots?: number;
  /** The collector is killed at this call. */
  readonly killAtCall?: number;
}

interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Outcome {
  readonly counts: Counts;
  readonly seen: number;
  /** From the slot to the end of the part that saw the last SIM, or of the last slot. */
  readonly elapsedMs: number;
  readonly parts: number;
  readonly slots: number;
  /** Instants of calls, in order. */
  readonly calls: readonly number[];
  /** When the account wanted not to be called. */
  readonly held: readonly Span[];
  readonly works: readonly Span[];
  readonly cpuUs: number;
  /** Resident MB of the collector's process after the first tenth of the parts, and at most. */
  readonly residentMb: readonly number[];
  /** MB alive after the garbage is gone. */
  readonly aliveMb: readonly number[];
  readonly deferred: number;
  /** From a kill until its message was delivered again. */
  readonly deadMs: number;
}

export const REQUESTS_PER_SECOND = 10;
const VIRTUAL_START = Date.parse('2030-03-15T09:00:00Z');
const MEGABYTE = 1_000_000;
const ALIVE_EVERY_PARTS = 20;
const SAY_EVERY_PARTS = 50;

export async function lookOnce(plan: Plan): Promise<Outcome> {
  const firstSlot = plan.virtual ? VIRTUAL_START : Math.ceil(Date.now() / 1000) * 1000;
  const time: BenchTime = plan.virtual ? new VirtualTime(firstSlot) : realTime;
  const { sims, latencyMs, retryAfterSeconds } = plan;
  const order = { sims, latencyMs, retryAfterSeconds, anchorAt: firstSlot, requestsPerSecond: REQUESTS_PER_SECOND };
  const outside = await Outside.start({ ...order, sockets: !plan.virtual });
  try {
    return await new Look(plan, time, firstSlot, outside).play();
  } finally {
    outside.stop();
  }
}

class Look {
  readonly #plan: Plan;
  readonly #time: BenchTime;
  readonly #firstSlot: number;
  readonly #outside: Outside;
  readonly #calls: number[] = [];
  readonly #held: Span[] = [];
  readonly #works: Span[] = [];
  /** By number of the SIM, so that it takes no room worth measuring. */
  readonly #seen: Uint8Array;
  #seenCount = 0;
  readonly #residentMb: number[] = [];
  readonly #aliveMb: number[] = [];
  readonly #underWay = new Set<QueuedCollectMessage>();
  readonly #collectGarbage = openCollector();
  #world: World | undefined;
  #worker: Worker | undefined;
  #slots = 0;
  #deferred = 0;
  #isOver = false;
  #end: (error?: unknown) => void = () => undefined;

  constructor(plan: Plan, time: BenchTime, firstSlot: number, outside: Outside) {
    this.#plan = plan;
    this.#time = time;
    this.#firstSlot = firstSlot;
    this.#outside = outside;
    this.#seen = new Uint8Array(plan.sims + 1);
  }

  async play(): Promise<Outcome> {
    const { sims, settings, latencyMs, tableMs } = this.#plan;
    const watch = {
      onCall: (at: number) => this.#called(at),
      onAnswer: (call: { path: string; status: number; at: number }) => this.#answered(call),
    };
    const options = {
      ...{ outside: this.#outside, time: this.#time, firstSlot: this.#firstSlot, sims, latencyMs, tableMs, ...watch },
      settings: { requestsPerSecond: REQUESTS_PER_SECOND, ...settings },
    };
    const world = await openWorld(options, this.#queue());
    this.#world = world;
    const before = process.cpuUsage();
    const startedAt = this.#time.clock.now();
    await this.#time.play(
      new Promise<void>((resolve, reject) => {
        this.#end = (error) => (error === undefined ? resolve() : reject(error));
        void this.#tick();
      }),
    );
    const { user, system } = process.cpuUsage(before);
    const endedAt = this.#time.clock.now();
    // A part under way at the end of the last slot has not written yet.
    if (this.#seenCount === sims) expectSame('SIMs with a reading', sims, await world.countRead());
    return {
      counts: await this.#outside.counts(),
      seen: this.#seenCount,
      elapsedMs: endedAt - startedAt,
      ...{ parts: this.#works.length, slots: this.#slots, calls: this.#calls, held: this.#held, works: this.#works },
      deadMs: this.#plan.killAtCall === undefined ? 0 : INVOCATION_MS,
      ...{ cpuUs: user + system, residentMb: this.#residentMb, aliveMb: this.#aliveMb, deferred: this.#deferred },
    };
  }

  /** A message each slot, as the dispatcher sends them. */
  async #tick(): Promise<void> {
    for (; !this.#isOver; this.#slots++) {
      const slot = this.#firstSlot + this.#slots * PERIOD_SECONDS * 1000;
      await this.#time.sleep(Math.max(0, slot - this.#time.clock.now()));
      if (this.#slots === this.#plan.slots) return this.#finish();
      const tenant = tenantAt(this.#firstSlot);
      void this.#deliver({ version: 1, tenant, source: ACCOUNT, slot: isoInstant(slot), part: 0, boundary: true });
    }
  }

  #queue(): Queue<QueuedCollectMessage> {
    return {
      send: async (message, { delaySeconds = 0 } = {}) => {
        const way = delaySeconds * 1000 + this.#plan.handOverMs;
        void this.#time.sleep(way).then(() => this.#deliver(message));
      },
      sendMany: async () => {
        throw new Error('nobody sends several');
      },
    };
  }

  async #deliver(message: QueuedCollectMessage): Promise<void> {
    if (this.#isOver) return;
    this.#worker ??= this.#world?.openWorker();
    this.#underWay.add(message);
    const from = this.#time.clock.now();
    try {
      const report = await this.#worker?.deliver(message);
      if (report?.outcome === 'deferred') this.#deferred++;
      if (report?.outcome === 'failed') process.stderr.write(`a part failed: ${JSON.stringify(report)}\n`);
      this.#works.push({ from, to: this.#time.clock.now() });
      this.#look();
    } catch (error) {
      this.#end(error);
    }
    this.#underWay.delete(message);
  }

  #look(): void {
    const parts = this.#works.length;
    this.#residentMb.push(process.memoryUsage().rss / MEGABYTE);
    if (parts % ALIVE_EVERY_PARTS === 2) {
      this.#collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      this.#aliveMb.push((heapUsed + external) / MEGABYTE);
    }
    if (parts % SAY_EVERY_PARTS === 0)
      process.stderr.write(`${parts} parts, ${this.#seenCount} of ${this.#plan.sims} SIMs seen\n`);
    if (this.#seenCount < this.#plan.sims) return;
    this.#finish();
  }

  #finish(): void {
    this.#isOver = true;
    this.#end();
  }

  #called(at: number): void {
    this.#calls.push(at);
    if (this.#calls.length !== this.#plan.killAtCall) return;
    this.#worker?.kill();
    this.#worker = undefined;
    for (const message of this.#underWay) void this.#time.sleep(INVOCATION_MS).then(() => this.#deliver(message));
    this.#underWay.clear();
  }

  #answered({ path, status, at }: { path: string; status: number; at: number }): void {
    if (status === 429) {
      const seconds = this.#plan.retryAfterSeconds || DEFAULT_RETRY_AFTER_SECONDS;
      this.#held.push({ from: at, to: at + seconds * 1000 });
      return;
    }
    const number = status === 200 ? Number(/\/sims\/8988(\d{15})\/usage$/.exec(path)?.[1]) : Number.NaN;
    if (Number.isNaN(number) || this.#seen[number] === 1) return;
    this.#seen[number] = 1;
    this.#seenCount++;
  }
}

/** Node gives it out only when it is asked to. */
function openCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
