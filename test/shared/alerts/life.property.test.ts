import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSettler } from '../../../functions/evaluate/evaluate-settle.ts';
import type { Alert, AlertStage } from '../../../shared/alerts/alert.ts';
import { alertId } from '../../../shared/alerts/keys.ts';
import { OUTBOX_LIMIT } from '../../../shared/alerts/outbox.ts';
import { type Recipient, stageRank, wants } from '../../../shared/alerts/recipient.ts';
import { TIMELINE_LIMIT } from '../../../shared/alerts/timeline.ts';
import { uncovered } from '../../../shared/rules/coverage.ts';
import { evaluate } from '../../../shared/rules/evaluate.ts';
import type { Finding } from '../../../shared/rules/finding.ts';
import type { ObservedValue } from '../../../shared/rules/observation.ts';
import type { ThresholdRule } from '../../../shared/rules/rule.ts';
import { indexRules } from '../../../shared/rules/selector.ts';
import { ENTITY, MINUTE, T0, thresholdRule } from './examples.ts';
import { Crash, createMemoryAlerts, type Fault } from './memory-alerts.ts';

const RUNS = process.env.HEADROOM_LONG ? 20_000 : 400;
const PERIOD = 5 * MINUTE;
const REF = { tenant: 'demo', kind: 'bundle', target: 'core1' };
const FINGERPRINT = `${ENTITY}#low`;

/** One entity, one rule, its alert, its relay and its people, under a clock that is not always right. */
class World {
  now = T0;
  enabled = true;
  readonly rule: ThresholdRule;
  readonly recipients: Recipient[];
  readonly memory = createMemoryAlerts();
  readonly settle = createSettler({ alerts: this.memory.store });
  values: ObservedValue[] = [];
  readonly pastFindings: Finding[] = [];
  /** Mailbox lines in the order in which they were first written, by recipient and episode. */
  readonly lines = new Map<string, AlertStage[]>();
  /** Every state an episode was ever seen in. */
  readonly seen = new Map<string, Set<Alert['state']>>();

  constructor(rule: ThresholdRule, recipients: Recipient[]) {
    this.rule = rule;
    this.recipients = recipients;
  }

  context() {
    const entity = {
      ...REF,
      id: ENTITY,
      name: 'port',
      attributes: {},
      labels: {},
      simulated: true,
      firstSeenAt: T0,
    };
    return {
      window: { head: undefined, batches: [], entities: [entity] },
      now: this.now,
      periodSeconds: PERIOD / 1000,
      kind: 'bundle',
      target: { id: 'core1', name: 'core1', since: T0, enabled: true },
    };
  }

  present(open = new Map(this.memory.open)) {
    return { ref: REF, open, exists: true, simulated: true, context: this.context() };
  }

  rules() {
    return indexRules([{ ...this.rule, enabled: this.enabled }]);
  }

  judge(): Finding {
    const alert = this.memory.open.get(FINGERPRINT);
    if (!this.enabled && alert) return uncovered(alert, this.rules(), this.context(), true);
    const newest = [...this.values].sort((a, b) => a.slot - b.slot).slice(-4);
    const observation = { entity: ENTITY, metric: this.rule.metric, unit: '%', values: newest };
    return evaluate(this.rule, { id: ENTITY, name: 'port' }, observation, this.context());
  }

  /** As the evaluator does it: again after each lost race, dead when the process is. */
  async run(finding: Finding, fault?: Fault): Promise<boolean> {
    if (!this.enabled && finding.state !== 'gone') return true;
    this.memory.failNext(fault);
    try {
      for (;;) {
        const out = await this.settle(this.present(), [finding], this.rules(), this.recipients);
        this.look();
        if (!out.conflict) return true;
      }
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return false;
    } finally {
      this.memory.failNext(undefined);
      this.look();
    }
  }

  async evaluateNow(fault?: Fault): Promise<void> {
    const finding = this.judge();
    this.pastFindings.push(finding);
    const done = await this.run(finding, fault);
    const held = finding.at - finding.since >= this.rule.holdSeconds * 1000;
    const open = this.memory.open.get(FINGERPRINT);
    const judged = (open?.next ?? open)?.judgedSlot ?? 0;
    const isNew = finding.at >= judged || judged > this.now;
    if (!done || finding.state !== 'breach' || !held || !isNew || !this.enabled) return;
    expect((open?.next ?? open)?.state, 'a breach that has lasted long enough fires').toBe('firing');
    const before = JSON.stringify([...this.memory.open, ...this.memory.history]);
    await this.run(finding);
    expect(JSON.stringify([...this.memory.open, ...this.memory.history]), 'a second time changes nothing').toBe(before);
  }

  /** Two evaluators that read the same state; the second one writes by what it read. */
  async race(): Promise<void> {
    if (!this.enabled) return;
    const [first, second] = [this.judge(), this.judge()];
    const stale = this.present();
    await this.run(first);
    const out = await this.settle(stale, [second], this.rules(), this.recipients);
    if (out.conflict) await this.run(second);
    this.look();
  }

  /** Lines, then the outbox; `upTo` lets it die in between after so many words. */
  async relay(options: { dies?: boolean; only?: number } = {}): Promise<void> {
    const alert = this.memory.open.get(FINGERPRINT);
    if (!alert || alert.outbox.length === 0) return;
    const entries = alert.outbox.slice(0, options.only ?? alert.outbox.length);
    for (const { recipient, stage } of entries) {
      const key = `${recipient} ${alertId(alert)}`;
      const told = this.lines.get(key) ?? [];
      if (!told.includes(stage)) this.lines.set(key, [...told, stage]);
    }
    if (!options.dies) await this.memory.store.clearOutbox('demo', FINGERPRINT, alert.activeAt, entries, this.now);
  }

  /** What must hold at every instant. */
  look(): void {
    for (const item of this.memory.open.values()) {
      for (const episode of [item, item.next].filter((e) => e !== undefined)) {
        const states = this.seen.get(alertId(episode)) ?? new Set();
        this.seen.set(alertId(episode), states.add(episode.state));
        if (episode.state === 'resolved') expect(states.has('firing'), 'resolved only after firing').toBe(true);
        expect(episode.outbox.length).toBeLessThanOrEqual(OUTBOX_LIMIT);
        expect(episode.timeline.length).toBeLessThanOrEqual(TIMELINE_LIMIT);
      }
      expect(item.next && item.state !== 'resolved', 'a successor waits only behind what is over').toBeFalsy();
      expect(item.next?.activeAt, 'two episodes, two names').not.toBe(item.activeAt);
    }
  }

  /** Time goes on, everything recovers, relay and sweep do their work. */
  async quiet(): Promise<void> {
    this.enabled = true;
    const furthest = Math.max(this.now, ...this.values.map((v) => v.slot));
    for (let slot = 1; slot <= 6; slot++) {
      this.now = furthest + slot * PERIOD + 1_000;
      this.values.push({ slot: furthest + slot * PERIOD, value: 90 });
      for (let round = 0; round < 4; round++) {
        await this.run(this.judge());
        for (let words = 0; words < 4; words++) await this.relay();
      }
    }
  }

  /** What must hold when everything has come to rest. */
  judgeTheEnd(): void {
    expect([...this.memory.open.keys()], 'nothing stays open').toEqual([]);
    for (const [id, states] of this.seen) {
      const past = this.memory.history.get(id);
      expect(past !== undefined, `history holds exactly what fired: ${id}`).toBe(states.has('firing'));
      if (!past) continue;
      for (const recipient of this.recipients) {
        const words = this.lines.get(`${recipient.id} ${id}`) ?? [];
        if (!wants(recipient, past)) {
          expect(words, 'nobody hears of what he does not want').toEqual([]);
          continue;
        }
        expect(words, 'everybody hears of the worst').toContain(`firing-${past.severity}`);
        expect(words.filter((w) => w === 'resolved').length, 'exactly one last word').toBe(1);
        expect(words.at(-1), 'the last word is the last').toBe('resolved');
        expect(
          [...words].sort((a, b) => stageRank(a) - stageRank(b)),
          'words only rise',
        ).toEqual(words);
      }
    }
  }
}

const command = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('slot' as const), value: fc.constantFrom(3, 6, 12, 22, 60, undefined) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('again' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('old' as const), pick: fc.nat(20) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('crash' as const),
      fault: fc.constantFrom<Fault>('before write', 'after history', 'after write'),
      value: fc.constantFrom(3, 12, 60),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('race' as const), value: fc.constantFrom(3, 12, 60) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('relay' as const),
      dies: fc.boolean(),
      only: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('toggle' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('clock' as const), minutes: fc.integer({ min: -40, max: 40 }) }),
  },
);

type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

async function act(world: World, c: Command): Promise<void> {
  if (c.do === 'slot' || c.do === 'crash' || c.do === 'race') {
    world.now += PERIOD;
    world.values.push({ slot: world.now - 1_000, value: c.value });
  }
  if (c.do === 'slot') await world.evaluateNow();
  if (c.do === 'crash') await world.evaluateNow(c.fault);
  if (c.do === 'race') await world.race();
  if (c.do === 'again') await world.evaluateNow();
  if (c.do === 'relay') await world.relay({ dies: c.dies, ...(c.only === undefined ? {} : { only: c.only }) });
  if (c.do === 'clock') world.now += c.minutes * MINUTE;
  if (c.do === 'old') {
    const old = world.pastFindings[c.pick % Math.max(1, world.pastFindings.length)];
    if (old && old.state !== 'gone') await world.run(old);
  }
  if (c.do === 'toggle') {
    world.enabled = !world.enabled;
    await world.evaluateNow();
  }
}

const scene = fc.record({
  holdSeconds: fc.constantFrom(0, 0, 300, 600, 1800),
  clearSeconds: fc.constantFrom(0, 0, 300, 600),
  people: fc.array(fc.constantFrom('info' as const, 'warning' as const, 'critical' as const), { maxLength: 3 }),
});

test('whatever happens in whatever order: no alert is lost, none is open twice, everyone told hears one last word', async () => {
  await fc.assert(
    fc.asyncProperty(scene, fc.array(command, { minLength: 1, maxLength: 40 }), async (s, commands) => {
      const people = s.people.map((minSeverity, i): Recipient => ({ id: `p${i}`, minSeverity }));
      const rule = { ...thresholdRule, holdSeconds: s.holdSeconds, clearSeconds: s.clearSeconds };
      const world = new World(rule, people);
      for (const c of commands) {
        await act(world, c);
        world.look();
      }
      await world.quiet();
      world.judgeTheEnd();
    }),
    { numRuns: RUNS },
  );
}, 600_000);

test('with more people than an outbox holds, everyone is still told first and last', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 20, max: 120 }),
      fc.array(command, { minLength: 1, maxLength: 12 }),
      async (count, commands) => {
        const people = Array.from({ length: count }, (_, i): Recipient => ({ id: `p${i}`, minSeverity: 'info' }));
        const world = new World(thresholdRule, people);
        for (const c of commands) await act(world, c);
        await world.quiet();
        world.judgeTheEnd();
      },
    ),
    { numRuns: Math.ceil(RUNS / 10) },
  );
}, 600_000);
