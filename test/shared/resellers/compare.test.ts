import { describe, expect, test } from 'vitest';
import type { LimitCalls } from '../../../shared/interfaces/routeros-limit-calls.ts';
import { queuesOf } from '../../../shared/interfaces/routeros-queues.http.ts';
import { foundOf } from '../../../shared/resellers/compare.ts';

const FAST_TRACK = { '.id': '*1', chain: 'forward', action: 'fasttrack-connection' };
const queue = (n: number, target: string, over: Record<string, string> = {}) => ({
  ...{ '.id': `*${n.toString(16)}`, name: `q${n}`, target, 'max-limit': '1M/1M', ...over },
});
const UNREAD = queue(99, '192.0.2.99', { 'max-limit': 'fast' });
/** Every one but the first never sees its packets. */
const shadowed = (count: number) => Array.from({ length: count }, (_, i) => queue(i + 1, '192.0.2.5'));

/** As the driver reads it. */
function readOf(rows: readonly unknown[]) {
  const calls: LimitCalls = {
    list: async (name) => (name === 'read queues' ? rows : [FAST_TRACK]),
    read: () => Promise.reject(new Error('reads nothing')),
    change: () => Promise.reject(new Error('changes nothing')),
    clean: (text) => text,
  };
  return queuesOf(calls).readQueues();
}

describe('a queue that is not among those of the router', () => {
  test.each([
    ['a FastTrack rule', []],
    ['queues that were understood and hold nothing', shadowed(3)],
    ['more of those than are told', shadowed(150)],
  ])('is missing, whatever is noted of %s', async (_, rows) => {
    const read = await readOf(rows);
    expect(read.rejected.length).toBeGreaterThan(0);
    expect(foundOf('gone', read, [])).toEqual({ queue: undefined, cut: [] });
  });

  test.each([
    ['one', 1, [UNREAD]],
    ['one beside notes', 1, [...shadowed(3), UNREAD]],
    ['one beside more notes than are told', 1, [...shadowed(150), UNREAD]],
    ['more than are told', 100, Array.from({ length: 150 }, () => UNREAD)],
  ])('may be one that was not understood: %s', async (_, count, rows) => {
    const read = await readOf(rows);
    expect(() => foundOf('gone', read, [])).toThrow(`${count} queues of the router could not be understood`);
    const named = { ...read, queues: [{ name: 'gone', targets: [], limit: NONE, dynamic: false, disabled: false }] };
    expect(foundOf('gone', named, []).queue?.name).toBe('gone');
  });

  const NONE = { fromTargetBitsPerSecond: undefined, toTargetBitsPerSecond: undefined };
});
