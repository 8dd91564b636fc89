import { afterEach, describe, expect, test } from 'vitest';
import type { Answer, Disturb } from '../../local/gateway/gateway.ts';
import type { CloudModel } from '../../local/model/types.ts';
import { demoTaaraAccounts, taaraSecretOf } from '../../local/simulators/taara-accounts.ts';
import { type Flow, type FlowOptions, START, startFlow } from './flow.ts';
import { accountOf, alertsOf, pointsOf, runsOf, totalOf } from './story.ts';

let flow: Flow;
const [home] = demoTaaraAccounts(START);

/** The fault begins when the story does. */
let armed = false;

async function begin(options: FlowOptions): Promise<void> {
  armed = false;
  flow = await startFlow(options);
  await flow.addTenant('demo');
  await flow.addTaara('demo');
  armed = true;
}

afterEach(() => flow.stop());

const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem'];

function failure(type: string, status = 400): Answer {
  const body = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: 'injected' };
  return { status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(body) };
}

/** The same numbers each time (mulberry32), so that a failure can be looked at again. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Low, critical, topped up: three messages about one account, and a fourth about the other that was low all along. */
async function story(): Promise<void> {
  await flow.runNow('collect-taara');
  await calm(2);
  await flow.inject('taara', { fault: 'drain', remainingPercent: 15 });
  await flow.runNow('collect-taara');
  await calm(4);
  await flow.inject('taara', { fault: 'drain', remainingPercent: 3 });
  await flow.runNow('collect-taara');
  await calm(7);
  await flow.inject('taara', { fault: 'topup', remainingPercent: 90 });
  await flow.runNow('collect-taara');
  await calm(5);
}

/** Time goes by, and what came back to its queue is delivered again. */
async function calm(minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 1) {
    await flow.pass(1);
    await flow.redeliver();
  }
}

async function expectTold(): Promise<void> {
  const home = (await flow.messages()).filter((m) => /Home link/.test(m.body)).map((m) => m.body);
  expect(
    home.filter((b) => /WARNING/.test(b)),
    home.join('\n---\n'),
  ).toHaveLength(1);
  expect(
    home.filter((b) => /CRITICAL/.test(b)),
    home.join('\n---\n'),
  ).toHaveLength(1);
  expect(home.filter((b) => /RESOLVED|over/i.test(b)).length, home.join('\n---\n')).toBeGreaterThanOrEqual(1);
  expect(home.length).toBeLessThanOrEqual(3);
  expect((await flow.messages()).filter((m) => /Office link/.test(m.body))).toHaveLength(1);
  expect(await alertsOf(flow)).toEqual([expect.stringMatching(/^office/)]);
}

async function expectStored(): Promise<void> {
  const runs = await runsOf(flow);
  const slots = runs.map((r) => r.slot);
  expect(new Set(slots).size).toBe(slots.length);
  expect(runs.filter((r) => r.status !== 'success')).toEqual([]);
  const points = await pointsOf(flow);
  expect(points.length).toBe(runs.length);
  expect(points.at(-1)?.value).not.toBeNull();
  const known = points.filter((p) => p.reason !== 'topup');
  expect(totalOf(known).told).toBeGreaterThan(0n);
}

function expectNoDeadLetters(): void {
  for (const queue of flow.cloud.model.queues.filter((q) => !('RedrivePolicy' in q.attributes))) {
    expect([queue.name, flow.cloud.queues.server.inspectQueue(queue.name)?.messages.ready.length]).toEqual([
      queue.name,
      0,
    ]);
  }
}

describe('fault 6: the table', () => {
  test('throttles a tenth of everything: every reading is stored once, every word told once', async () => {
    const roll = dice(6);
    let throttled = 0;
    const disturb: Disturb = (owner, _, request) => {
      if (!armed || owner === 'operator' || request.service !== 'dynamodb' || roll() > 0.1) return undefined;
      throttled += 1;
      return failure(roll() > 0.5 ? 'ProvisionedThroughputExceededException' : 'ThrottlingException');
    };
    await begin({ disturb });
    await story();
    expect(throttled).toBeGreaterThan(50);
    await expectStored();
    await expectTold();
    expectNoDeadLetters();
  }, 170_000);

  test.each([1])(
    'writes, and its answer is lost now and then (%i): nothing is stored or told twice',
    async (seed) => {
      const roll = dice(seed);
      let lost = 0;
      const disturb: Disturb = (owner, [request], { url, method, headers, body }) => {
        if (!armed || owner === 'operator' || !WRITES.includes(request?.operation ?? '') || roll() > 0.15)
          return undefined;
        lost += 1;
        const forwarded = Object.entries(headers).filter(([name]) => /^(content-type|x-amz-|authorization)/.test(name));
        return fetch(`${flow.cloud.tables.url}${url}`, {
          method,
          headers: Object.fromEntries(forwarded) as Record<string, string>,
          body: new Uint8Array(body),
        })
          .then((response) => response.arrayBuffer())
          .then(() => failure('InternalServerError', 500));
      };
      await begin({ disturb });
      for (let i = 0; i < 4; i++) {
        const body = {
          id: `spare-${i}`,
          type: 'taara',
          name: 'Spare',
          enabled: false,
          credentials: taaraSecretOf(home),
        };
        expect(await flow.call('POST', '/v1/sources', { body })).toMatchObject({ status: 201, body: { version: 1 } });
        const rule = { id: `spare-${i}`, kind: 'bundle', type: 'absence', name: 'Spare', slots: 3, severity: 'info' };
        const added = await flow.call('POST', '/v1/rules', { body: { ...rule, enabled: false } });
        expect(added).toMatchObject({ status: 201, body: { version: 1 } });
        expect(await flow.call('DELETE', `/v1/rules/spare-${i}`)).toMatchObject({ status: 204 });
      }
      await story();
      expect(lost).toBeGreaterThan(20);
      await expectStored();
      await expectTold();
      expectNoDeadLetters();
    },
    170_000,
  );

  test('is gone for a while: the API says so in words, and a slot is read when it is back', async () => {
    let down = false;
    await begin({
      disturb: (owner, _, request) =>
        down && owner !== 'operator' && request.service === 'dynamodb'
          ? failure('InternalServerError', 500)
          : undefined,
    });
    await flow.pass(16);
    const before = (await runsOf(flow)).length;
    down = true;
    const answer = await flow.call('GET', '/v1/bundles');
    expect(answer).toMatchObject({ status: 503, body: { title: 'Service Unavailable', detail: expect.any(String) } });
    const health = await flow.call('GET', '/health', { token: '' });
    expect(health).toMatchObject({ status: 200, body: { status: 'degraded', checks: { table: { ok: false } } } });
    await flow.call('POST', '/v1/sources/home/collect');
    await flow.pass(3);
    down = false;
    await flow.redeliver();
    await flow.pass(16);
    const runs = await runsOf(flow);
    expect(runs.length).toBeGreaterThan(before);
    expect(runs[0]).toMatchObject({ status: 'success' });
    const { told, gone } = totalOf(await pointsOf(flow));
    expect(told).toBe(gone);
  }, 150_000);
});

/** Time to write is 8 s of it: what is left for reading is short enough for a test. */
function withShortTimeout(model: CloudModel): CloudModel {
  const functions = model.functions.map((f) => (f.shortName === 'collect-taara' ? { ...f, timeoutSeconds: 13 } : f));
  return { ...model, functions };
}

describe('fault 5: the time of the function ends in the middle', () => {
  test('a read is given up at a margin, written down as such, and the function is never cut off', async () => {
    await begin({ amend: withShortTimeout });
    await flow.runNow('collect-taara');
    await flow.inject('taara', { fault: 'slow', seconds: 60 });
    await flow.runNow('collect-taara');
    expect((await runsOf(flow))[0]).toMatchObject({ status: 'failed', errorCode: 'SOURCE_UNAVAILABLE' });
    expect((await runsOf(flow))[0]?.error).toMatch(/did not answer in time/);
    expect((await runsOf(flow, 'office'))[0]).toMatchObject({ status: 'success' });
    const pool = [...flow.cloud.pools.values()].find((p) => p.model.shortName === 'collect-taara');
    expect([pool?.log.errors, pool?.log.newestLines().filter((l) => /did not finish/.test(l))]).toEqual([0, []]);
    await flow.runNow('collect-taara');
    expect((await runsOf(flow))[0]).toMatchObject({ status: 'success' });
    expect(accountOf(flow).calls.data).toBe(3);
    expectNoDeadLetters();
  }, 120_000);
});
