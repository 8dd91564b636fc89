import { beforeEach, expect, test } from 'vitest';
import { createDispatch } from '../../../functions/collect/dispatch.ts';
import { phaseSeconds } from '../../../shared/collect/schedule.ts';
import type { EvaluateMessage, FoldMessage } from '../../../shared/collect/source.ts';
import type { Target } from '../../../shared/collect/sources.port.ts';
import { MovableClock, memoryQueue, memoryQueues, NOON } from '../../shared/collect/fakes.ts';

const MINUTE = 60_000;
let clock: MovableClock;
let targets: Target[];
let queues: ReturnType<typeof openQueues>;

function openQueues() {
  return {
    ...memoryQueues(),
    evaluate: memoryQueue<EvaluateMessage>(),
    fold: memoryQueue<FoldMessage>(),
  };
}

beforeEach(() => {
  clock = new MovableClock();
  targets = [];
  queues = openQueues();
});

function target(tenant: string, source: string, over: Partial<Target> = {}): Target {
  const base = { type: 'taara', kind: 'bundle', periodSeconds: 300, enabled: true, paused: false } as const;
  return { ...base, tenant, source, ...over };
}

function dispatch(event: unknown) {
  return createDispatch({
    clock,
    directory: {
      listTargets: async (type, tenant, source) =>
        targets.filter(
          (t) => t.type === type && (tenant ?? t.tenant) === t.tenant && (source ?? t.source) === t.source,
        ),
    },
    collectQueues: queues,
    evaluateQueue: queues.evaluate,
    foldQueue: queues.fold,
  })(event);
}

/** Every minute of a while, each on time. */
async function dispatchMinutes(from: number, count: number, type = 'taara') {
  for (let i = 0; i < count; i++) {
    clock.at = from + i * MINUTE;
    await dispatch({ types: [type], scheduledAt: new Date(clock.at).toISOString() });
  }
}

test('in one period every target of the type gets one collect message, and a look of the rules a minute later', async () => {
  targets = ['a', 'b', 'c'].flatMap((tenant) => [target(tenant.repeat(3), 's1'), target(tenant.repeat(3), 's2')]);
  targets.push(target('ddd', 'r1', { type: 'snmp', kind: 'interface' }));
  await dispatchMinutes(NOON, 5);
  expect(queues.snmp.sent).toEqual([]);
  const names = queues.taara.sent.map(({ message }) => `${message.tenant}/${message.source}`);
  expect(names.sort()).toEqual(targets.slice(0, 6).map((t) => `${t.tenant}/${t.source}`));
  for (const { message, delaySeconds } of queues.taara.sent) {
    const phase = phaseSeconds(message.tenant, 300);
    expect(message).toMatchObject({ version: 1, part: 0, boundary: true });
    expect((Date.parse(message.slot) / 1000) % 300).toBe(phase);
    expect(delaySeconds).toBe(phase % 60);
  }
  expect(queues.evaluate.sent).toHaveLength(6);
  for (const { message, delaySeconds } of queues.evaluate.sent) {
    expect(message).toEqual({ version: 1, tenant: message.tenant, kind: 'bundle', target: message.target });
    expect(delaySeconds).toBe((phaseSeconds(message.tenant, 300) % 60) + 60);
  }
});

test('the same tick twice names the same slots, so the second is no second run', async () => {
  targets = [target('aaa', 's1', { periodSeconds: 60 })];
  const tick = { types: ['taara'], scheduledAt: new Date(NOON).toISOString() };
  await dispatch(tick);
  clock.advance(20_000);
  await dispatch(tick);
  expect(queues.taara.sent[1]?.message).toEqual(queues.taara.sent[0]?.message);
});

test('a paused source is not called, but its silence is judged; one that is switched off is only folded', async () => {
  targets = [target('aaa', 'p', { paused: true }), target('aaa', 'off', { enabled: false })];
  await dispatchMinutes(NOON, 5);
  expect(queues.taara.sent).toEqual([]);
  expect(queues.evaluate.sent.map((e) => e.message.target)).toEqual(['p']);
  await dispatchMinutes(NOON + 5 * MINUTE, 355);
  expect(queues.fold.sent.map((f) => f.message.target).sort()).toEqual(['off', 'p']);
});

test('a manual run covers every target that is switched on, at the instant it was asked for, without waiting', async () => {
  targets = [target('aaa', 's1'), target('bbb', 's1', { paused: true }), target('bbb', 's2', { enabled: false })];
  const requestedAt = '2030-01-01T12:03:20.123Z';
  expect(await dispatch({ types: ['taara'], manual: true, requestedAt })).toEqual({ collect: 2, evaluate: 0, fold: 0 });
  expect(queues.taara.sent).toEqual(
    ['aaa', 'bbb'].map((tenant) => ({
      message: { version: 1, tenant, source: 's1', slot: requestedAt, part: 0, boundary: false },
    })),
  );
});

test.each([
  [{ tenant: 'bbb' }, ['bbb/s1', 'bbb/s2']],
  [{ tenant: 'bbb', source: 's2' }, ['bbb/s2']],
  [{ tenant: 'ccc' }, []],
])('a manual run of %j covers %j', async (named, expected) => {
  targets = [target('aaa', 's1'), target('bbb', 's1'), target('bbb', 's2')];
  await dispatch({ types: ['taara'], manual: true, requestedAt: new Date(NOON).toISOString(), ...named });
  expect(queues.taara.sent.map(({ message }) => `${message.tenant}/${message.source}`)).toEqual(expected);
});

test.each([
  {},
  { types: ['sims'], scheduledAt: '2030-01-01T12:00:00Z' },
  { types: ['taara'], scheduledAt: 'noon' },
  { types: ['taara'], manual: true },
  { types: ['taara'], manual: true, scheduledAt: '2030-01-01T12:00:00Z' },
  { types: ['taara'], manual: true, requestedAt: '2030-01-01T12:00:00Z', source: 's1' },
  { types: ['taara'], manual: true, requestedAt: '2030-01-01T12:00:00Z', tenant: '@targets' },
])('%j is no event of ours: it is refused and nothing is sent', async (event) => {
  targets = [target('aaa', 's1', { periodSeconds: 60 })];
  await expect(dispatch(event)).rejects.toThrow();
  expect(queues.taara.sent).toEqual([]);
});

test('what could not be sent is thrown, so that the scheduler invokes again', async () => {
  targets = [target('aaa', 's1', { periodSeconds: 60 })];
  queues.taara.sendMany = () => Promise.reject(new Error('down'));
  await expect(dispatch({ types: ['taara'], scheduledAt: new Date(NOON).toISOString() })).rejects.toThrow('down');
});

test('a source that sends by itself is never called, but its silence is judged and what it sent is folded', async () => {
  targets = [target('aaa', 'site', { type: 'push', kind: 'interface', periodSeconds: 60 })];
  await dispatchMinutes(NOON, 6 * 60, 'push');
  expect(queues.push.sent).toEqual([]);
  expect(queues.evaluate.sent.length).toBe(360);
  expect(queues.evaluate.sent[0]?.delaySeconds).toBeGreaterThanOrEqual(60);
  expect(queues.fold.sent.length).toBe(1);
  await dispatch({ types: ['push'], manual: true, requestedAt: new Date(NOON).toISOString(), tenant: 'aaa' });
  expect(queues.push.sent).toEqual([]);
});
