import { describe, expect, it } from 'vitest';
import { stageRank } from '../../../shared/alerts/recipient.ts';
import type { Line } from '../../../shared/notify/line.ts';
import { type ClaimDecision, decideClaim, EMPTY_HEAD, MAX_LINES, PACE_MS } from '../../../shared/notify/mailbox.ts';
import { line, T0 } from './examples.ts';

const told = (...lines: Line[]) => new Map(lines.map((l) => [l.episode, stageRank(l.stage)]));
const NOTHING = new Map<string, number>();
/** A head whose next turn comes in that many milliseconds. */
const headIn = (ms: number) => ({ ...EMPTY_HEAD, nextSendAt: T0 + ms, claims: 4, version: 9 });
const sent = (decision: ClaimDecision) => (decision.kind === 'claim' ? decision.claim.send.map((l) => l.key) : []);

describe('when the next message goes', () => {
  it('is idle without lines', () => {
    expect(decideClaim(EMPTY_HEAD, [], NOTHING, T0)).toEqual({ kind: 'idle' });
  });

  it('sends the first message of a quiet mailbox at once and counts the pace from then', () => {
    const decision = decideClaim(EMPTY_HEAD, [line(1, 'firing-warning')], NOTHING, T0);
    expect(decision).toMatchObject({ kind: 'claim', nextSendAt: T0 + PACE_MS, claim: { number: 1, at: T0 } });
  });

  it('keeps what follows until its turn', () => {
    const decision = decideClaim(headIn(2_000), [line(1, 'firing-critical')], NOTHING, T0);
    expect(decision).toEqual({ kind: 'wait', until: T0 + 2_000 });
  });

  it('lets a rise in severity go at once and charges the next turn for it', () => {
    const decision = decideClaim(headIn(2_000), [line(1, 'firing-critical')], told(line(1, 'firing-warning')), T0);
    expect(decision).toMatchObject({ kind: 'claim', nextSendAt: T0 + 2_000 + PACE_MS });
  });

  it('makes a second rise wait until one turn less is owed', () => {
    const decision = decideClaim(headIn(8_000), [line(1, 'firing-critical')], told(line(1, 'firing-warning')), T0);
    expect(decision).toEqual({ kind: 'wait', until: T0 + 2_000 });
  });

  it('does not take a recovery for a rise', () => {
    const decision = decideClaim(headIn(2_000), [line(1, 'resolved')], told(line(1, 'firing-warning')), T0);
    expect(decision).toEqual({ kind: 'wait', until: T0 + 2_000 });
  });

  it('is not silenced by a head that a clock from the future wrote', () => {
    const decision = decideClaim(headIn(3_600_000), [line(1, 'firing-warning')], NOTHING, T0);
    expect(decision).toEqual({ kind: 'wait', until: T0 + 2 * PACE_MS });
  });
});

describe('which lines a message carries', () => {
  it('puts several alerts into one message, the worst first', () => {
    const lines = [line(1, 'resolved'), line(2, 'firing-info'), line(3, 'firing-critical'), line(4, 'firing-warning')];
    const decision = decideClaim(EMPTY_HEAD, lines, NOTHING, T0);
    expect(sent(decision)).toEqual([3, 4, 2, 1].map((i) => lines.find((l) => l.entity.endsWith(String(i)))?.key));
  });

  it('splits a long digest over several messages', () => {
    const lines = Array.from({ length: MAX_LINES + 3 }, (_, i) => line(i, 'firing-warning'));
    const first = decideClaim(EMPTY_HEAD, lines, NOTHING, T0);
    expect(sent(first)).toHaveLength(MAX_LINES);
    const rest = lines.filter((l) => !sent(first).includes(l.key));
    expect(sent(decideClaim(headIn(-1), rest, NOTHING, T0))).toHaveLength(3);
  });

  it('lets a recovery take the place of its own unsent firing line', () => {
    const lines = [line(1, 'firing-warning'), line(1, 'firing-critical'), line(1, 'resolved')];
    const decision = decideClaim(EMPTY_HEAD, lines, NOTHING, T0);
    expect(decision).toMatchObject({
      claim: { send: [{ stage: 'resolved' }], drop: [lines[0]?.key, lines[1]?.key] },
    });
  });

  it('drops what was told already, without spending a turn', () => {
    const decision = decideClaim(headIn(2_000), [line(1, 'firing-warning')], told(line(1, 'resolved')), T0);
    expect(decision).toMatchObject({ kind: 'claim', nextSendAt: T0 + 2_000, claim: { send: [] } });
  });

  it('tells a new episode of an alert whose earlier one was told to its end', () => {
    const again = line(1, 'firing-warning', { episode: 'core1/ether1#low#later' });
    expect(sent(decideClaim(EMPTY_HEAD, [again], told(line(1, 'resolved')), T0))).toEqual([again.key]);
  });
});
