/** The house around the evaluator, in memory: one tenant, one account, what it last read, and who is told. */

import { createEvaluate, type EvaluateDeps } from '../../../functions/evaluate/evaluate.ts';
import type { Source } from '../../../shared/collect/source.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import type { Tenant } from '../../../shared/entities/tenant.ts';
import type { OutboxAlertsMessage } from '../../../shared/notify/notify.contract.ts';
import type { Receiver } from '../../../shared/notify/receiver.ts';
import type { AbsenceRule, Rule, ThresholdRule } from '../../../shared/rules/rule.ts';
import type { StoredRule } from '../../../shared/rules/rules.port.ts';
import { tick, type Watch } from '../../../shared/rules/watch.ts';
import type { Batch, Head } from '../../../shared/samples/sample.ts';
import { createMemoryAlerts } from '../../shared/alerts/memory-alerts.ts';

export const T0 = Date.parse('2026-11-20T10:00:00Z');
export const PERIOD = 900;
const base = {
  kind: 'bundle',
  enabled: true,
  selector: {},
  holdSeconds: 0,
  clearSeconds: 0,
  builtIn: true,
  version: 1,
};

export const low: ThresholdRule = {
  ...base,
  id: 'low',
  name: 'Running low',
  type: 'threshold',
  metric: 'left',
  comparison: 'below',
  levels: [
    { severity: 'warning', fire: 20, clear: 25 },
    { severity: 'critical', fire: 5, clear: 8 },
  ],
  message: '{entity}: {value}',
};
export const silent: AbsenceRule = {
  ...base,
  id: 'silent',
  name: 'Silent',
  type: 'absence',
  slots: 3,
  severity: 'critical',
};

const REF = { tenant: 'demo', kind: 'bundle', target: 'home' };

export class House {
  now = T0;
  tenant: Tenant | undefined = {
    tenant: 'demo',
    name: 'Demo',
    zone: 'UTC',
    simulated: true,
    allowedNetworks: [],
    createdAt: T0,
  };
  source: Source | undefined = {
    tenant: 'demo',
    id: 'home',
    type: 'taara',
    kind: 'bundle',
    name: 'Home',
    enabled: true,
    periodSeconds: PERIOD,
    settings: {},
    simulated: true,
    createdAt: T0,
    version: 1,
  };
  entities: Entity[] = [
    {
      ...REF,
      id: 'home/a1',
      name: 'Home bundle',
      attributes: {},
      labels: {},
      simulated: true,
      firstSeenAt: T0,
    },
  ];
  head: Head | undefined;
  batches: Batch[] = [];
  stored: StoredRule[] = [];
  defaults: Rule[] = [low, silent];
  watch: Watch | undefined = tick(undefined, T0);
  receivers: Receiver[] = [
    {
      id: 'amina',
      name: 'Amina',
      phone: '+447700900123',
      channels: ['whatsapp', 'sms'],
      minSeverity: 'warning',
      language: 'en',
      enabled: true,
    },
  ];
  readonly sent: OutboxAlertsMessage[] = [];
  /** The next message to the outbox queue is lost with the process. */
  loseNext = false;
  readonly memory = createMemoryAlerts();
  /** How often rules were read from their store. */
  ruleReads = 0;
  readonly evaluate: ReturnType<typeof createEvaluate>;

  constructor(part: Partial<EvaluateDeps> = {}) {
    this.evaluate = createEvaluate({
      clock: { now: () => this.now },
      tenants: { readTenant: async () => this.tenant },
      sources: { read: async () => this.source },
      entities: { listOfTarget: async () => this.entities },
      samples: {
        readHead: async () => this.head,
        newestBatches: async (_ref, limit) => this.batches.slice(-limit).reverse(),
      },
      rules: {
        list: async () => {
          this.ruleReads++;
          return this.stored;
        },
      },
      watch: { read: async () => this.watch },
      receivers: { list: async () => this.receivers },
      alerts: this.memory.store,
      outbox: { send: (message) => this.#send(message), sendMany: async () => {} },
      capabilityOf: () => ({
        kind: 'bundle',
        defaultRules: this.defaults,
        observe: ({ batches, entities }) =>
          entities.map(({ id }) => ({
            entity: id,
            metric: 'left',
            unit: '%',
            values: batches.map(({ slot, readings }) => {
              const left = readings.find((r) => r.entity === id)?.values.left;
              return { slot, value: left === undefined ? undefined : Number(left) };
            }),
          })),
      }),
      ...part,
    });
  }

  async #send(message: OutboxAlertsMessage): Promise<void> {
    if (this.loseNext) {
      this.loseNext = false;
      throw new Error('the process died before its message');
    }
    this.sent.push(message);
  }

  /** A slot brings a value for the bundle. */
  read(slot: number, left: bigint): void {
    const readings = [{ entity: 'home/a1', receivedAt: slot, values: { left } }];
    const batch = { ...REF, slot, part: 0, receivedAt: slot, periodSeconds: PERIOD, boundary: true, readings };
    this.batches = [...this.batches, batch].sort((a, b) => a.slot - b.slot);
    this.head = { ...REF, seq: this.batches.length, folded: 0, periodSeconds: PERIOD, entities: [], newestSlot: slot };
  }

  run() {
    return this.evaluate(JSON.stringify({ version: 1, ...REF, later: 'is ignored' }));
  }

  alert(fingerprint = 'home/a1#low') {
    return this.memory.open.get(fingerprint);
  }

  /** The relay, in short: every word is handed on. */
  async relay(fingerprint = 'home/a1#low'): Promise<void> {
    const alert = this.alert(fingerprint);
    if (alert) await this.memory.store.clearOutbox('demo', fingerprint, alert.activeAt, alert.outbox, this.now);
  }
}
