import { expect, test } from 'vitest';
import { CHECK_ORDERS, createSimActs } from '../../../functions/collect/sim-acts.ts';
import { worldOf } from '../../shared/sims/onence-world.ts';
import type { Told } from '../../shared/sims/scripted-onence.ts';
import { ActsWorld, iccidOf } from './sim-acts-world.ts';

/** A job of two SIMs against a server that answers as told; every message is worked off, and comes once more. */
async function run(body: Record<string, unknown>, answers: (nth: number) => Told | undefined) {
  const provider = await worldOf(({ method }, nth) => (method === 'GET' ? { body: [] } : answers(nth)));
  const world = new ActsWorld();
  world.addSims(2);
  world.allowSpending();
  const ask = world.api();
  const request = { iccids: [iccidOf(1), iccidOf(2)], ...body };
  const dry = await ask('POST /v1/sims/actions', { body: { ...request, dryRun: true } });
  const { confirmation } = dry.body;
  const made = await ask('POST /v1/sims/actions', { body: { ...request, ...(confirmation ? { confirmation } : {}) } });
  const act = createSimActs({ ...world.deps(), openAccount: async () => provider.clientOf() });
  const { job } = made.body;
  let holder = 0;
  const work = (part: number) =>
    act({ version: 1, tenant: 'demo', job, part }, { deadline: world.clock.now() + 90_000, holder: `h${++holder}` });
  for (let taken = 0; world.queue.sent.shift() !== undefined && taken < 10; taken++) await work(0);
  await work(0);
  const { items } = (await ask('GET /v1/sims/actions/{id}', { params: { id: job } })).body;
  const asked = provider.api.asked.filter((a) => a.path !== '/oauth/token').map((a) => `${a.method} ${a.path}`);
  return { items, asked, states: items.map((i: { state: string }) => i.state), spent: await world.spentMinor() };
}

const TOPUP = 'POST /v1/sims/topup?payment_method=banktransfer';

test('a top-up is one order, and its number is the result', async () => {
  const order = { status: 201, headers: { location: 'https://internal.example/v1/orders/4711' } };
  const { items, asked, spent } = await run({ action: 'topup' }, () => order);
  expect(items).toMatchObject([
    { state: 'done', note: '4711' },
    { state: 'done', note: '4711' },
  ]);
  expect([asked, spent]).toEqual([[TOPUP], 2000n]);
});

test.each([
  ['a connection that breaks', { fault: 'reset' }],
  ['an answer that is cut', { status: 201, fault: 'truncated' }],
  ['a failing server', { status: 500 }],
  ['a gateway that gave up', { status: 504, body: '<html>' }],
] as const)('%s is one top-up asked for, counted, and to be looked up', async (_, told) => {
  const { items, asked, spent, states } = await run({ action: 'topup' }, () => told as Told);
  expect(asked).toEqual([TOPUP]);
  expect(states).toEqual(['unknown', 'unknown']);
  expect([items[0].note, spent]).toEqual([CHECK_ORDERS, 2000n]);
});

test('a payment method that is refused costs nothing', async () => {
  const refusal = { status: 400, body: { message: 'Payment method used is not valid.' } };
  const { items, asked, spent } = await run({ action: 'topup' }, () => refusal);
  expect(items[0]).toMatchObject({
    state: 'failed',
    note: expect.stringContaining('Payment method used is not valid.'),
  });
  expect([asked.length, spent]).toEqual([1, 0n]);
});

test('a storm of 429 ends in one order', async () => {
  const { asked, spent, states } = await run({ action: 'topup' }, (nth) =>
    nth <= 3 ? { status: 429, headers: { 'retry-after': '5' } } : { status: 201 },
  );
  expect(states).toEqual(['done', 'done']);
  expect([asked.length, spent]).toEqual([4, 2000n]);
});

test('a reset whose answer is lost is asked for again', async () => {
  const { states } = await run({ action: 'reset' }, (nth) => (nth === 1 ? { fault: 'reset' } : {}));
  expect(states).toEqual(['done', 'done']);
});
