import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { virtualClock } from '../../../local/cloud/clock.ts';
import { openBundleWorld, until } from './bundle-world.ts';

const world = openBundleWorld();
afterAll(() => world.close());

const ECHO = 'exports.handler = async (event) => event;';

test('a handler gets event and context as JSON, and what it returns comes back as JSON', async () => {
  const pool = world.pool(
    `exports.handler = async (event, context) => ({ event, name: context.functionName, id: typeof context.awsRequestId,
      left: context.getRemainingTimeInMillis(), memory: context.memoryLimitInMB, gone: undefined, at: new Date(0) });`,
  );
  const result = await pool.invoke({ at: new Date(0), gone: undefined, deep: { list: [1, null] } });
  expect(result).toMatchObject({
    ok: true,
    value: {
      event: { at: '1970-01-01T00:00:00.000Z', deep: { list: [1, null] } },
      name: 'headroom-test-function',
      id: 'string',
      memory: '128',
      at: '1970-01-01T00:00:00.000Z',
    },
  });
  const { left } = result.value as { left: number };
  expect(left).toBeGreaterThan(1000);
  expect(left).toBeLessThan(20_000);
  expect(Object.keys(result.value as object)).not.toContain('gone');
});

test.each([
  ['nothing', '() => undefined', null],
  ['null', '() => null', null],
  ['a function', '() => () => 1', null],
  ['a text', '() => "x"', 'x'],
])('%s as a return value comes back as %j', async (_, handler, value) => {
  expect(await world.pool(`exports.handler = ${handler};`).invoke({})).toMatchObject({ ok: true, value });
});

test.each([
  ['throws', '() => { throw new TypeError("no such thing"); }', 'TypeError', 'no such thing'],
  ['rejects', 'async () => { throw new Error("later"); }', 'Error', 'later'],
  ['throws a text', '() => { throw "bare"; }', 'Error', 'bare'],
  ['returns what JSON cannot say', '() => ({ n: 1n })', 'TypeError', 'BigInt'],
])('a handler that %s is a failed result, and the thread goes on', async (_, handler, name, message) => {
  const pool = world.pool(`let calls = 0;
    const broken = ${handler};
    exports.handler = (event) => { calls += 1; return event.good ? calls : broken(); };`);
  const result = await pool.invoke({});
  expect(result).toMatchObject({ ok: false, error: { name } });
  expect(result.error?.message).toContain(message);
  expect(await pool.invoke({ good: true })).toMatchObject({ ok: true, value: 2 });
  expect(pool.threads).toBe(1);
});

test('an event that JSON cannot say is refused, and no thread is bothered', async () => {
  const pool = world.pool(ECHO);
  expect(await pool.invoke({ n: 1n })).toMatchObject({ ok: false, error: { name: 'InvalidRequestContentException' } });
  expect(pool.threads).toBe(0);
  expect(await pool.invoke(undefined)).toMatchObject({ ok: true, value: null });
});

test('more than Lambda takes or gives in one call is refused', async () => {
  const pool = world.pool('exports.handler = (event) => "x".repeat(event.size);');
  expect(await pool.invoke({ text: 'x'.repeat(6 * 1024 * 1024) })).toMatchObject({
    ok: false,
    error: { name: 'RequestTooLargeException' },
  });
  expect(await pool.invoke({ size: 6 * 1024 * 1024 })).toMatchObject({
    ok: false,
    error: { name: 'Function.ResponseSizeTooLarge' },
  });
  expect(await pool.invoke({ size: 10 })).toMatchObject({ ok: true, value: 'xxxxxxxxxx' });
});

test('the time-out counts from the enqueueing, is logged once, and the next call gets a fresh thread', async () => {
  const pool = world.pool(
    'let calls = 0; exports.handler = (event) => event.hang ? new Promise(() => {}) : (calls += 1);',
    { model: { timeoutSeconds: 2 } },
  );
  expect(await pool.invoke({})).toMatchObject({ ok: true, value: 1 });
  const result = await pool.invoke({ hang: true });
  expect(result).toMatchObject({ ok: false, error: { name: 'Sandbox.Timedout' } });
  expect(result.error?.message).toBe('headroom-test-function did not finish within 2 s');
  expect(result.durationMs).toBeGreaterThanOrEqual(1990);
  expect([pool.log.count, pool.log.errors]).toEqual([2, 1]);
  expect(await pool.invoke({})).toMatchObject({ ok: true, value: 1 });
});

test('a busy loop is ended by the time-out too', async () => {
  const pool = world.pool('exports.handler = () => { for (;;); };', { model: { timeoutSeconds: 1.5 } });
  expect(await pool.invoke({})).toMatchObject({ ok: false, error: { name: 'Sandbox.Timedout' } });
  await until(() => pool.threads === 0);
});

test('a bundle that starts for ever is ended with the time-out of its call, not kept as a dead thread', async () => {
  const pool = world.pool('for (;;);', { model: { timeoutSeconds: 1 } });
  expect(await pool.invoke({})).toMatchObject({ ok: false, error: { name: 'Sandbox.Timedout' } });
  await until(() => pool.threads === 0);
});

test.each([
  ['throws', "throw new Error('bad configuration')", 'Error', 'bad configuration'],
  ['exports no handler', 'exports.other = 1', 'Error', 'exports no function "handler"'],
  ['ends its process', 'process.exit(3)', 'Runtime.ExitError', 'exited'],
  [
    'throws from a timer',
    'setTimeout(() => { throw new Error("soon"); }); for (const s = Date.now(); Date.now() - s < 50;); ',
    'Error',
    'soon',
  ],
])(
  'a bundle that %s while it starts fails the calls that wait, once each, and is not started for ever',
  async (_, text, name, message) => {
    const starts = join(world.folder, `starts-${name}-${message.length}`);
    const late = text.startsWith('setTimeout');
    const pool = world.pool(
      `require('node:fs').appendFileSync(${JSON.stringify(starts)}, 'x'); ${text};${late ? ' exports.handler = () => new Promise(() => {});' : ''}`,
    );
    const results = await Promise.all([pool.invoke({}), pool.invoke({}), pool.invoke({})]);
    for (const result of results) {
      expect(result).toMatchObject({ ok: false, error: { name } });
      expect(result.error?.message).toContain(message);
      expect(result.durationMs).toBeGreaterThan(0);
    }
    expect(readFileSync(starts, 'utf8').length).toBeLessThanOrEqual(4);
    await until(() => pool.threads === 0);
    expect(pool.inFlight).toBe(0);
  },
);

test('an unhandled rejection kills the thread and fails its call; the next call gets a fresh one', async () => {
  const pool = world.pool(`let calls = 0;
    exports.handler = (event) => {
      calls += 1;
      if (!event.reject) return calls;
      Promise.reject(new RangeError('nobody waits'));
      return new Promise(() => {});
    };`);
  await pool.invoke({});
  expect(await pool.invoke({ reject: true })).toMatchObject({
    ok: false,
    error: { name: 'RangeError', message: 'nobody waits' },
  });
  expect(await pool.invoke({})).toMatchObject({ ok: true, value: 1 });
});

test('a handler that ends its process fails its call alone', async () => {
  const pool = world.pool('exports.handler = (event) => event.exit ? process.exit(0) : "fine";');
  const [one, two] = await Promise.all([pool.invoke({ exit: true }), pool.invoke({})]);
  expect(one).toMatchObject({ ok: false, error: { name: 'Runtime.ExitError' } });
  expect(two).toMatchObject({ ok: true, value: 'fine' });
});

test('a heap over the memory of the function fails the call, and nothing else', async () => {
  const pool = world.pool(
    'exports.handler = (event) => { const kept = []; while (event.eat) kept.push(new Array(10000).fill(kept.length)); return 1; };',
    { model: { memoryMb: 32 } },
  );
  expect(await pool.invoke({ eat: true })).toMatchObject({ ok: false, error: { name: 'Error', message: /memory/ } });
  expect(await pool.invoke({})).toMatchObject({ ok: true, value: 1 });
});

test('at most four threads serve a function, each one call at a time', async () => {
  const pool = world.pool(`let running = 0;
    const { threadId } = require('node:worker_threads');
    exports.handler = async () => {
      running += 1;
      const most = running;
      await new Promise((r) => setTimeout(r, 30));
      running -= 1;
      return { threadId, most };
    };`);
  const results = await Promise.all(Array.from({ length: 30 }, () => pool.invoke({})));
  const values = results.map((r) => r.value as { threadId: number; most: number });
  expect(values.every((v) => v.most === 1)).toBe(true);
  expect(new Set(values.map((v) => v.threadId)).size).toBeLessThanOrEqual(4);
  expect(pool.threads).toBeLessThanOrEqual(4);
  expect([pool.log.count, pool.log.errors, pool.inFlight]).toEqual([30, 0, 0]);
});

test('calls that wait for a thread are counted as under way', async () => {
  const pool = world.pool(ECHO);
  const calls = Array.from({ length: 6 }, () => pool.invoke({}));
  expect(pool.inFlight).toBe(6);
  await Promise.all(calls);
  expect(pool.inFlight).toBe(0);
});

test('threads that nobody asks for go, also those that never had a call', async () => {
  const pool = world.pool(ECHO, { idleMs: 200 });
  await Promise.all(Array.from({ length: 4 }, () => pool.invoke({})));
  expect(pool.threads).toBeGreaterThan(0);
  await until(() => pool.threads === 0);
  expect(await pool.invoke({ again: 1 })).toMatchObject({ ok: true, value: { again: 1 } });
});

test('stopping answers every call, running or waiting, and later ones at once', async () => {
  const pool = world.pool('exports.handler = () => new Promise(() => {});');
  const calls = Array.from({ length: 6 }, () => pool.invoke({}));
  await until(() => pool.threads > 0);
  await pool.stop();
  for (const result of await Promise.all(calls))
    expect(result).toMatchObject({ ok: false, error: { name: 'Stopped' } });
  expect(await pool.invoke({})).toMatchObject({ ok: false, error: { name: 'Stopped' } });
  expect(pool.threads).toBe(0);
});

test('a request while nothing is under way is noted as late work; one during a call or a start is not', async () => {
  const pool = world.pool(ECHO);
  const call = pool.invoke({});
  pool.noteRequest();
  await call;
  expect(pool.log.newestLines()).toEqual([]);
  pool.noteRequest();
  expect(pool.log.newestLines()).toEqual(['late work: a request was made after the handler had returned']);
});

test('the environment is the given one and nothing of the shell', async () => {
  process.env.HEADROOM_TEST_LEAK = 'shell';
  const pool = world.pool('exports.handler = () => Object.keys(process.env).sort();', {
    environment: { A: '1', TZ: 'UTC' },
  });
  expect(await pool.invoke({})).toMatchObject({ ok: true, value: ['A', 'TZ'] });
  delete process.env.HEADROOM_TEST_LEAK;
});

test('under a virtual clock Date moves with it, timers do not, and the deadline stays real', async () => {
  const start = Date.parse('2031-01-01T00:00:00.000Z');
  const clock = virtualClock(start);
  const pool = world.pool(
    `exports.handler = async (_, context) => {
      const before = Date.now();
      await new Promise((r) => setTimeout(r, 20));
      return { before, fresh: new Date().getTime(), fixed: new Date(5).getTime(), text: new Date('2026-11-20T00:00:00Z').toISOString(),
        same: new Date() instanceof Date, left: context.getRemainingTimeInMillis() };
    };`,
    { clock },
  );
  const look = async () => (await pool.invoke({})).value as Record<string, number>;
  const first = await look();
  expect(first.before).toBeGreaterThanOrEqual(start);
  expect(first.fresh).toBeLessThan(start + 60_000);
  expect(first).toMatchObject({ fixed: 5, text: '2026-11-20T00:00:00.000Z', same: true });
  clock.moveBy(86_400_000);
  const next = await look();
  expect(next.before).toBeGreaterThanOrEqual(start + 86_400_000);
  expect(next.left).toBeGreaterThan(1000);
});

test('what a function prints is in its log, line by line, also text of many octets', async () => {
  const pool = world.pool(
    'exports.handler = () => { console.log("é".repeat(50000)); console.error("second\\nthird"); console.log(""); return 1; };',
  );
  await pool.invoke({});
  await until(() => pool.log.newestLines().includes('third'));
  const lines = pool.log.newestLines();
  expect(lines).toContain('second');
  expect(lines.filter((l) => l.startsWith('é'))).toEqual(['é'.repeat(10_000)]);
});

test('nothing is written where the bundle does not exist', async () => {
  const pool = world.pool(ECHO, { model: { bundle: join(world.folder, 'absent.cjs') } });
  expect(await pool.invoke({})).toMatchObject({ ok: false, error: { message: /absent\.cjs/ } });
  expect(existsSync(join(world.folder, 'absent.cjs'))).toBe(false);
});
