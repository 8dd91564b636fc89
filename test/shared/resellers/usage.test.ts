import { beforeEach, describe, expect, test } from 'vitest';
import type { Increase } from '../../../shared/samples/sample.ts';
import type { Api } from '../../functions/api/asking.ts';
import { ResellersWorld } from '../../functions/resellers-world.ts';
import { NOON } from '../collect/fakes.ts';

let world: ResellersWorld;
let ask: Api;
const FIVE_MINUTES = 300_000;
const slotOf = (n: number) => NOON - 3_600_000 + n * FIVE_MINUTES;
const increase = (n: number, amount: bigint | undefined, over: Partial<Increase> = {}): Increase => ({
  ...{ slot: slotOf(n), from: slotOf(n) - FIVE_MINUTES, to: slotOf(n), elapsedMs: FIVE_MINUTES, amount },
  rateable: amount !== undefined,
  ...over,
});
/** 37,500 octets in five minutes are 1 kb/s. */
const kilobits = (n: number) => BigInt(n) * 37_500n;

function counted(
  name: string,
  sent: readonly Increase[],
  received: readonly Increase[] = [],
  kind = 'interface',
): void {
  world.increases.set(`${kind} core/${name} ifHCOutOctets`, [...sent]);
  world.increases.set(`${kind} core/${name} ifHCInOctets`, [...received]);
  world.heads.set(`${kind} core`, {
    ...{ tenant: 'demo', kind, target: 'core', seq: 1, folded: 0, periodSeconds: 300, entities: [] },
  });
}

beforeEach(() => {
  world = new ResellersWorld();
  ask = world.api();
});

async function usageOf(interfaces: string[], query: Record<string, string> = {}) {
  await ask('POST /v1/resellers', {
    body: { id: 'r1', name: 'One', addresses: ['192.0.2.5'], routers: [{ router: 'core', interfaces }] },
  });
  const hour = { from: new Date(slotOf(0)).toISOString(), to: new Date(NOON).toISOString() };
  return ask('GET /v1/resellers/{id}/usage', { params: { id: 'r1' }, query: { ...hour, ...query } });
}

describe('the usage of a reseller', () => {
  test('of one port is what the router sent to it and received from it', async () => {
    counted(
      'ether5',
      [increase(1, kilobits(10)), increase(2, kilobits(30))],
      [increase(1, kilobits(1)), increase(2, kilobits(3))],
    );
    expect((await usageOf(['ether5'])).body).toMatchObject({
      ...{ id: 'r1', toTargetOctets: '1500000', fromTargetOctets: '150000' },
      ...{ toTargetPeakBitsPerSecond: 30_000, fromTargetPeakBitsPerSecond: 3000 },
      ...{ toTargetAverageBitsPerSecond: 20_000, fromTargetAverageBitsPerSecond: 2000 },
      ...{ validSlots: 2, expectedSlots: 12, unknownParts: [], parts: [{ interface: 'core~ether5' }] },
    });
  });

  test('of several ports has the peak of their sum, not the sum of their peaks', async () => {
    const [a, b] = [
      [10, 30, 20],
      [25, 5, 20],
    ].map((rates) => rates.map((rate, i) => increase(i, kilobits(rate))));
    counted('a', a ?? [], a);
    counted('b', b ?? [], b);
    expect((await usageOf(['a', 'b'])).body).toMatchObject({
      ...{ toTargetPeakBitsPerSecond: 40_000, toTargetOctets: String(kilobits(110)), validSlots: 3 },
    });
  });

  test('with an unknown part is unknown, and names the part', async () => {
    counted('a', [increase(1, kilobits(10))], [increase(1, kilobits(1))]);
    counted('b', [increase(1, undefined, { reason: 'reset' })], [increase(1, kilobits(1))]);
    const { body } = await usageOf(['a', 'b', 'gone']);
    expect(body).toMatchObject({
      ...{ toTargetOctets: null, toTargetPeakBitsPerSecond: null, toTargetAverageBitsPerSecond: null },
      ...{ fromTargetOctets: null, validSlots: 0, unknownParts: ['core~b', 'core~gone'] },
    });
    expect(body.parts[0]).toMatchObject({ interface: 'core~a', toTargetOctets: String(kilobits(10)), validSlots: 1 });
  });

  test('counts a gap in the total, and never as a rate; a slot that one port lacks is not valid', async () => {
    const gap = increase(4, kilobits(90), { elapsedMs: 900_000, reason: 'gap', rateable: false });
    counted('a', [increase(1, kilobits(10)), gap], [increase(1, 0n), gap]);
    counted('b', [increase(1, kilobits(1)), increase(4, kilobits(1))], [increase(1, 0n), increase(4, 0n)]);
    expect((await usageOf(['a', 'b'])).body).toMatchObject({
      ...{ toTargetOctets: String(kilobits(102)), toTargetPeakBitsPerSecond: 11_000, validSlots: 1 },
    });
  });

  test('without a named port is what its queue carried', async () => {
    const [sent, received] = [
      [increase(1, kilobits(10)), increase(2, kilobits(30))],
      [increase(1, 0n), increase(2, 3n)],
    ];
    counted('reseller_r1', sent, received, 'queue');
    // A port that bears the queue's name is another meter.
    counted('reseller_r1', [increase(1, kilobits(500))], [increase(1, kilobits(500))]);
    const { body } = await usageOf([]);
    expect(body).toMatchObject({
      ...{ toTargetOctets: String(kilobits(40)), fromTargetOctets: '3', toTargetPeakBitsPerSecond: 30_000 },
      ...{ validSlots: 2, expectedSlots: 12, unknownParts: [] },
    });
    expect(body.parts).toMatchObject([{ queue: 'core~reseller_r1', toTargetOctets: String(kilobits(40)) }]);
    expect([body.note, 'interface' in body.parts[0]]).toEqual([undefined, false]);
  });

  test('by named ports is not also counted by the queue', async () => {
    counted('ether5', [increase(1, kilobits(10))], [increase(1, kilobits(1))]);
    counted('reseller_r1', [increase(1, kilobits(10))], [increase(1, kilobits(1))], 'queue');
    const { body } = await usageOf(['ether5']);
    expect([body.toTargetOctets, body.parts.length]).toEqual([String(kilobits(10)), 1]);
  });

  test('over several routers is the sum of the ports of one and the queue of another', async () => {
    world.addRouter('edge');
    counted('ether5', [increase(1, kilobits(10))], [increase(1, kilobits(1))]);
    world.increases.set('queue edge/r one ifHCOutOctets', [increase(1, kilobits(5))]);
    world.increases.set('queue edge/r one ifHCInOctets', [increase(1, kilobits(2))]);
    const routers = [
      { router: 'core', interfaces: ['ether5'] },
      { router: 'edge', queue: 'r one' },
    ];
    await ask('POST /v1/resellers', { body: { id: 'r1', name: 'One', addresses: ['192.0.2.5'], routers } });
    const { body } = await ask('GET /v1/resellers/{id}/usage', { params: { id: 'r1' } });
    expect(body).toMatchObject({ toTargetOctets: String(kilobits(15)), fromTargetOctets: String(kilobits(3)) });
    expect(body.parts).toMatchObject([{ interface: 'core~ether5' }, { queue: 'edge~r=20one' }]);
  });

  test('by a queue that nobody reads is unknown and says how to mend it, and no zero', async () => {
    const { body } = await usageOf([]);
    expect(body.note).toMatch(/^no queue "reseller_r1" of the router core is read here/);
    const values = ['toTargetOctets', 'fromTargetOctets', 'toTargetPeakBitsPerSecond', 'toTargetAverageBitsPerSecond'];
    expect(values.map((name) => body[name])).toEqual([null, null, null, null]);
    expect(body.unknownParts).toEqual(['core~reseller_r1']);
  });

  test('by a queue whose counters began anew once is unknown for no more than that step', async () => {
    const reset = increase(2, undefined, { reason: 'reset' });
    const steps = [increase(1, kilobits(10)), reset, increase(3, kilobits(20))];
    counted('reseller_r1', steps, steps, 'queue');
    expect((await usageOf([])).body).toMatchObject({ toTargetOctets: String(kilobits(30)), validSlots: 2 });
  });

  test('of one who hangs on no router says that there is nothing to read, and no zero', async () => {
    await ask('POST /v1/resellers', { body: { id: 'r2', name: 'Two' } });
    const { body } = await ask('GET /v1/resellers/{id}/usage', { params: { id: 'r2' } });
    expect(body.note).toMatch(/nothing to read/);
    expect([body.toTargetOctets, body.parts, body.unknownParts]).toEqual([null, [], []]);
  });

  test('of a time that ends before it begins is refused', async () => {
    expect((await usageOf([], { from: new Date(NOON + 1).toISOString() })).status).toBe(422);
  });
});
