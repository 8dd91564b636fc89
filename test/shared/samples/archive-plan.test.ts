/** What the planner asks for, month by month, and what it leaves alone. */
import { expect, test } from 'vitest';
import { AppError } from '../../../shared/platform/errors.ts';
import { archiveWorld, DAY_MS } from './archive-world.ts';
import { batch, REF } from './router.ts';

const MARCH = Date.parse('2025-03-01T00:00:00Z');
const DUE = MARCH + 360 * DAY_MS;
const OTHER = { ...REF, target: 'core2' };
const at = (day: number, entity = 'core1/a', ref = REF) =>
  batch(MARCH + day * DAY_MS, [{ entity, input: 1n }], { ref });

async function world() {
  const one = archiveWorld();
  one.time.now = MARCH + 20 * DAY_MS;
  await one.bring([at(9)]);
  await one.bring([at(9, 'core2/a', OTHER)], OTHER);
  return one;
}

const named = (tasks: readonly { month: string; target: string }[]) =>
  tasks.map(({ month, target }) => `${month} ${target}`);

async function workOff(one: Awaited<ReturnType<typeof world>>) {
  const plan = await one.plan('demo');
  for (const { notBefore, ...ref } of plan.tasks) await one.archiveAll(ref.month, ref, notBefore);
  return plan;
}

test('before its time a month is left alone', async () => {
  const one = await world();
  one.time.now = DUE - 1;
  expect(named((await one.plan('demo')).tasks).filter((task) => task.startsWith('2025-03'))).toEqual([]);
});

test('when it is due each target of it is asked for, and again until it is archived', async () => {
  const one = await world();
  one.time.now = DUE;
  for (let times = 0; times < 2; times++) {
    const { tasks, closed } = await one.plan('demo');
    expect(named(tasks).filter((task) => task.startsWith('2025-03'))).toEqual(['2025-03 core1', '2025-03 core2']);
    expect(closed).toEqual([]);
  }
  await one.archiveAll('2025-03');
  expect(named((await one.plan('demo')).tasks).filter((task) => task.startsWith('2025-03'))).toEqual(['2025-03 core2']);
  expect(await one.archive.readMonth('demo', '2025-03')).toBeUndefined();
});

test('a month is marked when all its targets stand there, and then asks for nothing', async () => {
  const one = await world();
  one.time.now = DUE;
  await workOff(one);
  expect((await one.plan('demo')).closed).toContain('2025-03');
  const marker = await one.archive.readMonth('demo', '2025-03');
  expect(marker?.targets.map(({ target, parts }) => [target, parts.length])).toEqual([
    ['core1', 1],
    ['core2', 1],
  ]);
  expect(await one.plan('demo')).toEqual({ tasks: [], closed: [], waitedMs: 0 });
});

test('the age is of what waits longest, counted from when it was due', async () => {
  const one = await world();
  one.time.now = DUE + 25 * DAY_MS;
  expect((await one.plan('demo')).waitedMs).toBeGreaterThanOrEqual(25 * DAY_MS);
  await workOff(one);
  await one.plan('demo');
  expect((await one.plan('demo')).waitedMs).toBe(0);
});

test('what is imported into an archived month is archived again, that target alone, and once', async () => {
  const one = await world();
  one.time.now = DUE;
  await workOff(one);
  await one.plan('demo');
  one.time.now += DAY_MS;
  await one.bring([at(11)]);
  expect((await one.plan('demo')).tasks).toEqual([]);
  one.time.now += 60_000;
  const again = await workOff(one);
  expect(named(again.tasks)).toEqual(['2025-03 core1']);
  expect(again.waitedMs).toBeLessThan(120_000);
  expect((await one.plan('demo')).closed).toEqual(['2025-03']);
  expect((await one.archive.readMonth('demo', '2025-03'))?.targets.map(({ parts }) => parts[0]?.rows)).toEqual([2, 1]);
  expect(await one.plan('demo')).toMatchObject({ tasks: [], closed: [] });
});

test('what is imported into a month whose chunks would be gone by now is archived, too', async () => {
  const one = await world();
  one.time.now = MARCH + 900 * DAY_MS;
  await one.bring([at(9)]);
  one.time.now += 60_000;
  const { tasks } = await workOff(one);
  expect(named(tasks)).toContain('2025-03 core1');
  expect((await one.plan('demo')).closed).toContain('2025-03');
  expect((await one.archive.readMonth('demo', '2025-03'))?.targets).toHaveLength(1);
});

test('another tenant plans nothing of it', async () => {
  const one = await world();
  one.time.now = DUE;
  expect((await one.plan('other')).tasks).toEqual([]);
});

test('an archive that does not answer is thrown on: nothing is taken for missing or done', async () => {
  const one = await world();
  one.time.now = DUE;
  await workOff(one);
  one.memory.before = (verb, key) => {
    if (verb === 'get' && key.includes('core1')) throw new AppError('STORE_UNAVAILABLE', 'busy');
  };
  await expect(one.plan('demo')).rejects.toThrow('busy');
  expect(await one.archive.readMonth('demo', '2025-03')).toBeUndefined();
});
