import { beforeEach, describe, expect, test } from 'vitest';
import { CHECK_MESSAGES, CHECK_ORDERS } from '../../../functions/collect/sim-acts.ts';
import type { SimActMessage } from '../../../shared/sims/sim-actions.contract.ts';
import { sourceNamed } from '../../shared/collect/fakes.ts';
import type { FakeStep } from '../../shared/fake-table.ts';
import type { Api } from '../api/asking.ts';
import { ActsWorld, failure, iccidOf, LOST } from './sim-acts-world.ts';

let world: ActsWorld;
let ask: Api;
beforeEach(() => {
  world = new ActsWorld();
  ask = world.api();
});

const iccids = (count: number) => Array.from({ length: count }, (_, i) => iccidOf(i + 1));

/** Asks for an action, confirmed where it costs money; resolves to the job's id. */
async function start(body: Record<string, unknown>): Promise<string> {
  const dry = await ask('POST /v1/sims/actions', { body: { ...body, dryRun: true } });
  const { confirmation } = dry.body;
  const reply = await ask('POST /v1/sims/actions', { body: { ...body, ...(confirmation ? { confirmation } : {}) } });
  expect(reply.body).toMatchObject({ status: 'queued' });
  return reply.body.job;
}
async function result(job: string) {
  const { body } = await ask('GET /v1/sims/actions/{id}', { params: { id: job }, query: { limit: '500' } });
  return body;
}
const statesOf = (body: { items: { state: string }[] }) => body.items.map((i) => i.state);
const messageOf = (job: string): SimActMessage => ({ version: 1, tenant: 'demo', job, part: 0 });
const names = () => world.calls.map((c) => c.name);

describe('a job is worked off', () => {
  test('one by one when there are few, with each result', async () => {
    world.addSims(3);
    const job = await start({ action: 'reset', iccids: iccids(3) });
    expect(await world.workOff()).toEqual([{ outcome: 'ended', done: 3, failed: 0, unknown: 0 }]);
    expect(world.calls).toEqual(iccids(3).map((iccid) => ({ name: 'resetConnectivity', args: [iccid] })));
    expect(await result(job)).toMatchObject({
      status: 'finished',
      counts: { pending: 0, done: 3, failed: 0, unknown: 0 },
      items: iccids(3).map((iccid) => ({ iccid, account: 'fleet', state: 'done', note: null })),
    });
    expect(world.readAgain).toEqual(['fleet']);
  });

  test('by a hundred at once when there are many, part after part', async () => {
    world.addSims(230);
    const job = await start({ action: 'label', iccids: iccids(230), parameters: { label: 'new' } });
    await world.workOff();
    expect(world.calls.map((c) => [c.name, (c.args[0] as unknown[]).length])).toEqual([
      ['changeSims', 100],
      ['changeSims', 100],
      ['changeSims', 30],
    ]);
    expect((await result(job)).counts).toEqual({ pending: 0, done: 230, failed: 0, unknown: 0 });
  });

  test('one by one where the provider refuses a hundred at once, so that only the wrong one fails', async () => {
    world.addSims(30);
    const refusal = failure('REQUEST_INVALID', { status: 400, maybeDone: false });
    world.answers = ({ name, args }) =>
      name === 'changeSims' || (args[0] as { iccid: string }).iccid === iccidOf(7) ? refusal : undefined;
    const job = await start({ action: 'imei-lock', iccids: iccids(30) });
    await world.workOff();
    const body = await result(job);
    expect(body.counts).toEqual({ pending: 0, done: 29, failed: 1, unknown: 0 });
    expect(body.items[6]).toMatchObject({ state: 'failed', note: 'said by the provider' });
    expect(world.calls).toHaveLength(31);
  });

  test('each SIM at its own account, and each account is read again', async () => {
    world.addSims(2);
    world.sources.set('other', sourceNamed('other', { type: 'onence' }));
    world.addSims(2, { account: 'other' });
    await start({ action: 'disable', iccids: iccids(4) });
    expect(await world.workOff()).toHaveLength(2);
    expect(world.readAgain.sort()).toEqual(['fleet', 'other']);
  });

  test('the provider’s refusal of one SIM is that one’s, with its reason', async () => {
    world.addSims(3);
    world.answers = (_, index) => (index === 1 ? failure('SOURCE_UNAVAILABLE', { status: 422 }) : undefined);
    const job = await start({ action: 'reset', iccids: iccids(3) });
    await world.workOff();
    const body = await result(job);
    expect(statesOf(body)).toEqual(['done', 'failed', 'done']);
    expect(body.items[1].note).toBe('said by the provider');
  });

  test('refused credentials end the rest of that account with that reason, and no other', async () => {
    world.addSims(120);
    world.sources.set('other', sourceNamed('other', { type: 'onence' }));
    world.addSims(1, { account: 'other' });
    world.answers = (_, index) => (index === 1 ? failure('SOURCE_REJECTED') : undefined);
    const job = await start({ action: 'reset', iccids: iccids(121) });
    await world.workOff();
    const body = await result(job);
    expect(body.counts).toEqual({ pending: 0, done: 2, failed: 119, unknown: 0 });
    expect(body.items.at(-1)).toMatchObject({ account: 'other', state: 'done' });
    expect(world.calls).toHaveLength(3);
  });

  test('asked to wait, it goes back to the queue for so long, and goes on where it was', async () => {
    world.addSims(3);
    world.answers = (_, index) => (index === 1 ? failure('SOURCE_THROTTLED', { retryAfterSeconds: 42 }) : undefined);
    const job = await start({ action: 'reset', iccids: iccids(3) });
    expect(await world.workOff(1)).toMatchObject([{ outcome: 'put back', done: 1 }]);
    const before = world.calls.length;
    expect(before).toBe(2);
    await world.work({ ...messageOf(job) });
    expect(world.calls.map((c) => c.args[0])).toEqual([iccidOf(1), iccidOf(2), iccidOf(2), iccidOf(3)]);
    expect(statesOf(await result(job))).toEqual(['done', 'done', 'done']);
  });

  test.each([
    [42, 42],
    [3600, 900],
    [0.2, 1],
  ])('a wait of %d s is a delay of %d s', async (asked, delay) => {
    world.addSims(1);
    world.answers = () => failure('SOURCE_THROTTLED', { retryAfterSeconds: asked });
    const job = await start({ action: 'reset', iccids: iccids(1) });
    world.queue.sent.length = 0;
    await world.work(messageOf(job));
    expect(world.queue.sent).toMatchObject([{ delaySeconds: delay }]);
  });

  test('near its end an invocation begins nothing, and hands on', async () => {
    world.addSims(3);
    const job = await start({ action: 'reset', iccids: iccids(3) });
    world.queue.sent.length = 0;
    expect(await world.work(messageOf(job), { seconds: 19 })).toMatchObject({ outcome: 'put back', done: 0 });
    expect([world.calls.length, world.queue.sent.length]).toEqual([0, 1]);
    await world.workOff();
    expect(statesOf(await result(job))).toEqual(['done', 'done', 'done']);
  });

  test('a message that comes twice, or late, does nothing twice', async () => {
    world.addSims(150);
    const job = await start({ action: 'enable', iccids: iccids(150) });
    await world.workOff();
    const before = world.calls.length;
    expect(await world.work(messageOf(job))).toMatchObject({ outcome: 'nothing to do' });
    expect(await world.work({ ...messageOf(job), part: 1 })).toMatchObject({ outcome: 'nothing to do' });
    expect(world.calls).toHaveLength(before);
  });

  test('two at once: one works, the other comes back later', async () => {
    world.addSims(2);
    const job = await start({ action: 'sms', iccids: iccids(2), parameters: { payload: 'hello' } });
    world.queue.sent.length = 0;
    const reports = await Promise.all([world.work(messageOf(job)), world.work(messageOf(job))]);
    expect(reports.map((r) => r.outcome).sort()).toEqual(['ended', 'put back']);
    expect(world.calls).toHaveLength(2);
  });

  test('a message whose job was never written goes away by itself', async () => {
    for (let waits = 0; waits < 5; waits++) {
      expect(await world.work({ ...messageOf('never'), waits })).toMatchObject({ outcome: 'put back' });
    }
    expect(await world.work({ ...messageOf('never'), waits: 5 })).toMatchObject({ outcome: 'nothing to do' });
  });

  test('limits are one call of the account', async () => {
    await start({
      action: 'limits',
      account: 'fleet',
      parameters: { dataLimitId: 1, smsMtLimitId: 2, smsMoLimitId: 3 },
    });
    await world.workOff();
    expect(world.calls).toEqual([{ name: 'setLimits', args: [{ dataLimitId: 1, smsMtLimitId: 2, smsMoLimitId: 3 }] }]);
  });

  test('the audit hears when it is over, with counts and without texts', async () => {
    world.addSims(2);
    await start({ action: 'sms', iccids: iccids(2), parameters: { payload: 'planted text' } });
    await world.workOff();
    const rows = await world.auditRows();
    expect(rows.map((r) => [r.action, r.outcome])).toEqual([
      ['sims.sms', 'requested'],
      ['sims.sms', 'done'],
    ]);
    expect(rows[0]?.details).toMatchObject({ payloadLength: 12, sims: 2 });
    expect(rows[1]?.details).toEqual({ done: 2, failed: 0, unknown: 0 });
    expect(JSON.stringify(rows)).not.toContain('planted');
    expect(JSON.stringify(world.table.dump())).not.toContain('planted');
  });
});

describe('a lost answer', () => {
  test('of what may be done twice is asked for again, three times, and then said', async () => {
    world.addSims(2);
    world.answers = () => LOST;
    const job = await start({ action: 'enable', iccids: iccids(2) });
    const reports = await world.workOff();
    expect(reports.map((r) => r.outcome)).toEqual(['put back', 'put back', 'put back', 'ended']);
    expect(world.calls).toHaveLength(4);
    const body = await result(job);
    expect(statesOf(body)).toEqual(['unknown', 'failed']);
    expect(body.items[1].note).toContain('not tried');
  });

  test('that comes the second time is as good as any', async () => {
    world.addSims(1);
    world.answers = (_, index) => (index === 0 ? LOST : undefined);
    const job = await start({ action: 'enable', iccids: iccids(1) });
    await world.workOff();
    expect(statesOf(await result(job))).toEqual(['done']);
  });

  test('of an SMS is never asked for again, the others are sent later', async () => {
    world.addSims(3);
    world.answers = (_, index) => (index === 1 ? LOST : `sms-${index}`);
    const job = await start({ action: 'sms', iccids: iccids(3), parameters: { payload: 'hello' } });
    await world.workOff();
    const body = await result(job);
    expect(statesOf(body)).toEqual(['done', 'unknown', 'done']);
    expect(body.items.map((i: { note: string }) => i.note)).toEqual(['sms-0', CHECK_MESSAGES, 'sms-2']);
    expect(world.calls).toHaveLength(3);
  });

  test('an account that cannot be opened is tried again, and then no SIM was touched', async () => {
    world.addSims(2);
    world.opening = () => {
      throw LOST;
    };
    const job = await start({ action: 'sms', iccids: iccids(2), parameters: { payload: 'hello' } });
    await world.workOff();
    expect(statesOf(await result(job))).toEqual(['failed', 'failed']);
    expect(world.calls).toEqual([]);
  });
});

describe('what costs money', () => {
  beforeEach(() => {
    world.addSims(250);
    world.allowSpending();
  });

  test('is counted before the call, and audited before and after', async () => {
    let spentWhenCalled: bigint | undefined;
    let rowsWhenCalled: string[] = [];
    const seen: Promise<unknown>[] = [];
    world.answers = () => {
      seen.push(world.spentMinor().then((s) => (spentWhenCalled = s)));
      seen.push(world.auditRows().then((rows) => (rowsWhenCalled = rows.map((r) => r.outcome))));
      return 'order-7';
    };
    const job = await start({ action: 'topup', iccids: iccids(2) });
    await world.workOff();
    await Promise.all(seen);
    expect(spentWhenCalled).toBe(2000n);
    expect(rowsWhenCalled.slice(0, 2)).toEqual(['requested', 'intent']);
    const rows = await world.auditRows();
    expect(rows.map((r) => r.outcome)).toEqual(['requested', 'intent', 'done', 'done']);
    expect(rows[2]?.details).toMatchObject({
      amountMinor: '2000',
      currency: 'EUR',
      order: 'order-7',
      iccids: iccids(2).join(' '),
    });
    expect(world.calls).toEqual([{ name: 'topUp', args: [iccids(2), 'banktransfer'] }]);
    expect((await result(job)).items[0]).toMatchObject({ state: 'done', note: 'order-7' });
    expect(await world.spentMinor()).toBe(2000n);
  });

  test('and whose answer was lost is never asked for again: the amount stays, and the rest of the job is not tried', async () => {
    world.allowSpending({ capMinor: '900000' });
    world.answers = () => LOST;
    const job = await start({ action: 'topup', iccids: iccids(250) });
    await world.workOff();
    await world.work(messageOf(job));
    expect(world.calls).toHaveLength(1);
    const body = await result(job);
    expect(body.counts).toEqual({ pending: 0, done: 0, failed: 150, unknown: 100 });
    expect(body.items[0].note).toBe(CHECK_ORDERS);
    expect(body.items[249].note).toContain('not tried');
    expect(await world.spentMinor()).toBe(100_000n);
    expect((await world.auditRows()).map((r) => r.outcome)).toEqual(['requested', 'intent', 'unknown', 'unknown']);
  });

  test.each([
    ['refused', failure('SOURCE_UNAVAILABLE', { status: 400 })],
    ['refused with its credentials', failure('SOURCE_REJECTED')],
  ])('and was %s is given back', async (_, error) => {
    world.answers = () => error;
    const job = await start({ action: 'extend', iccids: iccids(2) });
    await world.workOff();
    expect(await world.spentMinor()).toBe(0n);
    expect(statesOf(await result(job))).toEqual(['failed', 'failed']);
    expect((await world.auditRows()).map((r) => r.outcome)).toEqual(['requested', 'intent', 'refused', 'failed']);
  });

  test('and could never be sent is tried again, then failed and given back', async () => {
    world.allowSpending({ capMinor: '900000' });
    world.answers = () => failure('SOURCE_UNAVAILABLE', { failure: 'refused', maybeDone: false });
    const job = await start({ action: 'topup', iccids: iccids(150) });
    await world.workOff();
    expect(await world.spentMinor()).toBe(0n);
    expect((await result(job)).counts).toEqual({ pending: 0, done: 0, failed: 150, unknown: 0 });
    expect(world.calls).toHaveLength(4);
  });

  test('and was asked to wait is given back meanwhile, and bought once', async () => {
    world.answers = (_, index) => (index === 0 ? failure('SOURCE_THROTTLED', { retryAfterSeconds: 5 }) : 'order-1');
    const job = await start({ action: 'topup', iccids: iccids(2) });
    await world.workOff(1);
    expect(await world.spentMinor()).toBe(0n);
    await world.work(messageOf(job));
    expect(await world.spentMinor()).toBe(2000n);
    expect(statesOf(await result(job))).toEqual(['done', 'done']);
  });

  test('stops at the cap', async () => {
    world.allowSpending({ capMinor: '250000' });
    const first = await start({ action: 'topup', iccids: iccids(250) });
    const second = await start({ action: 'topup', iccids: iccids(240) });
    await world.workOff();
    const done = (await result(first)).counts.done + (await result(second)).counts.done;
    expect(BigInt(done) * 1000n).toBe(await world.spentMinor());
    expect(await world.spentMinor()).toBeLessThanOrEqual(250_000n);
    expect(JSON.stringify(await result(second))).toContain('beyond the cap of 2030-01');
  });

  test.each([
    ['switched off', { enabled: false }, 'switched off'],
    ['made dearer', { topUpPriceMinor: '1001' }, 'price was changed'],
    ['moved to another currency', { currency: 'USD' }, 'price was changed'],
  ])('and was %s after it was confirmed is not bought', async (_, over, words) => {
    const job = await start({ action: 'topup', iccids: iccids(1) });
    world.allowSpending(over);
    await world.workOff();
    expect(world.calls).toEqual([]);
    expect((await result(job)).items[0]).toMatchObject({ state: 'failed', note: expect.stringContaining(words) });
  });

  test('auto top-up off costs nothing and needs no confirmation', async () => {
    world.sources.set('fleet', sourceNamed('fleet', { type: 'onence' }));
    await start({ action: 'auto-topup', iccids: iccids(3), parameters: { enabled: false } });
    await world.workOff();
    expect(world.calls).toEqual([{ name: 'setAutoTopUp', args: [iccids(3), false] }]);
    expect(await world.spentMinor()).toBe(0n);
  });
});

/** Crashes at the n-th write of an invocation; then the message comes again, after the dead one's hold is over. */
async function crashAt(write: number, body: Record<string, unknown>, sims: number) {
  world = new ActsWorld();
  world.allowSpending();
  world.addSims(sims);
  world.answers = (_, index) => `answer-${index}`;
  ask = world.api();
  const job = await start(body);
  world.queue.sent.length = 0;
  let writes = 0;
  const dying = world.table.view((step: FakeStep) => {
    if (step.write && ++writes >= write) throw new Error('the machine is gone');
  });
  const died = await world.work(messageOf(job), { table: dying }).then(
    () => false,
    () => true,
  );
  world.clock.advance(200_000);
  await world.work(messageOf(job));
  await world.workOff();
  return { died, body: await result(job) };
}

describe('a crash after any write heals', () => {
  test.each([
    ['topup', undefined, 2],
    ['sms', { payload: 'hello' }, 2],
    ['reset', undefined, 2],
    ['label', { label: 'x' }, 25],
  ] as const)('%s', async (action, parameters, sims) => {
    const [mayRepeat, isPaid] = [action === 'reset' || action === 'label', action === 'topup'];
    let survived = false;
    for (let write = 1; !survived; write++) {
      const { died, body } = await crashAt(
        write,
        { action, iccids: iccids(sims), ...(parameters ? { parameters } : {}) },
        sims,
      );
      survived = !died;
      expect(body.status, `write ${write}`).toBe('finished');
      expect(body.counts.pending).toBe(0);
      expect(body.counts.failed).toBe(0);
      const asked = world.calls.flatMap((c) => [c.args[0]].flat().map((a) => (a as { iccid?: string }).iccid ?? a));
      if (mayRepeat) expect(body.counts.done).toBe(sims);
      else expect(new Set(asked).size, `nothing is asked twice, write ${write}`).toBe(asked.length);
      // Nobody knows what became of it, and the audit says so.
      if (isPaid && body.counts.unknown > 0) {
        const reasons = (await world.auditRows()).map((r) => r.details.reason);
        expect(reasons, `write ${write}`).toContain('interrupted while the provider was being called');
      }
      // Whatever was bought is counted.
      if (isPaid && world.calls.length > 0) expect(await world.spentMinor()).toBe(2000n);
      expect(body.counts.done + body.counts.unknown).toBe(sims);
      expect(world.readAgain.length).toBeGreaterThan(0);
    }
    expect(names().length).toBeGreaterThan(0);
  });
});
