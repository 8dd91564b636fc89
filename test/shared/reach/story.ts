/** A device's looks as letters, and what people are told of them by the default rules: machine, readings, rules and alerts in one. */
import { createSettler } from '../../../functions/evaluate/evaluate-settle.ts';
import type { Entity } from '../../../shared/entities/entity.ts';
import { lineOf } from '../../../shared/notify/line.ts';
import { composeMessage } from '../../../shared/notify/message.ts';
import { REACH_KIND, reachOfValues, valuesOf } from '../../../shared/reach/metrics.ts';
import { observeReach } from '../../../shared/reach/observe.ts';
import type { Probe } from '../../../shared/reach/probe.ts';
import { type Reach, step, type Tick, UNSEEN } from '../../../shared/reach/reach.ts';
import { reachRules } from '../../../shared/reach/rules.ts';
import { evaluateAll } from '../../../shared/rules/evaluate.ts';
import { indexRules } from '../../../shared/rules/selector.ts';
import type { Batch } from '../../../shared/samples/sample.ts';
import { createMemoryAlerts } from '../alerts/memory-alerts.ts';

export const PERIOD = 300;
export const START = Date.UTC(2026, 10, 20);
export const at = (slot: number) => START + slot * PERIOD * 1000;
const REF = { tenant: 'demo', kind: REACH_KIND, target: 'reach' };
export const DEVICE = 'reach/gateway';

const PROBES: Readonly<Record<string, Probe>> = {
  g: { sent: 5, received: 5, rtt: { minimum: 9_000, average: 12_345, maximum: 15_000 } },
  s: { sent: 5, received: 5, rtt: { minimum: 600_000, average: 700_000, maximum: 800_000 } },
  d: { sent: 5, received: 3, rtt: { minimum: 9_000, average: 12_345, maximum: 15_000 } },
  b: { sent: 5, received: 1, rtt: { minimum: 9_000, average: 9_000, maximum: 9_000 } },
  B: { sent: 10, received: 0 },
};
const VERDICTS = { g: 'good', s: 'good', d: 'degraded', b: 'bad', B: 'bad' } as const;

/** g good, s slow, d degraded, b bad, B bad and bad again at once, u could not be taken; `-` is no run at all. */
export function ticksOf(text: string): Tick[] {
  return [...text].flatMap((letter, i) =>
    letter === '-'
      ? []
      : [{ at: at(i), verdict: VERDICTS[letter as 'g'], ...(letter === 'B' ? { confirmed: true } : {}) }],
  );
}

export const ENTITY: Entity = {
  tenant: 'demo',
  kind: REACH_KIND,
  id: DEVICE,
  target: 'reach',
  name: 'Dhaka gateway',
  attributes: { host: '198.51.100.1', method: 'router', via: 'core' },
  labels: { source: 'reach', router: 'core' },
  simulated: false,
  firstSeenAt: START,
};

export function batchesOf(text: string): Batch[] {
  let reach: Reach = UNSEEN;
  return [...text].flatMap((letter, i) => {
    if (letter === '-') return [];
    const slot = at(i);
    const [tick] = ticksOf(letter);
    reach = step(reach, { ...tick, at: slot, verdict: tick?.verdict }, PERIOD);
    const readings = [{ entity: DEVICE, receivedAt: slot + 2000, values: valuesOf(reach, PROBES[letter]) }];
    return [{ ...REF, slot, part: 0, receivedAt: slot + 2000, periodSeconds: PERIOD, boundary: true, readings }];
  });
}

export function reachAfter(text: string): Reach {
  return reachOfValues(batchesOf(text).at(-1)?.readings[0]?.values ?? {}) ?? UNSEEN;
}

/** As many batches as the evaluator reads with the default rules. */
const WINDOW = 5;
const AMINA = { id: 'amina', minSeverity: 'warning' } as const;

/** Sentences in the order in which a person on call gets them, each behind the number of its look. */
export async function toldOf(text: string): Promise<string[]> {
  const memory = createMemoryAlerts();
  const settle = createSettler({ alerts: memory.store });
  const rules = indexRules(reachRules);
  const batches = batchesOf(text);
  const told: string[] = [];
  for (let i = 1; i <= batches.length; i++) {
    const newest = batches[i - 1]?.slot ?? START;
    const head = { ...REF, seq: i, folded: 0, periodSeconds: PERIOD, entities: [], newestSlot: newest };
    const window = { head, batches: batches.slice(Math.max(0, i - WINDOW), i), entities: [ENTITY] };
    const now = newest + 3000;
    const target = { id: 'reach', name: 'Dhaka', since: START, enabled: true };
    const context = { window, now, periodSeconds: PERIOD, kind: REACH_KIND, target, aliveSince: START };
    const findings = evaluateAll(rules, observeReach(window), context);
    // Once more after the words are handed over, so that what is resolved is finished.
    for (let round = 0; round < 2; round++) {
      const present = { ref: REF, open: new Map(memory.open), exists: true, simulated: false, context };
      await settle(present, findings, rules, [AMINA]);
      for (const alert of [...memory.open.values()]) {
        told.push(...alert.outbox.map((entry) => sentence(i - 1, lineOf(alert, entry))));
        await memory.store.clearOutbox('demo', alert.fingerprint, alert.activeAt, alert.outbox, now);
      }
    }
  }
  return told;
}

function sentence(look: number, line: ReturnType<typeof lineOf>): string {
  const { text } = composeMessage([line], 'sms', { zone: 'UTC', tenantName: 'demo', simulated: false });
  return `${look}: ${text.replace(' Act now.', '').replace(/ Plan for it.*$/, '')}`;
}
