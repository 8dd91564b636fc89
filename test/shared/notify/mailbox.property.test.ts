import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AlertStage } from '../../../shared/alerts/alert.ts';
import { stageRank } from '../../../shared/alerts/recipient.ts';
import type { Line } from '../../../shared/notify/line.ts';
import { decideClaim, EMPTY_HEAD, type MailboxHead, PACE_MS } from '../../../shared/notify/mailbox.ts';
import { line, T0 } from './examples.ts';

const numRuns = process.env.HEADROOM_LONG ? 5_000 : 150;
const STAGES: readonly AlertStage[] = ['firing-info', 'firing-warning', 'firing-critical', 'resolved'];

interface Arrival {
  readonly afterMs: number;
  readonly entity: number;
  readonly stage: AlertStage;
}

interface SentMessage {
  readonly at: number;
  readonly lines: readonly Line[];
  readonly rise: boolean;
}

/** Plays a mailbox in virtual time: wakes at every arrival and at every instant that a decision asked for. */
function play(arrivals: readonly Arrival[]): { sent: SentMessage[]; told: Map<string, number> } {
  const told = new Map<string, number>();
  const waiting = new Map<string, Line>();
  const sent: SentMessage[] = [];
  let head: MailboxHead = EMPTY_HEAD;
  let now = T0;
  const drain = (until: number): void => {
    for (;;) {
      const decision = decideClaim(head, [...waiting.values()], told, now);
      if (decision.kind === 'idle') break;
      if (decision.kind === 'wait') {
        if (decision.until > until) break;
        now = decision.until;
        continue;
      }
      const { claim, nextSendAt } = decision;
      const rise = claim.send.some((l) => l.stage !== 'resolved' && told.has(l.episode));
      if (claim.send.length > 0) sent.push({ at: now, lines: claim.send, rise });
      for (const l of claim.send) told.set(l.episode, stageRank(l.stage));
      for (const key of [...claim.send.map((l) => l.key), ...claim.drop]) waiting.delete(key);
      head = { nextSendAt, claims: claim.number, version: head.version + 1 };
    }
    now = Math.max(now, until);
  };
  let at = T0;
  for (const { afterMs, entity, stage } of arrivals) {
    at += afterMs;
    drain(at);
    const arrived = line(entity, stage);
    waiting.set(arrived.key, arrived);
  }
  drain(Number.MAX_SAFE_INTEGER);
  return { sent, told };
}

function expectPace(sent: readonly SentMessage[]): void {
  // Over any stretch there are no more messages than turns, plus the one that a rise may have borrowed.
  for (let i = 0; i < sent.length; i++) {
    for (let j = i + 1; j < sent.length; j++) {
      const span = (sent[j]?.at ?? 0) - (sent[i]?.at ?? 0);
      expect(j - i).toBeLessThanOrEqual(Math.floor(span / PACE_MS) + 1);
    }
    const gap = (sent[i + 1]?.at ?? Number.POSITIVE_INFINITY) - (sent[i]?.at ?? 0);
    if (gap < PACE_MS) expect(sent[i + 1]?.rise).toBe(true);
  }
}

const arrival = fc.record({
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9_000 })),
  entity: fc.integer({ min: 0, max: 12 }),
  stage: fc.constantFrom(...STAGES),
});

it('every episode is told as far as it went, nothing twice, never faster than the pace but for a rise', () => {
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 60 }), (arrivals) => {
      const { sent, told } = play(arrivals);
      const furthest = new Map<string, number>();
      for (const { entity, stage } of arrivals) {
        const { episode } = line(entity, stage);
        furthest.set(episode, Math.max(furthest.get(episode) ?? 0, stageRank(stage)));
      }
      expect(told).toEqual(furthest);
      const keys = sent.flatMap((message) => message.lines.map((l) => l.key));
      expect(new Set(keys).size).toBe(keys.length);
      expectPace(sent);
    }),
    { numRuns },
  );
});

it('fault 23: a thousand alerts at once are grouped, paced and all listed', () => {
  const arrivals = Array.from({ length: 1_000 }, (_, entity) => ({
    afterMs: 0,
    entity,
    stage: STAGES[1] ?? 'resolved',
  }));
  const { sent } = play(arrivals);
  expect(new Set(sent.flatMap((message) => message.lines.map((l) => l.entity))).size).toBe(1_000);
  // The first alert goes alone and at once; the other 999 share 125 messages.
  expect(sent).toHaveLength(126);
  sent.forEach((message, i) => void expect(message.at).toBe(T0 + i * PACE_MS));
});
