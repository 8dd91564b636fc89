import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoTaaraAccounts, taaraSecretOf } from '../../local/simulators/taara-accounts.ts';
import { type Flow, START, startFlow } from './flow.ts';
import { accountOf, alertsOf, changeSource, MINUTE_MS, pointsOf, runsOf, totalOf } from './story.ts';

let flow: Flow;
const [home] = demoTaaraAccounts(START);

/** One after the other on one cloud: each leaves the source as it found it. */
beforeAll(async () => {
  flow = await startFlow();
  await flow.addTenant('demo');
  await flow.addTaara('demo');
}, 120_000);

afterAll(() => flow.stop());

describe('fault 9: 401', () => {
  test('one lost token is one new login within the run', async () => {
    await flow.runNow('collect-taara');
    const before = accountOf(flow).calls.login;
    await flow.inject('taara', { fault: 'expire-token' });
    await flow.runNow('collect-taara');
    expect((await runsOf(flow))[0]).toMatchObject({ status: 'success' });
    expect(accountOf(flow).calls.login).toBe(before + 1);
  });

  test('credentials refused in two runs rest, somebody hears of it, and new ones bring the source back', async () => {
    await flow.pass(16);
    await flow.inject('taara', { fault: 'unauthorized', times: 1000 });
    await flow.pass(31);
    const paused = (await flow.call('GET', '/v1/sources/home')).body;
    expect(paused.pausedReason).toMatch(/refused twice.*store new ones/);
    const { login } = accountOf(flow).calls;
    await flow.pass(45);
    expect(accountOf(flow).calls.login).toBe(login);
    expect(await alertsOf(flow)).toContain('home bundle-no-data');
    expect((await flow.messages()).filter((m) => /Home link/.test(m.body))).toHaveLength(1);
    expect((await runsOf(flow, 'office'))[0]).toMatchObject({ status: 'success' });

    await flow.inject('taara', { fault: 'recover' });
    await changeSource(flow, 'home', { credentials: taaraSecretOf(home) });
    await flow.pass(17);
    expect((await flow.call('GET', '/v1/sources/home')).body.pausedReason).toBeNull();
    expect((await runsOf(flow))[0]).toMatchObject({ status: 'success' });
    expect(await alertsOf(flow)).not.toContain('home bundle-no-data');
    const { told, gone } = totalOf(await pointsOf(flow));
    expect(told).toBe(gone);
  }, 150_000);
});

describe('fault 28: the secret is rotated while running', () => {
  test('a collector that remembers the old one reads the new one and tries once more, in the same run', async () => {
    await changeSource(flow, 'home', { credentials: { ...taaraSecretOf(home), passcode: '000000' } });
    await flow.runNow('collect-taara');
    expect((await runsOf(flow))[0]).toMatchObject({ status: 'failed', errorCode: 'SOURCE_REJECTED' });
    const { login } = accountOf(flow).calls;
    // As another process does it: the collector's own memory of the secret is seconds old.
    await changeSource(flow, 'home', { credentials: taaraSecretOf(home) });
    await flow.runNow('collect-taara');
    expect((await runsOf(flow))[0]).toMatchObject({ status: 'success' });
    expect(accountOf(flow).calls.login - login).toBeLessThanOrEqual(2);
  });
});
describe('fault 13: answers that are none', () => {
  test.each(['html', 'empty', 'truncated', 'wrong-types', 'deep', 'huge'])(
    '%s is kept for a person, and changes no value',
    async (shape) => {
      await flow.runNow('collect-taara');
      const before = await pointsOf(flow);
      await flow.inject('taara', { fault: 'garbage', shape });
      await flow.runNow('collect-taara');
      const [run] = await runsOf(flow);
      expect(['failed', 'partial']).toContain(run?.status);
      const known = (await pointsOf(flow)).map((p) => p.value);
      expect(known.slice(0, before.length)).toEqual(before.map((p) => p.value));
      expect(known).not.toContain('0');
      await flow.runNow('collect-taara');
      expect((await runsOf(flow))[0]).toMatchObject({ status: 'success' });
      const { told, gone } = totalOf(await pointsOf(flow));
      expect(told).toBe(gone);
    },
  );
});

describe('fault 10: 429', () => {
  test.each<[string, string | undefined, number]>([
    ['seconds', '1800', 1800],
    ['a date', 'in half an hour', 1800],
    ['nothing', undefined, 60],
    ['a negative number', '-5', 60],
    ['words', 'later', 60],
    ['a hundred years', '3155760000', 3600],
    ['zero', '0', 1],
  ])(
    'with Retry-After as %s, the source is not called before its time and is called after it',
    async (_, form, seconds) => {
      await changeSource(flow, 'home', { periodSeconds: 60 });
      await flow.pass(1);
      // The simulator's own `Date` header tells the machine's time, and a date is measured by it.
      const retryAfter = form === 'in half an hour' ? new Date(Date.now() + 1_800_000).toUTCString() : form;
      await flow.inject('taara', { fault: 'rate-limit', ...(retryAfter === undefined ? {} : { retryAfter }) });
      await flow.pass(1);
      const [limited] = await runsOf(flow);
      expect(limited).toMatchObject({ status: 'failed', errorCode: 'SOURCE_THROTTLED' });
      const struckAt = Date.parse(limited?.endedAt ?? '');
      const { data } = accountOf(flow).calls;
      if (seconds > 120) {
        await flow.skip(seconds / 60 - 3 - (flow.clock.now() - struckAt) / MINUTE_MS);
        await flow.pass(1);
        expect(accountOf(flow).calls.data).toBe(data);
        expect((await runsOf(flow))[0]?.error).toMatch(/not called: it asked not to be called before/);
      }
      await flow.skip(3);
      await flow.pass(1);
      expect(accountOf(flow).calls.data).toBeGreaterThan(data);
      expect((await runsOf(flow))[0]).toMatchObject({ status: 'success' });
    },
    60_000,
  );

  test('somebody who asks is answered all the same', async () => {
    await flow.inject('taara', { fault: 'rate-limit', retryAfter: '3600' });
    await flow.runNow('collect-taara');
    await flow.call('POST', '/v1/sources/home/collect');
    await flow.settle();
    expect((await runsOf(flow))[0]).toMatchObject({ status: 'success', manual: true });
  });
});
