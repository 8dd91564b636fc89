/** A gateway and a device behind it in memory: the real judgement, relay and sweep, and a process that dies when it is told to. */
import { expect } from 'vitest';
import { createSettler } from '../../../functions/evaluate/evaluate-settle.ts';
import { dueTargets, outboxMessages } from '../../../functions/evaluate/sweep-due.ts';
import { createRelay } from '../../../functions/notify/relay.ts';
import type { Alert, AlertStage } from '../../../shared/alerts/alert.ts';
import { alertId } from '../../../shared/alerts/keys.ts';
import { mutersOf, UPLINK_WAIT_MS } from '../../../shared/alerts/muting.ts';
import type { Recipient } from '../../../shared/alerts/recipient.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import type { Line } from '../../../shared/notify/line.ts';
import { EMPTY_HEAD } from '../../../shared/notify/mailbox.ts';
import type { OutboxMessage } from '../../../shared/notify/notify.contract.ts';
import { uncovered } from '../../../shared/rules/coverage.ts';
import { evaluate } from '../../../shared/rules/evaluate.ts';
import type { ObservedValue } from '../../../shared/rules/observation.ts';
import type { ThresholdRule } from '../../../shared/rules/rule.ts';
import { indexRules } from '../../../shared/rules/selector.ts';
import { MINUTE, T0, thresholdRule } from '../../shared/alerts/examples.ts';
import { Crash, createMemoryAlerts, type Fault } from '../../shared/alerts/memory-alerts.ts';
import { tenant } from './world.ts';

const PERIOD = 5 * MINUTE;
const GRACE_MS = 2 * PERIOD + UPLINK_WAIT_MS;
const FOREVER = Number.POSITIVE_INFINITY;
export const PEOPLE: Recipient[] = [
  { id: 'amina', minSeverity: 'info' },
  { id: 'bob', minSeverity: 'critical' },
];

export type Name = 'gw' | 'cpe';
export const idOf = (name: Name): string => `core/${name}`;
export const fingerprintOf = (name: Name): string => `core/${name}#low`;

/** A gateway, a device behind it, their alerts, the relay and its queue, under a clock that only goes on. */
export class MutingWorld {
  now = T0;
  readonly memory = createMemoryAlerts();
  readonly settle = createSettler({ alerts: this.memory.store });
  readonly values: Record<Name, ObservedValue[]> = { gw: [], cpe: [] };
  enabled = true;
  /** Messages on the way to the relay: each at the earliest then. */
  readonly queue: { at: number; body: string }[] = [];
  /** Words in the order in which they were first written, by recipient and episode. */
  readonly told = new Map<string, AlertStage[]>();
  /** Writes that the relay survives before it dies. */
  lives = FOREVER;
  readonly relay: (body: string) => Promise<void>;

  constructor() {
    const store = this.memory.store;
    this.relay = createRelay({
      alerts: {
        ...store,
        putRows: async () => {},
        clearOutbox: async (...given) => {
          this.#lives();
          const [, fingerprint, , , , holding] = given;
          if (fingerprint === fingerprintOf('cpe')) {
            for (const { recipient, stage } of holding?.released ?? []) this.#isLetGo(recipient, stage);
          }
          return store.clearOutbox(...given);
        },
      },
      mailbox: {
        addLine: async (_tenant, recipient, line) => this.#write(recipient, line),
        announce: async () => this.#lives(),
        readHead: async () => EMPTY_HEAD,
        readTold: async () => new Map(),
        read: async () => ({ head: EMPTY_HEAD, lines: [], told: new Map(), waitingToken: undefined }),
        claim: async () => false,
        settle: async () => {},
        planWake: async () => false,
        rest: async () => {},
        due: async () => [],
      },
      deliveries: undefined as never,
      receivers: { read: async () => undefined },
      tenants: { readTenant: async () => tenant },
      sources: { read: async () => undefined },
      ownUplink: () => undefined,
      topic: undefined as never,
      outbox: {
        send: async (message, { delaySeconds = 0 } = {}) => this.push(message, delaySeconds),
        sendMany: async () => {},
      },
      clock: { now: () => this.now },
    });
  }

  push(message: OutboxMessage, delaySeconds = 0): void {
    this.queue.push({ at: this.now + delaySeconds * 1000, body: JSON.stringify(message) });
  }

  #lives(): void {
    if (this.lives-- <= 0) throw new Crash('relay');
  }

  #write(recipient: string, line: Line): void {
    this.#lives();
    const entry = this.memory.open.get(line.fingerprint)?.outbox.find((e) => e.recipient === recipient);
    if (line.entity === idOf('cpe')) expect(entry?.released, 'a word is let go before it is written').toBe(true);
    const key = `${recipient} ${line.episode}`;
    const words = this.told.get(key) ?? [];
    if (!words.includes(line.stage)) this.told.set(key, [...words, line.stage]);
  }

  /** What must hold when a word about the device is let go; once it is, it is told, whatever becomes of the gateway. */
  #isLetGo(recipient: string, stage: AlertStage): void {
    const alert = this.memory.open.get(fingerprintOf('cpe'));
    const ofPerson = alert?.outbox.filter((entry) => entry.recipient === recipient) ?? [];
    if (!alert || stage === 'resolved' || ofPerson.some((entry) => entry.released)) return;
    const heard = alert.told[recipient] !== undefined;
    if (!heard) expect(this.now, 'not before its wait').toBeGreaterThanOrEqual((alert.firedAt ?? 0) + UPLINK_WAIT_MS);
    if (alert.state === 'resolved') return;
    const gateway = this.memory.open.get(fingerprintOf('gw'));
    for (const muter of gateway ? mutersOf(gateway, this.now) : []) {
      expect(muter.until === undefined && muter.hears(recipient), 'not while it is muted').toBe(false);
    }
    const past =
      alert.muted && this.memory.history.get(`${alert.muted.by}#${new Date(alert.muted.episode).toISOString()}`);
    const end = past?.mutes?.until;
    if (end === undefined || past?.told[recipient] === undefined || alert.activeAt >= end) return;
    expect(this.now, 'not before it was read again').toBeGreaterThanOrEqual(end + GRACE_MS);
  }

  #entity(name: Name): Entity {
    const attributes: Entity['attributes'] = name === 'cpe' ? { uplink: 'reach:core/gw' } : {};
    const fixed = { tenant: 'demo', kind: 'bundle', target: name, labels: {}, simulated: true, firstSeenAt: T0 };
    return { ...fixed, id: idOf(name), name, attributes };
  }

  async judge(name: Name, fault?: Fault): Promise<void> {
    const entity = this.#entity(name);
    const rule: ThresholdRule = {
      ...thresholdRule,
      ...(name === 'gw' ? { mutesDependents: true, enabled: this.enabled } : { mutedByUplink: true }),
    };
    const context = {
      window: { head: undefined, batches: [], entities: [entity] },
      now: this.now,
      periodSeconds: PERIOD / 1000,
      kind: 'bundle',
      target: { id: name, name, since: T0, enabled: true },
    };
    const rules = indexRules([rule]);
    this.memory.failNext(fault);
    try {
      for (;;) {
        const open = new Map([...this.memory.open].filter(([, alert]) => alert.target === name));
        const alert = open.get(fingerprintOf(name));
        if (!rule.enabled && !alert) return;
        const observation = { entity: entity.id, metric: rule.metric, unit: '%', values: this.values[name].slice(-4) };
        const finding = rule.enabled ? evaluate(rule, entity, observation, context) : undefined;
        const present = {
          ref: { tenant: 'demo', kind: 'bundle', target: name },
          open,
          exists: true,
          simulated: true,
          context,
        };
        const findings = finding ? [finding] : alert ? [uncovered(alert, rules, context, true)] : [];
        const out = await this.settle(present, findings, rules, PEOPLE);
        if (out.conflict) continue;
        if (out.waiting.length > 0) this.push({ version: 1, tenant: 'demo', fingerprints: out.waiting });
        return;
      }
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
    } finally {
      this.memory.failNext(undefined);
    }
  }

  /** The message that is handled next is any that is due; a relay that dies leaves it for another one. */
  async deliver(pick: number, options: { lives?: number; keep?: boolean; lose?: boolean } = {}): Promise<void> {
    const due = this.queue.filter((one) => one.at <= this.now);
    const one = due[pick % Math.max(1, due.length)];
    if (!one) return;
    if (!options.keep) this.queue.splice(this.queue.indexOf(one), 1);
    if (options.lose) return;
    this.lives = options.lives ?? FOREVER;
    try {
      await this.relay(one.body);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.queue.push({ ...one, at: this.now + 3 * MINUTE });
    } finally {
      this.lives = FOREVER;
    }
  }

  async sweep(): Promise<void> {
    const open = [...this.memory.open.values()];
    for (const { target } of dueTargets('demo', open, [], this.now)) await this.judge(target as Name);
    for (const message of outboxMessages('demo', open, [], [], this.now)) this.push(message);
  }

  async slot(bad: Record<Name, boolean | undefined>, first: Name, gapSeconds: number, fault?: Fault): Promise<void> {
    this.now = Math.ceil((this.now + 1) / PERIOD) * PERIOD;
    for (const name of ['gw', 'cpe'] as const) {
      const value = bad[name] === undefined ? undefined : bad[name] ? 2 : 90;
      this.values[name].push({ slot: this.now, value });
    }
    this.now += 5_000;
    await this.judge(first, fault);
    this.now += gapSeconds * 1000;
    await this.judge(first === 'gw' ? 'cpe' : 'gw');
  }

  /** Nobody dies any more: slots, sweeps and the relay do their work for so long. */
  async steady(slots: number, bad: Record<Name, boolean | undefined>): Promise<void> {
    for (let slot = 0; slot < slots; slot++) {
      await this.slot(bad, 'gw', 1);
      for (let minute = 0; minute < 4; minute++) {
        await this.sweep();
        for (let n = 0; n < 50 && this.queue.some((one) => one.at <= this.now); n++) await this.deliver(0);
        this.now += MINUTE;
      }
    }
  }

  wordsOf(recipient: string, alert: Alert): AlertStage[] {
    return this.told.get(`${recipient} ${alertId(alert)}`) ?? [];
  }
}
