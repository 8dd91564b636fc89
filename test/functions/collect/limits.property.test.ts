import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LimitsMessage } from '../../../shared/resellers/resellers.contract.ts';
import { ResellersWorld } from '../resellers-world.ts';

const params = { id: 'r1001' };
const R1 = { id: 'r1001', name: 'One', addresses: ['192.0.2.5'], routers: [{ router: 'core' }], plan: { downMbps: 1 } };

/** Lets everything that is under way go on one step at a time, in the order that it is told. */
class Turns {
  #waiting: (() => void)[] = [];

  readonly wait = (): Promise<void> => new Promise((go) => this.#waiting.push(go));

  async goOn(choice: number): Promise<boolean> {
    // Promises that need no turn come to their next one.
    await new Promise((resolve) => setImmediate(resolve));
    const [go] = this.#waiting.splice(choice % Math.max(1, this.#waiting.length), 1);
    go?.();
    return go !== undefined;
  }
}

test('no interleaving of plan changes, workers, duplicates and comparisons ends with an older plan on the router', async () => {
  const plans = fc.array(fc.integer({ min: 2, max: 900 }), { minLength: 2, maxLength: 3 });
  const duplicates = fc.array(fc.nat({ max: 2 }), { maxLength: 2 });
  const order = fc.array(fc.nat({ max: 7 }), { minLength: 40, maxLength: 200 });
  let overlapped = 0;
  await fc.assert(
    fc.asyncProperty(plans, duplicates, order, async (rates, again, choices) => {
      const turns = new Turns();
      let isStepwise = false;
      const world = new ResellersWorld({ before: () => (isStepwise ? turns.wait() : undefined) });
      world.router().before = () => (isStepwise ? turns.wait() : undefined);
      const ask = world.api();
      await ask('POST /v1/resellers', { body: R1 });
      isStepwise = true;
      let underWay = 0;
      const begin = async (what: Promise<unknown>) => {
        if (underWay++ > 0) overlapped++;
        await what.finally(() => underWay--);
      };
      const started: Promise<unknown>[] = [];
      const start = (what: () => Promise<unknown>) => void started.push(begin(what()));
      const workOnNext = () => {
        const entry = world.queue.sent.shift();
        if (entry) start(() => world.work(entry.message));
      };
      const changes = rates.map((downMbps, i) => async () => {
        // Each from the version that it finds: those who come too late are refused.
        const version = (await ask('GET /v1/resellers/{id}', { params })).body.version;
        await ask('POST /v1/resellers/{id}/plan', { params, body: { downMbps, version } });
        if (again.includes(i)) start(() => world.work({ ...compareMessage }));
      });
      for (const choice of choices) {
        if (choice === 0) {
          const change = changes.shift();
          if (change) start(change);
        } else if (choice === 1) workOnNext();
        else await turns.goOn(choice);
      }
      for (const change of changes) start(change);
      while ((await turns.goOn(0)) || underWay > 0) if (world.queue.sent.length > 0 && underWay < 3) workOnNext();
      isStepwise = false;
      await Promise.all(started);
      await world.workOff();
      const { body } = await ask('GET /v1/resellers/{id}', { params });
      expect(body.work.phase).toBe('done');
      const onRouter = world.router().queues.get('reseller_r1001')?.limit.toTargetBitsPerSecond;
      expect(onRouter).toBe(body.plan.downMbps * 1_000_000);
      expect(body.applied).toMatchObject([{ limit: { downMbps: body.plan.downMbps } }]);
    }),
    { numRuns: process.env.HEADROOM_LONG ? 1000 : 40 },
  );
  expect(overlapped).toBeGreaterThan(20);
});

const compareMessage: LimitsMessage = { version: 1, work: 'compare', tenant: 'demo', router: 'core' };
