import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { effectiveRules, GENERIC_MESSAGE } from '../../../shared/rules/effective.ts';
import type { AbsenceRule, Rule, ThresholdRule } from '../../../shared/rules/rule.ts';
import { createRuleStore } from '../../../shared/rules/rules.dynamodb.ts';
import { indexRules, longestHoldSeconds } from '../../../shared/rules/selector.ts';
import { createWatchStore } from '../../../shared/rules/watch.dynamodb.ts';
import { aliveSince, PAUSE_MS, tick } from '../../../shared/rules/watch.ts';
import { startDynalite } from '../dynalite.ts';

const base = {
  kind: 'bundle',
  enabled: true,
  selector: {},
  holdSeconds: 0,
  clearSeconds: 0,
  builtIn: true,
  version: 1,
};
const low: ThresholdRule = {
  ...base,
  id: 'low',
  name: 'Low',
  type: 'threshold',
  metric: 'remainingPercent',
  comparison: 'below',
  levels: [{ severity: 'warning', fire: 20, clear: 25 }],
  message: 'default text',
};
const silent: AbsenceRule = { ...base, id: 'silent', name: 'Silent', type: 'absence', slots: 3, severity: 'critical' };
const defaults: Rule[] = [low, silent];
const { message: _message, ...plain } = low;

function stored(rule: Rule) {
  return { id: rule.id, kind: rule.kind, version: rule.version, rule };
}

describe('which rules hold', () => {
  test('the defaults, as long as nothing is stored', () => {
    const rules = effectiveRules(defaults, []);
    expect(rules.map((rule) => rule.id)).toEqual(['low', 'silent']);
  });

  test('a stored rule takes the place of its default, stays built in and keeps its text', () => {
    const change = {
      ...plain,
      builtIn: false,
      version: 4,
      levels: [{ severity: 'critical' as const, fire: 1, clear: 2 }],
    };
    const [rule] = effectiveRules(defaults, [stored(change)]);
    expect(rule).toMatchObject({
      id: 'low',
      builtIn: true,
      version: 4,
      message: 'default text',
      levels: change.levels,
    });
  });

  test('a rule has to do with uplinks what the default that judges the same has, unless it says otherwise', () => {
    const down: Rule = { ...low, id: 'down', metric: 'down', mutesDependents: true, mutedByUplink: true };
    const own = (part: Partial<ThresholdRule>): Rule => ({ ...plain, id: 'own', builtIn: false, ...part });
    const of = (rule: Rule) => {
      const found = effectiveRules([down, silent], [stored(rule)]).find((one) => one.id === rule.id);
      return [found?.mutesDependents, found?.mutedByUplink];
    };
    expect(of({ ...plain, id: 'down', metric: 'down' })).toEqual([true, true]);
    expect(of(own({ metric: 'down' }))).toEqual([true, true]);
    expect(of(own({ metric: 'down', mutesDependents: false }))).toEqual([false, true]);
    expect(of(own({ metric: 'other' }))).toEqual([undefined, undefined]);
  });

  test('a tombstone disables a default instead of losing it', () => {
    const rules = effectiveRules(defaults, [{ id: 'low', kind: 'bundle', version: 7 }]);
    expect(rules[0]).toMatchObject({ id: 'low', enabled: false, version: 7, builtIn: true });
  });

  test('own rules follow in order of id, with the text of what judges the same, else the generic one', () => {
    const own = [
      stored({ ...plain, id: 'z', builtIn: true }),
      stored({ ...plain, id: 'a', metric: 'remainingOctets' }),
      { id: 'ghost', kind: 'bundle', version: 2 },
    ];
    const rules = effectiveRules(defaults, own).slice(2);
    expect(rules.map((rule) => [rule.id, rule.message, rule.builtIn])).toEqual([
      ['a', GENERIC_MESSAGE, false],
      ['z', 'default text', false],
    ]);
  });

  test('the longest hold is that of enabled rules of the kind', () => {
    const rules = [
      { ...low, holdSeconds: 60 },
      { ...low, id: 'b', clearSeconds: 900, selector: { entities: ['x'] } },
      { ...low, id: 'c', holdSeconds: 5_000, enabled: false },
      { ...low, id: 'd', holdSeconds: 5_000, kind: 'interface' },
    ];
    expect(longestHoldSeconds(indexRules(rules), 'bundle')).toBe(900);
    expect(longestHoldSeconds(indexRules([]), 'bundle')).toBe(0);
  });
});

describe('on DynamoDB', () => {
  let server: Awaited<ReturnType<typeof startDynalite>>;
  beforeAll(async () => {
    server = await startDynalite();
  });
  afterAll(() => server.close());

  test('a rule is kept under its id with a version that rises with every write', async () => {
    const store = createRuleStore(server.table);
    expect(await store.read('demo', 'low')).toBeUndefined();
    expect(await store.put('demo', low, 0)).toEqual({ ...low, version: 1 });
    expect(await store.put('demo', { ...low, name: 'Lower' }, 1)).toMatchObject({ name: 'Lower', version: 2 });
    expect(await store.list('demo')).toEqual([stored({ ...low, name: 'Lower', version: 2 })]);
    expect(await store.list('other')).toEqual([]);
    for (const late of [0, 1, 3]) {
      await expect(store.put('demo', low, late)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
      await expect(store.remove('demo', low, late)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    }
  });

  test('removing a default leaves a tombstone, over which it may be stored again; any other rule is gone', async () => {
    const store = createRuleStore(server.table);
    await store.remove('tomb', low, 0);
    expect(await store.list('tomb')).toEqual([{ id: 'low', kind: 'bundle', version: 1 }]);
    expect(await store.put('tomb', low, 1)).toMatchObject({ version: 2 });
    const own = await store.put('tomb', { ...low, id: 'own', builtIn: false }, 0);
    await store.remove('tomb', own, own.version);
    expect(await store.read('tomb', 'own')).toBeUndefined();
  });

  test('a watch comes back as it was written', async () => {
    const store = createWatchStore(server.table);
    expect(await store.read('demo')).toBeUndefined();
    const watch = { tickAt: 5, aliveSince: 3, pause: { from: 1, to: 3 } };
    await store.write('demo', watch);
    expect(await store.read('demo')).toEqual(watch);
    await store.write('demo', { tickAt: 9, aliveSince: 9 });
    expect(await store.read('demo')).toEqual({ tickAt: 9, aliveSince: 9 });
  });
});

describe('the watch', () => {
  const T0 = Date.parse('2026-11-20T10:00:00Z');
  const MINUTE = 60_000;

  test('minute after minute it stays awake, and not every look is a write', () => {
    let watch = tick(undefined, T0);
    let writes = 0;
    for (let minute = 1; minute <= 60; minute++) {
      const next = tick(watch, T0 + minute * MINUTE);
      if (next !== watch) writes++;
      watch = next;
      expect(aliveSince(watch, T0 + minute * MINUTE)).toBe(T0);
    }
    expect(writes).toBe(30);
  });

  test('a look that comes a little late is no pause', () => {
    const late = T0 + PAUSE_MS;
    expect(aliveSince(tick(undefined, T0), late)).toBe(T0);
    expect(tick(tick(undefined, T0), late)).toEqual({ tickAt: late, aliveSince: T0 });
  });

  test('after a pause it is not awake until it looks again, and then only since that look', () => {
    const back = T0 + 8 * 60 * MINUTE;
    const before = tick(undefined, T0);
    expect(aliveSince(before, back)).toBeUndefined();
    expect(tick(before, back)).toEqual({ tickAt: back, aliveSince: back, pause: { from: T0, to: back } });
  });

  test('a clock that was set back far starts anew', () => {
    const back = T0 - 60 * MINUTE;
    expect(aliveSince(tick(undefined, T0), back)).toBeUndefined();
    expect(tick(tick(undefined, T0), back).aliveSince).toBe(back);
  });
});
